"""What is read of an invoice to be printed: of which day, and by whom."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from tortoise.connection import get_connection
from uuid_utils.compat import uuid7

from db import models, tenant
from documents import reading
from documents.document import FiscalData, Party, PrintedDocument, Reference
from documents.reading import read_document
from documents.validators import VALIDATORS
from resolvers import invoices, voiding
from resolvers.account_settings import AccountSettings, current_settings
from rules.fiscal.document import Export, Withholding
from rules.vocabulary import (
    Currency,
    DocumentType,
    FiscalStatus,
    Incoterm,
    InvoiceStatus,
    ItbmsRate,
    Language,
    PaymentMethod,
)
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
from tests.emitting import join_sandbox
from tests.noting import credited, debited


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


async def test_an_export_has_its_terms_once_its_country_is_known(api: Api) -> None:
    terms = {"incoterm": "FOB", "country": "US", "port": "Balboa"}
    id = await made(api, newCustomer=foreigner(), input={"export": terms})
    found = await read(api, id)
    assert found.export == Export(country="US", incoterm=Incoterm.FOB, currency=Currency.PAB, port="Balboa")
    other = foreigner(number="CD654321")
    draft = await made(api, newCustomer=other, input={"export": {"incoterm": "FOB"}, "issue": False})
    assert (await read(api, draft)).export is None


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
        await voiding.void_invoice(id, "Repetida", FONTS.printable)
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


# Electronic documents and notes


_CUFE = "FE0120000999999101-2-2026-8100002026112300000000010010122718281827"


async def authorized(api: Api, **arguments: Any) -> str:
    """An electronic invoice of today as the worker leaves it once the DGI has authorised it."""
    await join_sandbox(api)
    id = await made(api, **arguments)
    with tenant.acting_for(api.account_id):
        await models.Emission.filter(document_id=id).update(
            status=FiscalStatus.AUTHORIZED,
            provider="hka-soap",
            cufe=_CUFE,
            protocol="20260000000000000123",
            authorized_at=datetime(2026, 3, 6, 1, 5, 9, tzinfo=UTC),
            qr="https://example.com",
            due_at=None,
        )
        await get_connection("default").execute_query(
            """
            INSERT INTO fiscal_file (account_id, document_id, kind, content, sha256, size)
            VALUES ($1, $2, 'XML', $3, sha256($3::bytea), octet_length($3::bytea))
            """,
            [api.account_id, id, b"<rFE/>"],
        )
    return id


async def test_an_authorised_invoice_is_read_with_all_that_its_cafe_shows(api: Api) -> None:
    id = await authorized(
        api,
        newCustomer=company(language="EN"),
        input={
            "dueDate": "2999-01-01",
            "paymentForms": [{"method": "CASH", "amount": "0.70"}, {"method": "CREDIT"}],
            "withholding": {"code": "2"},
            "purchaseOrder": "OC-4411",
        },
    )
    found = await read(api, id)
    assert found.fiscal == FiscalData(
        is_test=True,
        emitted_at=found.created_at,
        cufe=_CUFE,
        consultation_url="https://dgi-fep-test.mef.gob.pa:40001/Consultas/FacturasPorCUFE",
        protocol="20260000000000000123",
        authorized_at=datetime(2026, 3, 6, 1, 5, 9, tzinfo=UTC),
        qr="https://example.com",
        validator=VALIDATORS["hka-soap"],
        xml=b"<rFE/>",
    )
    assert (found.language, found.filename) == (Language.EN, f"invoice-001-{found.number}.pdf")
    assert found.receiver.kind == "Taxpayer, legal entity"
    assert [(form.method, form.amount) for form in found.payment_forms] == [
        (PaymentMethod.CASH, Decimal("0.70")),
        (PaymentMethod.CREDIT, Decimal("10.00")),
    ]
    assert [(str(each.due_date), each.amount) for each in found.instalments][1:] == [("2999-01-01", Decimal("10.00"))]
    assert found.withholding == Withholding(code="2", amount=Decimal("0.35"))
    assert found.purchase_order == "OC-4411"


async def test_the_notes_of_an_export_have_its_terms(api: Api) -> None:
    terms = {"incoterm": "FOB", "country": "US", "port": "Balboa"}
    id = await made(api, newCustomer=foreigner(), input={"export": terms, "currency": "USD"})
    part = {"position": 1, "amount": "1.00"}
    for note in (await credited(api, id, part), await debited(api, id, part)):
        found = await read(api, note["id"])
        assert found.export == Export(country="US", incoterm=Incoterm.FOB, currency=Currency.USD, port="Balboa")
        printed = words(render(found))
        for shown in ("País de destino Estados Unidos", "Condiciones de entrega FOB", "Puerto de embarque Balboa"):
            assert shown in printed


@pytest.mark.parametrize("type", [DocumentType.CREDIT_NOTE, DocumentType.DEBIT_NOTE])
async def test_a_note_names_its_invoice_and_reason(api: Api, type: DocumentType) -> None:
    id = await authorized(api, newCustomer=company())
    with tenant.acting_for(api.account_id):
        invoice = await models.Document.get(id=id)
        note = models.Document(**{name: getattr(invoice, name) for name in invoice._meta.fields_db_projection})
        note.update_from_dict({"id": uuid7(), "type": type, "invoice_id": invoice.id, "note_reason": "Devolución"})
        await note.save(force_create=True)
    found = await read(api, str(note.id))
    assert found.type is type
    assert found.reference == Reference(
        type=DocumentType.INVOICE,
        billing_point="001",
        number=invoice.number or "",
        issue_date=invoice.issue_date,
        cufe=_CUFE,
        reason="Devolución",
    )
    assert (await read(api, id)).reference is None
    assert (await read(api, id)).payment_forms
    assert found.payment_forms == ()
    assert "Formas de pago" not in words(render(found))


async def test_a_draft_is_in_the_language_that_the_customer_has_now(api: Api) -> None:
    customer = await customer_id(api)
    issued = await made(api, customerId=customer)
    draft = await made(api, customerId=customer, input={"issue": False})
    with tenant.acting_for(api.account_id):
        await models.Customer.filter(id=customer).update(language=Language.EN)
    assert (await read(api, issued)).language is Language.ES
    assert (await read(api, draft)).language is Language.EN
    with tenant.acting_for(api.account_id):
        await models.Document.filter(id=issued).update(receiver_language=None)  # as before there was a choice
    assert (await read(api, issued)).language is Language.ES
