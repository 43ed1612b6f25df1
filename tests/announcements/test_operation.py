"""The operator's side: separate workers, the outbox commands, and deleting old events."""

import asyncio
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from click.testing import CliRunner, Result

from announcements import deliveries, worker
from announcements.settings import Settings
from service.commands.outbox import outbox_group
from tests.announcements.conftest import Receiver, always, dispatched, do, events, settled, until, working
from tests.announcements.test_mail import issued, states
from tests.announcements.test_webhooks import hook, sent
from tests.builders import OTHER_COMPANY, company, create_customer, customer_id, taxpayer
from tests.conftest import Api
from tests.db.conftest import pgbouncer as pgbouncer
from tests.db.conftest import tortoise
from tests.service.test_commands import COMMAND, environment


async def test_a_worker_runs_by_itself_until_it_is_told_to_stop(
    api: Api, receiver: Receiver, database_url: str, tmp_path: Path
) -> None:
    await hook(api, receiver.url)
    id = await issued(api)
    where = {"DATABASE_URL": database_url, "ISTMO_DATA_DIR": str(tmp_path), "WEBHOOK_LOCAL": "true"}
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "worker", env=environment(where), stderr=asyncio.subprocess.PIPE
    )
    await until(lambda: settled(api), seconds=60)
    process.send_signal(signal.SIGTERM)
    _, log = await process.communicate()
    assert process.returncode == 0, log.decode()
    assert b"no SMTP server is set" in log
    assert len(receiver.calls) == 2
    assert await states(api, id) == {"pagos@example.com": "DELIVERED"}
    assert len(list((tmp_path / "mail").glob("*.eml"))) == 1


async def test_the_outbox_is_listed_and_what_was_given_up_is_retried(
    api: Api, receiver: Receiver, settings: Settings, database_url: str
) -> None:
    receiver.answer = always(410)
    id, _ = await hook(api, receiver.url)
    await issued(api)
    async with working(settings):
        await until(lambda: settled(api))
    await customer_id(api)
    failed = {delivery["id"] for delivery in await sent(api, id, "FAILED")}
    assert len(failed) == 2

    async def outbox(*arguments: str) -> Result:
        where = {"DATABASE_URL": database_url}
        return await asyncio.to_thread(CliRunner().invoke, outbox_group, arguments, env=where)

    listed = await outbox("list")
    assert (listed.exit_code, listed.stderr) == (0, "deliveries listed: 2; events not dispatched yet: 1\n")
    lines = listed.stdout.splitlines()
    assert {line.split()[0] for line in lines} == failed
    assert all("given up" in line and receiver.url in line and "answered 410" in line for line in lines)
    one, _ = failed
    assert (await outbox("retry", one)).stdout == "deliveries queued again: 1\n"
    assert (await outbox("list", "--failed")).stdout.count("\n") == 1
    assert (await outbox("retry", "--all")).stdout == "deliveries queued again: 1\n"
    assert {delivery["id"] for delivery in await sent(api, id, "PENDING")} == failed
    assert (await outbox("list")).stdout.count(", webhook is off") == 2
    await do(api, "enableWebhook", id)
    assert (await outbox("list")).stdout.count(f", next {datetime.now(UTC):%F} ") == 2
    for wrong in ((), (one, "--all")):
        assert (await outbox("retry", *wrong)).exit_code == 2


async def test_old_events_are_forgotten_but_not_what_is_pending_nor_the_end_of_a_feed(
    api: Api, electronic: Api, receiver: Receiver, settings: Settings, admin: Any
) -> None:
    id, _ = await hook(api, receiver.url, "CUSTOMER_ARCHIVED")
    customer = await customer_id(api)
    await do(api, "archiveCustomer", customer)
    for _ in range(3):
        await customer_id(api)
    await customer_id(electronic, company())
    await dispatched()
    await admin.execute("UPDATE event SET dispatched_at = now() - interval '8 days' WHERE sequence < 5")
    await worker.forget_events(timedelta(days=7).total_seconds())

    async def kept(of: Api) -> list[int | None]:
        return [event.sequence for event in await events(of)]

    assert await kept(api) == [2, 5]
    assert await kept(electronic) == [1]
    async with working(settings):
        await until(lambda: settled(api))
    await worker.forget_events(timedelta(days=7).total_seconds())
    assert await kept(api) == [5]
    assert await sent(api, id) == []
    await customer_id(api)
    await customer_id(electronic, company(ruc=OTHER_COMPANY))
    await dispatched()
    assert await kept(api) == [5, 6]
    assert await kept(electronic) == [1, 2]


async def test_an_event_that_waited_long_for_a_dispatcher_is_kept_as_long_as_any(api: Api, admin: Any) -> None:
    for _ in range(2):
        await customer_id(api)
    await admin.execute("UPDATE event SET occurred_at = now() - interval '1 year'")
    await dispatched()
    await worker.forget_events(timedelta(days=7).total_seconds())
    assert len(await events(api)) == 2


async def test_idempotency_keys_are_forgotten_after_seven_days(api: Api, electronic: Api, admin: Any) -> None:
    made = {key: await create_customer(api, taxpayer(), idempotencyKey=key) for key in ("old", "new")}
    await create_customer(electronic, company(), idempotencyKey="old")
    age = "UPDATE idempotency_key SET created_at = now() - $2::interval WHERE key = $1"
    await admin.execute(age, "old", timedelta(days=7, minutes=1))
    await admin.execute(age, "new", timedelta(days=6, hours=23))
    await worker.forget_idempotency_keys()
    kept = await admin.fetch(
        "SELECT key FROM idempotency_key WHERE account_id = ANY ($1)", [api.account_id, electronic.account_id]
    )
    assert [key for (key,) in kept] == ["new"]
    assert await create_customer(api, taxpayer(), idempotencyKey="new") == made["new"]
    assert (await create_customer(api, taxpayer(), idempotencyKey="old"))["customer"] != made["old"]["customer"]


async def test_a_worker_forgets_by_itself(api: Api, settings: Settings, admin: Any) -> None:
    await create_customer(api, taxpayer(), idempotencyKey="k")
    await admin.execute("UPDATE idempotency_key SET created_at = now() - interval '8 days'")
    async with working(settings):
        await until(lambda: no_rows(admin, "idempotency_key"))


async def no_rows(admin: Any, table: str) -> bool:
    return not await admin.fetchval(f"SELECT EXISTS (SELECT FROM {table})")


async def test_the_worker_outlives_the_database(
    api: Api, receiver: Receiver, settings: Settings, admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_PAUSE", 0.05)
    monkeypatch.setattr(deliveries, "LEASE", 1.0)  # of what was sent but not noted
    await hook(api, receiver.url)
    async with working(settings):
        for number in range(1, 4):
            await customer_id(api)
            await admin.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid()"
            )
            await until(partial(told, receiver, number))
            await until(lambda: settled_soon(api))


def told(receiver: Receiver, times: int) -> bool:
    return len(receiver.calls) >= times


async def test_behind_a_pooler_everything_is_the_same(
    api: Api, receiver: Receiver, settings: Settings, database_url: str, pgbouncer: Callable[[str], str]
) -> None:
    id, _ = await hook(api, receiver.url)
    async with tortoise(pgbouncer(database_url), pool_size=2, transaction_pooler=True):
        invoice = await issued(api)
        async with working(settings, workers=2):
            await until(lambda: settled(api))
        assert [delivery["status"] for delivery in await sent(api, id)] == ["DELIVERED"] * 2
        assert await states(api, invoice) == {"pagos@example.com": "DELIVERED"}
    assert len(receiver.calls) == 2


async def settled_soon(api: Api) -> bool:
    try:
        return await settled(api)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
        return False
