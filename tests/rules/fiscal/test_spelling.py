"""Places and phones as the DGI takes them."""

import csv
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pac.hka import members
from rules.fiscal import spelling
from rules.fiscal.electronic import takes_email
from tests.conftest import CHECKOUT


def test_every_place_of_the_country_is_spelt_in_capitals_without_accents() -> None:
    with (CHECKOUT / "db" / "seeds" / "locations.csv").open(newline="", encoding="utf-8") as file:
        names = {row[part] for row in csv.DictReader(file) for part in ("province", "district", "corregimiento")}
    spelt = {spelling.place(name) for name in names}
    assert {"PANAMA", "COCLE", "LA PEÑA", "NGABE-BUGLE"} <= {*spelt, *(each.removeprefix("COMARCA ") for each in spelt)}
    odd = {each for each in spelt if not re.fullmatch(r"[A-ZÑ0-9 .,'()/-]{2,50}", each)}
    assert odd == set()


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+5072223456", "222-3456"),
        ("+50766778899", "6677-8899"),
        ("222-3456", "222-3456"),
        ("2223456", "222-3456"),
        ("+15073334444", None),
        ("+573001234567", None),
        ("٢٢٢-٣٤٥٦", None),
        ("222-34567", None),
        ("", None),
    ],
)
def test_a_phone_of_panama_is_spelt_as_the_dgi_wants_and_any_other_left_out(number: str, expected: str | None) -> None:
    assert spelling.phone(number) == expected


@given(st.text(max_size=40) | st.emails())
def test_what_is_sent_has_the_formats_of_the_providers_table(text: str) -> None:
    phone = spelling.phone(text)
    assert phone is None or re.fullmatch(members.PHONE, phone)
    assert not takes_email(text) or re.fullmatch(members.EMAIL, text)
    assert "\n" not in spelling.one_line(text)
