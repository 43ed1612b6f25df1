"""The DV against the DGI's text, laid out again in 20 positions and summed the slow way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.dv import juridical_dv, natural_dv, nt_dv


def part(longest: int, shortest: int = 1) -> st.SearchStrategy[str]:
    return st.integers(10 ** (shortest - 1), 10**longest - 1).map(str)


PROVINCES = st.integers(1, 13).map(str)

# "Tabla de referencia cruzada", pair by pair.
PRINTED = """
00>00 10>01 11>02 12>03 13>04 14>05 15>06 16>07 17>08 18>09 19>01 20>02 21>03 22>04 23>07 24>08 25>09
26>02 27>03 28>04 29>05 30>06 31>07 32>08 33>09 34>01 35>02 36>03 37>04 38>05 39>06 40>07 41>08 42>09
43>01 44>02 45>03 46>04 47>05 48>06 49>07
"""
CROSS_REFERENCE = dict(pair.split(">") for pair in PRINTED.split())


def slow_digit(positions: str, *, old: bool, last_weight: int = 99) -> str:
    total, weight, doubled = 0, 2, False
    for digit in positions[::-1]:
        if old and weight == 12 and not doubled:
            weight, doubled = 11, True
        if weight <= last_weight:
            total += weight * int(digit)
        weight += 1
    return {0: "0", 1: "0"}.get(total % 11) or str(11 - total % 11)


def slow_dv(positions: str, *, old: bool = False, last_weight: int = 99) -> str:
    positions = positions.rjust(20, "0")
    first = slow_digit(positions, old=old, last_weight=last_weight)
    return first + slow_digit(positions + first, old=old, last_weight=last_weight)


FIRST_NUMBERS = part(10) | (st.integers(1, 60_000) | st.integers(20_000_000, 20_060_000)).map(str)


@given(FIRST_NUMBERS, part(4), part(6))
def test_a_company_lies_on_ten_four_and_six_positions(first: str, second: str, third: str) -> None:
    positions = f"{first:0>10}{second:0>4}{third:0>6}"
    old = positions[3] == "0" and positions[4] == "0" and positions[5] in "01234"
    if old:
        positions = positions[:5] + CROSS_REFERENCE.get(positions[5:7], positions[5:7]) + positions[7:]
    assert juridical_dv(first, second, third) == slow_dv(positions, old=old)


@given(PROVINCES, part(3), part(5))
def test_a_cedula_lies_behind_a_5_with_two_positions_for_the_province(province: str, tomo: str, asiento: str) -> None:
    assert natural_dv("", province, tomo, asiento) == slow_dv(f"5{province:0>2}00{tomo:0>3}{asiento:0>5}")


@given(PROVINCES, part(4, 4), part(5))
def test_a_tomo_of_four_digits_pushes_the_province_to_the_left(province: str, tomo: str, asiento: str) -> None:
    assert natural_dv("", province, tomo, asiento) == slow_dv(f"5{province:0>2}00{tomo}{asiento:0>5}")


@given(st.sampled_from([("E", "50"), ("N", "40"), ("PE", "75")]), part(3), part(5))
def test_a_letter_in_front_has_a_code_and_no_province(letter: tuple[str, str], tomo: str, asiento: str) -> None:
    assert natural_dv(letter[0], "", tomo, asiento) == slow_dv(f"500{letter[1]}{tomo:0>3}{asiento:0>5}")


@given(st.sampled_from([("AV", "15"), ("PI", "79")]), PROVINCES, part(3), part(5))
def test_a_letter_behind_the_province_has_a_code(
    letter: tuple[str, str], province: str, tomo: str, asiento: str
) -> None:
    expected = slow_dv(f"5{province:0>2}{letter[1]}{tomo:0>3}{asiento:0>5}")
    assert natural_dv(letter[0], province, tomo, asiento) == expected


@given(part(3), part(6, 6))
def test_an_asiento_of_six_digits_pushes_the_foreigners_code_to_the_left(tomo: str, asiento: str) -> None:
    assert natural_dv("E", "", tomo, asiento) == slow_dv(f"50050{tomo:0>3}{asiento}")


@given(st.sampled_from([("E", "50", ""), ("AV", "15", "8"), ("PI", "79", "13")]), part(4, 4), part(5))
def test_with_a_letter_and_a_tomo_of_four_digits_the_sum_ends_after_weight_11(
    letter: tuple[str, str, str], tomo: str, asiento: str
) -> None:
    name, code, province = letter
    expected = slow_dv(f"5{province:0>2}{code}{tomo}{asiento:0>5}", last_weight=11)
    assert natural_dv(name, province, tomo, asiento) == expected


@given(PROVINCES, part(3), part(6))
def test_an_nt_has_the_code_43_and_a_5_before_a_person(province: str, tomo: str, asiento: str) -> None:
    positions = f"{province:0>2}43{tomo:0>3}{asiento:0>5}"
    assert nt_dv(province, tomo, asiento, natural=True) == slow_dv("5" + positions)
    assert nt_dv(province, tomo, asiento, natural=False) == slow_dv(positions)


@given(PROVINCES, part(3), part(7, 7), st.booleans())
def test_an_nt_of_seven_digits_counts_five(province: str, tomo: str, asiento: str, natural: bool) -> None:
    assert nt_dv(province, tomo, asiento, natural=natural) == nt_dv(province, tomo, asiento[:5], natural=natural)


@pytest.mark.parametrize(
    ("letter", "province", "tomo", "asiento"),
    [
        ("", "8", "123", "123456"),
        ("", "8", "1234", "123456"),
        ("E", "", "1234", "123456"),
        ("N", "", "1234", "12345"),
        ("N", "", "123", "123456"),
        ("PE", "", "1234", "567"),
    ],
)
def test_parts_that_the_document_does_not_foresee_have_no_dv(
    letter: str, province: str, tomo: str, asiento: str
) -> None:
    assert natural_dv(letter, province, tomo, asiento) is None


def test_old_companies_end_below_50000() -> None:
    assert juridical_dv("49999", "1", "1") == slow_dv("00000" + "07" + "999" + "0001" + "000001", old=True)
    assert juridical_dv("50000", "1", "1") == slow_dv("0000050000" + "0001" + "000001")
