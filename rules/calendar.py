"""The calendar of invoices, which is Panama's."""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

TIME_ZONE: Final = "America/Panama"
PANAMA: Final = ZoneInfo(TIME_ZONE)


def today() -> date:
    """The day in Panama, wherever the server is."""
    return datetime.now(PANAMA).date()
