"""Compiled coercion gives what graphql-core's gives."""

import random
from collections import OrderedDict
from typing import Any

import pytest
from graphql import GraphQLInputType, build_schema, is_input_type
from graphql.utilities import coerce_input_value
from hypothesis import given, settings
from hypothesis import strategies as st

from projection.coercion import Coercions, is_recursive
from tests.projection import toys

SCHEMA = build_schema("""
    enum Size { SMALL LARGE }
    input Inner { size: Size! = SMALL  tags: [String!]  grid: [[Int]!] }
    input Outer { id: ID!  inner: Inner = {size: LARGE}  many: [Inner!]! = []  outer: Outer  ratio: Float }
    input Either @oneOf { a: Int  inner: Inner }
    type Query { a(outer: Outer!, either: Either, sizes: [Size!], flag: Boolean): Int }
""")
TYPES: list[GraphQLInputType] = [
    *[argument.type for argument in SCHEMA.query_type.fields["a"].args.values()],  # type: ignore[union-attr]
    *[type_ for type_ in SCHEMA.type_map.values() if is_input_type(type_)],
    *[type_ for type_ in toys.schema._schema.type_map.values() if is_input_type(type_)],
]
LEAVES_OF: dict[str, list[Any]] = {"Size": ["SMALL", "LARGE"], "ID": ["a", 7], "Int": [1], "Float": [1, 1.5]}
COERCIONS = Coercions()
ODD: list[Any] = [None, 7, "x", [], {}]
NAMES = ["size", "tags", "grid", "id", "inner", "many", "outer", "ratio", "a", "other"]
LEAVES = st.sampled_from([None, True, 0, 7, 2**31, 1.5, "", "x", "SMALL", "LARGE", "MEDIUM"])
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner)
        | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
        | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4).map(OrderedDict)
    ),
    max_leaves=8,
)


def like(type_: Any, dice: random.Random) -> Any:
    """A value that mostly fits the type."""
    named = getattr(type_, "of_type", None)
    if dice.random() < 0.05:
        return dice.choice(ODD)
    if type(type_).__name__ == "GraphQLNonNull":
        return like(named, dice)
    if type(type_).__name__ == "GraphQLList":
        return [like(named, dice) for _ in range(dice.randrange(3))] if dice.random() < 0.9 else like(named, dice)
    if hasattr(type_, "fields"):
        chosen = [name for name in type_.fields if dice.random() < 0.6]
        return {name: like(type_.fields[name].type, dice) for name in chosen}
    return dice.choice(LEAVES_OF.get(str(type_), ["x"]))


@settings(max_examples=1500, deadline=None, database=None)
@given(st.sampled_from(TYPES), VALUES | st.randoms(use_true_random=False))
def test_it_gives_what_graphql_core_gives(type_: GraphQLInputType, value: Any) -> None:
    if isinstance(value, random.Random):
        value = like(type_, value)
    expected = coerce_input_value(value, type_)
    found = COERCIONS.compile(type_)(value)
    assert repr(found) == repr(expected)


@pytest.mark.parametrize(("name", "recursive"), [("Outer", True), ("Inner", False), ("Either", False), ("Size", False)])
def test_types_within_themselves_are_known(name: str, recursive: bool) -> None:
    assert is_recursive(SCHEMA.type_map[name]) == recursive  # type: ignore[arg-type]
