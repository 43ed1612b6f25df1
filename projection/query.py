"""What a resolver answers: which rows, in which order, and how many of them.

The client's selection is not the resolver's business: ``projection.executor`` adds it and turns
both into one statement.
"""

import base64
import binascii
from asyncio import Task
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import orjson
from tortoise.models import Model
from tortoise.queryset import QuerySet

from projection.tortoise import is_limited

Key = str | int | date | datetime | UUID


class NotUnique(Exception):
    """A query set that was to have one row has several."""


@dataclass(frozen=True)
class One:
    """The only row of the query set, or null; with several, ``NotUnique`` is raised."""

    queryset: QuerySet[Any]


@dataclass(frozen=True)
class Many:
    """The rows of the query set, in its order, as a list."""

    queryset: QuerySet[Any]


@dataclass(frozen=True)
class ByIds:
    """For each id the row that has it, in whichever of the query sets it is, or null.

    An id of ``None`` stands for a malformed one, which no row has. ``single`` answers the first
    one alone, outside a list. ``forward`` names a model's column in which a row has the key of
    the one that is answered in its place, or null.
    """

    ids: Sequence[UUID | None]
    querysets: Mapping[type[Model], QuerySet[Any]]
    single: bool = False
    forward: Mapping[type[Model], str] = field(default_factory=dict)


class Batch:
    """Rows that fields of several objects answer, one each: ``one`` is such a field's answer.

    They are read by one statement for all objects, once for each selection.
    """

    def __init__(self, queryset: QuerySet[Any], ids: Sequence[UUID]) -> None:
        self.places = {id: place for place, id in enumerate(dict.fromkeys(ids))}
        self.query = ByIds(list(self.places), {queryset.model: queryset})
        self.answers: dict[tuple[int, ...], Task[list[Any]]] = {}

    def one(self, id: UUID) -> "OneOf":
        """The row with this id, which is one of those that the batch was made with."""
        return OneOf(self, id)


@dataclass(frozen=True)
class OneOf:
    """The row of a batch that has this id, or null."""

    batch: Batch
    id: UUID


class BadCursor(ValueError):
    """The text is not a cursor of this list and order."""


@dataclass(frozen=True)
class Order:
    """A total order: by one column, which is never NULL in the rows of the list, then by the primary key.

    ``name`` is what a cursor remembers, so that it is refused in a list or under an order of
    another name; ``parse`` reads the column's value back from a cursor.
    """

    name: str
    column: str
    descending: bool = False
    parse: Callable[[str], Key] = str

    def cursor_parts(self, text: str) -> tuple[Key, UUID]:
        """The values of the row that a cursor stands for; ``BadCursor`` for one that isn't of this order."""
        try:
            name, descending, key, id = orjson.loads(base64.b64decode(text, validate=True))
            if (name, descending) != (self.name, self.descending) or not isinstance(key, str):
                raise BadCursor(text)
            return _storable(self.parse(key)), UUID(id)
        except (ValueError, TypeError, AttributeError, OverflowError, binascii.Error) as error:
            raise BadCursor(text) from error


def _storable(key: Key) -> Key:
    """The key, unless PostgreSQL could have no such value; ``ValueError`` or ``OverflowError`` then."""
    if isinstance(key, str) and "\0" in key:
        raise ValueError("text with NUL")
    if isinstance(key, int) and key.bit_length() > 63:
        raise OverflowError("more than a bigint")
    if isinstance(key, datetime):
        if key.tzinfo is None:
            raise ValueError("a time without its offset")
        return key.astimezone(UTC)
    return key


@dataclass(frozen=True)
class Page:
    """A connection: a page of the query set under a total order.

    ``size`` rows after the cursor ``after`` and before ``before``: the first of them, or with
    ``backward`` the last. ``view`` names a view of the table to read instead, such as one made for
    searching; its statements are planned anew for their values, which decide what index is best.

    The query set's own order is ignored; with a limit or an offset it is refused (``ValueError``).
    """

    queryset: QuerySet[Any]
    order: Order
    size: int
    backward: bool = False
    after: tuple[Any, UUID] | None = None
    before: tuple[Any, UUID] | None = None
    view: str | None = None

    def __post_init__(self) -> None:
        if is_limited(self.queryset):
            raise ValueError("the query set of a Page has a limit or an offset")


Query = One | Many | ByIds | Page
