"""Inputs that several files share, and what they have in common."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Protocol

import strawberry
from strawberry import Some
from strawberry.types import get_object_definition
from strawberry.types.base import StrawberryMaybe, StrawberryOptional
from strawberry.utils.str_converters import to_camel_case
from tortoise.expressions import Q

from rules import text
from rules.faults import Code, Fault, Record, Refusal
from schema.enums import publish


class Direction(Enum):
    ASC = "ASC"
    DESC = "DESC"


publish(
    Direction,
    "Which end of a list comes first.",
    ASC="The smallest, the earliest or A comes first.",
    DESC="The largest, the latest or Z comes first.",
)


class Range(Protocol):
    from_: Any
    to: Any


@strawberry.input(description="A range of days, both ends included.")
class DateRange:
    from_: date | None = strawberry.field(
        name="from", default=None, description="The first day; null for no lower limit."
    )
    to: date | None = strawberry.field(default=None, description="The last day; null for no upper limit.")


@strawberry.input(description="A range of time, both ends included.")
class DateTimeRange:
    from_: datetime | None = strawberry.field(
        name="from", default=None, description="The earliest moment; null for no lower limit."
    )
    to: datetime | None = strawberry.field(default=None, description="The latest moment; null for no upper limit.")


@strawberry.input(description="A range of amounts, both ends included.")
class AmountRange:
    from_: Decimal | None = strawberry.field(
        name="from", default=None, description="The smallest amount; null for no lower limit."
    )
    to: Decimal | None = strawberry.field(default=None, description="The largest amount; null for no upper limit.")


def changes_of(patch: Any, record: Record) -> dict[str, Any]:
    """The fields of a patch that the client gave; raises ``Refusal`` for a null where ``Maybe[T]`` has no None."""
    changes = {}
    faults = []
    for field in get_object_definition(patch, strict=True).fields:
        given = getattr(patch, field.python_name)
        if not isinstance(given, Some):
            continue
        changes[field.python_name] = given.value
        may_be_null = isinstance(field.type, StrawberryMaybe) and isinstance(field.type.of_type, StrawberryOptional)
        if given.value is None and not may_be_null:
            faults.append(Fault((to_camel_case(field.python_name),), Code.REQUIRED, text.MISSING, record=record))
    if faults:
        raise Refusal(*faults)
    return changes


def ends(span: Range | None) -> tuple[Any, Any]:
    """Both ends of a range, None where one is open."""
    return (span.from_, span.to) if span is not None else (None, None)


def one_of(column: str, values: Iterable[Any]) -> Q:
    """The condition for a column to have one of the values, of which a client may send the same thousands of times."""
    condition: dict[str, Any] = {f"{column}__in": list(dict.fromkeys(values))}
    return Q(**condition)


def all_of(conditions: Iterable[Q]) -> Q:
    """The condition that all of these hold. Those that all rows meet are left out: such lists are planned well."""
    held = [condition for condition in conditions if condition]
    return held[0] if len(held) == 1 else Q(*held)


def within(column: str, lowest: Any, highest: Any) -> Q:
    """The condition for a column to lie in a range of which either end may be open."""
    conditions = {}
    if lowest is not None:
        conditions[f"{column}__gte"] = lowest
    if highest is not None:
        conditions[f"{column}__lte"] = highest
    return Q(**conditions)
