"""A thread whose work is shared fairly among accounts."""

import asyncio
import os
import sys
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import get_native_id
from typing import Any, Final, Self, TypeVar, TypeVarTuple
from uuid import UUID

from db import tenant

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")

_Job = tuple[asyncio.Future[Any], Callable[[], Any]]


def _set_priority(nice: int) -> None:
    """Make the thread that calls this nicer than it was, where threads have priorities."""
    if nice and sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, get_native_id(), os.getpriority(os.PRIO_PROCESS, 0) + nice)


class FairThread:
    """One thread for work that would keep the event loop waiting. Close it by leaving its context.

    Accounts whose work waits are served in rotation, a piece of work each, so an account that brings much delays its
    own work and not the others'.

    Python's threads share one interpreter, so work in Python slows the event loop down although it is in a thread. With
    ``rest`` an account's next work begins only after a pause of so many times its last work's length. ``nice`` above 0
    lets the rest of the machine go before.
    """

    def __init__(self, name: str, *, rest: float = 0.0, nice: int = 0) -> None:
        self._executor: Final = ThreadPoolExecutor(1, name, _set_priority, (nice,))
        self._rest: Final = rest
        self._waiting: dict[UUID, deque[_Job]] = {}  # the account to be served next is the first
        self._resting: set[UUID] = set()
        self._is_working = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for jobs in self._waiting.values():
            for result, _ in jobs:
                result.cancel()
        self._waiting.clear()
        self._executor.shutdown()

    async def run(self, function: Callable[[*Arguments], Result], *arguments: *Arguments) -> Result:
        """What the function returns, called in the thread when it is the current account's turn."""
        result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(tenant.current_account(), deque()).append((result, lambda: function(*arguments)))
        if not self._is_working:
            self._start_next()
        try:
            return await result
        finally:
            del result  # or an error would refer to itself by this frame, and only a garbage collection would free it

    def _start_next(self) -> None:
        self._is_working = False
        loop = asyncio.get_running_loop()
        while ready := [account_id for account_id in self._waiting if account_id not in self._resting]:
            account_id = ready[0]
            jobs = self._waiting.pop(account_id)
            result, work = jobs.popleft()
            if jobs:
                self._waiting[account_id] = jobs  # behind the others
            if not result.done():  # otherwise its request was cancelled
                self._is_working = True
                began = loop.time()  # before the thread has it, or the work would seem shorter than it is
                done = loop.run_in_executor(self._executor, work)
                done.add_done_callback(partial(self._finish, result, account_id, began))
                return

    def _finish(self, result: asyncio.Future[Any], account_id: UUID, began: float, done: asyncio.Future[Any]) -> None:
        loop = asyncio.get_running_loop()
        if self._rest:
            self._resting.add(account_id)
            loop.call_later(self._rest * (loop.time() - began), self._end_rest, account_id)
        error = done.exception()
        if result.done():
            pass  # its request was cancelled
        elif error:
            result.set_exception(error)
        else:
            result.set_result(done.result())
        # After what waits for the result, which may make other work unnecessary.
        loop.call_soon(self._start_next)

    def _end_rest(self, account_id: UUID) -> None:
        self._resting.discard(account_id)
        if not self._is_working:
            self._start_next()
