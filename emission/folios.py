"""What the provider's count of folios says beside our count of documents. Pure: days are arguments.

The counts are compared from a base on, the first answer of a cycle: what was sent before, by whatever system, doesn't
matter. Of a document whose bytes may have left it isn't known whether it has used a folio, so those are allowed for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from emission.differences import Difference
from pac.emission import Folios
from rules.vocabulary import DifferenceKind

OF_FOLIOS: Final = (
    *(DifferenceKind.FOLIOS_EXTRA, DifferenceKind.FOLIOS_UNUSED, DifferenceKind.FOLIOS_LOW),
    DifferenceKind.LICENCE_ENDS,
)
LICENCE_NEAR: Final = timedelta(days=30)
_LOW: Final = 10  # per cent
_DAY_FORMS: Final = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y")


@dataclass(frozen=True)
class Counts:
    """The documents that the provider has for all we know, and those of which it isn't known whether it has them."""

    known: int
    uncertain: int


@dataclass(frozen=True)
class Base:
    """The counts from which on the provider's and ours are compared, and of which provider and cycle they are."""

    used: int
    known: int
    uncertain: int
    cycle: str


def choose_base(base: Base | None, provider: str, folios: Folios, before: Counts, after: Counts) -> Base | None:
    """The base that holds now; ``before`` and ``after`` are our counts around the provider's answer."""
    if folios.used is None:
        return base
    cycle = f"{provider} {folios.cycle or ''}".strip()
    if base is not None and base.cycle == cycle and base.used <= folios.used:
        return base
    uncertain = max(before.uncertain, after.uncertain) + after.known - before.known
    return Base(folios.used, before.known, uncertain, cycle)


def compare(
    base: Base | None, provider: str, folios: Folios, before: Counts, after: Counts, today: date
) -> Iterator[Difference]:
    """What differs or runs out, each about the provider."""
    if base is not None and folios.used is not None:
        used = folios.used - base.used
        extra = used - (after.known - base.known) - after.uncertain
        unused = before.known - base.known - used - base.uncertain
        if extra > 0:
            yield Difference(DifferenceKind.FOLIOS_EXTRA, provider, extra)
        elif unused > 0:
            yield Difference(DifferenceKind.FOLIOS_UNUSED, provider, unused)
    if folios.available is not None and folios.total is not None and folios.available * 100 < folios.total * _LOW:
        yield Difference(DifferenceKind.FOLIOS_LOW, provider, folios.available)
    ends = read_day(folios.licence_until)
    if ends is not None and ends - today <= LICENCE_NEAR:
        yield Difference(DifferenceKind.LICENCE_ENDS, provider, max((ends - today).days, 0), ends.isoformat())


def read_day(text: str | None) -> date | None:
    """The day that a provider writes; None for what isn't understood, about which nothing is said.

    >>> read_day("2027-01-01 00:00:00"), read_day("31/12/2026"), read_day("pronto")
    (datetime.date(2027, 1, 1), datetime.date(2026, 12, 31), None)
    """
    for form in _DAY_FORMS:
        try:
            return datetime.strptime((text or "").strip()[:10], form).date()
        except ValueError:
            continue
    return None
