"""After any fault of a connection no account gets another's rows, and the pool keeps its size."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
import pytest
from asyncpg.transaction import Transaction
from tortoise.connection import get_connection
from tortoise.exceptions import IntegrityError, OperationalError
from tortoise.transactions import in_transaction

from db import asyncpg_engine, guard, models, tenant
from db.asyncpg_engine import Client
from db.errors import UNAVAILABLE
from db.guard import UnsafeRole
from tests.db.conftest import Connection, tortoise

MODES = {
    "direct": {"transaction_pooler": False, "distributed": False},
    "pooler": {"transaction_pooler": True, "distributed": False},
    "distributed": {"transaction_pooler": False, "distributed": True},
    "distributed, pooler": {"transaction_pooler": True, "distributed": True},
}
ALL_MODES = pytest.mark.parametrize("mode", MODES.values(), ids=MODES)


async def seen() -> set[UUID]:
    """The accounts whose rows an unfiltered query answers with."""
    return {id for (id,) in await models.BillingPoint.all().values_list("account_id")}


async def ask(query: str) -> Any:
    _, rows = await get_connection("default").execute_query(query)
    return rows[0][0]


async def assert_intact(client: Client) -> None:
    """All connections are free, work, and none is left in a transaction."""
    pool: Any = client._pool
    async with asyncio.timeout(5):
        connections = [await pool.acquire() for _ in range(pool.get_max_size())]
    assert not any(connection.is_in_transaction() for connection in connections)
    assert {await connection.fetchval("SELECT 1") for connection in connections} == {1}
    for connection in connections:
        await pool.release(connection)
    assert pool.get_idle_size() == pool.get_size() == pool.get_max_size()


# What a worker may be at when it is cancelled.


async def reads(mine: UUID) -> set[UUID]:
    return await seen()


async def reads_in_parallel(mine: UUID) -> set[UUID]:
    return set.union(*await asyncio.gather(seen(), seen(), seen()))


async def fails(mine: UUID) -> set[UUID]:
    with suppress(OperationalError):
        await ask("SELECT 1 / 0")
    return await seen()


async def fails_in_a_savepoint(mine: UUID) -> set[UUID]:
    async with in_transaction():
        before = await seen()
        with suppress(IntegrityError):
            async with in_transaction():
                await models.BillingPoint.create(account_id=mine, code="001")
        async with in_transaction():
            return before | await seen()


async def rolls_back(mine: UUID) -> set[UUID]:
    with suppress(ArithmeticError):
        async with in_transaction():
            await models.BillingPoint.create(account_id=mine, code="999")
            raise ArithmeticError
    return await seen()


async def runs_out_of_time(mine: UUID) -> set[UUID]:
    with suppress(TimeoutError):
        async with asyncio.timeout(random.uniform(0, 0.01)):
            await ask("SELECT pg_sleep(1)")
    return await seen()


async def runs_out_of_time_in_a_transaction(mine: UUID) -> set[UUID]:
    with suppress(TimeoutError):
        async with asyncio.timeout(random.uniform(0, 0.01)), in_transaction(), in_transaction():
            while True:
                await seen()
    return await seen()


WORK: list[Callable[[UUID], Awaitable[set[UUID]]]] = [
    reads,
    reads_in_parallel,
    fails,
    fails_in_a_savepoint,
    rolls_back,
    runs_out_of_time,
    runs_out_of_time_in_a_transaction,
]


async def storm(accounts: list[UUID], workers: int) -> int:
    """Let workers of alternating accounts do everything at once, a third of them cancelled; how many had answers."""

    async def worker(number: int) -> bool:
        mine = accounts[number % len(accounts)]
        with tenant.acting_for(mine):
            assert await WORK[number % len(WORK)](mine) == {mine}
        return True

    tasks = [asyncio.create_task(worker(number)) for number in range(workers)]
    for task in tasks[::3]:
        asyncio.get_running_loop().call_later(random.uniform(0, 0.5), task.cancel)
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    surprises = [answer for answer in answers if answer is not True and not isinstance(answer, asyncio.CancelledError)]
    assert surprises == []
    return answers.count(True)


@ALL_MODES
async def test_workers_of_many_accounts_see_their_own_rows_whatever_happens_to_the_others(
    database_url: str, accounts: list[UUID], mode: dict[str, bool]
) -> None:
    async with tortoise(database_url, pool_size=4, acquire_timeout=30, **mode) as client:
        assert await storm(accounts, 420) >= 280
        await assert_intact(client)


@ALL_MODES
async def test_a_transaction_cancelled_while_it_begins_gives_its_connection_back(
    database_url: str, monkeypatch: pytest.MonkeyPatch, mode: dict[str, bool]
) -> None:
    beginning = asyncio.Event()
    start = Transaction.start

    async def announced_start(self: Any) -> None:
        beginning.set()
        await start(self)

    async def transaction() -> None:
        async with in_transaction():
            raise AssertionError("it should have been cancelled before")

    async with tortoise(database_url, pool_size=2, acquire_timeout=2, **mode) as client:
        with monkeypatch.context() as patch:
            patch.setattr(Transaction, "start", announced_start)
            for _ in range(2):
                beginning.clear()
                task = asyncio.create_task(transaction())
                await beginning.wait()
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
        await assert_intact(client)


async def test_a_connection_released_by_a_cancelled_acquire_shows_no_rows_of_its_account(
    database_url: str, accounts: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def seen_by(mine: UUID) -> set[UUID]:
        with tenant.acting_for(mine):
            return await seen()

    async def cancelled(mine: UUID) -> None:
        taking = asyncio.Event()
        current = tenant.current

        def announced_current() -> tenant.Tenant:
            taking.set()
            return current()

        with monkeypatch.context() as patch:
            patch.setattr(tenant, "current", announced_current)
            task = asyncio.create_task(seen_by(mine))
            await taking.wait()
            task.cancel()
            await asyncio.wait([task])
            assert task.cancelled()

    first, *others = accounts
    async with tortoise(database_url, pool_size=1) as client:
        for other in others:
            assert await seen_by(first) == {first}
            await cancelled(other)
            assert await seen_by(first) == {first}
            assert await seen_by(other) == {other}
        await assert_intact(client)


async def test_a_task_cancelled_while_it_gives_its_connection_back_is_out_of_the_transaction(
    database_url: str, accounts: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    transactions_over: list[asyncio.Task[Any]] = []

    async def cancel(connection: Connection) -> None:
        while transactions_over:
            transactions_over.pop().cancel()

    async def work() -> set[UUID]:
        task = asyncio.current_task()
        assert task
        with tenant.acting_for(accounts[0]):
            with pytest.raises(asyncio.CancelledError):
                async with in_transaction():
                    transactions_over.append(task)
            return await seen()

    monkeypatch.setattr(asyncpg_engine.Session, "is_idle", lambda _: False)  # otherwise nothing has to be reset
    monkeypatch.setattr(asyncpg_engine, "_no_reset", cancel)
    async with tortoise(database_url, pool_size=1) as client:
        assert await asyncio.create_task(work()) == {accounts[0]}
        await assert_intact(client)


async def test_an_account_is_given_an_idle_connection_that_is_set_to_it(
    database_url: str, accounts: list[UUID]
) -> None:
    async def process_of(account: UUID, *further: UUID) -> int:
        """The process that serves the account, while others serve further ones."""
        with tenant.acting_for(account):
            async with client.acquire_connection() as connection:
                if further:
                    await process_of(*further)
                assert await connection.fetchval("SELECT current_setting('istmo.account')") == str(account)
                pid: int = connection.get_server_pid()
                return pid

    async with tortoise(database_url, pool_size=len(accounts), distributed=False) as client:
        await process_of(*accounts)
        found = {account: await process_of(account) for account in accounts}
        assert len(set(found.values())) == len(accounts)
        for _ in range(3):
            random.shuffle(accounts)
            assert all([await process_of(account) == found[account] for account in accounts])
        await assert_intact(client)


async def test_waiting_for_a_connection_ends_in_a_time_out(database_url: str) -> None:
    async def transaction() -> None:
        async with in_transaction():
            raise AssertionError("there is no connection to be had")

    async with tortoise(database_url, pool_size=1, acquire_timeout=0.2) as client:
        assert await ask("SELECT 1") == 1
        pool: Any = client._pool
        async with pool.acquire():
            for work in (transaction(), ask("SELECT 1")):
                started = time.monotonic()
                with pytest.raises(TimeoutError):
                    await work
                assert 0.2 <= time.monotonic() - started < 5  # a statement may take 12
        await assert_intact(client)


async def test_a_terminated_connection_is_replaced(database_url: str, admin: Connection) -> None:
    async def lose_connection_in_a_transaction() -> None:
        async with in_transaction():
            await admin.fetch("SELECT pg_terminate_backend($1, 5000)", await ask("SELECT pg_backend_pid()"))
            await ask("SELECT 1")

    async with tortoise(database_url, pool_size=2) as client:
        for _ in range(3):
            await admin.fetch("SELECT pg_terminate_backend($1, 5000)", await ask("SELECT pg_backend_pid()"))
            await asyncio.sleep(0.05)  # nobody uses it meanwhile
            assert await ask("SELECT 1") == 1
            with pytest.raises(UNAVAILABLE):
                await lose_connection_in_a_transaction()
            assert await ask("SELECT 1") == 1
        await assert_intact(client)


@ALL_MODES
async def test_without_an_account_there_are_no_rows_and_no_inserts(
    database_url: str, accounts: list[UUID], mode: dict[str, bool]
) -> None:
    async with tortoise(database_url, **mode):
        assert await seen() == set()
        assert await models.Account.all().count() == 0
        with pytest.raises(OperationalError, match="row-level security"):
            await models.BillingPoint.create(account_id=accounts[0], code="002")


async def test_account_and_actor_are_no_text_that_could_end_the_statement(
    database_url: str, accounts: list[UUID]
) -> None:
    async with tortoise(database_url, distributed=True) as client:
        for actor in ("'; RESET ROLE; --", "COMMAND_LINE'", "key"):
            with tenant.acting_for(accounts[0], actor), pytest.raises(ValueError, match="neither an id"):
                await seen()
        for actor in (tenant.SYSTEM, tenant.COMMAND_LINE, str(uuid4())):
            with tenant.acting_for(accounts[0], actor):
                _, rows = await client.execute_query("SELECT current_setting('istmo.actor')")
                assert rows[0][0] == actor
                assert await seen() == {accounts[0]}
        await assert_intact(client)


@ALL_MODES
async def test_connections_have_the_services_role_limits_and_time_zone(
    database_url: str, mode: dict[str, bool]
) -> None:
    async with tortoise(database_url, **mode, acquire_timeout=3, statement_timeout=4):
        names = ("role", "lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "TimeZone", "jit")
        expected = ["istmo_app", "3s", "4s", "1min", "UTC", "off"]
        assert [await ask(f"SHOW {name}") for name in names] == expected
        async with in_transaction():
            assert [await ask(f"SHOW {name}") for name in names] == expected


async def test_nothing_stays_set_on_a_connection_that_a_pooler_may_give_to_others(
    database_url: str, accounts: list[UUID]
) -> None:
    async def between_statements() -> list[str | None]:
        pool: Any = client._pool
        connection = await pool.acquire()
        names = ("istmo.account", "role", "lock_timeout", "statement_timeout")
        values = [await connection.fetchval("SELECT current_setting($1, true)", name) for name in names]
        await pool.release(connection)
        return values

    async with tortoise(database_url, pool_size=1, transaction_pooler=True) as client:
        await ask("SELECT 1")
        untouched = await between_statements()
        for mine in accounts:
            with tenant.acting_for(mine):
                assert await seen() == {mine}
                assert await between_statements() == ["", *untouched[1:]]
                async with in_transaction():
                    assert await seen() == {mine}
                assert await between_statements() == ["", *untouched[1:]]
                with pytest.raises(OperationalError):
                    await ask("SELECT 1 / 0")
                assert await between_statements() == ["", *untouched[1:]]
                await models.BillingPoint.bulk_create(
                    [models.BillingPoint(account_id=mine, code=code) for code in ("002", "003")]
                )
                assert await models.BillingPoint.filter(code="003").update(name="Sucursal") == 1
                await client.execute_script("UPDATE billing_point SET name = 'Matriz' WHERE code = '001'; SELECT 1")
                assert [point.name for point in await models.BillingPoint.all()] == ["Matriz", None, "Sucursal"]
                assert await between_statements() == ["", *untouched[1:]]


async def test_accounts_that_share_the_two_connections_of_a_pgbouncer_see_their_own_rows(
    database_url: str, pgbouncer: Callable[[str], str], accounts: list[UUID]
) -> None:
    async def client_of(mine: UUID) -> list[set[UUID]]:
        with tenant.acting_for(mine):
            work = [*[reads_in_parallel] * 5, fails_in_a_savepoint] * 6
            return [await each(mine) for each in work]

    async with tortoise(pgbouncer(database_url), transaction_pooler=True, acquire_timeout=60) as client:
        answers = await asyncio.gather(*map(client_of, accounts))
        assert answers == [[{mine}] * 36 for mine in accounts]
        await storm(accounts, 140)
        await assert_intact(client)


async def test_the_guard_lets_the_services_own_connections_pass(
    database_url: str, pgbouncer: Callable[[str], str]
) -> None:
    async with tortoise(database_url):
        await guard.check_role()
    async with tortoise(pgbouncer(database_url), transaction_pooler=True):
        await guard.check_role()


async def test_the_guard_refuses_a_login_that_does_not_take_the_services_role(database_url: str) -> None:
    async with tortoise(database_url, role="none"):
        with pytest.raises(UnsafeRole, match="not as istmo_app"):
            await guard.check_role()


@pytest.mark.parametrize("role", ["none", "istmo_app"])
async def test_the_guard_refuses_a_pooler_that_it_was_not_told_of(
    empty_database: str, pgbouncer: Callable[[str], str], role: str
) -> None:
    """Even where the service's role is what every login has: accounts would see each other's rows."""
    connection = await asyncpg.connect(empty_database)
    await connection.execute(f"ALTER DATABASE {urlsplit(empty_database).path[1:]} SET role = {role}")
    await connection.close()
    async with tortoise(pgbouncer(empty_database), distributed=False):
        with pytest.raises(UnsafeRole, match="DATABASE_POOLER"):
            await guard.check_role()


@pytest.mark.parametrize(
    "too_much",
    [
        "ALTER ROLE istmo_app BYPASSRLS",
        "ALTER ROLE istmo_app SUPERUSER",
        "GRANT istmo_owner TO istmo_app",
        "CREATE TABLE of_the_service (); ALTER TABLE of_the_service OWNER TO istmo_app",
    ],
)
async def test_the_guard_refuses_a_service_role_that_may_too_much(database_url: str, too_much: str) -> None:
    async def check_within_a_transaction() -> None:
        async with in_transaction() as transaction:  # rolled back: the role belongs to the whole server
            await transaction.execute_script(f"{too_much}; SET LOCAL ROLE istmo_app")
            await guard.check_role()

    async with tortoise(database_url, role="none"):
        with pytest.raises(UnsafeRole, match="superuser, has BYPASSRLS, owns tables or is a member"):
            await check_within_a_transaction()


async def test_a_statement_broken_off_before_it_began_takes_no_time_from_the_next(database_url: str) -> None:
    async with tortoise(database_url, pool_size=1, statement_timeout=0.2) as client:
        with suppress(asyncio.CancelledError):
            async with client.acquire_connection() as connection:
                await connection.prepare("SELECT 1")
                raise asyncio.CancelledError
        await asyncio.sleep(0.4)
        assert await client.execute_query_dict("SELECT 2 AS two") == [{"two": 2}]
