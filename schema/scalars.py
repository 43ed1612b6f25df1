"""How the API reads decimals, days and times. ``projection.plan.FORMATS`` says how it writes them."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import strawberry
from graphql import FloatValueNode, GraphQLError, IntValueNode, StringValueNode, ValueNode
from strawberry.types.scalar import ScalarDefinition

_LONGEST: Final = 40  # characters of a decimal number, and of a value in a message
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _parse_decimal(value: object) -> Decimal:
    if not isinstance(value, str):
        raise GraphQLError('A Decimal in variables is a string such as "12.50": send a string, not a JSON number.')
    try:
        if len(value) > _LONGEST or "_" in value or not value.isascii():
            raise InvalidOperation
        number = Decimal(value)
    except InvalidOperation:
        raise GraphQLError(f"Not a decimal number: {value[:_LONGEST]!r}") from None
    if not number.is_finite():
        raise GraphQLError(f"Not a finite number: {value!r}")
    return number


def _parse_decimal_literal(node: ValueNode, _variables: Any = None) -> Decimal:
    if not isinstance(node, StringValueNode | IntValueNode | FloatValueNode):
        raise GraphQLError("A Decimal is a string or a number.", node)
    return _parse_decimal(node.value)


def _parse_date(value: object) -> date:
    try:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise ValueError
        day = date.fromisoformat(value)
    except ValueError:
        raise GraphQLError(f"Not a day such as 2026-11-24: {str(value)[:_LONGEST]!r}") from None
    if _is_infinite(day):
        raise GraphQLError(f"The day is out of range: {value!r}")
    return day


def _is_infinite(day: date) -> bool:
    """Whether this is the first or the last day of the calendar, which asyncpg stores as infinity."""
    return day in (date.min, date.max)


def _parse_datetime(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise GraphQLError(f"Not a time such as 2026-11-24T15:30:00-05:00: {str(value)[:_LONGEST]!r}") from None
    if moment.tzinfo is None:
        raise GraphQLError(f"A time needs its offset, such as Z or -05:00: {value!r}")
    try:
        moment = moment.astimezone(UTC)
        if _is_infinite(moment.date()):
            raise OverflowError
    except OverflowError:
        raise GraphQLError(f"The time is out of range: {value!r}") from None
    return moment


SCALARS: Final[dict[object, ScalarDefinition]] = {
    Decimal: strawberry.scalar(
        name="Decimal",
        description=(
            'An exact decimal number, written as a string such as "1234.50". Amounts of money have two '
            "decimals. Quantities, prices and discounts have as many decimals as were entered, without trailing"
            " zeros. In requests it is a string, or a number within the document; JSON numbers in variables are"
            " refused, because they may have been rounded."
        ),
        serialize=str,
        parse_value=_parse_decimal,
        parse_literal=_parse_decimal_literal,
    ),
    date: strawberry.scalar(
        name="Date",
        description='A day, written as "2026-11-24".',
        serialize=date.isoformat,
        parse_value=_parse_date,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description=(
            'A moment. In answers it is in UTC, such as "2026-11-24T20:30:00.000000Z"; in requests it may have '
            "any offset."
        ),
        serialize=lambda moment: moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        parse_value=_parse_datetime,
    ),
}
