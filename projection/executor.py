"""graphql-core's executor, answering a resolver's query with one SQL statement.

Hand :class:`Executor` to ``strawberry.Schema(execution_context_class=...)`` and encode responses
with orjson: the statement's JSON goes into them as an ``orjson.Fragment``, unparsed.
"""

from asyncio import create_task
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, ClassVar

import orjson
from cachetools import LRUCache
from graphql import (
    FragmentDefinitionNode,
    GraphQLList,
    GraphQLOutputType,
    Node,
    VariableNode,
    Visitor,
    is_non_null_type,
    visit,
)
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from projection.answer import Place, answer, models_of
from projection.coercion import Coercions
from projection.fields import Tenant
from projection.plan import Details, compile
from projection.query import Batch, OneOf, Query
from projection.source import Shape, Source
from projection.texts import Plan


@dataclass(frozen=True)
class Within:
    """A value that must be read while ``scope`` is open, such as a transaction that is rolled back after."""

    scope: AbstractAsyncContextManager[Any]
    value: Callable[[], Awaitable[Any]]


class Memory:
    """What is remembered of input types, and of documents and query sets: of these ``size`` entries of each kind.

    Plans are kept by what they depend on: the nodes that they answer, the type and models that these are
    read from, and the variables that decide which fields are selected. Comparing nodes by their content
    would be slow and say nothing of the fragments beside them. So their identities are used, and a node
    is kept with its plan, or its identity could pass to a node of another document.
    """

    def __init__(self, size: int = 1000) -> None:
        self.coercions = Coercions()
        self.lists: dict[GraphQLOutputType, GraphQLList[Any]] = {}  # of the types whose rows are read in batches
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
        if isinstance(result, OneOf):
            return self._one_of(return_type, field_details_list, info, path, result)
        return super().complete_value(return_type, field_details_list, info, path, result, position_context)

    async def _answer(
        self, return_type: GraphQLOutputType, details: Details, info: Any, path: Any, query: Query
    ) -> Any:
        place = Place(f"{info.parent_type}.{info.field_name}", not is_non_null_type(return_type))
        return await answer(self, _plan(self, return_type, details, query), query, place)

    async def _one_of(self, return_type: Any, details: Details, info: Any, path: Any, one: OneOf) -> Any:
        nodes = tuple([id(detail.node) for detail in details])
        answers = one.batch.answers
        if nodes not in answers:
            answers[nodes] = create_task(self._read_batch(return_type, details, info, path, one.batch))
        rows = await answers[nodes]
        return rows[one.batch.places[one.id]]

    async def _read_batch(self, return_type: Any, details: Details, info: Any, path: Any, batch: Batch) -> list[Any]:
        items = self.memory.lists.setdefault(return_type, GraphQLList(return_type))
        rows: list[Any] = orjson.loads(orjson.dumps(await self._answer(items, details, info, path, batch.query)))
        return rows

    async def _within(
        self, return_type: Any, details: Details, info: Any, path: Any, within: Within, position_context: Any
    ) -> Any:
        async with within.scope:
            value = await within.value()
            completed = self.complete_value(return_type, details, info, path, value, position_context)
            return await completed if self.is_awaitable(completed) else completed


def _plan(executor: Executor, return_type: GraphQLOutputType, details: Details, query: Query) -> Plan:
    nodes = tuple([id(detail.node) for detail in details])
    memory = executor.memory
    conditions = memory.conditions.get(nodes)
    if conditions is None:
        names = find_condition_variables([detail.node for detail in details], executor.fragment_definitions)
        conditions = memory.conditions[nodes] = (details, names)
    coerced = executor.variable_values.coerced
    shape = tuple([coerced.get(name) for name in conditions[1]])
    key = (nodes, executor.schema, return_type, type(query), models_of(query), shape)
    plan = memory.plans.get(key)
    if plan is None:
        plan = memory.plans[key] = (details, compile(executor, return_type, details, query))
    return plan[1]


def find_condition_variables(nodes: Iterable[Node], fragments: Mapping[str, FragmentDefinitionNode]) -> tuple[str, ...]:
    """The variables that @skip and @include test within the selections."""
    names: set[str] = set()
    seen: set[str] = set()

    class Find(Visitor):
        def enter_directive(self, node: Any, *_: Any) -> None:
            names.update(a.value.name.value for a in node.arguments if isinstance(a.value, VariableNode))

        def enter_fragment_spread(self, node: Any, *_: Any) -> None:
            name = node.name.value
            if name not in seen:
                seen.add(name)
                visit(fragments[name], self)

    for node in nodes:
        visit(node, Find())
    return tuple(sorted(names))
