"""Invoices of an account that issues electronically: what they need, what follows, what is kept with them."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from db import models, tenant
from rules import calendar
from tests.builders import company, create_invoice, customer_id, faults, foreigner, invoice, line, stored, taxpayer
from tests.conftest import Answer, Api

GOVERNMENT = company(receiverType="GOVERNMENT", ruc="8-NT-1-13656", dv="43", taxpayerType="JURIDICAL")
CONSUMER = {"receiverType": "FINAL_CONSUMER", "name": "Consumidor final"}

_PAYMENT = "paymentForms { method amount description } instalments { dueDate amount } withholding { code amount }"
_UPDATE = f"""
    mutation ($id: ID!, $input: InvoicePatch!) {{ updateInvoice(id: $id, input: $input) {{
        invoice {{ {_PAYMENT} purchaseOrder lines {{ code unit cpbs }} }} userErrors {{ path code }}
    }} }}
"""
_ISSUE = f"""
    mutation ($id: ID!) {{ issueInvoice(id: $id) {{
        invoice {{ number electronic dueDate {_PAYMENT} }} warnings {{ path code }} userErrors {{ path code message }}
    }} }}
"""
_ACCOUNT = """
    mutation ($input: AccountInput!) { updateAccount(input: $input) {
        account { legalName taxpayerType paymentMethod saleType } userErrors { path code expected }
    } }
"""


def in_days(days: int) -> str:
    return str(calendar.today() + timedelta(days))


async def made(api: Api, input: dict[str, Any] | None = None, **arguments: Any) -> Answer:
    arguments = arguments or {"newCustomer": company(), "onDuplicate": "USE_EXISTING"}
    payload = await create_invoice(api, input, **arguments)
    assert payload["userErrors"] == []
    found: Answer = payload["invoice"]
    return found


async def change(api: Api, **fields: Any) -> Answer:
    payload: Answer = (await api.ask(_ACCOUNT, input=fields))["updateAccount"]
    return payload


def paid(invoice: Answer) -> tuple[list[tuple[str, str | None]], list[tuple[str, str]]]:
    return (
        [(form["method"], form["amount"]) for form in invoice["paymentForms"]],
        [(each["dueDate"], each["amount"]) for each in invoice["instalments"]],
    )


# What the account needs


async def test_without_ruc_and_provider_no_number_is_taken(new_account: Callable[..., Awaitable[UUID]]) -> None:
    api = Api(await new_account(electronic_invoicing=True), language="en")
    payload = await create_invoice(api, newCustomer=company())
    assert [(error["path"], error["code"]) for error in payload["userErrors"]] == [
        (["input"], "REQUIRED"),
        (["input"], "NOT_ALLOWED"),
    ]
    assert "server.py pac set" in payload["userErrors"][1]["message"]
    assert "page Account" in payload["userErrors"][1]["message"]
    draft = await made(api, invoice(issue=False))
    issued = (await api.ask(_ISSUE, id=draft["id"]))["issueInvoice"]
    assert [error["code"] for error in issued["userErrors"]] == ["REQUIRED", "NOT_ALLOWED"]
    assert (await stored(api))["last_number"] == 0
    await api.let_emit()
    assert (await api.ask(_ISSUE, id=draft["id"]))["issueInvoice"]["invoice"]["number"] == "0000000001"


async def test_the_type_of_taxpayer_is_asked_only_where_ruc_and_dv_leave_it_open(electronic: Api) -> None:
    with tenant.acting_for(electronic.account_id):
        await models.Account.filter(id=electronic.account_id).update(ruc="8-30213562", dv="68", taxpayer_type=None)
    payload = await create_invoice(electronic, newCustomer=company())
    assert faults(payload) == {("input", "REQUIRED")}
    assert "account.taxpayerType" in payload["userErrors"][0]["message"]
    assert (await change(electronic, taxpayerType="JURIDICAL"))["account"]["taxpayerType"] == "JURIDICAL"
    await made(electronic)
    assert (await change(electronic, ruc="8-274-125", dv="91"))["userErrors"][0]["code"] == "NOT_ALLOWED"
    ended = {"status": "WITHDRAWN", "due_at": None, "void_reason": "De prueba", "voided_at": datetime.now(UTC)}
    with tenant.acting_for(electronic.account_id):  # while it is on its way, the RUC stays
        await models.Emission.filter(account_id=electronic.account_id).update(**ended)
    # The form of this RUC leaves only one type; what was said of the other one is forgotten.
    assert (await change(electronic, ruc="8-274-125", dv="91"))["account"]["taxpayerType"] == "NATURAL"
    refused = await change(electronic, taxpayerType="JURIDICAL")
    assert refused["userErrors"] == [
        {"path": ["input", "taxpayerType"], "code": "INVALID_VALUE", "expected": ["NATURAL"]}
    ]


async def test_an_account_of_before_has_the_type_that_its_ruc_proves(electronic: Api) -> None:
    with tenant.acting_for(electronic.account_id):
        await models.Account.filter(id=electronic.account_id).update(ruc="2-221-78", dv="56", taxpayer_type=None)
        await made(electronic)
        row = await models.Document.get(account_id=electronic.account_id)
    assert (row.issuer_taxpayer_type, row.electronic, row.sale_type) == ("JURIDICAL", True, "ORDINARY")


async def test_the_defaults_of_an_account_are_checked(electronic: Api) -> None:
    for method in ("CREDIT", "OTHER"):
        [error] = (await change(electronic, paymentMethod=method))["userErrors"]
        assert (error["path"], error["code"]) == (["input", "paymentMethod"], "INVALID_VALUE")
        assert "TRANSFER" in error["expected"]
    [error] = (await change(electronic, legalName="X"))["userErrors"]
    assert (error["path"], error["code"]) == (["input", "legalName"], "INVALID_VALUE")
    changed = await change(
        electronic, legalName=" Ejemplar de Panamá, S.A. ", paymentMethod="TRANSFER", saleType="SERVICE"
    )
    assert changed["account"] == {
        "legalName": "Ejemplar de Panamá, S.A.",
        "taxpayerType": "JURIDICAL",
        "paymentMethod": "TRANSFER",
        "saleType": "SERVICE",
    }
    assert paid(await made(electronic)) == ([("TRANSFER", "10.70")], [])
    with tenant.acting_for(electronic.account_id):
        row = await models.Document.get(account_id=electronic.account_id)
    assert (row.issuer_name, row.sale_type) == ("Ejemplar de Panamá, S.A.", "SERVICE")


# Payment


async def test_what_was_left_out_follows_from_the_due_date(electronic: Api) -> None:
    assert paid(await made(electronic)) == ([("CASH", "10.70")], [])
    assert paid(await made(electronic, invoice(dueDate=in_days(0)))) == ([("CASH", "10.70")], [])
    later = await made(electronic, invoice(dueDate=in_days(15)))
    assert paid(later) == ([("CREDIT", "10.70")], [(in_days(15), "10.70")])


async def test_the_payment_term_gives_credit_unless_the_invoice_is_paid_at_once(electronic: Api) -> None:
    id = await customer_id(electronic, company(paymentTermDays=30))
    on_credit = await made(electronic, customerId=id)
    assert (on_credit["dueDate"], paid(on_credit)[0]) == (in_days(30), [("CREDIT", "10.70")])
    in_part = await made(
        electronic, invoice(paymentForms=[{"method": "CHECK", "amount": "4"}, {"method": "CREDIT"}]), customerId=id
    )
    assert paid(in_part) == (
        [("CHECK", "4.00"), ("CREDIT", "6.70")],
        [(in_days(0), "4.00"), (in_days(30), "6.70")],
    )
    at_once = await made(electronic, invoice(paymentForms=[{"method": "DEBIT_CARD"}]), customerId=id)
    assert (at_once["dueDate"], paid(at_once)) == (None, ([("DEBIT_CARD", "10.70")], []))


async def test_instalments_set_the_due_date_and_the_forms(electronic: Api) -> None:
    parts = [{"dueDate": in_days(60), "amount": "5.70"}, {"dueDate": in_days(30), "amount": "5"}]
    stored_invoice = await made(electronic, invoice(instalments=parts))
    assert stored_invoice["dueDate"] == in_days(60)
    assert paid(stored_invoice) == ([("CREDIT", "10.70")], [(in_days(60), "5.70"), (in_days(30), "5.00")])


async def test_credit_without_a_day_is_refused_but_not_on_a_draft(electronic: Api) -> None:
    forms = [{"method": "CREDIT"}]
    payload = await create_invoice(electronic, invoice(paymentForms=forms), newCustomer=company())
    assert faults(payload) == {("input.dueDate", "REQUIRED")}
    draft = await made(electronic, invoice(paymentForms=forms, issue=False))
    assert paid(draft) == ([("CREDIT", None)], [])
    issued = (await electronic.ask(_ISSUE, id=draft["id"]))["issueInvoice"]
    assert faults(issued) == {("id", "REQUIRED")}
    await electronic.ask(_UPDATE, id=draft["id"], input={"dueDate": in_days(8)})
    issued = (await electronic.ask(_ISSUE, id=draft["id"]))["issueInvoice"]["invoice"]
    assert paid(issued) == ([("CREDIT", "10.70")], [(in_days(8), "10.70")])
    assert issued["electronic"]


async def test_a_withholding_is_computed_and_changes_with_the_lines(electronic: Api) -> None:
    draft = await made(electronic, invoice(withholding={"code": "2"}, issue=False))
    assert draft["withholding"] == {"code": "2", "amount": "0.35"}
    update = {"lines": [line(unitPrice="100")], "purchaseOrder": " OC-2026-0001 "}
    changed = (await electronic.ask(_UPDATE, id=draft["id"], input=update))["updateInvoice"]["invoice"]
    assert (changed["withholding"], changed["purchaseOrder"]) == ({"code": "2", "amount": "3.50"}, "OC-2026-0001")
    issued = (await electronic.ask(_ISSUE, id=draft["id"]))["issueInvoice"]["invoice"]
    assert issued["withholding"] == {"code": "2", "amount": "3.50"}
    other = await made(electronic, invoice(withholding={"code": "8", "amount": "0.10"}))
    assert other["withholding"] == {"code": "8", "amount": "0.10"}
    emptied = await made(electronic, invoice(withholding={"code": "2"}, issue=False))
    changed = (await electronic.ask(_UPDATE, id=emptied["id"], input={"withholding": None}))["updateInvoice"]
    assert changed["invoice"]["withholding"] is None


async def test_a_draft_keeps_what_was_typed(electronic: Api) -> None:
    forms = [
        {"method": "OTHER", "amount": "1.5", "description": "  Canje de publicidad "},
        {"method": "VOUCHER", "amount": None, "description": None},
    ]
    lines = [line(code=" A-1 ", unit="kg", cpbs="5020")]
    draft = await made(electronic, invoice(*lines, paymentForms=forms, issue=False))
    assert draft["paymentForms"] == [
        {"method": "OTHER", "amount": "1.50", "description": "Canje de publicidad"},
        {"method": "VOUCHER", "amount": None, "description": None},
    ]
    assert not draft["electronic"]
    [stored_line] = draft["lines"]
    assert (stored_line["code"], stored_line["unit"], stored_line["cpbs"]) == ("A-1", "kg", "5020")
    unchanged = (await electronic.ask(_UPDATE, id=draft["id"], input={"notes": "Gracias"}))["updateInvoice"]
    assert unchanged["invoice"]["paymentForms"] == draft["paymentForms"]
    emptied = (await electronic.ask(_UPDATE, id=draft["id"], input={"paymentForms": None}))["updateInvoice"]
    assert emptied["invoice"]["paymentForms"] == []
    refused = await electronic.ask(
        _UPDATE,
        id=draft["id"],
        input={"paymentForms": [{"method": "CASH", "amount": "1"}], "withholding": {"code": "9"}},
    )
    assert faults(refused["updateInvoice"]) == {
        ("input.paymentForms", "OUT_OF_RANGE"),
        ("input.withholding.code", "INVALID_VALUE"),
    }


async def test_other_accounts_say_how_it_is_paid_only_if_they_want_to(api: Api) -> None:
    silent = await made(api, invoice(dueDate=in_days(15)))
    assert (paid(silent), silent["electronic"]) == (([], []), False)
    said = await made(api, invoice(paymentForms=[{"method": "CHECK"}]))
    assert paid(said) == ([("CHECK", "10.70")], [])


# What only electronic invoices need


async def test_an_electronic_invoice_is_of_today(electronic: Api) -> None:
    for day in (in_days(-1), "2026-01-01"):
        payload = await create_invoice(electronic, invoice(issueDate=day), newCustomer=company())
        assert faults(payload) == {("input.issueDate", "OUT_OF_RANGE")}
        assert payload["userErrors"][0]["expected"] == [in_days(0)]
    draft = await made(electronic, invoice(issueDate=in_days(-1), issue=False))
    issued = (await electronic.ask(_ISSUE, id=draft["id"]))["issueInvoice"]
    assert faults(issued) == {("id", "OUT_OF_RANGE")}
    await made(electronic, invoice(issueDate=in_days(0)))


async def test_invoices_to_the_government_have_a_cpbs_code_on_each_line(electronic: Api) -> None:
    lines = [line(), line(cpbs="5020")]
    payload = await create_invoice(electronic, invoice(*lines), newCustomer=GOVERNMENT)
    assert faults(payload) == {("input.lines.0.cpbs", "REQUIRED")}
    await made(electronic, invoice(line(cpbs="8111"), line(cpbs="5020")), newCustomer=GOVERNMENT)


@pytest.mark.parametrize("input", [CONSUMER, foreigner(), taxpayer(**company())])
async def test_other_receivers_need_none_and_a_final_consumer_no_identification(
    electronic: Api, input: dict[str, Any]
) -> None:
    await made(electronic, newCustomer=input)


async def test_what_the_dgi_remarks_on_is_a_warning(electronic: Api) -> None:
    payload = await create_invoice(
        electronic,
        invoice(line(unitPrice="100001")),
        newCustomer={**CONSUMER, "name": "Ana", "email": "ana+facturas@example.com"},
        dryRun=True,
    )
    assert [(".".join(each["path"]), each["code"]) for each in payload["warnings"]] == [
        ("input.lines.0.unitPrice", "LARGE_AMOUNT"),
        ("input.lines", "LARGE_AMOUNT"),
        ("newCustomer.email", "EMAIL_NOT_SENT"),
    ]
    id = await customer_id(electronic, company(email="ana@b.pa"))
    with tenant.acting_for(electronic.account_id):
        await models.Customer.filter(id=id).update(verification_status="NOT_FOUND")
    payload = await create_invoice(electronic, customerId=id)
    assert payload["userErrors"] == []
    assert [(each["path"], each["code"]) for each in payload["warnings"]] == [
        (["customerId"], "EMAIL_NOT_SENT"),
        (["customerId"], "RUC_NOT_FOUND"),
    ]


async def test_the_total_of_a_line_has_nine_digits(electronic: Api, api: Api) -> None:
    huge = invoice(line(quantity="1000", unitPrice="999999"))
    payload = await create_invoice(electronic, huge, newCustomer=company())
    assert faults(payload) == {("input.lines.0", "OUT_OF_RANGE")}
    await made(api, huge)


async def test_all_faults_come_at_once(electronic: Api) -> None:
    input = invoice(line(), issueDate=in_days(-1), paymentForms=[{"method": "OTHER"}], withholding={"code": "9"})
    payload = await create_invoice(electronic, input, newCustomer=GOVERNMENT)
    assert faults(payload) == {
        ("input.paymentForms.0.description", "REQUIRED"),
        ("input.withholding.code", "INVALID_VALUE"),
        ("input.issueDate", "OUT_OF_RANGE"),
        ("input.lines.0.cpbs", "REQUIRED"),
    }
    assert (await stored(electronic))["last_number"] == 0


@pytest.mark.parametrize("wait", [-1, 10_001])
async def test_a_dry_run_refuses_a_wait_that_the_real_one_would_refuse(electronic: Api, wait: int) -> None:
    query = """
        mutation ($input: InvoiceInput!, $customer: CustomerInput, $wait: Int!, $dryRun: Boolean!) {
            createInvoice(input: $input, newCustomer: $customer, waitMs: $wait, dryRun: $dryRun) { userErrors { code } }
        }
    """
    for dry_run in (True, False):
        refused = await electronic.refused(query, input=invoice(), customer=company(), wait=wait, dryRun=dry_run)
        assert refused == ["BAD_USER_INPUT"]
