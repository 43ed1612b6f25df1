"""Arguments, made of a client's values by functions that are compiled once.

Strawberry looks their types up again for each value: of a request for an invoice with a new customer that was a sixth
of the processor time, and of one for a page of invoices a twentieth.
"""

from collections.abc import Callable, Mapping
from typing import Any

import strawberry
from graphql import GraphQLInputObjectType, GraphQLResolveInfo
from strawberry.types.base import (
    StrawberryList,
    StrawberryMaybe,
    StrawberryObjectDefinition,
    StrawberryOptional,
    has_object_definition,
)
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

Convert = Callable[[Any], Any]


def compile_inputs(schema: strawberry.Schema) -> None:
    """Let the schema's input types make their objects by compiled functions.

    Strawberry keeps those with ``Maybe`` fields, whose nulls it checks as it validates a document.
    """
    for type_ in schema._schema.type_map.values():
        if isinstance(type_, GraphQLInputObjectType):
            definition: StrawberryObjectDefinition = type_.extensions["strawberry-definition"]
            if not any(isinstance(field.type, StrawberryMaybe) for field in definition.fields):
                definition.from_input = _maker(definition, schema)


def compile_queries(schema: strawberry.Schema) -> None:
    """Let the schema's queries call their resolvers at once.

    Strawberry keeps those with extensions, such as permissions.
    """
    query = schema._schema.query_type
    assert query is not None
    for graphql_field in query.fields.values():
        field: StrawberryField | None = graphql_field.extensions.get("strawberry-definition")
        if field is not None and field.base_resolver is not None and not field.extensions:
            graphql_field.resolve = _caller(field, field.base_resolver, schema)


def _caller(field: StrawberryField, resolver: StrawberryResolver[Any], schema: strawberry.Schema) -> Callable[..., Any]:
    name_of = schema.config.name_converter.from_argument
    arguments = [(name_of(each), each.python_name, _converter(each.type)) for each in field.arguments]
    function: Any = resolver.wrapped_func
    info_name = resolver.info_parameter and resolver.info_parameter.name

    def resolve(source: Any, info: GraphQLResolveInfo[Any], **given: Any) -> Any:
        values = {name: convert(given[key]) for key, name, convert in arguments if key in given}
        if info_name:
            values[info_name] = strawberry.Info(_raw_info=info, _field=field)
        return function(source, **values)

    return resolve


def _maker(definition: StrawberryObjectDefinition, schema: strawberry.Schema) -> Callable[..., Any]:
    name_of = schema.config.name_converter.from_field
    fields = [
        (name_of(field), field.python_name, _converter(field.resolve_type(type_definition=definition)))
        for field in definition.fields
    ]

    def make(cls: type, value: Mapping[str, Any], _context: Any = None) -> Any:
        # What is absent here has a default of the class's, or GraphQL would have refused it.
        return cls(**{name: convert(value[key]) for key, name, convert in fields if key in value})

    return make


def _converter(type_: Any) -> Convert:
    if isinstance(type_, StrawberryOptional):
        convert = _converter(type_.of_type)
        return lambda value: None if value is None else convert(value)
    if isinstance(type_, StrawberryList):
        convert = _converter(type_.of_type)
        return lambda value: [convert(item) for item in value]
    if has_object_definition(type_):
        definition: Any = type_.__strawberry_definition__
        return lambda value: definition.from_input(type_, value)
    return lambda value: value  # scalars and enumerations are graphql-core's work
