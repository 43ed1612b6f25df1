"""The FROM and WHERE of a query set, remembered by its shape.

Tortoise needs longer to write ``account_id = $1 AND status IN ($2)`` than PostgreSQL to find the
rows. The text depends on the filters' names and on how many values they have, not on the values. So
it is written once for such a *shape*, and afterwards only the values are converted. A shape whose
values can't be told from the filters alone (a join, ``contains``) is written each time.
"""

import re
from collections.abc import Collection, MutableMapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from projection.tortoise import Encoder, conditions_of, encoder_of, is_negated, table_of, write_where

Filters: TypeAlias = list[tuple[str, Any]]
Shape: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True)
class Source:
    """``pieces`` is the text around the parameters; ``encoders`` convert the filters' values to them."""

    joins: str
    pieces: tuple[str, ...]
    encoders: tuple[Encoder, ...] | None


class BoundSource(NamedTuple):
    """``FROM … WHERE …`` of a plain query set, with the names of its parameters.

    ``shape`` is what the text depends on beside these names; None if it can't be told from the filters.
    """

    table: str
    source: Source
    names: list[str]
    shape: Shape | None

    def write(self, rows: str | None = None) -> str:
        """The text. The table keeps its name if ``rows``, in SQL, stand for it."""
        first, *rest = self.source.pieces
        where = first + "".join([name + piece for name, piece in zip(self.names, rest, strict=True)])
        return f"FROM {rows or self.table} AS {self.table}{self.source.joins} WHERE ({where or 'true'})"


def bind(value: Any, values: list[Any]) -> str:
    """Add a value to those of a statement; returns the parameter that stands for it."""
    values.append(value)
    return f"${len(values)}"


def bind_source(queryset: QuerySet[Any], values: list[Any], sources: MutableMapping[Shape, Source]) -> BoundSource:
    """Add a plain query set's values to those of a statement; ``sources`` are those of shapes written before."""
    filters: Filters = []
    shape = (queryset.model, *[_shape(q, filters) for q in conditions_of(queryset)])
    source = sources.get(shape)
    if source is None or source.encoders is None:
        source, own = _write_anew(queryset, filters)
        sources[shape] = source
    else:
        own = _encode(source.encoders, filters)
    names = [bind(value, values) for value in own]
    return BoundSource(f'"{table_of(queryset.model)}"', source, names, None if source.encoders is None else shape)


def _shape(q: Q, filters: Filters) -> Shape:
    parts: list[Any] = [q.__class__, q.join_type, is_negated(q)]
    for name, value in q.filters.items():
        if value is None or name.endswith("__isnull"):
            parts.append((name, value))
        else:
            many = isinstance(value, Collection) and not isinstance(value, str | bytes)
            parts.append((name, len(value) if many else type(value)))
            filters.append((name, value))
    parts += [_shape(child, filters) for child in q.children]
    return tuple(parts)


def _write_anew(queryset: QuerySet[Any], filters: Filters) -> tuple[Source, list[Any]]:
    """Let Tortoise write the query set; the text to remember for its shape, and this one's values."""
    joins, condition, values = write_where(queryset)
    found = [encoder_of(queryset.model, name, value) for name, value in filters]
    known = tuple([encoder for encoder in found if encoder is not None])
    # What the filters give must be what Tortoise made of them, or the next values would be mixed up.
    encoders = known if len(known) == len(found) and _encode(known, filters) == values else None
    return Source(joins, tuple(re.split(r"\$\d+", condition)), encoders), values


def _encode(encoders: tuple[Encoder, ...], filters: Filters) -> list[Any]:
    values: list[Any] = []
    for encoder, (_, value) in zip(encoders, filters, strict=True):
        encoded = encoder(value)
        if isinstance(encoded, list):
            values += encoded
        else:
            values.append(encoded)
    return values
