"""The rate of a day is the newest that had begun."""

from datetime import date
from decimal import Decimal

import pytest

from rules import rates
from rules.rates import RATES, Rate, fraction
from rules.vocabulary import ItbmsRate


def test_the_newest_rate_comes_first() -> None:
    for listed in RATES.values():
        assert list(listed) == sorted(listed, key=lambda rate: rate.since, reverse=True)
        assert all(rate.law for rate in listed)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2030, 1, 1), "0.08"),
        (date(2029, 12, 31), "0.07"),
        (date(1990, 1, 1), "0.07"),  # before the first law listed
        (None, "0.08"),
    ],
)
def test_a_change_of_law_counts_from_its_day_on(
    monkeypatch: pytest.MonkeyPatch, day: date | None, expected: str
) -> None:
    older = RATES[ItbmsRate.RATE_7]
    newer = Rate(date(2030, 1, 1), Decimal("0.08"), "Ley de prueba")
    monkeypatch.setattr(rates, "RATES", {**RATES, ItbmsRate.RATE_7: (newer, *older)})

    assert fraction(ItbmsRate.RATE_7, day) == Decimal(expected)
