"""A standby: a server that replays the log of the primary a moment later, and answers reads of what it has replayed.

A position is how far the primary has written its log. All that was committed before lies before it, so a client that
brings the position of its last change reads that change from a standby that has replayed as much.
"""

import re
from asyncio import create_task, sleep, timeout, wait
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from time import monotonic
from typing import Any, Final, NamedTuple, Self

import asyncpg
from prometheus_client import Gauge
from tortoise.connection import get_connection, get_connections

from db import guard
from db.asyncpg_engine import Client
from db.background import run_forever
from db.config import SERVICE_ROLE

LONGEST_LAG: Final = 5.0  # seconds; a standby that is further behind is not read from
LAG: Final = Gauge(
    "istmo_standby_lag_seconds",
    "How old what the standby has is at most, as it was last seen; infinite while it can't be read from.",
    multiprocess_mode="livemax",
)
_LOOK_EVERY: Final = 0.25  # seconds
_PATIENCE: Final = 5.0  # seconds for a look at both servers
_SOON: Final = 1.0  # second for which a response waits for its position
_REST: Final = 2.0  # seconds for which a standby is not read from after it failed
_REMEMBERED: Final = 14_400  # positions of the primary: an hour's

_FORM: Final = re.compile(r"([0-9]{1,20})\.([0-9]{1,10})\.([0-9]{1,20})")

# Both servers have the identifier of the cluster that they are copies of. The file names of the log begin with the
# timeline, which is the new one at once after a promotion; the control file has it only from the next checkpoint on.
# A change that doesn't wait for the disk (``synchronous_commit = off``) is inserted, but not written yet. Where the log
# ends with a page, inserting goes on behind the next one's header, of 24 bytes or, where a file begins, 40; an idle
# standby stays at the page's end.
_PRIMARY: Final = """
    SELECT (SELECT system_identifier FROM pg_control_system()) AS system, pg_walfile_name(pg_current_wal_lsn()) AS file,
           inserted - CASE WHEN inserted % page <= 40 THEN inserted % page ELSE 0 END AS written
    FROM (SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint AS inserted,
                 current_setting('wal_block_size')::bigint AS page) log
"""
# A standby may be on a later timeline than its last restart point is, but was on that one for sure.
_STANDBY: Final = """
    SELECT (SELECT system_identifier FROM pg_control_system()) AS system,
           (SELECT timeline_id FROM pg_control_checkpoint()) AS timeline,
           (pg_last_wal_replay_lsn() - '0/0')::bigint AS replayed, pg_is_in_recovery() AS in_recovery
"""


class NotAStandby(Exception):
    """READ_DATABASE_URL leads to a server that doesn't follow the primary: it is a primary itself, is a copy of another
    one, or has not followed since another standby was promoted.
    """


class Position(NamedTuple):
    """``written`` are bytes of the log. Those of another cluster, or of another timeline, can't be compared: each
    promotion and each restore to a point in time begins a timeline, which may lack the end of the one before.
    """

    system: int
    timeline: int
    written: int

    def __str__(self) -> str:
        return f"{self.system}.{self.timeline}.{self.written}"

    def has_same_log(self, other: "Position") -> bool:
        return (self.system, self.timeline) == (other.system, other.timeline)

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """
        >>> Position.parse("7577381530812463133.1.23803720")
        Position(system=7577381530812463133, timeline=1, written=23803720)
        >>> Position.parse("unknown")
        """
        found = _FORM.fullmatch(text)
        return cls(*map(int, found.groups())) if found else None


class Standby:
    """Read from within ``reading``, while ``watch`` runs. ``credentials`` are those of the primary, at another address.

    It is watched by a connection of its own: a standby that is restarted may first be behind what it had replayed, and
    loses this connection before.
    """

    def __init__(self, credentials: dict[str, Any]) -> None:
        self._url: Final[str] = credentials["dsn"]
        # Models, and transactions too, take the connection of this name. The pool keeps none that nobody needs.
        self._client: Final = Client(**{**credentials, "minsize": 0}, connection_name="default")
        self._replayed: Position | None = None
        self._written: deque[tuple[float, int]] = deque(maxlen=_REMEMBERED)  # by the primary, and when
        self._had_all_at = -inf  # the last moment whose commits it has replayed for sure
        self._is_watched = False
        self._rests_until = -inf

    async def watch(self) -> None:
        """Look again and again how far the standby is, until cancelled."""
        try:
            await run_forever("watching the standby", self._follow, pause=1.0)
        finally:
            await self._client.close()

    @property
    def lag(self) -> float:
        """Seconds since the moment whose commits it has replayed for sure; infinite while it can't be read from."""
        return monotonic() - self._had_all_at if self._is_watched else inf

    def has_reached(self, position: Position) -> bool:
        """Whether what was committed before the position may be read here."""
        replayed = self._replayed
        return (
            replayed is not None
            and position.has_same_log(replayed)
            and position.written <= replayed.written
            and self.lag < LONGEST_LAG
            and monotonic() >= self._rests_until
        )

    def is_foreign(self, position: Position) -> bool:
        """Whether it is known that the position is of another log, and will never be reached."""
        return self._replayed is not None and not position.has_same_log(self._replayed)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Within this block all statements go to the standby."""
        connections = get_connections()
        token = connections.set("default", self._client)
        try:
            yield
        finally:
            connections.reset(token)

    def rest(self) -> None:
        """Leave the standby alone for a moment, since it failed."""
        self._rests_until = monotonic() + _REST

    async def position(self) -> Position | None:
        """How far the primary has written by now; None if that can't be found out soon.

        It never fails, since it comes after a change that was done. ``watch`` asks the same, and logs why it can't.
        """
        # In a task, since a statement can't be cancelled on a server that is silent: its connection would wait for it.
        task = create_task(_ask_primary())
        try:
            await wait({task}, timeout=_SOON)
        finally:
            task.cancel()
        return task.result() if task.done() and not task.exception() else None

    async def _follow(self) -> float:
        settings = {"role": SERVICE_ROLE, "application_name": "istmo standby"}
        connection = await asyncpg.connect(self._url, server_settings=settings, timeout=_PATIENCE)
        connection.add_termination_listener(self._leave)
        try:
            with self.reading():
                await guard.check_role()
            while True:
                async with timeout(_PATIENCE):
                    await self._look(connection)
                await sleep(_LOOK_EVERY)
        finally:
            self._leave()
            connection.terminate()

    async def _look(self, connection: Any) -> None:
        now = monotonic()
        primary = await _ask_primary()
        standby = await connection.fetchrow(_STANDBY)
        replayed = Position(standby["system"], standby["timeline"], standby["replayed"])
        if not standby["in_recovery"] or not replayed.has_same_log(primary):
            raise NotAStandby("READ_DATABASE_URL must lead to a standby that follows the server of DATABASE_URL")
        self._written.append((now, primary.written))
        self._replayed = replayed
        while self._written and self._written[0][1] <= replayed.written:
            self._had_all_at, _ = self._written.popleft()
        self._is_watched = True
        LAG.set(self.lag)

    def _leave(self, _: Any = None) -> None:
        self._is_watched = False
        self._written.clear()
        LAG.set(inf)


async def _ask_primary() -> Position:
    _, [row] = await get_connection("default").execute_query(_PRIMARY)
    return Position(row["system"], int(row["file"][:8], 16), row["written"])
