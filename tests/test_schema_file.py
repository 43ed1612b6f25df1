"""The published contract."""

import pytest
from graphql import (
    GraphQLNamedType,
    build_schema,
    is_input_object_type,
    is_interface_type,
    is_introspection_type,
    is_object_type,
    is_specified_scalar_type,
)

from tests.conftest import CHECKOUT
from tests.test_cli import invoke

PUBLISHED = (CHECKOUT / "schema.graphql").read_text(encoding="utf-8")
TYPES = {
    name: type_
    for name, type_ in build_schema(PUBLISHED).type_map.items()
    if not is_introspection_type(type_) and not is_specified_scalar_type(type_)
}


def test_the_file_is_what_the_server_prints() -> None:
    assert invoke("schema").out == PUBLISHED, "the API has changed: .venv/bin/python server.py schema > schema.graphql"


@pytest.mark.parametrize("name", TYPES)
def test_types_and_their_fields_are_described(name: str) -> None:
    type_: GraphQLNamedType = TYPES[name]
    assert type_.description
    if is_object_type(type_) or is_interface_type(type_) or is_input_object_type(type_):
        assert [field for field, definition in type_.fields.items() if not definition.description] == []
