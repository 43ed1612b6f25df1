"""A registry to ask: the sandbox on a loopback port, and a look-up that asks it and remembers nothing yet."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
import pytest
import stamina
from tortoise.context import TortoiseContext

from lookup import sandbox
from lookup.sandbox import Sandbox
from lookup.service import Consultar
from lookup.settings import Settings
from tests.conftest import Api
from tests.lookup.conftest import Running


class Registry:
    def __init__(self, knobs: Sandbox, consultar: Consultar, admin: Any, server: AsyncExitStack) -> None:
        self.knobs = knobs
        self.consultar = consultar
        self.admin = admin
        self.server = server

    def asked(self) -> int:
        """How often the registry was asked something."""
        return sum(self.knobs.calls.values())

    async def go_down(self) -> None:
        await self.server.aclose()

    async def let_pass(self, hours: float) -> None:
        """Let kept answers grow old."""
        await self.admin.execute("UPDATE registry_answer SET asked_at = asked_at - $1 * interval '1 hour'", hours)


@pytest.fixture
async def registry(database_url: str, service: TortoiseContext) -> AsyncIterator[Registry]:
    stamina.set_testing(True, attempts=3, cap=True)  # no pauses
    knobs = Sandbox(slow=0.05)
    admin = await asyncpg.connect(database_url)
    await admin.execute("TRUNCATE registry_answer")
    # No other test's customers are to be checked here.
    await admin.execute("UPDATE customer SET verification_status = 'UNVERIFIED' WHERE verification_status = 'PENDING'")
    async with AsyncExitStack() as server:
        url = await server.enter_async_context(sandbox.running(knobs))
        async with Consultar(Settings((Running(knobs, url).provider(),), timeout=2.0, rest=0.2)) as consultar:
            yield Registry(knobs, consultar, admin, server)
    await admin.close()
    stamina.set_testing(False)


@pytest.fixture
def client(api: Api, registry: Registry) -> Api:
    """A client of a fresh account, in a service that asks the registry."""
    api.context.consultar = registry.consultar
    return api
