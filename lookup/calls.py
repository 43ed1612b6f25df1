"""Calls to the registry that callers of one process share."""

import asyncio
import contextvars
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

import structlog

from lookup.answers import Question

log = structlog.get_logger()

T = TypeVar("T")


class SharedCalls(Generic[T]):
    """Fetches answers, each question once at a time, and for an account a few at a time.

    Callers with the same question share a call. A caller that stops waiting doesn't stop the call: its
    answer goes into the cache, for the next caller.
    """

    def __init__(self, fetch: Callable[[Question], Awaitable[T | None]], calls_of_account: int) -> None:
        self._fetch = fetch
        self._calls_of_account = calls_of_account
        self._calls: dict[Question, asyncio.Task[T | None]] = {}
        # A semaphore is forgotten with the last call of its account.
        self._permits: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        # A call outlives the request that begins it, so it doesn't run in that request's context, which
        # may name an account and an open transaction.
        self._context = contextvars.copy_context()

    async def close(self) -> None:
        """Cancel the calls that are under way."""
        calls = list(self._calls.values())
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

    async def fetch(self, question: Question, account: str, deadline: float) -> T | None:
        """The answer, by a call that is under way or begins now; None if there is none in time.

        ``deadline`` is a time of ``time.monotonic``.
        """
        call = self._calls.get(question) or await self._begin_when_permitted(question, account, deadline)
        if call is None:
            return None
        done, _ = await asyncio.wait([call], timeout=deadline - time.monotonic())
        return call.result() if done else None

    async def _begin_when_permitted(
        self, question: Question, account: str, deadline: float
    ) -> asyncio.Task[T | None] | None:
        permits = self._permits.setdefault(account, asyncio.Semaphore(self._calls_of_account))
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                await permits.acquire()
        except TimeoutError:
            return None
        if call := self._calls.get(question):  # begun by another caller in the meantime
            permits.release()
        else:
            call = self._begin(question)
            call.add_done_callback(lambda _: permits.release())
        return call

    def _begin(self, question: Question) -> asyncio.Task[T | None]:
        async def run() -> T | None:
            return await self._fetch(question)

        call = self._calls[question] = asyncio.create_task(run(), context=self._context.copy())
        call.add_done_callback(lambda call: self._end(question, call))
        return call

    def _end(self, question: Question, call: asyncio.Task[T | None]) -> None:
        del self._calls[question]
        if not call.cancelled() and (error := call.exception()):
            log.warning("look-up failed", error=type(error).__name__)
