"""Nodes, and which accounts are on which: each database says so itself."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import asyncpg

from db.config import OWNER_ROLE

Connection = Any  # asyncpg has no types


class MoveError(Exception):
    """A move can't begin or go on; the message says why. What was done so far stays, and can be taken up again."""


@dataclass(frozen=True)
class Node:
    """A whole Istmo with a database of its own. ``address`` is where the proxy finds it."""

    name: str
    database: str
    address: str


class State(StrEnum):
    BEGUN = "BEGUN"
    PREPARING = "PREPARING"
    FROZEN = "FROZEN"
    COPIED = "COPIED"
    SWITCHED = "SWITCHED"
    CONFIRMED = "CONFIRMED"
    ARRIVING = "ARRIVING"


# In these the account works where its row is; from COPIED on the proxy leads to the other node.
HERE: Final = (None, State.BEGUN, State.PREPARING, State.FROZEN)
LEFT: Final = (State.COPIED, State.SWITCHED, State.CONFIRMED)
UNDER_WAY: Final = (State.BEGUN, State.PREPARING, State.FROZEN, State.COPIED, State.SWITCHED)


@dataclass(frozen=True)
class Standing:
    """An account in a node's database: whether its rows are there, and its move from or to another node."""

    node: Node
    account: UUID
    has_rows: bool
    state: State | None
    other: str | None
    row: dict[str, Any]

    @property
    def is_home(self) -> bool:
        return self.has_rows and self.state in HERE


@asynccontextmanager
async def connect(node: Node, *, for_copying: bool = False) -> AsyncIterator[Connection]:
    """The node's database, as its owner, without limits of time. ``for_copying`` switches the tables' triggers off:
    what is copied was checked, recorded and announced when it was written.
    """
    limits = dict.fromkeys(("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"), "0")
    settings = {"application_name": "istmo move", "TimeZone": "UTC", **limits}
    try:
        connection = await asyncpg.connect(node.database, timeout=10, server_settings=settings)
    except (OSError, asyncpg.PostgresError) as error:
        raise MoveError(f"The database of node {node.name} can't be reached: {error}.") from error
    try:
        try:
            if for_copying:
                await connection.execute("SET session_replication_role = replica")
            await connection.execute(f"SET ROLE {OWNER_ROLE}")
        except asyncpg.InsufficientPrivilegeError as error:
            raise MoveError(
                f"The login of node {node.name} may not copy accounts: {error}. A superuser gives it the right by"
                " GRANT SET ON PARAMETER session_replication_role TO it."
            ) from None
        yield connection
    finally:
        connection.terminate()


async def read_standings(node: Node, connection: Connection, account: UUID | None = None) -> list[Standing]:
    """The standing of an account, or of all, in a node's database."""
    return [
        Standing(
            node, row["account"], row["has_rows"], State(row["state"]) if row["state"] else None, row["node"], dict(row)
        )
        for row in await connection.fetch(_STANDINGS, account)
    ]


_STANDINGS: Final = """
    SELECT coalesce(a.id, m.owner_id) AS account, a.id IS NOT NULL AS has_rows, m.state, m.node,
           m.began_at, m.frozen_at, m.switched_at, m.confirmed_at
    FROM (SELECT id FROM account WHERE $1::uuid IS NULL OR id = $1) a
    FULL JOIN (SELECT * FROM account_move WHERE $1::uuid IS NULL OR owner_id = $1) m ON m.owner_id = a.id
"""


async def read_all(nodes: Sequence[Node], account: UUID | None = None) -> list[Standing]:
    """The standing of an account, or of all, in the databases of all nodes. Raises ``MoveError``."""
    found, silent = await read_answering(nodes, account)
    if silent:
        raise silent[0]
    return found


async def read_answering(nodes: Sequence[Node], account: UUID | None = None) -> tuple[list[Standing], list[MoveError]]:
    """The standing of an account, or of all, in the databases that answer, and what is wrong with the others."""
    found, silent = [], []
    for node in nodes:
        try:
            async with connect(node) as connection:
                found += await read_standings(node, connection, account)
        except MoveError as error:
            silent.append(error)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            silent.append(MoveError(f"The database of node {node.name} can't be read: {error}."))
    return found, silent


def find_homes(standings: Sequence[Standing]) -> dict[UUID, Node]:
    """On which node each account is: where it works, or else where its source says that it has been copied to. Raises
    ``MoveError``.
    """
    found: dict[UUID, Node] = {}
    for each in standings:
        if each.is_home and found.setdefault(each.account, each.node) != each.node:
            raise MoveError(
                f"The account {each.account} is on two nodes: {found[each.account].name}, {each.node.name}."
            )
    copied = {(each.account, each.node.name, each.other) for each in standings if each.state in LEFT}
    arriving = {
        each.account: each.node
        for each in standings
        if each.state is State.ARRIVING and each.has_rows and (each.account, each.other, each.node.name) in copied
    }
    return arriving | found
