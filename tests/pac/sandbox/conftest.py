"""A sandbox over HTTP with one issuer, and a clock that tests move."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import aiohttp
import pytest

from pac.sandbox.server import run_sandbox
from pac.sandbox.state import Sandbox
from pac.sandbox.storage import Store
from tests.pac.sandbox.client import Pac

NOW = datetime.fromisoformat("2026-11-23T10:15:03-05:00")


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


class OwnPac(Pac):
    """A sandbox within this process."""

    def __init__(self, sandbox: Sandbox, clock: Clock, url: str, session: aiohttp.ClientSession) -> None:
        super().__init__(url, session)
        self.sandbox = sandbox
        self.clock = clock


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "sandbox.sqlite3"


@pytest.fixture
async def pac(file: Path) -> AsyncIterator[OwnPac]:
    clock = Clock()
    sandbox = Sandbox(store=Store(file), clock=clock, random=Random(1))
    async with run_sandbox(sandbox) as url, aiohttp.ClientSession() as session:
        pac = OwnPac(sandbox, clock, url, session)
        await pac.register()
        yield pac
