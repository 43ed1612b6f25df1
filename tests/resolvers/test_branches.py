"""Branches, and the billing points beneath them."""

from typing import Any

import pytest

from db import models, tenant
from tests.builders import company, create_invoice, faults, invoice, taxpayer
from tests.conftest import Answer, Api

_CREATE = """
    mutation ($input: BranchInput!, $dryRun: Boolean! = false, $key: String) {
        createBranch(input: $input, dryRun: $dryRun, idempotencyKey: $key) {
        branch { code name address location { code } phone mobile email type version }
        userErrors { path code }
    } }
"""
_UPDATE = """
    mutation ($code: String!, $input: BranchPatch!, $version: Int, $dryRun: Boolean! = false, $key: String) {
        updateBranch(code: $code, input: $input, version: $version, dryRun: $dryRun, idempotencyKey: $key) {
            branch { code name address location { code } phone email type version } userErrors { path code }
        }
    }
"""
_POINT = """
    mutation ($code: String!, $branch: String) { createBillingPoint(code: $code, branch: $branch) {
        billingPoint { branch code } userErrors { path code }
    } }
"""
COLON = {
    "code": " 00a1 ",
    "name": "Colón",
    "address": "Calle 5, Zona Libre",
    "locationCode": "3-1-1",
    "phone": "441-1234",
    "email": "colon@EXAMPLE.com",
    "type": "WHOLESALE",
}


async def create(api: Api, **fields: Any) -> Answer:
    payload: Answer = (await api.ask(_CREATE, input=fields))["createBranch"]
    return payload


async def with_two_branches(api: Api) -> None:
    """The second one has billing point 001, as the head office has."""
    assert (await create(api, **COLON))["userErrors"] == []
    made = await api.ask(_POINT, code="001", branch="00A1")
    assert made["createBillingPoint"] == {"billingPoint": {"branch": "00A1", "code": "001"}, "userErrors": []}


async def test_a_branch_is_created_with_what_stands_on_its_invoices(api: Api) -> None:
    payload = await create(api, **COLON)
    assert payload["branch"] == {
        "code": "00A1",
        "name": "Colón",
        "address": "Calle 5, Zona Libre",
        "location": {"code": "3-1-1"},
        "phone": "+5074411234",
        "mobile": None,
        "email": "colon@example.com",
        "type": "WHOLESALE",
        "version": 1,
    }
    listed = await api.ask("{ viewer { account { branches { code } billingPoints { branch code } } } }")
    assert listed["viewer"]["account"] == {
        "branches": [{"code": "0000"}, {"code": "00A1"}],
        "billingPoints": [{"branch": "0000", "code": "001"}],
    }


async def test_all_faults_of_a_branch_come_at_once(api: Api) -> None:
    payload = await create(
        api, code="00Ñ1", name="x" * 101, address="Sur", locationCode="8-8-99", phone="123", email="nadie"
    )
    assert faults(payload) == {
        ("input.code", "INVALID_VALUE"),
        ("input.name", "TOO_LONG"),
        ("input.address", "INVALID_VALUE"),
        ("input.locationCode", "UNKNOWN_LOCATION"),
        ("input.phone", "INVALID_PHONE"),
        ("input.email", "INVALID_EMAIL"),
    }
    assert faults(await create(api, code="0000")) == {("input.code", "INVALID_VALUE")}


async def test_a_branch_is_changed_by_version(api: Api) -> None:
    changed = (await api.ask(_UPDATE, code="0000", input={"name": " Matriz ", "type": "RETAIL"}))["updateBranch"]
    assert (changed["branch"]["name"], changed["branch"]["type"], changed["branch"]["version"]) == (
        "Matriz",
        "RETAIL",
        2,
    )
    stale = (await api.ask(_UPDATE, code="0000", input={"name": None}, version=1))["updateBranch"]
    assert faults(stale) == {("version", "CONFLICT")}
    emptied = (await api.ask(_UPDATE, code="0000", input={"name": None}, version=2))["updateBranch"]
    assert (emptied["branch"]["name"], emptied["branch"]["version"]) == (None, 3)
    unknown = (await api.ask(_UPDATE, code="0009", input={"name": "Otra"}))["updateBranch"]
    assert faults(unknown) == {("code", "NOT_FOUND")}


async def test_a_dry_run_of_a_branch_answers_and_stores_nothing(api: Api) -> None:
    dry = (await api.ask(_CREATE, input=COLON, dryRun=True))["createBranch"]
    assert (dry["branch"]["code"], dry["userErrors"]) == ("00A1", [])
    refused = (await api.ask(_CREATE, input={"code": "0000"}, dryRun=True))["createBranch"]
    assert faults(refused) == {("input.code", "INVALID_VALUE")}
    changed = (await api.ask(_UPDATE, code="0000", input={"name": "Matriz"}, dryRun=True))["updateBranch"]
    assert (changed["branch"]["name"], changed["branch"]["version"]) == ("Matriz", 2)
    listed = await api.ask("{ viewer { account { branches { code name version } } } }")
    assert listed["viewer"]["account"]["branches"] == [{"code": "0000", "name": None, "version": 1}]


async def test_a_repeated_request_about_a_branch_is_done_once(api: Api) -> None:
    first = (await api.ask(_CREATE, input=COLON, key="b"))["createBranch"]
    assert (await api.ask(_CREATE, input=COLON, key="b"))["createBranch"] == first
    other = (await api.ask(_CREATE, input={**COLON, "name": "Otra"}, key="b"))["createBranch"]
    assert faults(other) == {("idempotencyKey", "IDEMPOTENCY_MISMATCH")}
    change = {"code": "0000", "input": {"name": "Matriz"}, "version": 1, "key": "u"}
    for _ in range(2):
        changed = (await api.ask(_UPDATE, **change))["updateBranch"]
        assert (changed["branch"]["version"], changed["userErrors"]) == (2, [])
    mismatch = (await api.ask(_UPDATE, **{**change, "version": 2}))["updateBranch"]
    assert faults(mismatch) == {("idempotencyKey", "IDEMPOTENCY_MISMATCH")}


async def test_a_billing_point_needs_a_branch_that_exists(api: Api) -> None:
    assert faults((await api.ask(_POINT, code="002", branch="0009"))["createBillingPoint"]) == {("branch", "NOT_FOUND")}
    assert faults((await api.ask(_POINT, code="001", branch="0000"))["createBillingPoint"]) == {
        ("code", "INVALID_VALUE")
    }


async def test_the_branch_is_named_where_several_have_the_point(api: Api) -> None:
    before = await create_invoice(api, newCustomer=company())
    assert (before["invoice"]["branch"], before["invoice"]["number"]) == ("0000", "0000000001")
    await with_two_branches(api)

    async def made(**fields: Any) -> Answer:
        return await create_invoice(api, invoice(**fields), newCustomer=company(), onDuplicate="USE_EXISTING")

    ambiguous = await made(billingPoint="001")
    assert faults(ambiguous) == {("input.branch", "REQUIRED")}
    assert ambiguous["userErrors"][0]["expected"] == ["0000", "00A1"]
    assert faults(await made()) == {("input.branch", "REQUIRED")}
    assert faults(await made(branch="0009")) == {("input.branch", "NOT_FOUND")}
    assert faults(await made(branch="00A1", billingPoint="002")) == {("input.billingPoint", "NOT_FOUND")}
    for number in ("0000000001", "0000000002"):  # each branch counts by itself
        other = await made(branch="00A1")
        assert (other["invoice"]["branch"], other["invoice"]["number"]) == ("00A1", number)
    await api.ask(_POINT, code="003", branch="00A1")
    assert (await made(billingPoint="003"))["invoice"]["branch"] == "00A1"
    listed = await api.ask('{ invoices(filter: {branch: "00A1"}) { totalCount } }')
    assert listed["invoices"]["totalCount"] == 3


async def test_numbers_are_audited_by_branch(api: Api) -> None:
    audit = 'query ($branch: String) { numberingAudit(billingPoint: "001", branch: $branch) { branch lastNumber } }'
    assert (await api.ask(audit))["numberingAudit"] == {"branch": "0000", "lastNumber": None}
    await with_two_branches(api)
    await create_invoice(api, invoice(branch="00A1"), newCustomer=company())
    assert await api.refused(audit) == ["BAD_USER_INPUT"]
    found = (await api.ask(audit, branch="00A1"))["numberingAudit"]
    assert found == {"branch": "00A1", "lastNumber": "0000000001"}
    assert (await api.ask(audit, branch="0000"))["numberingAudit"]["lastNumber"] is None
    assert await api.refused(audit, branch="0009") == ["BAD_USER_INPUT"]


async def test_an_invoice_shows_its_branch_and_the_account_where_that_says_nothing(api: Api) -> None:
    with tenant.acting_for(api.account_id):
        await models.Account.filter(id=api.account_id).update(
            address="Calle 50", phone="+5072223456", mobile="+50766778899", email="matriz@example.com"
        )
    await with_two_branches(api)
    await api.ask(_UPDATE, code="00A1", input={"email": None})
    issuer = "invoice { issuer { address phone mobile email } }"
    create_ = f"""
        mutation ($branch: String, $customer: CustomerInput) {{
            createInvoice(newCustomer: $customer, onDuplicate: USE_EXISTING, input: {{
                branch: $branch, lines: [{{description: "Café", quantity: 1, unitPrice: 1, itbmsRate: EXEMPT}}]
            }}) {{ {issuer} userErrors {{ code }} }}
        }}
    """
    found = {}
    for branch in ("0000", "00A1"):
        made = await api.ask(create_, branch=branch, customer=company())
        found[branch] = made["createInvoice"]["invoice"]["issuer"]
    assert found == {
        "0000": {
            "address": "Calle 50",
            "phone": "+5072223456",
            "mobile": "+50766778899",
            "email": "matriz@example.com",
        },
        "00A1": {
            "address": "Calle 5, Zona Libre",
            "phone": "+5074411234",
            "mobile": None,
            "email": "matriz@example.com",
        },
    }


@pytest.mark.parametrize("branch", ["", "9999", "x" * 67, "00\x0000"])
async def test_a_branch_that_isnt_there_is_refused_as_the_branch(api: Api, branch: str) -> None:
    made = await create_invoice(api, invoice(branch=branch), newCustomer=taxpayer())
    assert [(error["path"], error["code"]) for error in made["userErrors"]] == [(["input", "branch"], "NOT_FOUND")]


@pytest.mark.parametrize("text", ["x" * 67, "x\x00"])
async def test_what_no_row_can_have_is_found_nowhere(api: Api, text: str) -> None:
    query = """
        query ($text: String!) {
            invoiceByCufe(cufe: $text) { id }
            location(code: $text) { code }
            locations(province: $text) { code }
            inDistrict: locations(district: $text) { code }
            cufe: invoices(filter: {cufe: $text}) { totalCount }
            branch: invoices(filter: {branch: $text}) { totalCount }
            billingPoint: invoices(filter: {billingPoint: $text}) { totalCount }
        }
    """
    none = {"totalCount": 0}
    assert await api.ask(query, text=text) == {
        **{"invoiceByCufe": None, "location": None, "locations": [], "inDistrict": []},
        **{"cufe": none, "branch": none, "billingPoint": none},
    }
    for change in (
        'updateBranch(code: $text, input: {name: "a"})',
        'updateBillingPoint(code: $text, name: "a")',
        'updateBillingPoint(code: "001", branch: $text, name: "a")',
        'createBillingPoint(code: "777", branch: $text)',
    ):
        found = await api.ask(f"mutation ($text: String!) {{ done: {change} {{ userErrors {{ code }} }} }}", text=text)
        assert [error["code"] for error in found["done"]["userErrors"]] == ["NOT_FOUND"], change
