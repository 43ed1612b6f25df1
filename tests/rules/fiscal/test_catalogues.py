"""Units and classes of goods and services."""

import pytest

from rules.faults import Code
from rules.fiscal.catalogues import CLASSES, DEFAULT_UNIT, FAMILIES, UNITS, check_cpbs, check_unit, family


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
