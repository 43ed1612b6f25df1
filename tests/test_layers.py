"""Imports flow one way, from ``server`` down to ``rules``."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
# From the top of the house to its ground. A room may import those below it.
ORDER = (
    "server",
    "service",
    "transport",
    "schema",
    "announcements",
    "documents",
    "resolvers",
    "emission",
    "lookup",
    "pac",
    "db",
    "spreadsheets",
    "rules",
)
BELOW = {room: set(ORDER[index + 1 :]) for index, room in enumerate(ORDER)}
for room in ("service", "transport", "schema", "announcements", "documents", "resolvers"):
    BELOW[room].add("projection")
BELOW |= {"server": {"service"}, "projection": set(), "pac": {"rules"}, "emission": {"pac", "db", "rules"}}
BELOW["db"].remove("spreadsheets")
BELOW["lookup"].remove("spreadsheets")


def imported(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def upward(layer: str, source: str) -> set[str]:
    """What the source of a layer imports although it stands above it or beside it."""
    return (set(imported(source)) & {*BELOW, "tests", "bench"}) - BELOW[layer] - {layer}


@pytest.mark.parametrize("layer", BELOW)
def test_a_layer_imports_only_those_below(layer: str) -> None:
    files = [CHECKOUT / f"{layer}.py"] if layer == "server" else sorted((CHECKOUT / layer).rglob("*.py"))
    assert {str(file): found for file in files if (found := upward(layer, file.read_text()))} == {}


@pytest.mark.parametrize(
    ("layer", "source", "found"),
    [
        ("rules", "from db import models", {"db"}),
        ("db", "def late():\n    import resolvers.accounts", {"resolvers"}),
        ("projection", "import rules.text, orjson", {"rules"}),
        ("lookup", "from projection import One", {"projection"}),
        ("resolvers", "from schema.types.customer import Customer", {"schema"}),
        ("schema", "from transport.limits import Limits", {"transport"}),
        ("resolvers", "from announcements import feed", {"announcements"}),
        ("pac", "from db import models", {"db"}),
        ("emission", "from resolvers import outbox", {"resolvers"}),
        ("emission", "from lookup import hka\nfrom pac.emission import Adapter\nimport db.tenant", {"lookup"}),
        ("transport", "from service.app import create_app", {"service"}),
        ("service", "from tests.conftest import Api", {"tests"}),
        ("schema", "from . import scalars\nfrom resolvers import customers\nfrom schema import enums", set()),
    ],
)
def test_an_import_that_goes_up_is_found(layer: str, source: str, found: set[str]) -> None:
    assert upward(layer, source) == found
