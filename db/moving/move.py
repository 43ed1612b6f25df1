"""The steps of a move. Each is done once, also by a mover that takes up what another one, which was killed, has left.

What the databases say decides: a step that was committed isn't repeated, one that wasn't left nothing.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import asyncpg

from db.moving.nodes import HERE, UNDER_WAY, MoveError, Node, Standing, State, read_standings
from db.moving.rows import Table, copy_account, copy_files, delete_account, find_differences, read_facts, read_tables
from db.notifications import EVENTS, REVOKED_KEYS

Connection = Any  # asyncpg has no types

_SETTLE: Final = 1.0  # seconds in which statements end that began before workers were told to begin nothing
_LOOK_EVERY: Final = 0.2  # seconds
_TAKE_OVER: Final = 1.0  # seconds in which a proxy that was told begins to lead to the new node
_OTHER_MOVER: Final = "30s"  # for one that was killed, whose connections PostgreSQL is just ending
_WRITERS: Final = "90s"  # for transactions of the account that are open


@dataclass(frozen=True)
class Side:
    """A node and a connection to its database; None if that can't be reached, which only ``Move.cancel`` allows."""

    node: Node
    connection: Connection

    async def standing(self, account: UUID) -> Standing | None:
        found = await read_standings(self.node, self.connection, account)
        return found[0] if found else None


class Move:
    """The move of an account from one node to another. ``route`` makes the proxy lead to where the account is, ``tell``
    reports.
    """

    def __init__(
        self,
        account: UUID,
        source: Side,
        target: Side,
        *,
        route: Callable[[], Awaitable[None]],
        tell: Callable[[str], None],
    ) -> None:
        self._account = account
        self._source = source
        self._target = target
        self._route = route
        self._tell = tell

    async def run(self) -> None:
        """Go on from wherever the move is, until the account works on the target. Raises ``MoveError``."""
        await self._lock()
        state = await self._state()
        if state is not State.SWITCHED:
            await self._bring(state, await self._check(state))
        await self._open()
        await self._route()

    async def _bring(self, state: State | None, tables: Sequence[Table]) -> None:
        """Go on from ``state`` until the copy is there and the source refuses requests."""
        if state is None:
            await self._route()  # so that a fault of the proxy's command or of a node is known before anything is done
            await self._delete_copy()  # of a former move: the account has been written since
            await self._begin()
        if state in (None, State.BEGUN):
            await self._copy_files(tables)
            await self._set_state(State.BEGUN, State.PREPARING)
            self._tell("workers begin nothing new for the account")
        if state in (None, State.BEGUN, State.PREPARING):
            await self._wait_for_leases()
            await self._freeze()
        if state in HERE:
            await self._copy(tables)
            await self._set_state(State.FROZEN, State.COPIED)
            self._tell("copied and compared")
        await self._route()
        await asyncio.sleep(_TAKE_OVER)
        await self._switch()

    async def cancel(self) -> None:
        """Give a move up that hasn't switched: the copy is deleted, and the account works where it was."""
        await self._lock()
        state = await self._state()
        if state not in UNDER_WAY:
            raise MoveError("The account doesn't move.")
        if state is State.SWITCHED:
            raise MoveError("The account works on its new node already. Move it back instead.")
        if state is State.COPIED:  # so that the proxy leads to the source again while the copy is deleted
            await self._set_state(State.COPIED, State.FROZEN)
        await self._route()
        await self._delete_copy()
        await self._source.connection.execute("DELETE FROM account_move WHERE owner_id = $1", self._account)
        self._tell("cancelled: the account works where it was")

    async def confirm(self) -> None:
        """Delete what is left of the account on its former node."""
        await self._lock()
        there = await self._target.standing(self._account)
        if await self._state() is not State.SWITCHED or there is None or not there.is_home:
            raise MoveError("The account doesn't work on its new node yet: let the move end first.")
        await delete_account(self._source.connection, await read_tables(self._source.connection), self._account)
        await self._set_state(State.SWITCHED, State.CONFIRMED)
        self._tell(f"the old copy on {self._source.node.name} is deleted")

    # Steps

    async def _lock(self) -> None:
        """One mover at a time for an account; the lock ends with the connection."""
        for side in (self._source, self._target):
            if side.connection is None:
                continue
            try:
                await side.connection.execute(f"SET lock_timeout = '{_OTHER_MOVER}'")
                await side.connection.execute(
                    "SELECT pg_advisory_lock(hashtext('istmo mover'), hashtext($1))", str(self._account)
                )
            except asyncpg.LockNotAvailableError:
                raise MoveError("Another mover is at work on this account.") from None
            await side.connection.execute("SET lock_timeout = 0")

    async def _check(self, state: State | None) -> list[Table]:
        """Find out whether the account can be moved; returns its tables."""
        definitions = [await _definition(side.connection) for side in (self._source, self._target)]
        if definitions[0] != definitions[1]:
            raise MoveError("The databases are of different versions of Istmo: run `server.py migrate` on both.")
        there = await self._target.standing(self._account)
        if there is not None and there.has_rows and there.state is None:
            raise MoveError(f"Node {self._target.node.name} has an account of this id already.")
        if state is State.COPIED and (there is None or not there.has_rows):
            raise MoveError(f"The copy on {self._target.node.name} is gone: give the move up with --cancel.")
        if there is not None and there.state in UNDER_WAY:
            raise MoveError(f"Its old copy on {self._target.node.name} is still there: confirm that move first.")
        return await read_tables(self._source.connection)

    async def _state(self) -> State | None:
        standing = await self._source.standing(self._account)
        if standing is None or not (standing.has_rows or standing.state):
            raise MoveError(f"Node {self._source.node.name} has no such account.")
        return standing.state

    async def _set_state(self, before: State, after: State) -> None:
        sql = (
            f"UPDATE account_move SET state = $3{_MOMENTS.get((before, after), '')} WHERE owner_id = $1 AND state = $2"
        )
        if await self._source.connection.execute(sql, self._account, before, after) != "UPDATE 1":
            raise MoveError(f"The move isn't {before} any more; somebody else has changed it.")

    async def _begin(self) -> None:
        sql = "INSERT INTO account_move (owner_id, node, state) VALUES ($1, $2, $3)"
        await self._source.connection.execute(sql, self._account, self._target.node.name, State.BEGUN)

    async def _copy_files(self, tables: Sequence[Table]) -> None:
        """Copy most of the bytes while nothing is different for the account yet."""
        source, target = self._source.connection, self._target.connection
        began = time.monotonic()
        async with source.transaction(isolation="repeatable_read", readonly=True), target.transaction():
            await target.execute(_ARRIVE, self._account, self._source.node.name)
            await copy_files(source, target, tables, self._account)
        self._tell(f"files in {time.monotonic() - began:.1f} s")

    async def _wait_for_leases(self) -> None:
        """Let what workers hold come to its end: an answer that came after the copy would be lost."""
        await asyncio.sleep(_SETTLE)
        told = 0
        while held := await self._source.connection.fetchval(_HELD, self._account):
            if held != told:
                self._tell(f"waiting for {held} attempts that are under way")
                told = held
            await asyncio.sleep(_LOOK_EVERY)

    async def _freeze(self) -> None:
        """Refuse further writing, once all that is being written has ended (refuse_while_moving)."""
        connection = self._source.connection
        try:
            async with connection.transaction():
                await connection.execute(f"SET LOCAL lock_timeout = '{_WRITERS}'")
                lock = "SELECT pg_advisory_xact_lock(hashtext('istmo move'), hashtext($1))"
                await connection.execute(lock, str(self._account))
                await self._set_state(State.PREPARING, State.FROZEN)
        except asyncpg.LockNotAvailableError:
            raise MoveError("Somebody is writing to the account for too long: try again.") from None
        self._tell("read-only")

    async def _copy(self, tables: Sequence[Table]) -> None:
        """Copy and compare, in one transaction of the target: the copy is there as a whole, or not at all."""
        source, target = self._source.connection, self._target.connection
        began = time.monotonic()
        async with source.transaction(isolation="repeatable_read", readonly=True), target.transaction():
            await target.execute(_ARRIVE, self._account, self._source.node.name)
            await copy_account(source, target, tables, self._account)
            before = await read_facts(source, tables, self._account)
            differences = find_differences(before, await read_facts(target, tables, self._account))
            if differences:
                raise MoveError(
                    f"The copy isn't right: {'; '.join(differences)}. The account stays read-only: run this again, or"
                    " give the move up with --cancel."
                )
        rows = sum(count for _, count in before["rows"])
        self._tell(f"{rows} rows in {time.monotonic() - began:.1f} s")

    async def _switch(self) -> None:
        """From here on the account is the target's. Processes of the source forget its keys, and refuse them."""
        connection = self._source.connection
        async with connection.transaction():
            await self._set_state(State.COPIED, State.SWITCHED)
            await connection.execute(_FORGET_KEYS, REVOKED_KEYS, self._account)

    async def _open(self) -> None:
        connection = self._target.connection
        async with connection.transaction():
            opened = await connection.fetchval(_OPEN, self._account, State.ARRIVING)
            await connection.execute("SELECT pg_notify($1, $2)", EVENTS, str(self._account))
        if opened:
            seconds = await self._source.connection.fetchval(_READ_ONLY, self._account)
            self._tell(f"works on {self._target.node.name}; it was read-only for {seconds:.1f} s")

    async def _delete_copy(self) -> None:
        """Delete what was copied. That the account is elsewhere is still known there."""
        connection = self._target.connection
        if connection is None:
            self._tell(f"{self._target.node.name} keeps what was copied until the account moves there again")
            return
        there = await self._target.standing(self._account)
        if there is not None and there.state is State.ARRIVING:
            await delete_account(connection, await read_tables(connection), self._account)
            sql = "UPDATE account_move SET state = $2, confirmed_at = now() WHERE owner_id = $1"
            await connection.execute(sql, self._account, State.CONFIRMED)


async def _definition(connection: Connection) -> set[tuple[str, str]]:
    rows = await connection.fetch("SELECT DISTINCT ON (name) name, hash FROM migration ORDER BY name, applied_at DESC")
    return {(row["name"], row["hash"]) for row in rows}


_MOMENTS: Final = {
    (State.PREPARING, State.FROZEN): ", frozen_at = clock_timestamp()",
    (State.COPIED, State.SWITCHED): ", switched_at = clock_timestamp()",
    (State.SWITCHED, State.CONFIRMED): ", confirmed_at = now()",
}

# What is held has an attempt that hasn't ended, and a lease that hasn't either.
_HELD: Final = """
    SELECT (
        SELECT count(*) FROM emission e WHERE e.account_id = $1 AND e.due_at > now() AND EXISTS (
            SELECT FROM emission_attempt a
            WHERE a.account_id = $1 AND a.document_id = e.document_id AND a.ended_at IS NULL
                AND a.kind IN ('SEND', 'LOOK', 'VOID'))
    ) + (
        SELECT count(*) FROM delivery d WHERE d.account_id = $1 AND d.status = 'PENDING'
            AND d.due_at > now() AND d.attempts > 0 AND d.error IS NULL
    )
"""

_ARRIVE: Final = """
    INSERT INTO account_move (owner_id, node, state) VALUES ($1, $2, 'ARRIVING')
    ON CONFLICT (owner_id) DO UPDATE SET
        node = excluded.node, state = 'ARRIVING', began_at = now(), frozen_at = NULL, switched_at = NULL,
        confirmed_at = NULL
"""

_OPEN: Final = """
    WITH opened AS (DELETE FROM account_move WHERE owner_id = $1 AND state = $2 RETURNING owner_id)
    SELECT count(*) FROM opened
"""

_FORGET_KEYS: Final = """
    SELECT pg_notify($1, id::text) FROM api_key WHERE account_id = $2 AND revoked_at IS NULL AND kind <> 'LINK'
"""

_READ_ONLY: Final = """
    SELECT extract(epoch FROM clock_timestamp() - frozen_at)::float8 FROM account_move WHERE owner_id = $1
"""
