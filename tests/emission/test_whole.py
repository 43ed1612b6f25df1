"""An invoice goes all the way: issued, sent, authorised, mailed with its XML; and a request may wait for it."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from announcements import mail_xml
from announcements.settings import Settings
from db import models, tenant
from pac.sandbox.knobs import Knobs
from pac.sandbox.state import Sandbox
from tests.announcements.conftest import _nothing_left as _nothing_left
from tests.announcements.conftest import settings as settings
from tests.announcements.conftest import until, working
from tests.announcements.test_mail import Server, over
from tests.builders import company, create_invoice, invoice
from tests.conftest import Answer, Api
from tests.emitting import hearing, join_sandbox, sending
from transport.limiter import PERMITS, AccountLimiter

_CREATE = """
    mutation ($input: InvoiceInput!, $customer: CustomerInput!, $wait: Int!, $key: String) {
        createInvoice(input: $input, newCustomer: $customer, onDuplicate: USE_EXISTING, waitMs: $wait,
                      idempotencyKey: $key) {
            invoice { id number fiscal { status cufe environment sandbox blockedReason faults { code } } }
            userErrors { code }
        }
    }
"""
_ISSUE = """
    mutation ($id: ID!, $wait: Int!) {
        issueInvoice(id: $id, waitMs: $wait) { invoice { fiscal { status } } userErrors { code } }
    }
"""
_VOID = 'mutation ($id: ID!) { voidInvoice(id: $id, reason: "La operación no se hizo") { userErrors { code } } }'
_SEND = 'mutation ($id: ID!) { sendDocument(id: $id, to: ["ana@example.com"]) { userErrors { path code } } }'
OURS = "FE0120000999999101-2-2026-810000"


@pytest.fixture
async def sandbox(api: Api, database_url: str) -> AsyncIterator[Sandbox]:
    """The account has the sandbox, and a worker sends to it."""
    await join_sandbox(api)
    async with sending(database_url) as sandbox, hearing(api, database_url):
        yield sandbox


async def made(api: Api, wait: int = 10_000, key: str | None = None, **customer: Any) -> Answer:
    given = {"input": invoice(), "customer": company(**customer), "wait": wait, "key": key}
    payload: Answer = (await api.ask(_CREATE, **given))["createInvoice"]
    assert payload["userErrors"] == []
    found: Answer = payload["invoice"]
    return found


async def status(api: Api, id: str) -> str:
    with tenant.acting_for(api.account_id):
        return (await models.Emission.get(account_id=api.account_id, document_id=UUID(id))).status.value


# Waiting


async def test_a_request_waits_until_its_invoice_is_authorised(api: Api, sandbox: Sandbox) -> None:
    begin = time.monotonic()
    found = (await made(api))["fiscal"]
    assert time.monotonic() - begin < 5
    assert found["cufe"].startswith(OURS)
    assert found == {
        **{"status": "AUTHORIZED", "environment": "TEST", "sandbox": True, "blockedReason": None, "faults": []},
        "cufe": found["cufe"],
    }
    assert [document.cufe for document, _ in sandbox.store.list_documents()] == [found["cufe"]]


async def test_without_waiting_it_is_queued(api: Api, sandbox: Sandbox) -> None:
    sandbox.knobs = Knobs(slow=1)
    found = await made(api, wait=0)
    assert found["fiscal"]["status"] == "QUEUED"
    assert (await made(api, wait=50))["fiscal"]["status"] == "QUEUED"  # SENDING isn't shown


@pytest.mark.parametrize(
    ("knobs", "status", "reason", "codes"),
    [({"reject": "2152,1"}, "REJECTED", None, ["2152"]), ({"no_folios": True}, "BLOCKED", "FOLIOS", [])],
)
async def test_it_doesnt_wait_for_what_needs_somebody(
    api: Api, sandbox: Sandbox, knobs: Any, status: str, reason: str | None, codes: list[str]
) -> None:
    sandbox.knobs = Knobs(**knobs)
    begin = time.monotonic()
    found = (await made(api))["fiscal"]
    assert time.monotonic() - begin < 5
    assert (found["status"], found["blockedReason"]) == (status, reason)
    assert [fault["code"] for fault in found["faults"]] == codes


async def test_a_repeated_request_may_wait_for_another_time(api: Api, sandbox: Sandbox) -> None:
    first = await made(api, wait=0, key="one")
    again = await made(api, key="one")
    assert (again["id"], again["fiscal"]["status"]) == (first["id"], "AUTHORIZED")


async def test_issuing_a_draft_waits_too(api: Api, sandbox: Sandbox) -> None:
    draft = await create_invoice(api, invoice(issue=False), newCustomer=company())
    issued = await api.ask(_ISSUE, id=draft["invoice"]["id"], wait=10_000)
    assert issued["issueInvoice"]["invoice"]["fiscal"]["status"] == "AUTHORIZED"


@pytest.mark.parametrize("wait", [-1, 10_001])
async def test_nobody_waits_longer_than_ten_seconds(api: Api, wait: int) -> None:
    given = {"input": invoice(), "customer": company(), "wait": wait}
    assert await api.refused(_CREATE, **given) == ["BAD_USER_INPUT"]
    with tenant.acting_for(api.account_id):
        assert not await models.Document.filter(account_id=api.account_id).exists()


async def test_an_invoice_on_paper_is_not_waited_for(api: Api, database_url: str) -> None:
    async with hearing(api, database_url):
        begin = time.monotonic()
        assert (await made(api))["fiscal"]["status"] == "NONE"
        assert time.monotonic() - begin < 5


async def test_a_request_that_waits_has_no_permit(api: Api, sandbox: Sandbox) -> None:
    sandbox.knobs = Knobs(slow=2)
    limiter = AccountLimiter(1.0)
    assert api.context.results is not None
    api.context.results._while_waiting = limiter.while_waiting

    async def request(wait: int) -> str:
        async with limiter.admit(api.account_id):
            found: str = (await made(api, wait=wait))["fiscal"]["status"]
            return found

    waiting = [asyncio.create_task(request(10_000)) for _ in range(PERMITS)]
    await asyncio.sleep(0.3)
    assert await request(0) == "QUEUED"
    assert not any(task.done() for task in waiting)
    assert await asyncio.gather(*waiting) == ["AUTHORIZED"] * PERMITS


# Voiding


async def test_a_void_that_shows_late_is_confirmed_by_asking_again(api: Api, sandbox: Sandbox) -> None:
    id = (await made(api))["id"]
    sandbox.knobs = Knobs(void_late=3600)
    await api.ask(_VOID, id=id)
    for _ in range(200):
        if await status(api, id) != "VOIDING":
            break
        await asyncio.sleep(0.1)
    assert await status(api, id) == "VOIDED"
    assert (await api.ask("query ($id: ID!) { invoice(id: $id) { status } }", id=id))["invoice"]["status"] == "VOID"


# Mail


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server().listening() as server:
        yield server


def attached(message: Any) -> list[str]:
    return [part.get_filename() for part in message.iter_attachments()]


async def test_an_authorised_invoice_is_mailed_with_pdf_and_xml(
    api: Api, sandbox: Sandbox, server: Server, settings: Settings
) -> None:
    sandbox.knobs = Knobs(slow=0.5)
    async with working(over(settings, server)):
        id = (await made(api, wait=0, email="pagos@example.com"))["id"]
        await asyncio.sleep(0.3)
        assert server.mails == []  # it isn't worth anything yet
        await until(lambda: bool(server.mails))
    [(to, message)] = server.mails
    assert to == "pagos@example.com"
    assert attached(message) == ["factura-001-0000000001.pdf", "factura-001-0000000001.xml"]
    xml = list(message.iter_attachments())[1].get_content()
    [(document, _)] = sandbox.store.list_documents()
    assert xml.decode() == document.xml
    assert await status(api, id) == "AUTHORIZED"


async def test_a_rejected_invoice_is_not_mailed(api: Api, sandbox: Sandbox, server: Server, settings: Settings) -> None:
    sandbox.knobs = Knobs(reject="2152")
    async with working(over(settings, server)):
        found = await made(api, email="pagos@example.com")
        await asyncio.sleep(0.5)
    assert (found["fiscal"]["status"], server.mails) == ("REJECTED", [])


async def test_the_mail_waits_for_a_late_xml_but_not_for_ever(
    api: Api,
    sandbox: Sandbox,
    server: Server,
    settings: Settings,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def lose_xml() -> None:
        admin = await asyncpg.connect(database_url)
        has_both = "SELECT count(*) = 2 FROM fiscal_file WHERE account_id = $1"
        await until(lambda: admin.fetchval(has_both, api.account_id))
        await admin.execute("DELETE FROM fiscal_file WHERE account_id = $1", api.account_id)
        late = "UPDATE emission SET files_due_at = now() + interval '1 hour' WHERE account_id = $1"
        await admin.execute(late, api.account_id)
        await admin.close()

    await made(api, email="pagos@example.com")
    await lose_xml()
    monkeypatch.setattr(mail_xml, "_AGAIN", 0.1)
    async with working(over(settings, server)):
        await asyncio.sleep(0.5)
        assert server.mails == []
        with tenant.acting_for(api.account_id):
            [delivery] = await models.Delivery.filter(account_id=api.account_id)
        assert (delivery.attempts, delivery.status, delivery.error) == (0, "PENDING", "waits for the XML")
        monkeypatch.setattr(mail_xml, "PATIENCE", 0.0)
        await until(lambda: bool(server.mails))
    assert attached(server.mails[0][1]) == ["factura-001-0000000001.pdf"]


async def test_the_void_of_an_invoice_is_mailed_when_the_provider_has_confirmed_it(
    api: Api, sandbox: Sandbox, server: Server, settings: Settings
) -> None:
    id = (await made(api, email="pagos@example.com"))["id"]
    async with working(over(settings, server)):
        await until(lambda: len(server.mails) == 1)
        assert (await api.ask(_VOID, id=id))["voidInvoice"]["userErrors"] == []
        await until(lambda: len(server.mails) == 2)
    assert await status(api, id) == "VOIDED"
    subject = str(server.mails[1][1]["Subject"])
    assert subject.startswith("Anulada: factura 001-0000000001 de ")
    assert attached(server.mails[1][1]) == ["factura-001-0000000001.pdf"]
    text = server.mails[0][1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "La factura va adjunta en PDF y en XML. Es una prueba y no tiene valor fiscal." in text
    assert "https://dgi-fep-test.mef.gob.pa:40001/Consultas/FacturasPorCUFE/FE01" in text


async def test_every_attempt_at_a_mail_has_the_same_message_id(
    api: Api, sandbox: Sandbox, server: Server, settings: Settings, database_url: str
) -> None:
    seen: list[Any] = []

    async def refuse_once() -> str | None:
        seen.append(None)
        return "250 OK" if len(seen) > 1 else "451 later"

    server.to_mail = refuse_once
    await made(api, email="pagos@example.com")
    async with working(over(settings, server)):
        await until(lambda: bool(seen))
        admin = await asyncpg.connect(database_url)
        await asyncio.sleep(0.2)
        await admin.execute("UPDATE delivery SET due_at = now() WHERE status = 'PENDING'")
        await admin.close()
        await until(lambda: bool(server.mails))
    with tenant.acting_for(api.account_id):
        [delivery] = await models.Delivery.filter(account_id=api.account_id)
    assert server.mails[0][1]["Message-ID"] == f"<{delivery.id}@istmo.example>"


@pytest.mark.parametrize(
    ("knobs", "wait", "code"),
    [
        ({"slow": 3}, 0, "EMISSION_PENDING"),
        ({"no_folios": True}, 10_000, "EMISSION_PENDING"),
        ({"reject": "2152"}, 10_000, "NOT_ALLOWED"),
    ],
)
async def test_an_invoice_is_sent_to_others_when_it_is_authorised(
    api: Api, sandbox: Sandbox, knobs: Any, wait: int, code: str
) -> None:
    id = (await made(api))["id"]
    assert (await api.ask(_SEND, id=id))["sendDocument"]["userErrors"] == []
    sandbox.knobs = Knobs(**knobs)
    id = (await made(api, wait=wait))["id"]
    assert (await api.ask(_SEND, id=id))["sendDocument"]["userErrors"] == [{"path": ["id"], "code": code}]
