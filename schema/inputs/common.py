"""Inputs that several lists share."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Protocol

import strawberry
from tortoise.expressions import Q

from schema.enums import publish


class Direction(Enum):
    ASC = "ASC"
    DESC = "DESC"


publish(
    Direction,
    "Which end of a list comes first.",
    ASC="The smallest, the earliest, A.",
    DESC="The largest, the latest, Z.",
)


class Range(Protocol):
    from_: Any
    to: Any


@strawberry.input(description="From one day to another, both included.")
class DateRange:
    from_: date | None = strawberry.field(name="from", default=None, description="The first day.")
    to: date | None = strawberry.field(default=None, description="The last day.")


@strawberry.input(description="From one moment to another, both included.")
class DateTimeRange:
    from_: datetime | None = strawberry.field(name="from", default=None, description="The first moment.")
    to: datetime | None = strawberry.field(default=None, description="The last moment.")


@strawberry.input(description="From one amount to another, both included.")
class AmountRange:
    from_: Decimal | None = strawberry.field(name="from", default=None, description="The smallest amount.")
    to: Decimal | None = strawberry.field(default=None, description="The largest amount.")


def ends(span: Range | None) -> tuple[Any, Any]:
    return (span.from_, span.to) if span is not None else (None, None)


def one_of(column: str, values: Iterable[Any]) -> Q:
    """The condition for a column to have one of the values, which may be repeated thousands of times."""
    condition: dict[str, Any] = {f"{column}__in": list(dict.fromkeys(values))}
    return Q(**condition)


def within(column: str, lowest: Any, highest: Any) -> Q:
    """The condition for a column to lie in a range of which either end may be open."""
    conditions = {}
    if lowest is not None:
        conditions[f"{column}__gte"] = lowest
    if highest is not None:
        conditions[f"{column}__lte"] = highest
    return Q(**conditions)
