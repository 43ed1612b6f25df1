"""Which days, times and numbers are read, and that what is stored is what was given."""

from typing import Any

import pytest

from tests.builders import create_invoice, faults, invoice, line, taxpayer, try_invoice
from tests.conftest import Api

_CREATE_KEY = """
    mutation ($expiresAt: DateTime) {
        createApiKey(name: "Caja", scope: READ, expiresAt: $expiresAt) {
            apiKey { expiresAt } userErrors { path code }
        }
    }
"""
_BY_DAY = "query ($day: Date) { invoices(filter: { issueDate: { from: $day } }) { totalCount } }"
_BY_MOMENT = "query ($moment: DateTime) { auditEvents(filter: { occurredAt: { from: $moment } }) { totalCount } }"


def message_of(response: dict[str, Any]) -> str:
    """The message of the one error, which is the client's fault."""
    (error,) = response["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    message: str = error["message"]
    return message


# Days


@pytest.mark.parametrize(
    "day",
    [
        "20261231",
        "2026-W01-1",
        "2026-02-30",
        "2026-1-1",
        "２０２６-01-01",
        "2026-01-01\n",
        "",
        "2026-01-01T00:00:00Z",
        1,
    ],
)
async def test_a_day_is_written_with_four_two_and_two_digits(api: Api, day: object) -> None:
    for response in (
        await try_invoice(api, invoice(issueDate=day), newCustomer=taxpayer()),
        await api.execute(_BY_DAY, day=day),
    ):
        assert "Not a day such as 2026-11-24: " in message_of(response)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("field", ["issueDate", "dueDate"])
async def test_the_days_that_are_stored_as_infinity_are_refused(api: Api, day: str, field: str) -> None:
    for response in (
        await try_invoice(api, invoice(**{field: day}), newCustomer=taxpayer()),
        await api.execute(_BY_DAY, day=day),
    ):
        assert f"The day is out of range: '{day}'" in message_of(response)


async def test_a_day_in_the_document_itself_is_read_alike(api: Api) -> None:
    query = '{ invoices(filter: { issueDate: { from: "0001-01-01" } }) { totalCount } }'
    assert "out of range" in str((await api.execute(query))["errors"])
    assert await api.ask(query.replace("0001-01-01", "0001-01-02")) == {"invoices": {"totalCount": 0}}


async def test_the_last_day_before_them_is_stored_as_it_was_given(api: Api) -> None:
    made = await create_invoice(api, invoice(dueDate="9999-12-30"), newCustomer=taxpayer())
    assert made["invoice"]["dueDate"] == "9999-12-30"


async def test_an_invoice_of_another_century_is_refused(api: Api) -> None:
    refused = await create_invoice(api, invoice(issueDate="0206-11-24"), newCustomer=taxpayer())
    assert faults(refused) == {("input.issueDate", "OUT_OF_RANGE")}


# Times


@pytest.mark.parametrize(
    "moment",
    ["9999-12-31T23:59:59.999999Z", "9999-12-31T18:59:59.999999-05:00", "9999-12-31T00:00:00Z", "0001-01-01T00:00:00Z"],
)
async def test_the_times_that_are_stored_as_infinity_are_refused(api: Api, moment: str) -> None:
    for response in (await api.execute(_CREATE_KEY, expiresAt=moment), await api.execute(_BY_MOMENT, moment=moment)):
        assert f"The time is out of range: '{moment}'" in message_of(response)


async def test_the_last_time_before_them_is_stored_as_it_was_given(api: Api) -> None:
    moment = "9999-12-30T23:59:59.999999Z"
    made = await api.ask(_CREATE_KEY, expiresAt=moment)
    assert made["createApiKey"]["apiKey"] == {"expiresAt": moment}


# Numbers


@pytest.mark.parametrize("number", ["٣", "１", "1\u0663", "1_0", "\u00a01", "", "uno"])
async def test_a_decimal_has_ascii_digits(api: Api, number: str) -> None:
    response = await try_invoice(api, invoice(line(quantity=number)), newCustomer=taxpayer())
    assert "Not a decimal number: " in message_of(response)
