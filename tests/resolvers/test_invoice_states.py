"""What may be done to an invoice in which state, its numbers, and the lists of invoices."""

import asyncio
import logging
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from itertools import product
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest

from db.asyncpg_engine import Session
from resolvers import accounts
from rules import calendar
from tests.builders import (
    COMPANY,
    OTHER_COMPANY,
    Input,
    add_billing_point,
    change_customer,
    codes,
    company,
    create_invoice,
    customer_id,
    faults,
    foreigner,
    invoice,
    line,
    set_last_number,
    stored,
    taxpayer,
)
from tests.conftest import Answer, Api

_INVOICE = """
    id number billingPoint status issueDate dueDate currency notes voidReason voidedAt version overdue
    customer { id name } receiver { name } receiverDrift { field issued current }
    lines { position description quantity unitPrice discount itbmsRate net itbms total }
    subtotal discountTotal itbmsTotal total taxes { rate base amount }
"""
_DONE = f"invoice {{ {_INVOICE} }} userErrors {{ path code expected relatedId }}"

_UPDATE = f"""
    mutation ($id: ID!, $input: InvoicePatch!, $version: Int) {{
        updateInvoice(id: $id, input: $input, version: $version) {{ {_DONE} }}
    }}
"""
_ISSUE = f"mutation ($id: ID!) {{ issueInvoice(id: $id) {{ {_DONE} }} }}"
_VOID = f"mutation ($id: ID!, $reason: String!) {{ voidInvoice(id: $id, reason: $reason) {{ {_DONE} }} }}"
_DELETE = "mutation ($id: ID!) { deleteDraft(id: $id) { deletedId userErrors { path code expected relatedId } } }"


async def do(api: Api, document: str, **variables: Any) -> Answer:
    """The payload of a mutation."""
    payload: Answer = next(iter((await api.ask(document, **variables)).values()))
    return payload


async def done(api: Api, document: str, **variables: Any) -> Answer:
    """The invoice after a mutation that must succeed."""
    payload = await do(api, document, **variables)
    assert payload["userErrors"] == []
    made: Answer = payload["invoice"]
    return made


async def read(api: Api, id: str) -> Answer:
    """The invoice; nothing if there is none."""
    return (await api.ask(f"query ($id: ID!) {{ invoice(id: $id) {{ {_INVOICE} }} }}", id=id))["invoice"] or {}


@pytest.fixture
async def other(new_account: Callable[..., Awaitable[UUID]]) -> Api:
    """A client of another account."""
    return Api(await new_account())


async def draft(api: Api, *lines: Input, customer: str | None = None, **fields: Any) -> str:
    made = await create_invoice(
        api, invoice(*lines, **{"issue": False, **fields}), customerId=customer or await customer_id(api)
    )
    assert made["userErrors"] == []
    id: str = made["invoice"]["id"]
    return id


async def issued(api: Api, *lines: Input, **fields: Any) -> str:
    return await draft(api, *lines, issue=True, **fields)


# States

REASON = "Se emitió dos veces"

# For each action, and each state that it finds the invoice in: the state that it leaves, or the code of its refusal.
MACHINE = """
    action            DRAFT        ISSUED       VOID         deleted      foreign      malformed
    update            DRAFT        NOT_ALLOWED  NOT_ALLOWED  NOT_FOUND    NOT_FOUND    NOT_FOUND
    delete            deleted      NOT_ALLOWED  NOT_ALLOWED  NOT_FOUND    NOT_FOUND    NOT_FOUND
    issue             ISSUED       ISSUED       NOT_ALLOWED  NOT_FOUND    NOT_FOUND    NOT_FOUND
    void              NOT_ALLOWED  VOID         VOID         NOT_FOUND    NOT_FOUND    NOT_FOUND
    void-otherwise    NOT_ALLOWED  VOID         NOT_ALLOWED  NOT_FOUND    NOT_FOUND    NOT_FOUND
"""
_HEAD, *_ROWS = [row.split() for row in MACHINE.strip().splitlines()]
CELLS = [(row[0], state, outcome) for row in _ROWS for state, outcome in zip(_HEAD[1:], row[1:], strict=True)]

ACTIONS: dict[str, tuple[str, Answer]] = {
    "update": (_UPDATE, {"input": {"notes": "Otra nota"}}),
    "delete": (_DELETE, {}),
    "issue": (_ISSUE, {}),
    "void": (_VOID, {"reason": f" {REASON}\n"}),
    "void-otherwise": (_VOID, {"reason": "Otra razón"}),
}


async def invoice_in(state: str, api: Api, other: Api) -> str:
    if state == "malformed":
        return "no-id"
    if state == "foreign":
        return await draft(other)
    id = await draft(api)
    if state in ("ISSUED", "VOID"):
        await done(api, _ISSUE, id=id)
    if state == "VOID":
        await done(api, _VOID, id=id, reason=REASON)
    if state == "deleted":
        assert (await do(api, _DELETE, id=id))["deletedId"] == id
    return id


@pytest.mark.parametrize(("action", "state", "outcome"), CELLS)
async def test_an_action_leaves_the_state_of_the_table_or_changes_nothing(
    api: Api, other: Api, action: str, state: str, outcome: str
) -> None:
    id = await invoice_in(state, api, other)
    owner = other if state == "foreign" else api
    before = await read(owner, id)
    document, arguments = ACTIONS[action]

    payload = await do(api, document, id=id, **arguments)

    after = await read(owner, id)
    if outcome in ("NOT_ALLOWED", "NOT_FOUND"):
        assert faults(payload) == {("id", outcome)}
        assert after == before
    elif outcome == "deleted":
        assert (payload["deletedId"], payload["userErrors"], after) == (id, [], {})
    else:
        assert (payload["userErrors"], payload["invoice"], after["status"]) == ([], after, outcome)
        if state == outcome and action != "update":  # it was so already
            assert after == before


async def test_an_invoice_goes_through_its_life_and_counts_its_versions(api: Api) -> None:
    id = await draft(api)
    first = await read(api, id)
    noted = await done(api, _UPDATE, id=id, input={"notes": "Gracias"})
    given = await done(api, _ISSUE, id=id)
    void = await done(api, _VOID, id=id, reason=REASON)

    assert [each["version"] for each in (first, noted, given, void)] == [1, 2, 3, 4]
    assert [each["number"] for each in (first, noted, given, void)] == [None, None, "0000000001", "0000000001"]
    assert [each["receiver"] for each in (first, noted)] == [None, None]
    assert (void["voidReason"], void["receiver"], void["lines"]) == (REASON, given["receiver"], given["lines"])
    assert datetime.now(UTC) - datetime.fromisoformat(void["voidedAt"]) < timedelta(minutes=1)


_OF_VERSION = {
    action: f"mutation ($id: ID!, $v: Int) {{ it: {action}({arguments}, version: $v) {{ userErrors {{ code path }}}}}}"
    for action, arguments in {
        "issueInvoice": "id: $id",
        "voidInvoice": 'id: $id, reason: "Mal"',
        "deleteDraft": "id: $id",
    }.items()
}


@pytest.mark.parametrize("action", _OF_VERSION)
async def test_what_was_changed_since_is_not_issued_voided_or_deleted(api: Api, action: str) -> None:
    id = await draft(api)
    await done(api, _UPDATE, id=id, input={"notes": "Gracias"})
    if action == "voidInvoice":
        await done(api, _ISSUE, id=id)
    before = await read(api, id)
    for version in (before["version"] - 1, before["version"] + 1, 0, -1):
        payload = (await api.ask(_OF_VERSION[action], id=id, v=version))["it"]
        assert faults(payload) == {("version", "CONFLICT")}
    assert await read(api, id) == before
    assert (await api.ask(_OF_VERSION[action], id=id, v=before["version"]))["it"]["userErrors"] == []
    assert await read(api, id) != before


async def test_a_deleted_draft_leaves_nothing_and_takes_no_number(api: Api) -> None:
    customer = await customer_id(api)
    id = await draft(api, line(), line(), customer=customer)
    before = await stored(api)

    await do(api, _DELETE, id=id)

    assert await stored(api) == {**before, "Document": 0, "DocumentLine": 0}
    assert (await read(api, await issued(api, customer=customer)))["number"] == "0000000001"


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("", {("reason", "REQUIRED")}),
        (" \n", {("reason", "REQUIRED")}),
        ("x", {("reason", "INVALID_VALUE")}),
        ("\0\0", {("reason", "INVALID_VALUE")}),
        ("x" * 1001, {("reason", "TOO_LONG")}),
        ("x" * 1000, set()),
        ("Una línea\ny otra", set()),
    ],
)
async def test_an_invoice_is_voided_for_a_reason(api: Api, reason: str, expected: set[tuple[str, str]]) -> None:
    id = await issued(api)

    payload = await do(api, _VOID, id=id, reason=reason)

    assert faults(payload) == expected
    assert (await read(api, id))["status"] == ("ISSUED" if expected else "VOID")


# Numbers


async def test_an_invoice_issued_many_times_at_once_gets_one_number(api: Api) -> None:
    id = await draft(api)

    payloads = await asyncio.gather(*(done(api, _ISSUE, id=id) for _ in range(5)))

    assert {(each["number"], each["version"]) for each in payloads} == {("0000000001", 2)}
    assert (await stored(api))["last_number"] == 1


async def test_drafts_issued_at_once_get_a_number_each(api: Api) -> None:
    customer = await customer_id(api)
    ids = [await draft(api, customer=customer) for _ in range(12)]

    payloads = await asyncio.gather(*(done(api, _ISSUE, id=id) for id in ids))

    assert sorted(each["number"] for each in payloads) == [f"{n:010}" for n in range(1, 13)]


async def test_of_issuing_and_deleting_at_once_one_is_done(api: Api) -> None:
    for _ in range(5):
        id = await draft(api)
        issue, delete = await asyncio.gather(do(api, _ISSUE, id=id), do(api, _DELETE, id=id))

        if issue["invoice"]:
            assert faults(delete) == {("id", "NOT_ALLOWED")}
        else:
            assert (faults(issue), delete["deletedId"]) == ({("id", "NOT_FOUND")}, id)
    assert (await audit(api, "001"))["gaps"] == []


async def test_a_draft_that_may_not_be_issued_takes_no_number(electronic: Api) -> None:
    customer = await customer_id(electronic, company())
    id = await draft(electronic, customer=customer)
    await change_customer(electronic, customer, location_id=None, address=None)

    payload = await do(electronic, _ISSUE, id=id)

    assert [(error["path"], error["code"]) for error in payload["userErrors"]] == [(["id"], "REQUIRED")] * 2
    assert {error["relatedId"] for error in payload["userErrors"]} == {customer}
    assert (await read(electronic, id))["status"] == "DRAFT"
    assert (await audit(electronic, "001"))["lastNumber"] is None


async def test_each_billing_point_has_its_numbers(api: Api) -> None:
    await add_billing_point(api, "002")
    customer = await customer_id(api)

    made = [await issued(api, customer=customer, billingPoint=point) for point in ("001", "002", "002")]
    moved = await draft(api, customer=customer, billingPoint="001")
    await done(api, _UPDATE, id=moved, input={"billingPoint": "002"})
    await done(api, _ISSUE, id=moved)

    found = [await read(api, id) for id in [*made, moved]]
    assert [(each["billingPoint"], int(each["number"])) for each in found] == [
        ("001", 1),
        ("002", 1),
        ("002", 2),
        ("002", 3),
    ]
    points = (await api.ask("{ viewer { account { billingPoints { code lastNumber } } } }"))["viewer"]["account"]
    assert points["billingPoints"] == [
        {"code": "001", "lastNumber": "0000000001"},
        {"code": "002", "lastNumber": "0000000003"},
    ]


async def test_a_draft_of_a_billing_point_without_numbers_stays_one(api: Api) -> None:
    await set_last_number(api, 9_999_999_999)
    id = await draft(api)
    assert faults(await do(api, _ISSUE, id=id)) == {("id", "OUT_OF_RANGE")}
    assert (await read(api, id))["status"] == "DRAFT"
    payload = await create_invoice(api, customerId=await customer_id(api))
    assert faults(payload) == {("input.billingPoint", "OUT_OF_RANGE")}


_AUDIT = """
    query ($point: String!) {
        numberingAudit(billingPoint: $point) {
            billingPoint lastNumber issuedCount voidCount gaps { first last }
            voids { totalCount edges { node { number status voidReason } } }
        }
    }
"""


async def audit(api: Api, point: str) -> Answer:
    found: Answer = (await api.ask(_AUDIT, point=point))["numberingAudit"]
    return found


async def test_a_billing_point_that_has_given_no_number_has_nothing_to_show(api: Api) -> None:
    await draft(api)

    assert await audit(api, "001") == {
        "billingPoint": "001",
        "lastNumber": None,
        "issuedCount": 0,
        "voidCount": 0,
        "gaps": [],
        "voids": {"totalCount": 0, "edges": []},
    }


async def test_the_audit_counts_what_became_of_the_numbers_and_tells_why_some_are_void(api: Api) -> None:
    await add_billing_point(api, "002")
    customer = await customer_id(api)
    ids = [await issued(api, customer=customer, billingPoint="001") for _ in range(4)]
    await issued(api, customer=customer, billingPoint="002")
    await done(api, _VOID, id=ids[2], reason="Otra razón")
    await done(api, _VOID, id=ids[0], reason=REASON)

    voids = [("0000000001", REASON), ("0000000003", "Otra razón")]
    assert await audit(api, "001") == {
        "billingPoint": "001",
        "lastNumber": "0000000004",
        "issuedCount": 2,
        "voidCount": 2,
        "gaps": [],
        "voids": {
            "totalCount": 2,
            "edges": [{"node": {"number": number, "status": "VOID", "voidReason": why}} for number, why in voids],
        },
    }


@pytest.mark.parametrize(
    ("removed", "gaps"),
    [
        ([1], [(1, 1)]),
        ([5], [(5, 5)]),
        ([3], [(3, 3)]),
        ([2, 3, 5], [(2, 3), (5, 5)]),
        ([1, 2, 3, 4, 5], [(1, 5)]),
    ],
)
async def test_numbers_that_somebody_removed_from_the_database_are_gaps(
    api: Api, database_url: str, removed: list[int], gaps: list[tuple[int, int]]
) -> None:
    customer = await customer_id(api)
    for _ in range(5):
        await issued(api, customer=customer)
    owner = await asyncpg.connect(database_url, server_settings={"role": "istmo_owner"})
    await owner.execute(
        "DELETE FROM document WHERE account_id = $1 AND number::int = ANY($2::int[])", api.account_id, removed
    )
    await owner.close()

    found = await audit(api, "001")

    assert [(int(gap["first"]), int(gap["last"])) for gap in found["gaps"]] == gaps
    assert (found["lastNumber"], found["issuedCount"]) == ("0000000005", 5 - len(removed))


@pytest.mark.parametrize("point", ["", "002", "1", "\0"])
async def test_an_unknown_billing_point_has_no_audit(api: Api, other: Api, point: str) -> None:
    await add_billing_point(other, "002")

    assert await api.refused(_AUDIT, point=point) == ["BAD_USER_INPUT"]


# Drafts

TWO_LINES = [
    line(description="Café", quantity="3", unitPrice="5.55", itbmsRate="RATE_7"),
    line(description="Libro", quantity="2", unitPrice="10", discount="1.5", itbmsRate="EXEMPT"),
]
TWO_LINES_TOTALS = {"subtotal": "33.65", "discountTotal": "3.00", "itbmsTotal": "1.17", "total": "34.82"}
AT_FIRST: Input = {
    "issueDate": "2024-03-01",
    "dueDate": "2024-03-31",
    "currency": "USD",
    "notes": "Gracias",
    "billingPoint": "001",
}

# A patch of a draft, and what becomes different of the answer.
CHANGES: list[tuple[Input, Answer]] = [
    ({"notes": " Otra\r\nnota "}, {"notes": "Otra\nnota"}),
    ({"notes": None}, {"notes": None}),
    ({"issueDate": "2024-03-31"}, {"issueDate": "2024-03-31"}),
    ({"dueDate": "2024-03-01"}, {"dueDate": "2024-03-01"}),
    ({"dueDate": None}, {"dueDate": None}),
    ({"currency": "PAB"}, {"currency": "PAB"}),
    ({"billingPoint": "002"}, {"billingPoint": "002"}),
    (
        {"lines": [line(quantity="2.500", unitPrice="4", itbmsRate="RATE_10")]},
        {
            "lines": [
                {
                    "position": 1,
                    "description": "Consultoría",
                    "quantity": "2.5",
                    "unitPrice": "4",
                    "discount": "0",
                    "itbmsRate": "RATE_10",
                    "net": "10.00",
                    "itbms": "1.00",
                    "total": "11.00",
                }
            ],
            **{"subtotal": "10.00", "discountTotal": "0.00", "itbmsTotal": "1.00", "total": "11.00"},
            "taxes": [{"rate": "RATE_10", "base": "10.00", "amount": "1.00"}],
        },
    ),
    ({"lines": TWO_LINES}, {}),
    ({}, {}),
]


@pytest.mark.parametrize(("patch", "changes"), CHANGES, ids=[str(patch)[:40] for patch, _ in CHANGES])
async def test_a_patch_of_a_draft_changes_what_it_names_and_leaves_the_rest(
    api: Api, patch: Input, changes: Answer
) -> None:
    await add_billing_point(api, "002")
    id = await draft(api, *TWO_LINES, **AT_FIRST)
    before = await read(api, id)
    assert {key: before[key] for key in TWO_LINES_TOTALS} == TWO_LINES_TOTALS

    after = await done(api, _UPDATE, id=id, input=patch)

    assert after == {**before, **changes, "version": 2 if changes else 1}
    assert await read(api, id) == after


async def test_lines_are_replaced_as_a_whole_and_numbered_anew(api: Api) -> None:
    id = await draft(api, *TWO_LINES)

    after = await done(api, _UPDATE, id=id, input={"lines": [*reversed(TWO_LINES), line(description="Té")]})

    assert [(each["position"], each["description"]) for each in after["lines"]] == [
        (1, "Libro"),
        (2, "Café"),
        (3, "Té"),
    ]
    assert after["total"] == str(Decimal(TWO_LINES_TOTALS["total"]) + Decimal("10.70"))
    assert (await stored(api))["DocumentLine"] == 3


async def test_a_draft_moves_to_another_customer_of_the_account(api: Api, other: Api) -> None:
    second = await customer_id(api, taxpayer(name="Otro"))
    foreign = await customer_id(other)
    id = await draft(api)

    assert (await done(api, _UPDATE, id=id, input={"customerId": second}))["customer"] == {"id": second, "name": "Otro"}

    for missing in (foreign, "x", "", id):
        payload = await do(api, _UPDATE, id=id, input={"customerId": missing})
        assert faults(payload) == {("input.customerId", "NOT_FOUND")}
    assert (await done(api, _ISSUE, id=id))["receiver"] == {"name": "Otro"}


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ({"lines": []}, {"lines": "REQUIRED"}),
        ({"lines": [line()] * 1001}, {"lines": "TOO_MANY"}),
        ({"lines": [line(description="x")]}, {"lines.0.description": "INVALID_VALUE"}),
        (
            {"lines": [line(quantity="0"), line(discount="11")]},
            {"lines.0.quantity": "OUT_OF_RANGE", "lines.1.discount": "OUT_OF_RANGE"},
        ),
        ({"dueDate": "2024-02-29"}, {"dueDate": "OUT_OF_RANGE"}),
        ({"issueDate": "2024-04-01"}, {"dueDate": "OUT_OF_RANGE"}),
        ({"issueDate": "9999-12-30", "dueDate": None}, {"issueDate": "OUT_OF_RANGE"}),
        ({"notes": "x" * 2001}, {"notes": "TOO_LONG"}),
        ({"notes": "\0"}, {"notes": "INVALID_VALUE"}),
        ({"billingPoint": "009"}, {"billingPoint": "NOT_FOUND"}),
        (
            {"notes": "\0", "lines": [], "billingPoint": "009", "customerId": "x"},
            {
                "notes": "INVALID_VALUE",
                "lines": "REQUIRED",
                "billingPoint": "NOT_FOUND",
                "customerId": "NOT_FOUND",
            },
        ),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_every_rule_of_a_new_invoice_holds_for_a_changed_draft(
    api: Api, patch: Input, expected: dict[str, str]
) -> None:
    id = await draft(api, *TWO_LINES, **AT_FIRST)
    before = await read(api, id)

    payload = await do(api, _UPDATE, id=id, input=patch)

    assert faults(payload) == {(f"input.{path}", code) for path, code in expected.items()}
    assert payload["invoice"] is None
    assert await read(api, id) == before


@pytest.mark.parametrize(
    "patch",
    [{"lines": [None]}, {"currency": "EUR"}, {"billingPoint": 1}, {"status": "VOID"}],
    ids=str,
)
async def test_a_patch_that_is_none_is_refused(api: Api, patch: Input) -> None:
    assert await api.refused(_UPDATE, id=await draft(api), input=patch) == ["BAD_USER_INPUT"]


async def test_a_day_of_issue_that_is_cleared_is_open(api: Api) -> None:
    id = await draft(api, issueDate="2024-03-01")

    assert (await done(api, _UPDATE, id=id, input={"issueDate": None}))["issueDate"] is None


async def test_a_change_of_the_last_version_is_done_and_one_of_an_older_refused(api: Api) -> None:
    id = await draft(api)

    assert (await done(api, _UPDATE, id=id, input={"notes": "Una"}, version=1))["version"] == 2
    for stale in (1, 3, 0):
        payload = await do(api, _UPDATE, id=id, input={"notes": "Dos"}, version=stale)
        assert payload["userErrors"] == [
            {"path": ["version"], "code": "CONFLICT", "expected": ["2"], "relatedId": None}
        ]


async def test_of_two_changes_of_one_version_at_once_one_wins(api: Api) -> None:
    id = await draft(api)

    payloads = await asyncio.gather(
        *(do(api, _UPDATE, id=id, input={"lines": [line(description=text)] * 3}, version=1) for text in ("Una", "Dos"))
    )

    (won,) = [payload["invoice"] for payload in payloads if payload["invoice"]]
    (lost,) = [error for payload in payloads for error in payload["userErrors"]]
    assert (lost["code"], lost["expected"]) == ("CONFLICT", ["2"])
    assert (await read(api, id))["lines"] == won["lines"]


# The receiver

_CHANGE_CUSTOMER = """
    mutation ($id: ID!, $input: CustomerPatch!) { updateCustomer(id: $id, input: $input) { userErrors { code } } }
"""

DRIFTS: list[tuple[Input, Input, list[tuple[str, str | None, str | None]]]] = [
    (company(), {"name": "Hoteles del Mar"}, [("name", "Hoteles Istmo, S.A.", "Hoteles del Mar")]),
    (company(), {"address": None}, [("address", "Calle 50, local 4", None)]),
    (company(), {"email": "a@example.com"}, [("email", None, "a@example.com")]),
    (
        company(),
        {"phone": "2001111", "mobile": "66778899"},
        [("mobile", None, "+50766778899"), ("phone", None, "+5072001111")],
    ),
    (company(), {"locationCode": "8-8-1"}, [("location", "8-8-7", "8-8-1")]),
    (company(), {"ruc": OTHER_COMPANY}, [("identification", f"{COMPANY} DV 59", f"{OTHER_COMPANY} DV 20")]),
    (company(), {"receiverType": "GOVERNMENT"}, [("receiverType", "TAXPAYER", "GOVERNMENT")]),
    (foreigner(), {"foreignId": {**foreigner()["foreignId"], "number": "X1"}}, [("identification", "AB123456", "X1")]),
    (company(), {"language": "EN"}, [("language", "ES", "EN")]),
    (company(language="EN"), {"language": None}, [("language", "EN", "ES")]),
    (company(), {"associatedPersons": [{"name": "Eva"}]}, []),
    (company(), {}, []),
]


@pytest.mark.parametrize(("input", "patch", "drift"), DRIFTS, ids=[str(patch) for _, patch, _ in DRIFTS])
async def test_an_issued_invoice_keeps_its_receiver_and_tells_what_has_changed(
    api: Api, input: Input, patch: Input, drift: list[tuple[str, str | None, str | None]]
) -> None:
    customer = await customer_id(api, input)
    id, unissued = await issued(api, customer=customer), await draft(api, customer=customer)
    before = await read(api, id)

    assert (await do(api, _CHANGE_CUSTOMER, id=customer, input=patch))["userErrors"] == []

    after = await read(api, id)
    assert after["receiver"] == before["receiver"]
    found = [(each["field"], each["issued"], each["current"]) for each in after["receiverDrift"]]
    assert sorted(found, key=str) == drift
    assert (await read(api, unissued))["receiverDrift"] == []


# Lists

DAYS = ["2024-03-01", "2024-03-02", "2024-03-03"]

# Name, state, billing point, day of issue, day of payment, price of the one line (exempt), customer.
BOOK: dict[str, tuple[str, str, str, str | None, str, str]] = {
    "a": ("ISSUED", "001", DAYS[0], None, "10.00", "first"),
    "b": ("ISSUED", "001", DAYS[1], DAYS[2], "10.01", "first"),
    "c": ("VOID", "001", DAYS[1], DAYS[1], "0.00", "first"),
    "d": ("DRAFT", "002", DAYS[2], DAYS[2], "99.99", "first"),
    "e": ("ISSUED", "002", DAYS[2], "9999-12-30", "999999999.00", "second"),
    "f": ("DRAFT", "001", DAYS[0], None, "10.00", "second"),
    "g": ("ISSUED", "002", DAYS[1], DAYS[1], "0.01", "second"),
}
ALL = set(BOOK)


class Book:
    """An account with the invoices of BOOK."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.ids: dict[str, str] = {}
        self.customers: dict[str, str] = {}

    async def listed(self, **arguments: Any) -> Answer:
        connection: Answer = (await self.api.ask(_LIST, **arguments))["invoices"]
        return connection

    def names(self, connection: Answer) -> list[str]:
        by_id = {id: name for name, id in self.ids.items()}
        return [by_id[edge["node"]["id"]] for edge in connection["edges"]]


_LIST = """
    query ($filter: InvoiceFilter, $orderBy: InvoiceOrder, $first: Int, $after: String, $last: Int, $before: String) {
        invoices(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
            totalCount
            edges { cursor node { id overdue } }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        }
    }
"""


@pytest.fixture(scope="module")
async def book(service: Any) -> Book:
    book = Book(Api(await accounts.create("Prueba, S.A.", None, None, electronic_invoicing=False)))
    await add_billing_point(book.api, "002")
    for name in ("first", "second"):
        book.customers[name] = await customer_id(book.api, taxpayer(name=name))
    for name, (status, point, issue_date, due_date, price, customer) in BOOK.items():
        book.ids[name] = await draft(
            book.api,
            line(unitPrice=price, itbmsRate="EXEMPT"),
            customer=book.customers[customer],
            issue=status != "DRAFT",
            billingPoint=point,
            issueDate=issue_date,
            dueDate=due_date,
        )
        if status == "VOID":
            await done(book.api, _VOID, id=book.ids[name], reason=REASON)
    return book


# A field of the filter, its value, and the invoices that it lets through.
FILTERS: list[tuple[str, Any, set[str]]] = [
    ("status", ["ISSUED"], {"a", "b", "e", "g"}),
    ("status", ["VOID", "DRAFT"], {"c", "d", "f"}),
    ("status", [], set()),
    ("status", None, ALL),
    ("customerId", "first", {"a", "b", "c", "d"}),
    ("customerId", "second", {"e", "f", "g"}),
    ("customerId", "nobody", set()),
    ("billingPoint", "001", {"a", "b", "c", "f"}),
    ("billingPoint", "002", {"d", "e", "g"}),
    ("billingPoint", "1", set()),
    ("issueDate", {"from": DAYS[1]}, {"b", "c", "d", "e", "g"}),
    ("issueDate", {"to": DAYS[0]}, {"a", "f"}),
    ("issueDate", {"from": DAYS[1], "to": DAYS[1]}, {"b", "c", "g"}),
    ("issueDate", {"from": DAYS[2], "to": DAYS[1]}, set()),
    ("issueDate", {}, ALL),
    ("total", {"from": "10", "to": "10.01"}, {"a", "b", "f"}),
    ("total", {"from": "10.001"}, {"b", "d", "e"}),
    ("total", {"from": "10.0000000000000000000000000000000001"}, {"b", "d", "e"}),
    ("total", {"to": "10.009"}, {"a", "c", "f", "g"}),
    ("total", {"to": "999999998.9999999999999999999999999999"}, ALL - {"e"}),
    ("total", {"from": "0.009", "to": "0.011"}, {"g"}),
    ("total", {"from": "0.011", "to": "0.019"}, set()),
    ("total", {"to": "0"}, {"c"}),
    ("total", {"from": "-1E+30"}, ALL),
    ("total", {"to": "-0.001"}, set()),
    ("total", {"from": "1E-30"}, ALL - {"c"}),
    ("total", {"to": "1E+30"}, ALL),
    ("total", {"from": "1E+30"}, set()),
    ("total", {"from": "99999999999999999999"}, set()),
    ("overdue", True, {"b", "g"}),
    ("overdue", False, ALL - {"b", "g"}),
    ("overdue", None, ALL),
]


def filter_of(book: Book, *fields: tuple[str, Any]) -> Answer:
    return {field: book.customers.get(value, value) if field == "customerId" else value for field, value in fields}


@pytest.mark.parametrize(("field", "value", "expected"), FILTERS)
async def test_a_filter_lets_its_invoices_through(book: Book, field: str, value: Any, expected: set[str]) -> None:
    connection = await book.listed(filter=filter_of(book, (field, value)))

    assert set(book.names(connection)) == expected
    assert connection["totalCount"] == len(expected)


async def test_filters_add_up_and_the_total_counts_what_they_let_through(book: Book) -> None:
    some = [case for case in FILTERS if case[2] not in (set(), ALL)]
    for (field, value, passed), (other, its_value, its_passed) in product(some, some):
        if field < other:
            connection = await book.listed(filter=filter_of(book, (field, value), (other, its_value)), first=1)
            assert connection["totalCount"] == len(passed & its_passed), (field, other)
            assert set(book.names(connection)) <= passed & its_passed


@pytest.mark.parametrize(
    "filter",
    [
        {"issueDate": {"from": "2024-02-30"}},
        {"total": {"from": 1}},
        {"total": {"from": "NaN"}},
        {"total": {"from": "x"}},
        {"total": {"from": "1" * 41}},
        {"status": ["PAID"]},
    ],
    ids=str,
)
async def test_a_filter_that_is_none_is_refused(book: Book, filter: Answer) -> None:
    assert await book.api.refused(_LIST, filter=filter) == ["BAD_USER_INPUT"]


# By rising order; what is equal goes by when it was made.
ORDERS: list[tuple[str, list[str]]] = [
    ("NUMBER", ["d", "f", "a", "e", "b", "g", "c"]),
    ("ISSUE_DATE", ["a", "f", "b", "c", "g", "d", "e"]),
    ("TOTAL", ["c", "g", "a", "f", "b", "d", "e"]),
    ("CREATED_AT", ["a", "b", "c", "d", "e", "f", "g"]),
]


@pytest.mark.parametrize(("field", "ascending"), ORDERS, ids=[field for field, _ in ORDERS])
async def test_each_order_is_the_same_page_by_page_from_either_end(
    book: Book, field: str, ascending: list[str]
) -> None:
    for direction, expected in (("ASC", ascending), ("DESC", ascending[::-1])):
        order = {"field": field, "direction": direction}
        for size, backward in product((1, 2, 3, 7, 8), (False, True)):
            limit, bound, ahead, end = (
                ("last", "before", "hasPreviousPage", "startCursor")
                if backward
                else ("first", "after", "hasNextPage", "endCursor")
            )
            found: list[str] = []
            info: Answer = {ahead: True, end: None}
            while info[ahead]:
                page = await book.listed(orderBy=order, **{limit: size, bound: info[end]})
                found = book.names(page) + found if backward else found + book.names(page)
                info = page["pageInfo"]
                assert info[ahead] == (len(found) < len(BOOK))
            assert found == expected, (direction, size, backward)


async def test_the_latest_invoices_come_first_unless_asked(book: Book) -> None:
    latest = dict(ORDERS)["ISSUE_DATE"][::-1]

    assert book.names(await book.listed()) == latest
    assert book.names(await book.listed(orderBy={"field": "ISSUE_DATE"})) == latest


@pytest.mark.parametrize("key", ["", "x", "1.5", "9" * 30, "-9223372036854775809"])
async def test_a_cursor_with_an_impossible_total_is_refused(book: Book, key: str) -> None:
    order = {"field": "TOTAL", "direction": "ASC"}
    name, direction, _, id = orjson.loads(b64decode((await book.listed(orderBy=order))["pageInfo"]["endCursor"]))
    forged = b64encode(orjson.dumps([name, direction, key, id])).decode()

    assert codes(await book.api.execute(_LIST, orderBy=order, after=forged)) == ["BAD_USER_INPUT"]


async def test_a_customers_invoices_are_its_own_filtered_ordered_and_counted(book: Book) -> None:
    document = """
        query ($id: ID!, $filter: InvoiceFilter, $orderBy: InvoiceOrder, $first: Int) {
            customer(id: $id) {
                invoices(filter: $filter, orderBy: $orderBy, first: $first) { totalCount edges { node { id } } }
            }
        }
    """
    arguments = {"filter": {"status": ["ISSUED", "DRAFT"]}, "orderBy": {"field": "TOTAL"}, "first": 2}

    found = (await book.api.ask(document, id=book.customers["first"], **arguments))["customer"]["invoices"]

    assert (book.names(found), found["totalCount"]) == (["d", "b"], 3)


# Overdue


class Clock(datetime):
    """A clock that stands still."""

    moment: datetime

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Clock":
        return cls.fromtimestamp(cls.moment.timestamp(), tz)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> type[Clock]:
    """The clock of the service and of the statements that it sends."""
    get_statement: Any = Session._get_statement

    async def at_that_moment(self: Session, query: str, *args: Any, **options: Any) -> Any:
        query = query.replace("now()", f"timestamptz '{Clock.moment.isoformat()}'")
        return await get_statement(self, query, *args, **options)

    monkeypatch.setattr(Session, "_get_statement", at_that_moment)
    monkeypatch.setattr(calendar, "datetime", Clock)
    return Clock


@pytest.mark.parametrize(
    ("moment", "late"),
    [
        # Midnight in Panama is at 05:00 UTC.
        ("2024-03-10T23:59:59Z", False),
        ("2024-03-11T00:00:00Z", False),
        ("2024-03-11T04:59:59.999999Z", False),
        ("2024-03-11T05:00:00Z", True),
        ("2024-03-11T12:00:00Z", True),
    ],
)
async def test_an_invoice_is_overdue_from_midnight_in_panama_on(
    api: Api, clock: type[Clock], moment: str, late: bool
) -> None:
    clock.moment = datetime.fromisoformat(moment)
    customer = await customer_id(api)
    dates = {"issueDate": "2024-03-01", "dueDate": "2024-03-10"}
    due = await issued(api, customer=customer, **dates)
    others = [
        await issued(api, customer=customer, issueDate="2024-03-01"),
        await issued(api, customer=customer, **{**dates, "dueDate": "2024-03-11"}),
        await draft(api, customer=customer, **dates),
        await issued(api, customer=customer, **dates),
    ]
    await done(api, _VOID, id=others[-1], reason=REASON)

    for overdue in (True, False):
        edges = (await api.ask(_LIST, filter={"overdue": overdue}))["invoices"]["edges"]
        assert {edge["node"]["overdue"] for edge in edges} <= {overdue}
        assert {edge["node"]["id"] for edge in edges} == ({due} if late else set()) ^ (
            set() if overdue else {due, *others}
        )


async def test_an_invoice_of_this_moment_has_the_day_in_panama(api: Api, clock: type[Clock]) -> None:
    for moment, day in (("2024-03-11T04:59:59Z", "2024-03-10"), ("2024-03-11T05:00:00Z", "2024-03-11")):
        clock.moment = datetime.fromisoformat(moment)
        assert (await read(api, await issued(api)))["issueDate"] == day
        tomorrow = str(date.fromisoformat(day) + timedelta(days=1))
        refused = await create_invoice(api, invoice(issueDate=tomorrow), customerId=await customer_id(api))
        assert faults(refused) == {("input.issueDate", "OUT_OF_RANGE")}


# What a customer has been invoiced


async def test_a_customers_count_and_total_are_of_what_is_issued(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    document = "{ customers { edges { node { name invoiceCount invoicedTotal } } } }"
    expected: list[Answer] = []
    for number in (1, 2, 3, 4):
        customer = await customer_id(api, taxpayer(name=f"Cliente {number}"))
        for price in ("10.00", "0.01", "999999999")[: number - 1]:
            await issued(api, line(unitPrice=price, itbmsRate="EXEMPT"), customer=customer)
        await draft(api, customer=customer)
        await done(api, _VOID, id=await issued(api, customer=customer), reason=REASON)
        total = ("0.00", "10.00", "10.01", "1000000009.01")[number - 1]
        expected.append({"name": f"Cliente {number}", "invoiceCount": number - 1, "invoicedTotal": total})

        with caplog.at_level(logging.DEBUG, "tortoise.db_client"):
            caplog.clear()
            edges = (await api.ask(document))["customers"]["edges"]
            assert len(caplog.records) == 1
        assert [edge["node"] for edge in edges] == expected
