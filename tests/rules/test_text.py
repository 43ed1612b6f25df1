"""Cleaning and checking text."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.faults import Code
from rules.text import INVISIBLE, check, clean

# Cleaning


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  Ana \n", "Ana"),
        ("\ufeffAna\u200b", "Ana"),
        ("\u00a0Ana\u3000", "Ana"),
        ("Jose\u0301", "José"),
        ("una\r\ndos", "una dos"),
        ("una \t dos\n\n tres\x0b\u2028cuatro", "una dos tres cuatro"),
        ("\u202a+507 6677-8899\u202c", "+507 6677-8899"),
        ("Ho\u200bte\u00adles\u2066 \ufe0fIstmo", "Hoteles Istmo"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # letters that join without it
        ("👩\u200d🔧", "👩\u200d🔧"),
        ("A\u3164B", "A B"),
        ("Ana  María", "Ana  María"),
        ("", None),
        (" \t\u200b", None),
        ("\u200e\u200f", None),
        ("\u00ad\u00ad", None),
        ("\u2800\u3164\uffa0\u115f", None),
        ("\u0301\u0301", None),
        (None, None),
    ],
)
def test_text_is_stored_trimmed_and_composed(typed: str | None, stored: str | None) -> None:
    assert clean(typed) == stored


def test_a_text_of_several_lines_keeps_its_line_breaks_and_tabs() -> None:
    assert clean(" una\r\ndos\rtres\u2028cuatro\x85cinco\tseis\n", multiline=True) == (
        "una\ndos\ntres\ncuatro\ncinco\tseis"
    )


# What Unicode says of a character: Default_Ignorable_Code_Point, by DerivedCoreProperties.txt of version 15.
IGNORABLE = [0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0x200B, 0x2010)]
IGNORABLE += [*range(0x202A, 0x202F), *range(0x2060, 0x2070), 0x3164, *range(0xFE00, 0xFE10), 0xFEFF, 0xFFA0]
IGNORABLE += [*range(0xFFF0, 0xFFF9), *range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B), *range(0xE0000, 0xE1000)]
VISIBLE_FORMATS = {0x600, 0x601, 0x602, 0x603, 0x604, 0x605, 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}


def shows_nothing(code: int) -> bool:
    category = unicodedata.category(chr(code))
    return category in ("Zs", "Zl", "Zp", "Mn", "Me") or (
        (category == "Cf" or code in IGNORABLE) and code not in VISIBLE_FORMATS
    )


def test_what_shows_nothing_is_no_text_whatever_its_category() -> None:
    codes = [code for code in range(0x110000) if shows_nothing(code)]
    assert len(codes) > 5000
    assert [hex(code) for code in codes if clean(chr(code) * 2) is not None] == []
    assert [hex(code) for code in codes if clean(f" {chr(code)}\u200b{chr(code)}\n", multiline=True) is not None] == []


def test_what_shows_something_stays_whatever_its_category() -> None:
    kept = [
        code
        for code in range(0x110000)
        if unicodedata.category(chr(code))[0] in "LNSP" and code not in IGNORABLE and code != 0x2800
    ]
    assert [hex(code) for code in kept if clean(f"a{chr(code)}") != unicodedata.normalize("NFC", f"a{chr(code)}")] == []


SPECIAL = st.sampled_from([chr(code) for code in IGNORABLE[:60]] + list("aé e\u0301\u0627بक\u094d\n\r\t 👩한ᄀ\u11a8"))


@given(st.text() | st.text(SPECIAL, max_size=12), st.booleans())
def test_cleaning_again_changes_nothing(text: str, multiline: bool) -> None:
    cleaned = clean(text, multiline=multiline)

    assert clean(cleaned, multiline=multiline) == cleaned
    assert cleaned is None or (cleaned and unicodedata.is_normalized("NFC", cleaned))


def codes(text: str | None, shortest: int = 2, longest: int = 5, *, lines: int = 1) -> list[Code]:
    faults = check(("name",), text, shortest, longest, lines=lines)
    assert all(fault.path == ("name",) for fault in faults)
    return [fault.code for fault in faults]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, [Code.REQUIRED]),
        ("a", [Code.INVALID_VALUE]),
        ("ab", []),
        ("abcde", []),
        ("abcdef", [Code.TOO_LONG]),
        ("ñandú", []),
    ],
)
def test_a_text_keeps_to_its_lengths(text: str | None, expected: list[Code]) -> None:
    assert codes(text) == expected


def test_a_text_that_may_be_empty_may_be_missing() -> None:
    assert codes(None, shortest=0) == []


@pytest.mark.parametrize("char", ["\x00", "\x07", "\x1b", "\x7f", "\x9f", "\ud800", "\ufdd0", "\uffff"])
def test_control_characters_are_refused_everywhere(char: str) -> None:
    assert codes(clean(f"a{char}b")) == [Code.INVALID_VALUE]
    assert codes(clean(f"a{char}b", multiline=True), lines=3) == [Code.INVALID_VALUE]


@pytest.mark.parametrize("char", ["\u202e", "\u2066", "\u200f", "\ufeff", "\ufe0f"])
def test_marks_of_direction_and_the_like_are_dropped_everywhere(char: str) -> None:
    assert clean(f"a{char}b") == "ab"
    assert clean(f"a{char}b", multiline=True) == "ab"


@pytest.mark.parametrize("char", ["\n", "\t"])
def test_only_a_text_of_several_lines_has_line_breaks_and_tabs(char: str) -> None:
    assert codes(f"a{char}b") == [Code.INVALID_VALUE]
    assert codes(f"a{char}b", lines=2) == []


def test_a_text_has_no_more_lines_than_there_is_room_for() -> None:
    assert codes("a\nb\nc", lines=3) == []
    assert codes("a\nb\nc", lines=2) == [Code.TOO_LONG]


def test_what_cannot_be_seen_does_not_count_as_a_letter() -> None:
    assert codes("a\u115f") == [Code.INVALID_VALUE]
    assert "\u115f" in INVISIBLE


def test_a_heap_of_accents_is_refused_before_it_costs_time() -> None:
    heap = "a" + "\u0301\u0323" * 200_000

    start = time.process_time()
    assert codes(clean(heap)) == [Code.INVALID_VALUE]
    assert time.process_time() - start < 2
