import base64
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import orjson
import pytest
from tortoise.context import TortoiseContext

from projection import BadCursor, Order, Page
from tests.projection.toys import BookRow

ID = UUID(int=7)


def cursor(*parts: Any) -> str:
    return base64.b64encode(orjson.dumps(parts)).decode()


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (str, 'ñ"\\', 'ñ"\\'),
        (int, "-3", -3),
        (date.fromisoformat, "2026-11-24", date(2026, 11, 24)),
        (datetime.fromisoformat, "2026-11-24T05:00:00.000001Z", datetime(2026, 11, 24, 5, 0, 0, 1, UTC)),
        (datetime.fromisoformat, "2026-11-24T00:00:00-05:00", datetime(2026, 11, 24, 5, tzinfo=UTC)),
    ],
)
def test_a_cursor_gives_back_its_place(parse: Any, text: str, value: Any) -> None:
    assert Order("name", "name", parse=parse).cursor_parts(cursor("name", False, text, str(ID))) == (value, ID)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "garbled",
        "ñ",
        "\0",
        "x" * 1_000_000,
        base64.b64encode(b"\xff").decode(),
        base64.b64encode(b"[" * 100_000).decode(),
        base64.b64encode(b'["name", false, "\\ud800", "%s"]' % str(ID).encode()).decode(),
        cursor(),
        cursor("name", False, "a"),
        cursor("name", False, "a", str(ID), 1),
        cursor("other", False, "a", str(ID)),
        cursor("name", True, "a", str(ID)),
        cursor(["name"], False, "a", str(ID)),
        cursor("name", False, None, str(ID)),
        cursor("name", False, 3, str(ID)),
        cursor("name", False, "a", None),
        cursor("name", False, "a", 3),
        cursor("name", False, "a", "nobody"),
        cursor("name", False, "a\0b", str(ID)),
        cursor("name", False, "a", str(ID))[1:],
    ],
)
def test_a_cursor_of_another_order_is_refused(text: str) -> None:
    with pytest.raises(BadCursor):
        Order("name", "name").cursor_parts(text)


@pytest.mark.parametrize(
    ("parse", "key"),
    [
        (int, "x"),
        (int, "9" * 30),
        (int, "9" * 5_000),
        (int, str(2**63)),
        (date.fromisoformat, "2026-02-30"),
        (datetime.fromisoformat, "2026-11-24T00:00:00"),
        (datetime.fromisoformat, "0001-01-01T00:00:00+14:00"),
        (datetime.fromisoformat, "9999-12-31T23:59:59-14:00"),
    ],
)
def test_a_cursor_of_a_value_that_no_column_can_hold_is_refused(parse: Any, key: str) -> None:
    with pytest.raises(BadCursor):
        Order("name", "name", parse=parse).cursor_parts(cursor("name", False, key, str(ID)))


def test_a_page_is_of_a_whole_list(database: TortoiseContext) -> None:
    with pytest.raises(ValueError, match="limit"):
        Page(BookRow.all().limit(3), Order("title", "title"), 1)
    with pytest.raises(ValueError, match="offset"):
        Page(BookRow.all().offset(3), Order("title", "title"), 1)
