"""Kinds of columns that several tables have."""

from typing import Any

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.fields.relational import ForeignKeyFieldInstance
from uuid_utils.compat import uuid7


def id_column() -> Any:
    return fields.UUIDField(primary_key=True, default=uuid7)


def account_column() -> Any:
    return reference("models.Account", related_name=False)


def reference(target: str, **kwargs: Any) -> ForeignKeyFieldInstance[Any]:
    """A foreign key whose constraint ``db/schema`` defines, since it has two columns."""
    field: ForeignKeyFieldInstance[Any] = fields.ForeignKeyField(
        target, db_constraint=False, on_delete=OnDelete.NO_ACTION, **kwargs
    )
    return field


def money_column(**kwargs: Any) -> Any:
    return fields.DecimalField(max_digits=13, decimal_places=2, **kwargs)


def quantity_column(**kwargs: Any) -> Any:
    return fields.DecimalField(max_digits=15, decimal_places=6, **kwargs)
