"""createCustomers and updateCustomers: an outcome for each row."""

import asyncio
from typing import Any

import pytest

from tests.builders import COMPANY, OTHER_COMPANY, Input, codes, customer_id, faults, stored, taxpayer
from tests.conftest import ON_ONE_NODE, Answer, Api
from tests.resolvers.test_customer_lists import statements

_ROWS = """{
    rows {
        index outcome customer { id name email externalId version }
        userErrors { path code relatedId } warnings { code }
    }
    userErrors { path code }
}"""
_CREATE = f"""
    mutation ($inputs: [CustomerInput!]!, $errorPolicy: ErrorPolicy!, $onDuplicate: OnDuplicate! = FAIL,
              $dryRun: Boolean! = false, $idempotencyKey: String) {{
        createCustomers(inputs: $inputs, errorPolicy: $errorPolicy, onDuplicate: $onDuplicate, dryRun: $dryRun,
                        idempotencyKey: $idempotencyKey) {_ROWS}
    }}
"""
_UPDATE = f"""
    mutation ($inputs: [CustomerUpdate!]!, $errorPolicy: ErrorPolicy!, $dryRun: Boolean! = false,
              $idempotencyKey: String) {{
        updateCustomers(inputs: $inputs, errorPolicy: $errorPolicy, dryRun: $dryRun, idempotencyKey: $idempotencyKey)
        {_ROWS}
    }}
"""
REJECT, KEEP = "REJECT_ALL", "KEEP_GOOD"
POLICIES = pytest.mark.parametrize("policy", [REJECT, KEEP])


async def create(api: Api, policy: str, *inputs: Input, **arguments: Any) -> Answer:
    payload: Answer = (await api.ask(_CREATE, inputs=list(inputs), errorPolicy=policy, **arguments))["createCustomers"]
    return payload


async def update(api: Api, policy: str, *inputs: Input, **arguments: Any) -> Answer:
    payload: Answer = (await api.ask(_UPDATE, inputs=list(inputs), errorPolicy=policy, **arguments))["updateCustomers"]
    return payload


def outcomes(payload: Answer) -> list[str]:
    assert [row["index"] for row in payload["rows"]] == list(range(len(payload["rows"])))
    return [row["outcome"] for row in payload["rows"]]


def names(payload: Answer) -> list[str | None]:
    return [row["customer"] and row["customer"]["name"] for row in payload["rows"]]


def found(payload: Answer) -> list[set[tuple[str, str]]]:
    return [faults(row) for row in payload["rows"]]


async def count(api: Api) -> int:
    return (await stored(api))["Customer"]


ANA, BETO, CARO = (taxpayer(name=name) for name in ("Ana", "Beto", "Caro"))
WRONG = taxpayer(name="W", email="x")


@POLICIES
async def test_good_rows_are_all_created(api: Api, policy: str) -> None:
    payload = await create(api, policy, ANA, BETO, CARO)

    assert (outcomes(payload), names(payload)) == (["CREATED"] * 3, ["Ana", "Beto", "Caro"])
    assert payload["userErrors"] == []
    assert await count(api) == 3


async def test_rejecting_all_tells_every_fault_of_every_row_and_stores_nothing(api: Api) -> None:
    payload = await create(api, REJECT, ANA, WRONG, taxpayer(ruc="nonsense"))

    assert outcomes(payload) == ["SKIPPED", "FAILED", "FAILED"]
    assert names(payload) == [None, None, None]
    assert found(payload) == [
        set(),
        {("inputs.1.name", "INVALID_VALUE"), ("inputs.1.email", "INVALID_EMAIL")},
        {("inputs.2.ruc", "INVALID_RUC")},
    ]
    assert faults(payload) == set().union(*found(payload))
    assert await count(api) == 0


async def test_keeping_the_good_stores_them_in_spite_of_the_others(api: Api) -> None:
    payload = await create(api, KEEP, ANA, WRONG, CARO)

    assert (outcomes(payload), names(payload)) == (["CREATED", "FAILED", "CREATED"], ["Ana", None, "Caro"])
    assert payload["userErrors"] == []
    assert await count(api) == 2


@POLICIES
async def test_a_row_may_duplicate_one_before_it(api: Api, policy: str) -> None:
    same = taxpayer(name="Otra", ruc=COMPANY)
    payload = await create(
        api, policy, taxpayer(ruc=COMPANY), same, {**ANA, "externalId": "A"}, {**BETO, "externalId": "A"}
    )
    assert found(payload) == [
        set(),
        {("inputs.1.ruc", "DUPLICATE_CUSTOMER")},
        set(),
        {("inputs.3.externalId", "DUPLICATE_EXTERNAL_ID")},
    ]
    used = await create(
        api, policy, taxpayer(ruc=OTHER_COMPANY), taxpayer(ruc=OTHER_COMPANY), onDuplicate="USE_EXISTING"
    )
    assert outcomes(used) == ["CREATED", "UNCHANGED"]
    assert used["rows"][0]["customer"] == used["rows"][1]["customer"]


@POLICIES
async def test_an_existing_customer_is_used_or_filled_in(api: Api, policy: str) -> None:
    id = await customer_id(api, taxpayer(ruc=COMPANY))
    row = taxpayer(ruc=COMPANY, email="a@example.com")

    assert outcomes(await create(api, policy, row, onDuplicate="USE_EXISTING")) == ["UNCHANGED"]
    filled = await create(api, policy, row, onDuplicate="UPDATE_EMPTY")
    assert outcomes(filled) == ["UPDATED"]
    assert (filled["rows"][0]["customer"]["id"], filled["rows"][0]["customer"]["email"]) == (id, "a@example.com")


@POLICIES
async def test_a_dry_run_tells_the_outcomes_and_stores_nothing(api: Api, policy: str) -> None:
    payload = await create(api, policy, ANA, {**BETO, "externalId": "B"}, dryRun=True)
    assert (outcomes(payload), names(payload)) == (["CREATED", "CREATED"], ["Ana", "Beto"])
    mixed = await create(api, policy, ANA, WRONG, CARO, dryRun=True)
    good = "CREATED" if policy == KEEP else "SKIPPED"
    assert outcomes(mixed) == [good, "FAILED", good]
    assert await count(api) == 0


@POLICIES
async def test_no_rows_and_too_many_are_refused(api: Api, policy: str) -> None:
    assert faults(await create(api, policy)) == {("inputs", "REQUIRED")}
    assert faults(await update(api, policy)) == {("inputs", "REQUIRED")}
    many = await api.execute(
        "mutation ($inputs: [CustomerInput!]!) { createCustomers(inputs: $inputs, errorPolicy: KEEP_GOOD)"
        " { rows { index } userErrors { code } } }",
        inputs=[ANA] * 101,
    )
    assert many["data"]["createCustomers"] == {"rows": [], "userErrors": [{"code": "TOO_MANY"}]}
    assert await count(api) == 0


@ON_ONE_NODE
async def test_a_hundred_rows_are_within_the_limits_and_read_by_one_statement(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [taxpayer(name=f"Cliente {number}", tags=["x"]) for number in range(100)]
    with statements(caplog) as sent:
        payload = await create(api, KEEP, *rows)
    assert outcomes(payload) == ["CREATED"] * 100
    # Of each row, one that reads the settings and one that writes; and one that reads all customers.
    assert len(sent) == 2 * 100 + 1


async def test_the_registry_is_not_asked_for_many_at_once(api: Api) -> None:
    payload = await create(api, KEEP, taxpayer(ruc=COMPANY, completeFromRegistry=True), ANA)
    assert found(payload) == [{("inputs.0.completeFromRegistry", "NOT_ALLOWED")}, set()]


@POLICIES
async def test_a_repeated_request_stores_nothing_twice_and_tries_what_failed_again(api: Api, policy: str) -> None:
    first = await create(api, policy, ANA, WRONG, taxpayer(ruc=COMPANY), idempotencyKey="k")
    again = await create(api, policy, ANA, BETO, taxpayer(ruc=COMPANY), idempotencyKey="k")

    assert outcomes(again) == ["CREATED", "CREATED", "CREATED"]
    if policy == KEEP:
        assert outcomes(first) == ["CREATED", "FAILED", "CREATED"]
        assert again["rows"][0]["customer"] == first["rows"][0]["customer"]
    assert await count(api) == 3
    other = await create(api, policy, CARO, BETO, idempotencyKey="k")
    assert found(other) == [{("inputs.0.idempotencyKey", "IDEMPOTENCY_MISMATCH")}, set()]


async def test_a_rejected_request_leaves_its_key_unused(api: Api) -> None:
    await create(api, REJECT, ANA, WRONG, idempotencyKey="k")
    assert outcomes(await create(api, REJECT, CARO, BETO, idempotencyKey="k")) == ["CREATED", "CREATED"]


async def test_the_same_request_sent_twice_at_once_stores_each_row_once(api: Api) -> None:
    rows = [taxpayer(name=f"Cliente {number}") for number in range(10)]
    for policy in (KEEP, REJECT):
        payloads = await asyncio.gather(*[create(api, policy, *rows, idempotencyKey=policy) for _ in range(3)])
        assert [outcomes(each) for each in payloads] == [["CREATED"] * 10] * 3
        ids = [[row["customer"]["id"] for row in each["rows"]] for each in payloads]
        assert ids[0] == ids[1] == ids[2]
    assert await count(api) == 20


async def test_requests_that_create_the_same_customers_at_once_leave_each_once(api: Api) -> None:
    rows = [taxpayer(ruc=ruc) for ruc in (COMPANY, OTHER_COMPANY)]
    payloads = await asyncio.gather(*[create(api, REJECT, *rows, onDuplicate="USE_EXISTING") for _ in range(4)])
    assert [payload["userErrors"] for payload in payloads] == [[]] * 4
    assert await count(api) == 2


# Changing


@POLICIES
async def test_rows_are_changed_or_left(api: Api, policy: str) -> None:
    ana, beto = await customer_id(api, ANA), await customer_id(api, BETO)

    payload = await update(
        api,
        policy,
        {"id": ana, "input": {"email": "ana@example.com"}, "version": 1},
        {"id": beto, "input": {"name": "Beto"}},
    )

    assert outcomes(payload) == ["UPDATED", "UNCHANGED"]
    assert [(row["customer"]["email"], row["customer"]["version"]) for row in payload["rows"]] == [
        ("ana@example.com", 2),
        (None, 1),
    ]


async def test_each_row_is_refused_for_itself(api: Api) -> None:
    ana = await customer_id(api, ANA)
    rows: list[Input] = [
        {"id": ana, "input": {"email": "x"}},
        {"id": "nonsense", "input": {"email": "a@example.com"}},
        {"id": ana, "input": {"phone": "6677-8899"}, "version": 9},
        {"id": ana, "input": {"phone": "6677-8899"}},
        {"id": ana, "input": {"receiverType": None}},
    ]
    expected = [
        {("inputs.0.input.email", "INVALID_EMAIL")},
        {("inputs.1.id", "NOT_FOUND")},
        {("inputs.2.version", "CONFLICT")},
        set(),
        {("inputs.4.input.receiverType", "REQUIRED")},
    ]

    rejected = await update(api, REJECT, *rows)
    assert (found(rejected), outcomes(rejected)[3]) == (expected, "SKIPPED")
    kept = await update(api, KEEP, *rows)
    assert (found(kept), outcomes(kept)[3]) == (expected, "UPDATED")


@POLICIES
async def test_a_repeated_change_gets_its_first_outcome(api: Api, policy: str) -> None:
    ana = await customer_id(api, ANA)
    row = {"id": ana, "input": {"name": "Ana María", "email": None}}
    for _ in range(2):
        assert outcomes(await update(api, policy, row, idempotencyKey="k")) == ["UPDATED"]
    assert outcomes(await update(api, policy, row, idempotencyKey="k2")) == ["UNCHANGED"]
    assert outcomes(await update(api, policy, row, idempotencyKey="k2")) == ["UNCHANGED"]
    mismatch = await update(api, policy, {"id": ana, "input": {"name": "Ana María"}}, idempotencyKey="k")
    assert found(mismatch) == [{("inputs.0.idempotencyKey", "IDEMPOTENCY_MISMATCH")}]


async def test_readers_may_not(api: Api) -> None:
    reader = Api(api.account_id, scope=api.context.identity.scope.__class__("READ"))
    assert codes(await reader.execute(_CREATE, inputs=[ANA], errorPolicy=KEEP)) == ["FORBIDDEN"]
    assert codes(await reader.execute(_UPDATE, inputs=[{"id": "x", "input": {}}], errorPolicy=KEEP)) == ["FORBIDDEN"]


async def test_no_fault_leads_to_a_customer_that_was_rolled_back(api: Api) -> None:
    stored_id = await customer_id(api, taxpayer(externalId="A"))
    inputs = [taxpayer(name=name, externalId=id) for name, id in (("Uno", "B"), ("Dos", "B"), ("Tres", "A"))]
    rows = (await create(api, REJECT, *inputs))["rows"]
    assert [[error["relatedId"] for error in row["userErrors"]] for row in rows] == [[], [None], [stored_id]]
