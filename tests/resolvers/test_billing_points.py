"""Billing points that go on from another system's numbers."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from tests.builders import add_billing_point, create_invoice, customer_id, faults, invoice
from tests.conftest import Answer, Api
from tests.noting import credited

_POINT = "billingPoint { code name lastNumber nextNumber version } userErrors { path code message expected }"
_UPDATE = f"""
    mutation ($code: String!, $name: String, $nextNumber: String, $version: Int) {{
        updateBillingPoint(code: $code, name: $name, nextNumber: $nextNumber, version: $version) {{ {_POINT} }}
    }}
"""
_RENUMBER = f"""
    mutation ($code: String!, $nextNumber: String, $version: Int) {{
        updateBillingPoint(code: $code, nextNumber: $nextNumber, version: $version) {{ {_POINT} }}
    }}
"""
_CREATE = f"""
    mutation ($code: String!, $firstNumber: String) {{
        createBillingPoint(code: $code, firstNumber: $firstNumber) {{ {_POINT} }}
    }}
"""
_AUDIT = """
    query ($point: String!) {
        numberingAudit(billingPoint: $point) { firstNumber lastNumber issuedCount voidCount gaps { first last } }
    }
"""


async def do(api: Api, document: str, **variables: Any) -> Answer:
    payload: Answer = next(iter((await api.ask(document, **variables)).values()))
    return payload


async def renumber(api: Api, number: str, code: str = "001", version: int | None = None) -> Answer:
    return await do(api, _RENUMBER, code=code, nextNumber=number, version=version)


async def issue(api: Api, customer: str, point: str = "001") -> str:
    payload = await create_invoice(api, invoice(billingPoint=point), customerId=customer)
    assert payload["userErrors"] == []
    number: str = payload["invoice"]["number"]
    return number


async def audit(api: Api, point: str = "001") -> Answer:
    found: Answer = (await api.ask(_AUDIT, point=point))["numberingAudit"]
    return found


async def test_a_billing_point_goes_on_at_any_number(api: Api) -> None:
    payload = await renumber(api, " 0000004501 ")
    assert payload["userErrors"] == []
    assert payload["billingPoint"] == {
        **{"code": "001", "name": None, "lastNumber": None, "nextNumber": "0000004501", "version": 2}
    }
    nothing = {"issuedCount": 0, "voidCount": 0, "gaps": []}
    assert await audit(api) == {**nothing, "firstNumber": "0000004501", "lastNumber": None}

    customer = await customer_id(api)
    assert [await issue(api, customer) for _ in range(2)] == ["0000004501", "0000004502"]
    assert await audit(api) == {
        **nothing,
        "firstNumber": "0000004501",
        "lastNumber": "0000004502",
        "issuedCount": 2,
    }


async def test_a_new_billing_point_begins_at_its_first_number(api: Api) -> None:
    payload = await do(api, _CREATE, code="002", firstNumber="77")
    assert payload["userErrors"] == []
    assert payload["billingPoint"]["nextNumber"] == "0000000077"
    customer = await customer_id(api)
    assert await issue(api, customer, "002") == "0000000077"
    assert await issue(api, customer, "001") == "0000000001"
    assert (await audit(api, "002"))["gaps"] == []


async def test_the_number_can_be_changed_until_one_is_used(api: Api) -> None:
    for number in ("4501", "3", "9999999999", "1", "12"):
        assert (await renumber(api, number))["billingPoint"]["nextNumber"] == f"{int(number):010}"
    customer = await customer_id(api)
    assert await issue(api, customer) == "0000000012"
    for number in ("1", "12", "14"):
        refused = await renumber(api, number)
        assert faults(refused) == {("nextNumber", "NOT_ALLOWED")}
        assert "0000000012" in refused["userErrors"][0]["message"]
    same = await renumber(api, "13")  # which is the next one anyway
    assert (same["userErrors"], same["billingPoint"]["version"]) == ([], 6)
    assert await issue(api, customer) == "0000000013"


async def test_a_draft_uses_no_number(api: Api) -> None:
    customer = await customer_id(api)
    draft = await create_invoice(api, invoice(issue=False), customerId=customer)
    assert draft["userErrors"] == []
    assert (await renumber(api, "50"))["userErrors"] == []
    assert await issue(api, customer) == "0000000050"


async def test_a_void_invoice_has_used_its_number(api: Api) -> None:
    id = (await create_invoice(api, customerId=await customer_id(api)))["invoice"]["id"]
    await api.ask('mutation ($id: ID!) { voidInvoice(id: $id, reason: "Mal") { userErrors { code } } }', id=id)
    assert faults(await renumber(api, "50")) == {("nextNumber", "NOT_ALLOWED")}


@pytest.mark.parametrize("number", ["", "0", "0000000000", "-1", "1.5", "10000000000", "٣", "4 501", "uno", "1e3"])
async def test_a_number_has_digits_only(api: Api, number: str) -> None:
    assert faults(await renumber(api, number)) == {("nextNumber", "INVALID_VALUE")}
    assert faults(await do(api, _CREATE, code="002", firstNumber=number)) == {("firstNumber", "INVALID_VALUE")}


async def test_the_last_number_of_all_can_be_used_and_none_after(api: Api) -> None:
    await renumber(api, "9999999999")
    customer = await customer_id(api)
    assert await issue(api, customer) == "9999999999"
    payload = await create_invoice(api, customerId=customer)
    assert faults(payload) == {("input.billingPoint", "OUT_OF_RANGE")}
    points = await api.ask("{ viewer { account { billingPoints { lastNumber nextNumber } } } }")
    assert points["viewer"]["account"]["billingPoints"] == [{"lastNumber": "9999999999", "nextNumber": None}]


async def test_the_name_is_changed_emptied_and_left(api: Api) -> None:
    for name, stored in ((" Caja ", "Caja"), (None, None), ("Caja 2", "Caja 2")):
        assert (await do(api, _UPDATE, code="001", name=name))["billingPoint"]["name"] == stored
    assert (await renumber(api, "9"))["billingPoint"]["name"] == "Caja 2"
    assert faults(await do(api, _UPDATE, code="001", name="x" * 101)) == {("name", "TOO_LONG")}


async def test_another_accounts_point_does_not_exist(api: Api, new_account: Callable[..., Awaitable[UUID]]) -> None:
    other = Api(await new_account())
    await add_billing_point(other, "777")
    for code in ("777", "no"):
        assert faults(await renumber(api, "5", code)) == {("code", "NOT_FOUND")}
    assert (await audit(other, "777"))["firstNumber"] == "0000000001"


async def test_another_version_is_a_conflict(api: Api) -> None:
    assert (await renumber(api, "5", version=1))["userErrors"] == []
    assert faults(await renumber(api, "6", version=1)) == {("version", "CONFLICT")}


async def test_the_beginning_is_audited(api: Api) -> None:
    await renumber(api, "4501")
    await renumber(api, "1")
    await do(api, _CREATE, code="002", firstNumber="77")
    trail = await api.ask(
        """
        { auditEvents(filter: {objectType: [BILLING_POINT]}, last: 10) {
            edges { node { action changes { field before after } } }
        } }
        """
    )
    numbers = [
        (change["before"], change["after"])
        for edge in trail["auditEvents"]["edges"]
        for change in edge["node"]["changes"]
        if change["field"] == "nextNumber"
    ]
    assert numbers == [("1", "77"), ("4501", "1"), ("1", "4501")]


async def test_an_invoice_that_is_issued_at_the_same_time_comes_before_or_after(api: Api) -> None:
    customer = await customer_id(api)
    for round in range(10):
        point = f"{round + 100}"
        await add_billing_point(api, point)
        changed, number = await asyncio.gather(renumber(api, "500", point), issue(api, customer, point))
        if changed["userErrors"]:
            assert faults(changed) == {("nextNumber", "NOT_ALLOWED")}
            assert number == "0000000001"
        else:
            assert number == "0000000500"
        assert (await audit(api, point))["gaps"] == []


async def test_the_numbers_of_each_type_are_told(api: Api) -> None:
    id = (await create_invoice(api, customerId=await customer_id(api)))["invoice"]["id"]
    await credited(api, id)
    change = """mutation ($type: DocumentType!, $number: String) {
        updateBillingPoint(code: "001", documentType: $type, nextNumber: $number) {
            billingPoint { sequences { documentType lastNumber nextNumber } } userErrors { path code } } }"""
    for type_, number in (("DEBIT_NOTE", "41"), ("EXPORT_INVOICE", "9999999999")):
        payload = await do(api, change, type=type_, number=number)
        assert payload["userErrors"] == []
    found = {each.pop("documentType"): each for each in payload["billingPoint"]["sequences"]}
    assert found == {
        "INVOICE": {"lastNumber": "0000000001", "nextNumber": "0000000002"},
        "EXPORT_INVOICE": {"lastNumber": None, "nextNumber": "9999999999"},
        "CREDIT_NOTE": {"lastNumber": "0000000001", "nextNumber": "0000000002"},
        "DEBIT_NOTE": {"lastNumber": None, "nextNumber": "0000000041"},
    }
