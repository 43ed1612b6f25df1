"""How many requests an account may make with all its keys, and how many wrong keys an address may try.

Requests are counted in windows of a minute, by the clock. Every process counts in memory and shares its counts
through PostgreSQL once a second, so no request waits for a statement. A request within the quota is never refused;
between two exchanges the processes together may grant up to a second's traffic too much. While the database is
away each counts for itself.
"""

from collections.abc import Hashable
from datetime import UTC, datetime
from ipaddress import IPv6Address
from math import ceil
from time import time
from typing import Final, Generic, NamedTuple, TypeVar
from uuid import UUID, uuid4

from tortoise.connection import get_connection

from db.background import run_forever

WINDOW: Final = 60  # seconds
MOST_VISITS: Final = 120  # by public links, of one address in a window, in each process
MOST_WRONG_KEYS: Final = 100  # of one address in a window, by each process

_SHARE_EVERY: Final = 1.0  # seconds
_MOST_ADDRESSES: Final = 50_000
_MARK: Final = slice(-2, -1)  # a character of a key that is random; at its beginning it names the account

Client = TypeVar("Client", bound=Hashable)


class Standing(NamedTuple):
    """Whether a request is granted, how many more would be in this window, and the seconds until the next begins."""

    granted: bool
    left: int
    seconds: int


class _Count:
    __slots__ = ("others", "ours", "shared")

    def __init__(self) -> None:
        self.ours = self.shared = self.others = 0


class Window(Generic[Client]):
    """The present minute's counts, against the quota that each client has."""

    def __init__(self, quota: int) -> None:
        self.quota = quota
        self.began = 0
        self.counts: dict[Client, _Count] = {}

    def take(self, client: Client) -> Standing:
        """Count a request of the client's if it has one left."""
        now = time()
        if not 0 <= now - self.began < WINDOW:
            self.began, self.counts = int(now // WINDOW) * WINDOW, {}
        count = self.counts.get(client)
        if count is None:
            count = self.counts[client] = _Count()
        left = self.quota - count.ours - count.others
        seconds = ceil(self.began + WINDOW - now)
        if left <= 0:
            return Standing(False, 0, seconds)
        count.ours += 1
        return Standing(True, left - 1, seconds)


class AccountQuota(Window[UUID]):
    """Requests of each account, in all processes together."""

    def __init__(self, quota: int) -> None:
        super().__init__(quota)
        self.policy = b'"account";q=%d;w=%d' % (quota, WINDOW)  # as the header RateLimit-Policy says it
        self._process = uuid4()
        self._last_cleanup = 0

    async def keep_sharing(self) -> None:
        async def work() -> float:
            await self.share_counts()
            return _SHARE_EVERY

        await run_forever("sharing counts of requests", work, pause=_SHARE_EVERY)

    async def share_counts(self) -> None:
        """Write the counts that have changed here since the last time, and read those of the other processes.

        A process writes its whole count, not the difference, so writing one twice does no harm.
        """
        counts, began = self.counts, datetime.fromtimestamp(self.began, UTC)
        changed = {id: count.ours for id, count in counts.items() if count.ours != count.shared}
        if not changed:
            return
        database = get_connection("default")
        _, rows = await database.execute_query(_SHARE, [self._process, began, list(changed), list(changed.values())])
        others = {row["owner_id"]: row["requests"] for row in rows}
        for account_id, ours in changed.items():
            counts[account_id].shared = ours
            counts[account_id].others = others.get(account_id, 0)
        if self._last_cleanup != self.began:
            self._last_cleanup = self.began
            await database.execute_query("DELETE FROM request_count WHERE began_at < $1", [began])


_SHARE: Final = """
    WITH written AS (
        INSERT INTO request_count (process, began_at, owner_id, requests)
        SELECT $1, $2, owner_id, requests FROM unnest($3::uuid[], $4::integer[]) AS changed (owner_id, requests)
        ON CONFLICT (owner_id, began_at, process) DO UPDATE SET requests = excluded.requests
    )
    SELECT owner_id, sum(requests)::integer AS requests FROM request_count
    WHERE owner_id = ANY ($3::uuid[]) AND began_at = $2 AND process <> $1 GROUP BY owner_id
"""


class Visits(Window[str]):
    """Requests by public links, which need no key, of each address in this process."""

    def __init__(self) -> None:
        super().__init__(MOST_VISITS)

    def seconds_to_wait(self, address: str) -> int:
        """Count a request; returns the seconds until the address may make another one, 0 if it may now."""
        if len(self.counts) >= _MOST_ADDRESSES:
            self.counts.clear()
        standing = self.take(_network(address))
        return 0 if standing.granted else standing.seconds


class WrongKeys(Window[str]):
    """Wrong keys that each address has tried in this process: every one costs a statement.

    An address that has tried too many may still try keys whose marks are unlike those of the wrong ones of the present
    minute, so that a valid key isn't refused because others at its address have wrong ones. There are 64 marks.
    """

    def __init__(self) -> None:
        super().__init__(MOST_WRONG_KEYS)
        self._marks: set[tuple[str, str]] = set()

    def count(self, address: str, secret: str) -> None:
        before = self.began
        if len(self.counts) >= _MOST_ADDRESSES or len(self._marks) >= _MOST_ADDRESSES:
            self.counts.clear()
            self._marks.clear()
        network = _network(address)
        self.take(network)
        if self.began != before:
            self._marks.clear()
        self._marks.add((network, secret[_MARK]))

    def seconds_to_wait(self, address: str, secret: str) -> int:
        """Seconds until the address may try this key, if it is unknown; usually 0."""
        network = _network(address)
        count = self.counts.get(network) if self.counts else None
        if count is None or count.ours < self.quota or (network, secret[_MARK]) not in self._marks:
            return 0
        return max(0, ceil(self.began + WINDOW - time()))


def _network(address: str) -> str:
    """What counts as one address: of IPv6 the /64 network, since a client has all its addresses."""
    if ":" not in address:
        return address
    try:
        return str(int(IPv6Address(address)) >> 64)
    except ValueError:  # with a zone, or an invention of some proxy
        return address
