"""Connections: page sizes, cursors and searches as clients send them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from projection import BadCursor, Order, Page
from resolvers.errors import BadUserInput
from rules import search
from rules.faults import Refusal

T = TypeVar("T")

DEFAULT_SIZE: Final = 20
LARGEST_SIZE: Final = 100


@dataclass(frozen=True)
class PageArguments:
    """The four arguments of every list, by the Relay specification; ``after`` and ``before`` are cursors."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None


def page_of(queryset: QuerySet[Any], order: Order, arguments: PageArguments, *, view: str | None = None) -> Page:
    """A page of 1 to 100 rows; raises ``BadUserInput`` for any other size, both sizes or a foreign cursor.

    ``view`` names a view of the table to read instead.
    """
    first, last = arguments.first, arguments.last
    if first is not None and last is not None:
        raise BadUserInput("Give first or last, not both.")
    size = first if first is not None else last
    if size is None:
        size = DEFAULT_SIZE
    if not 1 <= size <= LARGEST_SIZE:
        raise BadUserInput(f"{'last' if last is not None else 'first'} must be between 1 and {LARGEST_SIZE}.")
    try:
        return Page(
            queryset,
            order,
            size,
            backward=last is not None,
            after=order.cursor_parts(arguments.after) if arguments.after is not None else None,
            before=order.cursor_parts(arguments.before) if arguments.before is not None else None,
            view=view,
        )
    except BadCursor:
        raise BadUserInput("The cursor is not one of this list in this order.") from None


def check_size(first: int) -> None:
    """Raises ``BadUserInput`` for a list without pages that isn't of 1 to 100 entries."""
    if not 1 <= first <= LARGEST_SIZE:
        raise BadUserInput(f"first must be between 1 and {LARGEST_SIZE}.")


def search_rows(queryset: QuerySet[Any], query: str | None) -> QuerySet[Any]:
    """The rows whose column ``search`` has all words of the query; see ``rules.search`` for what matches."""
    return find_rows(queryset, read_terms(search.search_terms, query), contains)


def read_terms(read: Callable[[str], T], query: str | None) -> T:
    """The terms of a search; raises ``BadUserInput`` if there are too many."""
    try:
        return read(query or "")
    except Refusal as refusal:
        raise BadUserInput(refusal.faults[0].message.en) from refusal


def find_rows(queryset: QuerySet[Any], terms: Sequence[T] | None, condition: Callable[[T], Q]) -> QuerySet[Any]:
    """The rows that meet the condition of each term; none where ``terms`` is None."""
    if terms is None:
        return queryset.filter(pk__in=[])
    return queryset.filter(*map(condition, terms))


def contains(term: str) -> Q:
    return Q(search__contains=search.pattern(term))
