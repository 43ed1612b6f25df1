"""What projection reads of Tortoise beyond its public interface, all in one place.

Tortoise offers no public way to ask a model for its columns, or a query set for the statement that it
would make. Both distributions are pinned in ``pyproject.toml``; a new version is tried with the tests of
projection.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple, TypeVar

from pypika_tortoise.queries import QueryBuilder, Table
from pypika_tortoise.terms import Criterion, Parameterizer, Term
from tortoise.expressions import Expression, Q, ResolveContext
from tortoise.fields.base import Field
from tortoise.models import Model
from tortoise.query_utils import QueryModifier
from tortoise.queryset import AwaitableQuery, QuerySet

M = TypeVar("M", bound=Model)
Encoder = Callable[[Any], Any]

# Models


def connection_of(model: type[Model]) -> Any:
    """The connection or, within a transaction, the transaction on which the model is read."""
    return model._meta.db


def table_of(model: type[Model]) -> str:
    """The table's name, without its schema."""
    return model._meta.db_table


def qualified_table(model: type[Model]) -> str:
    """The table as FROM names it."""
    schema = model._meta.schema
    return f'"{schema}"."{table_of(model)}"' if schema else f'"{table_of(model)}"'


def field_of(model: type[Model], name: str) -> Field[Any] | None:
    """The model's field, a relation too, by its Python name."""
    return model._meta.fields_map.get(name)


def column_of(model: type[Model], name: str) -> str | None:
    """The name in the database of the column with this Python name."""
    return model._meta.fields_db_projection.get(name)


def has_column(model: type[Model], column: str) -> bool:
    """Whether the table has a column with this name in the database."""
    return column in model._meta.db_fields


def key_of(model: type[Model]) -> Field[Any]:
    """The field of the primary key."""
    return model._meta.pk


def key_name(model: type[Model]) -> str:
    """The Python name of the primary key's column."""
    return model._meta.pk_attr


def ordering_of(model: type[Model]) -> list[tuple[str, str]]:
    """The columns by which the model's lists are ordered, each with ASC or DESC."""
    return [(name, direction.value) for name, direction in model._meta.ordering]


def is_ordered_totally(model: type[Model]) -> bool:
    """Whether the model's own order tells apart all rows that have their foreign keys in common."""
    ordered = {name for name, _ in ordering_of(model)}
    return any(ordered >= set(names) - model._meta.fk_fields for names in model._meta.unique_together)


# Query sets


def rows_where(model: type[M], *conditions: Q) -> QuerySet[M]:
    """What ``model.filter`` answers, which would copy an empty query set and look up the connection for it."""
    queryset = QuerySet(model)
    queryset._q_objects.extend(conditions)
    return queryset


def is_limited(queryset: QuerySet[Any]) -> bool:
    return queryset._limit is not None or queryset._offset is not None


def is_plain(queryset: QuerySet[Any]) -> bool:
    """Whether FROM, WHERE and an order are all there is to the query set."""
    more = queryset._distinct or queryset._annotations or queryset._select_for_update
    return not (is_limited(queryset) or more)


def is_ordered(queryset: QuerySet[Any]) -> bool:
    return bool(queryset._orderings or queryset.model._meta.ordering)


def conditions_of(queryset: QuerySet[Any]) -> Iterable[Q]:
    """The conditions of its filters, which hold together."""
    return queryset._q_objects


def is_negated(condition: Q) -> bool:
    return condition._is_negated


def write_select(queryset: QuerySet[Any], parameters: Parameterizer, view: str | None = None) -> str:
    """The whole statement; its values are added to the parameters. ``view`` may stand for its table."""
    queryset._make_query()
    query: QueryBuilder = queryset.query
    selects: list[Any] = [_Raw(f'"{table_of(queryset.model)}".*')]
    query._selects = selects + [select for select in query._selects if select.alias]
    if view is not None:
        query._from = [Table(view).as_(table_of(queryset.model))]
    return query.get_sql(query.QUERY_CLS.SQL_CONTEXT.copy(parameterizer=parameters))


class Where(NamedTuple):
    """The joins and the condition of a query set, as text, and the values of its parameters."""

    joins: str
    condition: str
    values: list[Any]


def write_where(queryset: QuerySet[Any]) -> Where:
    plain = queryset.order_by()
    plain._make_query()
    query = plain.query
    parameters = Parameterizer()
    context = query.QUERY_CLS.SQL_CONTEXT.copy(parameterizer=parameters, with_namespace=True)
    joins = "".join(f" {join.get_sql(context)}" for join in query._joins)
    condition = query._wheres.get_sql(context.copy(subquery=True)) if query._wheres else ""
    return Where(joins, condition, parameters.values)


def encoder_of(model: type[Model], name: str, value: Any) -> Encoder | None:
    """What makes a filter's value a parameter; None where that takes more than the value."""
    info = model._meta.filters.get(name)
    if info is None or "table" in info or isinstance(value, Term | Expression | AwaitableQuery):
        return None
    field = model._meta.fields_map[info["field"]]
    encode = info.get("value_encoder")
    if encode is None:
        return partial(_to_db_value, field, model)
    return partial(_encode, encode, model, field)


def _to_db_value(field: Any, model: Any, value: Any) -> Any:
    return field.to_db_value(value, model)


def _encode(encode: Any, model: Any, field: Any, value: Any) -> Any:
    return encode(value, model, field)


class Select(Term):
    """A SELECT for a filter, with its values; ``{0}`` stands for the first one. The template is code: no user input."""

    def __init__(self, template: str, *values: Any) -> None:
        super().__init__()
        self.template = template
        self.values = values

    def get_sql(self, ctx: Any) -> str:
        parameters = [ctx.parameterizer.create_param(value).get_sql(ctx) for value in self.values]
        return f"({self.template.format(*parameters)})"


class Unless(Q):
    """The rows for which a condition isn't true. Of ``~Q`` those are missing for which it is NULL."""

    def __init__(self, condition: Q) -> None:
        super().__init__(condition)

    def resolve(self, resolve_context: ResolveContext) -> QueryModifier:
        inside = super().resolve(resolve_context)
        return QueryModifier(where_criterion=_IsNotTrue(inside.where_criterion), joins=inside.joins)


class _IsNotTrue(Criterion):
    def __init__(self, condition: Criterion) -> None:
        super().__init__()
        self.condition = condition

    def get_sql(self, ctx: Any) -> str:
        return f"({self.condition.get_sql(ctx.copy(subcriterion=True))}) IS NOT TRUE"


class _Raw(Criterion):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def get_sql(self, ctx: Any) -> str:
        return self.text
