"""RUCs that may have been meant by a damaged one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.ruc import InvalidRuc, Match, check_dv, parse
from rules.ruc_suggestions import MAX_SUGGESTIONS, suggestions
from tests.rules.test_ruc import ANY_TEXT, DVS, TAXPAYERS


@pytest.mark.parametrize(
    ("text", "dv", "suggested"),
    [
        ("8-1-12607", "01", "8-NT-1-12607"),
        ("8-1-12607-01", None, "8-NT-1-12607"),
        ("8-1-24", "33", "8-NT-1-24"),
        ("8-1-1234567", None, "8-NT-1-1234567"),
        ("1556557158-2-2017", "56", "155657158-2-2017"),
        ("1556557158-2-2017 DV 56", None, "155657158-2-2017"),
        ("155724460-22022", None, "155724460-2-2022"),
        ("1557244602-2022", None, "155724460-2-2022"),
        ("155724460-2022", None, "155724460-2-2022"),
        ("25049890-2022", None, "25049890-3-2022"),
        ("1719593-690057", None, "1719593-1-690057"),
        ("1719593-690057 DV 59", None, "1719593-1-690057"),
        ("1719593-690057", "59", "1719593-1-690057"),
        ("155724460 - 22022 DV 00", None, "155724460-2-2022"),
        ("8783-1657", "23", "8-783-1657"),
        ("E-8127702", "16", "E-8-127702"),
        ("8NT-113656", "43", "8-NT-1-13656"),
    ],
)
def test_common_damage_brings_the_ruc_that_was_meant(text: str, dv: str | None, suggested: str) -> None:
    assert suggestions(text, dv) == (suggested,)


@pytest.mark.parametrize(
    ("text", "dv"),
    [
        ("155596713-2-2015", None),  # a RUC, and nothing against it
        ("155596713-2-2015", "59"),
        ("8-NT-1-24", "33"),
        ("8-1-12607", None),
        ("8-1-12607", "00"),  # filler
        ("155596713-2-2015", "95"),  # swapped, and no other number has it
        ("1719593-690057", "60"),
        ("E-8127702", None),  # cut at one of six places: a guess
        ("15570307122021", None),
        ("PAS1311723564", None),
        ("CIP-000-000-0000", None),
        ("", None),
    ],
)
def test_where_nothing_better_is_known_nothing_is_suggested(text: str, dv: str | None) -> None:
    assert suggestions(text, dv) == ()


def test_every_number_that_fits_the_dv_is_suggested() -> None:
    assert suggestions("8-7831657", "23") == ("8-783-1657", "8-7831-657")


def test_a_refusal_carries_the_text_whose_suggestions_there_are() -> None:
    with pytest.raises(InvalidRuc) as refusal:
        parse("155724460-22022")
    assert suggestions(refusal.value.text) == ("155724460-2-2022",)


@given(ANY_TEXT | TAXPAYERS, st.none() | DVS.map("{:02}".format))
def test_suggestions_are_few_canonical_and_fit_the_dv(text: str, dv: str | None) -> None:
    found = suggestions(text, dv)
    assert len(found) <= MAX_SUGGESTIONS
    for each in found:
        ruc = parse(each)
        assert (ruc.canonical, ruc.written_dv) == (each, None)
        assert dv in (None, "00") or isinstance(check_dv(ruc, dv or ""), Match)
