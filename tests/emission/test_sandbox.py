"""The worker with the real adapters and the sandbox over HTTP: whatever the sandbox does, one document or none."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import aiohttp
import pytest

from db import models
from emission import files, requests
from emission.ports import Provider
from emission.settings import Settings
from pac.adapters import Adapters, Limits
from pac.providers import SANDBOX, SANDBOX_REST, SOAP_PATH
from pac.sandbox.server import run_sandbox
from pac.sandbox.state import Sandbox
from pac.sandbox.storage import Store
from rules.fiscal.document import DocumentKey, FiscalDocument
from rules.vocabulary import Environment
from tests.conftest import Api
from tests.emission.conftest import NEVER_RESTS, Bench
from tests.emission.test_acts import requested
from tests.pac.hka.documents import KNOWN
from tests.pac.sandbox.client import Pac
from tests.pac.sandbox.conftest import NOW

SENT = KNOWN["enviar-b-consumidor-final-contado.synthetic"]
REASON = "La operación no se hizo al final"


async def compose(account_id: UUID, document_id: UUID) -> FiscalDocument:
    """An invented document under our number."""
    row = await models.Document.get(account_id=account_id, id=document_id)
    assert row.number is not None
    key = DocumentKey(branch="0000", billing_point=row.billing_point, number=row.number, type=row.type)
    return replace(SENT, key=key)


class Served(Bench):
    """A bench whose provider is the sandbox, which goes by the worker's clock."""

    pac: Pac
    adapter: Any
    name: str

    @property
    def connection(self) -> Provider:
        return Provider(self.name, Environment.TEST, self.adapter, NEVER_RESTS, self.version)

    async def documents(self) -> list[dict[str, Any]]:
        return await self.pac.documents()


@pytest.fixture(params=[SANDBOX, SANDBOX_REST])
async def served(api: Api, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Served]:
    bench = Served(api, settings=Settings(call=0.5), compose=compose)
    began = bench.clock.time
    async with serve(bench, request.param, tmp_path, lambda: NOW + (bench.clock.time - began)):
        yield bench


@asynccontextmanager
async def serve(bench: Served, name: str, folder: Path, clock: Callable[[], datetime]) -> AsyncIterator[None]:
    """Let the bench's provider be a sandbox, over SOAP or REST."""
    sandbox = Sandbox(store=Store(folder / "sandbox.sqlite3"), clock=clock, random=Random(1))
    async with (
        run_sandbox(sandbox) as url,
        aiohttp.ClientSession() as session,
        Adapters(Limits(rest=0.0, failures=1000)) as adapters,
    ):
        bench.pac = Pac(url, session)
        await bench.pac.register()
        secrets = {"user": "empresa", "password": "clave"}
        bench.name = name
        address = url + (SOAP_PATH if bench.name == SANDBOX else "")
        bench.adapter = adapters.make(bench.api.account_id, bench.name, secrets, address)
        yield


@pytest.mark.parametrize(
    ("knobs", "first", "sends"),
    [
        ({}, "AUTHORIZED", 1),
        ({"notice": "2509"}, "AUTHORIZED", 1),
        ({"slow": 1}, "CHECKING", 1),
        ({"lost": True}, "CHECKING", 1),
        ({"half": True}, "CHECKING", 1),
        ({"empty": True}, "CHECKING", 1),
        ({"no_cufe": True}, "CHECKING", 1),
        ({"wrong_cufe": True}, "CHECKING", 1),
        ({"dgi_late": 100}, "CHECKING", 1),
        ({"not_arrived": True}, "CHECKING", 2),
        ({"dgi_down": True}, "CHECKING", 2),
        ({"processing_error": True}, "CHECKING", 2),
        ({"http_502": True}, "CHECKING", 2),
        ({"reject": "9999"}, "CHECKING", 2),
        ({"no_folios": True}, "BLOCKED", 2),
        ({"certificate_expired": True}, "BLOCKED", 2),
    ],
)
async def test_when_the_fault_has_passed_there_is_one_authorised_document(
    served: Served, knobs: dict[str, Any], first: str, sends: int
) -> None:
    id = await served.queue()
    await served.pac.turn(**knobs)
    await served.work()
    assert await served.status(id) == first
    await served.pac.turn()
    assert await served.work_until(id, "AUTHORIZED") == "AUTHORIZED"
    row = await served.row(id)
    [document] = await served.documents()
    assert (document["cufe"], document["status"]) == (row.cufe, "AUTHORIZED")
    kinds = [attempt.kind for attempt in await served.attempts(id)]
    assert kinds.count("SEND") == sends
    assert row.qr
    assert row.protocol
    assert await served.told(id) == [*(["EMISSION_BLOCKED"] if first == "BLOCKED" else []), "INVOICE_AUTHORIZED"]


@pytest.mark.parametrize(
    ("knobs", "status", "reason"),
    [
        ({"reject": "2152,1"}, "REJECTED", None),
        ({"reject": "1562"}, "BLOCKED", "ISSUER"),
        ({"bad_token": True}, "BLOCKED", "CREDENTIALS"),
        ({"duplicate": "102"}, "BLOCKED", "NUMBER_TAKEN"),
        ({"duplicate": "203"}, "BLOCKED", "NUMBER_TAKEN"),
    ],
)
async def test_what_somebody_must_put_right_waits_for_that(
    served: Served, knobs: dict[str, Any], status: str, reason: str | None
) -> None:
    id = await served.queue()
    await served.pac.turn(**knobs)
    await served.work()
    assert await served.work_until(id, "REJECTED", "BLOCKED", "AUTHORIZED") == status
    row = await served.row(id)
    assert (row.blocked_reason, row.due_at) == (reason, None)
    if status == "REJECTED":
        assert [fault["code"] for fault in row.faults] == ["2152"]


# A void that shows late: before the first look, after it, and after several.
@pytest.mark.parametrize(
    "knobs", [{}, {"void_lost": True}, {"void_late": 1}, {"void_late": 20}, {"void_late": 200}, {"void_late": 3600}]
)
async def test_a_void_is_confirmed(served: Served, knobs: dict[str, Any]) -> None:
    id = await served.queue()
    await served.work()
    await served.pac.turn(**knobs)
    await requested(served, requests.request_void, id, REASON)
    assert await served.work_until(id, "VOIDED", "AUTHORIZED") == "VOIDED"
    [document] = await served.documents()
    assert document["status"] == ("VOIDED" if knobs.get("void_late", 0) < 20 else "AUTHORIZED")
    assert (await served.document(id)).void_reason == REASON


@pytest.mark.parametrize("fault", [{"http_500": True}, {"http_502": True}, {"bad_token": True}])
async def test_a_void_that_nobody_answered_is_asked_for_until_it_is_confirmed(
    served: Served, fault: dict[str, Any]
) -> None:
    id = await served.queue()
    await served.work()
    await served.pac.turn(**fault)
    await requested(served, requests.request_void, id, REASON)
    for _ in range(3):
        await served.wait(id)
        await served.work()
    assert await served.status(id) == "VOIDING"
    await served.pac.turn()
    assert await served.work_until(id, "VOIDED", "AUTHORIZED") == "VOIDED"


async def test_a_void_that_the_dgi_refuses_is_shown(served: Served) -> None:
    id = await served.queue()
    await served.work()
    await served.pac.turn(void_refused=True)
    await requested(served, requests.request_void, id, REASON)
    assert await served.work_until(id, "VOIDED", "AUTHORIZED") == "AUTHORIZED"
    row = await served.row(id)
    assert row.void_refusal == "1563-RUC impedido de facturar"
    assert (await served.document(id)).status == "ISSUED"
    assert await served.told(id) == ["INVOICE_AUTHORIZED", "INVOICE_UPDATED"]


async def test_a_void_after_the_window_is_refused(served: Served) -> None:
    id = await served.queue()
    await served.work()
    served.clock.go_on(hours=200)
    await requested(served, requests.request_void, id, REASON)
    assert await served.work_until(id, "VOIDED", "AUTHORIZED") == "AUTHORIZED"
    assert "plazo" in ((await served.row(id)).void_refusal or "")


async def test_an_accepted_document_is_looked_for_until_the_dgi_has_answered(served: Served) -> None:
    id = await served.queue()
    await served.pac.turn(asynchronous=100)
    await served.work()
    assert await served.status(id) == "ACCEPTED"
    assert await served.told(id) == []
    assert await served.work_until(id, "AUTHORIZED", "CHECKING", "QUEUED") == "AUTHORIZED"
    row = await served.row(id)
    [document] = await served.documents()
    assert (document["cufe"], document["status"]) == (row.cufe, "AUTHORIZED")
    assert row.protocol
    kinds = [attempt.kind for attempt in await served.attempts(id)]
    assert (kinds.count("SEND"), kinds.count("LOOK")) == (1, 3)
    assert await served.told(id) == ["INVOICE_AUTHORIZED"]


async def test_an_accepted_document_that_the_dgi_rejects_is_corrected_and_authorised(served: Served) -> None:
    id = await served.queue()
    await served.pac.turn(asynchronous=100, reject="2152,1")
    await served.work()
    assert await served.work_until(id, "REJECTED", "AUTHORIZED", "QUEUED") == "REJECTED"
    row = await served.row(id)
    assert [(fault["code"], fault["line"]) for fault in row.faults] == [("2152", 1)]
    assert row.due_at is None
    assert await served.documents() == []
    await served.pac.turn(asynchronous=100)
    await requested(served, requests.requeue_corrected, id)
    assert await served.work_until(id, "REJECTED", "AUTHORIZED") == "AUTHORIZED"
    assert [each["status"] for each in await served.documents()] == ["AUTHORIZED"]
    assert (await served.row(id)).faults == []
    assert await served.told(id) == ["INVOICE_REJECTED", "INVOICE_AUTHORIZED"]


@pytest.mark.parametrize(("knobs", "end"), [({}, "AUTHORIZED"), ({"reject": "2152,1"}, "REJECTED")])
async def test_where_the_acceptance_is_lost_the_document_still_comes_to_its_end(
    served: Served, knobs: dict[str, Any], end: str
) -> None:
    id = await served.queue()
    await served.pac.turn(asynchronous=100, lost=True, **knobs)
    await served.work()
    assert await served.status(id) == "CHECKING"
    await served.pac.turn(asynchronous=100, **knobs)
    assert await served.work_until(id, "AUTHORIZED", "REJECTED") == end
    assert len(await served.documents()) == (end == "AUTHORIZED")


async def test_a_corrected_document_that_got_lost_is_not_taken_for_the_rejected_one(served: Served) -> None:
    id = await served.queue()
    await served.pac.turn(asynchronous=100, reject="2152,1")
    await served.work()
    await served.work_until(id, "REJECTED")
    await served.pac.turn(not_arrived=True)
    await requested(served, requests.requeue_corrected, id)
    await served.work()
    assert await served.status(id) == "CHECKING"
    await served.pac.turn()
    assert await served.work_until(id, "REJECTED", "AUTHORIZED") == "AUTHORIZED"


async def test_the_files_are_fetched_though_the_pdf_is_late(served: Served) -> None:
    id = await served.queue()
    await served.pac.turn(pdf_late=2)
    await served.work()
    for _ in range(3):
        due_at = (await served.row(id)).files_due_at
        assert due_at is not None
        served.clock.time = max(served.clock.time, due_at)
        await served.fetch()
    assert (await served.row(id)).files_due_at is None
    with served.acting():
        xml, pdf = await files.read(id, files.FileKind.XML), await files.read(id, files.FileKind.PDF)
    assert xml is not None
    assert pdf is not None
    assert pdf.startswith(b"%PDF")
    assert ((await served.row(id)).cufe or "?") in xml.decode()


async def test_no_attempt_keeps_our_tokens(served: Served) -> None:
    id = await served.queue()
    await served.work()
    await served.fetch()
    for attempt in await served.attempts(id):
        assert "clave" not in f"{attempt.message}{attempt.answer}"
