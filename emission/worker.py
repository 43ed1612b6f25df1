"""The worker: makes the attempts that are due and fetches files. Any number may work on one database."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, NamedTuple
from uuid import UUID

import structlog
from tortoise.connection import get_connection

from db import tenant
from db.background import in_background, run_forever
from db.notifications import EVENTS, listen
from emission import files, reconciliation, store
from emission.acts import Acts
from emission.alarms import Alarms
from emission.clock import DatabaseClock
from emission.fetching import Fetching
from emission.ports import Compose, Connect, Provider
from emission.progress import Emission
from emission.reconciling import Reconciling
from emission.settings import Settings
from emission.states import Event, Step
from pac.cipher import Undecryptable
from pac.emission import Evidence

_PAUSE: Final = 2.0  # seconds after a failure
_WATCH_EVERY: Final = 60.0  # seconds
_FORGET_AT_ONCE: Final = 500  # files
_GRACE: Final = 10.0  # seconds for attempts under way at the end

log = structlog.get_logger()


class Lane(NamedTuple):
    """What is done for an account by a task of its own: no account waits for another, and no sending for files."""

    account_id: UUID
    of_files: bool


@dataclass
class _Service:
    """The task that serves a lane, and how it is told that there may be more."""

    task: asyncio.Task[None]
    is_woken: asyncio.Event


class EmissionWorker:
    """Run it where Tortoise is set up. ``connect`` gives providers, ``compose`` reads documents.

    ``announced`` is called with the account of each event that was stored, so that nobody needs to look for it.
    """

    def __init__(
        self,
        settings: Settings,
        connect: Connect,
        compose: Compose,
        announced: Callable[[UUID], None] = lambda account: None,
    ) -> None:
        self._settings = settings
        self._connect = connect
        self._clock = DatabaseClock()
        self._alarms = Alarms(self._clock)
        self._announced = announced
        self._acts = Acts(settings, compose, self._clock, self._tell)
        self._fetching = Fetching(settings, compose, self._clock)
        self._reconciling = Reconciling(settings, self._clock, self._alarms, self._tell)
        self._reconciliations: dict[UUID, asyncio.Task[None]] = {}
        self._lanes: dict[Lane, _Service] = {}
        self._is_stopping = False
        self._is_woken = asyncio.Event()

    async def run(self, url: str | None = None) -> None:
        """Work until cancelled, then finish what is under way. The rest is looked for when its lease is over.

        By ``url``, which leads to PostgreSQL itself, it hears of new documents; without it, it looks for them alone.
        """
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._stop)
            if url:
                await stack.enter_async_context(in_background(self._listen(url)))
            watching = run_forever("watching over emission", self._watch, pause=_PAUSE)
            await stack.enter_async_context(in_background(watching))
            await run_forever("emission", self._work, pause=_PAUSE)

    async def _listen(self, url: str) -> None:
        async def work() -> float:
            await listen(url, {EVENTS: lambda _: self._is_woken.set()}, begun=self._is_woken.set)
            return _PAUSE

        await run_forever("listening for documents", work, pause=_PAUSE)

    async def _work(self) -> float:
        self._is_woken.clear()
        await self._clock.read()
        for account_id in await store.find_accounts(self._clock.now()):
            for of_files in (False, True):
                self._wake(Lane(account_id, of_files))
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.poll):
                await self._is_woken.wait()
        return 0.0

    async def _watch(self) -> float:
        """Do what is due from time to time; some of it takes long, so no document waits for it."""
        await self._clock.read()
        await self._alarms.watch()
        for account_id in await reconciliation.find_accounts(self._clock.now()):
            self._begin_reconciliation(account_id)
        await forget_files(self._settings.retention_years)
        await forget_erased(self._settings.retention_years)
        return _WATCH_EVERY

    def _tell(self, row: Emission, event: Event, step: Step, evidence: Evidence | None) -> None:
        self._alarms.tell(row, event, step, evidence)
        if step.effects.tells is not None:
            self._announced(tenant.current_account())

    def _wake(self, lane: Lane) -> None:
        if service := self._lanes.get(lane):
            service.is_woken.set()
            return
        is_woken = asyncio.Event()
        task = asyncio.create_task(self._serve(lane, is_woken))
        self._lanes[lane] = _Service(task, is_woken)
        task.add_done_callback(lambda _: self._lanes.pop(lane))

    def _begin_reconciliation(self, account_id: UUID) -> None:
        """Reconcile an account by a task of its own, so that a provider that doesn't answer delays no other account."""
        if account_id not in self._reconciliations:
            task = asyncio.create_task(self._reconcile(account_id))
            self._reconciliations[account_id] = task
            task.add_done_callback(lambda _: self._reconciliations.pop(account_id))

    async def _reconcile(self, account_id: UUID) -> None:
        with tenant.acting_for(account_id, tenant.SYSTEM):
            try:
                await self._reconciling.handle(await self._connect(account_id))
            except Undecryptable as error:
                self._alarms.tell_unreadable(error)
            except Exception as error:
                log.warning("reconciliation of an account failed", account=str(account_id), exc_info=error)

    async def _serve(self, lane: Lane, is_woken: asyncio.Event) -> None:
        """Do all that is due in the lane."""
        with tenant.acting_for(lane.account_id, tenant.SYSTEM):
            attempts: dict[UUID, asyncio.Task[None]] = {}
            try:
                while not self._is_stopping:
                    is_woken.clear()
                    await self._begin(lane, attempts)
                    if not attempts:
                        return
                    await self._wait(attempts, is_woken)
            except Undecryptable as error:  # nothing can be done until somebody brings the key
                self._alarms.tell_unreadable(error)
                await asyncio.sleep(_PAUSE)
            except Exception as error:
                log.warning("emission of an account failed", account=str(lane.account_id), exc_info=error)
                await asyncio.sleep(_PAUSE)
            finally:
                await self._end(attempts)

    async def _begin(self, lane: Lane, attempts: dict[UUID, asyncio.Task[None]]) -> None:
        """Begin as many attempts as the account may make at once."""
        most = self._settings.calls_of_account
        provider = await self._connect(lane.account_id)
        if provider is not None:
            most = provider.limit(lane.account_id, most)
        if len(attempts) >= most:
            return
        find = files.find_missing if lane.of_files else store.find_due
        due: list[Any] = await find(self._clock.now(), most)
        for item in due:
            id = item.document_id
            if id not in attempts and len(attempts) < most:
                attempts[id] = asyncio.create_task(self._attempt(lane, item, provider))
                attempts[id].add_done_callback(partial(_forget, attempts, id))

    async def _attempt(self, lane: Lane, item: Any, provider: Provider | None) -> None:
        try:
            await (self._fetching if lane.of_files else self._acts).handle(item, provider)
        except Exception as error:
            log.warning("an attempt failed", account=str(lane.account_id), exc_info=error)
            await asyncio.sleep(_PAUSE)

    async def _wait(self, attempts: dict[UUID, asyncio.Task[None]], is_woken: asyncio.Event) -> None:
        """Wait until an attempt has ended, or there may be more to do."""
        woken = asyncio.create_task(is_woken.wait())
        try:
            await asyncio.wait([woken, *attempts.values()], return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()

    async def _end(self, attempts: dict[UUID, asyncio.Task[None]]) -> None:
        """Wait for attempts under way; when this task is cancelled, they are, too."""
        under_way = list(attempts.values())
        try:
            if under_way:
                await asyncio.wait(under_way)
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _stop(self) -> None:
        self._is_stopping = True
        reconciliations = list(self._reconciliations.values())
        for task in reconciliations:  # another worker does it when its lease is over
            task.cancel()
        await asyncio.gather(*reconciliations, return_exceptions=True)
        services = list(self._lanes.values())
        for service in services:
            service.is_woken.set()
        if services:
            _, late = await asyncio.wait([service.task for service in services], timeout=_GRACE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


def _forget(attempts: dict[UUID, asyncio.Task[None]], id: UUID, _task: asyncio.Task[None]) -> None:
    del attempts[id]


async def forget_files(years: int) -> None:
    """Delete files, with the evidence of their documents, that were fetched more than so many years ago."""
    await _repeat("SELECT forget_fiscal_files($1, $2) AS done", years)


async def forget_erased(years: int) -> None:
    """Take the receiver out of documents so many years old whose customers were erased, with their files."""
    await _repeat("SELECT forget_erased_documents($1, $2) AS done", years)


async def _repeat(sql: str, years: int) -> None:
    while True:
        _, rows = await get_connection("default").execute_query(sql, [years, _FORGET_AT_ONCE])
        if rows[0]["done"] < _FORGET_AT_ONCE:
            return
