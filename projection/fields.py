"""How the fields of a GraphQL type are read from a row, declared beside the type.

A Strawberry type decorated with :func:`table` is read from a Tortoise model. Its fields need no
declaration where the model has a field of the same Python name: a column is read as it is, a
foreign key gives the object it points to, a reverse relation the list of objects.
Adding a plain column costs its one line in the type. The rest is said by the field::

    @projection.table(models.Invoice)
    @strawberry.type
    class Invoice:
        number: str | None
        customer: Customer
        lines: list[InvoiceLine]
        province: str = column("province_name")
        quantity: Decimal = sql("trim_scale({row}.quantity)")
        receiver: Receiver | None = part("receiver_", present="name")
        taxes: list[Tax] = rows("SELECT ... WHERE l.invoice_id = {row}.id GROUP BY 1 ORDER BY 1")
        state: State = row("SELECT ... LEFT JOIN state s ON s.invoice_id = {row}.id")

        @related("payments", graphql_type=PaymentConnection)
        def payments(self, first: int | None = None) -> Page: ...
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import strawberry
from graphql import GraphQLObjectType
from tortoise.models import Model

T = TypeVar("T")
Method = Callable[..., Any]

KEY: Final = "projection"
ROW: Final = "{row}"
TENANT: Final = "{tenant}"
LIST: Final = "{list}"


@dataclass(frozen=True)
class Tenant:
    """The column with which the keys of a multi-tenant database's tables begin; ``current`` gives its present value."""

    column: str
    current: Callable[[], Any]


@dataclass(frozen=True)
class Column:
    name: str


@dataclass(frozen=True)
class Sql:
    template: str


@dataclass(frozen=True)
class Part:
    prefix: str
    present: str


@dataclass(frozen=True)
class Rows:
    template: str


@dataclass(frozen=True)
class Single:
    template: str


@dataclass(frozen=True)
class Summary:
    template: str


@dataclass(frozen=True)
class Related:
    name: str


Spec = Column | Sql | Part | Rows | Single | Summary | Related


def table(model: type[Model], *, when: str | None = None) -> Callable[[type[T]], type[T]]:
    """Read the decorated Strawberry type from the rows of ``model``, or from those for which ``when`` is true.

    ``when`` is an SQL condition as in ``sql``. An interface of several such types reads each row as the type whose
    condition it fulfils, and a list of one of them has no other rows of a relation.
    """

    def decorate(cls: type[T]) -> type[T]:
        cls.__projection_model__ = model  # type: ignore[attr-defined]
        cls.__projection_condition__ = when  # type: ignore[attr-defined]
        return cls

    return decorate


def column(name: str, *, description: str | None = None) -> Any:
    """The column, or the relation, of another name."""
    return _field(Column(name), description)


def sql(template: str, *, description: str | None = None) -> Any:
    """An SQL expression in which ``{row}`` is the row's alias, and ``{tenant}`` the value of ``Executor.tenant``.

    The template is code: no user input.

    It must have the PostgreSQL type that a column of the field's type would have. NULL for a field
    that is not nullable is an error.
    """
    return _field(Sql(template), description)


def part(prefix: str, *, present: str, description: str | None = None) -> Any:
    """An object made of the same row's columns that begin with ``prefix``.

    It is null when the column ``prefix + present`` is.
    """
    return _field(Part(prefix, present), description)


def rows(template: str, *, description: str | None = None) -> Any:
    """A list of objects: the rows of a SELECT in which ``{row}`` is the outer row's alias; ``{tenant}`` as in ``sql``.

    Its columns have the Python names of the objects' fields.
    """
    return _field(Rows(template), description)


def row(template: str, *, description: str | None = None) -> Any:
    """An object: the only row of a SELECT as in ``rows``, or null if it has none."""
    return _field(Single(template), description)


def summary(template: str, *, description: str | None = None) -> Any:
    """A list of objects in a connection: the rows of a SELECT over ``{list}``, all rows of the connection's list.

    Its columns have the Python names of the objects' fields.
    """
    return _field(Summary(template), description)


def related(name: str, **options: Any) -> Callable[[Method], Any]:
    """A connection over the rows of the reverse relation ``name``.

    The decorated method declares the arguments and answers a :class:`projection.Page` of all such
    rows; the projection keeps those of the row it stands under. Its ``self`` is None. ``options``
    are those of ``strawberry.field``: ``graphql_type`` names the connection's type.
    """
    field: Callable[[Method], Any] = strawberry.field(**options, metadata={KEY: Related(name)})
    return field


def _field(spec: Spec, description: str | None) -> Any:
    return strawberry.field(description=description, metadata={KEY: spec})


# What was declared, from the side of the GraphQL schema


def model_of(type_: GraphQLObjectType) -> type[Model] | None:
    """The model that the type is read from."""
    return getattr(type_.extensions["strawberry-definition"].origin, "__projection_model__", None)


def condition_of(type_: GraphQLObjectType) -> str | None:
    """The condition of the rows that the type is read from; None for all rows of its model."""
    return getattr(type_.extensions["strawberry-definition"].origin, "__projection_condition__", None)


def declaration_of(type_: GraphQLObjectType, name: str) -> tuple[str, Spec | None]:
    """The Python name of the type's field ``name``, and what was said of it."""
    field = type_.fields[name].extensions["strawberry-definition"]
    return field.python_name, field.metadata.get(KEY)
