"""The published schema: up to date, described, and compatible with what clients were promised."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    DangerousChangeType,
    GraphQLNamedType,
    build_schema,
    find_breaking_changes,
    find_dangerous_changes,
    is_enum_type,
    is_input_object_type,
    is_interface_type,
    is_introspection_type,
    is_object_type,
    is_specified_scalar_type,
)

from tests.conftest import CHECKOUT
from tests.service.test_commands import invoke

# What clients were promised. A release replaces it by schema.graphql.
PROMISED = (Path(__file__).parent / "contract.graphql").read_text(encoding="utf-8")
PUBLISHED = (CHECKOUT / "schema.graphql").read_text(encoding="utf-8")
CHANGELOG = (CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8")
TYPES = {
    name: type_
    for name, type_ in build_schema(PUBLISHED).type_map.items()
    if not is_introspection_type(type_) and not is_specified_scalar_type(type_)
}


def test_schema_graphql_is_what_the_server_prints() -> None:
    assert invoke("schema").out == PUBLISHED, "the API has changed: .venv/bin/python server.py schema > schema.graphql"


def test_a_change_that_breaks_clients_is_named_in_the_changelog() -> None:
    assert unannounced(PROMISED, PUBLISHED, CHANGELOG) == [], 'copy these under "Unreleased" of CHANGELOG.md'


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("dv: String", "", "Field Customer.dv was removed."),
        ("name: String!", "name: String", "Field Customer.name changed type from String! to String."),
        ("first: Int = 20", "first: Int!", "Argument Query.customers(first:) has changed type from Int to Int!."),
        ("first: Int = 20", "first: Int = 50", "Query.customers(first:) has changed defaultValue from 20 to 50."),
    ],
)
def test_an_unnamed_change_is_found(old: str, new: str, change: str) -> None:
    before = "type Query { customers(first: Int = 20): [Customer!]! } type Customer { dv: String name: String! }"
    after = before.replace(old, new)
    assert unannounced(before, after, "# Changelog\n## Unreleased\n## 0.1.0\n- " + change) == [change]
    assert unannounced(before, after, f"# Changelog\n## Unreleased\n- {change}\n## 0.1.0\n") == []


def test_additions_need_no_name() -> None:
    assert unannounced("type Query { a: Int }", "type Query { a(b: Int): Int c: Int }", "## Unreleased\n") == []


def unannounced(old: str, new: str, changelog: str) -> list[str]:
    """Changes that break clients of the old schema and are missing under "Unreleased" in the changelog."""
    schemas = build_schema(old), build_schema(new)
    changes = [change.description for change in find_breaking_changes(*schemas)]
    for change in find_dangerous_changes(*schemas):
        if change.type is DangerousChangeType.ARG_DEFAULT_VALUE_CHANGE:
            changes.append(change.description)
    part = re.search(r"^## Unreleased$(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    assert part, 'the changelog has no "## Unreleased"'
    return [change for change in changes if change not in part[1]]


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
