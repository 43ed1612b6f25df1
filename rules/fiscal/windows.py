"""Until when a document may be sent and voided.

>>> from datetime import datetime
>>> windows = Windows(datetime.fromisoformat("2026-11-23T10:15:00-05:00"))
>>> str(windows.last_day_to_send), str(windows.void_offered_until), str(windows.void_possible_until)
('2026-12-23', '2026-11-30 10:15:00-05:00', '2026-12-01 00:15:00-05:00')
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Final

from rules.calendar import PANAMA

# Providers say "7 days" (The Factory HKA) or 182 hours (others, quoting the DGI's rule CA06). We offer the shorter one.
VOID_OFFERED: Final = timedelta(days=7)
VOID_POSSIBLE: Final = timedelta(hours=182)
DAYS_FOR_NOTES: Final = 180  # rule 1714
DAYS_TO_SEND: Final = 30  # a document that is sent later gets the DGI's notice 1519


class VoidWindow(Enum):
    """Whether a document may still be voided: LATE is with a warning, since the provider may refuse it."""

    OPEN = "OPEN"
    LATE = "LATE"
    CLOSED = "CLOSED"


@dataclass(frozen=True)
class Windows:
    """The windows of a document, by when it was emitted; all instants are in Panama's time."""

    emitted_at: datetime

    @property
    def void_offered_until(self) -> datetime:
        return (self.emitted_at + VOID_OFFERED).astimezone(PANAMA)

    @property
    def void_possible_until(self) -> datetime:
        return (self.emitted_at + VOID_POSSIBLE).astimezone(PANAMA)

    @property
    def last_day_to_send(self) -> date:
        return self.emitted_at.astimezone(PANAMA).date() + timedelta(days=DAYS_TO_SEND)

    @property
    def last_day_for_notes(self) -> date:
        return self.emitted_at.astimezone(PANAMA).date() + timedelta(days=DAYS_FOR_NOTES)

    def may_be_sent(self, now: datetime) -> bool:
        """Whether a document may still be sent for the first time, under this number or another one."""
        return now.astimezone(PANAMA).date() <= self.last_day_to_send

    def void_window(self, now: datetime) -> VoidWindow:
        if now <= self.void_offered_until:
            return VoidWindow.OPEN
        return VoidWindow.LATE if now <= self.void_possible_until else VoidWindow.CLOSED
