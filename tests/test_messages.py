"""Messages for people read well with each number: "1 facturas" doesn't."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from emission.differences import MESSAGES
from rules import text

_CHECKOUT = Path(__file__).parents[1]
_PACKAGES = ("announcements", "documents", "emission", "lookup", "resolvers", "rules", "schema", "transport")
# A number that may be 1, with a word after it that would have to follow it: "{count} facturas".
_INFLECTED = re.compile(r"\{(count|limit)[^{}]*\}\s+[^\W\d_]")


def templates() -> Iterator[tuple[Path, str]]:
    for package in _PACKAGES:
        for path in sorted((_CHECKOUT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield path, node.value


def test_no_word_of_a_message_depends_on_a_count() -> None:
    found = [(path.name, template) for path, template in templates() if re.search(r"\{(count|limit)\b", template)]
    assert len(found) > 10
    assert [each for each in found if _INFLECTED.search(each[1])] == []


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.value)
def test_a_difference_of_one_is_told_as_one_of_many_is(kind: object) -> None:
    message = MESSAGES[kind].format(subject="x", count=1, detail="x")  # type: ignore[index]
    for words in (message.es, message.en):
        assert not re.search(r"\b1 [^\W\d_]", words)


def test_a_text_that_is_too_short_lacks_one_character() -> None:
    [fault] = text.check(("notes",), "\u00ad", 1, 10)
    assert (fault.message.es, fault.message.en) == (
        "Escribe al menos 1 carácter; hay 0.",
        "Write at least 1 character; there are 0.",
    )
