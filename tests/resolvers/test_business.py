"""The business itself: how it stands on its invoices, and the terms by which its customers pay."""

from datetime import date, timedelta
from typing import Any

import pytest

from db import tenant
from documents.document import Party
from documents.reading import read_document
from documents.render import Renderer
from rules.calendar import today
from tests.builders import create_invoice, customer_id, faults, invoice, taxpayer
from tests.conftest import FONTS, Answer, Api
from tests.documents.samples import words

BUSINESS: Any = {
    "address": "Calle 50, Edificio Istmo, piso 3",
    "phone": "+5072234567",
    "mobile": "+50766778899",
    "email": "cobros@example.com",
    "terms": "Banco General, cuenta corriente 04-77-01\nCheques a nombre de Prueba, S.A.",
}
_ACCOUNT = "address phone mobile email terms paymentTermDays version"
_UPDATE = f"""
    mutation ($input: AccountInput!, $version: Int) {{
        updateAccount(input: $input, version: $version) {{
            account {{ {_ACCOUNT} }} userErrors {{ path code expected }}
        }}
    }}
"""


async def update(api: Api, version: int | None = None, /, **input: Any) -> Answer:
    payload: Answer = (await api.ask(_UPDATE, input=input, version=version))["updateAccount"]
    return payload


async def test_a_business_has_address_phones_mail_and_terms(api: Api) -> None:
    typed = {**BUSINESS, "phone": " 223-4567 ", "mobile": "6677 8899", "email": "cobros@EXAMPLE.com"}
    payload = await update(api, **typed, paymentTermDays=30)
    assert payload == {"account": {**BUSINESS, "paymentTermDays": 30, "version": 2}, "userErrors": []}
    viewer = await api.ask(f"{{ viewer {{ account {{ {_ACCOUNT} }} }} }}")
    assert viewer["viewer"]["account"] == payload["account"]

    emptied = await update(api, **dict.fromkeys([*BUSINESS, "paymentTermDays"]))
    assert emptied["account"] == {**dict.fromkeys([*BUSINESS, "paymentTermDays"]), "version": 3}


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("address", "Ca", "INVALID_VALUE"),
        ("address", "x" * 101, "TOO_LONG"),
        ("address", "Calle 日", "UNPRINTABLE"),
        ("phone", "no", "INVALID_PHONE"),
        ("mobile", "12", "INVALID_PHONE"),
        ("email", "cobros", "INVALID_EMAIL"),
        ("terms", "x" * 2001, "TOO_LONG"),
        ("terms", "日", "UNPRINTABLE"),
        ("paymentTermDays", -1, "OUT_OF_RANGE"),
        ("paymentTermDays", 366, "OUT_OF_RANGE"),
    ],
)
async def test_the_businesss_data_are_checked_as_a_customers(api: Api, field: str, value: Any, code: str) -> None:
    assert faults(await update(api, **{field: value})) == {(f"input.{field}", code)}
    if field not in ("terms",) and code != "UNPRINTABLE":
        payload = await api.ask(
            "mutation ($input: CustomerInput!) { createCustomer(input: $input) { userErrors { path code } } }",
            input=taxpayer(**{field: value}),
        )
        assert faults(payload["createCustomer"]) == {(f"input.{field}", code)}


async def test_a_change_of_another_version_of_the_account_is_a_conflict(api: Api) -> None:
    assert (await update(api, 1, **BUSINESS))["account"]["version"] == 2
    conflict = await update(api, 1, terms="Otros")
    assert conflict["account"] is None
    assert conflict["userErrors"] == [{"path": ["version"], "code": "CONFLICT", "expected": ["2"]}]
    assert (await update(api, 2, terms="Otros"))["account"]["terms"] == "Otros"


async def test_a_change_of_the_business_is_audited(api: Api) -> None:
    await update(api, terms="Contado")
    trail = await api.ask(
        "{ auditEvents(filter: {objectType: [ACCOUNT], action: [UPDATED]})"
        " { edges { node { changes { field after } } } } }"
    )
    assert trail["auditEvents"]["edges"] == [{"node": {"changes": [{"field": "terms", "after": "Contado"}]}}]


# On invoices

_ISSUER = "query ($id: ID!) { invoice(id: $id) { issuer { name address phone mobile email terms } } }"


async def test_an_issued_invoice_keeps_the_business_as_it_was(api: Api) -> None:
    await update(api, **BUSINESS)
    customer = await customer_id(api)
    issued = (await create_invoice(api, customerId=customer))["invoice"]["id"]
    draft = (await create_invoice(api, invoice(issue=False), customerId=customer))["invoice"]["id"]
    await update(api, address="Vía España 1", phone=None, terms="Contado")
    kept = {"name": "Prueba, S.A.", **BUSINESS}
    assert (await api.ask(_ISSUER, id=issued))["invoice"]["issuer"] == kept
    await api.ask("mutation ($id: ID!) { issueInvoice(id: $id) { userErrors { code } } }", id=draft)
    now = {**kept, "address": "Vía España 1", "phone": None, "terms": "Contado"}
    assert (await api.ask(_ISSUER, id=draft))["invoice"]["issuer"] == now


@pytest.mark.parametrize("issue", [True, False])
async def test_the_pdf_shows_the_business(api: Api, issue: bool) -> None:
    await update(api, **BUSINESS)
    made = await create_invoice(api, invoice(issue=issue), customerId=await customer_id(api))
    with tenant.acting_for(api.account_id):
        document = await read_document(made["invoice"]["id"])
    assert document is not None
    assert document.issuer == Party(
        name="Prueba, S.A.",
        address=BUSINESS["address"],
        contact=("Tel. 223-4567 / 6677-8899", "cobros@example.com"),
    )
    with Renderer(FONTS) as renderer:
        printed = words(renderer.compile(document))
    for text in (BUSINESS["address"], "Tel. 223-4567 / 6677-8899", "cobros@example.com", "Condiciones"):
        assert text in printed
    for line in BUSINESS["terms"].split("\n"):
        assert line in printed


# Payment terms


async def with_terms(api: Api, account: int | None, customer: int | None) -> str:
    """The id of a customer with its term, of an account with its own."""
    await update(api, paymentTermDays=account)
    return await customer_id(api, taxpayer(paymentTermDays=customer))


@pytest.mark.parametrize(
    ("account", "customer", "days"),
    [(None, None, None), (30, None, 30), (30, 15, 15), (30, 0, 0), (None, 60, 60), (0, None, 0), (None, 365, 365)],
)
async def test_the_payment_term_sets_the_due_date_that_is_left_out(
    api: Api, account: int | None, customer: int | None, days: int | None
) -> None:
    id = await with_terms(api, account, customer)
    due = None if days is None else str(today() + timedelta(days=days))
    for dry_run in (True, False):
        made = await create_invoice(api, customerId=id, dryRun=dry_run)
        assert (made["userErrors"], made["invoice"]["dueDate"]) == ([], due)
    new = await create_invoice(api, newCustomer=taxpayer(paymentTermDays=customer))
    assert new["invoice"]["dueDate"] == due


async def test_a_due_date_that_is_given_stays(api: Api) -> None:
    id = await with_terms(api, 30, 15)
    made = await create_invoice(api, invoice(dueDate="2999-01-01"), customerId=id)
    assert made["invoice"]["dueDate"] == "2999-01-01"


async def test_a_draft_gets_its_due_date_when_it_is_issued(api: Api) -> None:
    id = await with_terms(api, None, 15)
    made = await create_invoice(api, invoice(issue=False, issueDate="2026-03-05"), customerId=id)
    assert made["invoice"]["dueDate"] is None
    issued = await api.ask(
        "mutation ($id: ID!) { issueInvoice(id: $id) { invoice { issueDate dueDate } userErrors { code } } }",
        id=made["invoice"]["id"],
    )
    assert issued["issueInvoice"]["userErrors"] == []
    assert issued["issueInvoice"]["invoice"] == {"issueDate": "2026-03-05", "dueDate": str(date(2026, 3, 20))}
