"""The worker: it serves accounts beside each other, hears of new documents, and stops in good order."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from db import tenant
from emission import worker as module
from emission.ports import Compose, Connect, Provider
from emission.settings import Settings
from emission.worker import EmissionWorker
from pac.cipher import Undecryptable
from pac.client import ProviderClient
from pac.emission import Evidence, Folios, NotSent, SendOutcome
from pac.failures import Reason
from pac.failures import Unavailable as NoAnswer
from resolvers import outbox
from rules.vocabulary import Environment
from tests.announcements.conftest import until
from tests.conftest import Api
from tests.emission.conftest import Bench, compose
from tests.emission.provider import FakeProvider

NEVER = Settings(poll=60.0)
OFTEN = Settings(poll=0.02)


@dataclass
class Calling:
    """The provider that is made up, called as a real one is: by a client with a breaker for each account."""

    provider: FakeProvider
    client: ProviderClient
    account: UUID

    def __getattr__(self, name: str) -> Any:
        return getattr(self.provider, name)

    async def send(self, payload: bytes, cufe_prefix: str, seconds: float) -> SendOutcome:
        answered: list[SendOutcome] = []

        async def exchange() -> None:
            answered.append(outcome := await self.provider.send(payload, cufe_prefix, seconds))
            if outcome.evidence.code is None:
                raise NoAnswer(Reason.CONNECTION)

        try:
            await self.client.call(exchange, seconds, caller=self.account, subject=payload)
        except NoAnswer as error:
            return answered[0] if answered else NotSent(evidence=Evidence(message=error.reason.value))
        return answered[0]


class Providers:
    """Which provider each account has."""

    def __init__(self, **limits: Any) -> None:
        self.of: dict[UUID, FakeProvider] = {}
        rest: dict[str, Any] = {"attempts": 1, "calls_under_way": 64, "failures": 3, "rest": 0.3}
        self.client = ProviderClient("fake", **{**rest, **limits})

    async def __call__(self, account_id: UUID) -> Provider | None:
        if account_id not in self.of:
            return None
        adapter = Calling(self.of[account_id], self.client, account_id)
        return Provider("fake", Environment.TEST, adapter, self.client, 0)


@asynccontextmanager
async def working(
    providers: Connect,
    settings: Settings = OFTEN,
    workers: int = 1,
    url: str | None = None,
    composing: Compose = compose,
) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(EmissionWorker(settings, providers, composing).run(url)) for _ in range(workers)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


@pytest.fixture(autouse=True)
async def _nothing_left(admin: Any) -> None:
    """What earlier tests have queued is of no concern to the worker of this one."""
    await admin.execute("UPDATE emission SET due_at = now() + interval '1 day' WHERE due_at IS NOT NULL")
    await admin.execute("UPDATE emission SET files_due_at = NULL")


@pytest.fixture
async def benches(new_account: Callable[[], Awaitable[UUID]]) -> list[Bench]:
    return [Bench(Api(await new_account())) for _ in range(2)]


async def all_are(bench: Bench, ids: list[UUID], *statuses: str) -> bool:
    return all([await bench.status(id) in statuses for id in ids])


async def test_no_document_waits_for_the_deletion_of_old_files(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    has_begun = asyncio.Event()

    async def never_end(years: int) -> None:
        has_begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(module, "forget_files", never_end)
    providers = Providers()
    providers.of[bench.api.account_id] = bench.provider
    async with working(providers, OFTEN):
        await has_begun.wait()
        ids = [await bench.queue()]
        await until(lambda: all_are(bench, ids, "AUTHORIZED"))


async def test_documents_are_sent_and_their_files_fetched(bench: Bench) -> None:
    ids = [await bench.queue() for _ in range(10)]
    providers = Providers()
    providers.of[bench.api.account_id] = bench.provider
    async with working(providers):
        await until(lambda: all_are(bench, ids, "AUTHORIZED"))
        await until(lambda: fetched(bench, ids))
    assert bench.provider.made("SEND") == bench.provider.made("PDF") == bench.provider.made("XML") == 10


async def fetched(bench: Bench, ids: list[UUID]) -> bool:
    return all([(await bench.row(id)).files_due_at is None for id in ids])


async def test_an_account_makes_only_so_many_calls_at_once(bench: Bench) -> None:
    ids = [await bench.queue() for _ in range(9)]
    under_way, most = 0, 0

    async def hold() -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.05)
        under_way -= 1

    bench.provider.hold = hold
    providers = Providers()
    providers.of[bench.api.account_id] = bench.provider
    async with working(providers, Settings(poll=0.02, calls_of_account=3)):
        await until(lambda: all_are(bench, ids, "AUTHORIZED"))
    assert most == 3


async def test_two_workers_send_each_document_once(bench: Bench) -> None:
    ids = [await bench.queue() for _ in range(20)]
    providers = Providers()
    providers.of[bench.api.account_id] = bench.provider
    async with working(providers, workers=3):
        await until(lambda: all_are(bench, ids, "AUTHORIZED"))
    assert bench.provider.made("SEND") == 20
    assert bench.provider.most_at_once == 1


async def test_a_dead_provider_of_one_account_delays_no_other(benches: list[Bench]) -> None:
    dead, alive = benches
    providers = Providers()
    for bench in benches:
        providers.of[bench.api.account_id] = bench.provider
    lost = [await dead.queue() for _ in range(8)]

    async def hang() -> None:
        await asyncio.sleep(30)

    dead.provider.hold = hang
    async with working(providers):
        await until(lambda: dead.provider.made("SEND") == 4)
        ids = [await alive.queue() for _ in range(4)]
        start = time.monotonic()
        await until(lambda: all_are(alive, ids, "AUTHORIZED"))
        assert time.monotonic() - start < 3
        assert await all_are(dead, lost, "QUEUED", "SENDING")


async def test_while_a_provider_rests_nothing_is_claimed_and_then_one_document_tries_it(bench: Bench) -> None:
    ids = [await bench.queue() for _ in range(8)]
    bench.provider.sending += [NotSent(evidence=Evidence())] * 4
    together = asyncio.Barrier(4)

    async def hold() -> None:
        await together.wait()
        bench.provider.hold = None

    bench.provider.hold = hold
    providers = Providers(rest=3.0)
    providers.of[bench.api.account_id] = bench.provider
    async with working(providers):
        await until(lambda: bench.provider.made("SEND") == 4)
        await asyncio.sleep(0.5)
        assert bench.provider.made("SEND") == 4
        untried = [row.document_id for row in [await bench.row(id) for id in ids] if row.attempts == 0]
        assert len(untried) == 4
        await until(lambda: all_are(bench, untried, "AUTHORIZED"))
        assert bench.provider.made("SEND") == 4 + len(untried)


async def test_a_new_document_is_heard_of_and_sent_at_once(bench: Bench, database_url: str) -> None:
    providers = Providers()
    providers.of[bench.api.account_id] = bench.provider
    async with working(providers, NEVER, url=database_url):
        await asyncio.sleep(0.5)
        id = await bench.queue()
        start = time.monotonic()
        with bench.acting():
            await outbox.dispatch_account()
        await until(lambda: all_are(bench, [id], "AUTHORIZED"))
        assert time.monotonic() - start < 2


async def test_a_worker_that_stops_lets_calls_under_way_end(bench: Bench) -> None:
    id = await bench.queue()

    async def hold() -> None:
        await asyncio.sleep(0.3)

    bench.provider.hold = hold
    providers = Providers()
    providers.of[bench.api.account_id] = bench.provider
    async with working(providers):
        await until(lambda: bench.provider.made("SEND") == 1)
    assert await bench.status(id) == "AUTHORIZED"


async def test_a_worker_that_must_stop_leaves_a_document_that_the_next_one_looks_for(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_GRACE", 0.1)
    id = await bench.queue()

    async def hold() -> None:
        await asyncio.sleep(30)

    bench.provider.hold = hold
    providers = Providers()
    providers.of[bench.api.account_id] = bench.provider
    async with working(providers):
        await until(lambda: bench.provider.made("SEND") == 1)
    assert await bench.status(id) == "SENDING"
    bench.provider.hold = None
    assert await bench.work_until(id, "AUTHORIZED") == "AUTHORIZED"


async def test_what_an_operator_must_know_is_said_once_in_a_while(bench: Bench, admin: Any) -> None:
    id = await bench.queue()
    account = bench.api.account_id
    await admin.execute("UPDATE emission SET open_since = now() - interval '2 hours' WHERE account_id = $1", account)
    alarms = EmissionWorker(Settings(), Providers(), compose)._alarms
    with capture_logs() as lines, tenant.acting_for(account):
        await alarms.watch()
        await alarms.watch()
    said = [line["event"] for line in lines if line["log_level"] == "error"]
    assert said.count("electronic documents wait too long") == 1
    assert await bench.status(id) == "QUEUED"


async def test_credentials_that_cant_be_read_are_told_once_and_read_again_when_the_key_is_back(bench: Bench) -> None:
    id = await bench.queue()
    provider = bench.connection
    has_key = False

    async def connect(_: UUID) -> Provider:
        if not has_key:
            raise Undecryptable("no key")
        return provider

    with capture_logs() as lines:
        async with working(connect):
            await asyncio.sleep(3)
            has_key = True
            await until(lambda: all_are(bench, [id], "AUTHORIZED"))
    of_account = [line for line in lines if line.get("account") == str(bench.api.account_id)]
    steps = [(line["document"], line["happened"], line["status"]) for line in of_account if "happened" in line]
    assert steps == [(str(id), "AUTHORIZED", "AUTHORIZED")]
    [said] = [line for line in of_account if line["log_level"] != "info"]
    assert (said["log_level"], said["error"], "exc_info" in said) == ("error", "no key", False)


async def test_files_are_forgotten_after_years_and_never_before_five(bench: Bench, admin: Any) -> None:
    ids = [await bench.queue() for _ in range(2)]
    await bench.work()
    await bench.fetch()
    sql = "UPDATE fiscal_file SET fetched_at = now() - make_interval(years => $2) WHERE document_id = $1"
    await admin.execute(sql, ids[0], 6)
    await admin.execute(sql, ids[1], 4)
    await module.forget_files(1)
    rows = await admin.fetch("SELECT DISTINCT document_id FROM fiscal_file WHERE document_id = ANY ($1)", ids)
    assert [row["document_id"] for row in rows] == [ids[1]]
    assert await bench.attempts(ids[0]) == []
    assert len(await bench.attempts(ids[1])) == 3
    assert await bench.status(ids[0]) == "AUTHORIZED"


async def test_accounts_are_reconciled_beside_each_other_and_a_dead_provider_delays_none(
    electronic: Api, new_account: Callable[..., Awaitable[UUID]], admin: Any
) -> None:
    other = Api(await new_account(electronic_invoicing=True))
    await other.let_emit()
    await admin.execute("UPDATE emission_reconciliation SET due_at = now() + interval '1 day'")
    providers = Providers()
    dead, alive = FakeProvider(), FakeProvider()
    alive.folios = Folios(available=9, used=1, total=10, licence_until=None)
    begun = asyncio.Event()

    async def never(seconds: float) -> Any:
        begun.set()
        await asyncio.sleep(3600)

    dead.count_folios = never  # type: ignore[method-assign]
    providers.of = {electronic.account_id: dead, other.account_id: alive}
    sql = "SELECT folios_available FROM emission_reconciliation WHERE account_id = $1"
    async with working(providers, workers=2):
        await asyncio.wait_for(begun.wait(), 5)

        async def is_stored() -> bool:
            found: int | None = await admin.fetchval(sql, other.account_id)
            return found == 9

        await until(is_stored)
    assert alive.counted == 1
    assert await admin.fetchval(sql, electronic.account_id) is None
