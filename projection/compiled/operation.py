"""An operation that is executed again and again, compiled once for each shape of its variables."""

from collections.abc import Mapping
from typing import Any, Final

from cachetools import LRUCache
from graphql import (
    DocumentNode,
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
)
from graphql.execution.collect_fields import collect_fields
from graphql.execution.executor import CollectedErrors
from graphql.execution.values import VariableValues
from graphql.pyutils import gather_with_cancel

from projection.compiled.root import Constant, RootField, compile_root
from projection.compiled.variables import compile_variables
from projection.executor import Executor, find_condition_variables

_SHAPES: Final = 4
_UNKNOWN: Final[Any] = object()


class CompiledOperation:
    """An operation of a valid document, for whose schema ``compile_inputs`` was called.

    A shape is what the variables are that decide by @skip and @include which fields are selected; the latest
    ``shape_count`` are kept. ``options`` are those of ``Executor.build``.
    """

    def __init__(
        self,
        executor: type[Executor],
        schema: GraphQLSchema,
        document: DocumentNode,
        node: OperationDefinitionNode,
        **options: Any,
    ) -> None:
        self._executor = executor
        self._schema = schema
        self._document = document
        self._node = node
        self._options = options
        self._coerce = compile_variables(schema, node.variable_definitions or (), executor.memory.coercions)
        fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
        self._conditions = find_condition_variables([node], fragments)
        self.shape_count: int = min(2 ** len(self._conditions), _SHAPES)
        self._shapes: LRUCache[tuple[Any, ...], _CompiledShape | None] = LRUCache(self.shape_count)

    async def execute(self, variables: Mapping[str, Any], context: Any) -> ExecutionResult | None:
        """The response; None where graphql-core must say why the operation can't be executed with these variables."""
        values = self._coerce(variables)
        if values is None:
            return None
        key = tuple([values.coerced.get(name) for name in self._conditions])
        shape = self._shapes.get(key, _UNKNOWN)
        if shape is _UNKNOWN:
            shape = self._shapes[key] = self._compile(variables)
        return None if shape is None else await shape.execute(values, context)

    def _compile(self, variables: Mapping[str, Any]) -> "_CompiledShape | None":
        name = self._node.name.value if self._node.name else None
        executor = self._executor.build(
            self._schema, self._document, raw_variable_values=dict(variables), operation_name=name, **self._options
        )
        parent = self._schema.get_root_type(self._node.operation)
        if isinstance(executor, list) or parent is None:
            return None
        try:
            fields = collect_fields(self._schema, executor.fragments, executor.variable_values, parent, self._node)
        except (GraphQLError, RecursionError):  # such as of a null for @skip
            return None
        executor.variable_values = VariableValues({}, {})  # those of one request aren't kept for others
        groups = fields.grouped_field_set
        if self._node.operation is OperationType.MUTATION:
            return _Collected(executor, parent, groups, serially=True)
        roots = [compile_root(parent, key, details) for key, details in groups.items()]
        known = [root for root in roots if root is not None]
        if len(known) < len(roots):
            return _Collected(executor, parent, groups, serially=False)
        return _CompiledQuery(executor, known)


class _CompiledShape:
    """``executor`` is graphql-core's, of which each request has a copy with its variables and context.

    It knows how an error makes a field null, and what fragments and directives select.
    """

    def __init__(self, executor: Any) -> None:
        self._executor = executor

    async def execute(self, values: VariableValues, context: Any) -> ExecutionResult:
        executor = object.__new__(type(self._executor))  # ``copy`` would find out each time how to copy it
        vars(executor).update(
            vars(self._executor), variable_values=values, context_value=context, collected_errors=CollectedErrors()
        )
        try:
            data = await self.read_fields(executor)
        except GraphQLError as error:  # of a field that can't be null
            executor.collected_errors.add(error, None)
            data = None
        return executor.build_response(data)  # type: ignore[no-any-return]

    async def read_fields(self, executor: Any) -> dict[str, Any]:
        raise NotImplementedError


class _CompiledQuery(_CompiledShape):
    """All of whose root fields are compiled."""

    def __init__(self, executor: Any, fields: list[RootField | Constant]) -> None:
        super().__init__(executor)
        self._fields = [field for field in fields if isinstance(field, RootField)]
        self._data = {field.key: field.value if isinstance(field, Constant) else None for field in fields}

    async def read_fields(self, executor: Any) -> dict[str, Any]:
        data: dict[str, Any] = self._data.copy()
        # As in graphql-core all resolvers are called first.
        queries = [(field, query) for field in self._fields if (query := field.resolve(executor)) is not None]
        if len(queries) == 1:
            [(field, query)] = queries
            data[field.key] = await field.read(executor, query)
        elif queries:
            answers = await gather_with_cancel(*[field.read(executor, query) for field, query in queries])
            data.update(zip([field.key for field, _ in queries], answers, strict=True))
        return data


class _Collected(_CompiledShape):
    """Whose root fields graphql-core executes, as it has collected them once."""

    def __init__(self, executor: Any, parent: Any, groups: Any, *, serially: bool) -> None:
        super().__init__(executor)
        self._parent = parent
        self._groups = groups
        self._serially = serially

    async def read_fields(self, executor: Any) -> dict[str, Any]:
        data = executor.execute_root_grouped_field_set(self._parent, None, self._groups, self._serially, None)
        return await data if executor.is_awaitable(data) else data  # type: ignore[no-any-return]
