"""Sending the statement that answers a query, and receiving its JSON."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import orjson
from tortoise.backends.base_postgres.client import translate_exceptions
from tortoise.models import Model

from projection.query import ByIds, NotUnique, Page, Query
from projection.source import bind_source
from projection.texts import TOO_LARGE, Plan
from projection.tortoise import connection_of, is_plain

# Hits that are sorted in a few milliseconds; PostgreSQL finds fewer by the index for searching of its own accord.
_MANY: Final = 2000


class AnswerTooLarge(Exception):
    """A query asked for more than ``Executor.largest_answer`` allows."""

    def __init__(self, largest: int) -> None:
        super().__init__(
            f"The answer is larger than {largest / 1e6:g} MB. Ask for smaller pages, or for fewer fields of each entry."
        )


class Place(NamedTuple):
    """The field that a query answers, such as ``Query.customer``."""

    name: str
    may_be_null: bool


async def answer(executor: Any, plan: Plan, query: Query, place: Place) -> orjson.Fragment | None:
    """The rows of the query as the plan's JSON; ``executor`` is the one of the request."""
    has_many_hits = isinstance(query, Page) and query.view is not None and await _expects_many_hits(executor, query)
    sql, statement = plan.write(executor, query, has_many_hits=has_many_hits)
    connection = connection_of(models_of(query)[0])
    rows = await _fetch(connection, sql, statement.values, plan_anew=statement.plan_anew)
    if len(rows) > 1:
        raise NotUnique(place.name)
    json = rows[0][0] if rows else None
    if json is None:
        if not place.may_be_null:
            raise TypeError(f"Cannot return null for non-nullable field {place.name}.")
        return None
    if json == TOO_LARGE and executor.largest_answer is not None:
        raise AnswerTooLarge(executor.largest_answer)
    return orjson.Fragment(json)


def models_of(query: Query) -> tuple[type[Model], ...]:
    return tuple(query.querysets) if isinstance(query, ByIds) else (query.queryset.model,)


async def _expects_many_hits(executor: Any, page: Page) -> bool:
    """Whether a search may have so many hits that walking in its order might be faster than sorting them."""
    if executor.tenant is None or not is_plain(page.queryset):
        return False
    values: list[Any] = []
    source = bind_source(page.queryset, values, executor.memory.sources)
    sql = f"""EXPLAIN (FORMAT JSON) SELECT 1 {source.write(f'"{page.view}"')}"""
    [[plan]] = await _fetch(connection_of(page.queryset.model), sql, values, plan_anew=True)
    expected: int = orjson.loads(plan)[0]["Plan"]["Plan Rows"]
    return expected > _MANY


@translate_exceptions
async def _fetch(connection: Any, sql: str, values: list[Any], *, plan_anew: bool) -> Sequence[Any]:
    """The rows. Not by Tortoise's ``execute_query``, which looks through the whole statement for what it is.

    With ``plan_anew`` PostgreSQL plans for these very values, as it does for a statement that it hasn't prepared yet.
    """
    rows: Sequence[Any]
    async with connection.acquire_connection() as session:
        connection.log.debug("%s: %s", sql, values)
        if plan_anew:
            prepared = await session.prepare(sql, name="")
            rows = await prepared.fetch(*values)
        else:
            rows = await session.fetch(sql, *values)
    return rows
