"""Find types that don't fit their models before a client does."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLNamedType,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields.base import Field
from tortoise.fields.data import (
    BinaryField,
    BooleanField,
    CharField,
    DateField,
    DatetimeField,
    DecimalField,
    IntField,
    JSONField,
    TextField,
    TimeDeltaField,
    TimeField,
    UUIDField,
)
from tortoise.fields.relational import (
    BackwardFKRelation,
    BackwardOneToOneRelation,
    ForeignKeyFieldInstance,
)
from tortoise.models import Model

from projection.fields import (
    LIST,
    Column,
    Part,
    Related,
    Rows,
    Single,
    Sql,
    Summary,
    condition_of,
    declaration_of,
    model_of,
)
from projection.plan import FORMATS, Misdeclared, object_types, renamed_values
from projection.row import Row
from projection.tortoise import key_of, ordering_of

_READABLE: dict[str, tuple[type[Field[Any]], ...]] = {
    "Boolean": (BooleanField,),
    "Date": (DateField,),
    "DateTime": (DatetimeField,),
    "Decimal": (DecimalField, IntField),
    "ID": (UUIDField, CharField, TextField, IntField),
    "Float": (),
    "Int": (IntField,),
    "JSON": (JSONField,),
    "String": (CharField, TextField),
    "Time": (),
    "UUID": (UUIDField,),
}
# JSON has no bytes and no NaN, and PostgreSQL's times and spans look unlike Python's.
_UNREADABLE: Final = (BinaryField, TimeField, TimeDeltaField)

_CONNECTION: Final = {"edges", "page_info", "total_count"}


def check(schema: strawberry.Schema) -> None:
    """Compare all types that have a table with their models, which Tortoise must have initialised.

    Raises ``Misdeclared``, whose message has a line for each field that could not be read, or could
    not be trusted to be what its type says.
    """
    checker = _Checker(schema._schema)
    problems = [problem for type_ in schema._schema.type_map.values() for problem in checker.table(type_)]
    if problems:
        raise Misdeclared("\n".join(sorted(set(problems))))


class _Checker:
    def __init__(self, schema: Any) -> None:
        self.schema = schema
        self.is_conditional = False  # whether the type is read from some rows of its model

    def table(self, type_: GraphQLNamedType) -> Iterator[str]:
        if isinstance(type_, GraphQLObjectType) and "strawberry-definition" in type_.extensions:
            model = model_of(type_)
            if model is not None:
                self.is_conditional = condition_of(type_) is not None
                yield from self.fields(type_, Row("", model))

    def fields(self, type_: GraphQLObjectType, row: Row) -> Iterator[str]:
        for name in type_.fields:
            for problem in self.field(type_, name, row):
                yield f"{type_.name}.{name}: {problem}"

    def field(self, type_: GraphQLObjectType, name: str, row: Row) -> Iterator[str]:
        kind = type_.fields[name].type
        named: Any = get_named_type(kind)
        definition = type_.fields[name].extensions["strawberry-definition"]
        python_name, spec = declaration_of(type_, name)
        if not isinstance(spec, Related):
            if definition.base_resolver is not None:
                yield "has a method, which is not called when it is read from a row"
            if definition.permission_classes or definition.extensions:
                yield "has permissions or extensions, which only fields with `related` have"
        match spec:
            case Sql():
                if not is_leaf_type(named):
                    yield "is an SQL expression, which gives no objects"
                if named.name == "Float":
                    yield "is Float, which is not supported"
            case Rows(_):
                if not (is_list_type(get_nullable_type(kind)) and is_object_type(named)):
                    yield "is made of rows, so its type must be a list of objects"
                else:
                    yield from self.fields(named, Row(""))
            case Single(_):
                if not is_object_type(get_nullable_type(kind)):
                    yield "is made of a row, so its type must be an object"
                else:
                    yield from self.fields(named, Row(""))
            case Part(prefix, present):
                yield from self.part(kind, row, prefix, present)
            case Related(relation):
                yield from self.related(named, row, relation)
            case _:
                column = spec.name if isinstance(spec, Column) else python_name
                if is_leaf_type(named):
                    yield from self.leaf(kind, named, row, column)
                else:
                    yield from self.relation(kind, named, row, column)

    def leaf(self, kind: Any, named: Any, row: Row, column: str) -> Iterator[str]:
        if row.model is None or not row.has_column(column):
            yield from _no_column(row, column)
            return
        field = row.field(column)
        if is_list_type(get_nullable_type(kind)):
            if not isinstance(field, JSONField | ArrayField):
                yield f"is a list, but the column is {_name(field)}"
            if named.name in FORMATS or (isinstance(named, GraphQLEnumType) and renamed_values(named)):
                yield f"is a list of {named.name}, which a column can't hold as the API writes it"
        else:
            enum = (CharField, TextField, IntField) if isinstance(named, GraphQLEnumType) else None
            readable = enum or _READABLE.get(named.name, (Field,))
            if not isinstance(field, readable) or isinstance(field, _UNREADABLE):
                yield f"is {named.name}, which can't be read from {_name(field)}"
        yield from self.nullable(kind, row, column)

    def nullable(self, kind: Any, row: Row, column: str) -> Iterator[str]:
        """A column may be NULL for the sake of the rows that don't have the part, or are read as another type."""
        if is_non_null_type(kind) and not row.prefix and not self.is_conditional and row.may_be_null(column):
            yield f"is not nullable, but {row.model.__name__}.{column} may be NULL" if row.model else ""

    def relation(self, kind: Any, named: Any, row: Row, name: str) -> Iterator[str]:
        relation = _relation(row, name)
        if relation is None:
            yield f"is an object, but {_place(row, name)} is not a foreign key, in either direction"
            return
        many = isinstance(relation, BackwardFKRelation)
        if many != is_list_type(get_nullable_type(kind)):
            yield f"must be {'a list' if many else 'no list'}, as the relation is {_name(relation)}"
        if not many:
            yield from self.nullable(kind, row, name)
        yield from self.read_from(named, relation.related_model)
        if many:
            for column, _ in ordering_of(relation.related_model):
                yield from _no_column(Row("", relation.related_model), column)

    def read_from(self, named: Any, model: type[Model]) -> Iterator[str]:
        try:
            object_types(self.schema, named, model)
        except Misdeclared as error:
            yield str(error)

    def part(self, kind: Any, row: Row, prefix: str, present: str) -> Iterator[str]:
        if not is_object_type(get_nullable_type(kind)):
            yield "is a part, so its type must be an object"
            return
        missing = list(_no_column(row, prefix + present))
        yield from missing or self.nullable(kind, row, prefix + present)
        yield from self.fields(get_named_type(kind), Row("", row.model, row.prefix + prefix))

    def summary(self, kind: Any, summary: Summary) -> Iterator[str]:
        named = get_named_type(kind)
        if not (is_list_type(get_nullable_type(kind)) and is_object_type(named)):
            yield "has a summary whose type is not a list of objects"
        elif summary.template.count(LIST) != 1:
            yield f"has a summary that doesn't name {LIST} once"
        else:
            yield from self.fields(named, Row(""))

    def related(self, named: Any, row: Row, name: str) -> Iterator[str]:
        relation = _relation(row, name)
        if not isinstance(relation, BackwardFKRelation):
            yield f"is a connection, but {_place(row, name)} is not a foreign key of many rows"
            return
        model: type[Model] = relation.related_model
        if not isinstance(key_of(model), UUIDField):
            yield f"is a connection, but the key of {model.__name__} is not a UUID"
        fields: dict[str, str] = {}
        for field in getattr(named, "fields", {}):
            python_name, spec = declaration_of(named, field)
            if isinstance(spec, Summary):
                yield from self.summary(named.fields[field].type, spec)
            else:
                fields[python_name] = field
        if "edges" not in fields or not fields.keys() <= _CONNECTION:
            yield f"is a connection, but {named.name} has other fields than {', '.join(sorted(_CONNECTION))}"
            return
        edge: Any = get_named_type(named.fields[fields["edges"]].type)
        if "node" in edge.fields:
            yield from self.read_from(get_named_type(edge.fields["node"].type), model)


def _no_column(row: Row, name: str) -> Iterable[str]:
    if not row.has_column(name):
        yield f"{_place(row, name)} is not a column"


def _relation(row: Row, name: str) -> Any:
    """The relation, if it is a foreign key in one direction or the other."""
    field = row.field(name)
    is_readable = isinstance(field, ForeignKeyFieldInstance | BackwardFKRelation)
    return field if is_readable and not isinstance(field, BackwardOneToOneRelation) else None


def _place(row: Row, name: str) -> str:
    return f"{row.model.__name__ if row.model else 'a row without a model'}.{row.prefix}{name}"


def _name(field: Any) -> str:
    return type(field).__name__.removesuffix("Instance")
