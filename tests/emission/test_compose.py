"""A stored invoice as it is sent to the DGI."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from tortoise.exceptions import DoesNotExist

from db import models, tenant
from emission.compose import read_document
from rules import calendar
from rules.calendar import PANAMA
from rules.fiscal.document import (
    DocumentKey,
    FiscalDocument,
    Instalment,
    Issuer,
    Location,
    PaymentForm,
    Receiver,
    Withholding,
)
from rules.vocabulary import (
    BranchType,
    DocumentType,
    Environment,
    ForeignIdType,
    ItbmsRate,
    PaymentMethod,
    ReceiverType,
    SaleType,
    TaxpayerType,
)
from tests.builders import company, create_invoice, foreigner, invoice, line
from tests.conftest import Api


async def document_of(api: Api, id: str) -> FiscalDocument:
    with tenant.acting_for(api.account_id):
        return await read_document(api.account_id, UUID(id))


async def test_all_that_was_typed_and_computed_is_in_it(electronic: Api) -> None:
    with tenant.acting_for(electronic.account_id):
        await models.Branch.filter(account_id=electronic.account_id).update(type=BranchType.RETAIL)
        await models.Account.filter(id=electronic.account_id).update(sale_type=SaleType.SERVICE)
    due = calendar.today() + timedelta(30)
    input = invoice(
        line(quantity="2.5", unitPrice="10.123456", discount="0.1", code="A-1", unit="kg", cpbs="5020"),
        line(itbmsRate="EXEMPT"),
        paymentForms=[
            {"method": "OTHER", "amount": "5", "description": "Canje de publicidad"},
            {"method": "CREDIT"},
        ],
        dueDate=str(due),
        withholding={"code": "2"},
        purchaseOrder="4200",
        notes="Gracias",
    )
    customer = company(receiverType="GOVERNMENT", phone="223-4567", mobile="6677-8899", email="ana@example.com")
    refused = await create_invoice(electronic, input, newCustomer=customer)
    assert refused["userErrors"][0]["path"] == ["input", "lines", "1", "cpbs"]
    made = await create_invoice(
        electronic, {**input, "lines": [input["lines"][0], {**input["lines"][1], "cpbs": "8111"}]}, newCustomer=customer
    )
    assert made["userErrors"] == []
    document = await document_of(electronic, made["invoice"]["id"])
    assert document.key == DocumentKey(
        branch="0000", billing_point="001", number="0000000001", type=DocumentType.INVOICE
    )
    assert (document.environment, document.sale_type, document.branch_type) == (
        Environment.TEST,
        SaleType.SERVICE,
        BranchType.RETAIL,
    )
    assert document.issuer == Issuer(ruc="999999101-2-2026", dv="81", taxpayer_type=TaxpayerType.JURIDICAL)
    assert str(document.emitted_at.astimezone(PANAMA).date()) == made["invoice"]["issueDate"]
    assert document.receiver == Receiver(
        type=ReceiverType.GOVERNMENT,
        name="Hoteles Istmo, S.A.",
        taxpayer_type=TaxpayerType.JURIDICAL,
        ruc="155596713-2-2015",
        dv="59",
        address="Calle 50, local 4",
        location=Location(code="8-8-7", province="Panamá", district="Panamá", corregimiento="Bella Vista"),
        phones=("+5072234567", "+50766778899"),
        email="ana@example.com",
    )
    first, second = document.lines
    assert (first.code, first.unit, first.cpbs, second.code, second.unit, second.cpbs) == (
        *("A-1", "kg", "5020"),
        *(None, "und", "8111"),
    )
    assert (first.quantity, first.unit_price, first.discount) == (
        Decimal("2.5"),
        Decimal("10.123456"),
        Decimal("0.1"),
    )
    assert (first.net, first.itbms, first.total, first.itbms_rate) == (
        *(Decimal("25.06"), Decimal("1.75"), Decimal("26.81")),
        ItbmsRate.RATE_7,
    )
    assert (document.subtotal, document.itbms_total, document.total) == (
        *(Decimal("35.06"), Decimal("1.75"), Decimal("36.81")),
    )
    assert document.payment_forms == (
        PaymentForm(method=PaymentMethod.OTHER, amount=Decimal("5.00"), description="Canje de publicidad"),
        PaymentForm(method=PaymentMethod.CREDIT, amount=Decimal("31.81")),
    )
    assert document.instalments == (
        Instalment(due_date=calendar.today(), amount=Decimal("5.00")),
        Instalment(due_date=due, amount=Decimal("31.81")),
    )
    assert document.withholding == Withholding(code="2", amount=Decimal("0.88"))
    assert (document.purchase_order, document.notes) == ("4200", "Gracias")


async def test_it_stays_as_it_was_when_account_and_customer_change(electronic: Api) -> None:
    made = await create_invoice(electronic, newCustomer=foreigner())
    before = await document_of(electronic, made["invoice"]["id"])
    assert (before.receiver.foreign_id_type, before.receiver.foreign_id_country) == (ForeignIdType.PASSPORT, "CO")
    assert before.payment_forms == (PaymentForm(method=PaymentMethod.CASH, amount=Decimal("10.70")),)
    with tenant.acting_for(electronic.account_id):
        await models.Account.filter(id=electronic.account_id).update(
            ruc="8-274-125", dv="91", taxpayer_type=TaxpayerType.NATURAL, payment_method=PaymentMethod.CHECK
        )
        await models.Customer.filter(account_id=electronic.account_id).update(name="Otra", email="z@example.com")
    assert await document_of(electronic, made["invoice"]["id"]) == before


async def test_its_environment_is_that_in_which_it_is_sent_whatever_the_account_has_now(electronic: Api) -> None:
    made = await create_invoice(electronic, newCustomer=company())
    id = made["invoice"]["id"]
    before = await document_of(electronic, id)
    with tenant.acting_for(electronic.account_id):
        await models.PacSetting.filter(account_id=electronic.account_id).update(environment=Environment.PRODUCTION)
    assert before.environment is Environment.TEST
    assert await document_of(electronic, id) == before


async def test_only_electronic_documents_have_this_form(api: Api, electronic: Api) -> None:
    commercial = await create_invoice(api, newCustomer=company())
    draft = await create_invoice(electronic, invoice(issue=False), newCustomer=company())
    other = await create_invoice(electronic, newCustomer=company(), onDuplicate="USE_EXISTING")
    for client, id in (
        (api, commercial["invoice"]["id"]),
        (electronic, draft["invoice"]["id"]),
        (api, other["invoice"]["id"]),
        (electronic, str(uuid4())),
    ):
        with pytest.raises(DoesNotExist):
            await document_of(client, id)
