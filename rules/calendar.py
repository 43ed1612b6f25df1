"""The calendar of invoices, which is Panama's."""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

PANAMA: Final = ZoneInfo("America/Panama")


def today() -> date:
    """The day in Panama, wherever the server stands."""
    return datetime.now(PANAMA).date()
