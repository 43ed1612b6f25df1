"""Between Tortoise's models and the columns of their tables, for statements that are written out.

Tortoise has no public way for this; its private names for it stand in this file.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from tortoise.models import Model

M = TypeVar("M", bound=Model)


def table_of(model: type[Model]) -> str:
    return model._meta.db_table


def column_names(model: type[Model]) -> list[str]:
    """The columns of the model's table, in no particular order."""
    return list(model._meta.fields_db_projection.values())


def column_type(model: type[Model], name: str) -> str:
    """The SQL type of the column that has this name in the model, too."""
    found: str = model._meta.fields_map[name].get_for_dialect("postgres", "SQL_TYPE")
    return found


def columns_of(row: Model) -> dict[str, Any]:
    """The row's columns as the database takes them."""
    meta = row._meta
    return {
        column: meta.fields_map[name].to_db_value(getattr(row, name), row)
        for name, column in meta.fields_db_projection.items()
    }


def row_of(model: type[M], columns: Mapping[str, Any]) -> M:
    """The stored row that has these columns; others may be among them."""
    return model._init_from_db(**columns)
