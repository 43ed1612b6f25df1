"""Work that goes on whatever happens, and says so once."""

import asyncio

import pytest
from structlog.testing import capture_logs

from db.background import run_forever

DATABASE_AWAY = OSError("away")


async def run(outcomes: list[float | Exception]) -> list[tuple[str, str]]:
    """The levels and events that are logged until the outcomes are used up."""

    async def work() -> float:
        if not outcomes:
            raise asyncio.CancelledError
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    with capture_logs() as logs, pytest.raises(asyncio.CancelledError):
        await run_forever("work", work, pause=0.0)
    return [(line["log_level"], line["event"]) for line in logs]


async def test_work_goes_on_after_any_failure() -> None:
    waits, failed = ("warning", "background work waits for the database"), ("error", "background work failed")
    assert await run([0.0, DATABASE_AWAY, 0.0, KeyError("x"), DATABASE_AWAY]) == [waits, failed, waits]


async def test_a_failure_that_goes_on_is_logged_once() -> None:
    assert len(await run([DATABASE_AWAY, DATABASE_AWAY, DATABASE_AWAY])) == 1
    assert len(await run([DATABASE_AWAY, 0.0, DATABASE_AWAY])) == 2


async def test_it_rests_for_as_long_as_the_work_says() -> None:
    loop = asyncio.get_running_loop()
    start = loop.time()
    await run([0.1, 0.0])
    assert loop.time() - start >= 0.1
