"""An account's events in the order of its feed: read back, or watched as they come.

To watch them, a process listens to PostgreSQL's notifications, which only say that an account has new
events; the events are read from the feed, once for all who watch them in the process. So nothing is lost
with a notification.
"""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final
from uuid import UUID

import asyncpg
import structlog
from tortoise.functions import Max

from db import models, tenant
from db.config import SERVICE_ROLE
from projection import Order, Page
from resolvers.paging import page as paged
from resolvers.scope import mine
from rules.vocabulary import EventType

_ORDER: Final = Order("EVENT", "sequence", parse=int)
_CHANNEL: Final = "istmo_events"
_AT_ONCE: Final = 500  # events read by one statement
_ROOM: Final = 1000  # events that may wait for somebody who watches
_PAUSE: Final = 1.0  # seconds after trouble
_PROBE_EVERY: Final = 30.0  # seconds

log = structlog.get_logger()


def page(types: Sequence[EventType] | None, **arguments: Any) -> Page:
    """The events that were dispatched, of some types or of all, the oldest first.

    Whoever has read up to an event finds all others after it: see db/functions/dispatch_events.sql.
    """
    rows = mine(models.Event, sequence__isnull=False)
    return paged(rows if types is None else rows.filter(type__in=list(dict.fromkeys(types))), _ORDER, **arguments)


class TooSlow(Exception):
    """Somebody took events more slowly than they came, and too many were waiting."""


@contextmanager
def watching(types: Sequence[EventType], object_id: UUID | None = None) -> "Iterator[Watcher]":
    """The current account's events of some types from now on, or of one object. Needs ``listen`` in this process."""
    watcher = Watcher(types, object_id)
    owner = tenant.current_account()
    channel = _channels.get(owner) or _Channel(owner)
    channel.watchers.add(watcher)
    try:
        yield watcher
    finally:
        channel.watchers.discard(watcher)
        if not channel.watchers:
            channel.close()


async def listen(url: str | None) -> None:
    """Hear of new events until cancelled. ``url`` leads to PostgreSQL itself, past any pooler; without it we look."""
    while True:
        try:
            if url:
                await _listen(url)
        except Exception as error:
            log.warning("can't hear of new events", reason=repr(error))
        await asyncio.sleep(_PAUSE)
        _ring_all()


async def _listen(url: str) -> None:
    settings = {"role": SERVICE_ROLE, "application_name": "istmo feed"}
    connection = await asyncpg.connect(url, server_settings=settings, timeout=10)
    gone = asyncio.Event()
    connection.add_termination_listener(lambda _: gone.set())
    try:
        await connection.add_listener(_CHANNEL, lambda _connection, _pid, _channel, owner: _ring(UUID(owner)))
        _ring_all()  # for what was missed
        while not gone.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(_PROBE_EVERY):
                    await gone.wait()
            if not gone.is_set():
                await connection.execute("SELECT 1", timeout=10)
    finally:
        connection.terminate()


def _ring_all() -> None:
    for owner in _channels:
        _ring(owner)


def _ring(owner: UUID) -> None:
    if owner in _channels:
        _channels[owner].bell.set()


class Watcher:
    """Somebody who watches, with the events that it hasn't taken yet."""

    def __init__(self, types: Sequence[EventType], object_id: UUID | None) -> None:
        self._types = frozenset(types)
        self._object_id = object_id
        self._events: deque[models.Event] = deque()
        self._arrived = asyncio.Event()
        self._lost = False

    def offer(self, event: models.Event) -> None:
        if event.type not in self._types or self._object_id not in (None, event.object_id) or self._lost:
            return
        if len(self._events) == _ROOM:
            self._lost = True
        else:
            self._events.append(event)
        self._arrived.set()

    async def next(self) -> models.Event:
        """Wait for the next event; raises ``TooSlow`` after the last one before some were lost."""
        while not self._events:
            if self._lost:
                raise TooSlow
            self._arrived.clear()
            await self._arrived.wait()
        return self._events.popleft()


_channels: dict[UUID, "_Channel"] = {}


class _Channel:
    """The events of an account for all who watch them in this process."""

    def __init__(self, owner: UUID) -> None:
        self.watchers: set[Watcher] = set()
        self.bell = asyncio.Event()
        self._owner = owner
        self._last: int | None = None
        self._task = asyncio.create_task(self._run())
        _channels[owner] = self

    def close(self) -> None:
        del _channels[self._owner]
        self._task.cancel()

    async def _run(self) -> None:
        with tenant.acting_for(self._owner):
            while True:
                try:
                    await self._read()
                except Exception as error:
                    log.warning("can't read new events", reason=repr(error))
                    await asyncio.sleep(_PAUSE)
                else:
                    await self.bell.wait()
                    self.bell.clear()

    async def _read(self) -> None:
        events = mine(models.Event)
        if self._last is None:
            [(last,)] = await events.annotate(last=Max("sequence")).values_list("last")
            self._last = last or 0
        while new := await events.filter(sequence__gt=self._last).order_by("sequence").limit(_AT_ONCE):
            for event in new:
                for watcher in self.watchers:
                    watcher.offer(event)
            self._last = new[-1].sequence
