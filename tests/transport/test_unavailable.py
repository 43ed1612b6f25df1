"""When the database doesn't answer in time, clients get 503 with Retry-After.

Each kind of fault is caused on a real PostgreSQL; afterwards everything works as before.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import asyncpg
import pytest
import structlog
from graphql import GraphQLError
from prometheus_client import REGISTRY
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from db import models, tenant
from db.asyncpg_engine import Client
from db.errors import UNAVAILABLE
from resolvers import accounts
from rules.vocabulary import Scope
from tests.db.conftest import tortoise
from tests.db.test_migrations import with_login
from tests.service.test_server import GRAPHQL, JSON, RENAME, VIEWER, Reply, Site, soon
from tests.transport.test_rate_limit import site_with
from transport.outages import Outages

POOL = 2
WAIT = 2.0  # seconds for a connection or a lock
STATEMENT = 3.0  # seconds for a statement
INVOICE = """mutation { createInvoice(input: {lines: [{description: "Café", quantity: "1", unitPrice: "2",
  itbmsRate: EXEMPT}]}, newCustomer: {receiverType: FINAL_CONSUMER, name: "Ana"}) { invoice { id number } } }"""


class Place:
    """A server with little patience, its account, and somebody else at its database."""

    def __init__(self, site: Site, account_id: UUID, other: asyncpg.Connection, watcher: asyncpg.Connection) -> None:
        self.site, self.account_id, self.other, self.watcher = site, account_id, other, watcher

    async def waiting_for_locks(self) -> list[int]:
        """The processes of the database that do."""
        query = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return [pid for (pid,) in await self.watcher.fetch(query)]

    async def has_a_new_key(self) -> str:
        """One that no process has met, so that it must be looked up."""
        with tenant.acting_for(self.account_id):
            return (await accounts.create_key("Nueva", Scope.ADMIN, None))[1]

    async def is_as_before(self) -> bool:
        assert await self.site.connections_return()
        return (await self.site.post(RENAME, name="Como antes, S.A.")).status == 200


@pytest.fixture
async def place(database_url: str, new_account: Callable[..., Awaitable[UUID]]) -> AsyncIterator[Place]:
    id = await new_account()
    with tenant.acting_for(id):
        key = (await accounts.create_key("Clave", Scope.ADMIN, None))[1]
    other = await asyncpg.connect(database_url)
    watcher = await asyncpg.connect(database_url)  # a transaction sees the same activity throughout
    chosen = {"database_pool_size": POOL, "database_acquire_timeout": WAIT, "database_statement_timeout": STATEMENT}
    try:
        async with site_with(database_url, key, **chosen) as site:
            assert (await site.post(VIEWER)).status == 200
            yield Place(site, id, other, watcher)
    finally:
        await other.close()
        await watcher.close()


def assert_told_to_come_again(reply: Reply, code: str = "UNAVAILABLE") -> None:
    assert (reply.status, set(reply.codes)) == (503, {code})
    assert int(reply.headers["Retry-After"]) > 0


def client(site: Site) -> Client:
    """The server's way to the database."""
    assert site.app
    found: Client = site.app.state._tortoise_context.connections._get_storage()["default"]
    return found


@asynccontextmanager
async def locked(place: Place) -> AsyncIterator[None]:
    """The account's row is another transaction's."""
    async with place.other.transaction():
        await place.other.execute("SELECT FROM account WHERE id = $1 FOR UPDATE", place.account_id)
        yield


async def test_a_lock_that_is_not_given_up(place: Place) -> None:
    async with locked(place):
        for accept in (JSON, GRAPHQL):
            body = {"query": RENAME, "variables": {"name": "Otra, S.A."}}
            reply = await place.site.request("POST", json=body, headers={"Accept": accept})
            assert_told_to_come_again(reply)
    assert await place.is_as_before()


async def test_the_cause_is_logged_once_a_minute_counted_and_told_by_readyz(place: Place) -> None:
    def counted() -> float:
        return REGISTRY.get_sample_value("istmo_unavailable_total", {"cause": "LockNotAvailableError"}) or 0.0

    before = counted()
    with structlog.testing.capture_logs() as logs:
        async with locked(place):
            for _ in range(3):
                assert_told_to_come_again(await place.site.post(RENAME, name="Otra, S.A."))
    [entry] = [each for each in logs if each["event"] == "the database is not available"]
    assert (entry["cause"], entry["log_level"]) == ("LockNotAvailableError", "error")
    assert "lock timeout" in entry["message"]
    assert counted() == before + 3
    ready = await place.site.get("/readyz")
    assert (ready.status, ready.json) == (200, {"status": "ready", "unavailableLately": ["LockNotAvailableError"]})


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (asyncpg.DiskFullError("could not extend file: No space left on device"), "DiskFullError"),
        (TimeoutError(), "TimeoutError"),
        (ConnectionRefusedError(111, "refused"), "ConnectionRefusedError"),
        (asyncpg.ReadOnlySQLTransactionError("read-only"), "ReadOnlySQLTransactionError"),
    ],
)
async def test_each_cause_is_noted_by_its_name(error: Exception, cause: str) -> None:
    outages = Outages()
    with structlog.testing.capture_logs() as logs:
        error.__cause__ = asyncio.CancelledError()  # as asyncio.timeout has it
        assert [outages.refusal(error).status_code for _ in range(3)] == [503] * 3
        outages.note_errors([GraphQLError("x", original_error=GraphQLError("y", original_error=error))])
        outages.note_errors([GraphQLError("x"), GraphQLError("x", original_error=ValueError("no outage"))])
    assert [entry["cause"] for entry in logs] == [cause]
    assert outages.recent == [cause]


async def test_a_pool_without_a_free_connection(place: Place) -> None:
    key = await place.has_a_new_key()
    made = (await place.site.post(INVOICE)).json["data"]["createInvoice"]["invoice"]["id"]
    async with locked(place):
        waiting = [asyncio.create_task(place.site.post(RENAME, name="Otra, S.A.")) for _ in range(POOL)]

        async def all_wait() -> bool:
            return len(await place.waiting_for_locks()) == POOL

        assert await soon(all_wait)
        client(place.site).acquire_timeout = WAIT / 10  # less than the lock's
        try:
            for reply in await asyncio.gather(
                place.site.post(VIEWER),
                place.site.post(VIEWER, key=key),
                place.site.request("GET", f"/invoices/{made}.pdf"),
                place.site.get("/readyz"),
            ):
                assert_told_to_come_again(reply)
            assert (await place.site.get("/healthz")).status == 200
            assert b"istmo_database_up 0.0" in (await place.site.get("/metrics")).body
        finally:
            client(place.site).acquire_timeout = WAIT
        first, second = sorted(await asyncio.gather(*waiting), key=lambda reply: reply.codes, reverse=True)
        assert_told_to_come_again(first)
        # Waits in line, then for the lock itself: together longer than a statement may take.
        assert_told_to_come_again(second, "TIMEOUT")
    assert await place.is_as_before()


async def test_a_statement_that_takes_too_long(database_url: str, new_account: Callable[..., Awaitable[UUID]]) -> None:
    """For which a lock will do that would be waited for longer than the statement may take."""
    with tenant.acting_for(await new_account()):
        key, unknown = [(await accounts.create_key("Clave", Scope.ADMIN, None))[1] for _ in range(2)]
    other = await asyncpg.connect(database_url)
    async with site_with(database_url, key, database_acquire_timeout=30, database_statement_timeout=0.5) as site:
        made = (await site.post(INVOICE)).json["data"]["createInvoice"]["invoice"]["id"]
        async with other.transaction():
            await other.execute("LOCK TABLE account, api_key, document IN ACCESS EXCLUSIVE MODE")
            viewer, pdf, identity = await asyncio.gather(
                site.post(VIEWER), site.request("GET", f"/invoices/{made}.pdf"), site.post(VIEWER, key=unknown)
            )
        assert_told_to_come_again(viewer, "TIMEOUT")
        assert_told_to_come_again(pdf)
        assert_told_to_come_again(identity)
        assert await site.connections_return()
        assert (await site.post(VIEWER)).status == 200
    await other.close()


async def test_a_connection_that_ends_in_the_middle_of_a_statement(place: Place) -> None:
    async with locked(place):
        waiting = asyncio.create_task(place.site.post(RENAME, name="Otra, S.A."))

        async def ended() -> bool:
            pids = await place.waiting_for_locks()
            return any([await place.watcher.fetchval("SELECT pg_terminate_backend($1)", pid) for pid in pids])

        assert await soon(ended)
        assert_told_to_come_again(await waiting)
    assert await place.is_as_before()


async def test_a_server_that_takes_no_more_connections(
    place: Place, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = f"crowded_{os.getpid()}"
    await place.other.execute(
        f"CREATE ROLE {login} LOGIN PASSWORD 'crowd' CONNECTION LIMIT {POOL}; GRANT istmo_app TO {login}"
    )
    crowded_url = with_login(database_url, login, "crowd")
    taken: list[asyncpg.Connection] = []
    try:
        async with tortoise(crowded_url, pool_size=POOL):
            for _ in range(POOL):
                with suppress(asyncpg.TooManyConnectionsError):
                    taken.append(await asyncpg.connect(crowded_url))
            await place.other.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = $1 AND pid <> ALL ($2)",
                login,
                [connection.get_server_pid() for connection in taken],
            )
            while len(taken) < POOL:
                taken.append(await asyncpg.connect(crowded_url))
            with pytest.raises(UNAVAILABLE) as refused:
                await models.Location.exists(code="8-8-7")
            assert isinstance(refused.value, asyncpg.TooManyConnectionsError)
            for connection in taken:
                await connection.close()
            assert await models.Location.exists(code="8-8-7")
    finally:
        for connection in taken:
            await connection.close()
        await place.other.execute(f"DROP ROLE {login}")


async def test_a_database_that_takes_no_changes_for_now(place: Place) -> None:
    """As after a failover; what is only read is answered."""
    pool = client(place.site)._pool
    assert pool
    name = await place.other.fetchval("SELECT quote_ident(current_database())")
    await place.other.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    try:
        await pool.expire_connections()
        key = await place.has_a_new_key()
        assert (await place.site.post(VIEWER, key=key)).status == 200
        assert_told_to_come_again(await place.site.post(RENAME, name="Otra, S.A."))
        assert_told_to_come_again(await place.site.post(INVOICE))
        assert (await place.site.post(VIEWER)).status == 200
    finally:
        await place.other.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        await pool.expire_connections()
    assert await place.is_as_before()


async def test_a_transaction_that_was_left_idle(database_url: str) -> None:
    async def dawdle() -> None:
        async with in_transaction() as transaction:
            await transaction.execute_query("SET LOCAL idle_in_transaction_session_timeout = 50")
            await asyncio.sleep(0.5)
            await transaction.execute_query("SELECT 1")

    async with tortoise(database_url, pool_size=1):
        with pytest.raises(UNAVAILABLE):
            await dawdle()
        _, rows = await get_connection("default").execute_query("SELECT 1")
        assert rows[0][0] == 1
