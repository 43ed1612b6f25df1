"""Calls to the registry that callers of one account in one process share."""

import asyncio
import contextvars
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar
from uuid import UUID
from weakref import WeakValueDictionary

import structlog

from db import tenant
from lookup.answers import Question

log = structlog.get_logger()

T = TypeVar("T")


class SharedCalls(Generic[T]):
    """Fetches answers for accounts, each question of an account once at a time, and for an account a few at a time.

    Callers with the same question share a call. A caller that stops waiting doesn't stop the call: its
    answer goes into the cache, for the next caller. Accounts share nothing: none may notice what another asks.
    """

    def __init__(self, fetch: Callable[[Question], Awaitable[T | None]], calls_of_account: int) -> None:
        self._fetch = fetch
        self._calls_of_account = calls_of_account
        self._calls: dict[tuple[UUID, Question], asyncio.Task[T | None]] = {}
        # A semaphore is forgotten with the last call of its account.
        self._permits: WeakValueDictionary[UUID, asyncio.Semaphore] = WeakValueDictionary()
        # A call outlives the request that begins it, so it doesn't run in that request's context, which
        # may have an open transaction.
        self._context = contextvars.copy_context()

    async def close(self) -> None:
        """Cancel the calls that are under way."""
        calls = list(self._calls.values())
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

    def is_under_way(self, question: Question) -> bool:
        return (tenant.current_account(), question) in self._calls

    async def fetch(self, question: Question, deadline: float) -> T | None:
        """The answer, by a call that is under way or begins now; None if there is none in time.

        ``deadline`` is a time of ``time.monotonic``.
        """
        key = (tenant.current_account(), question)
        call = self._calls.get(key) or await self._begin_when_permitted(key, deadline)
        if call is None:
            return None
        done, _ = await asyncio.wait([call], timeout=deadline - time.monotonic())
        return call.result() if done else None

    async def _begin_when_permitted(self, key: tuple[UUID, Question], deadline: float) -> asyncio.Task[T | None] | None:
        permits = self._permits.setdefault(key[0], asyncio.Semaphore(self._calls_of_account))
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                await permits.acquire()
        except TimeoutError:
            return None
        if call := self._calls.get(key):  # begun by another caller in the meantime
            permits.release()
        else:
            call = self._begin(key)
            call.add_done_callback(lambda _: permits.release())
        return call

    def _begin(self, key: tuple[UUID, Question]) -> asyncio.Task[T | None]:
        account, question = key

        async def run() -> T | None:
            with tenant.acting_for(account):
                return await self._fetch(question)

        call = self._calls[key] = asyncio.create_task(run(), context=self._context.copy())
        call.add_done_callback(lambda call: self._end(key, call))
        return call

    def _end(self, key: tuple[UUID, Question], call: asyncio.Task[T | None]) -> None:
        del self._calls[key]
        if not call.cancelled() and (error := call.exception()):
            log.warning("look-up failed", error=type(error).__name__)
