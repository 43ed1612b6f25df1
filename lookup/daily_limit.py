"""How many questions an account may ask the registries in a day, of Panama and by the database's clock.

Each question costs the operator a call of a provider, and its answer is somebody's name.
"""

from datetime import datetime
from typing import Any, Final

from tortoise.connection import get_connection

from db import tenant


class DailyLimitReached(Exception):
    """The account has asked as many questions as it may today, ``limit``. It may go on at the time ``until``."""

    def __init__(self, limit: int, until: datetime) -> None:
        super().__init__(f"questions asked: {limit}; the next may be asked at {until}")
        self.limit = limit
        self.until = until


async def count_question(limit: int) -> None:
    """Count a question of the account's; raises ``DailyLimitReached``. A ``limit`` of 0 is none."""
    if limit:
        _, rows = await get_connection("default").execute_query(_COUNT, [tenant.current_account(), limit])
        row: Any = rows[0]
        if not row["granted"]:
            raise DailyLimitReached(limit, row["until"])


_TODAY: Final = "(now() AT TIME ZONE 'America/Panama')::date"

_COUNT: Final = f"""
    WITH counted AS (
        INSERT INTO lookup_count (account_id, day, questions) VALUES ($1, {_TODAY}, 1)
        ON CONFLICT (account_id, day) DO UPDATE SET questions = lookup_count.questions + 1
            WHERE lookup_count.questions < $2
        RETURNING 1
    )
    SELECT EXISTS (SELECT FROM counted) AS granted,
           ({_TODAY} + 1)::timestamp AT TIME ZONE 'America/Panama' AS until
"""
