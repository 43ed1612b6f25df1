"""How the API reads decimals and times. ``projection.plan.FORMATS`` says how it writes them."""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import strawberry
from graphql import FloatValueNode, GraphQLError, IntValueNode, StringValueNode, ValueNode
from strawberry.types.scalar import ScalarDefinition

_LONGEST = 40


def _parse_decimal(value: object) -> Decimal:
    if not isinstance(value, str):
        raise GraphQLError('A Decimal in variables is a string such as "12.50": send a string, not a JSON number.')
    try:
        if len(value) > _LONGEST or "_" in value:
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


def _parse_datetime(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise GraphQLError(f"Not a time such as 2026-11-24T15:30:00-05:00: {str(value)[:_LONGEST]!r}") from None
    if moment.tzinfo is None:
        raise GraphQLError(f"A time needs its offset, such as Z or -05:00: {value!r}")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise GraphQLError(f"The time is out of range: {value!r}") from None


SCALARS: dict[object, ScalarDefinition] = {
    Decimal: strawberry.scalar(
        name="Decimal",
        description=(
            'An exact decimal number, written as a string: "1234.50". Amounts of money have two decimals; quantities, '
            "prices and discounts as many as were entered, without trailing zeros. Give it as a string, or as a "
            "number within the document; JSON numbers in variables are refused, as they may have been rounded."
        ),
        serialize=str,
        parse_value=_parse_decimal,
        parse_literal=_parse_decimal_literal,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description='A moment, written in UTC: "2026-11-24T20:30:00.000000Z". Give it with any offset.',
        serialize=lambda moment: moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        parse_value=_parse_datetime,
    ),
}
