"""Which characters can be printed, for fonts of which the characters are known."""

import time

import pytest

from rules.faults import Code
from rules.printing import Printable

LATIN = Printable([range(0x20, 0x250)])
WITH_JOINERS = Printable([[*range(0x20, 0x250), 0x200C, 0x200D, 0xE000]])
# The first font has letters and accents, the second a star and ZWJ, the third all but the accents.
SEVERAL = Printable([[*range(0x20, 0x370)], [0x2605, 0x200D], [*range(0x20, 0x250), 0x2605, 0x263A, 0x200D]])


@pytest.mark.parametrize(
    ("text", "missing", "shown"),
    [
        ("Ñandú, S.A.", "", "Ñandú, S.A."),
        ("日本 日", "日本", "�� �"),
        ("línea\n\tsangría\u00a0fija", "", "línea\n\tsangría\u00a0fija"),
        ("in\u200bvi\u00adsi\ufeffble\ufe0f", "", "invisible"),
        ("\u202efdp", "", "fdp"),
        ("a\u200db", "", "ab"),
        ("\ue000", "\ue000", "�"),
        ("\ud800\x07\U0010ffff", "\ud800\x07\U0010ffff", "���"),
    ],
)
def test_what_is_missing_and_what_is_shown(text: str, missing: str, shown: str) -> None:
    assert LATIN.missing(text) == missing
    assert LATIN.replace(text) == shown


def test_joiners_stay_where_a_font_has_them_and_private_characters_never_do() -> None:
    assert WITH_JOINERS.replace("a\u200cb\u200d") == "a\u200cb\u200d"
    assert WITH_JOINERS.missing("\ue000") == "\ue000"


@pytest.mark.parametrize(
    ("text", "missing", "shown"),
    [
        ("★a\u0301", "", "★a\u0301"),
        ("★\u0301", "\u0301", "★�"),
        ("x\u0323\u0301", "", "x\u0323\u0301"),
        ("★\u0323\u0301 ★", "\u0323\u0301", "★�� ★"),
        ("日\u0301", "日\u0301", "��"),
        ("\n\u1abf", "\u1abf", "\n�"),
        (" \u0301", "", " \u0301"),
        ("\u0301", "", "\u0301"),
        ("★\ufe0f\u0301", "\u0301", "★�"),
        ("a\ufe0f\u0301", "", "a\u0301"),
        ("★\u200d☺", "", "★\u200d☺"),
        ("★\u200d日", "日", "★�"),
        ("★\u200d☺a\u0301", "", "★\u200d☺a\u0301"),
        ("★\u200dx\u0323", "", "★x\u0323"),
        ("★\u200d\u0301", "\u0301", "★�"),
    ],
)
def test_a_letter_and_its_marks_need_one_font_that_has_them_all(text: str, missing: str, shown: str) -> None:
    assert SEVERAL.missing(text) == missing
    assert SEVERAL.replace(text) == shown


def test_a_long_text_is_checked_in_no_time() -> None:
    for text in ("★" + "\u1abf" * 200_000, "★\u0301" * 1000, "a" + "\u0301" * 2000, "a\u200d" * 1000, "\u200d" * 2000):
        begin = time.thread_time()
        SEVERAL.missing(text)
        assert time.thread_time() - begin < 0.5


def test_the_message_names_the_first_ten_characters() -> None:
    (fault,) = LATIN.check(("notes",), "一二三四五六七八九十百千")
    assert (fault.path, fault.code) == (("notes",), Code.UNPRINTABLE)
    assert "一 二 三 四 五 六 七 八 九 十 …" in fault.message.es
    (unnamed,) = LATIN.check(("notes",), "\ue000\ud800")
    assert "U+E000 U+D800" in unnamed.message.en
    (mark,) = SEVERAL.check(("notes",), "★\u0301")
    assert ": U+0301." in mark.message.en
    assert list(LATIN.check(("notes",), None)) == []
