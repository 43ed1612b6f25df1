"""Connections: page sizes, cursors and searches as clients send them."""

from dataclasses import dataclass
from typing import Any, Final

from tortoise.queryset import QuerySet

from projection import BadCursor, Order, Page
from resolvers.errors import BadUserInput
from rules import text
from rules.faults import Refusal

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


def search_rows(queryset: QuerySet[Any], search: str | None) -> QuerySet[Any]:
    """The rows whose column ``search`` has all words of the search; see ``rules.text`` for what matches."""
    try:
        terms = text.search_terms(search or "")
    except Refusal as refusal:
        raise BadUserInput(refusal.faults[0].message.en) from refusal
    for term in terms:
        queryset = queryset.filter(search__contains=term if len(term) >= text.SHORTEST_INFIX else f" {term}")
    return queryset
