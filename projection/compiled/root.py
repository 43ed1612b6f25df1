"""A root field of a query whose resolver answers which rows: how it is called, and how the rows are read."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from graphql import GraphQLField, GraphQLObjectType, is_non_null_type
from graphql.pyutils import Path
from strawberry.types.field import StrawberryField

from projection.answer import Place, answer, models_of
from projection.arguments import Arguments, compile_arguments
from projection.compiled.inputs import compile_conversion
from projection.executor import Executor
from projection.plan import Details, compile
from projection.query import ByIds, Many, One, Page, Query
from projection.texts import Plan

_QUERIES: Final = (One, Many, ByIds, Page)
Resolve = Callable[[Executor], Any]


class RootField:
    """Its plans are kept by the kind of query and the models, as far as the resolver answers several."""

    def __init__(self, parent: GraphQLObjectType, key: str, details: Details, resolve: Resolve) -> None:
        definition = parent.fields[details[0].node.name.value]
        self.key = key
        self.type = definition.type
        self.details = details
        self.path = Path(None, key, parent.name)
        self.place = Place(f"{parent.name}.{details[0].node.name.value}", not is_non_null_type(definition.type))
        self._resolve = resolve
        self._plans: dict[tuple[Any, ...], Plan] = {}

    def resolve(self, executor: Executor) -> Query | None:
        """Which rows are the answer. An error becomes one of the response, and is raised if this can't be null."""
        try:
            query: Query = self._resolve(executor)
        except Exception as error:
            executor.handle_field_error(error, self.type, self.details, self.path)
            return None
        return query

    async def read(self, executor: Executor, query: Query) -> Any:
        """The JSON of these rows; errors as in ``resolve``."""
        try:
            return await answer(executor, self._plan(executor, query), query, self.place)
        except Exception as error:
            executor.handle_field_error(error, self.type, self.details, self.path)
            return None

    def _plan(self, executor: Executor, query: Query) -> Plan:
        key = (type(query), *models_of(query))
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = compile(executor, self.type, self.details, query)
        return plan


class Constant(NamedTuple):
    """``__typename``."""

    key: str
    value: str


def compile_root(parent: GraphQLObjectType, key: str, details: Details) -> RootField | Constant | None:
    """None if the field is one that graphql-core must execute: its resolver isn't one that answers a ``Query``."""
    node = details[0].node
    if node.name.value == "__typename":
        return Constant(key, parent.name)
    definition = parent.fields.get(node.name.value)
    field = definition and definition.extensions.get("strawberry-definition")
    if definition is None or field is None or not _answers_query(field):
        return None
    arguments = compile_arguments(definition, node)
    if field.extensions or field.base_resolver.info_parameter:
        nodes = [detail.node for detail in details]
        resolve = _call_through_strawberry(definition, nodes, parent, Path(None, key, parent.name), arguments)
    else:
        resolve = _call_directly(definition, field, arguments)
    return RootField(parent, key, details, resolve)


def _answers_query(field: StrawberryField) -> bool:
    resolver = field.base_resolver
    if resolver is None or resolver.is_async or resolver.self_parameter is None:
        return False
    return resolver.wrapped_func.__annotations__.get("return") in _QUERIES


def _call_through_strawberry(
    definition: GraphQLField, nodes: list[Any], parent: GraphQLObjectType, path: Path, arguments: Arguments
) -> Resolve:
    """Strawberry checks the field's permissions, and gives the resolver its ``info``."""
    function: Any = definition.resolve

    def resolve(executor: Executor) -> Any:
        info = executor.build_resolve_info(definition, nodes, parent, path)
        return function(None, info, **arguments(executor))

    return resolve


def _call_directly(definition: GraphQLField, field: StrawberryField, arguments: Arguments) -> Resolve:
    assert field.base_resolver is not None
    function: Any = field.base_resolver.wrapped_func
    converters = {
        argument.out_name or name: (given.python_name, compile_conversion(given.type))
        for (name, argument), given in zip(definition.args.items(), field.arguments, strict=True)
    }

    def resolve(executor: Executor) -> Any:
        values = {}
        for key, value in arguments(executor).items():
            name, convert = converters[key]
            values[name] = convert(value)
        return function(None, **values)

    return resolve
