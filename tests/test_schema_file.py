"""The published contract."""

from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLNamedType,
    build_schema,
    is_enum_type,
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
def test_everything_is_described(name: str) -> None:
    """Types, fields, arguments, inputs and the values of enumerations."""
    assert [place for place, described in places(TYPES[name]) if not described] == []


def places(type_: GraphQLNamedType) -> Iterator[tuple[str, str | None]]:
    yield type_.name, type_.description
    if is_object_type(type_) or is_interface_type(type_) or is_input_object_type(type_):
        for field, definition in type_.fields.items():
            yield f"{type_.name}.{field}", definition.description
            for argument, given in getattr(definition, "args", {}).items():
                yield f"{type_.name}.{field}({argument}:)", given.description
    if is_enum_type(type_):
        for value, meaning in type_.values.items():
            yield f"{type_.name}.{value}", meaning.description
