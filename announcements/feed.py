"""An account's events as they come, for the subscriptions of this process.

PostgreSQL's notifications only say that an account has new events. The events are then read from the
account's feed, once for all its watchers, so that nothing is lost with a notification.
"""

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from tortoise.functions import Max

from db import models, tenant
from db.background import run_forever
from db.notifications import EVENTS, Handler, listen
from resolvers.scope import mine
from rules.vocabulary import EventType

_AT_ONCE: Final = 500  # events read by one statement
_MOST_WAITING: Final = 1000  # events of a watcher that hasn't taken them yet


class TooSlow(Exception):
    """A watcher took events more slowly than they came, and too many were waiting."""


class LiveFeed:
    """The accounts whose events are watched in this process, while ``listen`` runs.

    ``pause`` is the seconds between attempts to listen, and between looks at the feeds without listening.
    """

    def __init__(self, pause: float = 1.0) -> None:
        self.pause: Final = pause
        self._readers: dict[UUID, _Reader] = {}

    @contextmanager
    def watch(self, types: Sequence[EventType], object_id: UUID | None = None) -> "Iterator[Watcher]":
        """Watch the current account's events of these types from now on, or only those of one object."""
        watcher = Watcher(types, object_id)
        owner = tenant.current_account()
        reader = self._readers.get(owner)
        if reader is None:
            reader = self._readers[owner] = _Reader(owner, self.pause)
        reader.watchers.add(watcher)
        try:
            yield watcher
        finally:
            reader.watchers.discard(watcher)
            if not reader.watchers:
                del self._readers[owner]
                reader.close()

    async def listen(self, url: str | None, others: Mapping[str, Handler] | None = None) -> None:
        """Notice new events until cancelled, and call the handlers of ``others`` with what comes on their channels.

        ``url`` leads to PostgreSQL itself, past any pooler. Without it the feeds are looked at from time
        to time.
        """
        handlers = {EVENTS: lambda owner: self._wake(UUID(owner)), **(others or {})}

        async def work() -> float:
            self._wake_all()
            if url:
                await listen(url, handlers, begun=self._wake_all)
            return self.pause

        await run_forever("listening for events", work, pause=self.pause)

    def _wake_all(self) -> None:
        for reader in self._readers.values():
            reader.wake.set()

    def _wake(self, owner: UUID) -> None:
        if reader := self._readers.get(owner):
            reader.wake.set()


class Watcher:
    """Gets the events of some types, or of one object among them, and holds those not taken yet."""

    def __init__(self, types: Sequence[EventType], object_id: UUID | None) -> None:
        self._types = frozenset(types)
        self._object_id = object_id
        self._events: deque[models.Event] = deque()
        self._arrived = asyncio.Event()
        self._has_lost_some = False

    def offer(self, event: models.Event) -> None:
        if event.type not in self._types or self._object_id not in (None, event.object_id) or self._has_lost_some:
            return
        if len(self._events) == _MOST_WAITING:
            self._has_lost_some = True
        else:
            self._events.append(event)
        self._arrived.set()

    async def next(self) -> models.Event:
        """Wait for the next event; raises ``TooSlow`` after the last one before some were lost."""
        while not self._events:
            if self._has_lost_some:
                raise TooSlow
            self._arrived.clear()
            await self._arrived.wait()
        return self._events.popleft()


class _Reader:
    """Reads the new events of an account, for all its watchers in this process, each time it is woken."""

    def __init__(self, owner: UUID, pause: float) -> None:
        self.watchers: set[Watcher] = set()
        self.wake = asyncio.Event()
        self.last: int | None = None  # the sequence of the last event that was read
        with tenant.acting_for(owner):  # the task keeps this context
            self._task = asyncio.create_task(run_forever("reading new events", self._read_when_woken, pause=pause))

    def close(self) -> None:
        self._task.cancel()

    async def _read_when_woken(self) -> float:
        await self._read()
        await self.wake.wait()
        self.wake.clear()
        return 0.0

    async def _read(self) -> None:
        events = mine(models.Event)
        if self.last is None:
            [(last,)] = await events.annotate(last=Max("sequence")).values_list("last")
            self.last = last or 0
        while new := await events.filter(sequence__gt=self.last).order_by("sequence").limit(_AT_ONCE):
            for event in new:
                for watcher in self.watchers:
                    watcher.offer(event)
            self.last = new[-1].sequence
