"""Helpers that read an account's events from the database, run workers, and receive webhooks."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from announcements.settings import Settings
from announcements.worker import Worker
from db import models, tenant
from documents.render import Renderer
from resolvers import outbox
from tests.conftest import FONTS, Answer, Api


@pytest.fixture(autouse=True)
async def _nothing_left(database_url: str) -> None:
    """What earlier tests have announced is of no concern to the worker of this one."""
    admin = await asyncpg.connect(database_url)
    await admin.execute("DELETE FROM webhook; DELETE FROM event")
    await admin.close()


async def until(condition: Callable[[], Any], seconds: float = 20) -> None:
    """Wait until the condition holds."""
    async with asyncio.timeout(seconds):
        for _ in count():
            holds = condition()
            if await holds if isinstance(holds, Awaitable) else holds:
                return
            await asyncio.sleep(0.01)


async def dispatched() -> None:
    """Wait until everything is in its feed; other processes of the tests may be at it, too."""
    while await outbox.dispatch_missed(1000):
        pass


async def events(api: Api) -> Sequence[models.Event]:
    """All that was announced in the account, in the order of writing."""
    with tenant.acting_for(api.account_id):
        return await models.Event.all().order_by("position")


async def types(api: Api) -> list[str]:
    return [event.type.value for event in await events(api)]


async def do(api: Api, mutation: str, id: str, fields: str = "userErrors { path code }") -> Answer:
    payload: Answer = (await api.ask(f'mutation {{ {mutation}(id: "{id}") {{ {fields} }} }}'))[mutation]
    return payload


async def void(api: Api, id: str) -> None:
    query = 'mutation ($id: ID!) { voidInvoice(id: $id, reason: "Precio equivocado") { userErrors { code } } }'
    assert (await api.ask(query, id=id))["voidInvoice"]["userErrors"] == []


async def settled(api: Api) -> bool:
    """Whether all events are dispatched and nothing is pending."""
    with tenant.acting_for(api.account_id):
        waiting = await models.Event.filter(sequence__isnull=True).exists()
        return not waiting and not await models.Delivery.filter(status="PENDING").exists()


async def hurry(admin: Any) -> None:
    """Let everything be due that waits for its next attempt; nobody is disturbed in making one."""
    await admin.execute(
        "UPDATE delivery SET due_at = now() WHERE status = 'PENDING' AND error IS NOT NULL;"
        "UPDATE webhook SET rest_until = now() WHERE rest_until > now()"
    )


@asynccontextmanager
async def working(settings: Settings, workers: int = 1) -> AsyncIterator[None]:
    """Workers that run within the block, and are stopped in good order at its end."""
    with Renderer(FONTS) as renderer:
        tasks = [asyncio.create_task(Worker(settings, renderer).run()) for _ in range(workers)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(mail_folder=tmp_path / "mail", local_webhooks=True, poll=0.01)


@dataclass(frozen=True)
class Call:
    """A request that a receiver got."""

    path: str
    headers: dict[str, str]
    body: bytes
    request: web.Request

    @property
    def payload(self) -> Answer:
        decoded: Answer = orjson.loads(self.body)
        return decoded


Answering = Callable[[Call], Awaitable[web.StreamResponse]]


def always(status: int, **headers: str) -> Answering:
    async def answer(call: Call) -> web.StreamResponse:
        return web.Response(status=status, headers=headers)

    return answer


@dataclass
class Receiver:
    """Somebody's server: what it got, and what it answers to each."""

    answer: Answering
    calls: list[Call] = field(default_factory=list)
    url: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        call = Call(request.path, headers, await request.read(), request)
        self.calls.append(call)
        return await self.answer(call)

    def at(self, path: str) -> list[Call]:
        return [call for call in self.calls if call.path == path]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A server on this machine that answers 204 to everything, until told otherwise."""

    receiver = Receiver(always(204))
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.handle)
    async with TestServer(app) as server:
        receiver.url = str(server.make_url("")).rstrip("/")
        yield receiver


@pytest.fixture
async def admin(database_url: str) -> AsyncIterator[Any]:
    """The administrator's connection, to make time pass."""
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()
