"""createCustomer, as a client meets it: what is refused and where, what is stored, what happens twice."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from rules.faults import Code
from rules.vocabulary import Scope
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
    Faults,
    Input,
    change_customer,
    codes,
    company,
    create_customer,
    customer_id,
    fail_at_the_end,
    faults,
    foreigner,
    stored,
    taxpayer,
    try_customer,
)
from tests.conftest import Api

NOTHING = {
    "Customer": 0,
    "AssociatedPerson": 0,
    "Document": 0,
    "DocumentLine": 0,
    "IdempotencyKey": 0,
    "last_number": 0,
}

# Refusals, by (path, code)

Case = tuple[str, Input, Faults]

PLAIN: list[Case] = [
    ("no name", taxpayer(name=None), {("input.name", "REQUIRED")}),
    ("a blank name", taxpayer(name=" \t\u00a0"), {("input.name", "REQUIRED")}),
    ("a name of one letter", taxpayer(name=" A "), {("input.name", "INVALID_VALUE")}),
    ("a name of 201 letters", taxpayer(name="A" * 201), {("input.name", "TOO_LONG")}),
    ("NUL in the name", taxpayer(name="Ana\0Ríos"), {("input.name", "INVALID_VALUE")}),
    ("a bell in the name", taxpayer(name="Ana\x07Ríos"), {("input.name", "INVALID_VALUE")}),
    ("a name that shows nothing", taxpayer(name="\u200e\u200f"), {("input.name", "REQUIRED")}),
    ("a list of addresses", taxpayer(email="a@example.com; b@example.com"), {("input.email", "INVALID_EMAIL")}),
    ("a RUC that is none", taxpayer(ruc="hola"), {("input.ruc", "INVALID_RUC")}),
    ("a RUC without dashes", taxpayer(ruc="15559671322015"), {("input.ruc", "INVALID_RUC")}),
    ("NUL in the RUC", taxpayer(ruc="8-274\0-125"), {("input.ruc", "INVALID_VALUE")}),
    ("a RUC of 51 characters", taxpayer(ruc="8" * 51), {("input.ruc", "TOO_LONG")}),
    ("a wrong DV", company(dv="58"), {("input.dv", "DV_MISMATCH")}),
    ("a DV that is none", company(dv="x"), {("input.dv", "INVALID_VALUE")}),
    ("a DV without a RUC", taxpayer(dv="59"), {("input.ruc", "REQUIRED")}),
    ("a RUC of two readings", taxpayer(ruc=EITHER), {("input.taxpayerType", "REQUIRED")}),
    (
        "a foreigner's cédula for a company",
        taxpayer(ruc="E-8-127702", taxpayerType="JURIDICAL"),
        {("input.taxpayerType", "NOT_ALLOWED")},
    ),
    (
        "a company as final consumer",
        {"receiverType": "FINAL_CONSUMER", "name": "Ana", "taxpayerType": "JURIDICAL"},
        {("input.taxpayerType", "NOT_ALLOWED")},
    ),
    (
        "a person as government",
        {"receiverType": "GOVERNMENT", "name": "Alcaldía", "taxpayerType": "NATURAL"},
        {("input.taxpayerType", "NOT_ALLOWED")},
    ),
    ("a location that isn't", taxpayer(locationCode="13-99-99"), {("input.locationCode", "UNKNOWN_LOCATION")}),
    ("a location of another form", taxpayer(locationCode="8/8/7"), {("input.locationCode", "INVALID_VALUE")}),
    ("NUL in the location", taxpayer(locationCode="8-8-7\0"), {("input.locationCode", "INVALID_VALUE")}),
    ("an address of 4 letters", taxpayer(address="C 50"), {("input.address", "INVALID_VALUE")}),
    ("an address of 101 letters", taxpayer(address="C" * 101), {("input.address", "TOO_LONG")}),
    ("an e-mail without @", taxpayer(email="ana.example.com"), {("input.email", "INVALID_EMAIL")}),
    ("NUL in the e-mail", taxpayer(email="ana\0@example.com"), {("input.email", "INVALID_VALUE")}),
    ("an e-mail of 101 letters", taxpayer(email=f"{'a' * 89}@example.com"), {("input.email", "TOO_LONG")}),
    ("a phone of 3 digits", taxpayer(phone="911"), {("input.phone", "INVALID_PHONE")}),
    ("a mobile with words", taxpayer(mobile="6677-8899 ext. 1"), {("input.mobile", "INVALID_PHONE")}),
    (
        "21 associated persons",
        taxpayer(associatedPersons=[{"name": "Ana Ríos"}] * 21),
        {("input.associatedPersons", "TOO_MANY")},
    ),
    (
        "faulty associated persons",
        taxpayer(
            associatedPersons=[
                {"name": "Ana Ríos"},
                {"name": " ", "email": "ana", "phone": "1"},
                {"name": "Luis\0", "notify": True},
            ]
        ),
        {
            ("input.associatedPersons.1.name", "REQUIRED"),
            ("input.associatedPersons.1.email", "INVALID_EMAIL"),
            ("input.associatedPersons.1.phone", "INVALID_PHONE"),
            ("input.associatedPersons.2.name", "INVALID_VALUE"),
            ("input.associatedPersons.2.email", "REQUIRED"),
        },
    ),
    (
        "associated persons of a person",
        taxpayer(ruc=PERSON, dv=PERSON_DV, associatedPersons=[{"name": "Ana Ríos"}]),
        {("input.associatedPersons", "FORBIDDEN_FIELD")},
    ),
    (
        "a foreigner with what only locals have",
        {**foreigner(), "taxpayerType": "NATURAL", "ruc": PERSON, "dv": PERSON_DV, "locationCode": "8-8-7"},
        {
            ("input.taxpayerType", "FORBIDDEN_FIELD"),
            ("input.ruc", "FORBIDDEN_FIELD"),
            ("input.dv", "FORBIDDEN_FIELD"),
            ("input.locationCode", "FORBIDDEN_FIELD"),
        },
    ),
    (
        "a local with a foreign document",
        taxpayer(foreignId=foreigner()["foreignId"]),
        {("input.foreignId", "FORBIDDEN_FIELD")},
    ),
    ("a foreign document of Panama", foreigner(country="PA"), {("input.foreignId.country", "INVALID_VALUE")}),
    ("a country that isn't", foreigner(country="XX"), {("input.foreignId.country", "INVALID_VALUE")}),
    ("NUL as country", foreigner(country="\0"), {("input.foreignId.country", "INVALID_VALUE")}),
    ("a blank country", foreigner(country=" "), {("input.foreignId.country", "REQUIRED")}),
    ("a blank document number", foreigner(number=" "), {("input.foreignId.number", "REQUIRED")}),
    ("NUL in the document number", foreigner(number="A\0B"), {("input.foreignId.number", "INVALID_VALUE")}),
    ("a document number of 51 letters", foreigner(number="A" * 51), {("input.foreignId.number", "TOO_LONG")}),
    (
        "several at once",
        taxpayer(name="", ruc="hola", locationCode="99-1-1", address="C 50", email="x", phone="1", mobile="2"),
        {
            ("input.name", "REQUIRED"),
            ("input.ruc", "INVALID_RUC"),
            ("input.locationCode", "UNKNOWN_LOCATION"),
            ("input.address", "INVALID_VALUE"),
            ("input.email", "INVALID_EMAIL"),
            ("input.phone", "INVALID_PHONE"),
            ("input.mobile", "INVALID_PHONE"),
        },
    ),
]

ELECTRONIC: list[Case] = [
    (
        "a taxpayer with a name alone",
        taxpayer(),
        {
            ("input.taxpayerType", "REQUIRED"),
            ("input.ruc", "REQUIRED"),
            ("input.locationCode", "REQUIRED"),
            ("input.address", "REQUIRED"),
        },
    ),
    (
        "a government body with a name alone",
        {"receiverType": "GOVERNMENT", "name": "Alcaldía"},
        {
            ("input.taxpayerType", "REQUIRED"),
            ("input.ruc", "REQUIRED"),
            ("input.locationCode", "REQUIRED"),
            ("input.address", "REQUIRED"),
        },
    ),
    ("a foreigner with a name alone", {"receiverType": "FOREIGN", "name": "Ana"}, {("input.foreignId", "REQUIRED")}),
    ("a RUC whose DV no rule gives", company(ruc=FINCA), {("input.dv", "REQUIRED")}),
    ("a company without its type", company(taxpayerType=None), {("input.taxpayerType", "REQUIRED")}),
]


def named(cases: list[Case]) -> list[Any]:
    return [pytest.param(input, expected, id=name) for name, input, expected in cases]


async def assert_refused(spanish: Api, input: Input, expected: Faults) -> None:
    english = Api(spanish.account_id, language="en")
    payloads = [await create_customer(api, input) for api in (spanish, english)]
    for payload in payloads:
        assert faults(payload) == expected
        assert len(payload["userErrors"]) == len(expected)
        assert payload["customer"] is None
        assert payload["created"] is False
    for in_spanish, in_english in zip(*(payload["userErrors"] for payload in payloads), strict=True):
        assert in_spanish["message"]
        assert in_english["message"]
        assert in_spanish["message"] != in_english["message"]
        assert {**in_spanish, "message": ""} == {**in_english, "message": ""}
    assert await stored(spanish) == NOTHING


@pytest.mark.parametrize(("input", "expected"), named(PLAIN))
async def test_all_faults_come_at_their_paths_in_both_languages(api: Api, input: Input, expected: Faults) -> None:
    await assert_refused(api, input, expected)


@pytest.mark.parametrize(("input", "expected"), named(ELECTRONIC))
async def test_electronic_invoicing_requires_more(electronic: Api, input: Input, expected: Faults) -> None:
    await assert_refused(electronic, input, expected)


def test_the_tables_have_all_codes_that_a_customers_data_can_bring_about() -> None:
    seen = {code for _, _, expected in PLAIN + ELECTRONIC for _, code in expected}
    elsewhere = {
        "DUPLICATE_CUSTOMER",
        "DUPLICATE_EXTERNAL_ID",  # in test_outside_ids.py
        "IDEMPOTENCY_MISMATCH",  # below
        "REGISTRY_MISMATCH",  # a look-up's
        "EMISSION_PENDING",  # of an invoice on its way to the DGI
        "WINDOW_CLOSED",  # of an invoice that is too old to be voided
        "CONFLICT",  # an update's
        *(
            "OUT_OF_RANGE",
            "NOT_FOUND",
            "EXACTLY_ONE_CUSTOMER",
            "UNPRINTABLE",
            "UNKNOWN_UNIT",
            "UNKNOWN_CPBS",
            "CREDIT_EXCEEDED",
        ),  # an invoice's
    }
    assert seen | elsewhere == set(Code)
    assert not seen & elsewhere


@pytest.mark.parametrize(
    ("input", "expected"),
    [
        pytest.param(company(dv="58"), [COMPANY_DV], id="the DV"),
        pytest.param(
            taxpayer(ruc=EITHER, dv="00"), [EITHER_NATURAL_DV, EITHER_JURIDICAL_DV], id="the DV of each reading"
        ),
        pytest.param(taxpayer(ruc="155724460-22022"), ["155724460-2-2022"], id="RUCs that may be meant"),
    ],
)
async def test_right_values_are_named_where_they_are_known(api: Api, input: Input, expected: list[str]) -> None:
    [error] = (await create_customer(api, input))["userErrors"]
    assert error["expected"] == expected


@pytest.mark.parametrize(
    "input",
    [
        pytest.param(taxpayer(receiverType="ALIEN"), id="an unknown receiver type"),
        pytest.param(taxpayer(name=5), id="a number for a text"),
        pytest.param(taxpayer(hat="green"), id="a field that isn't"),
        pytest.param({"name": "Ana"}, id="no receiver type"),
        pytest.param({**foreigner(), "foreignId": {"number": "A"}}, id="half a foreign document"),
    ],
)
async def test_values_of_the_wrong_type_are_errors_of_the_request(api: Api, input: Input) -> None:
    assert set(codes(await try_customer(api, input))) == {"BAD_USER_INPUT"}


async def test_a_read_key_may_not_create(api: Api) -> None:
    assert codes(await try_customer(Api(api.account_id, Scope.READ), taxpayer())) == ["FORBIDDEN"]
    assert await stored(api) == NOTHING
    assert (await create_customer(Api(api.account_id, Scope.WRITE), taxpayer()))["created"]


# What is stored


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        pytest.param(
            taxpayer(name="  Jose\u0301 Pen\u0303a\u200b "),
            {"name": "José Peña", "version": 1},
            id="trimmed and in NFC",
        ),
        pytest.param(
            taxpayer(name="Ana Ríos", email="Ana@EXAMPLE.com", phone="6677-8899", mobile="+57 300 1234567"),
            {"email": "Ana@example.com", "phone": "+50766778899", "mobile": "+573001234567"},
            id="e-mail and phones in one spelling",
        ),
        pytest.param(
            taxpayer(ruc=" 0155596713 – 2 – 2015 "),
            {"ruc": COMPANY, "dv": COMPANY_DV, "taxpayerType": "JURIDICAL", "identification": f"{COMPANY} DV 59"},
            id="the RUC in one spelling, with its DV and type",
        ),
        pytest.param(
            taxpayer(ruc=EITHER, dv=EITHER_JURIDICAL_DV), {"taxpayerType": "JURIDICAL"}, id="the type that the DV tells"
        ),
        pytest.param(taxpayer(ruc=FINCA, dv="68"), {"ruc": FINCA, "dv": "68"}, id="a DV that no rule gives"),
        pytest.param(taxpayer(ruc=FINCA), {"dv": None, "taxpayerType": None, "identification": FINCA}, id="no DV"),
        pytest.param(
            taxpayer(address=" ", email="", phone=None),
            {"address": None, "email": None, "phone": None, "ruc": None, "dv": None, "identification": ""},
            id="nothing for blanks",
        ),
        pytest.param(
            foreigner(number=" ab 1 ", country="co"),
            {"foreignId": {"type": "PASSPORT", "number": "ab 1", "country": "CO"}, "identification": "ab 1"},
            id="a foreign document",
        ),
        pytest.param(
            taxpayer(associatedPersons=[{"name": " Zoe "}, {"name": "Ana", "email": "a@example.com", "notify": True}]),
            {
                "associatedPersons": [
                    {"name": "Zoe", "email": None, "phone": None, "notify": False},
                    {"name": "Ana", "email": "a@example.com", "phone": None, "notify": True},
                ]
            },
            id="associated persons in their order",
        ),
    ],
)
async def test_data_is_stored_in_one_spelling(api: Api, given: Input, kept: dict[str, Any]) -> None:
    payload = await create_customer(api, given)
    assert payload["userErrors"] == []
    assert payload["created"]
    assert {name: payload["customer"][name] for name in kept} == kept


@pytest.mark.parametrize(
    "input",
    [
        pytest.param(company(), id="a company"),
        pytest.param({"receiverType": "FINAL_CONSUMER", "name": "Ana"}, id="a final consumer with a name alone"),
        pytest.param(company(receiverType="GOVERNMENT", ruc="8-NT-1-13656"), id="a government body"),
        pytest.param(foreigner(), id="a foreigner"),
    ],
)
async def test_complete_customers_satisfy_electronic_invoicing(electronic: Api, input: Input) -> None:
    payload = await create_customer(electronic, input)
    assert payload["userErrors"] == []
    assert payload["customer"]["receiverType"] == input["receiverType"]


async def test_a_failure_underway_stores_nothing_and_is_masked(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_at_the_end(monkeypatch)
    person = {"name": "Ana", "email": "ana@example.com"}
    with capture_logs() as logs:
        response = await try_customer(api, company(associatedPersons=[person]), idempotencyKey="k")
    assert codes(response) == ["INTERNAL"]
    [surprise] = [entry for entry in logs if entry["event"] == "unexpected error"]
    for part in ("customer_1: 1", "associated_person_2: 1", "secrets"):
        assert part in str(surprise["exc_info"])
    assert "secrets" not in str(response)
    assert await stored(api) == NOTHING


# Duplicates


@pytest.mark.parametrize(
    ("first", "second", "path"),
    [
        pytest.param(company(), company(name="Otra, S.A."), "input.ruc", id="a RUC"),
        pytest.param(company(), taxpayer(ruc=" 0155596713-2-2015 DV 59"), "input.ruc", id="a RUC otherwise written"),
        pytest.param(
            company(ruc="8-NT-1-13656"),
            company(receiverType="GOVERNMENT", ruc="8-NT-1-13656"),
            "input.ruc",
            id="a RUC of another receiver type",
        ),
        pytest.param(taxpayer(ruc=FINCA), taxpayer(ruc=FINCA), "input.ruc", id="a RUC without a type"),
        pytest.param(foreigner(), foreigner(country="co"), "input.foreignId", id="a foreign document"),
    ],
)
async def test_one_active_customer_holds_a_ruc_or_document(api: Api, first: Input, second: Input, path: str) -> None:
    id = await customer_id(api, first)
    payload = await create_customer(api, second)
    assert faults(payload) == {(path, "DUPLICATE_CUSTOMER")}
    assert payload["userErrors"][0]["relatedId"] == id
    assert (await stored(api))["Customer"] == 1


async def test_a_duplicate_is_told_along_with_the_other_faults(api: Api) -> None:
    id = await customer_id(api, company())
    payload = await create_customer(api, company(name="", dv="58", email="x"))
    assert faults(payload) == {
        ("input.ruc", "DUPLICATE_CUSTOMER"),
        ("input.name", "REQUIRED"),
        ("input.dv", "DV_MISMATCH"),
        ("input.email", "INVALID_EMAIL"),
    }
    assert [error["relatedId"] for error in payload["userErrors"] if error["relatedId"]] == [id]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(foreigner(), foreigner(country="VE"), id="documents of two countries"),
        pytest.param(foreigner(), foreigner(type="TAX_ID"), id="two kinds of document"),
        pytest.param(foreigner(), foreigner(number="AB123457"), id="two documents"),
        pytest.param(taxpayer(), taxpayer(), id="two without identification"),
        pytest.param(taxpayer(ruc=FINCA), taxpayer(ruc=FINCA, taxpayerType="NATURAL"), id="a finca and its owner"),
    ],
)
async def test_different_customers_stand_side_by_side(api: Api, first: Input, second: Input) -> None:
    assert await customer_id(api, first) != await customer_id(api, second)


async def test_a_ruc_of_a_person_and_of_a_company_are_two_customers(api: Api) -> None:
    person = await customer_id(api, taxpayer(ruc=EITHER, taxpayerType="NATURAL"))
    company = await customer_id(api, taxpayer(ruc=EITHER, taxpayerType="JURIDICAL"))
    by_ruc = 'query ($type: TaxpayerType) { customerByRuc(ruc: "2-221-78", taxpayerType: $type) { id } }'
    assert (await api.ask(by_ruc, type="NATURAL"))["customerByRuc"] == {"id": person}
    assert (await api.ask(by_ruc, type="JURIDICAL"))["customerByRuc"] == {"id": company}
    assert await api.refused(by_ruc) == ["BAD_USER_INPUT"]


async def test_an_archived_customer_leaves_its_ruc_free(api: Api) -> None:
    archived = await customer_id(api, company())
    await change_customer(api, archived, status="ARCHIVED")
    payload = await create_customer(api, company(), onDuplicate="USE_EXISTING")
    assert payload["created"]
    assert payload["customer"]["id"] != archived


async def test_another_accounts_customer_is_no_duplicate(api: Api, new_account: Callable[..., Awaitable[UUID]]) -> None:
    id = await customer_id(api, company())
    other = Api(await new_account())
    assert await customer_id(other, company()) != id


async def test_use_existing_answers_with_the_customer_as_it_is(api: Api) -> None:
    made = await create_customer(api, taxpayer(ruc=COMPANY))
    used = await create_customer(api, company(name="Otra, S.A.", email="a@example.com"), onDuplicate="USE_EXISTING")
    assert used == {**made, "created": False}


async def test_use_existing_makes_a_customer_that_there_is_not(api: Api) -> None:
    payload = await create_customer(api, company(), onDuplicate="USE_EXISTING")
    assert payload["created"]
    assert payload["customer"]["version"] == 1


FULL = company(
    name="Otra, S.A.",
    locationCode="4-6-1",
    email="otra@example.com",
    phone="6677-8899",
    mobile="6677-8800",
    associatedPersons=[{"name": "Ana Ríos"}],
)


async def test_update_empty_fills_what_is_missing_and_overwrites_nothing(api: Api) -> None:
    before = (await create_customer(api, taxpayer(ruc=COMPANY, email="cobros@example.com", address="Vía Brasil 7")))[
        "customer"
    ]
    payload = await create_customer(api, FULL, onDuplicate="UPDATE_EMPTY")
    assert payload["created"] is False
    assert payload["customer"] == {
        **before,
        "location": {"code": "4-6-1"},
        "phone": "+50766778899",
        "mobile": "+50766778800",
        "associatedPersons": [{"name": "Ana Ríos", "email": None, "phone": None, "notify": False}],
        "version": 2,
    }
    found = '{ customers(search: "6677-8899", orderBy: {field: PHONE}) { edges { node { id } } } }'
    assert (await api.ask(found))["customers"]["edges"] == [{"node": {"id": before["id"]}}]


async def test_update_empty_keeps_the_associated_persons_that_there_are(api: Api) -> None:
    persons = [{"name": "Luis Peña"}, {"name": "Zoe Ávila"}]
    await create_customer(api, company(associatedPersons=persons))
    payload = await create_customer(api, FULL, onDuplicate="UPDATE_EMPTY")
    assert [person["name"] for person in payload["customer"]["associatedPersons"]] == ["Luis Peña", "Zoe Ávila"]


async def test_update_empty_stores_nothing_that_does_not_suit_the_customer(api: Api) -> None:
    """What is given is right for a taxpayer, but the customer that there is, is a final consumer."""
    consumer = {"receiverType": "FINAL_CONSUMER", "name": "Ana Ríos", "ruc": FINCA}
    before = (await create_customer(api, consumer))["customer"]
    given = taxpayer(ruc=FINCA, phone="6677-8899", associatedPersons=[{"name": "Luis Peña"}])
    payload = await create_customer(api, given, onDuplicate="UPDATE_EMPTY")
    assert faults(payload) == {("input.associatedPersons", "FORBIDDEN_FIELD")}
    assert payload["userErrors"][0]["relatedId"] == before["id"]
    assert (await create_customer(api, consumer, onDuplicate="USE_EXISTING"))["customer"] == before
    del given["associatedPersons"]
    payload = await create_customer(api, given, onDuplicate="UPDATE_EMPTY")
    assert payload["customer"] == {**before, "phone": "+50766778899", "version": 2}


async def test_update_empty_leaves_the_version_where_nothing_changes(api: Api) -> None:
    await create_customer(api, FULL)
    payload = await create_customer(api, company(name="Tercera, S.A."), onDuplicate="UPDATE_EMPTY")
    assert payload["customer"]["version"] == 1
    assert payload["customer"]["name"] == "Otra, S.A."


async def test_update_empty_fills_a_foreigner_in(api: Api) -> None:
    id = await customer_id(api, foreigner())
    again = {**foreigner(), "name": "Otra", "address": "Calle 7, Bogotá"}
    payload = await create_customer(api, again, onDuplicate="UPDATE_EMPTY")
    assert (payload["customer"]["id"], payload["customer"]["name"]) == (id, "Ana Ríos")
    assert payload["customer"]["address"] == "Calle 7, Bogotá"


@pytest.mark.parametrize("on_duplicate", ["USE_EXISTING", "UPDATE_EMPTY"])
async def test_faulty_data_is_refused_also_where_a_customer_exists(api: Api, on_duplicate: str) -> None:
    before = (await create_customer(api, taxpayer(ruc=COMPANY)))["customer"]
    payload = await create_customer(api, company(address="C 50", email="x"), onDuplicate=on_duplicate)
    assert faults(payload) == {("input.address", "INVALID_VALUE"), ("input.email", "INVALID_EMAIL")}
    after = (await create_customer(api, taxpayer(ruc=COMPANY), onDuplicate="USE_EXISTING"))["customer"]
    assert after == before


# Dry runs


async def test_a_dry_run_answers_like_a_real_one_and_stores_nothing(api: Api) -> None:
    input = company(associatedPersons=[{"name": "Ana Ríos"}])
    tried = await create_customer(api, input, dryRun=True)
    assert await stored(api) == NOTHING
    assert (await api.ask("query ($id: ID!) { node(id: $id) { id } }", id=tried["customer"]["id"]))["node"] is None
    made = await create_customer(api, input)
    throw_away = tried["customer"].pop("id")
    assert throw_away != made["customer"].pop("id")
    assert tried == made


async def test_a_dry_run_tells_every_fault(api: Api) -> None:
    id = await customer_id(api, company())
    payload = await create_customer(api, company(name="", address="C 50"), dryRun=True)
    assert faults(payload) == {
        ("input.ruc", "DUPLICATE_CUSTOMER"),
        ("input.name", "REQUIRED"),
        ("input.address", "INVALID_VALUE"),
    }
    assert {error["relatedId"] for error in payload["userErrors"]} == {None, id}


@pytest.mark.parametrize(("on_duplicate", "phone"), [("USE_EXISTING", None), ("UPDATE_EMPTY", "+50766778899")])
async def test_a_dry_run_shows_what_would_become_of_a_duplicate(api: Api, on_duplicate: str, phone: str | None) -> None:
    before = (await create_customer(api, taxpayer(ruc=COMPANY)))["customer"]
    payload = await create_customer(
        api, taxpayer(ruc=COMPANY, phone="6677-8899"), onDuplicate=on_duplicate, dryRun=True
    )
    assert payload["created"] is False
    assert (payload["customer"]["id"], payload["customer"]["phone"]) == (before["id"], phone)
    after = (await create_customer(api, taxpayer(ruc=COMPANY), onDuplicate="USE_EXISTING"))["customer"]
    assert after == before


async def test_a_dry_run_respects_a_key_and_takes_none(api: Api) -> None:
    made = await create_customer(api, taxpayer(name="Una"), idempotencyKey="k")
    tried = await create_customer(api, taxpayer(name="Otra"), idempotencyKey="k", dryRun=True)
    assert faults(tried) == {("idempotencyKey", "IDEMPOTENCY_MISMATCH")}
    assert (await create_customer(api, taxpayer(), idempotencyKey="new", dryRun=True))["created"]
    assert (await create_customer(api, taxpayer(name="Otra"), idempotencyKey="new"))["created"]
    for dry_run in (True, False):
        assert await create_customer(api, taxpayer(name="Una"), idempotencyKey="k", dryRun=dry_run) == made


# Idempotency


async def test_the_same_request_with_the_same_key_is_done_once(api: Api) -> None:
    answers = [await create_customer(api, taxpayer(), idempotencyKey="k") for _ in range(3)]
    assert answers[0]["created"]
    assert answers[0] == answers[1] == answers[2]
    assert (await stored(api))["Customer"] == 1


async def test_a_repeated_request_is_told_created_as_the_first_time(api: Api) -> None:
    await create_customer(api, company())
    answers = [await create_customer(api, company(), onDuplicate="USE_EXISTING", idempotencyKey="k") for _ in range(2)]
    assert [answer["created"] for answer in answers] == [False, False]


async def test_a_repeated_request_is_answered_with_what_has_become_of_the_customer(api: Api) -> None:
    made = (await create_customer(api, company(), idempotencyKey="k"))["customer"]
    await change_customer(api, made["id"], status="ARCHIVED", name="Cerrada, S.A.")
    again = (await create_customer(api, company(), idempotencyKey="k"))["customer"]
    assert again == {**made, "status": "ARCHIVED", "name": "Cerrada, S.A."}


@pytest.mark.parametrize(
    ("input", "arguments"),
    [
        pytest.param(taxpayer(name="Otra, S.A."), {}, id="another name"),
        pytest.param(taxpayer(email="a@example.com"), {}, id="one field more"),
        pytest.param(taxpayer(), {"onDuplicate": "USE_EXISTING"}, id="another way with duplicates"),
        pytest.param(taxpayer(associatedPersons=[{"name": "Ana Ríos"}]), {}, id="associated persons"),
        pytest.param(taxpayer(name=""), {}, id="faulty arguments"),
    ],
)
async def test_a_key_is_refused_with_other_arguments(api: Api, input: Input, arguments: dict[str, Any]) -> None:
    await create_customer(api, taxpayer(), idempotencyKey="k")
    payload = await create_customer(api, input, idempotencyKey="k", **arguments)
    assert faults(payload) == {("idempotencyKey", "IDEMPOTENCY_MISMATCH")}
    assert payload["customer"] is None
    assert (await stored(api))["Customer"] == 1


async def test_a_refused_request_does_not_use_the_key_up(api: Api) -> None:
    assert faults(await create_customer(api, taxpayer(name=""), idempotencyKey="k")) == {("input.name", "REQUIRED")}
    assert await stored(api) == NOTHING
    assert (await create_customer(api, taxpayer(), idempotencyKey="k"))["created"]


async def test_a_key_belongs_to_its_account(api: Api, new_account: Callable[..., Awaitable[UUID]]) -> None:
    other = Api(await new_account())
    mine = await create_customer(api, taxpayer(name="Mía, S.A."), idempotencyKey="k")
    theirs = await create_customer(other, taxpayer(name="Suya, S.A."), idempotencyKey="k")
    assert theirs["userErrors"] == []
    assert theirs["customer"]["id"] != mine["customer"]["id"]


@pytest.mark.parametrize("key", ["", "k" * 256, "a\0b"])
async def test_a_key_has_1_to_255_characters(api: Api, key: str) -> None:
    assert codes(await try_customer(api, taxpayer(), idempotencyKey=key)) == ["BAD_USER_INPUT"]
    assert await stored(api) == NOTHING


@pytest.mark.parametrize("key", ["k", "ñ" * 255])
async def test_keys_of_1_and_of_255_characters_work(api: Api, key: str) -> None:
    first, second = await asyncio.gather(*(create_customer(api, taxpayer(), idempotencyKey=key) for _ in range(2)))
    assert first == second


async def test_without_a_key_every_request_counts(api: Api) -> None:
    assert await customer_id(api, taxpayer()) != await customer_id(api, taxpayer())
    assert await customer_id(api, taxpayer(ruc=OTHER_COMPANY)) not in ("", None)
