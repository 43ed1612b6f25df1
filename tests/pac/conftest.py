"""A sandbox on a loopback port, and a session to call it."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from pydantic import SecretStr

from pac import http
from pac.providers import KINDS, SOAP_PATH, Provider
from pac.sandbox.server import run_sandbox
from pac.sandbox.state import Sandbox
from rules.retry import Backoff


class Running:
    """A sandbox that runs, and how the providers are told where it is."""

    def __init__(self, sandbox: Sandbox, url: str) -> None:
        self.sandbox = sandbox
        self.url = url

    def provider(self, name: str = "sandbox", user: str = "sandbox", password: str = "sandbox") -> Provider:
        path = "" if KINDS[name].url.endswith(".pa") else SOAP_PATH
        return Provider(name, self.url + path, SecretStr(user), SecretStr(password), KINDS[name].sandbox)

    def count_calls(self, number: str) -> int:
        return sum(count for (each, _), count in self.sandbox.calls.items() if each == number)


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts follow each other at once."""
    monkeypatch.setattr("pac.client.BACKOFF", Backoff(first=0.0, longest=0.0))


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    sandbox = Sandbox(slow=0.05)
    async with run_sandbox(sandbox) as url:
        yield Running(sandbox, url)


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with http.new_session() as session:
        yield session
