"""Which server answers the queries of clients that keep a position (``db.standby``)."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import asyncpg
from graphql import ExecutionResult, OperationType
from starlette.requests import Request

from db.errors import UNAVAILABLE
from db.standby import Position, Standby
from transport.metrics import READS
from transport.outages import original_of

HEADER: Final = "Istmo-Position"
COOKIE: Final = "istmo_position"  # the same, for what browsers ask for without a program, such as downloads
UNKNOWN: Final = "unknown"  # of a client that keeps positions and has none

# What keeps a standby from answering: it is away, has to replay what the query still reads, or would have to write.
_FAILURES: Final = (*UNAVAILABLE, asyncpg.SerializationError)


@dataclass
class ClientPosition:
    """What a client brought as its position, None if nothing, and what its response tells it, None if nothing."""

    brought: str | None = None
    told: str | None = None


def read_position(request: Request, *, of_session: bool = False) -> ClientPosition:
    """What a request brings. Our pages, which have a session, keep positions even while they have none."""
    header = request.headers.get(HEADER.lower())  # as ``IndexedHeaders`` has them
    brought = request.cookies.get(COOKIE) if header is None else header
    return ClientPosition(UNKNOWN if brought is None and of_session else brought)


class Reads:
    """``patience`` is how many seconds the standby may take for an operation."""

    def __init__(self, standby: Standby, patience: float) -> None:
        self._standby = standby
        self._patience = patience

    async def answer(
        self, client: ClientPosition, execute: Callable[[], Awaitable[ExecutionResult]]
    ) -> ExecutionResult:
        """The answer to a query: the standby's if it has replayed what the client knows, otherwise the primary's.

        What the standby can't answer is executed again as a whole.
        """
        position = Position.parse(client.brought or "")
        if position is None:
            READS.labels("no_position").inc()
        elif not self._standby.has_reached(position):
            READS.labels("behind").inc()
        else:
            answered = await self._ask_standby(execute)
            READS.labels("failed" if answered is None else "standby").inc()
            if answered is not None:
                return answered
        return await execute()

    async def tell_position(self, client: ClientPosition, type: OperationType) -> None:
        """Tell a client that has changed something, or has no position yet, one that all of that lies before."""
        known = Position.parse(client.brought or "")
        lacks_one = client.brought is not None and (known is None or self._standby.is_foreign(known))
        if type is OperationType.MUTATION or lacks_one:
            position = await self._standby.position()
            client.told = UNKNOWN if position is None else str(position)

    async def _ask_standby(self, execute: Callable[[], Awaitable[ExecutionResult]]) -> ExecutionResult | None:
        # In a task, since a statement can't be cancelled on a server that is silent: its connection would wait for it.
        with self._standby.reading():
            task = asyncio.ensure_future(execute())
        try:
            await asyncio.wait({task}, timeout=self._patience)
        finally:
            task.cancel()
        if not task.done():
            self._standby.rest()
            return None
        result = task.result()
        failures = [cause for cause in map(original_of, result.errors or ()) if isinstance(cause, _FAILURES)]
        if not all(isinstance(cause, asyncpg.ReadOnlySQLTransactionError) for cause in failures):
            self._standby.rest()
        return None if failures else result
