"""The arguments of a field, of which a request changes only those that are variables."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from graphql import (
    FieldNode,
    GraphQLField,
    ListValueNode,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableNode,
    is_non_null_type,
    is_required_argument,
)
from graphql.execution.values import coerce_argument, get_argument_values
from graphql.utilities.coerce_input_value import coerce_default_value

# What gives the arguments for the variables of graphql-core's executor; raises GraphQLError.
Arguments = Callable[[Any], dict[str, Any]]


class _Given(NamedTuple):
    """An argument that is a variable."""

    name: str
    variable: str
    default: Any
    is_required: bool
    may_be_null: bool


def compile_arguments(definition: GraphQLField, node: FieldNode) -> Arguments:
    """What gives a field's arguments. graphql-core does it where a variable stands within an object or a list."""
    constants: dict[str, Any] = {}
    given: list[_Given] = []
    nodes = {argument.name.value: argument for argument in node.arguments or ()}
    for name, argument in definition.args.items():
        value = nodes[name].value if name in nodes else None
        if isinstance(value, VariableNode):
            default = coerce_default_value(argument)
            is_required, may_be_null = is_required_argument(argument), not is_non_null_type(argument.type)
            given.append(_Given(argument.out_name or name, value.name.value, default, is_required, may_be_null))
        elif _has_variables(value):
            return partial(_read_ordinarily, definition, node)
        else:
            coerce_argument(constants, node, name, argument, nodes.get(name), None, None)

    def read(executor: Any) -> dict[str, Any]:
        coerced = executor.variable_values.coerced
        arguments = constants.copy()
        for name, variable, default, is_required, may_be_null in given:
            value = coerced.get(variable, Undefined)
            if (value is Undefined and is_required) or (value is None and not may_be_null):
                return _read_ordinarily(definition, node, executor)  # raises the error that says so
            if value is Undefined:
                value = default
            if value is not Undefined:
                arguments[name] = value
        return arguments

    return read


def _has_variables(node: ValueNode | None) -> bool:
    if isinstance(node, ObjectValueNode):
        return any(_has_variables(field.value) for field in node.fields)
    if isinstance(node, ListValueNode):
        return any(_has_variables(value) for value in node.values)
    return isinstance(node, VariableNode)


def _read_ordinarily(definition: GraphQLField, node: FieldNode, executor: Any) -> dict[str, Any]:
    return get_argument_values(definition, node, executor.variable_values, None, executor.hide_suggestions)
