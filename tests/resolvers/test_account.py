"""The account's settings, billing points and keys, and what each scope allows."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    is_required_argument,
    is_required_input_field,
)

from resolvers import accounts
from resolvers.api_keys import Identity, hash_secret
from rules.vocabulary import Scope
from schema import schema
from tests.builders import (
    COMPANY,
    COMPANY_DV,
    EITHER,
    EITHER_JURIDICAL_DV,
    EITHER_NATURAL_DV,
    FINCA,
    OTHER_COMPANY,
    PERSON,
    Input,
    company,
    create_invoice,
    customer_id,
    faults,
    foreigner,
    invoice,
    line,
    stored,
    taxpayer,
)
from tests.conftest import Answer, Api

_ERRORS = "userErrors { path code expected relatedId }"
_KEY = "id name scope createdAt expiresAt revokedAt lastUsedAt"

_UPDATE = f"""
    mutation ($input: AccountInput!) {{
        updateAccount(input: $input) {{ account {{ id name ruc dv electronicInvoicing }} {_ERRORS} }}
    }}
"""
_CREATE_POINT = f"""
    mutation ($code: String!, $name: String) {{
        createBillingPoint(code: $code, name: $name) {{ billingPoint {{ code name lastNumber }} {_ERRORS} }}
    }}
"""
_CREATE_KEY = f"""
    mutation ($name: String!, $scope: Scope!, $expiresAt: DateTime) {{
        createApiKey(name: $name, scope: $scope, expiresAt: $expiresAt) {{ apiKey {{ {_KEY} }} secret {_ERRORS} }}
    }}
"""
_REVOKE_KEY = f"mutation ($id: ID!) {{ revokeApiKey(id: $id) {{ apiKey {{ {_KEY} }} {_ERRORS} }} }}"
_KEYS = f"{{ apiKeys {{ {_KEY} }} }}"
_VIEWER = """
    { viewer { scope account { id name ruc dv electronicInvoicing billingPoints { code name lastNumber } } } }
"""


async def do(api: Api, document: str, **variables: Any) -> Answer:
    """The payload of a mutation."""
    payload: Answer = next(iter((await api.ask(document, **variables)).values()))
    return payload


async def viewer(api: Api) -> Answer:
    found: Answer = (await api.ask(_VIEWER))["viewer"]
    return found


@pytest.fixture
async def other(new_account: Callable[..., Awaitable[UUID]]) -> Api:
    """A client of another account."""
    return Api(await new_account("Otra, S.A."))


# The viewer


@pytest.mark.parametrize("scope", list(Scope))
async def test_the_viewer_is_the_keys_account_and_scope(api: Api, scope: Scope) -> None:
    assert await viewer(Api(api.account_id, scope)) == {
        "scope": scope,
        "account": {
            "id": str(api.account_id),
            "name": "Prueba, S.A.",
            "ruc": None,
            "dv": None,
            "electronicInvoicing": False,
            "billingPoints": [{"code": "001", "name": None, "lastNumber": None}],
        },
    }


# Settings

AT_FIRST = {"name": "Hoteles Istmo, S.A.", "ruc": COMPANY, "dv": COMPANY_DV, "electronicInvoicing": False}

# A change of AT_FIRST, and what becomes different.
CHANGES: list[tuple[Input, Answer]] = [
    ({"name": " Ñandú\t"}, {"name": "Ñandú"}),
    ({"electronicInvoicing": True}, {"electronicInvoicing": True}),
    ({"ruc": None, "dv": None}, {"ruc": None, "dv": None}),
    ({"ruc": " ", "dv": ""}, {"ruc": None, "dv": None}),
    ({"ruc": OTHER_COMPANY, "dv": "20"}, {"ruc": OTHER_COMPANY, "dv": "20"}),
    ({"ruc": f"{OTHER_COMPANY} DV 20", "dv": None}, {"ruc": OTHER_COMPANY, "dv": "20"}),
    ({"ruc": "0155596713 - 2 - 2015"}, {}),
    ({"ruc": EITHER, "dv": EITHER_JURIDICAL_DV}, {"ruc": EITHER, "dv": EITHER_JURIDICAL_DV}),
    ({"ruc": EITHER, "dv": EITHER_NATURAL_DV}, {"ruc": EITHER, "dv": EITHER_NATURAL_DV}),
    ({"ruc": FINCA, "dv": "7"}, {"ruc": FINCA, "dv": "07"}),
    ({}, {}),
]


@pytest.mark.parametrize(("input", "changes"), CHANGES, ids=[str(input) for input, _ in CHANGES])
async def test_a_change_of_the_account_changes_what_it_names_and_leaves_the_rest(
    api: Api, other: Api, input: Input, changes: Answer
) -> None:
    await do(api, _UPDATE, input=AT_FIRST)
    others = await viewer(other)

    payload = await do(api, _UPDATE, input=input)

    assert payload == {"account": {"id": str(api.account_id), **AT_FIRST, **changes}, "userErrors": []}
    assert (await viewer(api))["account"].items() >= payload["account"].items()
    assert await viewer(other) == others


REFUSALS: list[tuple[Input, dict[str, str]]] = [
    ({"name": " "}, {"name": "REQUIRED"}),
    ({"name": "A"}, {"name": "INVALID_VALUE"}),
    ({"name": "A" * 201}, {"name": "TOO_LONG"}),
    ({"name": "Ana\0"}, {"name": "INVALID_VALUE"}),
    ({"name": "发票 公司"}, {"name": "UNPRINTABLE"}),
    ({"name": "★\u0301"}, {"name": "UNPRINTABLE"}),
    ({"ruc": "hola"}, {"ruc": "INVALID_RUC"}),
    ({"ruc": "8" * 51}, {"ruc": "INVALID_RUC"}),
    ({"ruc": "8-274\0-125", "dv": "91"}, {"ruc": "INVALID_RUC"}),
    ({"ruc": None}, {"ruc": "REQUIRED"}),
    ({"dv": None}, {"dv": "REQUIRED"}),
    ({"dv": "x"}, {"dv": "INVALID_VALUE"}),
    ({"dv": "123"}, {"dv": "INVALID_VALUE"}),
    ({"dv": "58"}, {"dv": "DV_MISMATCH"}),
    ({"ruc": OTHER_COMPANY}, {"dv": "DV_MISMATCH"}),
    ({"name": "", "dv": "58"}, {"name": "REQUIRED", "dv": "DV_MISMATCH"}),
    ({"name": "A", "electronicInvoicing": True}, {"name": "INVALID_VALUE"}),
]


@pytest.mark.parametrize(("input", "expected"), REFUSALS, ids=[str(input)[:40] for input, _ in REFUSALS])
async def test_an_account_that_the_rules_refuse_stays_as_it_is(
    api: Api, input: Input, expected: dict[str, str]
) -> None:
    await do(api, _UPDATE, input=AT_FIRST)
    before = await viewer(api)

    payload = await do(api, _UPDATE, input=input)

    assert faults(payload) == {(f"input.{path}", code) for path, code in expected.items()}
    assert payload["account"] is None
    assert await viewer(api) == before


async def test_a_wrong_dv_of_the_account_is_told_the_right_ones(api: Api) -> None:
    payload = await do(api, _UPDATE, input={"ruc": EITHER, "dv": "00"})

    assert [error["expected"] for error in payload["userErrors"]] == [[EITHER_NATURAL_DV, EITHER_JURIDICAL_DV]]


@pytest.mark.parametrize("input", [{"id": "x"}, {"name": 1}], ids=str)
async def test_a_change_of_the_account_that_is_none_is_refused(api: Api, input: Input) -> None:
    assert await api.refused(_UPDATE, input=input) == ["BAD_USER_INPUT"]


# Customers of an account without electronic invoicing, and whether they are complete with it.
READY: list[tuple[Input, bool]] = [
    (company(), True),
    (company(receiverType="GOVERNMENT", ruc=OTHER_COMPANY), True),
    (company(receiverType="GOVERNMENT", ruc=None), False),
    (company(ruc=None), False),
    (company(ruc="155596714-2-2015", locationCode=None), False),
    (company(ruc="155596715-2-2015", address=None), False),
    (company(ruc=FINCA), False),
    (company(ruc="8-30213563", dv="11"), True),
    (taxpayer(), False),
    (taxpayer(ruc=PERSON, taxpayerType="NATURAL"), False),
    ({"receiverType": "FINAL_CONSUMER", "name": "Ana"}, True),
    ({"receiverType": "FINAL_CONSUMER", "name": "Ana", "ruc": "8-30213564"}, True),
    ({"receiverType": "GOVERNMENT", "name": "Alcaldía"}, False),
    ({"receiverType": "FOREIGN", "name": "Bob"}, False),
    (foreigner(), True),
]


async def test_with_electronic_invoicing_those_are_incomplete_whose_invoices_are_refused(api: Api) -> None:
    ids = [await customer_id(api, input) for input, _ in READY]
    lines = line(cpbs="5020")  # which the government needs
    drafts = [(await create_invoice(api, invoice(lines, issue=False), customerId=id))["invoice"]["id"] for id in ids]
    for id in ids:
        assert (await create_invoice(api, customerId=id, dryRun=True))["userErrors"] == []

    await do(api, _UPDATE, input={"electronicInvoicing": True})
    await api.let_emit()

    listed = await api.ask("{ customers(filter: {incomplete: true}, first: 100) { edges { node { id } } } }")
    incomplete = {edge["node"]["id"] for edge in listed["customers"]["edges"]}
    assert [id not in incomplete for id in ids] == [ready for _, ready in READY]
    for id, draft in zip(ids, drafts, strict=True):
        created = await create_invoice(api, invoice(lines), customerId=id, dryRun=True)
        issue = f"mutation ($id: ID!) {{ issueInvoice(id: $id) {{ invoice {{ id }} {_ERRORS} }} }}"
        issued = await do(api, issue, id=draft)
        assert bool(created["userErrors"]) == bool(issued["userErrors"]) == (id in incomplete)
        assert {path for path, _ in faults(created)} <= {"customerId"}
        assert {path for path, _ in faults(issued)} <= {"id"}

    await do(api, _UPDATE, input={"electronicInvoicing": False})
    for id in ids:
        assert (await create_invoice(api, customerId=id, dryRun=True))["userErrors"] == []


# Billing points


@pytest.mark.parametrize(
    ("code", "name", "expected"),
    [
        ("002", None, set()),
        ("999", " Caja 2 ", set()),
        ("002", " ", set()),
        ("001", None, {("code", "INVALID_VALUE")}),
        ("000", None, {("code", "INVALID_VALUE")}),
        ("2", None, {("code", "INVALID_VALUE")}),
        ("0002", None, {("code", "INVALID_VALUE")}),
        (" 002", None, {("code", "INVALID_VALUE")}),
        ("002\n", None, {("code", "INVALID_VALUE")}),
        ("-02", None, {("code", "INVALID_VALUE")}),
        ("00a", None, {("code", "INVALID_VALUE")}),
        ("٠٠٢", None, {("code", "INVALID_VALUE")}),
        ("", None, {("code", "INVALID_VALUE")}),
        ("\0\0\0", None, {("code", "INVALID_VALUE")}),
        ("002", "x" * 100, set()),
        ("002", "x" * 101, {("name", "TOO_LONG")}),
        ("002", "a\0b", {("name", "INVALID_VALUE")}),
        ("2", "x" * 101, {("code", "INVALID_VALUE"), ("name", "TOO_LONG")}),
    ],
)
async def test_a_billing_point_has_a_code_of_three_digits(
    api: Api, code: str, name: str | None, expected: set[tuple[str, str]]
) -> None:
    payload = await do(api, _CREATE_POINT, code=code, name=name)

    made = None if expected else {"code": code, "name": (name or "").strip() or None, "lastNumber": None}
    assert faults(payload) == expected
    assert payload["billingPoint"] == made
    points = (await viewer(api))["account"]["billingPoints"]
    assert points == [{"code": "001", "name": None, "lastNumber": None}, *([made] if made else [])]


async def test_of_two_billing_points_with_one_code_at_once_one_is_made(api: Api, other: Api) -> None:
    payloads = await asyncio.gather(*(do(api, _CREATE_POINT, code="002") for _ in range(3)))
    elsewhere = await do(other, _CREATE_POINT, code="002")

    assert sorted(map(faults, payloads), key=len) == [set(), {("code", "INVALID_VALUE")}, {("code", "INVALID_VALUE")}]
    assert elsewhere["userErrors"] == []


async def test_with_a_second_billing_point_an_invoice_must_name_its_own(api: Api) -> None:
    customer = await customer_id(api)
    assert (await create_invoice(api, customerId=customer))["invoice"]["billingPoint"] == "001"

    await do(api, _CREATE_POINT, code="002")

    refused = await create_invoice(api, customerId=customer)
    assert faults(refused) == {("input.billingPoint", "REQUIRED")}
    assert refused["userErrors"][0]["expected"] == ["001", "002"]
    made = await create_invoice(api, invoice(billingPoint="002"), customerId=customer)
    assert made["invoice"]["number"] == "0000000001"


# Keys


async def new_key(api: Api, scope: Scope = Scope.READ, **arguments: Any) -> tuple[Answer, str]:
    payload = await do(api, _CREATE_KEY, **{"name": "Clave", "scope": scope, **arguments})
    assert payload["userErrors"] == []
    return payload["apiKey"], payload["secret"]


async def keys(api: Api) -> list[Answer]:
    found: list[Answer] = (await api.ask(_KEYS))["apiKeys"]
    return found


@pytest.mark.parametrize("scope", list(Scope))
async def test_a_keys_secret_stands_for_its_account_and_scope(api: Api, scope: Scope) -> None:
    key, secret = await new_key(api, scope)

    assert (key["name"], key["scope"], key["revokedAt"], key["lastUsedAt"]) == ("Clave", scope, None, None)
    assert await api.context.keys.identify(secret) == Identity(api.account_id, UUID(key["id"]), scope)
    (seen,) = await keys(api)
    assert seen == {**key, "lastUsedAt": seen["lastUsedAt"]}
    assert datetime.now(UTC) - datetime.fromisoformat(seen["lastUsedAt"]) < timedelta(minutes=1)


async def test_a_secret_is_kept_nowhere(api: Api, database_url: str) -> None:
    _, secret = await new_key(api)
    _, another = await new_key(api)

    assert secret != another
    admin = await asyncpg.connect(database_url)
    rows = await admin.fetch("SELECT k::text AS row, hash FROM api_key k WHERE account_id = $1", api.account_id)
    await admin.close()
    assert {row["hash"] for row in rows} == {hash_secret(secret), hash_secret(another)}
    assert all(secret.removeprefix("istmo_") not in row["row"] for row in rows)


@pytest.mark.parametrize("change", [str.upper, lambda s: s[:-1], lambda s: f"{s}x", lambda s: s[6:], lambda s: ""])
async def test_another_secret_is_nobodys(api: Api, change: Callable[[str], str]) -> None:
    _, secret = await new_key(api)

    assert await api.context.keys.identify(change(secret)) is None


@pytest.mark.parametrize("used", [False, True])
async def test_a_revoked_key_is_nobodys_at_once_and_for_good(api: Api, used: bool) -> None:
    key, secret = await new_key(api)
    kept, kept_secret = await new_key(api)
    if used:
        assert await api.context.keys.identify(secret)

    first = await do(api, _REVOKE_KEY, id=key["id"])
    again = await do(api, _REVOKE_KEY, id=key["id"])

    assert first["apiKey"]["revokedAt"] is not None
    assert again == first
    assert await api.context.keys.identify(secret) is None
    assert await api.context.keys.identify(kept_secret) == Identity(api.account_id, UUID(kept["id"]), Scope.READ)
    assert [row["revokedAt"] for row in await keys(api)] == [first["apiKey"]["revokedAt"], None]


async def test_a_key_may_revoke_itself(api: Api) -> None:
    key, secret = await new_key(api, Scope.ADMIN)
    identity = await api.context.keys.identify(secret)
    assert identity is not None
    itself = Api(identity.account_id, identity.scope)
    itself.context.keys = api.context.keys

    await do(itself, _REVOKE_KEY, id=key["id"])

    assert await api.context.keys.identify(secret) is None


async def test_a_key_works_until_it_expires(api: Api, database_url: str) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    key, secret = await new_key(api, expiresAt=soon.isoformat())
    other_key, other_secret = await new_key(api, expiresAt=soon.isoformat())
    assert datetime.fromisoformat(key["expiresAt"]) == soon
    assert await api.context.keys.identify(secret)

    owner = await asyncpg.connect(database_url, server_settings={"role": "istmo_owner"})
    await owner.execute("UPDATE api_key SET expires_at = now() WHERE id = $1", UUID(other_key["id"]))
    await owner.close()

    assert await api.context.keys.identify(other_secret) is None


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"name": " "}, {("name", "REQUIRED")}),
        ({"name": "x" * 201}, {("name", "TOO_LONG")}),
        ({"name": "a\0"}, {("name", "INVALID_VALUE")}),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, {("expiresAt", "OUT_OF_RANGE")}),
        ({"name": "", "expiresAt": "2020-01-01T00:00:00Z"}, {("name", "REQUIRED"), ("expiresAt", "OUT_OF_RANGE")}),
    ],
)
async def test_a_key_has_a_name_and_expires_in_the_future(
    api: Api, arguments: Input, expected: set[tuple[str, str]]
) -> None:
    payload = await do(api, _CREATE_KEY, **{"name": "Clave", "scope": "READ", **arguments})

    assert faults(payload) == expected
    assert (payload["apiKey"], payload["secret"], await keys(api)) == (None, None, [])


async def test_keys_are_listed_by_age_and_only_to_their_account(api: Api, other: Api) -> None:
    made = [(await new_key(api, name=name))[0]["id"] for name in ("Una", "Dos", "Tres")]
    await new_key(other)

    assert [(row["id"], row["name"]) for row in await keys(api)] == list(zip(made, ("Una", "Dos", "Tres"), strict=True))


@pytest.mark.parametrize("id", ["", "x", "\0", "01980000-0000-7000-8000-000000000000"])
async def test_a_key_that_does_not_exist_is_not_found(api: Api, id: str) -> None:
    assert faults(await do(api, _REVOKE_KEY, id=id)) == {("id", "NOT_FOUND")}


async def test_another_accounts_key_is_not_found(api: Api, other: Api) -> None:
    key, secret = await new_key(other)

    assert faults(await do(api, _REVOKE_KEY, id=key["id"])) == {("id", "NOT_FOUND")}
    assert await api.context.keys.identify(secret)


# Scopes

# What each scope adds. A new field of the API is added to its scope here.
WRITING = {
    *("createCustomer", "updateCustomer", "archiveCustomer", "restoreCustomer"),
    *("mergeCustomers", "undoMerge", "keepCustomersApart", "importCustomers", "undoImport"),
    *("createInvoice", "updateInvoice", "deleteDraft", "issueInvoice", "voidInvoice", "sendDocument"),
    *("correctDocument", "retryEmission", "createCreditNote", "createDebitNote", "voidNote"),
    *("createDocumentLink", "revokeDocumentLink", "updateDocumentReferences"),
    *("upsertCustomer", "createCustomers", "updateCustomers"),
}
ADMINISTERING = {
    *("updateAccount", "createBillingPoint", "updateBillingPoint", "createApiKey", "revokeApiKey"),
    *("createBranch", "updateBranch", "setPacCredentials", "checkPacConnection", "renumberDocument"),
    *("createWebhook", "updateWebhook", "sendTestEvent", "rotateWebhookSecret", "enableWebhook", "deleteWebhook"),
    "redeliver",
    *("registerPersonalDataRequest", "refusePersonalDataRequest", "exportPersonalData", "erasePersonalData"),
}
ONES_OWN = {"revokeSession", "signOutEverywhere"}  # which every key may
ADMINISTERING_QUERIES = {"apiKeys", "auditEvents", "personalDataRequests", "webhooks", "webhookDeliveries"}

SCHEMA = schema._schema
assert SCHEMA.query_type
assert SCHEMA.mutation_type
QUERIES, MUTATIONS = SCHEMA.query_type.fields, SCHEMA.mutation_type.fields


def sample(type_: GraphQLInputType) -> Any:
    """A value of the type, with no more in it than there must be."""
    match type_:
        case GraphQLNonNull():
            return sample(type_.of_type)
        case GraphQLList():
            return [sample(type_.of_type)]
        case GraphQLEnumType():
            return next(iter(type_.values))
        case GraphQLInputObjectType():
            fields = type_.fields.items()
            return {name: sample(field.type) for name, field in fields if is_required_input_field(field)}
    return {"DateTime": "2999-01-01T00:00:00Z", "Decimal": "1"}.get(str(type_), "001")


def request(kind: str, name: str, field: GraphQLField) -> tuple[str, Answer]:
    """A document that asks for the field with the arguments that it must have, and their values."""
    required = {key: argument.type for key, argument in field.args.items() if is_required_argument(argument)}
    variables = "".join(f"${key}: {type_} " for key, type_ in required.items())
    arguments = "".join(f"{key}: ${key} " for key in required)
    head = f"{kind} ({variables})" if required else kind
    called = f"{name}({arguments})" if required else name
    return f"{head} {{ {called} {{ __typename }} }}", {key: sample(type_) for key, type_ in required.items()}


def test_each_mutation_is_for_a_scope() -> None:
    assert MUTATIONS.keys() == WRITING | ADMINISTERING | ONES_OWN
    assert QUERIES.keys() >= ADMINISTERING_QUERIES


ASKED = [
    *(
        ("mutation", name, Scope.WRITE if name in WRITING else Scope.ADMIN)
        for name in sorted(MUTATIONS.keys() - ONES_OWN)
    ),
    *(("mutation", name, Scope.READ) for name in sorted(ONES_OWN)),
    *(("query", name, Scope.ADMIN if name in ADMINISTERING_QUERIES else Scope.READ) for name in QUERIES),
]


@pytest.mark.parametrize(("kind", "name", "needed"), ASKED, ids=[name for _, name, _ in ASKED])
async def test_a_key_of_a_lesser_scope_is_forbidden_and_does_nothing(
    api: Api, kind: str, name: str, needed: Scope
) -> None:
    document, variables = request(kind, name, (MUTATIONS if kind == "mutation" else QUERIES)[name])
    before = await stored(api), await viewer(api)

    for scope in Scope:
        response = await Api(api.account_id, scope).execute(document, **variables)
        refusals = [error["extensions"]["code"] for error in response.get("errors", [])]
        if scope.allows(needed):
            assert set(refusals) <= {"BAD_USER_INPUT"}, response
        else:
            assert refusals == ["FORBIDDEN"], response
            assert (await stored(api), await viewer(api)) == before


async def test_an_account_has_at_most_fifty_valid_keys(api: Api, database_url: str) -> None:
    create = 'mutation { createApiKey(name: "Caja", scope: READ) { apiKey { id } userErrors { path code } } }'
    refusal = [{"path": [], "code": "TOO_MANY"}]
    valid = len((await api.ask("{ apiKeys { id } }"))["apiKeys"])
    answers = await asyncio.gather(*[api.ask(create) for _ in range(accounts.MOST_KEYS - valid + 3)])
    assert [answer["createApiKey"]["userErrors"] for answer in answers].count(refusal) == 3
    [some, *_] = [answer["createApiKey"]["apiKey"]["id"] for answer in answers if answer["createApiKey"]["apiKey"]]
    await api.ask("mutation ($id: ID!) { revokeApiKey(id: $id) { userErrors { code } } }", id=some)
    assert [(await api.ask(create))["createApiKey"]["userErrors"] for _ in range(2)] == [[], refusal]
    admin = await asyncpg.connect(database_url)
    await admin.execute(
        "UPDATE api_key SET expires_at = now() WHERE id = (SELECT id FROM api_key WHERE account_id = $1 "
        "AND kind = 'KEY' AND revoked_at IS NULL AND expires_at IS NULL LIMIT 1)",
        api.account_id,
    )
    await admin.close()
    assert (await api.ask(create))["createApiKey"]["userErrors"] == []
