"""The rows of the account on whose behalf a request is made."""

from typing import Any, TypeVar
from uuid import UUID

from tortoise.expressions import Q
from tortoise.models import Model
from tortoise.queryset import QuerySet

from db import models, tenant
from rules.vocabulary import DocumentType

M = TypeVar("M", bound=Model)


def mine(model: type[M], *conditions: Q, **filters: Any) -> QuerySet[M]:
    """Every query over an account's table begins here. Row-level security would hide the rest all the same."""
    return model.filter(*conditions, account_id=tenant.current_account(), **filters)


def my_invoices(*conditions: Q, **filters: Any) -> QuerySet[models.Document]:
    """``mine`` for the documents that are invoices."""
    return mine(models.Document, *conditions, type=DocumentType.INVOICE, **filters)


def uuid_of(id: str) -> UUID | None:
    """The UUID that an ID stands for; a malformed one is nobody's id."""
    try:
        return UUID(id)
    except ValueError:
        return None
