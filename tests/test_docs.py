"""The README's tables have what the code has, links lead somewhere, and decisions are complete."""

import re
from fnmatch import fnmatch
from pathlib import Path

import click
import pytest
from pydantic_core import PydanticUndefined

from service.commands import main
from service.settings import Settings
from tests.conftest import CHECKOUT
from tests.test_layers import BELOW

README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
PAGES = sorted([*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").glob("*.md")])


def rows(head: str) -> list[list[str]]:
    """The cells of the table whose first line begins with ``head``."""
    table = README[README.index(head) :].partition("\n\n")[0]
    return [re.split(r"(?<!\\) ?\| ?", line.strip("| ")) for line in table.splitlines()[2:]]


def code(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_every_setting_is_in_the_table_once() -> None:
    named = [name for row in rows("| name | default |") for name in code(row[0])]
    assert sorted(named) == sorted(name.upper() for name in Settings.model_fields)


def test_the_table_has_the_defaults_of_the_settings() -> None:
    for row in rows("| name | default |"):
        names, defaults = code(row[0]), code(row[1])
        plain = [field.default for name in names if (field := Settings.model_fields[name.lower()])]
        expected = [shown(default) for default in plain if default not in (None, (), PydanticUndefined)]
        assert [default for default in defaults if default in expected] == expected, row


def shown(default: object) -> str:
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, float):
        return f"{default:g}"
    return ",".join(map(shown, default)) if isinstance(default, tuple) else str(default)


def test_every_command_is_in_the_table() -> None:
    first_cells = " ".join(row[0] for row in rows("| `.venv/bin/python server.py …` |"))
    listed = {" ".join(re.findall(r"^[a-z-]+(?: [a-z]+(?= |$))?", each)) for each in code(first_cells)}
    assert listed == set(commands(main))


def commands(group: click.Group) -> list[str]:
    """The names of all commands, such as ``keys create``."""
    names = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            names += [f"{name} {each}" for each in commands(command)]
        else:
            names.append(name)
    return names


def test_every_room_is_in_the_tree() -> None:
    listed = set(re.findall(r"^([a-z]+)/ ", README, re.MULTILINE))
    assert listed == {*BELOW, "web", "bench"} - {"server"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_that_exist(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / link).exists(), link


def test_each_decision_has_a_number_a_date_and_a_time_to_think_again() -> None:
    text = (CHECKOUT / "docs" / "decisions.md").read_text(encoding="utf-8")
    _, *decisions = re.split(r"^### ", text, flags=re.MULTILINE)
    numbers = [int(decision.partition(".")[0]) for decision in decisions]
    assert sorted(numbers) == list(range(1, len(decisions) + 1))
    for decision in decisions:
        title, _, body = decision.partition("\n")
        assert re.match(r"\d+\. \S", title), title
        assert re.match(r"20\d\d-\d\d-\d\d\. \S", body), title
        assert re.search(r"^(\*Revisit when\* \S|Superseded by \d)", body, re.MULTILINE), title


def test_the_notice_names_every_font() -> None:
    patterns = re.findall(r"documents/fonts/(\S+\.ttf)", (CHECKOUT / "NOTICE").read_text(encoding="utf-8"))
    fonts = [font.name for font in (CHECKOUT / "documents" / "fonts").glob("*.ttf")]
    assert fonts
    assert [font for font in fonts if not any(fnmatch(font, pattern) for pattern in patterns)] == []
