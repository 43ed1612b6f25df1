"""What is read of an invoice to be printed: of which day, and by whom."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from db import models, tenant
from documents import reading
from documents.document import Party, PrintedDocument
from documents.reading import read_document
from resolvers import invoices
from resolvers.account_settings import AccountSettings, current_settings
from rules.vocabulary import Currency, InvoiceStatus, ItbmsRate
from tests.builders import (
    COMPANY,
    COMPANY_DV,
    change_customer,
    company,
    create_invoice,
    customer_id,
    foreigner,
    invoice,
    line,
    taxpayer,
)
from tests.conftest import FONTS, Api
from tests.documents.samples import document, render, sold, words


async def read(api: Api, id: str) -> PrintedDocument:
    with tenant.acting_for(api.account_id):
        found = await read_document(id)
    assert found is not None
    return found


async def made(api: Api, *lines: dict[str, Any], **arguments: Any) -> str:
    fields = arguments.pop("input", {})
    payload = await create_invoice(api, invoice(*lines, **fields), **arguments)
    assert payload["userErrors"] == []
    id: str = payload["invoice"]["id"]
    return id


async def test_an_issued_invoice_has_the_receiver_of_that_day(api: Api) -> None:
    id = await made(
        api,
        line(quantity="2.5", unitPrice="19.99", discount="0.99"),
        line(description="Arroz", itbmsRate="EXEMPT"),
        newCustomer=company(),
        input={"issueDate": "2026-03-05", "dueDate": "2026-04-04", "notes": "Gracias", "currency": "USD"},
    )
    answer = (await api.ask("query ($id: ID!) { invoice(id: $id) { customer { id } } }", id=id))["invoice"]
    await change_customer(api, answer["customer"]["id"], name="Otro nombre", address="Otra calle", ruc="1-1-1")
    found = await read(api, id)
    assert found == replace(
        document(
            sold("Consultoría", "2.5", "19.99", discount="0.99"),
            sold("Arroz", "1", "10", ItbmsRate.EXEMPT),
            issuer=Party(name="Prueba, S.A."),
            receiver=Party(
                name="Hoteles Istmo, S.A.",
                identification=f"RUC {COMPANY} DV {COMPANY_DV}",
                address="Calle 50, local 4",
                location=found.receiver.location,
            ),
            number="0000000001",
            billing_point="001",
            due_date=date(2026, 4, 4),
            currency=Currency.USD,
            notes="Gracias",
        ),
        created_at=found.created_at,
    )
    assert re.fullmatch(r"[\w .]+, Panamá, Panamá", found.receiver.location)
    assert "Hoteles Istmo, S.A." in words(render(found))


async def test_an_issued_invoice_has_the_issuer_of_that_day(api: Api) -> None:
    issuing = "query ($id: ID!) { invoice(id: $id) { issuer { name ruc dv } } }"
    rename = """
        mutation ($name: String, $ruc: String) {
            updateAccount(input: {name: $name, ruc: $ruc}) { userErrors { code } }
        }
    """
    customer = await customer_id(api)
    issued = (await create_invoice(api, customerId=customer))["invoice"]["id"]
    draft = (await create_invoice(api, invoice(issue=False), customerId=customer))["invoice"]["id"]
    await api.ask(rename, name="Nueva Prueba, S.A.", ruc=f"{COMPANY} DV {COMPANY_DV}")
    new = {"name": "Nueva Prueba, S.A.", "ruc": COMPANY, "dv": COMPANY_DV}
    assert (await api.ask(issuing, id=issued))["invoice"]["issuer"] == {"name": "Prueba, S.A.", "ruc": None, "dv": None}
    assert (await api.ask(issuing, id=draft))["invoice"]["issuer"] is None
    assert (await read(api, issued)).issuer == Party(name="Prueba, S.A.")
    present = Party(name="Nueva Prueba, S.A.", identification=f"RUC {COMPANY} DV {COMPANY_DV}")
    assert (await read(api, draft)).issuer == present
    await api.ask("mutation ($id: ID!) { issueInvoice(id: $id) { userErrors { code } } }", id=draft)
    assert (await api.ask(issuing, id=draft))["invoice"]["issuer"] == new


async def test_a_draft_has_the_customer_of_now(api: Api) -> None:
    id = await made(api, customerId=await customer_id(api), input={"issue": False})
    with tenant.acting_for(api.account_id):
        await models.Account.filter(id=api.account_id).update(ruc=COMPANY, dv=COMPANY_DV)
        await models.Customer.all().update(name="Otro nombre", location_id="8-8-7")
    found = await read(api, id)
    assert (found.status, found.number) == (InvoiceStatus.DRAFT, None)
    assert found.issuer.identification == f"RUC {COMPANY} DV {COMPANY_DV}"
    assert (found.receiver.name, found.receiver.identification) == ("Otro nombre", "")
    assert found.receiver.location.endswith(", Panamá, Panamá")


async def test_a_void_invoice_tells_why_and_when_in_panama(api: Api) -> None:
    id = await made(api, newCustomer=foreigner())
    with tenant.acting_for(api.account_id):
        await invoices.void(id, "Repetida", FONTS.printable)
        late = datetime(2026, 3, 8, 3, 0, tzinfo=UTC)
        await models.Document.filter(id=id).update(voided_at=late)
    found = await read(api, id)
    assert (found.status, found.void_reason, found.voided_on) == (InvoiceStatus.VOID, "Repetida", date(2026, 3, 7))
    assert found.created_at == late
    assert found.receiver == Party(name="Ana Ríos", identification="Pasaporte AB123456 (Colombia)")


async def test_only_the_account_reads_its_invoices(api: Api, new_account: Callable[..., Awaitable[UUID]]) -> None:
    id = await made(api, newCustomer=taxpayer())
    with tenant.acting_for(await new_account()):
        assert await read_document(id) is None
    with tenant.acting_for(api.account_id):
        assert await read_document("no-id") is None
        assert await read_document(str(UUID(int=7))) is None


async def test_a_draft_that_changes_meanwhile_is_read_again(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    id = await made(api, newCustomer=taxpayer(), input={"issue": False})

    async def settings() -> AccountSettings:
        monkeypatch.undo()
        await invoices.update(id, {"lines": (sold("Té", "3", "5"),)}, None, None)
        return await current_settings()

    with tenant.acting_for(api.account_id):
        monkeypatch.setattr(reading, "current_settings", settings)
        found = await read_document(id)
    assert found is not None
    assert ([line.description for line in found.lines], found.subtotal) == (["Té"], Decimal("15.00"))
