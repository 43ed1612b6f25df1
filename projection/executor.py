"""graphql-core's executor, answering a resolver's query with one SQL statement.

Hand :class:`Executor` to ``strawberry.Schema(execution_context_class=...)`` and encode responses
with orjson: the statement's JSON goes into them as an ``orjson.Fragment``, unparsed.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import orjson
from cachetools import LRUCache
from graphql import GraphQLOutputType, VariableNode, Visitor, is_non_null_type, visit
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from tortoise.backends.base_postgres.client import translate_exceptions
from tortoise.models import Model

from projection.fields import Tenant
from projection.plan import Details, Plan, compile
from projection.query import ByIds, NotUnique, Page, Query
from projection.source import Shape, Source
from projection.statement import Statement
from projection.tortoise import connection_of, is_plain


@dataclass(frozen=True)
class Within:
    """A value that must be read while ``scope`` is open, such as a transaction that is rolled back after."""

    scope: AbstractAsyncContextManager[Any]
    value: Callable[[], Awaitable[Any]]


class AnswerTooLarge(Exception):
    """A query asked for more than ``Executor.largest_answer`` allows."""

    def __init__(self, largest: int) -> None:
        super().__init__(
            f"The answer is larger than {largest / 1e6:g} MB. Ask for smaller pages, or for fewer fields of each entry."
        )


class Memory:
    """What is remembered of documents and query sets: ``size`` entries of each kind.

    Plans are kept by what they depend on: the nodes that they answer, the type and models that these are
    read from, and the variables that decide which fields are selected. Comparing nodes by their content
    would be slow and say nothing of the fragments beside them. So their identities are used, and a node
    is kept with its plan, or its identity could pass to a node of another document.
    """

    def __init__(self, size: int = 1000) -> None:
        self.conditions: LRUCache[tuple[int, ...], tuple[Details, tuple[str, ...]]] = LRUCache(size)
        self.plans: LRUCache[tuple[Any, ...], tuple[Details, Plan]] = LRUCache(size)
        self.sources: LRUCache[Shape, Source] = LRUCache(size)


class Executor(StrawberryGraphQLCoreExecutionContext):
    """graphql-core makes one for each request. Each subclass has a ``memory`` of its own.

    ``tenant`` is that of a multi-tenant database: each table that has its column is read for its value alone, on every
    level of a statement. ``broad_filters`` are filters that most rows of
    a tenant pass: a list with no others is planned as one of all rows. ``largest_answer`` limits the bytes of JSON that
    a statement may send.
    """

    tenant: ClassVar[Tenant | None] = None
    broad_filters: ClassVar[frozenset[str]] = frozenset()
    largest_answer: ClassVar[int | None] = None
    memory: ClassVar[Memory] = Memory()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.memory = Memory()

    def complete_value(
        self, return_type: Any, field_details_list: Details, info: Any, path: Any, result: Any, position_context: Any
    ) -> Any:
        if isinstance(result, Query):
            return self._answer(return_type, field_details_list, info, path, result)
        if isinstance(result, Within):
            return self._within(return_type, field_details_list, info, path, result, position_context)
        return super().complete_value(return_type, field_details_list, info, path, result, position_context)

    async def _answer(
        self, return_type: GraphQLOutputType, details: Details, info: Any, path: Any, query: Query
    ) -> Any:
        plan = _plan(self, return_type, details, query)
        statement = Statement(self, self.memory.sources)
        if isinstance(query, Page) and query.view is not None:
            statement.has_many_hits = await self._expects_many_hits(query)
        sql = plan(query, statement)
        if self.largest_answer is not None:
            sql = _LIMITED.format(sql=sql, largest=self.largest_answer)
        rows = await _fetch(_models(query)[0], sql, statement)
        if len(rows) > 1:
            raise NotUnique(f"{info.parent_type}.{info.field_name}")
        json = rows[0][0] if rows else None
        if json is None:
            if is_non_null_type(return_type):
                raise TypeError(f"Cannot return null for non-nullable field {info.parent_type}.{info.field_name}.")
            return None
        if json == _TOO_LARGE and self.largest_answer is not None:
            raise AnswerTooLarge(self.largest_answer)
        return orjson.Fragment(json)

    async def _expects_many_hits(self, page: Page) -> bool:
        """Whether a search may have so many hits that walking in its order might be faster than sorting them."""
        if self.tenant is None or not is_plain(page.queryset):
            return False
        statement = Statement(self, self.memory.sources)
        sql = f"EXPLAIN (FORMAT JSON) SELECT 1 {statement.source(page.queryset, page.view)}"
        [[plan]] = await _fetch(page.queryset.model, sql, statement)
        expected: int = orjson.loads(plan)[0]["Plan"]["Plan Rows"]
        return expected > _MANY

    async def _within(
        self, return_type: Any, details: Details, info: Any, path: Any, within: Within, position_context: Any
    ) -> Any:
        async with within.scope:
            value = await within.value()
            completed = self.complete_value(return_type, details, info, path, value, position_context)
            return await completed if self.is_awaitable(completed) else completed


# Hits that are sorted in a few milliseconds; PostgreSQL finds fewer by the index for searching of its own accord.
_MANY: Final = 2000

# PostgreSQL keeps an answer that is too large to itself: it would take this process memory and time to receive it.
_TOO_LARGE: Final = ""
_LIMITED: Final = f"""
    WITH answer (json) AS MATERIALIZED ({{sql}})
    SELECT CASE WHEN octet_length(json) > {{largest}} THEN '{_TOO_LARGE}' ELSE json END FROM answer
"""


def _models(query: Query) -> tuple[type[Model], ...]:
    return tuple(query.querysets) if isinstance(query, ByIds) else (query.queryset.model,)


async def _fetch(model: type[Model], sql: str, statement: Statement) -> Sequence[Any]:
    connection = connection_of(model)
    rows: Sequence[Any]
    if statement.plan_anew:
        rows = await _fetch_anew(connection, sql, statement.values)
    else:
        _, rows = await connection.execute_query(sql, statement.values)
    return rows


@translate_exceptions
async def _fetch_anew(connection: Any, sql: str, values: list[Any]) -> Sequence[Any]:
    """The rows by a plan for these very values, which PostgreSQL makes for a statement that it hasn't prepared yet."""
    async with connection.acquire_connection() as session:
        connection.log.debug("%s: %s", sql, values)
        prepared = await session.prepare(sql, name="")
        rows: Sequence[Any] = await prepared.fetch(*values)
        return rows


def _plan(executor: Executor, return_type: GraphQLOutputType, details: Details, query: Query) -> Plan:
    nodes = tuple([id(detail.node) for detail in details])
    memory = executor.memory
    conditions = memory.conditions.get(nodes)
    if conditions is None:
        conditions = memory.conditions[nodes] = (details, _condition_variables(executor, details))
    coerced = executor.variable_values.coerced
    shape = tuple([coerced.get(name) for name in conditions[1]])
    key = (nodes, executor.schema, return_type, type(query), _models(query), shape)
    plan = memory.plans.get(key)
    if plan is None:
        plan = memory.plans[key] = (details, compile(executor, return_type, details, query))
    return plan[1]


def _condition_variables(executor: Executor, details: Details) -> tuple[str, ...]:
    """The variables that @skip and @include test within the selection."""
    names: set[str] = set()
    seen: set[str] = set()

    class Find(Visitor):
        def enter_directive(self, node: Any, *_: Any) -> None:
            names.update(a.value.name.value for a in node.arguments if isinstance(a.value, VariableNode))

        def enter_fragment_spread(self, node: Any, *_: Any) -> None:
            name = node.name.value
            if name not in seen:
                seen.add(name)
                visit(executor.fragments[name].definition, self)

    for detail in details:
        visit(detail.node, Find())
    return tuple(sorted(names))
