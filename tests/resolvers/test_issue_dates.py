"""The day of issue: open on a draft until it is issued, and compared with that of the billing point's last invoice."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from rules import calendar
from tests.builders import Input, add_billing_point, create_invoice, customer_id, faults, invoice, line, stored
from tests.conftest import FONTS, Answer, Api

_FIELDS = "invoice { id number status issueDate dueDate total version } warnings { path code message }"
_CREATE = f"""
    mutation ($input: InvoiceInput!, $customerId: ID!, $dryRun: Boolean! = false, $idempotencyKey: String) {{
        createInvoice(input: $input, customerId: $customerId, dryRun: $dryRun, idempotencyKey: $idempotencyKey) {{
            {_FIELDS} userErrors {{ path code message }}
        }}
    }}
"""
_UPDATE = f"""
    mutation ($id: ID!, $input: InvoicePatch!) {{
        updateInvoice(id: $id, input: $input) {{ {_FIELDS} userErrors {{ path code message }} }}
    }}
"""
_ISSUE = f"mutation ($id: ID!) {{ issueInvoice(id: $id) {{ {_FIELDS} userErrors {{ path code message }} }} }}"

MONDAY, TUESDAY = date(2026, 3, 16), date(2026, 3, 17)

SetToday = Callable[[date], None]


@pytest.fixture
def set_today(monkeypatch: pytest.MonkeyPatch) -> SetToday:
    def set_it(day: date) -> None:
        monkeypatch.setattr(calendar, "today", lambda: day)

    set_it(MONDAY)
    return set_it


async def payload(api: Api, document: str, **variables: Any) -> Answer:
    answer: Answer = next(iter((await api.ask(document, **variables)).values()))
    return answer


async def create(api: Api, input: Input | None = None, **arguments: Any) -> Answer:
    customer = arguments.pop("customerId", None) or await customer_id(api)
    return await payload(api, _CREATE, input=input or invoice(), customerId=customer, **arguments)


async def draft(api: Api, **fields: Any) -> str:
    id: str = (await create(api, invoice(issue=False, **fields)))["invoice"]["id"]
    return id


# Open until it is issued


async def test_a_draft_without_a_day_is_of_the_day_on_which_it_is_issued(api: Api, set_today: SetToday) -> None:
    made = await create(api, invoice(issue=False, dueDate="2026-04-01"))
    assert made["invoice"]["issueDate"] is None
    set_today(TUESDAY)

    issued = (await payload(api, _ISSUE, id=made["invoice"]["id"]))["invoice"]

    assert (issued["number"], issued["issueDate"], issued["dueDate"]) == ("0000000001", "2026-03-17", "2026-04-01")


async def test_numbers_and_days_of_issue_go_up_together(api: Api, set_today: SetToday) -> None:
    old = await draft(api)
    set_today(TUESDAY)
    await create(api)
    issued = await payload(api, _ISSUE, id=old)
    assert (issued["invoice"]["number"], issued["invoice"]["issueDate"]) == ("0000000002", "2026-03-17")
    assert issued["warnings"] == []


async def test_a_draft_with_a_day_keeps_it(api: Api, set_today: SetToday) -> None:
    id = await draft(api, issueDate="2026-03-16")
    set_today(TUESDAY)
    assert (await payload(api, _ISSUE, id=id))["invoice"]["issueDate"] == "2026-03-16"


async def test_a_day_can_be_given_and_left_open_again(api: Api, set_today: SetToday) -> None:
    id = await draft(api)
    assert (await payload(api, _UPDATE, id=id, input={"notes": "Hola"}))["invoice"]["issueDate"] is None
    given = await payload(api, _UPDATE, id=id, input={"issueDate": "2026-03-10"})
    assert given["invoice"]["issueDate"] == "2026-03-10"
    assert (await payload(api, _UPDATE, id=id, input={"issueDate": None}))["invoice"]["issueDate"] is None
    assert (await payload(api, _ISSUE, id=id))["invoice"]["issueDate"] == "2026-03-16"


async def test_a_dry_run_of_an_invoice_tells_its_day_and_one_of_a_draft_leaves_it_open(
    api: Api, set_today: SetToday
) -> None:
    assert (await create(api, dryRun=True))["invoice"]["issueDate"] == "2026-03-16"
    assert (await create(api, invoice(issue=False), dryRun=True))["invoice"]["issueDate"] is None


async def test_the_due_date_is_checked_when_the_day_is_settled(api: Api, set_today: SetToday) -> None:
    id = await draft(api, dueDate="2026-03-16")
    set_today(TUESDAY)

    # The draft can still be changed, but not issued.
    assert (await payload(api, _UPDATE, id=id, input={"notes": "Hola"}))["userErrors"] == []
    refused = await payload(api, _ISSUE, id=id)
    assert faults(refused) == {("id", "OUT_OF_RANGE")}
    assert refused["userErrors"][0]["message"].startswith("dueDate: ")
    changed = await payload(api, _UPDATE, id=id, input={"dueDate": "2026-03-16"})
    assert changed["userErrors"] == []  # nothing has changed
    assert faults(await payload(api, _UPDATE, id=id, input={"dueDate": "2026-03-15"})) == {
        ("input.dueDate", "OUT_OF_RANGE")
    }
    assert (await stored(api))["last_number"] == 0

    await payload(api, _UPDATE, id=id, input={"dueDate": "2026-03-17"})
    assert (await payload(api, _ISSUE, id=id))["invoice"]["dueDate"] == "2026-03-17"


async def test_a_due_date_that_has_passed_is_told_at_once(api: Api, set_today: SetToday) -> None:
    refused = await create(api, invoice(issue=False, dueDate="2026-03-15"))
    assert faults(refused) == {("input.dueDate", "OUT_OF_RANGE")}


async def test_open_drafts_are_ordered_and_filtered_by_the_day_of_their_dates(api: Api, set_today: SetToday) -> None:
    first = await draft(api)
    set_today(TUESDAY)
    second = await draft(api)
    page = await api.ask("{ invoices { edges { node { id } } } }")
    assert [edge["node"]["id"] for edge in page["invoices"]["edges"]] == [second, first]
    page = await api.ask(
        "query ($day: Date!) { invoices(filter: {issueDate: {from: $day}}) { edges { node { id } } } }",
        day="2026-03-17",
    )
    assert [edge["node"]["id"] for edge in page["invoices"]["edges"]] == [second]


async def test_the_event_of_an_open_draft_tells_no_day(api: Api, set_today: SetToday) -> None:
    await draft(api)
    _, event = (await api.ask("{ events(first: 10) { edges { node { data } } } }"))["events"]["edges"] or (None, None)
    assert event is None or event["node"]["data"]["issueDate"] is None


# Before the last invoice


async def test_an_invoice_before_the_last_one_is_warned_of_and_one_long_before_refused(
    api: Api, set_today: SetToday
) -> None:
    await create(api)
    message = "La fecha es anterior a la de la última factura del punto de facturación, 2026-03-16."
    warned = await create(api, invoice(issueDate="2026-02-13"))
    assert warned["invoice"]["number"] == "0000000002"
    assert warned["warnings"] == [{"path": ["input", "issueDate"], "code": "BACKDATED", "message": message}]

    refused = await create(api, invoice(issueDate="2026-02-12"))

    assert faults(refused) == {("input.issueDate", "OUT_OF_RANGE")}
    assert "31 días" in refused["userErrors"][0]["message"]
    assert refused["warnings"] == []
    assert (await stored(api))["last_number"] == 2


async def test_the_limit_is_a_setting(api: Api, set_today: SetToday) -> None:
    api.context.backdating_days = 0
    await create(api)
    assert faults(await create(api, invoice(issueDate="2026-03-15"))) == {("input.issueDate", "OUT_OF_RANGE")}
    api.context.backdating_days = 36500
    assert (await create(api, invoice(issueDate="2000-01-01")))["userErrors"] == []


async def test_days_before_the_last_one_do_not_add_up(api: Api, set_today: SetToday) -> None:
    """The latest day counts, not that of the last number."""
    await create(api)
    await create(api, invoice(issueDate="2026-02-20"))
    assert faults(await create(api, invoice(issueDate="2026-02-01"))) == {("input.issueDate", "OUT_OF_RANGE")}


async def test_each_billing_point_has_its_own_last_day(api: Api, set_today: SetToday) -> None:
    await add_billing_point(api, "002")
    await create(api, invoice(billingPoint="001"))
    made = await create(api, invoice(billingPoint="002", issueDate="2020-01-01"))
    assert (made["userErrors"], made["warnings"]) == ([], [])
    last = await create(api, invoice(billingPoint="001", issueDate="2026-03-01"))
    assert [warning["code"] for warning in last["warnings"]] == ["BACKDATED"]


async def test_a_dry_run_warns_and_refuses_alike(api: Api, set_today: SetToday) -> None:
    await create(api)
    dry = await create(api, invoice(issueDate="2026-03-15"), dryRun=True)
    assert [warning["code"] for warning in dry["warnings"]] == ["BACKDATED"]
    refused = await create(api, invoice(issueDate="2026-01-01"), dryRun=True)
    assert faults(refused) == {("input.issueDate", "OUT_OF_RANGE")}


async def test_a_draft_is_compared_when_it_is_issued(api: Api, set_today: SetToday) -> None:
    near, far = await draft(api, issueDate="2026-03-01"), await draft(api, issueDate="2025-12-31")
    await create(api)

    warned = await payload(api, _ISSUE, id=near)
    assert [(warning["path"], warning["code"]) for warning in warned["warnings"]] == [(["id"], "BACKDATED")]
    assert warned["warnings"][0]["message"].startswith("issueDate: ")
    assert faults(await payload(api, _ISSUE, id=far)) == {("id", "OUT_OF_RANGE")}


async def test_warnings_are_in_the_language_of_the_request(api: Api, set_today: SetToday) -> None:
    await create(api)
    api.context.language = "en"
    made = await create(api, invoice(issueDate="2026-03-15"))
    assert made["warnings"][0]["message"] == "The date is before that of the billing point's last invoice, 2026-03-16."


async def test_all_faults_come_with_that_of_the_day(api: Api, set_today: SetToday) -> None:
    await create(api)
    refused = await create(api, invoice(line(description="x"), issueDate="2025-01-01"))
    assert faults(refused) == {("input.lines.0.description", "INVALID_VALUE"), ("input.issueDate", "OUT_OF_RANGE")}
    dated = await create(api, invoice(line(description="\U0001f600 \U0010ffff x"), issueDate="2025-01-01"))
    assert ("input.issueDate", "OUT_OF_RANGE") in faults(dated)
    assert FONTS.printable.missing("\U0010ffff")


async def test_the_draft_of_an_invoice_issued_on_a_later_day_is_due_from_then_on(api: Api, set_today: SetToday) -> None:
    made = await create_invoice(api, invoice(issue=False), customerId=await customer_id(api))
    for days in range(3):
        set_today(MONDAY + timedelta(days=days))
        page = await api.ask("query ($id: ID!) { invoice(id: $id) { issueDate } }", id=made["invoice"]["id"])
        assert page["invoice"]["issueDate"] is None
