"""Limits how many requests of an account this process works on at once; the others wait in line.

The event loop serves whatever is ready. A client that sends a hundred requests at once would otherwise be served a
hundred times for each time that another one is, and would have all connections to the database.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar
from typing import Final
from uuid import UUID
from weakref import WeakValueDictionary

from transport.errors import TooMany

PERMITS: Final = 4  # of an account that is alone; they keep a processor busy, and the database beside it
SHARED_PERMITS: Final = 2  # of an account while others have requests, too; each of these waits for fewer of its own


class _Account:
    """The requests of an account that have a permit, and those that wait for one.

    Its costly operations are executed one after another.
    """

    def __init__(self) -> None:
        self.held = 0
        self.waiting: deque[asyncio.Future[None]] = deque()
        self.costly = asyncio.Lock()

    def grant(self, permits: int) -> None:
        """Give permits to requests that wait, in the order of arrival, while fewer than this many are held."""
        while self.waiting and self.held < permits:
            request = self.waiting.popleft()
            if not request.done():  # otherwise it was cancelled
                request.set_result(None)
                self.held += 1


class _Permit:
    """The permit of a request, held within ``async with``. Parts of the request may wait for other services at the same
    time.
    """

    def __init__(self, limiter: "AccountLimiter", account: _Account) -> None:
        self.account = account
        self.is_held = self.is_over = False
        self.waiting = 0  # parts of the request that wait for another service
        self._limiter = limiter
        self._acquiring = asyncio.Lock()  # one part takes the permit for all parts

    async def __aenter__(self) -> None:
        if self._limiter.take(self.account):  # as nearly always: then no clock has to be set
            self.is_held = True
        else:
            try:
                async with asyncio.timeout(self._limiter.patience):
                    await self.acquire()
            except TimeoutError:
                raise TooMany("requests at once", 1) from None
        self._token = _current.set(self)

    async def __aexit__(self, *_: object) -> None:
        _current.reset(self._token)
        self.is_over = True
        self.release()

    async def acquire(self) -> None:
        async with self._acquiring:
            if not (self.is_held or self.is_over):
                await self._limiter.acquire(self.account)
                self.is_held = True
                if self.is_over:  # the request ended meanwhile
                    self.release()

    def release(self) -> None:
        if self.is_held:
            self.is_held = False
            self._limiter.release(self.account)


_current: ContextVar[_Permit | None] = ContextVar("permit", default=None)


class AccountLimiter:
    """Gives each account a number of permits, in the order of arrival. The account's keys share them.

    ``patience`` is how many seconds a request waits for a permit at most.
    """

    def __init__(self, patience: float) -> None:
        self.patience = patience
        self._accounts: WeakValueDictionary[UUID, _Account] = WeakValueDictionary()
        self._served: set[_Account] = set()  # those that hold permits

    def admit(self, account_id: UUID) -> AbstractAsyncContextManager[None]:
        """Hold a permit of the account's; raises ``TooMany`` if there is none in time."""
        account = self._accounts.get(account_id)
        if account is None:
            account = self._accounts[account_id] = _Account()
        return _Permit(self, account)

    def take(self, account: _Account) -> bool:
        """Take a permit of the account's if one is free and nobody waits for it."""
        if account.waiting or account.held >= self._permits:
            return False
        account.held += 1
        self._served.add(account)
        return True

    async def acquire(self, account: _Account) -> None:
        """Wait for a permit of the account's."""
        if self.take(account):
            return
        granted = asyncio.get_running_loop().create_future()
        account.waiting.append(granted)
        try:
            await granted
        except asyncio.CancelledError:
            if not granted.cancelled():
                self.release(account)
            raise

    def release(self, account: _Account) -> None:
        account.held -= 1
        account.grant(self._permits)
        if not account.held:
            self._served.discard(account)
            if len(self._served) == 1:
                [alone] = self._served
                alone.grant(self._permits)

    @property
    def _permits(self) -> int:
        return PERMITS if len(self._served) <= 1 else SHARED_PERMITS

    @asynccontextmanager
    async def admit_costly(self) -> AsyncIterator[None]:
        """Wait until no other costly operation of the account is executed.

        The request's permit is given back meanwhile: the operation that it waits for may be waiting for a permit.
        """
        permit = _current.get()
        if permit is None:
            yield
            return
        lock = permit.account.costly
        is_locked = False
        try:
            async with self.while_waiting():
                is_locked = await lock.acquire()
            yield
        finally:
            if is_locked:
                lock.release()

    @asynccontextmanager
    async def while_waiting(self) -> AsyncIterator[None]:
        """Give the request's permit back while it waits for another service, and take one again.

        A request that ends by an exception doesn't wait for another permit. Without a permit nothing happens.
        """
        permit = _current.get()
        if permit is None:
            yield
            return
        permit.waiting += 1
        permit.release()
        try:
            yield
        finally:
            permit.waiting -= 1
        if not permit.waiting:
            await permit.acquire()
