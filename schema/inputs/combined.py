"""Filters that combine others of their kind: all of them, any of them, or not one.

A filter within another one is a condition like the others of its filter, which all hold together.
"""

from collections.abc import Iterator
from typing import Any, Final

from tortoise.expressions import Q

from projection.tortoise import Unless
from resolvers.errors import BadUserInput
from schema.inputs.common import all_of

DEEPEST: Final = 5
MOST: Final = 50

AND: Final = "All of these hold, too."
OR: Final = "At least one of these holds, too; of an empty list none does."
NOT: Final = "This doesn't hold."


def combine(filter: Any) -> Q:
    """A filter's conditions, with those of the filters within; raises ``BadUserInput`` for too many, or too deep."""
    if sum(1 for _ in _within(filter, 1)) > MOST:
        raise BadUserInput(f"A filter may combine at most {MOST} others.")
    return _combine(filter)


def _within(filter: Any, depth: int) -> Iterator[Any]:
    if depth > DEEPEST:
        raise BadUserInput(f"Filters may be nested at most {DEEPEST} deep.")
    for inside in (*(filter.and_ or ()), *(filter.or_ or ()), *([filter.not_] if filter.not_ else ())):
        yield inside
        yield from _within(inside, depth + 1)


def _combine(filter: Any) -> Q:
    conditions = [*filter.own_conditions(), *map(_combine, filter.and_ or ())]
    if filter.or_ is not None:
        conditions.append(_any_of([_combine(each) for each in filter.or_]))
    if filter.not_ is not None:
        inside = _combine(filter.not_)
        conditions.append(Unless(inside) if inside else _NONE)
    return all_of(conditions)


def _any_of(conditions: list[Q]) -> Q:
    """Tortoise leaves empty conditions out of those that it joins, but one that all rows meet makes all rows."""
    if not conditions:
        return _NONE
    return Q(*conditions, join_type=Q.OR) if all(conditions) else Q()


_NONE: Final = Q(id__in=())
