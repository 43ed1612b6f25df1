"""The calendar of invoices, which is Panama's."""

from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

TIME_ZONE: Final = "America/Panama"
PANAMA: Final = ZoneInfo(TIME_ZONE)


def last_moment(day: date) -> datetime:
    """The end of a day in Panama.

    >>> last_moment(date(2026, 11, 23)).isoformat()
    '2026-11-23T23:59:59.999999-05:00'
    """
    return datetime.combine(day, time.max, PANAMA)


def today() -> date:
    """The day in Panama, wherever the server is."""
    return datetime.now(PANAMA).date()
