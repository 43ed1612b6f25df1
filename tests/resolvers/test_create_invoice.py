"""createInvoice, as a client meets it: what is refused and where, what is stored and computed, what happens twice."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from db import models, tenant
from rules import calendar
from rules.faults import Code
from rules.keys import number_words, search_column
from rules.vocabulary import Scope
from tests.builders import (
    COMPANY,
    FINCA,
    OTHER_COMPANY,
    Faults,
    Input,
    add_billing_point,
    change_customer,
    codes,
    company,
    create_customer,
    create_invoice,
    customer_id,
    fail_at_the_end,
    faults,
    foreigner,
    invoice,
    line,
    set_last_number,
    stored,
    taxpayer,
    try_invoice,
)
from tests.conftest import Answer, Api

NOTHING = {
    "Customer": 0,
    "AssociatedPerson": 0,
    "Document": 0,
    "DocumentLine": 0,
    "IdempotencyKey": 0,
    "last_number": 0,
}
NOBODY = "01a20b70-54d9-72ac-92c1-719dbc762067"

TODAY = date(2026, 3, 16)
YESTERDAY, TOMORROW = "2026-03-15", "2026-03-17"


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar, "today", lambda: TODAY)


# Refusals, by (path, code)

Arguments = dict[str, Any]
Case = tuple[str, Arguments, Faults]

NEW = {"newCustomer": taxpayer()}

PLAIN: list[Case] = [
    ("no customer", {}, {("customerId", "EXACTLY_ONE_CUSTOMER")}),
    (
        "two customers",
        {"customerId": NOBODY, "newCustomer": taxpayer()},
        {("customerId", "EXACTLY_ONE_CUSTOMER")},
    ),
    (
        "no customer and other faults",
        {"input": invoice(line(quantity="0"))},
        {("customerId", "EXACTLY_ONE_CUSTOMER"), ("input.lines.0.quantity", "OUT_OF_RANGE")},
    ),
    ("an unknown customer", {"customerId": NOBODY}, {("customerId", "NOT_FOUND")}),
    ("an id that is none", {"customerId": "8-8-7"}, {("customerId", "NOT_FOUND")}),
    ("an empty id", {"customerId": ""}, {("customerId", "NOT_FOUND")}),
    ("no lines", {"input": {"lines": []}, **NEW}, {("input.lines", "REQUIRED")}),
    ("1001 lines", {"input": {"lines": [line()] * 1001}, **NEW}, {("input.lines", "TOO_MANY")}),
    (
        "codes that the DGI doesn't have, and too long a one",
        {"input": invoice(line(unit="UND", cpbs="43"), line(code="A" * 21, unit="")), **NEW},
        {
            ("input.lines.0.unit", "UNKNOWN_UNIT"),
            ("input.lines.0.cpbs", "UNKNOWN_CPBS"),
            ("input.lines.1.unit", "UNKNOWN_UNIT"),
            ("input.lines.1.code", "TOO_LONG"),
        },
    ),
    (
        "payments that don't add up, a description, an unknown withholding",
        {
            "input": invoice(
                paymentForms=[
                    {"method": "CASH", "amount": "5"},
                    {"method": "CHECK", "amount": "5", "description": "Del banco"},
                ],
                instalments=[{"dueDate": "2999-01-01", "amount": "1"}],
                withholding={"code": "5"},
                purchaseOrder="A" * 51,
            ),
            **NEW,
        },
        {
            ("input.paymentForms.1.description", "FORBIDDEN_FIELD"),
            ("input.instalments", "OUT_OF_RANGE"),
            ("input.paymentForms", "NOT_ALLOWED"),
            ("input.withholding.code", "INVALID_VALUE"),
            ("input.purchaseOrder", "TOO_LONG"),
        },
    ),
    ("an unknown branch", {"input": invoice(branch="0009"), **NEW}, {("input.branch", "NOT_FOUND")}),
    (
        "a line without a description",
        {"input": invoice(line(), line(description=" ")), **NEW},
        {("input.lines.1.description", "REQUIRED")},
    ),
    (
        "descriptions too short and too long",
        {"input": invoice(line(description="A"), line(description="A" * 501)), **NEW},
        {("input.lines.0.description", "INVALID_VALUE"), ("input.lines.1.description", "TOO_LONG")},
    ),
    (
        "a description with NUL",
        {"input": invoice(line(description="Ca\0fé")), **NEW},
        {("input.lines.0.description", "INVALID_VALUE")},
    ),
    (
        "quantities that are none",
        {"input": invoice(line(quantity="0"), line(quantity="-1"), line(quantity="1000000000")), **NEW},
        {
            ("input.lines.0.quantity", "OUT_OF_RANGE"),
            ("input.lines.1.quantity", "OUT_OF_RANGE"),
            ("input.lines.2.quantity", "OUT_OF_RANGE"),
        },
    ),
    (
        "more than 6 decimals",
        {"input": invoice(line(quantity="0.0000001", unitPrice="1.0000001", discount="0.0000001")), **NEW},
        {
            ("input.lines.0.quantity", "OUT_OF_RANGE"),
            ("input.lines.0.unitPrice", "OUT_OF_RANGE"),
            ("input.lines.0.discount", "OUT_OF_RANGE"),
        },
    ),
    (
        "numbers near nought and beyond all",
        {"input": invoice(line(quantity="1e-999990", unitPrice="1e999990")), **NEW},
        {("input.lines.0.quantity", "OUT_OF_RANGE"), ("input.lines.0.unitPrice", "OUT_OF_RANGE")},
    ),
    (
        "a negative price and a negative discount",
        {"input": invoice(line(unitPrice="-0.01"), line(discount="-0.01")), **NEW},
        {("input.lines.0.unitPrice", "OUT_OF_RANGE"), ("input.lines.1.discount", "OUT_OF_RANGE")},
    ),
    (
        "a discount above the price",
        {"input": invoice(line(unitPrice="10", discount="10.000001")), **NEW},
        {("input.lines.0.discount", "OUT_OF_RANGE")},
    ),
    (
        "a total of 12 digits",
        {"input": invoice(line(quantity="999999999", unitPrice="999")), **NEW},
        {("input.lines", "OUT_OF_RANGE")},
    ),
    ("a day to come", {"input": invoice(issueDate=TOMORROW), **NEW}, {("input.issueDate", "OUT_OF_RANGE")}),
    (
        "a due date before today's issue",
        {"input": invoice(dueDate=YESTERDAY), **NEW},
        {("input.dueDate", "OUT_OF_RANGE")},
    ),
    (
        "a due date before the issue date",
        {"input": invoice(issueDate="2026-03-10", dueDate="2026-03-09"), **NEW},
        {("input.dueDate", "OUT_OF_RANGE")},
    ),
    ("notes of 2001 letters", {"input": invoice(notes="A" * 2001), **NEW}, {("input.notes", "TOO_LONG")}),
    ("notes with NUL", {"input": invoice(notes="A\0B"), **NEW}, {("input.notes", "INVALID_VALUE")}),
    ("notes that no font can show", {"input": invoice(notes="Gracias 谢谢"), **NEW}, {("input.notes", "UNPRINTABLE")}),
    (
        "an unknown billing point",
        {"input": invoice(billingPoint="002"), **NEW},
        {("input.billingPoint", "NOT_FOUND")},
    ),
    ("an empty billing point", {"input": invoice(billingPoint=""), **NEW}, {("input.billingPoint", "NOT_FOUND")}),
    ("NUL as billing point", {"input": invoice(billingPoint="\0"), **NEW}, {("input.billingPoint", "NOT_FOUND")}),
    (
        "a new customer with all kinds of faults",
        {
            "newCustomer": taxpayer(
                name="A",
                ruc="hola",
                dv="59",
                locationCode="99-1-1",
                email="x",
                phone="1",
                foreignId=foreigner()["foreignId"],
                associatedPersons=[{"name": "Ana Ríos", "notify": True}],
            )
        },
        {
            ("newCustomer.name", "INVALID_VALUE"),
            ("newCustomer.ruc", "INVALID_RUC"),
            ("newCustomer.locationCode", "UNKNOWN_LOCATION"),
            ("newCustomer.email", "INVALID_EMAIL"),
            ("newCustomer.phone", "INVALID_PHONE"),
            ("newCustomer.foreignId", "FORBIDDEN_FIELD"),
            ("newCustomer.associatedPersons.0.email", "REQUIRED"),
        },
    ),
    ("a wrong DV", {"newCustomer": company(dv="58")}, {("newCustomer.dv", "DV_MISMATCH")}),
    (
        "a company as final consumer",
        {"newCustomer": {"receiverType": "FINAL_CONSUMER", "name": "Ana", "taxpayerType": "JURIDICAL"}},
        {("newCustomer.taxpayerType", "NOT_ALLOWED")},
    ),
    (
        "everything at once",
        {
            "input": invoice(line(quantity="0"), billingPoint="9", issueDate=TOMORROW, notes="\0"),
            "newCustomer": taxpayer(name="", address="C"),
        },
        {
            ("input.lines.0.quantity", "OUT_OF_RANGE"),
            ("input.billingPoint", "NOT_FOUND"),
            ("input.issueDate", "OUT_OF_RANGE"),
            ("input.notes", "INVALID_VALUE"),
            ("newCustomer.name", "REQUIRED"),
            ("newCustomer.address", "INVALID_VALUE"),
        },
    ),
    (
        "faults and an unknown customer",
        {"input": invoice(line(unitPrice="-1")), "customerId": NOBODY},
        {("input.lines.0.unitPrice", "OUT_OF_RANGE"), ("customerId", "NOT_FOUND")},
    ),
]


@pytest.mark.parametrize(("arguments", "expected"), [pytest.param(*case[1:], id=case[0]) for case in PLAIN])
async def test_all_faults_come_at_their_paths_in_both_languages(
    api: Api, arguments: Arguments, expected: Faults
) -> None:
    english = Api(api.account_id, language="en")
    payloads = [await create_invoice(each, **arguments) for each in (api, english)]
    for payload in payloads:
        assert faults(payload) == expected
        assert len(payload["userErrors"]) == len(expected)
        assert (payload["invoice"], payload["customer"], payload["customerCreated"]) == (None, None, False)
    for in_spanish, in_english in zip(*(payload["userErrors"] for payload in payloads), strict=True):
        assert in_spanish["message"] != in_english["message"]
        assert {**in_spanish, "message": ""} == {**in_english, "message": ""}
    assert await stored(api) == NOTHING


def test_the_table_has_all_codes_that_an_invoices_data_can_bring_about() -> None:
    seen = {code for _, _, expected in PLAIN for _, code in expected}
    elsewhere = {"DUPLICATE_CUSTOMER", "IDEMPOTENCY_MISMATCH", "REGISTRY_MISMATCH", "CONFLICT"}
    elsewhere |= {"EMISSION_PENDING", "WINDOW_CLOSED", "CREDIT_EXCEEDED", "DUPLICATE_EXTERNAL_ID"}
    assert seen | elsewhere == set(Code)
    assert not seen & elsewhere


async def test_a_read_key_may_not_create(api: Api) -> None:
    reader = Api(api.account_id, Scope.READ)
    assert codes(await try_invoice(reader, newCustomer=taxpayer())) == ["FORBIDDEN"]
    assert await stored(api) == NOTHING


@pytest.mark.parametrize("amount", [1, 1.5, None, True, "", "1,5", "1_0", "NaN", "Infinity", "1" * 41, ["1"]])
async def test_a_decimal_in_variables_is_a_string_of_a_finite_number(api: Api, amount: Any) -> None:
    response = await try_invoice(api, invoice(line(quantity=amount)), newCustomer=taxpayer())
    assert codes(response) == ["BAD_USER_INPUT"]
    assert await stored(api) == NOTHING


async def test_a_decimal_in_the_document_may_be_a_number(api: Api) -> None:
    data = await api.ask(
        """
        mutation ($price: Decimal!) {
            createInvoice(
                newCustomer: {receiverType: FINAL_CONSUMER, name: "Ana Ríos"}
                input: {lines: [
                    {description: "Café", quantity: 3, unitPrice: 5.55, discount: "0.55", itbmsRate: RATE_7}
                    {description: "Pan", quantity: 1e1, unitPrice: $price, itbmsRate: EXEMPT}
                ]}
            ) { invoice { total lines { quantity unitPrice discount } } userErrors { code } }
        }
        """,
        price="0.10",
    )
    assert data["createInvoice"]["userErrors"] == []
    assert data["createInvoice"]["invoice"] == {
        "total": "17.05",
        "lines": [
            {"quantity": "3", "unitPrice": "5.55", "discount": "0.55"},
            {"quantity": "10", "unitPrice": "0.1", "discount": "0"},
        ],
    }


# Drafts and issued invoices


async def test_an_issued_invoice_has_a_number_and_a_frozen_receiver(api: Api) -> None:
    made = await create_invoice(api, newCustomer=company(email="a@example.com", phone="6677-8899"))
    assert made["userErrors"] == []
    assert made["customerCreated"]
    customer, issued = made["customer"], made["invoice"]
    assert (issued["number"], issued["status"], issued["billingPoint"]) == ("0000000001", "ISSUED", "001")
    assert issued["customer"]["id"] == customer["id"]
    shared = issued["receiver"].keys() & customer.keys()
    assert shared == issued["receiver"].keys()
    assert issued["receiver"] == {name: customer[name] for name in shared}
    assert issued["receiverDrift"] == []


async def test_numbers_go_up_by_one(api: Api) -> None:
    numbers = [(await create_invoice(api, newCustomer=taxpayer()))["invoice"]["number"] for _ in range(3)]
    assert numbers == ["0000000001", "0000000002", "0000000003"]
    viewer = await api.ask("{ viewer { account { billingPoints { code lastNumber } } } }")
    assert viewer["viewer"]["account"]["billingPoints"] == [{"code": "001", "lastNumber": "0000000003"}]


async def test_a_draft_has_neither_number_nor_receiver(api: Api) -> None:
    made = await create_invoice(api, invoice(issue=False), newCustomer=company())
    assert made["customerCreated"]
    draft = made["invoice"]
    assert (draft["number"], draft["status"], draft["receiver"], draft["receiverDrift"]) == (None, "DRAFT", None, [])
    assert (await stored(api))["last_number"] == 0
    viewer = await api.ask("{ viewer { account { billingPoints { lastNumber } } } }")
    assert viewer["viewer"]["account"]["billingPoints"] == [{"lastNumber": None}]


async def test_the_receiver_stays_as_it_was_when_the_customer_changes(api: Api) -> None:
    made = await create_invoice(api, newCustomer=company(email="a@example.com"))
    changes = {"name": "Nueva, S.A.", "email": None, "location_id": "4-6-1", "ruc": "8-1-1", "identification": "x"}
    await change_customer(api, made["customer"]["id"], **changes)
    data = await api.ask(
        """
        query ($id: ID!) { invoice(id: $id) {
            customer { name }
            receiver { name email ruc identification location { code } }
            receiverDrift { field issued current }
        } }
        """,
        id=made["invoice"]["id"],
    )
    assert data["invoice"]["customer"] == {"name": "Nueva, S.A."}
    assert data["invoice"]["receiver"] == {
        "name": "Hoteles Istmo, S.A.",
        "email": "a@example.com",
        "ruc": COMPANY,
        "identification": f"{COMPANY} DV 59",
        "location": {"code": "8-8-7"},
    }
    drift = {each["field"]: (each["issued"], each["current"]) for each in data["invoice"]["receiverDrift"]}
    assert drift == {
        "identification": (f"{COMPANY} DV 59", "x"),
        "name": ("Hoteles Istmo, S.A.", "Nueva, S.A."),
        "location": ("8-8-7", "4-6-1"),
        "email": ("a@example.com", None),
    }


async def test_a_drafts_customer_may_change_without_drift(api: Api) -> None:
    made = await create_invoice(api, invoice(issue=False), newCustomer=company())
    await change_customer(api, made["customer"]["id"], name="Nueva, S.A.")
    drift = await api.ask("query ($id: ID!) { invoice(id: $id) { receiverDrift { field } } }", id=made["invoice"]["id"])
    assert drift["invoice"]["receiverDrift"] == []


@pytest.mark.parametrize("issue", [True, False])
async def test_an_archived_customer_gets_no_invoice(api: Api, issue: bool) -> None:
    id = await customer_id(api, company())
    await change_customer(api, id, status="ARCHIVED")
    payload = await create_invoice(api, invoice(issue=issue), customerId=id)
    assert faults(payload) == {("customerId", "NOT_ALLOWED")}
    assert payload["userErrors"][0]["relatedId"] == id
    assert (await stored(api))["Document"] == 0


# Electronic invoicing looks at the receiver again


async def turn_electronic_invoicing(api: Api, on: bool) -> None:
    with tenant.acting_for(api.account_id):
        await models.Account.filter(id=api.account_id).update(electronic_invoicing=on)
    if on:
        await api.let_emit()


async def test_a_customer_that_lacks_what_electronic_invoicing_requires_gets_drafts_only(api: Api) -> None:
    id = await customer_id(api, taxpayer(ruc=FINCA))
    await turn_electronic_invoicing(api, True)
    payload = await create_invoice(api, customerId=id)
    assert faults(payload) == {("customerId", "REQUIRED")}
    # The table's fields, and the DV that no rule gives.
    assert len(payload["userErrors"]) == len({error["message"] for error in payload["userErrors"]}) == 4
    assert {error["relatedId"] for error in payload["userErrors"]} == {id}
    assert (await stored(api))["Document"] == 0
    assert (await create_invoice(api, invoice(issue=False), customerId=id))["userErrors"] == []
    await turn_electronic_invoicing(api, False)
    assert (await create_invoice(api, customerId=id))["invoice"]["number"] == "0000000001"


async def test_an_existing_duplicate_is_looked_at_again_before_it_gets_an_invoice(api: Api) -> None:
    id = await customer_id(api, taxpayer(ruc=COMPANY))
    await turn_electronic_invoicing(api, True)
    used = await create_invoice(api, newCustomer=company(), onDuplicate="USE_EXISTING")
    assert faults(used) == {("newCustomer.locationCode", "REQUIRED"), ("newCustomer.address", "REQUIRED")}
    draft = await create_invoice(api, invoice(issue=False), newCustomer=company(), onDuplicate="USE_EXISTING")
    assert (draft["userErrors"], draft["customer"]["id"]) == ([], id)
    filled = await create_invoice(api, newCustomer=company(), onDuplicate="UPDATE_EMPTY")
    assert (filled["userErrors"], filled["customer"]["id"]) == ([], id)
    assert filled["invoice"]["receiver"]["address"] == filled["customer"]["address"] == company()["address"]


@pytest.mark.parametrize("issue", [True, False])
async def test_a_new_customer_must_be_complete_also_for_a_draft(electronic: Api, issue: bool) -> None:
    payload = await create_invoice(electronic, invoice(issue=issue), newCustomer=taxpayer(ruc=COMPANY))
    assert faults(payload) == {
        ("newCustomer.taxpayerType", "REQUIRED"),
        ("newCustomer.locationCode", "REQUIRED"),
        ("newCustomer.address", "REQUIRED"),
    }
    assert await stored(electronic) == NOTHING


async def test_complete_receivers_get_invoices_with_electronic_invoicing_on(electronic: Api) -> None:
    consumer = {"receiverType": "FINAL_CONSUMER", "name": "Ana"}
    for number, customer in enumerate([company(), foreigner(), consumer], 1):
        made = await create_invoice(electronic, newCustomer=customer)
        assert (made["userErrors"], made["invoice"]["number"]) == ([], f"{number:010}")


# Billing points and dates


async def test_one_of_several_billing_points_must_be_chosen(api: Api) -> None:
    await add_billing_point(api, "007")
    id = await customer_id(api)
    payload = await create_invoice(api, customerId=id)
    assert faults(payload) == {("input.billingPoint", "REQUIRED")}
    assert payload["userErrors"][0]["expected"] == ["001", "007"]
    made = [await create_invoice(api, invoice(billingPoint=code), customerId=id) for code in ("007", "001", "007")]
    numbers = [(each["invoice"]["billingPoint"], each["invoice"]["number"]) for each in made]
    assert numbers == [("007", "0000000001"), ("001", "0000000001"), ("007", "0000000002")]


async def test_the_only_billing_point_may_be_named(api: Api) -> None:
    made = await create_invoice(api, invoice(billingPoint="001"), newCustomer=taxpayer())
    assert made["invoice"]["billingPoint"] == "001"


async def test_a_billing_point_that_used_up_its_numbers_issues_no_more(api: Api) -> None:
    await set_last_number(api, 9_999_999_998)
    id = await customer_id(api)
    assert (await create_invoice(api, customerId=id))["invoice"]["number"] == "9999999999"
    assert faults(await create_invoice(api, customerId=id)) == {("input.billingPoint", "OUT_OF_RANGE")}
    assert (await create_invoice(api, invoice(issue=False), customerId=id))["userErrors"] == []
    assert (await stored(api))["last_number"] == 9_999_999_999


@pytest.mark.parametrize("last", [0, 8, 9, 99, 1_234_567_889, 9_999_999_998])
async def test_an_invoice_is_found_by_its_number_with_leading_zeros_and_without(api: Api, last: int) -> None:
    await set_last_number(api, last)
    made = (await create_invoice(api, newCustomer=company()))["invoice"]
    assert made["number"] == f"{last + 1:010}"
    with tenant.acting_for(api.account_id):
        row = await models.Document.get(id=made["id"])
        [event] = await models.Event.filter(object_id=row.id)
    assert (row.number_key, event.data["number"]) == (made["number"], made["number"])
    assert row.search == number_words(made["number"]) + search_column(company()["name"], company()["ruc"])


@pytest.mark.parametrize(
    ("now", "today"),
    [
        pytest.param(datetime(2026, 3, 2, 4, 59, 59, tzinfo=UTC), "2026-03-01", id="a second before midnight there"),
        pytest.param(datetime(2026, 3, 2, 5, 0, 0, tzinfo=UTC), "2026-03-02", id="midnight in Panama"),
        pytest.param(datetime(2027, 1, 1, 0, 0, 0, tzinfo=UTC), "2026-12-31", id="new year in UTC"),
    ],
)
async def test_an_invoice_is_of_the_day_in_panama(
    api: Api, monkeypatch: pytest.MonkeyPatch, now: datetime, today: str
) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Clock":
            return cls.fromtimestamp(now.timestamp(), tz)

    monkeypatch.undo()
    monkeypatch.setattr(calendar, "datetime", Clock)
    made = await create_invoice(api, newCustomer=taxpayer())
    assert made["invoice"]["issueDate"] == today
    named = await create_invoice(api, invoice(issueDate=today, dueDate=today), newCustomer=taxpayer())
    assert (named["invoice"]["issueDate"], named["invoice"]["dueDate"]) == (today, today)
    tomorrow = str(date.fromisoformat(today) + timedelta(days=1))
    refused = await create_invoice(api, invoice(issueDate=tomorrow), newCustomer=taxpayer())
    assert faults(refused) == {("input.issueDate", "OUT_OF_RANGE")}


async def test_an_invoice_may_be_of_an_earlier_day(api: Api) -> None:
    made = await create_invoice(api, invoice(issueDate="2025-12-31", dueDate="2026-01-30"), newCustomer=taxpayer())
    assert (made["invoice"]["issueDate"], made["invoice"]["dueDate"]) == ("2025-12-31", "2026-01-30")


# Amounts


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


RATES = {"EXEMPT": Decimal(0), "RATE_7": Decimal("0.07"), "RATE_10": Decimal("0.10"), "RATE_15": Decimal("0.15")}

LINES = [
    line(quantity="3", unitPrice="5.55"),
    line(quantity="1.50", unitPrice="0.333333", itbmsRate="EXEMPT"),
    line(quantity="0.000001", unitPrice="4999.999999", itbmsRate="RATE_15"),
    line(quantity="1", unitPrice="0.005", itbmsRate="RATE_10"),
    line(quantity="7", unitPrice="19.990000", discount="1.995", itbmsRate="RATE_15"),
    line(quantity="2", unitPrice="10", discount="10", itbmsRate="RATE_7"),
    line(quantity="12.5", unitPrice="16.65", itbmsRate="RATE_10"),
    line(quantity="1000", unitPrice="1E+2", discount="0.5", itbmsRate="EXEMPT"),
]


async def test_amounts_are_those_of_an_independent_computation(api: Api) -> None:
    made = (await create_invoice(api, invoice(*LINES, currency="USD"), newCustomer=taxpayer()))["invoice"]
    net = [
        cents(Decimal(each["quantity"]) * (Decimal(each["unitPrice"]) - Decimal(each.get("discount", "0"))))
        for each in LINES
    ]
    itbms = [cents(amount * RATES[each["itbmsRate"]]) for amount, each in zip(net, LINES, strict=True)]
    assert [each["net"] for each in made["lines"]] == [str(amount) for amount in net]
    assert [each["itbms"] for each in made["lines"]] == [str(amount) for amount in itbms]
    assert [each["total"] for each in made["lines"]] == [str(n + i) for n, i in zip(net, itbms, strict=True)]
    assert made["subtotal"] == str(sum(net))
    assert made["itbmsTotal"] == str(sum(itbms))
    assert made["total"] == str(sum(net) + sum(itbms))
    discounts = [cents(Decimal(each["quantity"]) * Decimal(each.get("discount", "0"))) for each in LINES]
    assert made["discountTotal"] == str(sum(discounts))
    by_rate = [
        {
            "rate": rate,
            "base": str(sum(n for n, each in zip(net, LINES, strict=True) if each["itbmsRate"] == rate)),
            "amount": str(
                cents(sum((i for i, each in zip(itbms, LINES, strict=True) if each["itbmsRate"] == rate), Decimal(0)))
            ),
        }
        for rate in RATES
    ]
    assert made["taxes"] == by_rate
    assert made["currency"] == "USD"


async def test_quantities_and_prices_are_shown_as_entered_without_zeros_at_the_end(api: Api) -> None:
    made = (await create_invoice(api, invoice(*LINES), newCustomer=taxpayer()))["invoice"]
    shown = [(each["position"], each["quantity"], each["unitPrice"], each["discount"]) for each in made["lines"]]
    assert shown == [
        (1, "3", "5.55", "0"),
        (2, "1.5", "0.333333", "0"),
        (3, "0.000001", "4999.999999", "0"),
        (4, "1", "0.005", "0"),
        (5, "7", "19.99", "1.995"),
        (6, "2", "10", "10"),
        (7, "12.5", "16.65", "0"),
        (8, "1000", "100", "0.5"),
    ]


async def test_an_invoice_has_up_to_1000_lines_and_11_digits(api: Api) -> None:
    lines = [line(quantity="1", unitPrice="99999999.99", itbmsRate="EXEMPT")] * 1000
    made = (await create_invoice(api, invoice(*lines), newCustomer=taxpayer()))["invoice"]
    assert [each["position"] for each in made["lines"]] == list(range(1, 1001))
    assert (made["total"], made["discountTotal"], made["currency"]) == ("99999999990.00", "0.00", "PAB")


async def test_texts_are_trimmed_and_in_nfc(api: Api) -> None:
    made = await create_invoice(
        api,
        invoice(line(description=" Cafe\u0301 \u200b\r\nmolido"), notes=" Entrega:\r\n\tlunes \n"),
        newCustomer=taxpayer(name=" Pen\u0303a "),
    )
    assert made["invoice"]["lines"][0]["description"] == "Café\nmolido"
    assert made["invoice"]["notes"] == "Entrega:\n\tlunes"
    assert made["invoice"]["receiver"]["name"] == made["customer"]["name"] == "Peña"
    assert (await create_invoice(api, invoice(notes="  "), newCustomer=taxpayer()))["invoice"]["notes"] is None


# Duplicates


async def test_a_new_customer_that_exists_is_refused_or_used(api: Api) -> None:
    id = await customer_id(api, taxpayer(ruc=COMPANY))
    refused = await create_invoice(api, newCustomer=company())
    assert faults(refused) == {("newCustomer.ruc", "DUPLICATE_CUSTOMER")}
    assert refused["userErrors"][0]["relatedId"] == id
    used = await create_invoice(api, newCustomer=company(name="Otra, S.A."), onDuplicate="USE_EXISTING")
    assert (used["customer"]["id"], used["customerCreated"]) == (id, False)
    assert used["customer"]["address"] is None
    assert used["invoice"]["receiver"]["name"] == "Hoteles Istmo, S.A."
    filled = await create_invoice(api, newCustomer=company(name="Otra, S.A."), onDuplicate="UPDATE_EMPTY")
    assert (filled["customer"]["id"], filled["customerCreated"], filled["customer"]["version"]) == (id, False, 2)
    assert filled["invoice"]["receiver"]["address"] == company()["address"]
    assert filled["invoice"]["receiver"]["name"] == "Hoteles Istmo, S.A."
    assert [each["invoice"]["number"] for each in (used, filled)] == ["0000000001", "0000000002"]


async def test_a_foreigner_that_exists_is_refused(api: Api) -> None:
    id = await customer_id(api, foreigner())
    refused = await create_invoice(api, newCustomer=foreigner())
    assert faults(refused) == {("newCustomer.foreignId", "DUPLICATE_CUSTOMER")}
    assert refused["userErrors"][0]["relatedId"] == id


# Both or neither


@pytest.mark.parametrize("on_duplicate", ["FAIL", "UPDATE_EMPTY"])
async def test_a_failure_underway_stores_neither_customer_nor_invoice(
    api: Api, monkeypatch: pytest.MonkeyPatch, on_duplicate: str
) -> None:
    await create_customer(api, taxpayer(ruc=OTHER_COMPANY))
    before = await stored(api)
    fail_at_the_end(monkeypatch)
    with capture_logs() as logs:
        response = await try_invoice(api, newCustomer=company(), onDuplicate=on_duplicate, idempotencyKey="k")
    assert codes(response) == ["INTERNAL"]
    assert "secrets" not in str(response)
    [surprise] = [entry for entry in logs if entry["event"] == "unexpected error"]
    assert surprise["reference"] in response["errors"][0]["message"]
    for part in ("customer_1: 1", "sequence_3: 1", "document_4: 1", "document_line_5: 1", "secrets"):
        assert part in str(surprise["exc_info"])
    assert await stored(api) == before
    monkeypatch.undo()
    made = await create_invoice(api, newCustomer=company(), onDuplicate=on_duplicate, idempotencyKey="k")
    assert (made["invoice"]["number"], made["customerCreated"]) == ("0000000001", True)


async def test_a_failure_underway_leaves_an_existing_customer_as_it_was(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (await create_customer(api, taxpayer(ruc=COMPANY)))["customer"]
    fail_at_the_end(monkeypatch)
    with capture_logs() as logs:
        assert codes(await try_invoice(api, newCustomer=company(), onDuplicate="UPDATE_EMPTY")) == ["INTERNAL"]
    [surprise] = [entry for entry in logs if entry["event"] == "unexpected error"]
    assert "customer_1: 1" in str(surprise["exc_info"])
    monkeypatch.undo()
    after = (await create_customer(api, company(), onDuplicate="USE_EXISTING"))["customer"]
    assert after == before


# Dry runs


async def test_a_dry_run_answers_like_a_draft_and_stores_nothing(api: Api) -> None:
    tried = await create_invoice(api, invoice(*LINES), newCustomer=company(), dryRun=True)
    assert tried["userErrors"] == []
    assert (tried["customerCreated"], tried["customer"]["ruc"]) == (True, COMPANY)
    assert await stored(api) == NOTHING
    found = await api.ask(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=[tried["invoice"]["id"], tried["customer"]["id"]]
    )
    assert found["nodes"] == [None, None]

    def without_ids(payload: Answer) -> Answer:
        for each in (payload["customer"], payload["invoice"], payload["invoice"]["customer"]):
            del each["id"]
        return payload

    made = await create_invoice(api, invoice(*LINES, issue=False, issueDate=str(TODAY)), newCustomer=company())
    assert without_ids(tried) == without_ids(made)


async def test_a_dry_run_takes_no_number(api: Api) -> None:
    id = await customer_id(api)
    for _ in range(2):
        tried = await create_invoice(api, customerId=id, dryRun=True)
        assert (tried["userErrors"], tried["invoice"]["number"]) == ([], None)
    assert (await create_invoice(api, customerId=id))["invoice"]["number"] == "0000000001"


async def test_a_dry_run_tells_every_fault(api: Api) -> None:
    incomplete = await customer_id(api, taxpayer(ruc=COMPANY))
    await turn_electronic_invoicing(api, True)
    payload = await create_invoice(
        api, invoice(line(quantity="0")), newCustomer=company(name=""), onDuplicate="FAIL", dryRun=True
    )
    assert faults(payload) == {
        ("input.lines.0.quantity", "OUT_OF_RANGE"),
        ("newCustomer.name", "REQUIRED"),
        ("newCustomer.ruc", "DUPLICATE_CUSTOMER"),
    }
    # Also what would only be in the way of issuing.
    assert faults(await create_invoice(api, customerId=incomplete, dryRun=True)) == {("customerId", "REQUIRED")}


async def test_a_dry_run_leaves_an_existing_customer_as_it_is(api: Api) -> None:
    before = (await create_customer(api, taxpayer(ruc=COMPANY)))["customer"]
    tried = await create_invoice(api, newCustomer=company(), onDuplicate="UPDATE_EMPTY", dryRun=True)
    assert (tried["customer"]["version"], tried["customer"]["address"]) == (2, company()["address"])
    after = (await create_customer(api, company(), onDuplicate="USE_EXISTING"))["customer"]
    assert after == before


async def test_a_dry_run_respects_a_key_and_takes_none(api: Api) -> None:
    made = await create_invoice(api, newCustomer=taxpayer(), idempotencyKey="k")
    tried = await create_invoice(api, invoice(notes="otra"), newCustomer=taxpayer(), idempotencyKey="k", dryRun=True)
    assert faults(tried) == {("idempotencyKey", "IDEMPOTENCY_MISMATCH")}
    await create_invoice(api, newCustomer=taxpayer(), idempotencyKey="new", dryRun=True)
    other = await create_invoice(api, invoice(notes="otra"), newCustomer=taxpayer(), idempotencyKey="new")
    assert other["invoice"]["number"] == "0000000002"
    for dry_run in (True, False):
        assert await create_invoice(api, newCustomer=taxpayer(), idempotencyKey="k", dryRun=dry_run) == made


# Idempotency


async def test_the_same_request_with_the_same_key_is_done_once(api: Api) -> None:
    arguments: Arguments = {"newCustomer": company(), "idempotencyKey": "k"}
    answers = [await create_invoice(api, **arguments) for _ in range(3)]
    assert answers[0]["customerCreated"]
    assert answers[0] == answers[1] == answers[2]
    counts = await stored(api)
    assert (counts["Customer"], counts["Document"], counts["last_number"]) == (1, 1, 1)


async def test_a_repeated_request_is_told_customer_created_as_the_first_time(api: Api) -> None:
    id = await customer_id(api, company())
    for arguments in (
        {"customerId": id, "idempotencyKey": "by id"},
        {"newCustomer": company(), "onDuplicate": "USE_EXISTING", "idempotencyKey": "by duplicate"},
    ):
        answers = [await create_invoice(api, **arguments) for _ in range(2)]
        assert [answer["customerCreated"] for answer in answers] == [False, False]
        assert answers[0] == answers[1]


@pytest.mark.parametrize(
    "same",
    [
        pytest.param(invoice(line(quantity="1.50", discount="0.00")), id="zeros at the end"),
        pytest.param(invoice(line(quantity="15e-1")), id="an exponent"),
        pytest.param(invoice(line(quantity="1.5"), currency="PAB", issue=True), id="defaults written out"),
        pytest.param(invoice(line(quantity="1.5"), notes=None, dueDate=None), id="nulls written out"),
    ],
)
async def test_arguments_are_the_same_however_they_are_written(api: Api, same: Input) -> None:
    made = await create_invoice(api, invoice(line(quantity="1.5")), newCustomer=taxpayer(), idempotencyKey="k")
    assert await create_invoice(api, same, newCustomer=taxpayer(), idempotencyKey="k") == made


async def test_an_id_is_the_same_argument_in_capitals(api: Api) -> None:
    id = await customer_id(api)
    made = await create_invoice(api, customerId=id, idempotencyKey="k")
    assert await create_invoice(api, customerId=id.upper(), idempotencyKey="k") == made


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({"input": invoice(line(quantity="2"))}, id="another quantity"),
        pytest.param({"input": invoice(line(), line())}, id="one line more"),
        pytest.param({"input": invoice(issue=False)}, id="a draft"),
        pytest.param({"input": invoice(notes="otra")}, id="other notes"),
        pytest.param({"input": invoice(currency="USD")}, id="another currency"),
        pytest.param({"newCustomer": company(email="a@example.com")}, id="another customer"),
        pytest.param({"newCustomer": None, "customerId": NOBODY}, id="a customer's id"),
        pytest.param({"onDuplicate": "USE_EXISTING"}, id="another way with duplicates"),
    ],
)
async def test_a_key_is_refused_with_other_arguments(api: Api, arguments: Arguments) -> None:
    first: Arguments = {"newCustomer": company(), "idempotencyKey": "k"}
    await create_invoice(api, **first)
    payload = await create_invoice(api, **{**first, **arguments})
    assert faults(payload) == {("idempotencyKey", "IDEMPOTENCY_MISMATCH")}
    assert (payload["invoice"], payload["customer"]) == (None, None)
    assert (await stored(api))["Document"] == 1


async def test_a_repeated_request_for_a_draft_that_was_deleted_is_told_so(api: Api) -> None:
    arguments: Arguments = {"input": invoice(issue=False), "newCustomer": company(), "idempotencyKey": "k"}
    id = (await create_invoice(api, **arguments))["invoice"]["id"]
    await api.ask("mutation ($id: ID!) { deleteDraft(id: $id) { deletedId } }", id=id)
    payload = await create_invoice(api, **arguments)
    assert faults(payload) == {("idempotencyKey", "NOT_FOUND")}
    assert (payload["invoice"], payload["customer"]) == (None, None)
    assert (await stored(api))["Document"] == 0


async def test_a_key_is_refused_for_another_mutation(api: Api) -> None:
    await create_customer(api, company(), idempotencyKey="k")
    payload = await create_invoice(api, newCustomer=company(), idempotencyKey="k")
    assert faults(payload) == {("idempotencyKey", "IDEMPOTENCY_MISMATCH")}


async def test_a_refused_request_does_not_use_the_key_up(api: Api) -> None:
    refused = await create_invoice(api, invoice(line(quantity="0")), newCustomer=company(), idempotencyKey="k")
    assert faults(refused) == {("input.lines.0.quantity", "OUT_OF_RANGE")}
    assert await stored(api) == NOTHING
    assert (await create_invoice(api, newCustomer=company(), idempotencyKey="k"))["invoice"]["number"] == "0000000001"


async def test_a_key_belongs_to_its_account(api: Api, new_account: Callable[..., Awaitable[UUID]]) -> None:
    other = Api(await new_account())
    mine = await create_invoice(api, newCustomer=taxpayer(), idempotencyKey="k")
    theirs = await create_invoice(other, invoice(notes="otra"), newCustomer=taxpayer(), idempotencyKey="k")
    assert theirs["userErrors"] == []
    assert theirs["invoice"]["id"] != mine["invoice"]["id"]


@pytest.mark.parametrize("key", ["", "k" * 256])
async def test_a_key_has_1_to_255_characters(api: Api, key: str) -> None:
    assert codes(await try_invoice(api, newCustomer=taxpayer(), idempotencyKey=key)) == ["BAD_USER_INPUT"]
    assert await stored(api) == NOTHING


async def test_a_huge_exponent_costs_a_key_nothing(api: Api) -> None:
    lines = [line(quantity="1e-999990", unitPrice="1e-999990", discount="1e-999990")] * 300
    payload = await create_invoice(api, invoice(*lines), newCustomer=taxpayer(), idempotencyKey="k")
    assert {code for _, code in faults(payload)} == {"OUT_OF_RANGE"}
