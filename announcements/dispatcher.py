"""Numbering events soon after the requests that stored them, by the process that committed them."""

import asyncio
from types import TracebackType
from typing import Final, Self
from uuid import UUID

import structlog

from db import tenant
from db.errors import UNAVAILABLE
from resolvers import outbox

_GATHER: Final = 0.05  # seconds in which an account's events gather, to be dispatched by one statement
_AT_ONCE: Final = 2  # accounts, so that requests don't wait for connections

log = structlog.get_logger()


class Dispatcher:
    """Dispatches an account's events when it is told of them, outside of the time of any request.

    What it misses, as when the process is killed, the worker finds.
    """

    def __init__(self) -> None:
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._new: set[UUID] = set()  # accounts with events since their last dispatch began
        self._limit = asyncio.Semaphore(_AT_ONCE)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _value: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def wake(self, account: UUID) -> None:
        """There may be new events of the account."""
        self._new.add(account)
        if account not in self._tasks:
            with tenant.acting_for(account, tenant.SYSTEM):  # the task keeps this context
                self._tasks[account] = asyncio.create_task(self._dispatch(account))

    async def _dispatch(self, account: UUID) -> None:
        try:
            while account in self._new:
                await asyncio.sleep(_GATHER)
                self._new.discard(account)
                async with self._limit:
                    while await outbox.dispatch_account() == outbox.MOST_OF_ACCOUNT:
                        pass
        except UNAVAILABLE as error:
            log.warning("events are left to the worker", account=str(account), reason=repr(error))
        except Exception as error:
            log.error("events are left to the worker", account=str(account), exc_info=error)
        finally:
            self._new.discard(account)
            del self._tasks[account]
