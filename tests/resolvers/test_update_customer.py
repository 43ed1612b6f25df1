"""updateCustomer, archiveCustomer and restoreCustomer."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from rules.vocabulary import VerificationStatus
from tests.builders import (
    COMPANY,
    COMPANY_DV,
    EITHER,
    EITHER_JURIDICAL_DV,
    EITHER_NATURAL_DV,
    FINCA,
    OTHER_COMPANY,
    PERSON,
    PERSON_DV,
    Input,
    change_customer,
    company,
    create_invoice,
    customer_id,
    faults,
    foreigner,
    invoice,
    taxpayer,
)
from tests.conftest import Answer, Api

_CUSTOMER = """
    id receiverType taxpayerType ruc dv foreignId { type number country } identification name location { code }
    address email phone mobile associatedPersons { name email phone notify } status version updatedAt
    verification { status checkedAt registryName }
"""
_ERRORS = "userErrors { path code expected relatedId }"

_UPDATE = f"""
    mutation ($id: ID!, $input: CustomerPatch!, $version: Int) {{
        updateCustomer(id: $id, input: $input, version: $version) {{ customer {{ {_CUSTOMER} }} {_ERRORS} }}
    }}
"""
_ARCHIVE = f"mutation ($id: ID!) {{ archiveCustomer(id: $id) {{ customer {{ {_CUSTOMER} }} {_ERRORS} }} }}"
_RESTORE = f"mutation ($id: ID!) {{ restoreCustomer(id: $id) {{ customer {{ {_CUSTOMER} }} {_ERRORS} }} }}"


async def update(api: Api, id: str, input: Input, **arguments: Any) -> Answer:
    payload: Answer = (await api.ask(_UPDATE, id=id, input=input, **arguments))["updateCustomer"]
    return payload


async def updated(api: Api, id: str, input: Input, **arguments: Any) -> Answer:
    """The customer after an update that must succeed."""
    payload = await update(api, id, input, **arguments)
    assert payload["userErrors"] == []
    customer: Answer = payload["customer"]
    return customer


async def archive(api: Api, id: str) -> Answer:
    payload: Answer = (await api.ask(_ARCHIVE, id=id))["archiveCustomer"]
    return payload


async def restore(api: Api, id: str) -> Answer:
    payload: Answer = (await api.ask(_RESTORE, id=id))["restoreCustomer"]
    return payload


async def read(api: Api, id: str) -> Answer:
    customer: Answer = (await api.ask(f"query ($id: ID!) {{ customer(id: $id) {{ {_CUSTOMER} }} }}", id=id))["customer"]
    return customer


# Patches

EVA = {"name": "Eva", "email": "eva@example.com", "phone": "+50766778899", "notify": True}
IDA = {"name": "Ida", "email": None, "phone": None, "notify": False}

FULL = company(email="ventas@example.com", phone="+5072001111", mobile="+50766778899", associatedPersons=[EVA, IDA])

# A patch of FULL, and what becomes different of the answer.
CHANGES: list[tuple[Input, Answer]] = [
    ({"name": " Hoteles\u00a0del Mar "}, {"name": "Hoteles\u00a0del Mar"}),
    ({"locationCode": "8-8-1"}, {"location": {"code": "8-8-1"}}),
    ({"address": "Vía España 1"}, {"address": "Vía España 1"}),
    ({"email": "Ana@EXAMPLE.com"}, {"email": "Ana@example.com"}),
    ({"phone": "200-2222"}, {"phone": "+5072002222"}),
    ({"mobile": "+57 300 1234567"}, {"mobile": "+573001234567"}),
    ({"associatedPersons": [IDA]}, {"associatedPersons": [IDA]}),
    ({"associatedPersons": [IDA, EVA]}, {"associatedPersons": [IDA, EVA]}),
    ({"receiverType": "GOVERNMENT"}, {"receiverType": "GOVERNMENT"}),
    (
        {"ruc": OTHER_COMPANY},
        {"ruc": OTHER_COMPANY, "dv": "20", "identification": f"{OTHER_COMPANY} DV 20"},
    ),
    # null clears, and so does an empty text
    ({"locationCode": None}, {"location": None}),
    ({"address": None}, {"address": None}),
    ({"address": " "}, {"address": None}),
    ({"email": None}, {"email": None}),
    ({"phone": None, "mobile": None}, {"phone": None, "mobile": None}),
    ({"associatedPersons": None}, {"associatedPersons": []}),
    ({"associatedPersons": []}, {"associatedPersons": []}),
    ({"ruc": None}, {"ruc": None, "dv": None, "identification": ""}),
    ({"ruc": None, "taxpayerType": None}, {"ruc": None, "dv": None, "identification": "", "taxpayerType": None}),
    ({"name": "Ana", "email": None, "phone": "2001111"}, {"name": "Ana", "email": None}),
]


@pytest.mark.parametrize(("patch", "changes"), CHANGES, ids=[str(patch) for patch, _ in CHANGES])
async def test_a_patch_changes_what_it_names_and_leaves_the_rest(api: Api, patch: Input, changes: Answer) -> None:
    before = await read(api, await customer_id(api, FULL))

    after = await updated(api, before["id"], patch)

    assert after == {**before, **changes, "version": 2, "updatedAt": after["updatedAt"]}
    assert after["updatedAt"] > before["updatedAt"]
    assert await read(api, before["id"]) == after


NOTHING_NEW: list[Input] = [
    {},
    {"name": "Hoteles Istmo, S.A."},
    {"phone": "200-1111"},
    {"dv": None},
    {"dv": "59"},
    {"taxpayerType": None},
    {"ruc": "0155596713 - 2 - 2015"},
    {"foreignId": None},
    {"associatedPersons": [EVA, IDA]},
    FULL,
]


@pytest.mark.parametrize("patch", NOTHING_NEW, ids=str)
async def test_a_patch_that_says_nothing_new_leaves_the_version(api: Api, patch: Input) -> None:
    before = await read(api, await customer_id(api, FULL))

    assert await updated(api, before["id"], patch) == before


async def test_a_ruc_that_is_only_repeated_keeps_the_dv_that_was_typed(api: Api) -> None:
    before = await read(api, await customer_id(api, taxpayer(ruc=FINCA, dv="11")))

    assert await updated(api, before["id"], {"ruc": " 08-30213562 ", "taxpayerType": None}) == before


@pytest.mark.parametrize(
    "patch", [{"receiverType": "NOBODY"}, {"name": 1}, {"status": "ARCHIVED"}, {"dv": ["59"]}], ids=str
)
async def test_a_patch_that_is_none_is_refused(api: Api, patch: Input) -> None:
    id = await customer_id(api)

    assert await api.refused(_UPDATE, id=id, input=patch) == ["BAD_USER_INPUT"]


# Rules

# What it is, the stored customer, the patch, and the faults by their place in the input.
Case = tuple[str, Input, Input, dict[str, str]]

NATURAL = taxpayer(ruc=PERSON, taxpayerType="NATURAL")
AS_A_PERSON, AS_A_COMPANY = (taxpayer(ruc=EITHER, taxpayerType=type_) for type_ in ("NATURAL", "JURIDICAL"))
CONSUMER = {"receiverType": "FINAL_CONSUMER", "name": "Ana"}
PASSPORT = foreigner()["foreignId"]

PLAIN: list[Case] = [
    ("no name", FULL, {"name": None}, {"name": "REQUIRED"}),
    ("a name too short", FULL, {"name": "A"}, {"name": "INVALID_VALUE"}),
    ("a name too long", FULL, {"name": "A" * 201}, {"name": "TOO_LONG"}),
    ("NUL in the name", FULL, {"name": "Ana\0"}, {"name": "INVALID_VALUE"}),
    ("a RUC that is none", FULL, {"ruc": "hola"}, {"ruc": "INVALID_RUC"}),
    ("a RUC too long", FULL, {"ruc": "8" * 51}, {"ruc": "TOO_LONG"}),
    ("a wrong DV", FULL, {"dv": "58"}, {"dv": "DV_MISMATCH"}),
    ("the old DV with a new RUC", FULL, {"ruc": OTHER_COMPANY, "dv": COMPANY_DV}, {"dv": "DV_MISMATCH"}),
    ("a DV that is none", FULL, {"dv": "x"}, {"dv": "INVALID_VALUE"}),
    ("a DV without a RUC", FULL, {"ruc": None, "dv": COMPANY_DV}, {"ruc": "REQUIRED"}),
    ("a RUC of two readings", FULL, {"ruc": EITHER, "taxpayerType": None}, {"taxpayerType": "REQUIRED"}),
    ("a location that isn't", FULL, {"locationCode": "13-99-99"}, {"locationCode": "UNKNOWN_LOCATION"}),
    ("a location of another form", FULL, {"locationCode": "8/8/7"}, {"locationCode": "INVALID_VALUE"}),
    ("an address too short", FULL, {"address": "C 50"}, {"address": "INVALID_VALUE"}),
    ("no e-mail address", FULL, {"email": "ana"}, {"email": "INVALID_EMAIL"}),
    ("no phone number", FULL, {"phone": "123"}, {"phone": "INVALID_PHONE"}),
    ("no mobile number", FULL, {"mobile": "123"}, {"mobile": "INVALID_PHONE"}),
    ("21 persons", FULL, {"associatedPersons": [IDA] * 21}, {"associatedPersons": "TOO_MANY"}),
    (
        "a nameless person, and one to be told nowhere",
        FULL,
        {"associatedPersons": [EVA, {"name": " "}, {"name": "Ida", "notify": True}]},
        {"associatedPersons.1.name": "REQUIRED", "associatedPersons.2.email": "REQUIRED"},
    ),
    ("a passport for a taxpayer", FULL, {"foreignId": PASSPORT}, {"foreignId": "FORBIDDEN_FIELD"}),
    ("persons at a person", NATURAL, {"associatedPersons": [IDA]}, {"associatedPersons": "FORBIDDEN_FIELD"}),
    (
        "a Panamanian passport",
        foreigner(),
        {"foreignId": {**PASSPORT, "country": "PA"}},
        {"foreignId.country": "INVALID_VALUE"},
    ),
    (
        "a company becomes a person",
        FULL,
        {"taxpayerType": "NATURAL"},
        {"taxpayerType": "NOT_ALLOWED", "associatedPersons": "FORBIDDEN_FIELD"},
    ),
    (
        "a company becomes a final consumer",
        FULL,
        {"receiverType": "FINAL_CONSUMER"},
        {"taxpayerType": "NOT_ALLOWED", "associatedPersons": "FORBIDDEN_FIELD"},
    ),
    (
        "a company becomes a foreigner",
        FULL,
        {"receiverType": "FOREIGN"},
        dict.fromkeys(["taxpayerType", "ruc", "dv", "locationCode"], "FORBIDDEN_FIELD"),
    ),
    ("a person becomes government", NATURAL, {"receiverType": "GOVERNMENT"}, {"taxpayerType": "NOT_ALLOWED"}),
    ("a foreigner becomes a taxpayer", foreigner(), {"receiverType": "TAXPAYER"}, {"foreignId": "FORBIDDEN_FIELD"}),
    (
        "everything at once",
        FULL,
        {"name": "A", "dv": "58", "email": "x", "locationCode": "1-99-1"},
        {
            "name": "INVALID_VALUE",
            "dv": "DV_MISMATCH",
            "email": "INVALID_EMAIL",
            "locationCode": "UNKNOWN_LOCATION",
        },
    ),
]
ELECTRONIC: list[Case] = [
    ("no taxpayer type, though the RUC tells", FULL, {"taxpayerType": None}, {"taxpayerType": "REQUIRED"}),
    ("no RUC", FULL, {"ruc": None}, {"ruc": "REQUIRED"}),
    ("no location", FULL, {"locationCode": None}, {"locationCode": "REQUIRED"}),
    ("no address", FULL, {"address": None}, {"address": "REQUIRED"}),
    ("a RUC whose DV nobody computes", FULL, {"ruc": FINCA}, {"dv": "REQUIRED"}),
    ("no passport", foreigner(), {"foreignId": None}, {"foreignId": "REQUIRED"}),
    (
        "a final consumer becomes a taxpayer",
        CONSUMER,
        {"receiverType": "TAXPAYER"},
        dict.fromkeys(["taxpayerType", "ruc", "locationCode", "address"], "REQUIRED"),
    ),
]


async def check_refusal(api: Api, stored: Input, patch: Input, expected: dict[str, str]) -> None:
    before = await read(api, await customer_id(api, stored))

    payload = await update(api, before["id"], patch)

    assert faults(payload) == {(f"input.{path}", code) for path, code in expected.items()}
    assert payload["customer"] is None
    assert await read(api, before["id"]) == before


@pytest.mark.parametrize("case", PLAIN, ids=[case[0] for case in PLAIN])
async def test_every_rule_of_a_new_customer_holds_for_a_changed_one(api: Api, case: Case) -> None:
    await check_refusal(api, *case[1:])


@pytest.mark.parametrize("case", ELECTRONIC, ids=[case[0] for case in ELECTRONIC])
async def test_under_electronic_invoicing_more_is_required(electronic: Api, case: Case) -> None:
    await check_refusal(electronic, *case[1:])


@pytest.mark.parametrize(
    ("stored", "patch", "expected"),
    [
        (FULL, {"dv": "58"}, [COMPANY_DV]),
        (taxpayer(ruc=PERSON, taxpayerType="NATURAL"), {"dv": "58"}, [PERSON_DV]),
        (taxpayer(), {"ruc": EITHER, "dv": "00"}, [EITHER_NATURAL_DV, EITHER_JURIDICAL_DV]),
    ],
)
async def test_a_wrong_dv_is_told_the_right_one(api: Api, stored: Input, patch: Input, expected: list[str]) -> None:
    payload = await update(api, await customer_id(api, stored), patch)

    assert [error["expected"] for error in payload["userErrors"]] == [expected]


async def test_another_receiver_type_is_taken_with_all_that_belongs_to_it(electronic: Api) -> None:
    id = await customer_id(electronic, FULL)
    document = {"type": "TAX_ID", "number": "NIT 900.1", "country": "CO"}
    nothing = {"taxpayerType": None, "ruc": None, "locationCode": None}

    foreign = await updated(electronic, id, {"receiverType": "FOREIGN", "foreignId": document, **nothing})
    assert (foreign["foreignId"], foreign["identification"]) == (document, "NIT 900.1")
    assert (foreign["ruc"], foreign["dv"], foreign["taxpayerType"], foreign["location"]) == (None, None, None, None)

    back = {"receiverType": "TAXPAYER", "foreignId": None, "locationCode": "8-8-7"}
    again = await updated(electronic, id, {**back, "ruc": EITHER, "taxpayerType": "JURIDICAL"})
    assert (again["foreignId"], again["identification"]) == (None, f"{EITHER} DV {EITHER_JURIDICAL_DV}")


# RUC, DV and the registry's word

VERIFIED = {
    "verification_status": VerificationStatus.VERIFIED,
    "verification_checked_at": datetime(2026, 3, 1, 12, tzinfo=UTC),
    "verification_registry_name": "HOTELES ISTMO",
}
UNVERIFIED = {"status": "UNVERIFIED", "checkedAt": None, "registryName": None}


@pytest.mark.parametrize(
    ("stored", "patch", "dv"),
    [
        (FULL, {"ruc": OTHER_COMPANY}, "20"),
        (FULL, {"ruc": f"{OTHER_COMPANY} DV 20"}, "20"),
        (FULL, {"ruc": FINCA}, None),
        (FULL, {"ruc": FINCA, "dv": "7"}, "07"),
        (taxpayer(ruc=FINCA, dv="11"), {"ruc": "8-30213563"}, None),
        (taxpayer(ruc=FINCA, dv="11"), {"ruc": f"{FINCA} DV 12"}, "12"),
        (FULL, {"ruc": None}, None),
        (taxpayer(ruc=FINCA, dv="11"), {"dv": "12"}, "12"),
        (taxpayer(ruc=FINCA, dv="11"), {"dv": None}, None),
        (AS_A_PERSON, {"taxpayerType": "JURIDICAL"}, EITHER_JURIDICAL_DV),
        (AS_A_PERSON, {"taxpayerType": None, "dv": EITHER_JURIDICAL_DV}, EITHER_JURIDICAL_DV),
    ],
    ids=str,
)
async def test_another_ruc_dv_or_taxpayer_type_settles_the_dv_and_begins_the_verification_anew(
    api: Api, stored: Input, patch: Input, dv: str | None
) -> None:
    id = await customer_id(api, stored)
    await change_customer(api, id, **VERIFIED)

    after = await updated(api, id, patch)

    assert (after["dv"], after["verification"]) == (dv, UNVERIFIED)


@pytest.mark.parametrize(
    "patch", [{"name": "Otra"}, {"address": None}, {"receiverType": "GOVERNMENT"}, {"dv": None, "phone": None}], ids=str
)
async def test_the_verification_stays_with_the_ruc(api: Api, patch: Input) -> None:
    id = await customer_id(api, FULL)
    await change_customer(api, id, **VERIFIED)

    after = await updated(api, id, patch)

    assert (after["dv"], after["verification"]["status"], after["version"]) == (COMPANY_DV, "VERIFIED", 2)


# Versions


async def test_a_change_of_the_last_version_is_done_and_one_of_an_older_refused(api: Api) -> None:
    id = await customer_id(api)

    assert (await updated(api, id, {"name": "Una"}, version=1))["version"] == 2
    assert (await updated(api, id, {"name": "Dos"}))["version"] == 3
    for stale in (1, 2, 4, 0, -1):
        payload = await update(api, id, {"name": "Tres"}, version=stale)
        assert payload["userErrors"] == [
            {"path": ["version"], "code": "CONFLICT", "expected": ["3"], "relatedId": None}
        ]
    assert (await read(api, id))["name"] == "Dos"


async def test_of_two_changes_of_one_version_at_once_one_wins(api: Api) -> None:
    id = await customer_id(api)

    payloads = await asyncio.gather(*(update(api, id, {"name": name}, version=1) for name in ("Una", "Dos", "Tres")))

    won = [payload["customer"]["name"] for payload in payloads if payload["customer"]]
    lost = [error["expected"] for payload in payloads for error in payload["userErrors"]]
    assert (len(won), lost) == (1, [["2"], ["2"]])
    assert (await read(api, id))["name"] == won[0]


async def test_changes_of_different_fields_at_once_are_all_done(api: Api) -> None:
    id = await customer_id(api, FULL)
    patches: list[Input] = [{"name": "Ana"}, {"phone": None}, {"address": "Vía España 1"}, {"associatedPersons": [IDA]}]

    await asyncio.gather(*(updated(api, id, patch) for patch in patches))

    after = await read(api, id)
    assert (after["name"], after["phone"], after["address"]) == ("Ana", None, "Vía España 1")
    assert after["associatedPersons"] == [IDA]
    assert after["version"] == 5


# Duplicates


@pytest.mark.parametrize(
    ("taken", "stored", "patch", "path"),
    [
        (FULL, taxpayer(), {"ruc": COMPANY}, "input.ruc"),
        (FULL, taxpayer(), {"ruc": "0155596713 2 2015"}, "input.ruc"),
        (FULL, company(ruc=OTHER_COMPANY), {"ruc": COMPANY}, "input.ruc"),
        (taxpayer(ruc=FINCA), taxpayer(), {"ruc": FINCA}, "input.ruc"),
        (AS_A_COMPANY, AS_A_PERSON, {"taxpayerType": "JURIDICAL"}, "input.ruc"),
        (foreigner(), foreigner(number="other"), {"foreignId": PASSPORT}, "input.foreignId"),
    ],
)
async def test_a_change_into_another_active_customer_is_refused(
    api: Api, taken: Input, stored: Input, patch: Input, path: str
) -> None:
    other = await customer_id(api, taken)
    id = await customer_id(api, stored)

    payload = await update(api, id, patch)

    assert faults(payload) == {(path, "DUPLICATE_CUSTOMER")}
    assert payload["userErrors"][0]["relatedId"] == other


async def test_a_change_into_an_archived_customer_or_another_accounts_is_done(api: Api, electronic: Api) -> None:
    await customer_id(electronic, FULL)
    await archive(api, await customer_id(api, FULL))

    assert (await updated(api, await customer_id(api), {"ruc": COMPANY}))["ruc"] == COMPANY


async def test_an_archived_customer_may_be_changed_into_an_active_one(api: Api) -> None:
    id = await customer_id(api)
    await archive(api, id)
    await customer_id(api, FULL)

    assert (await updated(api, id, {"ruc": COMPANY}))["status"] == "ARCHIVED"


async def test_of_two_customers_that_become_the_same_at_once_one_does(api: Api) -> None:
    ids = [await customer_id(api, taxpayer(name=f"Cliente {n}")) for n in range(4)]

    payloads = await asyncio.gather(*(update(api, id, {"ruc": COMPANY}) for id in ids))

    (winner,) = [payload["customer"]["id"] for payload in payloads if payload["customer"]]
    errors = [error for payload in payloads for error in payload["userErrors"]]
    assert [(error["path"], error["code"]) for error in errors] == [(["input", "ruc"], "DUPLICATE_CUSTOMER")] * 3
    assert {error["relatedId"] for error in errors} == {winner}


# Archiving and restoring


async def test_archiving_and_restoring_again_change_nothing(api: Api) -> None:
    id = await customer_id(api, FULL)

    archived = (await archive(api, id))["customer"]
    assert (archived["status"], archived["version"]) == ("ARCHIVED", 2)
    assert await archive(api, id) == {"customer": archived, "userErrors": []}

    restored = (await restore(api, id))["customer"]
    assert restored == {**archived, "status": "ACTIVE", "version": 3, "updatedAt": restored["updatedAt"]}
    assert await restore(api, id) == {"customer": restored, "userErrors": []}


@pytest.mark.parametrize("input", [FULL, taxpayer(ruc=FINCA), foreigner()], ids=["company", "finca", "foreigner"])
async def test_a_customer_that_was_replaced_meanwhile_is_not_restored(api: Api, input: Input) -> None:
    id = await customer_id(api, input)
    await archive(api, id)
    successor = await customer_id(api, input)

    for _ in range(2):
        payload = await restore(api, id)
        assert payload == {
            "customer": None,
            "userErrors": [{"path": ["id"], "code": "DUPLICATE_CUSTOMER", "expected": None, "relatedId": successor}],
        }

    await archive(api, successor)
    assert (await restore(api, id))["customer"]["status"] == "ACTIVE"


async def test_a_customer_without_ruc_is_always_restored(api: Api) -> None:
    id = await customer_id(api)
    await archive(api, id)
    await customer_id(api)

    assert (await restore(api, id))["userErrors"] == []


async def test_of_two_archived_customers_with_one_ruc_one_is_restored(api: Api) -> None:
    ids = []
    for _ in range(3):
        ids.append(await customer_id(api, FULL))
        await archive(api, ids[-1])

    payloads = await asyncio.gather(*(restore(api, id) for id in ids))

    (winner,) = [payload["customer"]["id"] for payload in payloads if payload["customer"]]
    errors = [error for payload in payloads for error in payload["userErrors"]]
    assert [(error["path"], error["code"], error["relatedId"]) for error in errors] == [
        (["id"], "DUPLICATE_CUSTOMER", winner)
    ] * 2


async def test_an_archived_customer_gets_no_invoice(api: Api) -> None:
    id = await customer_id(api, FULL)
    draft = (await create_invoice(api, invoice(issue=False), customerId=id))["invoice"]["id"]
    others_draft = (await create_invoice(api, invoice(issue=False), customerId=await customer_id(api)))["invoice"]["id"]
    await archive(api, id)

    created = await create_invoice(api, customerId=id)
    drafted = await create_invoice(api, invoice(issue=False), customerId=id)
    issued = (await api.ask(_ISSUE, id=draft))["issueInvoice"]
    moved = (await api.ask(_MOVE, id=others_draft, customer=id))["updateInvoice"]

    assert faults(created) == faults(drafted) == {("customerId", "NOT_ALLOWED")}
    assert faults(issued) == {("id", "NOT_ALLOWED")}
    assert faults(moved) == {("input.customerId", "NOT_ALLOWED")}
    for payload in (created, drafted, issued, moved):
        assert payload["userErrors"][0]["relatedId"] == id
    assert (await create_invoice(api, newCustomer=FULL))["customerCreated"] is True


_ISSUE = f"mutation ($id: ID!) {{ issueInvoice(id: $id) {{ invoice {{ id }} {_ERRORS} }} }}"
_MOVE = f"""
    mutation ($id: ID!, $customer: ID!) {{
        updateInvoice(id: $id, input: {{customerId: $customer}}) {{ invoice {{ id }} {_ERRORS} }}
    }}
"""


async def test_a_draft_whose_customer_was_archived_can_be_changed_and_deleted(api: Api) -> None:
    id = await customer_id(api)
    draft = (await create_invoice(api, invoice(issue=False), customerId=id))["invoice"]["id"]
    await archive(api, id)

    change = (
        f'mutation ($id: ID!) {{ updateInvoice(id: $id, input: {{notes: "x"}}) {{ invoice {{ notes }} {_ERRORS} }} }}'
    )
    delete = f"mutation ($id: ID!) {{ deleteDraft(id: $id) {{ deletedId {_ERRORS} }} }}"

    assert (await api.ask(change, id=draft))["updateInvoice"] == {"invoice": {"notes": "x"}, "userErrors": []}
    assert (await api.ask(delete, id=draft))["deleteDraft"] == {"deletedId": draft, "userErrors": []}


# Ids


@pytest.mark.parametrize("id", ["", "x", "01980000-0000-7000-8000-000000000000", "ñ", "\0"])
async def test_a_customer_that_does_not_exist_is_not_found(api: Api, id: str) -> None:
    for payload in (await update(api, id, {"name": "Ana"}), await archive(api, id), await restore(api, id)):
        assert faults(payload) == {("id", "NOT_FOUND")}


async def test_another_accounts_customer_is_not_found(api: Api, new_account: Callable[..., Awaitable[UUID]]) -> None:
    other = Api(await new_account())
    id = await customer_id(other, FULL)
    invoice_id = (await create_invoice(other, customerId=id))["invoice"]["id"]
    before = await read(other, id)

    for foreign in (id, invoice_id):
        for payload in (
            await update(api, foreign, {"name": "Ana"}),
            await update(api, foreign, {"name": "Ana"}, version=99),
            await archive(api, foreign),
            await restore(api, foreign),
        ):
            assert faults(payload) == {("id", "NOT_FOUND")}
    assert await read(other, id) == before


async def test_an_invoices_id_is_no_customers(api: Api) -> None:
    made = await create_invoice(api, customerId=await customer_id(api))

    assert faults(await archive(api, made["invoice"]["id"])) == {("id", "NOT_FOUND")}
