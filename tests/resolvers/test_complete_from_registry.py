"""completeFromRegistry, and what the registry's cache confirms: the rows of the table of RUC and DV."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tortoise.backends.base.client import TransactionalDBClient
from tortoise.connection import get_connection

from db import tenant
from lookup import cache
from lookup.answers import Found, Question
from pac.sandbox.faults import Fault
from rules import ruc
from rules.vocabulary import TaxpayerType
from tests.builders import (
    FINCA,
    Input,
    change_customer,
    create_customer,
    create_invoice,
    faults,
    foreigner,
    invoice,
    stored,
    taxpayer,
)
from tests.conftest import Answer, Api
from tests.resolvers.conftest import Registry

BANK, BANK_DV, BANK_NAME = "280-134-61098", "02", "BANCO GENERAL"
INSURER, INSURER_DV = "2-221-78", "56"
MINISTRY, MINISTRY_DV = "8-NT-1-13656", "43"
NOBODY, NOBODY_DV = "155596714-2-2015", "49"
ODD_DV = "77"  # of a company whose DV is not the computed one


def completed(**fields: Any) -> Input:
    """Little more than a RUC, to be completed."""
    return {"receiverType": "TAXPAYER", "completeFromRegistry": True, **fields}


def expected(payload: Answer) -> dict[str, list[str] | None]:
    """What the payload's errors expect, by path and code."""
    return {f"{'.'.join(error['path'])} {error['code']}": error["expected"] for error in payload["userErrors"]}


async def verification(api: Api, id: str) -> Answer:
    asked = "query ($id: ID!) { customer(id: $id) { verification { status checkedAt registryName } } }"
    found: Answer = (await api.ask(asked, id=id))["customer"]["verification"]
    return found


async def status_of(api: Api, payload: Answer) -> str:
    assert payload["userErrors"] == []
    status: str = (await verification(api, payload["customer"]["id"]))["status"]
    return status


async def keep(api: Api, number: str, dv: str, name: str = "EMPRESA RARA") -> None:
    """Let the registry's cache have an answer."""
    question = Question(ruc.parse(number), TaxpayerType.JURIDICAL)
    with tenant.acting_for(api.account_id):
        await cache.store(question, Found(dv, name), "sandbox", sandbox=True)


# The registry has the taxpayer


async def test_what_is_left_out_is_filled_in_and_verified(client: Api) -> None:
    payload = await create_customer(client, completed(ruc="0280-134-61098"))
    assert payload["userErrors"] == []
    customer = payload["customer"]
    assert (customer["ruc"], customer["dv"], customer["taxpayerType"], customer["name"]) == (
        BANK, BANK_DV, "JURIDICAL", BANK_NAME
    )  # fmt: skip
    told = await verification(client, customer["id"])
    assert (told["status"], told["registryName"]) == ("VERIFIED", BANK_NAME)
    assert abs(datetime.now(UTC) - datetime.fromisoformat(told["checkedAt"])) < timedelta(minutes=1)


async def test_what_is_given_stays_as_it_was_typed(client: Api) -> None:
    given = completed(ruc="633197-1-456744", dv="70", taxpayerType="JURIDICAL", name="Banistmo")
    payload = await create_customer(client, given)
    assert payload["customer"]["name"] == "Banistmo"
    assert await status_of(client, payload) == "VERIFIED"
    spelled = completed(ruc="138-289-35920 DV 4", name="Geo. F. Novey")
    assert await status_of(client, await create_customer(client, spelled)) == "VERIFIED"


@pytest.mark.parametrize("fields", [{"dv": INSURER_DV}, {"taxpayerType": "JURIDICAL"}, {}])
async def test_the_registry_knows_the_type_of_a_ruc_that_leaves_it_open(client: Api, fields: Input) -> None:
    payload = await create_customer(client, completed(ruc=INSURER, **fields))
    assert (payload["customer"]["taxpayerType"], payload["customer"]["dv"]) == ("JURIDICAL", INSURER_DV)
    assert await status_of(client, payload) == "VERIFIED"


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"ruc": BANK, "dv": "20"}, {"dv": [BANK_DV]}),
        ({"ruc": f"{BANK} DV 20"}, {"dv": [BANK_DV]}),
        ({"ruc": BANK, "name": "Banco Nacional"}, {"name": [BANK_NAME]}),
        ({"ruc": INSURER, "taxpayerType": "NATURAL"}, {"taxpayerType": ["JURIDICAL"]}),
        ({"ruc": INSURER, "taxpayerType": "NATURAL", "dv": INSURER_DV}, {"taxpayerType": ["JURIDICAL"]}),
        (
            {"ruc": MINISTRY, "taxpayerType": "NATURAL", "dv": "99", "name": "Ana"},
            {"taxpayerType": ["JURIDICAL"], "dv": [MINISTRY_DV], "name": ["MINISTERIO DE EDUCACION"]},
        ),
    ],
)
async def test_what_the_registry_has_otherwise_is_refused_with_its_value(
    client: Api, fields: Input, wrong: dict[str, list[str]]
) -> None:
    payload = await create_customer(client, completed(**fields))
    assert expected(payload) == {f"input.{path} REGISTRY_MISMATCH": values for path, values in wrong.items()}
    assert payload["customer"] is None


async def test_a_person_whose_dv_says_so_is_not_taken_for_the_company_with_the_same_text(client: Api) -> None:
    person = completed(ruc=INSURER, dv="42", taxpayerType="NATURAL", name="Ana Ríos")
    assert await status_of(client, await create_customer(client, person)) == "NOT_FOUND"


async def test_all_faults_come_at_once_and_the_messages_in_both_languages(client: Api) -> None:
    wrong = completed(ruc=BANK, name="Otro", email="no es", locationCode="99-9-9")
    payload = await create_customer(client, wrong)
    assert faults(payload) == {
        ("input.name", "REGISTRY_MISMATCH"),
        ("input.email", "INVALID_EMAIL"),
        ("input.locationCode", "UNKNOWN_LOCATION"),
    }
    assert payload["userErrors"][0]["message"] == "El registro tiene otro dato: BANCO GENERAL."
    client.context.language = "en"
    again = await create_customer(client, wrong)
    assert again["userErrors"][0]["message"] == "The registry has another value: BANCO GENERAL."


# The registry has nobody, or says nothing


async def test_an_unregistered_customer_is_not_refused(client: Api) -> None:
    payload = await create_customer(client, completed(ruc=NOBODY, name="Nadie, S.A."))
    assert payload["customer"]["dv"] == NOBODY_DV
    assert await status_of(client, payload) == "NOT_FOUND"
    told = await verification(client, payload["customer"]["id"])
    assert told["checkedAt"] is not None
    assert told["registryName"] is None


@pytest.mark.parametrize("fault", [None, Fault.DGI, Fault.HANGING, Fault.BAD_TOKEN])
async def test_a_registry_that_does_not_answer_adds_no_refusal(
    client: Api, registry: Registry, fault: Fault | None
) -> None:
    if fault:
        registry.sandbox.fault = fault
    else:
        await registry.go_down()
    payload = await create_customer(client, completed(ruc=BANK, name="Mi banco"))
    assert (payload["customer"]["dv"], payload["customer"]["name"]) == (BANK_DV, "Mi banco")
    assert await status_of(client, payload) == "PENDING"


async def test_what_the_registry_would_have_filled_in_is_required_when_it_does_not_answer(
    client: Api, registry: Registry
) -> None:
    await registry.go_down()
    assert faults(await create_customer(client, completed(ruc=BANK))) == {("input.name", "REQUIRED")}


async def test_an_earlier_answer_fills_in_but_contradicts_nobody(client: Api, registry: Registry) -> None:
    await create_customer(client, completed(ruc=BANK), dryRun=True)
    await registry.let_pass(hours=48)
    await registry.go_down()
    payload = await create_customer(client, completed(ruc=BANK))
    assert payload["customer"]["name"] == BANK_NAME
    assert await status_of(client, payload) == "PENDING"
    other = completed(ruc=BANK, name="Banco Nacional")
    assert faults(await create_customer(client, other)) == {("input.ruc", "DUPLICATE_CUSTOMER")}


async def test_without_a_registry_nothing_is_asked(api: Api) -> None:
    payload = await create_customer(api, completed(ruc=BANK, name="Mi banco"))
    assert await status_of(api, payload) == "UNVERIFIED"


async def test_nobody_is_asked_unless_the_client_says_so(client: Api, registry: Registry) -> None:
    payload = await create_customer(client, taxpayer(ruc=BANK))
    assert await status_of(client, payload) == "PENDING"
    assert registry.asked() == 0


@pytest.mark.parametrize("input", [completed(name="Ana Ríos"), {**foreigner(), "completeFromRegistry": True}])
async def test_a_customer_without_ruc_is_not_asked_about(client: Api, registry: Registry, input: Input) -> None:
    assert await status_of(client, await create_customer(client, input)) == "UNVERIFIED"
    assert registry.asked() == 0


# The rules hold as ever


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"ruc": "155724460-22022"}, {"input.ruc INVALID_RUC": ["155724460-2-2022"]}),
        ({"ruc": NOBODY, "dv": "31"}, {"input.dv DV_MISMATCH": [NOBODY_DV]}),
        ({"ruc": "8-NT-1-99999"}, {"input.taxpayerType REQUIRED": None}),
        ({"ruc": BANK, "dv": "x"}, {"input.dv INVALID_VALUE": None}),
        ({"dv": "02"}, {"input.ruc REQUIRED": None}),
        ({"receiverType": "FINAL_CONSUMER", "ruc": INSURER}, {"input.taxpayerType NOT_ALLOWED": None}),
    ],
)
async def test_the_registry_repairs_nothing_that_the_rules_refuse(
    client: Api, fields: Input, errors: dict[str, list[str] | None]
) -> None:
    found = expected(await create_customer(client, completed(**fields)))
    found.pop("input.name REQUIRED", None)  # where no registry fills it in
    assert found == errors


async def test_a_number_without_a_rule_is_stored(client: Api, api: Api) -> None:
    payload = await create_customer(client, completed(ruc=FINCA, name="Finca, S.A."))
    assert (payload["customer"]["ruc"], payload["customer"]["dv"]) == (FINCA, None)
    assert await status_of(client, payload) == "NOT_FOUND"


# A DV that only the registry knows


async def test_a_dv_that_the_cache_confirms_is_no_mismatch(client: Api) -> None:
    input = taxpayer(ruc=NOBODY, dv=ODD_DV, taxpayerType="JURIDICAL")
    assert expected(await create_customer(client, input)) == {"input.dv DV_MISMATCH": [NOBODY_DV]}
    await keep(client, NOBODY, "78")
    assert expected(await create_customer(client, input)) == {"input.dv DV_MISMATCH": [NOBODY_DV]}
    await keep(client, NOBODY, ODD_DV)
    payload = await create_customer(client, input)
    assert payload["customer"]["dv"] == ODD_DV
    assert await status_of(client, payload) == "PENDING"


async def test_the_cache_confirms_for_one_type_only(client: Api) -> None:
    await keep(client, INSURER, ODD_DV)
    natural = taxpayer(ruc=INSURER, dv=ODD_DV, taxpayerType="NATURAL")
    assert expected(await create_customer(client, natural)) == {"input.dv DV_MISMATCH": ["42"]}
    payload = await create_customer(client, taxpayer(ruc=INSURER, dv=ODD_DV))
    assert payload["userErrors"] == []
    assert (payload["customer"]["dv"], payload["customer"]["taxpayerType"]) == (ODD_DV, "JURIDICAL")


async def test_an_answer_that_is_too_old_confirms_nothing(client: Api, registry: Registry) -> None:
    await keep(client, NOBODY, ODD_DV)
    await registry.let_pass(hours=31 * 24)
    assert faults(await create_customer(client, taxpayer(ruc=NOBODY, dv=ODD_DV))) == {("input.dv", "DV_MISMATCH")}


@pytest.mark.parametrize("complete", [False, True])
async def test_a_confirmed_dv_holds_at_every_issue(client: Api, registry: Registry, complete: bool) -> None:
    await keep(client, NOBODY, ODD_DV)
    input = taxpayer(ruc=NOBODY, dv=ODD_DV, name="Empresa Rara", completeFromRegistry=complete)
    made = await create_invoice(client, newCustomer=input)
    assert made["userErrors"] == []
    id = made["customer"]["id"]
    await change_customer(client, id, verification_status="VERIFIED")
    await registry.admin.execute("TRUNCATE registry_answer")  # the customer's own word stays
    assert (await create_invoice(client, customerId=id))["userErrors"] == []
    draft = await create_invoice(client, invoice(issue=False), customerId=id)
    assert (await issue(client, draft))["userErrors"] == []
    existing = await create_invoice(client, newCustomer=taxpayer(ruc=NOBODY), onDuplicate="USE_EXISTING")
    assert existing["userErrors"] == []
    assert existing["invoice"]["receiver"]["dv"] == ODD_DV


async def issue(api: Api, draft: Answer) -> Answer:
    mutation = "mutation ($id: ID!) { issueInvoice(id: $id) { userErrors { path code } } }"
    payload: Answer = (await api.ask(mutation, id=draft["invoice"]["id"]))["issueInvoice"]
    return payload


async def test_while_it_is_pending_the_cache_confirms_at_the_issue_too(client: Api, registry: Registry) -> None:
    await keep(client, NOBODY, ODD_DV)
    payload = await create_customer(client, taxpayer(ruc=NOBODY, dv=ODD_DV))
    draft = await create_invoice(client, invoice(issue=False), customerId=payload["customer"]["id"])
    await registry.admin.execute("TRUNCATE registry_answer")
    assert faults(await issue(client, draft)) == {("id", "DV_MISMATCH")}
    await keep(client, NOBODY, ODD_DV)
    assert (await issue(client, draft))["userErrors"] == []


async def test_a_verified_dv_outlives_changes_of_other_fields(client: Api, registry: Registry) -> None:
    await keep(client, NOBODY, ODD_DV)
    id = (await create_customer(client, completed(ruc=NOBODY)))["customer"]["id"]
    await registry.admin.execute("TRUNCATE registry_answer")
    mutation = """
        mutation ($id: ID!, $input: CustomerPatch!) {
            updateCustomer(id: $id, input: $input) { customer { dv verification { status } } userErrors { path code } }
        }
    """
    for input in ({"email": "ana@example.com"}, {"ruc": NOBODY}, {"ruc": NOBODY, "dv": ODD_DV}):
        payload = (await client.ask(mutation, id=id, input=input))["updateCustomer"]
        assert payload == {"customer": {"dv": ODD_DV, "verification": {"status": "VERIFIED"}}, "userErrors": []}
    payload = (await client.ask(mutation, id=id, input={"dv": "78"}))["updateCustomer"]
    assert faults(payload) == {("input.dv", "DV_MISMATCH")}
    payload = (await client.ask(mutation, id=id, input={"dv": NOBODY_DV}))["updateCustomer"]
    assert payload["customer"] == {"dv": NOBODY_DV, "verification": {"status": "PENDING"}}


# Inside an invoice, in a dry run, repeated, in transactions


async def test_a_customer_made_with_its_invoice_is_completed(client: Api) -> None:
    payload = await create_invoice(client, newCustomer=completed(ruc=BANK))
    assert payload["userErrors"] == []
    receiver = payload["invoice"]["receiver"]
    assert (receiver["identification"], receiver["name"]) == (f"{BANK} DV {BANK_DV}", BANK_NAME)
    assert await status_of(client, payload) == "VERIFIED"


async def test_a_mismatch_within_an_invoice_stores_neither(client: Api) -> None:
    before = await stored(client)
    payload = await create_invoice(client, newCustomer=completed(ruc=BANK, name="Otro", dv="20"))
    assert expected(payload) == {
        "newCustomer.dv REGISTRY_MISMATCH": [BANK_DV], "newCustomer.name REGISTRY_MISMATCH": [BANK_NAME],
    }  # fmt: skip
    assert await stored(client) == before


async def test_an_existing_customer_is_used_as_it_is_or_completed(client: Api) -> None:
    own = {"ruc": MINISTRY, "name": "El Ministerio", "taxpayerType": "JURIDICAL"}
    first = await create_customer(client, taxpayer(**own))
    for on_duplicate in ("USE_EXISTING", "UPDATE_EMPTY"):
        again = await create_customer(client, completed(ruc=MINISTRY), onDuplicate=on_duplicate)
        assert (again["created"], again["userErrors"]) == (False, [])
        assert again["customer"] == first["customer"]


async def test_a_dry_run_asks_and_stores_nothing(client: Api, registry: Registry) -> None:
    before = await stored(client)
    payload = await create_customer(client, completed(ruc=BANK), dryRun=True)
    assert (payload["created"], payload["customer"]["name"], payload["userErrors"]) == (True, BANK_NAME, [])
    invoice_payload = await create_invoice(client, newCustomer=completed(ruc=BANK, name="Otro"), dryRun=True)
    assert faults(invoice_payload) == {("newCustomer.name", "REGISTRY_MISMATCH")}
    assert await stored(client) == before
    assert registry.asked() == 1


async def test_a_repeated_request_has_its_first_outcome_whatever_the_registry_says_now(
    client: Api, registry: Registry
) -> None:
    first = await create_customer(client, completed(ruc=BANK), idempotencyKey="uno")
    await registry.admin.execute("TRUNCATE registry_answer")
    await registry.go_down()
    again = await create_customer(client, completed(ruc=BANK), idempotencyKey="uno")
    assert again == first
    for other in (completed(ruc=BANK, name=BANK_NAME), completed(ruc=BANK, completeFromRegistry=False)):
        payload = await create_customer(client, other, idempotencyKey="uno")
        assert faults(payload) == {("idempotencyKey", "IDEMPOTENCY_MISMATCH")}


async def test_a_repeated_invoice_likewise(client: Api, registry: Registry) -> None:
    arguments: dict[str, Any] = {"newCustomer": completed(ruc=BANK), "idempotencyKey": "dos"}
    first = await create_invoice(client, **arguments)
    await registry.go_down()
    assert await create_invoice(client, **arguments) == first
    assert (await stored(client))["last_number"] == 1


async def test_no_transaction_is_open_while_the_registry_is_asked(
    client: Api, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    within: list[bool] = []
    look_up = registry.consultar.look_up

    async def watched(*arguments: Any) -> Any:
        within.append(isinstance(get_connection("default"), TransactionalDBClient))
        return await look_up(*arguments)

    monkeypatch.setattr(registry.consultar, "look_up", watched)
    for dry_run in (False, True):
        await create_customer(client, completed(ruc=BANK), dryRun=dry_run)
        await create_invoice(client, newCustomer=completed(ruc=NOBODY, name="X, S.A."), dryRun=dry_run)
    assert within == [False] * 4


async def test_a_registry_that_dies_under_load_loses_no_customer(client: Api, registry: Registry) -> None:
    registry.sandbox.latency = 0.03
    numbers = [f"{155700000 + number}-2-2016" for number in range(40)] + [BANK]

    async def create(number: str) -> str:
        return await status_of(client, await create_customer(client, completed(ruc=number, name="Banco General")))

    creating = [asyncio.create_task(create(number)) for number in numbers]
    for _ in range(500):
        if registry.asked() >= 10:
            break
        await asyncio.sleep(0.01)
    await registry.go_down()
    statuses = Counter(await asyncio.gather(*creating))
    assert set(statuses) <= {"PENDING", "NOT_FOUND", "VERIFIED"}
    assert statuses["PENDING"] > 0
    assert statuses["NOT_FOUND"] > 0
    assert (await stored(client))["Customer"] == len(numbers)


async def test_a_ruc_is_parsed_once_in_a_request(client: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = f"0{BANK}"  # unlike what the registry and the database have
    read, texts = ruc.read, Counter[str]()

    def counted(text: str) -> ruc.Ruc | None:
        texts[text] += 1
        return read(text)

    monkeypatch.setattr(ruc, "read", counted)
    made = await create_customer(client, completed(ruc=typed))
    assert (made["customer"]["ruc"], texts[typed]) == (BANK, 1)
    made = await create_invoice(client, newCustomer=completed(ruc=typed), onDuplicate="USE_EXISTING")
    assert (made["userErrors"], texts[typed]) == ([], 2)


async def test_an_account_that_may_ask_no_more_today_gets_its_customer_unverified(
    client: Api, registry: Registry
) -> None:
    registry.limit_to(1)
    assert await status_of(client, await create_customer(client, completed(ruc=BANK))) == "VERIFIED"
    payload = await create_customer(client, completed(ruc=NOBODY, dv=NOBODY_DV, name="Nadie, S.A."))
    assert await status_of(client, payload) == "PENDING"
    assert registry.asked() == 1
