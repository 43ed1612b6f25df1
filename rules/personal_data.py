"""Ley 81 of 2019: what persons may ask about their data, and by when they are answered."""

from datetime import date, timedelta
from functools import cache
from typing import Final

from rules import text
from rules.faults import Code, Fault, Text

ANSWER_DAYS: Final = 10  # business days

LONGEST_REASON: Final = 500

# What stands in place of an erased name. The database's functions have the same text.
ERASED_NAME: Final = "Datos eliminados"

# Days of rest by the Código de Trabajo, art. 46: New Year, Martyrs, Labour, Separation, Colón, Los Santos,
# Independence, Mothers, Mourning, Christmas.
_FIXED: Final = ((1, 1), (1, 9), (5, 1), (11, 3), (11, 5), (11, 10), (11, 28), (12, 8), (12, 20), (12, 25))
_INAUGURATION: Final = (7, 1)  # every five years, as in 2024
_SATURDAY: Final = 5
_SUNDAY: Final = 6


def due_day(received: date) -> date:
    """The last day for an answer: the tenth business day after the one on which the request came.

    >>> str(due_day(date(2026, 9, 1))), str(due_day(date(2026, 10, 30)))
    ('2026-09-15', '2026-11-18')
    """
    day, left = received, ANSWER_DAYS
    while left:
        day += timedelta(days=1)
        left -= is_business_day(day)
    return day


def is_business_day(day: date) -> bool:
    """Whether people work in Panama: not on weekends and national holidays.

    Days that the government gives off by decree aren't known here, so an answer is due too early rather than too late.
    """
    return day.weekday() < _SATURDAY and day not in holidays(day.year)


@cache
def holidays(year: int) -> frozenset[date]:
    """The national holidays, and the Mondays after those that fall on a Sunday (art. 47).

    >>> [str(day) for day in sorted(holidays(2026)) if day.month in (2, 4)]
    ['2026-02-17', '2026-04-03']
    """
    fixed = [*_FIXED, _INAUGURATION] if year % 5 == 4 else _FIXED
    days = {date(year, month, day) for month, day in fixed}
    days |= {day + timedelta(days=1) for day in days if day.weekday() == _SUNDAY}
    easter = easter_sunday(year)
    return frozenset(days | {easter - timedelta(days=47), easter - timedelta(days=2)})


def easter_sunday(year: int) -> date:
    """By the Gregorian calendar's rule, as Meeus, Jones and Butcher wrote it.

    >>> str(easter_sunday(2026)), str(easter_sunday(2038))
    ('2026-04-05', '2038-04-25')
    """
    century, place = divmod(year, 100)
    moon = (19 * (year % 19) + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * (century % 4) + 2 * (place // 4) - moon - place % 4) % 7
    late = (year % 19 + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * late + 114, 31)
    return date(year, month, day + 1)


def check_reason(reason: str | None) -> tuple[Fault, ...]:
    """``reason`` is a clean text."""
    if not reason:
        message = Text("Escribe el motivo.", "Give the reason.")
        return (Fault(("reason",), Code.REQUIRED, message),)
    return text.check(("reason",), reason, 1, LONGEST_REASON, lines=LONGEST_REASON)


def check_received(received: date, today: date) -> tuple[Fault, ...]:
    if received > today:
        message = Text("El día de la solicitud no puede ser futuro.", "The day of the request can't be in the future.")
        return (Fault(("receivedOn",), Code.OUT_OF_RANGE, message),)
    if received.year < 2019:  # before there was the law
        message = Text("El día de la solicitud es demasiado antiguo.", "The day of the request is too long ago.")
        return (Fault(("receivedOn",), Code.OUT_OF_RANGE, message),)
    return ()
