"""The FROM and WHERE of a query set, remembered by its shape.

Tortoise needs longer to write ``account_id = $1 AND status IN ($2)`` than PostgreSQL to find the
rows. The text depends on the filters' names and on how many values they have, not on the values:
so it is written once for such a *shape*, and afterwards only the values are converted. A shape
whose values can't be told from the filters alone (a join, ``contains``) is written each time.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Any

from cachetools import LRUCache
from pypika_tortoise.terms import Parameterizer, Term
from tortoise.expressions import Expression, Q
from tortoise.queryset import AwaitableQuery, QuerySet

Encoder = Callable[[Any], Any]
Filters = list[tuple[str, Any]]


@dataclass(frozen=True)
class Known:
    """``pieces`` is the text around the parameters; ``encoders`` convert the filters' values to them."""

    joins: str
    pieces: tuple[str, ...]
    encoders: tuple[Encoder, ...] | None


_known: LRUCache[tuple[Any, ...], Known] = LRUCache(maxsize=1000)


def is_plain(queryset: QuerySet[Any]) -> bool:
    """Whether FROM, WHERE and an order are all there is to the query set."""
    limited = queryset._limit is not None or queryset._offset is not None
    return not (limited or queryset._distinct or queryset._annotations or queryset._select_for_update)


def source(queryset: QuerySet[Any], bind: Callable[[Any], str], view: str | None = None) -> str:
    """``FROM … WHERE …`` of a plain query set; its table keeps its name if ``view`` stands for it."""
    filters: Filters = []
    shape = (queryset.model, *[_shape(q, filters) for q in queryset._q_objects])
    known = _known.get(shape)
    if known is None or known.encoders is None:
        known, values = _learn(queryset, filters)
        _known[shape] = known
    else:
        values = _encoded(known.encoders, filters)
    first, *rest = known.pieces
    where = first + "".join([bind(value) + piece for value, piece in zip(values, rest, strict=True)])
    table = queryset.model._meta.db_table
    return f'FROM "{view or table}" AS "{table}"{known.joins} WHERE ({where or "true"})'


def _shape(q: Q, filters: Filters) -> tuple[Any, ...]:
    parts: list[Any] = [q.join_type, q._is_negated]
    for name, value in q.filters.items():
        if value is None or name.endswith("__isnull"):
            parts.append((name, value))
        else:
            many = isinstance(value, Collection) and not isinstance(value, str | bytes)
            parts.append((name, len(value) if many else type(value)))
            filters.append((name, value))
    parts += [_shape(child, filters) for child in q.children]
    return tuple(parts)


def _learn(queryset: QuerySet[Any], filters: Filters) -> tuple[Known, list[Any]]:
    plain = queryset.order_by()
    plain._make_query()
    query = plain.query
    parameters = Parameterizer()
    context = query.QUERY_CLS.SQL_CONTEXT.copy(parameterizer=parameters, with_namespace=True)
    joins = "".join(f" {join.get_sql(context)}" for join in query._joins)
    where = query._wheres.get_sql(context.copy(subquery=True)) if query._wheres else ""
    pieces = tuple(re.split(r"\$\d+", where))
    encoders = _encoders(queryset, filters)
    # What the filters give must be what Tortoise made of them, or the next values would go astray.
    if encoders is not None and _encoded(encoders, filters) != parameters.values:
        encoders = None
    return Known(joins, pieces, encoders), parameters.values


def _encoders(queryset: QuerySet[Any], filters: Filters) -> tuple[Encoder, ...] | None:
    meta = queryset.model._meta
    encoders: list[Encoder] = []
    for name, value in filters:
        info = meta.filters.get(name)
        if info is None or "table" in info or isinstance(value, Term | Expression | AwaitableQuery):
            return None
        field = meta.fields_map[info["field"]]
        encode = info.get("value_encoder")
        if encode is None:
            encoders.append(partial(_to_db_value, field, queryset.model))
        else:
            encoders.append(partial(_with_encoder, encode, queryset.model, field))
    return tuple(encoders)


def _to_db_value(field: Any, model: Any, value: Any) -> Any:
    return field.to_db_value(value, model)


def _with_encoder(encode: Any, model: Any, field: Any, value: Any) -> Any:
    return encode(value, model, field)


def _encoded(encoders: tuple[Encoder, ...], filters: Filters) -> list[Any]:
    values: list[Any] = []
    for encode, (_, value) in zip(encoders, filters, strict=True):
        encoded = encode(value)
        if isinstance(encoded, list):
            values += encoded
        else:
            values.append(encoded)
    return values
