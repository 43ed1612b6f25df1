"""The whole way: the worker, the adapter with an account's credentials, and the sandbox over HTTP."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import aiohttp
import pytest

from db import tenant
from emission.connect import Connecting
from pac.adapters import Adapters, Limits
from pac.emission import Credentials
from pac.providers import SOAP_PATH
from pac.sandbox.server import run_sandbox
from pac.sandbox.state import Sandbox
from pac.sandbox.storage import Store
from rules.vocabulary import Environment
from tests.announcements.conftest import until
from tests.conftest import Api
from tests.emission.conftest import Bench
from tests.emission.test_sandbox import compose
from tests.emission.test_worker import _nothing_left as _nothing_left
from tests.emission.test_worker import all_are, fetched, working
from tests.pac.sandbox.client import Pac
from tests.pac.sandbox.conftest import NOW


class Chosen(NamedTuple):
    provider: str
    environment: Environment
    credentials: Credentials
    version: int = 0


class World:
    """Accounts, each with credentials of its own at one sandbox."""

    def __init__(self, pac: Pac, adapters: Adapters) -> None:
        self.pac = pac
        self.chosen: dict[UUID, Chosen] = {}
        self.connect = Connecting(adapters, self.read, {"sandbox": pac.url + SOAP_PATH})

    async def read(self) -> Chosen | None:
        return self.chosen.get(tenant.current_account())

    async def join(self, bench: Bench, password: str = "clave") -> None:
        user = str(bench.api.account_id)
        await self.pac.register(tokenEmpresa=user, tokenPassword="clave")
        credentials = {"user": user, "password": password}
        self.chosen[bench.api.account_id] = Chosen("sandbox", Environment.TEST, credentials)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    sandbox = Sandbox(store=Store(tmp_path / "sandbox.sqlite3"), clock=lambda: NOW)
    async with (
        run_sandbox(sandbox) as url,
        aiohttp.ClientSession() as session,
        Adapters(Limits(calls_under_way=100)) as adapters,
    ):
        yield World(Pac(url, session), adapters)


@pytest.fixture
async def benches(new_account: Callable[[], Awaitable[UUID]]) -> list[Bench]:
    return [Bench(Api(await new_account())) for _ in range(2)]


async def test_accounts_send_with_their_own_credentials_and_bad_ones_block_their_account_alone(
    world: World, benches: list[Bench]
) -> None:
    good, bad = benches
    await world.join(good)
    await world.join(bad, password="falsa")
    sent, refused = [[await bench.queue() for _ in range(5)] for bench in benches]
    async with working(world.connect, composing=compose):
        await until(lambda: all_are(good, sent, "AUTHORIZED"))
        await until(lambda: fetched(good, sent))
        await until(lambda: all_are(bad, refused, "BLOCKED"))
    documents = await world.pac.documents()
    assert {document["issuer"] for document in documents} == {str(good.api.account_id)}
    assert len({document["key"] for document in documents}) == len(documents) == 5
    assert {(await bad.row(id)).blocked_reason for id in refused} == {"CREDENTIALS"}


async def test_an_account_without_a_provider_is_blocked_and_nothing_is_sent(world: World, bench: Bench) -> None:
    id = await bench.queue()
    async with working(world.connect, composing=compose):
        await until(lambda: all_are(bench, [id], "BLOCKED"))
    assert await world.pac.documents() == []


async def test_a_document_that_was_begun_at_another_provider_is_not_looked_for_here(
    world: World, bench: Bench, admin: Any
) -> None:
    await world.join(bench)
    id = await bench.queue()
    await admin.execute(
        "UPDATE emission SET provider = 'ebi-soap', status = 'CHECKING' WHERE account_id = $1", bench.api.account_id
    )
    async with working(world.connect, composing=compose):
        await until(lambda: looked(bench, id))
    [attempt] = await bench.attempts(id)
    assert (attempt.kind, attempt.outcome, attempt.provider) == ("LOOK", "UNAVAILABLE", "ebi-soap")
    assert await bench.status(id) == "CHECKING"


async def looked(bench: Bench, id: UUID) -> bool:
    return any(attempt.outcome for attempt in await bench.attempts(id))
