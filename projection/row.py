"""A row of the statement being written, and which rows of other tables belong to it."""

from dataclasses import dataclass
from typing import Any

from tortoise.fields.base import Field
from tortoise.fields.relational import BackwardFKRelation, ForeignKeyFieldInstance, ManyToManyFieldInstance
from tortoise.models import Model


@dataclass(frozen=True)
class Row:
    """Where an object's columns come from: an alias, and the model behind it where there is one.

    ``prefix`` is that of the columns of a part.
    """

    alias: str
    model: type[Model] | None = None
    prefix: str = ""

    def field(self, name: str) -> "Field[Any] | None":
        """The model's field ``name``; None where there is no model."""
        return None if self.model is None else self.model._meta.fields_map[self.prefix + name]

    def column(self, name: str) -> str:
        name = self.prefix + name
        if self.model is not None:
            name = self.model._meta.fields_db_projection[name]
        return f'{self.alias}."{name}"'

    def may_be_null(self, name: str) -> bool:
        field = self.field(name)
        return field is None or field.null

    @property
    def key(self) -> str:
        assert self.model is not None
        return Row(self.alias, self.model).column(self.model._meta.pk_attr)


def table_name(model: type[Model]) -> str:
    """The table as FROM names it."""
    schema = model._meta.schema
    return f'"{schema}"."{model._meta.db_table}"' if schema else f'"{model._meta.db_table}"'


def own_row(model: type[Model]) -> Row:
    """The row of a query set over ``model``, which has the table's own name there."""
    return Row(f'"{model._meta.db_table}"', model)


def tie(row: Row, target: Row, relation: "Field[Any] | None", tenant_column: str | None) -> str:
    """The condition for the rows of ``target`` that the relation leads to from ``row``.

    The tenant's column takes part where both tables have it: the keys of such tables begin with it.
    """
    assert row.model is not None
    assert target.model is not None
    here = Row(row.alias, row.model)
    match relation:
        case ForeignKeyFieldInstance():
            assert relation.source_field is not None
            condition = f"{target.column(_key(relation))} = {here.column(relation.source_field)}"
        case BackwardFKRelation():
            condition = f"{target.column(relation.relation_field)} = {here.column(_key(relation))}"
        case ManyToManyFieldInstance():
            through = f'"{relation.through_schema}".' if relation.through_schema else ""
            condition = (
                f'EXISTS (SELECT FROM {through}"{relation.through}" m'
                f' WHERE m."{relation.backward_key}" = {here.key} AND m."{relation.forward_key}" = {target.key})'
            )
        case _:
            raise TypeError(f"{relation} is not a relation")
    if tenant_column is not None and all(tenant_column in r.model._meta.db_fields for r in (here, target) if r.model):
        condition = f'{target.alias}."{tenant_column}" = {here.alias}."{tenant_column}" AND {condition}'
    return condition


def _key(relation: Any) -> str:
    name: str = relation.to_field_instance.model_field_name
    return name
