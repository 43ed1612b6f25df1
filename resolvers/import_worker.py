"""The worker's part of imports: finding those that are under way, of all accounts, and doing some of them at a time."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

import structlog
from tortoise.connection import get_connection

from db import tenant
from db.background import run_forever
from lookup.service import Consultar
from resolvers import import_work, registry

_POLL: Final = 1.0  # seconds between two looks for imports
_AT_ONCE: Final = 4  # imports; each has a connection to the database while it works
_PAUSE: Final = 10.0  # seconds after a failure

log = structlog.get_logger()


class ImportWorker:
    """Any number may work on one database. New customers wait for the registry's word if ``consultar`` asks one."""

    def __init__(self, consultar: Consultar) -> None:
        self._consultar = consultar
        self._tasks: dict[UUID, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Work until cancelled. What isn't finished then is taken up where it stopped, by this worker or another."""
        try:
            await run_forever("imports", self._look, pause=_POLL)
        finally:
            tasks = list(self._tasks.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _look(self) -> float:
        self._tasks = {id: task for id, task in self._tasks.items() if not task.done()}
        _, rows = await get_connection("default").execute_query("SELECT * FROM due_imports()")
        for row in rows:
            if row["id"] not in self._tasks and len(self._tasks) < _AT_ONCE:
                self._tasks[row["id"]] = asyncio.create_task(self._work(row))
        return _POLL

    async def _work(self, row: Mapping[str, Any]) -> None:
        with tenant.acting_for(row["account_id"], row["actor"]), registry.checking_with(self._consultar):
            try:
                while await import_work.advance(row["id"]):
                    pass
            except Exception as error:
                log.error("an import failed", account=str(row["account_id"]), id=str(row["id"]), exc_info=error)
                with suppress(asyncio.CancelledError):
                    await asyncio.sleep(_PAUSE)
