"""How a mutation answers: with what it did, or with all reasons why not."""

from collections.abc import Awaitable
from typing import TypeVar

from rules.faults import Refusal
from schema.context import Info
from schema.errors import UserError

T = TypeVar("T")


async def answered(info: Info, work: Awaitable[T]) -> tuple[T | None, list[UserError]]:
    """The outcome of a resolver's work, or None and the faults that it was refused with."""
    try:
        return await work, []
    except Refusal as refusal:
        return None, [UserError.of(fault, info.context) for fault in refusal.faults]
