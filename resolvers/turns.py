"""Turns: of what a key asks for, a process works on so much at once, and the rest waits in line.

The event loop serves whatever is ready. Who sends a hundred requests at once would else be served a hundred times for
each time that somebody else is, and have all connections to the database.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any, Final
from uuid import UUID
from weakref import WeakValueDictionary

AT_ONCE: Final = 4  # which keeps a processor busy, and the database beside it
_REST: Final = 3  # after hard work, in its lengths

_lines: WeakValueDictionary[UUID, asyncio.Semaphore] = WeakValueDictionary()
_costly: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()
_hard: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()
_thread = ThreadPoolExecutor(1, "hard-work")


class NoTurn(Exception):
    """It was not this request's turn for too long: the key asks for more than a process gets done."""


class _Turn:
    """A request's turn. It is given up while all that the request does is to wait for somebody else."""

    def __init__(self, line: asyncio.Semaphore) -> None:
        self.line = line
        self.is_held = self.is_over = False
        self.aside = 0  # parts of the request that wait elsewhere
        self.taking = asyncio.Lock()  # by one part for all

    async def take(self) -> None:
        async with self.taking:
            if not (self.is_held or self.is_over):
                await self.line.acquire()
                self.is_held = True
                if self.is_over:  # by now
                    self.give_up()

    def give_up(self) -> None:
        if self.is_held:
            self.is_held = False
            self.line.release()


_current: ContextVar[_Turn | None] = ContextVar("turn", default=None)


@asynccontextmanager
async def turn(key_id: UUID, patience: float) -> AsyncIterator[None]:
    """Wait for a turn of the key's, and have it; raises ``NoTurn`` after so many seconds in line."""
    mine = _Turn(_lines.setdefault(key_id, asyncio.Semaphore(AT_ONCE)))
    try:
        async with asyncio.timeout(patience if mine.line.locked() else None):
            await mine.take()
    except TimeoutError:
        raise NoTurn from None
    token = _current.set(mine)
    try:
        yield
    finally:
        _current.reset(token)
        mine.is_over = True
        mine.give_up()


@asynccontextmanager
async def aside() -> AsyncIterator[None]:
    """Let others have the turn while this request waits for somebody else, such as a registry.

    Who leaves by an exception doesn't wait to have it again: the request ends.
    """
    mine = _current.get()
    if mine is None:
        yield
        return
    mine.aside += 1
    mine.give_up()
    try:
        yield
    finally:
        mine.aside -= 1
    if not mine.aside:
        await mine.take()


@asynccontextmanager
async def alone(key_id: UUID) -> AsyncIterator[None]:
    """For what takes much of the database: of a key, one such thing at a time.

    Who waits for it gives the turn up: the one that has it may be waiting for a turn.
    """
    lock = _costly.setdefault(key_id, asyncio.Lock())
    is_mine = False
    try:
        async with aside():
            is_mine = await lock.acquire()
        yield
    finally:
        if is_mine:
            lock.release()


@asynccontextmanager
async def hard_work(key_id: UUID) -> AsyncIterator[Callable[..., Awaitable[Any]]]:
    """A time to do what takes the longer the more the key sends: one thing after another, with rests between.

    Given is a function that calls another one in a thread, for which the event loop waits but shortly each time.
    Still, who had much of it done at once would slow everybody down.
    """
    lock = _hard.setdefault(key_id, asyncio.Lock())
    await lock.acquire()
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        yield partial(loop.run_in_executor, _thread)
    finally:
        loop.call_later(_REST * (loop.time() - began), lock.release)
