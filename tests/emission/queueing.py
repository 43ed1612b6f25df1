"""Queueing a document without an account's provider."""

from uuid import UUID

from db import models, tenant
from rules.vocabulary import Environment


async def queue(document_id: UUID, environment: Environment = Environment.TEST) -> None:
    """Queue a document that its account has issued on paper."""
    account_id = tenant.current_account()
    await models.Emission.create(account_id=account_id, document_id=document_id, environment=environment)
