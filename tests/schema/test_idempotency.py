"""An idempotency key goes with all arguments of its mutation, those that are added later included."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from db import models, tenant
from resolvers.transactions import IdempotentRequest
from schema import schema
from tests.builders import (
    Input,
    create_customer,
    create_invoice,
    customer_id,
    faults,
    invoice,
    taxpayer,
    try_customer,
    try_invoice,
)
from tests.conftest import ON_ONE_NODE, Api

Path = tuple[str, ...]

MUTATION = schema._schema.mutation_type
assert MUTATION is not None
MUTATIONS: dict[str, GraphQLField] = {
    name: field for name, field in MUTATION.fields.items() if "idempotencyKey" in field.args
}

# Two values for each scalar.
VALUES: dict[str, tuple[Any, Any]] = {
    "Boolean": (True, False),
    "Date": ("2026-03-01", "2026-03-02"),
    "Decimal": ("1.00", "2.00"),
    "ID": ("01a20b70-54d9-72ac-92c1-719dbc762067", "01a20b70-54d9-72ac-92c1-719dbc762068"),
    "Int": (1, 2),
    "DateTime": ("2999-01-01T00:00:00Z", "2999-01-02T00:00:00Z"),
    "String": ("uno", "dos"),
}
# These don't decide what a request does.
LEFT_OUT = ("idempotencyKey", "dryRun", "waitMs")


def leaves(type_: GraphQLInputType, path: Path = ()) -> Iterator[Path]:
    """The paths of all values of a type; a list has one entry."""
    named = get_named_type(type_)
    if isinstance(named, GraphQLInputObjectType):
        for name, field in named.fields.items():
            yield from leaves(field.type, (*path, name))
    else:
        yield path


def value(type_: GraphQLInputType, changed: Path | None, within: tuple[Any, ...] = ()) -> Any:
    """A value of the type with all its fields, the one at the path ``changed`` being another than usual.

    Filters within filters are left out.
    """
    nullable = get_nullable_type(type_)
    if is_list_type(nullable):
        return [value(nullable.of_type, changed, within)]
    if isinstance(nullable, GraphQLInputObjectType):
        return {
            name: value(field.type, changed[1:] if changed and changed[0] == name else None, (*within, nullable))
            for name, field in nullable.fields.items()
            if get_named_type(field.type) not in (*within, nullable)
        }
    if isinstance(nullable, GraphQLEnumType):
        return list(nullable.values)[changed is not None]
    return VALUES[get_named_type(type_).name][changed is not None]


def arguments(name: str) -> dict[str, GraphQLArgument]:
    return {name: argument for name, argument in MUTATIONS[name].args.items() if name not in LEFT_OUT}


CHANGES = [
    pytest.param(name, path, id=f"{name}-{'.'.join(path)}")
    for name in MUTATIONS
    for argument, definition in arguments(name).items()
    for path in leaves(definition.type, (argument,))
]


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The hashes of the requests that are made."""
    found: list[bytes] = []
    monkeypatch.setattr(IdempotentRequest, "__post_init__", lambda request: found.append(request.hash()))
    return found


async def send(api: Api, name: str, changed: Path | None = None, to: Any = None, **further: Any) -> None:
    """Send the mutation with all its arguments, the one at the path ``changed`` being another than usual, or ``to``."""
    definitions = MUTATIONS[name].args
    values: Input = {
        argument: value(definition.type, changed[1:] if changed and changed[0] == argument else None)
        if argument != "idempotencyKey"
        else "key"
        for argument, definition in definitions.items()
        if argument not in ("dryRun", "waitMs")
    }
    if changed and to is not None:
        place = values
        for step in changed[:-1]:
            place = place[step][0] if isinstance(place[step], list) else place[step]
        place[changed[-1]] = to
    values |= further
    declared = ", ".join(f"${argument}: {definitions[argument].type}" for argument in values)
    passed = ", ".join(f"{argument}: ${argument}" for argument in values)
    await api.execute(f"mutation ({declared}) {{ {name}({passed}) {{ userErrors {{ code }} }} }}", **values)


def halves(hashes: list[bytes]) -> tuple[list[bytes], list[bytes]]:
    """The hashes of two requests; one of several rows has a hash for each of them, too."""
    assert len(hashes) in (2, 4)
    return hashes[: len(hashes) // 2], hashes[len(hashes) // 2 :]


def assert_same(hashes: list[bytes]) -> None:
    first, second = halves(hashes)
    assert first == second


def test_every_mutation_that_stores_something_takes_a_key() -> None:
    assert MUTATION is not None
    assert MUTATIONS.keys() == MUTATION.fields.keys() - {"checkPacConnection"}


VERBS = ("update", "issue", "void", "archive", "restore", "rotate", "enable", "delete")


@pytest.mark.parametrize("name", [name for name in MUTATIONS if name.startswith(VERBS)])
def test_every_change_of_an_object_takes_the_version_that_it_is_based_on(name: str) -> None:
    arguments: Any = MUTATIONS[name].args
    fields = get_named_type(arguments["inputs"].type).fields if "inputs" in arguments else arguments
    assert str(fields["version"].type) == "Int"


@pytest.mark.parametrize("name", MUTATIONS)
async def test_the_same_arguments_make_the_same_request(api: Api, hashes: list[bytes], name: str) -> None:
    await send(api, name)
    await send(api, name)
    assert_same(hashes)


@pytest.mark.parametrize(("name", "changed"), CHANGES)
async def test_each_argument_tells_requests_apart(api: Api, hashes: list[bytes], name: str, changed: Path) -> None:
    await send(api, name)
    await send(api, name, changed)
    first, second = halves(hashes)
    assert not set(first) & set(second), f"{'.'.join(changed)} doesn't count"


IDS = [
    pytest.param(name, path, id=f"{name}-{'.'.join(path)}")
    for name in MUTATIONS
    for argument, definition in arguments(name).items()
    for path in leaves(definition.type, (argument,))
    if path[-1] == "id" or (path[-1].endswith("Id") and path[-1] != "externalId")
]


@pytest.mark.parametrize(("name", "path"), IDS)
@pytest.mark.parametrize("spelling", [str.upper, "{{{}}}".format, lambda id: id.replace("-", "")])
async def test_an_id_in_another_spelling_is_the_same_id(
    api: Api, hashes: list[bytes], name: str, path: Path, spelling: Callable[[str], str]
) -> None:
    await send(api, name)
    await send(api, name, path, spelling(VALUES["ID"][0]))
    assert_same(hashes)


@pytest.mark.parametrize("name", [name for name in MUTATIONS if "dryRun" in MUTATIONS[name].args])
async def test_a_dry_run_is_the_same_request(api: Api, hashes: list[bytes], name: str) -> None:
    await send(api, name)
    await send(api, name, dryRun=True)
    assert_same(hashes)


async def test_a_dry_run_takes_no_key_and_respects_those_that_are_taken(api: Api) -> None:
    id = await customer_id(api)
    dry = await create_invoice(api, customerId=id, dryRun=True, idempotencyKey="k")
    assert dry["userErrors"] == []
    real = await create_invoice(api, customerId=id, idempotencyKey="k")
    assert real["invoice"]["number"] == "0000000001"

    other = await create_invoice(api, invoice(notes="Otra"), customerId=id, dryRun=True, idempotencyKey="k")
    assert faults(other) == {("idempotencyKey", "IDEMPOTENCY_MISMATCH")}
    again = await create_invoice(api, customerId=id, dryRun=True, idempotencyKey="k")
    assert again["invoice"]["id"] == real["invoice"]["id"]


REPEATED = """
    mutation ($name: String!, $key: String!) {
        createApiKey(name: $name, scope: READ, idempotencyKey: $key) { apiKey { id } secret userErrors { path code } }
    }
"""


async def test_a_repeated_request_answers_the_object_without_its_secret(api: Api) -> None:
    first, again = [(await api.ask(REPEATED, name="Contabilidad", key="k"))["createApiKey"] for _ in range(2)]
    assert first["secret"].startswith("istmo_")
    assert again == {**first, "secret": None}
    other = (await api.ask(REPEATED, name="Ventas", key="k"))["createApiKey"]
    assert faults(other) == {("idempotencyKey", "IDEMPOTENCY_MISMATCH")}

    made = await api.ask(
        'mutation { createWebhook(url: "https://example.com", idempotencyKey: "w") { webhook { id } secret } }'
    )
    rotate = """
        mutation ($id: ID!) { rotateWebhookSecret(id: $id, idempotencyKey: "r") { webhook { id version } secret } }
    """
    rotated, repeated = [
        (await api.ask(rotate, id=made["createWebhook"]["webhook"]["id"]))["rotateWebhookSecret"] for _ in range(2)
    ]
    assert rotated["secret"] != made["createWebhook"]["secret"]
    assert repeated == {"webhook": {"id": made["createWebhook"]["webhook"]["id"], "version": 2}, "secret": None}


async def test_of_many_requests_at_once_with_one_key_one_is_done(api: Api) -> None:
    id = (await create_invoice(api, customerId=await customer_id(api)))["invoice"]["id"]
    send = """
        mutation ($id: ID!) {
            sendDocument(id: $id, to: ["ana@example.com"], idempotencyKey: "s") { invoice { id } userErrors { code } }
        }
    """
    answers = await asyncio.gather(*[api.ask(send, id=id) for _ in range(6)])
    assert [answer["sendDocument"] for answer in answers] == [{"invoice": {"id": id}, "userErrors": []}] * 6
    with tenant.acting_for(api.account_id):
        assert await models.Event.filter(type="INVOICE_SENT").count() == 1


async def test_of_requests_with_keys_that_create_one_customer_at_once_one_creates_it(api: Api) -> None:
    for round in range(5):
        person = taxpayer(ruc=f"8-{round + 300}-125", taxpayerType="NATURAL")
        made = await asyncio.gather(
            *[create_customer(api, person, onDuplicate="USE_EXISTING", idempotencyKey=f"{round} {n}") for n in range(4)]
        )
        assert [payload["userErrors"] for payload in made] == [[]] * 4
        assert len({payload["customer"]["id"] for payload in made}) == 1
        assert [payload["created"] for payload in made].count(True) == 1


async def test_a_deleted_draft_stays_deleted_when_the_request_is_repeated(api: Api) -> None:
    draft = await create_invoice(api, invoice(issue=False), customerId=await customer_id(api))
    delete = """
        mutation ($id: ID!) { deleteDraft(id: $id, idempotencyKey: "d") { deletedId userErrors { path code } } }
    """
    for _ in range(2):
        payload = (await api.ask(delete, id=draft["invoice"]["id"]))["deleteDraft"]
        assert payload == {"deletedId": draft["invoice"]["id"], "userErrors": []}


async def test_a_refused_request_leaves_its_key_free(api: Api) -> None:
    id = (await create_invoice(api, invoice(issue=False), customerId=await customer_id(api)))["invoice"]["id"]
    issue = """
        mutation ($id: ID!, $version: Int) {
            issueInvoice(id: $id, version: $version, idempotencyKey: "i") { invoice { number } userErrors { code } }
        }
    """
    assert (await api.ask(issue, id=id, version=7))["issueInvoice"]["userErrors"] == [{"code": "CONFLICT"}]
    for _ in range(2):
        issued = (await api.ask(issue, id=id, version=1))["issueInvoice"]
        assert issued == {"invoice": {"number": "0000000001"}, "userErrors": []}


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("", "idempotencyKey must have 1 to 255 characters."),
        ("k" * 300, "idempotencyKey must have 1 to 255 characters."),
        ("a\0", "idempotencyKey can't contain the character U+0000."),
        ("a\ud800", "idempotencyKey can't contain the character U+D800."),
    ],
)
async def test_a_malformed_key_is_refused_in_a_dry_run_too(api: Api, dry_run: bool, key: str, message: str) -> None:
    for response in (
        await try_customer(api, taxpayer(), dryRun=dry_run, idempotencyKey=key),
        await try_invoice(api, newCustomer=taxpayer(), dryRun=dry_run, idempotencyKey=key),
    ):
        (error,) = response["errors"]
        assert (error["message"], error["extensions"]["code"]) == (message, "BAD_USER_INPUT")


@ON_ONE_NODE
async def test_a_new_key_costs_one_statement_more(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    await try_customer(api, taxpayer(ruc="155596713-2-2015"), idempotencyKey="first")  # later ones find all prepared
    with caplog.at_level(logging.DEBUG, "tortoise.db_client"):
        caplog.clear()
        await create_customer(api, taxpayer(), idempotencyKey="k")
        sent = [record.getMessage() for record in caplog.records]
    claim, write = [text for text in sent if "idempotency_key" in text]
    assert claim.split()[0] == "INSERT"
    assert "INSERT INTO customer " in write
