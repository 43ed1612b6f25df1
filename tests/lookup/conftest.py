"""A sandbox on a loopback port, a look-up that asks it, and an empty cache in a real PostgreSQL."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from tortoise.context import TortoiseContext

from db import tenant
from lookup.answers import Question
from lookup.service import Consultar, Lookup
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


class OneAccounts(Consultar):
    """A look-up for which all questions are one account's; ``of`` asks for another one."""

    account: UUID

    async def look_up(self, *arguments: Any, **options: Any) -> Lookup:
        return await self.of(self.account, *arguments, **options)

    async def of(self, account: UUID, *arguments: Any, **options: Any) -> Lookup:
        with tenant.acting_for(account):
            return await super().look_up(*arguments, **options)

    async def confirms(self, *arguments: Any) -> bool:
        with tenant.acting_for(self.account):
            return await super().confirms(*arguments)


@pytest.fixture
async def account(new_account: Callable[..., Awaitable[UUID]]) -> UUID:
    return await new_account()


@pytest.fixture
async def consultar(running: Running, admin: Any, account: UUID, no_pauses: None) -> AsyncIterator[Callable[..., Any]]:
    """Makes a look-up that asks the sandbox, unless other providers are given."""
    async with AsyncExitStack() as stack:

        async def make(*providers: Provider, **settings: Any) -> OneAccounts:
            made = OneAccounts(Settings(providers or (running.provider(),), **settings))
            made.account = account
            return await stack.enter_async_context(made)

        yield make
