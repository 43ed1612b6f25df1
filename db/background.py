"""Work that a process does again and again beside its requests."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, NoReturn

import structlog

from db.errors import UNAVAILABLE

log = structlog.get_logger()


async def run_forever(name: str, work: Callable[[], Awaitable[float]], *, pause: float) -> NoReturn:
    """Call ``work`` until cancelled, with pauses in between of as many seconds as it returns.

    When it fails, that is logged and the pause is ``pause`` seconds. A failure that persists, such as an
    unreachable database, is logged once.
    """
    last_failure = None
    while True:
        try:
            rest = await work()
        except Exception as error:
            rest = pause
            if (failure := repr(error)) != last_failure:
                last_failure = failure
                _log_failure(name, error)
        else:
            last_failure = None
        await asyncio.sleep(rest)


@asynccontextmanager
async def in_background(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run ``work`` beside this block, and end it with the block."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _log_failure(name: str, error: Exception) -> None:
    if isinstance(error, UNAVAILABLE):
        log.warning("background work waits for the database", work=name, reason=repr(error))
    else:
        log.error("background work failed", work=name, exc_info=error)
