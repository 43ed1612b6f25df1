"""Connections: sizes and cursors as clients give them."""

from typing import Any

from tortoise.queryset import QuerySet

from projection import BadCursor, Order, Page
from resolvers.errors import BadUserInput

DEFAULT_SIZE = 20
LARGEST_SIZE = 100


def page(
    queryset: QuerySet[Any],
    order: Order,
    *,
    first: int | None,
    after: str | None,
    last: int | None,
    before: str | None,
) -> Page:
    """A page by the Relay specification, of 1 to 100 rows; raises ``BadUserInput`` for anything else."""
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
            after=order.cursor_parts(after) if after is not None else None,
            before=order.cursor_parts(before) if before is not None else None,
        )
    except BadCursor:
        raise BadUserInput("The cursor is not one of this list in this order.") from None
