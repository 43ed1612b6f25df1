"""A registry to ask: the sandbox on a loopback port, and a look-up that asks it and remembers nothing yet."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import asyncpg
import pytest
from tortoise.context import TortoiseContext

from lookup.service import Consultar
from lookup.settings import Settings
from pac.sandbox.server import run_sandbox
from pac.sandbox.state import Sandbox
from tests.conftest import Api
from tests.pac.conftest import Running
from tests.pac.conftest import no_pauses as no_pauses


class Registry:
    def __init__(self, sandbox: Sandbox, consultar: Consultar, admin: Any, server: AsyncExitStack) -> None:
        self.sandbox = sandbox
        self.consultar = consultar
        self.admin = admin
        self.server = server

    def asked(self) -> int:
        """How often the registry was asked something."""
        return sum(self.sandbox.calls.values())

    async def go_down(self) -> None:
        await self.server.aclose()

    def limit_to(self, daily_limit: int) -> None:
        self.consultar._settings = replace(self.consultar._settings, daily_limit=daily_limit)

    async def let_pass(self, hours: float) -> None:
        """Let kept answers grow old."""
        await self.admin.execute("UPDATE registry_answer SET asked_at = asked_at - $1 * interval '1 hour'", hours)


@pytest.fixture
async def registry(database_url: str, service: TortoiseContext, no_pauses: None) -> AsyncIterator[Registry]:
    sandbox = Sandbox(slow=0.05)
    admin = await asyncpg.connect(database_url)
    await admin.execute("TRUNCATE registry_answer")
    # No other test's customers are to be checked here.
    await admin.execute("UPDATE customer SET verification_status = 'UNVERIFIED' WHERE verification_status = 'PENDING'")
    async with AsyncExitStack() as server:
        url = await server.enter_async_context(run_sandbox(sandbox))
        async with Consultar(Settings((Running(sandbox, url).provider(),), timeout=2.0, rest=0.2)) as consultar:
            yield Registry(sandbox, consultar, admin, server)
    await admin.close()


@pytest.fixture
def client(api: Api, registry: Registry) -> Api:
    """A client of a fresh account, in a service that asks the registry."""
    api.context.consultar = registry.consultar
    return api
