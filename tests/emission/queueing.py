"""Queueing a document without an account's provider."""

from uuid import UUID

from tortoise.connection import get_connection

from db import tenant
from rules.vocabulary import Environment


async def queue(document_id: UUID, environment: Environment = Environment.TEST) -> None:
    """Queue a document that its account has issued on paper."""
    sql = "INSERT INTO emission (account_id, document_id, environment) VALUES ($1, $2, $3)"
    await get_connection("default").execute_query(sql, [tenant.current_account(), document_id, environment])
