"""checkPacConnection asks the account's provider for folios, which changes nothing there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from emission.ports import Provider
from pac.cipher import Undecryptable
from pac.emission import Evidence, Folios, Unavailable
from resolvers.pac_connection import PacConnections
from rules.vocabulary import BlockedReason, Environment, Scope
from tests.conftest import Answer, Api
from tests.emission.conftest import NEVER_RESTS
from tests.emission.provider import FakeProvider

_TEST = "mutation { checkPacConnection { ok available licenceUntil userErrors { path code message } } }"
_LEFT = Folios(available=3, used=7, total=10, licence_until="2027-01-31")


class _Counting(FakeProvider):
    answer: Any = _LEFT

    async def count_folios(self, seconds: float) -> Any:
        self.seconds = seconds
        return await self.answer() if callable(self.answer) else self.answer


def connected(answer: Any, **options: Any) -> PacConnections:
    provider = _Counting()
    provider.answer = answer

    async def connect(_account: object) -> Provider:
        return Provider("fake", Environment.TEST, provider, NEVER_RESTS, 0)

    return PacConnections(connect, **options)


async def asked(api: Api, connections: PacConnections | None) -> Answer:
    api.context.connections = connections
    payload: Answer = (await api.ask(_TEST))["checkPacConnection"]
    return payload


async def test_a_provider_that_answers_tells_the_folios(api: Api) -> None:
    assert await asked(api, connected(_LEFT)) == {
        "ok": True,
        "available": 3,
        "licenceUntil": "2027-01-31",
        "userErrors": [],
    }


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            Unavailable(evidence=Evidence(code="100", message="Token  inválido"), reason=BlockedReason.CREDENTIALS),
            "El proveedor no acepta las credenciales. Respuesta: 100 Token inválido",
        ),
        (
            Unavailable(evidence=Evidence(code="101"), reason=BlockedReason.CERTIFICATE),
            "El proveedor no acepta el certificado de firma. Respuesta: 101",
        ),
        (
            Unavailable(evidence=Evidence()),
            "El proveedor no dio una respuesta que se pueda usar. Prueba más tarde.",
        ),
    ],
)
async def test_why_a_provider_tells_nothing_is_a_refusal_with_its_words(
    api: Api, answer: Unavailable, message: str
) -> None:
    payload = await asked(api, connected(answer))
    assert payload["ok"] is False
    assert payload["userErrors"] == [{"path": [], "code": "NOT_ALLOWED", "message": message}]


async def test_a_defect_of_the_adapter_is_a_refusal_too(api: Api) -> None:
    async def breaks() -> None:
        raise ZeroDivisionError

    payload = await asked(api, connected(breaks))
    assert payload["userErrors"][0]["message"].endswith("Respuesta: ZeroDivisionError")


async def test_without_a_provider_or_a_key_the_refusal_says_so(api: Api) -> None:
    async def none(_account: object) -> None:
        return None

    async def undecryptable(_account: object) -> None:
        raise Undecryptable("no key")

    for connect, word in ((none, "proveedor"), (undecryptable, "PAC_SECRETS_KEY")):
        payload = await asked(api, PacConnections(connect))
        assert word in payload["userErrors"][0]["message"]
    assert (await asked(api, None))["ok"] is False


async def test_an_account_asks_once_at_a_time_and_others_meanwhile(api: Api, electronic: Api) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> Folios:
        begun.set()
        await go_on.wait()
        return _LEFT

    connections = connected(slow)
    first = asyncio.create_task(asked(api, connections))
    await begun.wait()
    second = await asked(api, connections)
    assert "ya se está probando" in second["userErrors"][0]["message"].lower()
    go_on.set()
    assert (await asked(electronic, connections))["ok"]
    assert (await first)["ok"]
    assert (await asked(api, connections))["ok"]


async def test_while_it_waits_the_request_has_given_its_permit_back(api: Api) -> None:
    inside = False

    @asynccontextmanager
    async def waiting() -> AsyncIterator[None]:
        nonlocal inside
        inside = True
        yield
        inside = False

    async def answer() -> Folios:
        assert inside
        return _LEFT

    assert (await asked(api, connected(answer, while_waiting=waiting)))["ok"]
    assert not inside


async def test_only_an_administrator_tests_the_connection(api: Api) -> None:
    writer = Api(api.account_id, Scope.WRITE)
    writer.context.connections = connected(_LEFT)
    assert await writer.refused(_TEST) == ["FORBIDDEN"]
