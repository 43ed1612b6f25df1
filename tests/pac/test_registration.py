"""A sandbox is told of an account where it doesn't know it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from pac.adapters import Adapters
from pac.emission import Adapter, Authorized, Blocked, Folios, NotFound, NotSent, Rejected
from pac.providers import SANDBOX, SANDBOX_REST, SOAP_PATH
from pac.sandbox.registration import Business
from pac.sandbox.server import run_sandbox
from pac.sandbox.state import Sandbox
from rules.fiscal import cufe
from rules.fiscal.document import DocumentKey, FiscalDocument, Issuer
from rules.vocabulary import BlockedReason, DocumentType, TaxpayerType
from tests.pac.hka.documents import KNOWN
from tests.pac.sandbox.conftest import NOW

EXAMPLE = Business(
    name="Ejemplar, S.A.",
    ruc="999999101-2-2026",
    dv="81",
    taxpayer_type=TaxpayerType.JURIDICAL,
    branches=("0000",),
    points=("001",),
)
SENT = KNOWN["enviar-b-consumidor-final-contado.synthetic"]
SECONDS = 5.0


class World:
    """An account, what it says of itself, and its sandbox."""

    def __init__(self, sandbox: Sandbox, address: str, provider: str = SANDBOX) -> None:
        self.sandbox = sandbox
        self.provider = provider
        self.url = address + (SOAP_PATH if provider == SANDBOX else "")
        self.business: Business | None = EXAMPLE
        self.told = 0
        self.adapters = Adapters(describe=self.describe)
        self.password = "clave"

    async def describe(self) -> Business | None:
        self.told += 1
        return self.business

    @property
    def adapter(self) -> Adapter:
        return self.adapters.make("account", self.provider, {"user": "uno", "password": self.password}, self.url)

    async def send(self, number: int = 1, *, branch: str = "0000", point: str = "001", **changes: Any) -> Any:
        key = DocumentKey(branch=branch, billing_point=point, number=f"{number:010d}", type=DocumentType.INVOICE)
        document: FiscalDocument = replace(SENT, key=key, **changes)
        adapter = self.adapter
        return await adapter.send(adapter.write(document), cufe.expected_prefix(document), SECONDS)

    def forget(self) -> None:
        self.sandbox.store._connection.execute("DELETE FROM issuer")


@pytest.fixture(params=[SANDBOX, SANDBOX_REST])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    sandbox = Sandbox(clock=lambda: NOW)
    async with run_sandbox(sandbox) as address:
        world = World(sandbox, address, request.param)
        async with world.adapters:
            yield world


async def test_the_first_document_is_authorised_and_the_sandbox_is_told_once(world: World) -> None:
    for number in (1, 2, 3):
        assert isinstance(await world.send(number), Authorized)
    assert world.told == 1


async def test_every_call_tells_a_sandbox_that_knows_nothing(world: World) -> None:
    assert isinstance(await world.adapter.look(SENT.key, SECONDS), NotFound)
    world.forget()
    assert isinstance(await world.adapter.count_folios(SECONDS), Folios)
    assert world.told == 2


async def test_a_sandbox_that_has_lost_the_account_is_told_again(world: World) -> None:
    await world.send(1)
    world.forget()
    assert isinstance(await world.send(2), Authorized)


async def test_a_new_point_or_branch_is_told(world: World) -> None:
    await world.send(1)
    world.business = replace(EXAMPLE, branches=("0000", "0001"), points=("001", "002"))
    assert isinstance(await world.send(2, point="002"), Authorized)
    assert isinstance(await world.send(2, branch="0001"), Authorized)


async def test_new_credentials_are_told_and_the_documents_stay(world: World) -> None:
    assert isinstance(await world.send(1), Authorized)
    world.password = "nueva"
    assert isinstance(await world.send(2), Authorized)
    assert len(world.sandbox.store.list_issuers()) == 1


async def test_another_ruc_is_told_before_anything_is_sent_under_it(world: World) -> None:
    await world.send(1)
    world.business = replace(EXAMPLE, ruc="155596713-2-2015", dv="59")
    other = Issuer(ruc="155596713-2-2015", dv="59", taxpayer_type=TaxpayerType.JURIDICAL)
    sent = await world.send(2, issuer=other)
    assert isinstance(sent, Authorized)
    assert "155596713-2-2015" in sent.cufe


async def test_what_is_wrong_with_a_document_stays_so(world: World) -> None:
    refused = await world.send(1, point="009")
    assert isinstance(refused, Rejected)
    assert refused.evidence.code == "109"


async def test_an_account_without_ruc_is_refused_as_before(world: World) -> None:
    world.business = None
    refused = await world.send(1)
    assert isinstance(refused, Blocked)
    assert refused.reason is BlockedReason.CREDENTIALS


async def test_a_sandbox_that_is_away_is_no_sandbox_that_refuses() -> None:
    for provider in (SANDBOX, SANDBOX_REST):
        world = World(Sandbox(), "http://127.0.0.1:1", provider)
        async with world.adapters:
            assert isinstance(await world.send(1), NotSent)
