"""The database's clock, by which all workers go, and what people ask for is judged."""

import time
from datetime import UTC, datetime, timedelta

from tortoise.connection import get_connection


async def read_now() -> datetime:
    """When the open transaction has begun, or now."""
    _, rows = await get_connection("default").execute_query("SELECT now() AS now")
    now: datetime = rows[0]["now"]
    return now


class DatabaseClock:
    """Between two readings it goes on by this machine's monotonic clock, which nobody sets."""

    def __init__(self) -> None:
        self._read, self._at = datetime.now(UTC), time.monotonic()

    async def read(self) -> None:
        before = time.monotonic()
        _, rows = await get_connection("default").execute_query("SELECT clock_timestamp() AS now")
        self._read, self._at = rows[0]["now"], before  # no later than it is there

    def now(self) -> datetime:
        return self._read + timedelta(seconds=time.monotonic() - self._at)
