"""Input objects, made of a client's values by functions that are compiled once.

Strawberry looks the types of an input's fields up again for each value: of a request for an invoice with a new
customer that was a sixth of the processor time.
"""

from collections.abc import Callable, Mapping
from typing import Any

import strawberry
from graphql import GraphQLInputObjectType
from strawberry.types.base import (
    StrawberryList,
    StrawberryMaybe,
    StrawberryObjectDefinition,
    StrawberryOptional,
    has_object_definition,
)

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
