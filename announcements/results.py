"""Waiting for what becomes of an electronic document, in the request that has issued it."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from typing import Final
from uuid import UUID

from announcements.feed import LiveFeed
from db import models
from resolvers.scope import mine
from rules.vocabulary import EventType, FiscalStatus

# The document is on its way, so another status comes without anybody doing something.
_OPEN: Final = (FiscalStatus.QUEUED, FiscalStatus.SENDING, FiscalStatus.CHECKING, FiscalStatus.ACCEPTED)
_ENDS: Final = tuple(type for type in EventType if type.endswith(("_AUTHORIZED", "_REJECTED", "_BLOCKED")))
_LOOK_EVERY: Final = 1.0  # seconds, since an event may come between a look and the beginning of the watch


class FiscalResults:
    """While a request waits, it is within the context that ``while_waiting`` gives. It waits ``longest`` at most."""

    def __init__(
        self,
        feed: LiveFeed,
        while_waiting: Callable[[], AbstractAsyncContextManager[None]] = nullcontext,
        longest: float = 10.0,
    ) -> None:
        self._feed = feed
        self._while_waiting = while_waiting
        self._longest = longest

    async def wait(self, document_id: UUID, seconds: float) -> None:
        """Wait until it is known what becomes of the current account's document, at most so many seconds."""
        async with self._while_waiting():
            with self._feed.watch(_ENDS, document_id) as watcher, suppress(TimeoutError):
                async with asyncio.timeout(min(seconds, self._longest)):
                    while await mine(models.Emission, document_id=document_id, status__in=_OPEN).exists():
                        with suppress(TimeoutError):
                            async with asyncio.timeout(_LOOK_EVERY):
                                await watcher.next()
