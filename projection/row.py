"""A row of the statement being written, and which rows of other tables belong to it."""

from dataclasses import dataclass
from typing import Any

from tortoise.fields.base import Field
from tortoise.fields.relational import BackwardFKRelation, ForeignKeyFieldInstance
from tortoise.models import Model

from projection.tortoise import column_of, field_of, key_name, table_of


@dataclass(frozen=True)
class Row:
    """Where an object's columns come from: an alias, and the model behind it where there is one.

    ``prefix`` is that of the columns of a part.
    """

    alias: str
    model: type[Model] | None = None
    prefix: str = ""

    def field(self, name: str) -> Field[Any] | None:
        """The model's field ``name``; None where there is no model or no such field."""
        return None if self.model is None else field_of(self.model, self.prefix + name)

    def has_column(self, name: str) -> bool:
        """Whether there is such a column, as far as a model says."""
        return self.model is None or column_of(self.model, self.prefix + name) is not None

    def column(self, name: str) -> str:
        """The column, with the row's alias; raises ``KeyError`` if the model has none of this name."""
        column: str | None = self.prefix + name
        if self.model is not None:
            column = column_of(self.model, self.prefix + name)
            if column is None:
                raise KeyError(f"{self.model.__name__}.{self.prefix}{name}")
        return f'{self.alias}."{column}"'

    def may_be_null(self, name: str) -> bool:
        field = self.field(name)
        return field is None or field.null

    @property
    def key(self) -> str:
        assert self.model is not None
        return Row(self.alias, self.model).column(key_name(self.model))


def own_row(model: type[Model]) -> Row:
    """The row of a query set over ``model``, which has the table's own name there."""
    return Row(f'"{table_of(model)}"', model)


def join_condition(row: Row, target: Row, relation: Field[Any] | None) -> str:
    """The condition for the rows of ``target`` that the relation leads to from ``row``."""
    assert row.model is not None
    assert target.model is not None
    here = Row(row.alias, row.model)
    match relation:
        case ForeignKeyFieldInstance():
            assert relation.source_field is not None
            return f"{target.column(_referenced_name(relation))} = {here.column(relation.source_field)}"
        case BackwardFKRelation():
            return f"{target.column(relation.relation_field)} = {here.column(_referenced_name(relation))}"
        case _:
            raise TypeError(f"{relation} is not a foreign key, in either direction")


def _referenced_name(relation: Any) -> str:
    name: str = relation.to_field_instance.model_field_name
    return name
