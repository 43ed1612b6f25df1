"""The worker: dispatches events and delivers them. Any number may work on one database."""

import asyncio
import time
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog
from tortoise.connection import get_connection

from announcements import deliveries
from announcements.deliveries import Lane
from announcements.mail import MailSender
from announcements.settings import Settings
from announcements.webhooks import WebhookSender
from db import tenant
from db.background import in_background, run_forever
from db.notifications import EVENTS, listen
from documents.render import Renderer
from resolvers import outbox
from resolvers.scope import uuid_of

_AT_ONCE: Final = 500  # events dispatched by one statement
_PAUSE: Final = 2.0  # seconds after a failure
_FORGET_EVERY: Final = 3600.0  # seconds
_FORGET_AT_ONCE: Final = 5000
_GRACE: Final = 10.0  # seconds for deliveries under way at the end

log = structlog.get_logger()


class Worker:
    """Run it where Tortoise is set up. Each lane with something due is served by a task of its own."""

    def __init__(self, settings: Settings, renderer: Renderer) -> None:
        self._settings = settings
        self._webhooks = WebhookSender(local=settings.local_webhooks)
        self._mail = MailSender(settings, renderer)
        self._lanes: dict[Lane, asyncio.Task[None]] = {}
        self._is_stopping = False
        self._forget_at = 0.0
        self._is_woken = asyncio.Event()

    async def run(self, url: str | None = None) -> None:
        """Work until cancelled, then finish what is under way. Other workers take up the rest when its claims end.

        By ``url``, which leads to PostgreSQL itself, it hears of deliveries; without it, it looks for them alone.
        """
        self._mail.warn_without_server()
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._webhooks)
            stack.push_async_callback(self._stop)
            if url:
                await stack.enter_async_context(in_background(self._listen(url)))
            await run_forever("worker", self._work, pause=_PAUSE)

    async def _listen(self, url: str) -> None:
        async def work() -> float:
            await listen(url, {EVENTS: lambda _: self._is_woken.set()}, begun=self._is_woken.set)
            return _PAUSE

        await run_forever("listening for deliveries", work, pause=_PAUSE)

    async def _work(self) -> float:
        self._is_woken.clear()
        dispatched = await outbox.dispatch_missed(_AT_ONCE)
        for lane in await deliveries.find_due_lanes():
            if lane not in self._lanes:
                self._lanes[lane] = task = asyncio.create_task(self._serve(lane))
                task.add_done_callback(partial(self._forget_lane, lane))
        if time.monotonic() >= self._forget_at:
            await forget_events(self._settings.retention)
            await forget_idempotency_keys()
            await forget_sessions()
            await forget_document_links()
            await forget_imports()
            await forget_merges()
            await forget_mail_files(self._settings.mail_folder)
            if self._settings.audit_years is not None:
                await forget_audit_events(self._settings.audit_years)
            self._forget_at = time.monotonic() + _FORGET_EVERY
        if dispatched < _AT_ONCE:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._settings.poll):
                    await self._is_woken.wait()
        return 0.0

    def _forget_lane(self, lane: Lane, _task: asyncio.Task[None]) -> None:
        del self._lanes[lane]

    async def _serve(self, lane: Lane) -> None:
        """Deliver all that is due in the lane."""
        with tenant.acting_for(lane.account_id):
            try:
                while not self._is_stopping and await self._send_due(lane):
                    pass
            except Exception as error:
                log.warning("a lane failed", account=str(lane.account_id), exc_info=error)
                await asyncio.sleep(_PAUSE)

    async def _send_due(self, lane: Lane) -> bool:
        if lane.webhook_id is None:
            return await self._mail.send_due()
        return await self._webhooks.send_due(lane.webhook_id)

    async def _stop(self) -> None:
        self._is_stopping = True
        if lanes := list(self._lanes.values()):
            _, late = await asyncio.wait(lanes, timeout=_GRACE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


async def forget_events(retention: float) -> None:
    """Delete events that were dispatched more than ``retention`` seconds ago and have nothing left to deliver."""
    await _repeat("SELECT forget_events($2, $1)", datetime.now(UTC) - timedelta(seconds=retention))


async def forget_idempotency_keys() -> None:
    """Delete the keys of requests that may no longer be repeated: those older than seven days."""
    await _repeat("SELECT forget_idempotency_keys($1)")


async def forget_merges() -> None:
    """Delete what is kept for undoing merges of customers: after 30 days they stay."""
    await _repeat("SELECT forget_merges($1)")


async def forget_sessions() -> None:
    """Delete sessions and sign-in links that are over."""
    await _repeat("SELECT forget_sessions($1)")


async def forget_document_links() -> None:
    """Delete public links that have ended."""
    await _repeat("SELECT forget_document_links($1)")


async def forget_audit_events(years: int) -> None:
    """Delete entries of the audit trail that are more than so many years old."""
    await _repeat("SELECT forget_audit_events($2, $1)", years)


async def forget_mail_files(folder: Path) -> None:
    """Delete mails in a folder whose deliveries are gone: with age, or with a person's data."""
    files = {path.stem: path for path in await asyncio.to_thread(lambda: list(folder.glob("*.eml")))}
    ids = [id for id in map(uuid_of, files) if id]
    for start in range(0, len(ids), _FORGET_AT_ONCE):
        some = ids[start : start + _FORGET_AT_ONCE]
        _, rows = await get_connection("default").execute_query("SELECT lost_deliveries($1) AS id", [some])
        for row in rows:
            files[str(row["id"])].unlink(missing_ok=True)


async def forget_imports() -> None:
    """Delete imports, with their rows, that were kept long enough."""
    await _repeat("SELECT forget_imports($1)")


async def _repeat(statement: str, *arguments: Any) -> None:
    """Delete some rows at a time, so that no transaction gets long."""
    while True:
        _, rows = await get_connection("default").execute_query(statement, [_FORGET_AT_ONCE, *arguments])
        if rows[0][0] < _FORGET_AT_ONCE:
            return
