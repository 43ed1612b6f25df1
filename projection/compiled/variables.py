"""Coercing a request's variables, with what the operation says of them looked up once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from graphql import (
    GraphQLError,
    GraphQLSchema,
    Undefined,
    VariableDefinitionNode,
    is_non_null_type,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, input_is_nested_too_deeply
from graphql.utilities.coerce_input_value import coerce_default_value

from projection.coercion import Coerce, Coercions, is_recursive

# The variables' values; None where graphql-core must say what is wrong with them.
CoerceVariables = Callable[[Mapping[str, Any]], VariableValues | None]


class _Variable(NamedTuple):
    signature: GraphQLVariableSignature
    default: Any
    is_required: bool
    coerce: Coerce
    may_nest: bool


def compile_variables(
    schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode], coercions: Coercions
) -> CoerceVariables:
    """What coerces the variables of a valid document's operation."""
    variables = [_read_definition(schema, definition, coercions) for definition in definitions]

    def coerce_variables(given: Mapping[str, Any]) -> VariableValues | None:
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for signature, default, is_required, coerce, may_nest in variables:
            name = signature.name
            if name in given:
                value = given[name]
                if may_nest and input_is_nested_too_deeply(value, signature.type):
                    return None
                sources[name] = VariableValueSource(signature, value)
                coerced[name] = value = coerce(value)
                if value is Undefined:
                    return None
            elif default is not Undefined:
                sources[name] = VariableValueSource(signature)
                coerced[name] = default
            elif is_required:
                return None
            else:
                sources[name] = VariableValueSource(signature)
        return VariableValues(sources, coerced)

    return coerce_variables


def _read_definition(schema: GraphQLSchema, definition: VariableDefinitionNode, coercions: Coercions) -> _Variable:
    signature = get_variable_signature(schema, definition)
    assert not isinstance(signature, GraphQLError)  # the document is valid
    return _Variable(
        signature,
        coerce_default_value(signature),
        is_non_null_type(signature.type),
        coercions.compile(signature.type),
        is_recursive(signature.type),
    )
