"""How the business is doing: sales by month, what is overdue, the best customers, and what somebody must do."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from db import models, tenant
from rules.calendar import today
from rules.vocabulary import Scope, VerificationStatus
from tests.builders import company, create_customer, create_invoice, customer_id, foreigner, invoice, line, taxpayer
from tests.conftest import ON_ONE_NODE, Answer, Api
from tests.emission.conftest import Bench
from tests.noting import credited, debited, try_void_note
from tests.resolvers.test_emission_status import bench as bench
from tests.resolvers.test_fiscal import blocked, rejected
from tests.resolvers.test_invoice_states import Clock
from tests.resolvers.test_invoice_states import clock as clock
from tests.resolvers.test_round_trips import trips as trips

_FIGURES = """
    currency months { month invoices debitNotes creditNotes total itbms net }
    overdue { fromDays toDays count total } bestCustomers { id name total }
"""
_OVERVIEW = f"""{{ overview {{
    today currencies {{ {_FIGURES} }} overdue incomplete
    rejected {{ invoices creditNotes debitNotes }} blocked {{ invoices creditNotes debitNotes }}
    unverified {{ status count }}
}} }}"""
NONE = {"invoices": 0, "creditNotes": 0, "debitNotes": 0}


async def read(api: Api) -> Answer:
    found: Answer = (await api.ask(_OVERVIEW))["overview"]
    return found


async def only(api: Api) -> Answer:
    """The figures of an account that has one currency."""
    (figures,) = (await read(api))["currencies"]
    found: Answer = figures
    return found


async def sell(api: Api, price: str, customer: str | None = None, **fields: Any) -> str:
    """The id of an issued invoice of one line at 7 %."""
    chosen = customer or await customer_id(api)
    payload = await create_invoice(api, invoice(line(unitPrice=price), **fields), customerId=chosen)
    assert payload["userErrors"] == []
    id: str = payload["invoice"]["id"]
    return id


def first_of_month(months_ago: int) -> date:
    month = today().year * 12 + today().month - 1 - months_ago
    return date(month // 12, month % 12 + 1, 1)


async def test_a_new_account_has_no_figures_and_nothing_to_do(api: Api) -> None:
    assert await read(api) == {
        **{"today": f"{today()}", "currencies": [], "overdue": 0, "incomplete": 0, "unverified": []},
        **{"rejected": NONE, "blocked": NONE},
    }


async def test_drafts_and_void_documents_are_no_sales(api: Api) -> None:
    customer = await customer_id(api)
    await create_invoice(api, invoice(issue=False), customerId=customer)
    id = await sell(api, "10.00", customer)
    query = 'mutation ($id: ID!) { voidInvoice(id: $id, reason: "Precio equivocado") { userErrors { code } } }'
    assert (await api.ask(query, id=id))["voidInvoice"]["userErrors"] == []
    assert (await read(api))["currencies"] == []


async def test_notes_count_beside_invoices_in_the_month_of_their_own_day(api: Api) -> None:
    last_month = await sell(api, "100.00", issueDate=f"{first_of_month(1)}")
    await credited(api, last_month, {"position": 1, "amount": "40.00"})
    await debited(api, last_month, charges=[line(unitPrice="10.00")])
    void = await credited(api, last_month, {"position": 1, "amount": "1.00"})
    await try_void_note(api, void["id"])
    months = (await only(api))["months"]
    assert [each["month"] for each in months] == [f"{first_of_month(ago)}" for ago in range(11, -1, -1)]
    nothing = dict.fromkeys(("invoices", "debitNotes", "creditNotes", "total", "itbms", "net"), "0.00")
    assert all(each == {"month": each["month"], **nothing} for each in months[:-2])
    assert months[-2] == {
        **nothing,
        **{"month": f"{first_of_month(1)}", "invoices": "107.00", "total": "107.00", "itbms": "7.00", "net": "100.00"},
    }
    assert months[-1] == {
        **{"month": f"{first_of_month(0)}", "invoices": "0.00", "debitNotes": "10.70", "creditNotes": "42.80"},
        **{"total": "-32.10", "itbms": "-2.10", "net": "-30.00"},
    }


async def test_the_months_are_those_of_panama_and_sum_up_what_the_list_has(api: Api) -> None:
    too_old, oldest, newest = first_of_month(11) - timedelta(days=1), first_of_month(11), today()
    for day, price in ((too_old, "1.00"), (oldest, "2.00"), (newest, "4.00"), (newest, "8.00")):
        await sell(api, price, issueDate=f"{day}")
    months = (await only(api))["months"]
    assert (months[0]["net"], months[-1]["net"]) == ("2.00", "12.00")
    query = "query ($filter: InvoiceFilter) { invoices(filter: $filter) { totals { total } } }"
    listed = await api.ask(query, filter={"issueDate": {"from": months[-1]["month"], "to": f"{newest}"}})
    assert listed["invoices"]["totals"] == [{"total": months[-1]["total"]}]


async def test_currencies_are_never_added_up(api: Api) -> None:
    customer = await customer_id(api)
    late = {"issueDate": f"{today() - timedelta(days=5)}", "dueDate": f"{today() - timedelta(days=2)}"}
    await sell(api, "10.00", customer, **late)
    await sell(api, "20.00", customer, currency="USD", **late)
    found = await read(api)
    assert found["overdue"] == 2
    sums = {
        each["currency"]: (
            sum(Decimal(month["total"]) for month in each["months"]),
            each["overdue"][0]["total"],
            [buyer["total"] for buyer in each["bestCustomers"]],
        )
        for each in found["currencies"]
    }
    assert sums == {
        "PAB": (Decimal("10.70"), "10.70", ["10.70"]),
        "USD": (Decimal("21.40"), "21.40", ["21.40"]),
    }


async def test_what_is_overdue_is_told_apart_by_age(api: Api) -> None:
    days = (0, 1, 30, 31, 60, 61, 90, 91, 400)
    begin = today() - timedelta(days=420)
    for place, late in enumerate(reversed(days)):
        due = today() - timedelta(days=late)
        await sell(api, f"{place + 1}.00", issueDate=f"{max(begin, due - timedelta(days=5))}", dueDate=f"{due}")
    await sell(api, "50.00")  # without a due date
    found = await read(api)
    assert found["currencies"][0]["overdue"] == [
        {"fromDays": 1, "toDays": 30, "count": 2, "total": "16.05"},
        {"fromDays": 31, "toDays": 60, "count": 2, "total": "11.77"},
        {"fromDays": 61, "toDays": 90, "count": 2, "total": "7.49"},
        {"fromDays": 91, "toDays": None, "count": 2, "total": "3.21"},
    ]
    assert found["overdue"] == 8
    listed = await api.ask("{ invoices(filter: {overdue: true}) { totalCount } }")
    assert listed["invoices"]["totalCount"] == found["overdue"]


async def test_notes_change_what_is_left_of_an_overdue_invoice(api: Api) -> None:
    long_ago = {"issueDate": f"{today() - timedelta(days=50)}", "dueDate": f"{today() - timedelta(days=45)}"}
    late = {"issueDate": f"{today() - timedelta(days=20)}", "dueDate": f"{today() - timedelta(days=1)}"}
    older = await sell(api, "100.00", **long_ago)
    newer = await sell(api, "10.00", **late)
    not_due = await sell(api, "10.00", dueDate=f"{today()}")
    await credited(api, older, {"position": 1, "amount": "60.00"})
    await debited(api, newer, charges=[line(unitPrice="5.00")])
    await credited(api, not_due)
    first, second, *_ = (await only(api))["overdue"]
    assert (first["count"], first["total"]) == (1, "16.05")
    assert (second["count"], second["total"]) == (1, "42.80")


async def test_a_wholly_credited_invoice_is_not_overdue_unless_a_debit_note_charges_on_it(api: Api) -> None:
    late = {"issueDate": f"{today() - timedelta(days=20)}", "dueDate": f"{today() - timedelta(days=1)}"}
    ids = [await sell(api, "10.00", **late) for _ in range(3)]
    for id in ids[1:]:
        await credited(api, id)
    await debited(api, ids[2], charges=[line(unitPrice="1.00")])
    found = await read(api)
    first, *_ = found["currencies"][0]["overdue"]
    assert (found["overdue"], first["count"], first["total"]) == (2, 2, "11.77")
    query = "query ($late: Boolean) { invoices(filter: {overdue: $late}) { totalCount edges { node { id overdue } } } }"
    for is_late, expected in ((True, {ids[0], ids[2]}), (False, {ids[1]})):
        listed = (await api.ask(query, late=is_late))["invoices"]
        assert {edge["node"]["id"] for edge in listed["edges"]} == expected
        assert {edge["node"]["overdue"] for edge in listed["edges"]} == {is_late}
    await credited(api, ids[0])
    assert (await read(api))["overdue"] == 1


async def test_best_customers_are_those_with_the_largest_totals_after_their_notes(api: Api) -> None:
    ids = {}
    for name, price in (("Ana", "30.00"), ("Berta", "20.00"), ("Carla", "50.00"), ("Diana", "1.00")):
        created = await create_customer(api, taxpayer(receiverType="FINAL_CONSUMER", name=name))
        ids[name] = created["customer"]["id"]
        sold = await sell(api, price, ids[name])
        if name == "Carla":
            await credited(api, sold, {"position": 1, "amount": "25.00"})
        if name == "Diana":
            await credited(api, sold)
    assert (await only(api))["bestCustomers"] == [
        {"id": ids["Ana"], "name": "Ana", "total": "32.10"},
        {"id": ids["Carla"], "name": "Carla", "total": "26.75"},
        {"id": ids["Berta"], "name": "Berta", "total": "21.40"},
    ]


async def test_what_was_rejected_or_blocked_is_counted_by_kind(bench: Bench) -> None:
    await rejected(bench)
    await rejected(bench)
    await blocked(bench)
    found = await read(bench.api)
    assert (found["rejected"], found["blocked"]) == ({**NONE, "invoices": 2}, {**NONE, "invoices": 1})


async def test_customers_that_need_a_hand_are_counted_as_their_lists_have_them(api: Api) -> None:
    for number, (status, input) in enumerate(
        [
            (VerificationStatus.NOT_FOUND, company(ruc="155596713-2-2015")),
            (VerificationStatus.NOT_FOUND, taxpayer(name="Sin datos")),
            (VerificationStatus.MISMATCH, foreigner(number="X1")),
            (VerificationStatus.UNVERIFIED, taxpayer(receiverType="FINAL_CONSUMER", name="Consumidor")),
            (VerificationStatus.VERIFIED, taxpayer(receiverType="GOVERNMENT", name="Alcaldía")),
            (VerificationStatus.MISMATCH, taxpayer(name="Archivado")),
        ]
    ):
        payload = await create_customer(api, input)
        assert payload["userErrors"] == [], number
        id = payload["customer"]["id"]
        with tenant.acting_for(api.account_id):
            await models.Customer.filter(account_id=api.account_id, id=id).update(verification_status=status)
        if input.get("name") == "Archivado":
            await api.ask("mutation ($id: ID!) { archiveCustomer(id: $id) { userErrors { code } } }", id=id)
    found = await read(api)
    assert found["unverified"] == [{"status": "NOT_FOUND", "count": 2}, {"status": "MISMATCH", "count": 1}]
    count = "query ($filter: CustomerFilter) { customers(filter: $filter) { totalCount } }"
    for each in found["unverified"]:
        listed = await api.ask(count, filter={"verification": [each["status"]]})
        assert listed["customers"]["totalCount"] == each["count"]
    listed = await api.ask(count, filter={"incomplete": True})
    assert listed["customers"]["totalCount"] == found["incomplete"] == 2


@pytest.mark.parametrize(
    ("moment", "day", "overdue"),
    [("2024-03-11T04:59:59Z", "2024-03-10", 0), ("2024-03-11T05:00:00Z", "2024-03-11", 1)],
)
async def test_the_day_is_that_of_panama(api: Api, clock: type[Clock], moment: str, day: str, overdue: int) -> None:
    clock.moment = datetime.fromisoformat(moment)
    await sell(api, "10.00", issueDate="2024-03-01", dueDate="2024-03-10")
    found = await read(api)
    assert (found["today"], found["overdue"]) == (day, overdue)
    assert found["currencies"][0]["months"][-1]["month"] == "2024-03-01"


async def test_a_key_that_may_only_read_may_ask_and_sees_its_own_account_only(
    api: Api, new_account: Callable[..., Awaitable[UUID]]
) -> None:
    await sell(api, "10.00")
    reader = Api(api.account_id, Scope.READ)
    assert len((await read(reader))["currencies"]) == 1
    assert (await read(Api(await new_account())))["currencies"] == []


@ON_ONE_NODE
async def test_all_of_it_is_one_statement(api: Api, trips: list[str]) -> None:
    await sell(api, "10.00", currency="USD")
    trips.clear()
    await read(api)
    assert trips == ["read"]
