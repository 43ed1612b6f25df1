"""A sandbox on a loopback port, a look-up that asks it, and an empty cache in a real PostgreSQL."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import asyncpg
import pytest
import stamina
from pydantic import SecretStr
from tortoise.context import TortoiseContext

from lookup import http, sandbox
from lookup.providers import KINDS, SOAP_PATH
from lookup.registry import Question
from lookup.sandbox import Sandbox
from lookup.service import Consultar
from lookup.settings import Provider, Settings
from rules import ruc
from rules.vocabulary import TaxpayerType

CONTRACTS = ("hka-soap", "ebi-soap", "hka-rest")


class Running:
    """The sandbox, its knobs, and how the providers are told where it is."""

    def __init__(self, knobs: Sandbox, url: str) -> None:
        self.knobs = knobs
        self.url = url

    def provider(self, name: str = "sandbox", user: str = "sandbox", password: str = "sandbox") -> Provider:
        path = "" if KINDS[name].url.endswith(".pa") else SOAP_PATH
        return Provider(name, self.url + path, SecretStr(user), SecretStr(password), KINDS[name].sandbox)

    def asked(self, number: str) -> int:
        return sum(count for (each, _), count in self.knobs.calls.items() if each == number)


def question(number: str, taxpayer_type: TaxpayerType = TaxpayerType.JURIDICAL) -> Question:
    return Question(ruc.parse(number), taxpayer_type)


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    stamina.set_testing(True, attempts=3, cap=True)
    yield
    stamina.set_testing(False)


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    knobs = Sandbox(slow=0.05)
    async with sandbox.running(knobs) as url:
        yield Running(knobs, url)


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with http.new_session() as session:
        yield session


@pytest.fixture
async def admin(database_url: str, service: TortoiseContext) -> AsyncIterator[Any]:
    """An administrator's connection to a database whose cache is empty."""
    connection = await asyncpg.connect(database_url)
    await connection.execute("TRUNCATE registry_answer")
    yield connection
    await connection.close()


@pytest.fixture
async def consultar(running: Running, admin: Any) -> AsyncIterator[Callable[..., Any]]:
    """Makes a look-up that asks the sandbox, unless other providers are given."""
    async with AsyncExitStack() as stack:

        async def make(*providers: Provider, **settings: Any) -> Consultar:
            chosen = providers or (running.provider(),)
            return await stack.enter_async_context(Consultar(Settings(chosen, **settings)))

        yield make
