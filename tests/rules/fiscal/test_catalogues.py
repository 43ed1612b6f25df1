"""Units and classes of goods and services."""

import pytest

from rules.faults import Code, Refusal
from rules.fiscal.catalogues import (
    CLASSES,
    CPBS_SEARCH,
    DEFAULT_UNIT,
    FAMILIES,
    PAYMENT_METHODS,
    PAYMENT_NAMES,
    PAYMENT_SEARCH,
    UNIT_SEARCH,
    UNITS,
    Search,
    check_cpbs,
    check_unit,
    family,
)
from rules.keys import search_key
from rules.vocabulary import PaymentMethod

ALL = 1000
ENTRIES = [
    *((UNIT_SEARCH, code, name) for code, name in UNITS.items()),
    *((CPBS_SEARCH, code, name) for code, name in CLASSES.items()),
    *((PAYMENT_SEARCH, code, name) for code, method in PAYMENT_METHODS.items() for name in PAYMENT_NAMES[method]),
]


def test_the_catalogues_are_those_of_the_dgi() -> None:
    assert (len(UNITS), len(FAMILIES), len(CLASSES)) == (164, 56, 421)
    assert DEFAULT_UNIT in UNITS
    assert {family(code) for code in CLASSES} == FAMILIES.keys()
    assert all({*UNITS.values(), *FAMILIES.values(), *CLASSES.values()})


@pytest.mark.parametrize("code", UNITS)
def test_each_unit_is_taken_as_the_dgi_writes_it(code: str) -> None:
    assert check_unit(("unit",), code) == ()
    other = code.swapcase()
    if other != code and other not in UNITS:
        [fault] = check_unit(("unit",), other)
        assert (fault.code, fault.expected) == (Code.UNKNOWN_UNIT, (code,))


@pytest.mark.parametrize("code", ["", "unidad", "und ", "UNIDAD\0"])
def test_another_unit_is_refused(code: str) -> None:
    [fault] = check_unit(("lines", "0", "unit"), code)
    assert (fault.path, fault.code, fault.expected) == (("lines", "0", "unit"), Code.UNKNOWN_UNIT, ())


@pytest.mark.parametrize("code", ["", "43", "4300", "43211", "٤٣٢١", "abcd"])
def test_only_classes_of_four_digits_are_taken(code: str) -> None:
    [fault] = check_cpbs(("cpbs",), code)
    assert (fault.path, fault.code) == (("cpbs",), Code.UNKNOWN_CPBS)


def test_each_form_of_payment_has_names_and_a_code() -> None:
    assert {*PAYMENT_METHODS.values()} == {*PAYMENT_NAMES} == {*PaymentMethod}
    assert [*PAYMENT_METHODS] == sorted(PAYMENT_METHODS)


@pytest.mark.parametrize(("search", "code", "name"), ENTRIES)
def test_each_entry_is_found_by_its_code_and_its_words(search: Search, code: str, name: str) -> None:
    assert search.find(code, 1) == search.find(f"  {code} ", 1) == [code]
    for end in range(1, len(code) + 1):
        assert code in search.find(code[:end], ALL)
    words = search_key(name).split()[:15]
    assert code in search.find(" ".join(reversed(words)), ALL)
    assert code in search.find(name[:100].upper(), ALL)
    assert code in search.find(" ".join(word[:4] for word in words), ALL)
    assert code in search.find(f"{words[0]} {code}", ALL)


@pytest.mark.parametrize("query", [None, "", "  ", "\u200b"])
def test_without_words_all_are_listed_in_the_order_of_the_dgi(query: str | None) -> None:
    assert UNIT_SEARCH.find(query or "", ALL) == [*UNITS]
    assert CPBS_SEARCH.find(query or "", ALL) == [*CLASSES]
    assert PAYMENT_SEARCH.find(query or "", 3) == ["01", "02", "03"]


@pytest.mark.parametrize(
    ("search", "query", "found"),
    [
        (UNIT_SEARCH, "MW", ["MW", "MWh"]),  # and not mW
        (UNIT_SEARCH, "hora", ["Hora", "Hora trabajo", "Hora extra"]),
        (UNIT_SEARCH, "unidad", ["und"]),
        (UNIT_SEARCH, "segundo", ["Seg"]),
        (CPBS_SEARCH, "44", ["4410", "4411", "4412"]),
        (CPBS_SEARCH, "4412 suministros", ["4412"]),
        (CPBS_SEARCH, "papel", ["1412", "1410"]),  # begins with it, has it
        (PAYMENT_SEARCH, "CREDITO", ["01", "03"]),
        (PAYMENT_SEARCH, "tarjeta", ["03", "04", "05", "07"]),
        (PAYMENT_SEARCH, "gift", ["07"]),
    ],
)
def test_what_is_meant_most_likely_comes_first(search: Search, query: str, found: list[str]) -> None:
    assert search.find(query, len(found)) == found


def test_the_name_of_a_family_finds_its_classes_after_those_that_have_the_words_themselves() -> None:
    found = CPBS_SEARCH.find("servicios educativos", ALL)
    assert {code for code in CLASSES if family(code) == "86"} <= {*found}
    places = ["servicios educativos" in search_key(CLASSES[code]) for code in found]
    assert places == sorted(places, reverse=True)


@pytest.mark.parametrize("query", ["%", "_", "☕", "zzz", "papel zzz", "4399"])
def test_what_no_entry_has_finds_none(query: str) -> None:
    assert CPBS_SEARCH.find(query, ALL) == []


@pytest.mark.parametrize("query", ["x" * 201, " ".join(map(str, range(21)))])
def test_a_search_that_is_too_long_is_refused(query: str) -> None:
    with pytest.raises(Refusal):
        UNIT_SEARCH.find(query, ALL)
