"""From the values that graphql-core has coerced to those that a resolver takes.

Strawberry looks the types up again for each value. That took a sixth of the processor time of a request that creates
an invoice with its customer, and a twentieth of one that reads a page of invoices.
"""

from collections.abc import Callable, Mapping
from typing import Any

import strawberry
from graphql import GraphQLInputObjectType
from strawberry import Some
from strawberry.types.base import (
    StrawberryList,
    StrawberryMaybe,
    StrawberryObjectDefinition,
    StrawberryOptional,
    has_object_definition,
)

Convert = Callable[[Any], Any]


def compile_inputs(schema: strawberry.Schema) -> None:
    """Give the schema's input types compiled functions that build their objects."""
    for type_ in schema._schema.type_map.values():
        if isinstance(type_, GraphQLInputObjectType):
            definition: StrawberryObjectDefinition = type_.extensions["strawberry-definition"]
            definition.from_input = _compile_constructor(definition, schema)


def _compile_constructor(definition: StrawberryObjectDefinition, schema: strawberry.Schema) -> Callable[..., Any]:
    name_of = schema.config.name_converter.from_field
    fields = [
        (name_of(field), field.python_name, compile_conversion(field.resolve_type(type_definition=definition)))
        for field in definition.fields
    ]

    def make(cls: type, value: Mapping[str, Any], _context: Any = None) -> Any:
        # A key that is absent has a default in the class; GraphQL has refused the others.
        return cls(**{name: convert(value[key]) for key, name, convert in fields if key in value})

    return make


def compile_conversion(type_: Any) -> Convert:
    """What converts a value of this Strawberry type."""
    if isinstance(type_, StrawberryMaybe):
        # Also a null that the field can't have, which its resolver may refuse.
        convert = compile_conversion(type_.of_type)
        return lambda value: Some(None if value is None else convert(value))
    if isinstance(type_, StrawberryOptional):
        convert = compile_conversion(type_.of_type)
        return lambda value: None if value is None else convert(value)
    if isinstance(type_, StrawberryList):
        convert = compile_conversion(type_.of_type)
        return lambda value: [convert(item) for item in value]
    if has_object_definition(type_):
        definition: Any = type_.__strawberry_definition__
        return lambda value: definition.from_input(type_, value)
    return lambda value: value  # graphql-core has already converted scalars and enums
