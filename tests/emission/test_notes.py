"""Electronic notes go all the way: the sandbox applies the DGI's rules to what they refer to, and to their amounts."""

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from db import models, tenant
from emission.compose import read_document
from pac.sandbox.knobs import Knobs
from pac.sandbox.state import Sandbox
from rules import calendar
from rules.vocabulary import BlockedReason, FiscalStatus
from tests.announcements.conftest import until
from tests.builders import company, create_invoice, faults, invoice, line
from tests.conftest import Answer, Api
from tests.emitting import hearing, join_sandbox, sending
from tests.noting import REASON, credited, debited, try_credit, try_debit, try_void_invoice, try_void_note

_WAIT = """
    mutation ($input: InvoiceInput!, $customer: CustomerInput!) {
        createInvoice(input: $input, newCustomer: $customer, onDuplicate: USE_EXISTING, waitMs: 10000) {
            invoice { id fiscal { status } } userErrors { path code }
        }
    }
"""
_FISCAL = "query ($id: ID!) { document(id: $id) { status fiscal { status faults { code } } } }"
_CORRECT = """
    mutation ($id: ID!, $input: InvoiceCorrection) { correctDocument(id: $id, input: $input) {
        document { __typename notes fiscal { status } } invoice { id } userErrors { path code }
    } }
"""


@pytest.fixture
async def sandbox(api: Api, database_url: str) -> AsyncIterator[Sandbox]:
    """The account has the sandbox, and a worker sends to it."""
    await join_sandbox(api)
    async with sending(database_url) as sandbox, hearing(api, database_url):
        yield sandbox


async def authorized(api: Api, *lines: dict[str, Any], **customer: Any) -> str:
    """The id of an authorised invoice."""
    given = {"input": invoice(*(lines or (line(quantity="3"),))), "customer": company(**customer)}
    payload = (await api.ask(_WAIT, **given))["createInvoice"]
    assert payload["userErrors"] == []
    assert payload["invoice"]["fiscal"]["status"] == "AUTHORIZED"
    id: str = payload["invoice"]["id"]
    return id


async def status(api: Api, id: str) -> str:
    found: str = (await api.ask(_FISCAL, id=id))["document"]["fiscal"]["status"]
    return found


async def test_a_credit_note_is_authorised_with_the_reference_to_its_invoice(api: Api, sandbox: Sandbox) -> None:
    id = await authorized(api)
    note = await credited(api, id, waitMs=10_000)
    assert (note["fiscal"]["status"], note["fiscal"]["faults"]) == ("AUTHORIZED", [])
    assert note["fiscal"]["cufe"].startswith("FE04")
    assert (note["electronic"], note["issueDate"]) == (True, str(calendar.today()))
    debit = await debited(api, id, {"position": 1, "quantity": "1"}, waitMs=10_000)
    assert debit["fiscal"]["cufe"].startswith("FE05")
    with tenant.acting_for(api.account_id):
        events = await models.Event.filter(account_id=api.account_id).order_by("position")
    told = [event.type.value for event in events if event.type.value.endswith(("ISSUED", "AUTHORIZED"))]
    assert told == [
        *("INVOICE_ISSUED", "INVOICE_AUTHORIZED", "CREDIT_NOTE_ISSUED", "CREDIT_NOTE_AUTHORIZED"),
        *("DEBIT_NOTE_ISSUED", "DEBIT_NOTE_AUTHORIZED"),
    ]
    of_note = next(event for event in events if event.type == "CREDIT_NOTE_AUTHORIZED")
    assert (of_note.data["invoiceId"], of_note.data["fiscalStatus"]) == (id, "AUTHORIZED")


@pytest.mark.parametrize(("notes", "expected"), [(None, REASON), ("Con la guía 12", f"{REASON}\nCon la guía 12")])
async def test_a_notes_reason_is_sent_before_its_notes(
    api: Api, sandbox: Sandbox, notes: str | None, expected: str
) -> None:
    note = await credited(api, await authorized(api), notes=notes)
    with tenant.acting_for(api.account_id):
        assert (await read_document(api.account_id, UUID(note["id"]))).notes == expected


async def test_any_split_with_voids_between_is_authorised_and_ends_at_the_cent(api: Api, sandbox: Sandbox) -> None:
    lines = [
        line(quantity="7", unitPrice="1.115"),
        line(quantity="0.333333", unitPrice="99.999999"),
        line(quantity="20", unitPrice="0.05", itbmsRate="RATE_15"),
    ]
    id = await authorized(api, *lines)
    chosen = random.Random(4)
    notes: list[Answer] = []
    for parts in (
        [{"position": 1, "quantity": "2"}, {"position": 3, "quantity": "7"}],
        [{"position": 1, "quantity": "3"}, {"position": 2, "amount": "11.11"}],
        [{"position": 2, "quantity": "0.1"}, {"position": 3, "quantity": "6"}],
    ):
        notes.append(await credited(api, id, *parts, waitMs=10_000))
        assert notes[-1]["fiscal"]["status"] == "AUTHORIZED", notes[-1]["fiscal"]
    void = notes.pop(chosen.randrange(3))
    assert (await try_void_note(api, void["id"]))["note"]["fiscal"]["status"] == "VOIDING"
    await until(lambda: _is(api, void["id"], "VOIDED"))
    notes.append(await credited(api, id, waitMs=10_000))
    assert notes[-1]["fiscal"]["status"] == "AUTHORIZED", notes[-1]["fiscal"]
    assert notes[-1]["invoice"]["creditableTotal"] == "0.00"
    with tenant.acting_for(api.account_id):
        whole = await models.Document.get(account_id=api.account_id, id=id)
    assert sum(Decimal(note["total"]) for note in notes) == whole.total


async def _is(api: Api, id: str, wanted: str) -> bool:
    return await status(api, id) == wanted


async def test_notes_wait_for_the_authorisation_of_their_invoice(api: Api, sandbox: Sandbox) -> None:
    sandbox.knobs = Knobs(slow=2)
    made = await create_invoice(api, newCustomer=company())
    assert faults(await try_credit(api, made["invoice"]["id"])) == {("input.invoiceId", "EMISSION_PENDING")}


async def test_nothing_can_be_credited_while_the_dgi_has_no_invoice_or_it_is_being_voided(
    api: Api, sandbox: Sandbox
) -> None:
    query = """query ($id: ID!) { invoice(id: $id) {
        fiscal { status } creditableTotal lines { creditableQuantity creditableNet } } }"""
    id = await authorized(api)
    for status in FiscalStatus:
        if status in (FiscalStatus.NONE, FiscalStatus.VOIDED, FiscalStatus.WITHDRAWN):
            continue
        with tenant.acting_for(api.account_id):
            is_waiting = status not in (FiscalStatus.AUTHORIZED, FiscalStatus.REJECTED, FiscalStatus.BLOCKED)
            await models.Emission.filter(document_id=id).update(
                status=status,
                due_at=datetime.now(UTC) + timedelta(days=1) if is_waiting else None,
                blocked_reason=BlockedReason.ISSUER if status is FiscalStatus.BLOCKED else None,
                void_reason="La operación no se realizó" if status is FiscalStatus.VOIDING else None,
            )
        found = (await api.ask(query, id=id))["invoice"]
        is_open = status is FiscalStatus.AUTHORIZED
        assert found["creditableTotal"] == ("32.10" if is_open else "0.00")
        left = {"creditableQuantity": "3", "creditableNet": "30.00"}
        assert found["lines"] == [left if is_open else {"creditableQuantity": "0", "creditableNet": "0.00"}]
        assert bool((await try_credit(api, id, dryRun=True))["userErrors"]) is not is_open


async def test_what_is_older_than_180_days_has_no_notes(api: Api, sandbox: Sandbox) -> None:
    id = await authorized(api)
    with tenant.acting_for(api.account_id):
        row = await models.Document.get(account_id=api.account_id, id=id)
        assert row.issued_at
        await models.Document.filter(account_id=api.account_id, id=id).update(
            issued_at=row.issued_at - timedelta(181), issue_date=row.issue_date - timedelta(181)
        )
    assert faults(await try_credit(api, id)) == {("input.invoiceId", "WINDOW_CLOSED")}


async def test_an_electronic_note_is_of_today(api: Api, sandbox: Sandbox) -> None:
    payload = await try_credit(api, await authorized(api), issueDate=str(calendar.today() - timedelta(1)))
    assert {("input.issueDate", "OUT_OF_RANGE")} == faults(payload)


async def test_an_invoice_is_voided_after_its_notes(api: Api, sandbox: Sandbox) -> None:
    id = await authorized(api)
    note = await credited(api, id, waitMs=10_000)
    assert faults(await try_void_invoice(api, id)) == {("id", "NOT_ALLOWED")}
    assert (await try_void_note(api, note["id"]))["userErrors"] == []
    await until(lambda: _is(api, note["id"], "VOIDED"))
    assert (await try_void_invoice(api, id))["userErrors"] == []
    await until(lambda: _is(api, id, "VOIDED"))


async def test_a_rejected_note_is_sent_again_with_other_notes_or_given_up(api: Api, sandbox: Sandbox) -> None:
    id = await authorized(api)
    sandbox.knobs = Knobs(reject="2152,1")
    note = await credited(api, id, waitMs=10_000)
    assert (note["fiscal"]["status"], note["fiscal"]["faults"][0]["code"]) == ("REJECTED", "2152")
    sandbox.knobs = Knobs()
    refused = (await api.ask(_CORRECT, id=note["id"], input={"lines": [line()]}))["correctDocument"]
    assert faults(refused) == {("input", "NOT_ALLOWED")}
    corrected = (await api.ask(_CORRECT, id=note["id"], input={"notes": "Con la guía 12"}))["correctDocument"]
    assert corrected["userErrors"] == []
    assert (corrected["document"]["__typename"], corrected["document"]["notes"]) == ("CreditNote", "Con la guía 12")
    assert corrected["invoice"] is None
    await until(lambda: _is(api, note["id"], "AUTHORIZED"))


async def test_a_rejected_note_that_is_given_up_frees_what_it_took(api: Api, sandbox: Sandbox) -> None:
    id = await authorized(api)
    sandbox.knobs = Knobs(reject="2152,1")
    note = await credited(api, id, waitMs=10_000)
    assert faults(await try_credit(api, id)) == {("input.lines", "CREDIT_EXCEEDED")}
    void = await try_void_note(api, note["id"])
    assert (void["note"]["status"], void["note"]["fiscal"]["status"]) == ("VOID", "WITHDRAWN")
    sandbox.knobs = Knobs()
    assert (await credited(api, id, waitMs=10_000))["fiscal"]["status"] == "AUTHORIZED"


async def test_a_void_of_a_note_gives_a_reason_for_the_dgi(api: Api, sandbox: Sandbox) -> None:
    note = await credited(api, await authorized(api), waitMs=10_000)
    assert faults(await try_void_note(api, note["id"], "Muy corto")) == {("reason", "INVALID_VALUE")}


async def test_a_preview_of_an_electronic_note_sends_nothing(api: Api, sandbox: Sandbox) -> None:
    id = await authorized(api)
    note = await credited(api, id, dryRun=True)
    assert (note["status"], note["fiscal"]["status"], note["total"]) == ("DRAFT", "QUEUED", "32.10")
    assert len(sandbox.store.list_documents()) == 1


async def test_charges_to_the_government_need_their_class(api: Api, sandbox: Sandbox) -> None:
    government = {"receiverType": "GOVERNMENT", "ruc": "8-NT-1-13656", "dv": "43", "taxpayerType": "JURIDICAL"}
    id = await authorized(api, line(cpbs="5020"), **government)
    payload = await try_debit(api, id, charges=[line(unitPrice="1.00")])
    assert faults(payload) == {("input.charges.0.cpbs", "REQUIRED")}
