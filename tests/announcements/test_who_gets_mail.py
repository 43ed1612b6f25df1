"""Documents are issued with or without mail, and who got one by mail hears that it is void, once."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from announcements.settings import Settings
from tests.announcements.conftest import dispatched, hurry, settled, until, void, working
from tests.announcements.test_mail import PERSONS, Server, over, part, states, told, tried
from tests.announcements.test_sending import send
from tests.builders import create_invoice, invoice, taxpayer
from tests.conftest import Answer, Api

_CREATE = """
    mutation ($input: InvoiceInput!, $customer: CustomerInput!, $notify: Boolean!) {
        createInvoice(input: $input, newCustomer: $customer, notify: $notify) {
            invoice { id notify } userErrors { code }
        }
    }
"""
_ISSUE = """
    mutation ($id: ID!, $notify: Boolean) {
        issueInvoice(id: $id, notify: $notify) { invoice { notify status } userErrors { code } }
    }
"""
_CREDIT = """
    mutation ($input: CreditNoteInput!, $notify: Boolean!) {
        createCreditNote(input: $input, notify: $notify) { creditNote { id notify } userErrors { code } }
    }
"""
_DEBIT = """
    mutation ($input: DebitNoteInput!, $notify: Boolean!) {
        createDebitNote(input: $input, notify: $notify) { debitNote { id notify } userErrors { code } }
    }
"""
_CHANGE = """
    mutation ($id: ID!, $input: CustomerPatch!) {
        updateCustomer(id: $id, input: $input) { userErrors { path code } }
    }
"""
_VOID_NOTE = """
    mutation ($id: ID!) { voidNote(id: $id, reason: "Precio equivocado") { userErrors { code } } }
"""


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server().listening() as server:
        yield server


async def created(api: Api, *, notify: bool = True, issue: bool = True, **customer: Any) -> str:
    given = taxpayer(**{"email": "pagos@example.com", "associatedPersons": PERSONS, **customer})
    payload = (await api.ask(_CREATE, input=invoice(issue=issue), customer=given, notify=notify))["createInvoice"]
    assert payload["userErrors"] == []
    id: str = payload["invoice"]["id"]
    return id


async def issue(api: Api, id: str, **arguments: Any) -> Answer:
    payload: Answer = (await api.ask(_ISSUE, id=id, **arguments))["issueInvoice"]
    assert payload["userErrors"] == []
    found: Answer = payload["invoice"]
    return found


def subjects(server: Server) -> list[tuple[str, str]]:
    return sorted((to, str(message["Subject"])) for to, message in server.mails)


# Issued without mail


async def test_an_invoice_is_issued_without_mailing_it(api: Api, server: Server, settings: Settings) -> None:
    id = await created(api, notify=False)
    async with working(over(settings, server)):
        await until(lambda: settled(api))
        assert (server.asked, await told(api, id)) == ([], [])
        assert (await send(api, id, "ana@example.com"))["userErrors"] == []  # which is asked for
        await until(lambda: settled(api))
    assert server.asked == ["ana@example.com"]
    assert (await api.ask("query ($id: ID!) { invoice(id: $id) { notify } }", id=id))["invoice"] == {"notify": False}


@pytest.mark.parametrize("as_draft", [True, False])
async def test_for_a_draft_its_issue_decides(api: Api, server: Server, settings: Settings, as_draft: bool) -> None:
    silent, mailed = [await created(api, notify=as_draft, issue=False) for _ in range(2)]
    assert await issue(api, silent, notify=False) == {"notify": False, "status": "ISSUED"}
    assert await issue(api, mailed) == {"notify": True, "status": "ISSUED"}
    async with working(over(settings, server)):
        await until(lambda: settled(api))
    assert sorted(server.asked) == ["ana@example.com", "pagos@example.com"]
    assert await told(api, silent) == []


async def test_an_issued_invoice_keeps_what_was_said_at_its_issue(api: Api) -> None:
    id = await created(api, notify=False)
    assert await issue(api, id, notify=True) == {"notify": False, "status": "ISSUED"}
    await dispatched()
    assert await told(api, id) == []


async def test_notes_are_mailed_as_their_invoice_is_unless_it_is_said(
    api: Api, server: Server, settings: Settings
) -> None:
    id = await created(api, notify=False)
    parts = {"invoiceId": id, "reason": "Precio equivocado", "lines": [{"position": 1, "amount": "1.00"}]}
    made = {}
    for mutation, name in ((_CREDIT, "CreditNote"), (_DEBIT, "DebitNote")):
        for notify in (True, False):
            payload = (await api.ask(mutation, input=parts, notify=notify))[f"create{name}"]
            assert payload["userErrors"] == []
            note = payload[name[0].lower() + name[1:]]
            assert note["notify"] is notify
            made[name, notify] = note["id"]
    async with working(over(settings, server)):
        await until(lambda: settled(api))
        titles = {subject.rpartition(" de ")[0] for _, subject in subjects(server)}
        assert titles == {"Nota de crédito 001-0000000001", "Nota de débito 001-0000000001"}
        assert sorted(server.asked) == ["ana@example.com", "ana@example.com", "pagos@example.com", "pagos@example.com"]
        server.mails.clear()
        for note_id in made.values():
            assert (await api.ask(_VOID_NOTE, id=note_id))["voidNote"]["userErrors"] == []
        await until(lambda: settled(api))
    voided = {(to, subject.rpartition(" de ")[0]) for to, subject in subjects(server)}
    assert voided == {
        (to, f"Anulada: nota de {kind} 001-0000000001")
        for to in ("ana@example.com", "pagos@example.com")
        for kind in ("crédito", "débito")
    }


@pytest.mark.parametrize("mutation", [_CREDIT, _DEBIT])
async def test_a_note_goes_to_the_customers_present_address_in_the_present_language(
    api: Api, server: Server, settings: Settings, mutation: str
) -> None:
    id = await created(api, name="Ana", associatedPersons=[], email="vieja@example.com")
    change = {"name": "Ana Díaz", "email": "nueva@example.com", "language": "EN"}
    read = "query ($id: ID!) { invoice(id: $id) { customer { id } } }"
    customer = (await api.ask(read, id=id))["invoice"]["customer"]["id"]
    changed = await api.ask(_CHANGE, id=customer, input=change)
    assert changed["updateCustomer"]["userErrors"] == []
    async with working(over(settings, server)):
        await until(lambda: settled(api))
        server.mails.clear()
        server.asked.clear()
        parts = {"invoiceId": id, "reason": "Precio equivocado", "lines": [{"position": 1, "amount": "1.00"}]}
        [payload] = (await api.ask(mutation, input=parts, notify=True)).values()
        note = (payload.get("creditNote") or payload.get("debitNote"))["id"]
        await until(lambda: settled(api))
    assert server.asked == ["nueva@example.com"]
    [(_, message)] = server.mails
    assert " note 001-0000000001 from " in str(message["Subject"])
    receiver = "query ($id: ID!) { document(id: $id) { receiver { name email language } } }"
    told = (await api.ask(receiver, id=note))["document"]["receiver"]
    assert told == {"name": "Ana", "email": "nueva@example.com", "language": "EN"}


# Void


async def test_who_got_an_invoice_hears_that_it_is_void_once(api: Api, server: Server, settings: Settings) -> None:
    server.to_recipient = lambda address: "550 No such user" if address.startswith("pagos") else None
    id = await created(api)
    async with working(over(settings, server)):
        await until(lambda: settled(api))
        await send(api, id, "ANA@example.com", "otra@example.com")
        await until(lambda: settled(api))
        server.mails.clear()
        await void(api, id)
        await until(lambda: settled(api))
    number = "001-0000000001"
    name = (await api.ask("{ viewer { account { name } } }"))["viewer"]["account"]["name"]
    assert [(to.lower(), subject) for to, subject in subjects(server)] == [
        (to, f"Anulada: factura {number} de {name}") for to in ("ana@example.com", "otra@example.com")
    ]
    for _, message in server.mails:
        text = part(message, "plain").replace("\r\n", "\n")
        assert text.startswith(f"{name} anuló la factura {number}.\n")
        assert "Esta factura fue anulada: Precio equivocado\n" in text
        assert [each.get_filename() for each in message.iter_attachments()] == [f"factura-{number}.pdf"]


async def test_a_delivery_says_what_it_tells_of(api: Api, server: Server, settings: Settings) -> None:
    id = await created(api, associatedPersons=[])
    async with working(over(settings, server)):
        await until(lambda: settled(api))
        await send(api, id, "ana@example.com")
        await until(lambda: settled(api))
        await void(api, id)
        await until(lambda: settled(api))
    found = await api.ask("query ($id: ID!) { invoice(id: $id) { deliveries { email type } } }", id=id)
    assert [(each["type"], each["email"]) for each in found["invoice"]["deliveries"]] == [
        ("INVOICE_ISSUED", "pagos@example.com"),
        ("INVOICE_SENT", "ana@example.com"),
        ("INVOICE_VOIDED", "ana@example.com"),
        ("INVOICE_VOIDED", "pagos@example.com"),
    ]


async def test_a_void_of_what_nobody_got_is_mailed_to_nobody(api: Api, server: Server, settings: Settings) -> None:
    id = await created(api, notify=False)
    async with working(over(settings, server)):
        await void(api, id)
        await until(lambda: settled(api))
    assert server.asked == []


async def test_a_mail_that_had_not_begun_says_itself_that_the_invoice_is_void(
    api: Api, server: Server, settings: Settings
) -> None:
    id = await created(api)
    await dispatched()
    await void(api, id)
    async with working(over(settings, server)):
        await until(lambda: settled(api))
    assert len(server.mails) == 2
    assert all("fue anulada" in part(message, "plain") for _, message in server.mails)


async def test_a_mail_that_waits_for_its_next_attempt_says_it_then(
    api: Api, server: Server, settings: Settings, admin: Any
) -> None:
    server.to_recipient = lambda address: "451 later" if len(server.asked) == 1 else None
    id = await created(api, associatedPersons=[])
    async with working(over(settings, server)):
        await until(lambda: tried(api, id))
        await void(api, id)
        await dispatched()
        await hurry(admin)
        await until(lambda: settled(api))
    [(_, message)] = server.mails
    assert "fue anulada" in part(message, "plain")


async def test_who_is_just_getting_it_hears_of_the_void_after_it(api: Api, server: Server, settings: Settings) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def wait() -> str | None:
        begun.set()
        await go_on.wait()
        return None

    server.to_mail = wait
    id = await created(api, associatedPersons=[])
    async with working(over(settings, server)):
        await begun.wait()
        await void(api, id)
        await dispatched()
        go_on.set()
        await until(lambda: settled(api))
    assert [("fue anulada" in part(message, "plain")) for _, message in server.mails] == [False, True]
    assert await states(api, id) == {"pagos@example.com": "DELIVERED"}


async def test_other_accounts_mails_are_no_reason_to_tell_of_a_void(
    api: Api, electronic: Api, server: Server, settings: Settings
) -> None:
    """The same address may be a customer of several accounts."""
    theirs = await create_invoice(api, newCustomer=taxpayer(email="pagos@example.com"))
    mine = await created(api, notify=False)
    async with working(over(settings, server)):
        await until(lambda: settled(api))
        server.mails.clear()
        await void(api, mine)
        await until(lambda: settled(api))
    assert theirs["userErrors"] == []
    assert server.mails == []
