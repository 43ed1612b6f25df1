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


def read_instant(text: str | None) -> datetime | None:
    """An instant in the ISO's form, in Panama's time, which is also its zone if it names none; None for other texts.

    >>> str(read_instant("2019-05-29T13:32:21+00:00")), str(read_instant("2026-11-23 10:15:03"))
    ('2019-05-29 08:32:21-05:00', '2026-11-23 10:15:03-05:00')
    >>> read_instant("mañana") is None
    True
    """
    try:
        instant = datetime.fromisoformat(text or "")
        return (instant if instant.tzinfo else instant.replace(tzinfo=PANAMA)).astimezone(PANAMA)
    except (ValueError, OverflowError):
        return None
