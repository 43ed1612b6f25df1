"""A sandbox on a loopback port, a look-up that asks it, and an empty cache in a real PostgreSQL."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
import pytest
from tortoise.context import TortoiseContext

from lookup.answers import Question
from lookup.service import Consultar
from lookup.settings import Settings
from pac.providers import Provider
from rules import ruc
from rules.vocabulary import TaxpayerType
from tests.pac.conftest import Running
from tests.pac.conftest import no_pauses as no_pauses
from tests.pac.conftest import running as running
from tests.pac.conftest import session as session

CONTRACTS = ("hka-soap", "ebi-soap", "hka-rest")


def question(number: str, taxpayer_type: TaxpayerType = TaxpayerType.JURIDICAL) -> Question:
    return Question(ruc.parse(number), taxpayer_type)


@pytest.fixture
async def admin(database_url: str, service: TortoiseContext) -> AsyncIterator[Any]:
    """An administrator's connection to a database whose cache is empty."""
    connection = await asyncpg.connect(database_url)
    await connection.execute("TRUNCATE registry_answer")
    yield connection
    await connection.close()


@pytest.fixture
async def consultar(running: Running, admin: Any, no_pauses: None) -> AsyncIterator[Callable[..., Any]]:
    """Makes a look-up that asks the sandbox, unless other providers are given."""
    async with AsyncExitStack() as stack:

        async def make(*providers: Provider, **settings: Any) -> Consultar:
            chosen = providers or (running.provider(),)
            return await stack.enter_async_context(Consultar(Settings(chosen, **settings)))

        yield make
