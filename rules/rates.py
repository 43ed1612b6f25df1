"""The rates of the ITBMS, the tax on the transfer of goods and services, by the day they began."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from rules.vocabulary import ItbmsRate


class Rate(NamedTuple):
    """A rate from a day on, and the law that says so. ``fraction`` is 0.07 for 7 %."""

    since: date
    fraction: Decimal
    law: str


_LEY_8: Final = "Ley 8 de 15 de marzo de 2010"
_IN_FORCE: Final = date(2010, 7, 1)

# The newest first. A change of law is a line before the others; what was computed before stays as it was.
RATES: Final[Mapping[ItbmsRate, tuple[Rate, ...]]] = {
    ItbmsRate.EXEMPT: (Rate(_IN_FORCE, Decimal("0.00"), _LEY_8),),
    ItbmsRate.RATE_7: (Rate(_IN_FORCE, Decimal("0.07"), _LEY_8),),  # in general
    ItbmsRate.RATE_10: (Rate(_IN_FORCE, Decimal("0.10"), _LEY_8),),  # alcoholic drinks and lodging
    ItbmsRate.RATE_15: (Rate(_IN_FORCE, Decimal("0.15"), _LEY_8),),  # tobacco
}


def fraction(rate: ItbmsRate, day: date | None = None) -> Decimal:
    """The share of the net amount that is due on a day, by default under the newest law.

    A day before the first law listed goes by that law.

    >>> fraction(ItbmsRate.RATE_7, date(2026, 3, 5))
    Decimal('0.07')
    """
    listed = RATES[rate]
    return next((each for each in listed if day is None or each.since <= day), listed[-1]).fraction
