"""The worker: dispatches events and delivers them, in every process that runs one."""

import asyncio
import time
from collections.abc import Iterable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

import structlog
from tortoise.connection import get_connection

from announcements import deliveries, mail, webhooks
from announcements.deliveries import Lane
from announcements.settings import Settings
from db import tenant
from db.errors import UNAVAILABLE
from documents.render import Renderer
from resolvers import outbox

_AT_ONCE: Final = 500  # events dispatched by one statement
_PAUSE: Final = 2.0  # seconds after trouble
_FORGET_EVERY: Final = 3600.0  # seconds
_FORGET_AT_ONCE: Final = 5000
_GRACE: Final = 10.0  # seconds for deliveries under way at the end

log = structlog.get_logger()


class Worker:
    """Enter it where Tortoise is set up. Any number may work on one database; each lane is served by a task."""

    def __init__(self, settings: Settings, renderer: Renderer) -> None:
        self._settings = settings
        self._webhooks = webhooks.Sender(local=settings.local_webhooks)
        self._post = mail.Post(settings, renderer)
        self._lanes: dict[Lane, asyncio.Task[None]] = {}
        self._stopping = False
        self._forget_at = 0.0

    async def run(self) -> None:
        """Work until cancelled; then end what is under way. What that leaves, others find when its claims are over."""
        self._post.introduce()
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._webhooks)
            stack.push_async_callback(self._end)
            while True:
                try:
                    dispatched = await self._round()
                except UNAVAILABLE as error:
                    log.warning("worker waits for the database", reason=repr(error))
                    await asyncio.sleep(_PAUSE)
                except Exception as error:
                    log.error("worker failed", exc_info=error)
                    await asyncio.sleep(_PAUSE)
                else:
                    if dispatched < _AT_ONCE:
                        await asyncio.sleep(self._settings.poll)

    async def _round(self) -> int:
        dispatched = await outbox.dispatch(_AT_ONCE)
        for lane in await deliveries.due():
            if lane not in self._lanes:
                self._lanes[lane] = task = asyncio.create_task(self._serve(lane))
                task.add_done_callback(partial(self._leave, lane))
        if time.monotonic() >= self._forget_at:
            await forget(self._settings.retention)
            await forget_idempotency_keys()
            await forget_sessions()
            self._forget_at = time.monotonic() + _FORGET_EVERY
        return dispatched

    def _leave(self, lane: Lane, _task: asyncio.Task[None]) -> None:
        del self._lanes[lane]

    async def _serve(self, lane: Lane) -> None:
        with tenant.acting_for(lane.account_id):
            try:
                while not self._stopping and await self._serve_some(lane):
                    pass
            except Exception as error:
                log.warning("a lane failed", account=str(lane.account_id), exc_info=error)
                await asyncio.sleep(_PAUSE)

    async def _serve_some(self, lane: Lane) -> bool:
        return await (self._post.serve() if lane.webhook_id is None else self._webhooks.serve(lane.webhook_id))

    async def _end(self) -> None:
        self._stopping = True
        lanes: Iterable[asyncio.Task[None]] = list(self._lanes.values())
        if lanes:
            _, late = await asyncio.wait(lanes, timeout=_GRACE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


async def forget(retention: float) -> None:
    """Forget events that were dispatched long ago and have nothing left to deliver."""
    await _repeat("SELECT forget_events($2, $1)", datetime.now(UTC) - timedelta(seconds=retention))


async def forget_idempotency_keys() -> None:
    """Forget the keys of requests that may no longer be repeated: those older than seven days."""
    await _repeat("SELECT forget_idempotency_keys($1)")


async def forget_sessions() -> None:
    """Forget what was signed in with, once it is over."""
    await _repeat("SELECT forget_sessions($1)")


async def _repeat(statement: str, *arguments: Any) -> None:
    """Forget some at a time, so that no transaction gets long."""
    while True:
        _, rows = await get_connection("default").execute_query(statement, [_FORGET_AT_ONCE, *arguments])
        if rows[0][0] < _FORGET_AT_ONCE:
            return
