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

_SHAPES: Final = 8


class CompiledOperation:
    """An operation of a valid document, for whose schema ``compile_inputs`` was called.

    A shape is what the variables are that decide by @skip and @include which fields are selected. ``options`` are those
    of ``Executor.build``.
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
        self._queries: LRUCache[tuple[Any, ...], _CompiledQuery | None] = LRUCache(_SHAPES)
        self._coerce = compile_variables(schema, node.variable_definitions or ())
        fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
        self._conditions = find_condition_variables([node], fragments)

    async def execute(self, variables: Mapping[str, Any], context: Any) -> ExecutionResult | None:
        """The response; None where graphql-core must make it."""
        if self._node.operation is not OperationType.QUERY:
            return None
        values = self._coerce(variables)
        if values is None:
            return None
        query = self._find_query(values, variables)
        return None if query is None else await query.execute(values, context)

    def _find_query(self, values: VariableValues, variables: Mapping[str, Any]) -> "_CompiledQuery | None":
        shape = tuple([values.coerced.get(name) for name in self._conditions])
        if shape not in self._queries:
            self._queries[shape] = self._compile(variables)
        return self._queries[shape]

    def _compile(self, variables: Mapping[str, Any]) -> "_CompiledQuery | None":
        name = self._node.name.value if self._node.name else None
        executor = self._executor.build(
            self._schema, self._document, raw_variable_values=dict(variables), operation_name=name, **self._options
        )
        parent = self._schema.query_type
        if isinstance(executor, list) or parent is None:
            return None
        try:
            fields = collect_fields(self._schema, executor.fragments, executor.variable_values, parent, self._node)
        except (GraphQLError, RecursionError):  # such as of a null for @skip
            return None
        executor.variable_values = VariableValues({}, {})  # those of one request aren't kept for others
        compiled = [compile_root(parent, key, details) for key, details in fields.grouped_field_set.items()]
        known = [field for field in compiled if field is not None]
        return _CompiledQuery(executor, known) if len(known) == len(compiled) else None


class _CompiledQuery:
    """``executor`` is graphql-core's, of which each request has a copy with its variables and context.

    It knows how an error makes a field null, and what fragments and directives select.
    """

    def __init__(self, executor: Any, fields: list[RootField | Constant]) -> None:
        self._executor = executor
        self._fields = [field for field in fields if isinstance(field, RootField)]
        self._data = {field.key: field.value if isinstance(field, Constant) else None for field in fields}

    async def execute(self, values: VariableValues, context: Any) -> ExecutionResult:
        executor = self._begin(values, context)
        data: dict[str, Any] = self._data.copy()
        try:
            # As in graphql-core all resolvers are called first.
            queries = [(field, query) for field in self._fields if (query := field.resolve(executor)) is not None]
            if len(queries) == 1:
                [(field, query)] = queries
                data[field.key] = await field.read(executor, query)
            elif queries:
                answers = await gather_with_cancel(*[field.read(executor, query) for field, query in queries])
                data.update(zip([field.key for field, _ in queries], answers, strict=True))
        except GraphQLError as error:  # of a field that can't be null
            executor.collected_errors.add(error, None)
            return executor.build_response(None)  # type: ignore[no-any-return]
        return executor.build_response(data)  # type: ignore[no-any-return]

    def _begin(self, values: VariableValues, context: Any) -> Any:
        """The executor of one request. ``copy`` would find out each time how an executor is copied."""
        executor = object.__new__(type(self._executor))
        vars(executor).update(
            vars(self._executor), variable_values=values, context_value=context, collected_errors=CollectedErrors()
        )
        return executor
