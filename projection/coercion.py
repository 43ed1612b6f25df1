"""Coercing a value that a client sent, by a function that is compiled once for its type."""

from collections.abc import Callable
from typing import Any, NamedTuple

from graphql import (
    GraphQLInputObjectType,
    GraphQLInputType,
    Undefined,
    assert_leaf_type,
    get_named_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
)
from graphql.pyutils import is_iterable
from graphql.utilities.coerce_input_value import coerce_default_value

Coerce = Callable[[Any], Any]  # Undefined for a value that doesn't fit, as in graphql-core's ``coerce_input_value``


class _Field(NamedTuple):
    name: str
    python_name: str
    coerce: Coerce
    default: Any
    is_required: bool


class Coercions:
    """The functions of input types, which are the same for all operations."""

    def __init__(self) -> None:
        self._objects: dict[GraphQLInputObjectType, Coerce] = {}

    def compile(self, type_: GraphQLInputType) -> Coerce:
        if is_non_null_type(type_):
            return _refuse_null(self.compile(type_.of_type))
        if is_list_type(type_):
            return _accept_null(_coerce_list(self.compile(type_.of_type)))
        if is_input_object_type(type_):
            return _accept_null(self._compile_object(type_))
        return _accept_null(_coerce_leaf(assert_leaf_type(type_).coerce_input_value))

    def _compile_object(self, type_: GraphQLInputObjectType) -> Coerce:
        known = self._objects.get(type_)
        if known is None:
            fields: list[_Field] = []
            known = self._objects[type_] = _coerce_object(type_, fields)  # before its fields, which may have it
            for name, field in type_.fields.items():
                default, is_required = coerce_default_value(field), is_required_input_field(field)
                fields.append(_Field(name, field.out_name or name, self.compile(field.type), default, is_required))
        return known


def is_recursive(type_: GraphQLInputType, within: frozenset[str] = frozenset()) -> bool:
    """Whether values of the type may be nested as deeply as a client likes."""
    named = get_named_type(type_)
    if not is_input_object_type(named):
        return False
    within |= {named.name}
    return any(
        get_named_type(field.type).name in within or is_recursive(field.type, within) for field in named.fields.values()
    )


def _refuse_null(coerce: Coerce) -> Coerce:
    return lambda value: Undefined if value is None else coerce(value)


def _accept_null(coerce: Coerce) -> Coerce:
    return lambda value: None if value is None else coerce(value)


def _coerce_leaf(coerce: Coerce) -> Coerce:
    def coerce_leaf(value: Any) -> Any:
        try:
            return coerce(value)
        except Exception:
            return Undefined

    return coerce_leaf


def _coerce_list(coerce: Coerce) -> Coerce:
    def coerce_list(value: Any) -> Any:
        items = [coerce(item) for item in (value if is_iterable(value) else [value])]
        return Undefined if any(item is Undefined for item in items) else items

    return coerce_list


def _coerce_object(type_: GraphQLInputObjectType, fields: list[_Field]) -> Coerce:
    def coerce_object(value: Any) -> Any:
        if not isinstance(value, dict) or not value.keys() <= type_.fields.keys():
            return Undefined
        coerced = {}
        for name, python_name, coerce, default, is_required in fields:
            if name in value:
                coerced[python_name] = item = coerce(value[name])
                if item is Undefined:
                    return Undefined
            elif is_required:
                return Undefined
            elif default is not Undefined:
                coerced[python_name] = default
        if type_.is_one_of and (len(value) != 1 or len(coerced) != 1 or None in coerced.values()):
            return Undefined
        return type_.out_type(coerced)

    return coerce_object
