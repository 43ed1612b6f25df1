"""No account sees or changes anything of another: every field of the schema is tried on a stranger's things.

The calls are written from the schema. A field, an argument or a field of an input that ``CALLS``
and ``NESTED`` don't use fails ``test_every_field_and_argument_is_tried``: add it there, with the value
that could do the most harm. Each call is also made by the owner, to whom it must show or do something.
"""

import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest
from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)
from tortoise.context import TortoiseContext
from tortoise.models import Model

from db import account, models
from resolvers import accounts, scope
from rules.vocabulary import Scope
from schema import schema
from tests.builders import (
    COMPANY,
    OTHER_COMPANY,
    Input,
    add_billing_point,
    change_customer,
    codes,
    company,
    create_customer,
    create_invoice,
    customer_id,
    faults,
    foreigner,
    invoice,
    line,
    taxpayer,
)
from tests.conftest import Api

SCHEMA = build_schema(schema.as_str())
ROOTS = [root for root in (SCHEMA.query_type, SCHEMA.mutation_type, SCHEMA.subscription_type) if root]


# Two accounts


@dataclass(frozen=True)
class World:
    """A client, and something of everything in its account; ``mark`` is in all of its texts."""

    api: Api
    mark: str
    ruc: str
    point: str
    key: str
    customer: str
    archived: str
    draft: str
    issued: str
    void: str
    cursors: Mapping[str, str]


async def inhabited(mark: str, ruc: str, point: str) -> World:
    api = Api(await accounts.create(f"Cuenta {mark}", None, None, electronic_invoicing=False))
    texts = {"name": f"{mark} uno", "address": f"Calle {mark}", "email": f"{mark}@example.com"}
    persons = [{"name": f"Ana {mark}", "email": f"ana.{mark}@example.com", "notify": True}]
    customer = await customer_id(api, company(ruc=ruc, associatedPersons=persons, **texts))
    archived = await customer_id(api, taxpayer(name=f"{mark} dos"))
    await change_customer(api, archived, status="ARCHIVED")
    await create_customer(api, {**foreigner(), "name": f"{mark} tres"}, idempotencyKey="shared")
    await add_billing_point(api, point, f"Caja {mark}")
    with account.acting_for(api.account_id):
        key, _ = await accounts.create_key(f"Clave {mark}", Scope.ADMIN, None)
    invoices = []
    for issue in (False, True, True):
        input = invoice(line(description=f"Té {mark}"), notes=f"Para {mark}", billingPoint=point, issue=issue)
        invoices.append((await create_invoice(api, input, customerId=customer))["invoice"]["id"])
    draft, issued, void = invoices
    await api.ask(
        "mutation ($id: ID!, $reason: String!) { voidInvoice(id: $id, reason: $reason) { userErrors { code } } }",
        id=void,
        reason=f"Error de {mark}",
    )
    pages = await api.ask(
        """
        query ($point: String!) {
            name: customers(first: 1) { edges { cursor } }
            identification: customers(orderBy: {field: IDENTIFICATION}, first: 1) { edges { cursor } }
            issueDate: invoices(first: 1) { edges { cursor } }
            total: invoices(orderBy: {field: TOTAL}, first: 1) { edges { cursor } }
            audit: numberingAudit(billingPoint: $point) { voids { edges { cursor } } }
        }
        """,
        point=point,
    )
    pages["void"] = pages.pop("audit")["voids"]
    cursors = {order: page["edges"][0]["cursor"] for order, page in pages.items()}
    return World(api, mark, ruc, point, str(key.id), customer, archived, draft, issued, void, cursors)


async def two_worlds() -> tuple[World, World]:
    return await inhabited("topacio", COMPANY, "555"), await inhabited("zafiro", OTHER_COMPANY, "777")


@pytest.fixture(scope="module")
async def worlds(service: TortoiseContext) -> tuple[World, World]:
    """My client and theirs, for tests that only read."""
    return await two_worlds()


@pytest.fixture
async def fresh_worlds(service: TortoiseContext) -> tuple[World, World]:
    return await two_worlds()


@pytest.fixture(scope="module")
async def admin(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection that no policy binds."""
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


Dump = dict[str, list[dict[str, Any]]]


async def dump(admin: asyncpg.Connection, world: World) -> Dump:
    """All rows of the account."""
    tables = await admin.fetch(
        """
        SELECT t.table_name AS name, c.column_name AS key
        FROM information_schema.tables t JOIN information_schema.columns c USING (table_schema, table_name)
        WHERE t.table_schema = 'public' AND t.table_type = 'BASE TABLE'
            AND (c.column_name = 'account_id' OR t.table_name = 'account' AND c.column_name = 'id')
        """
    )
    assert {"account", "customer", "invoice", "invoice_line", "api_key"} <= {table["name"] for table in tables}
    return {
        table["name"]: [
            dict(row)
            for row in await admin.fetch(
                f"SELECT * FROM {table['name']} WHERE {table['key']} = $1 ORDER BY id", world.api.account_id
            )
        ]
        for table in tables
    }


def secrets(world: World, rows: Dump) -> set[str]:
    """What nobody else may be told: the mark, and every id."""
    values = [value for table in rows.values() for row in table for value in row.values()]
    return {world.mark, *(str(value) for value in values if isinstance(value, UUID))}


@pytest.fixture(params=["filters and policies", "policies alone"])
def guard(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """What keeps the accounts apart: the database's policies do so also where the resolvers' filter is switched off."""
    guard: str = request.param
    if guard == "policies alone":
        ours = [module for name, module in sys.modules.items() if name.partition(".")[0] in ("resolvers", "schema")]
        filtering = [module for module in ours if getattr(module, "mine", None) is scope.mine]
        assert len(filtering) > 3
        for module in filtering:
            monkeypatch.setattr(module, "mine", lambda model: model.all())
    return guard


# How everything is called: by ``my`` client on ``their`` things. (The owner calls with both being the same.)

EVER = {"from": "2000-01-01", "to": "2999-01-01"}
CUSTOMER_INPUT: Input = {
    **company(email="a@example.com", phone="6677-8899", mobile="6677-8800", associatedPersons=[]),
    "receiverType": "TAXPAYER",
    "dv": None,
    "foreignId": None,
}
PERSON_INPUT = {"name": "Zoe Ávila", "email": "z@example.com", "phone": None, "notify": True}
LINE_INPUT = line(discount="0")


def of_customers(their: World) -> list[Input]:
    return [
        {"search": their.mark, "first": 100},
        {"search": their.mark[:2], "filter": {"status": None}, "last": 100},
        {
            "filter": {
                "receiverType": ["TAXPAYER"],
                "taxpayerType": ["JURIDICAL"],
                "status": ["ACTIVE"],
                "locationCode": "8-8-7",
                "district": "8-8",
                "province": "8",
                "verification": ["UNVERIFIED"],
                "createdAt": {"from": "2000-01-01T00:00:00Z", "to": "2999-01-01T00:00:00Z"},
                "incomplete": False,
            },
            "orderBy": {"field": "PHONE", "direction": "DESC"},
        },
        {"after": their.cursors["name"]},
        {"before": their.cursors["name"]},
        {"orderBy": {"field": "IDENTIFICATION"}, "after": their.cursors["identification"]},
        {"orderBy": {"field": "IDENTIFICATION"}, "before": their.cursors["identification"], "last": 100},
    ]


def of_invoices(their: World) -> list[Input]:
    return [
        {
            "filter": {
                "status": ["DRAFT", "ISSUED", "VOID"],
                "customerId": their.customer,
                "billingPoint": their.point,
                "issueDate": EVER,
                "total": {"from": "0", "to": "1000000"},
                "overdue": False,
            },
            "orderBy": {"field": "NUMBER", "direction": "ASC"},
            "first": 100,
        },
        {"filter": {"customerId": their.customer}, "last": 100},
        {"after": their.cursors["issueDate"]},
        {"before": their.cursors["issueDate"]},
        {"orderBy": {"field": "TOTAL"}, "after": their.cursors["total"]},
        {"orderBy": {"field": "TOTAL"}, "before": their.cursors["total"], "last": 100},
    ]


def ids(world: World) -> list[str]:
    return [str(world.api.account_id), world.key, *things(world)]


def things(world: World) -> list[str]:
    return [world.customer, world.archived, world.draft, world.issued, world.void]


CALLS: dict[str, Callable[[World, World], list[Input]]] = {
    "Query.viewer": lambda my, their: [{}],
    "Query.apiKeys": lambda my, their: [{}],
    "Query.node": lambda my, their: [{"id": id} for id in ids(their)],
    "Query.nodes": lambda my, their: [{"ids": ids(their)}],
    "Query.customer": lambda my, their: [{"id": id} for id in ids(their)],
    "Query.customerByRuc": lambda my, their: [{"ruc": their.ruc, "taxpayerType": type} for type in (None, "JURIDICAL")],
    "Query.customers": lambda my, their: of_customers(their),
    "Query.customerForm": lambda my, their: [{"receiverType": "TAXPAYER", "taxpayerType": None}],
    "Query.invoice": lambda my, their: [{"id": id} for id in ids(their)],
    "Query.invoices": lambda my, their: [{"search": their.mark}, *of_invoices(their)],
    "Query.numberingAudit": lambda my, their: [{"billingPoint": their.point}],
    "Query.location": lambda my, their: [{"code": "8-8-7"}],
    "Query.locations": lambda my, their: [{"search": "ancon", "province": "8", "district": "8-8", "first": 5}],
    "Query.provinces": lambda my, their: [{}],
    "Mutation.createCustomer": lambda my, their: (
        [
            {
                "input": {**CUSTOMER_INPUT, "ruc": their.ruc, "associatedPersons": [PERSON_INPUT]},
                "onDuplicate": on_duplicate,
                "dryRun": dry_run,
                "idempotencyKey": key,
            }
            for on_duplicate in ("FAIL", "USE_EXISTING", "UPDATE_EMPTY")
            for dry_run in (True, False)
            for key in (None, "shared")
        ]
        + [{"input": foreigner(), "onDuplicate": on_duplicate} for on_duplicate in ("FAIL", "USE_EXISTING")]
    ),
    "Mutation.updateCustomer": lambda my, their: [
        {"id": their.customer, "input": {**CUSTOMER_INPUT, "name": "Mía, S.A."}, "version": version}
        for version in (1, None)
    ],
    "Mutation.archiveCustomer": lambda my, their: [{"id": id} for id in ids(their)],
    "Mutation.restoreCustomer": lambda my, their: [{"id": id} for id in ids(their)],
    "Mutation.createInvoice": lambda my, their: (
        [
            {"input": invoice(LINE_INPUT, billingPoint=point), "customerId": their.customer, "idempotencyKey": "shared"}
            for point in (my.point, their.point)
        ]
        + [
            {
                "input": {
                    **invoice(LINE_INPUT, currency="USD", issueDate="2026-01-01", dueDate=None, notes=None, issue=True),
                    "billingPoint": my.point,
                },
                "newCustomer": {**foreigner(), "ruc": their.ruc, "foreignId": None, "receiverType": "TAXPAYER"},
                "onDuplicate": on_duplicate,
                "dryRun": dry_run,
            }
            for on_duplicate in ("FAIL", "USE_EXISTING", "UPDATE_EMPTY")
            for dry_run in (True, False)
        ]
    ),
    "Mutation.updateInvoice": lambda my, their: [
        {"id": my.draft, "input": {"customerId": their.customer}},
        {"id": my.draft, "input": {"billingPoint": their.point}},
        *(
            {
                "id": id,
                "input": {**invoice(LINE_INPUT, currency="USD", issueDate=None, dueDate=None, notes=None), **place},
                "version": None,
            }
            for id in things(their)
            for place in ({}, {"customerId": my.customer, "billingPoint": my.point})
        ),
    ],
    "Mutation.deleteDraft": lambda my, their: [{"id": id} for id in ids(their)],
    "Mutation.issueInvoice": lambda my, their: [{"id": id} for id in ids(their)],
    "Mutation.voidInvoice": lambda my, their: [{"id": id, "reason": "Mía"} for id in ids(their)],
    "Mutation.updateAccount": lambda my, their: [
        {"input": {"name": "Mía, S.A.", "ruc": COMPANY, "dv": "59", "electronicInvoicing": True}}
    ],
    "Mutation.createBillingPoint": lambda my, their: [{"code": code, "name": "Mía"} for code in (their.point, "888")],
    "Mutation.createApiKey": lambda my, their: [{"name": "Mía", "scope": "ADMIN", "expiresAt": None}],
    "Mutation.revokeApiKey": lambda my, their: [{"id": id} for id in ids(their)],
}

# Fields with arguments below the root: where one of mine is reached, and what of theirs its arguments name.
NESTED: dict[str, tuple[Callable[[World], str], Callable[[World], list[Input]]]] = {
    "Customer.invoices": (lambda my: f'customer(id: "{my.customer}")', of_invoices),
    "NumberingAudit.voids": (
        lambda my: f'numberingAudit(billingPoint: "{my.point}")',
        lambda their: [
            {"first": 100},
            {"last": 100},
            {"after": their.cursors["void"]},
            {"before": their.cursors["void"]},
        ],
    ),
}

# What is the same for everybody.
PUBLIC = {"Query.customerForm", "Query.location", "Query.locations", "Query.provinces"}


# From the schema to documents


def root_fields() -> Iterator[tuple[str, GraphQLField]]:
    for root in ROOTS:
        for name, field in root.fields.items():
            yield f"{root.name}.{name}", field


def nested_fields() -> Iterator[tuple[str, GraphQLField]]:
    for type_ in SCHEMA.type_map.values():
        if isinstance(type_, GraphQLObjectType) and type_ not in ROOTS and not type_.name.startswith("__"):
            for name, field in type_.fields.items():
                if field.args:
                    yield f"{type_.name}.{name}", field


FIELDS = {**dict(root_fields()), **dict(nested_fields())}


def selection(type_: Any, above: tuple[str, ...] = (), alias: str = "") -> str:
    """Everything that can be selected, but for types that stand above already."""
    named = get_named_type(type_)
    if is_leaf_type(named):
        return ""
    if isinstance(named, GraphQLInterfaceType):
        possible = SCHEMA.get_possible_types(named)
        parts = [f"... on {each.name} {selection(each, above, f'{each.name}_')}" for each in possible]
        return f"{{ {' '.join(parts)} }}"
    assert isinstance(named, GraphQLObjectType)
    selected = ["__typename"]
    for name, field in named.fields.items():
        assert not any(is_required_argument(argument) for argument in field.args.values()), f"{named.name}.{name}"
        if get_named_type(field.type).name not in (*above, named.name):
            label = f"{alias}{name}: " if alias else ""
            selected.append(f"{label}{name} {selection(field.type, (*above, named.name))}")
    return f"{{ {' '.join(selected)} }}"


def call(name: str, field: GraphQLField, variables: Input) -> tuple[str, str]:
    """The declaration of the variables, and the field with them as arguments and all of its selection."""
    declared = ", ".join(f"${argument}: {field.args[argument].type}" for argument in variables)
    given = ", ".join(f"{argument}: ${argument}" for argument in variables)
    return f"({declared})" if declared else "", f"{name}{f'({given})' if given else ''} {selection(field.type)}"


def document(coordinate: str, variables: Input, reached_by: str = "") -> str:
    parent, _, name = coordinate.partition(".")
    declaration, field = call(name, FIELDS[coordinate], variables)
    if reached_by:
        return f"query {declaration} {{ {reached_by} {{ {field} }} }}"
    return f"{parent.lower()} {declaration} {{ {field} }}"


# The tests


def used(coordinate: str, arguments: Mapping[str, Any], values: Input) -> Iterator[str]:
    """The coordinates of the arguments and input fields that the values give."""
    for name, value in values.items():
        yield f"{coordinate}.{name}"
        type_ = get_named_type(arguments[name].type)
        if isinstance(type_, GraphQLInputObjectType):
            for item in value if isinstance(value, list) else [value] if value is not None else []:
                yield from used(type_.name, type_.fields, item)


def test_every_field_and_argument_is_tried() -> None:
    texts = dict.fromkeys(("mark", "ruc", "point", "key", "customer", "archived", "draft", "issued", "void"), "x")
    cursors = dict.fromkeys(("name", "identification", "issueDate", "total", "void"), "x")
    nobody = World(api=Api(UUID(int=0)), cursors=cursors, **texts)
    tried = {coordinate: make(nobody, nobody) for coordinate, make in CALLS.items()}
    tried |= {coordinate: make(nobody) for coordinate, (_, make) in NESTED.items()}
    assert tried.keys() == FIELDS.keys()

    seen: set[str] = set()
    for coordinate, calls in tried.items():
        for values in calls:
            seen |= set(used(coordinate, FIELDS[coordinate].args, values))
    known: set[str] = set()
    for coordinate, field in FIELDS.items():
        known |= {f"{coordinate}.{argument}" for argument in field.args}
    for type_ in SCHEMA.type_map.values():
        if isinstance(type_, GraphQLInputObjectType):
            known |= {f"{type_.name}.{name}" for name in type_.fields}
    assert seen == known


def told(response: dict[str, Any], values: set[str]) -> list[str]:
    text = orjson.dumps(response).decode()
    return [value for value in values if value in text]


def roots(of: str) -> list[str]:
    return [
        coordinate for coordinate, _ in root_fields() if (coordinate.partition(".")[0] == "Query") == (of == "Query")
    ]


async def assert_nothing_of(theirs: World, before: Dump, my: World, coordinate: str) -> None:
    """My client tries all of the field's calls on their things."""
    for variables in CALLS[coordinate](my, theirs):
        response = await my.api.execute(document(coordinate, variables), **variables)
        assert set(codes(response)) <= {"BAD_USER_INPUT"}
        assert not told(response, secrets(theirs, before))


async def shown_to_the_owner(world: World, coordinate: str) -> list[str]:
    """The same calls by the owner, which say something and are no errors."""
    shown = []
    for variables in CALLS[coordinate](world, world):
        response = await world.api.execute(document(coordinate, variables), **variables)
        assert codes(response) == []
        shown += told(response, {world.mark})
    return shown


@pytest.mark.parametrize("coordinate", roots("Query"))
async def test_a_stranger_sees_nothing(
    worlds: tuple[World, World], admin: asyncpg.Connection, guard: str, coordinate: str
) -> None:
    mine, theirs = worlds
    before = await dump(admin, theirs)
    await assert_nothing_of(theirs, before, mine, coordinate)
    assert bool(await shown_to_the_owner(theirs, coordinate)) != (coordinate in PUBLIC)
    assert await dump(admin, theirs) == before


@pytest.mark.parametrize("coordinate", roots("Mutation"))
async def test_a_stranger_sees_and_changes_nothing(
    fresh_worlds: tuple[World, World], admin: asyncpg.Connection, guard: str, coordinate: str
) -> None:
    mine, theirs = fresh_worlds
    before = await dump(admin, theirs)
    await assert_nothing_of(theirs, before, mine, coordinate)
    assert await dump(admin, theirs) == before
    await shown_to_the_owner(theirs, coordinate)
    assert await dump(admin, theirs) != before


@pytest.mark.parametrize("coordinate", [coordinate for coordinate, _ in nested_fields()])
async def test_a_stranger_sees_nothing_below_its_own_things(
    worlds: tuple[World, World], admin: asyncpg.Connection, guard: str, coordinate: str
) -> None:
    mine, theirs = worlds
    reached_by, make = NESTED[coordinate]
    hidden = secrets(theirs, await dump(admin, theirs))
    shown = []
    for variables in make(theirs):
        response = await mine.api.execute(document(coordinate, variables, reached_by(mine)), **variables)
        assert codes(response) == []
        assert not told(response, hidden)
        response = await theirs.api.execute(document(coordinate, variables, reached_by(theirs)), **variables)
        assert codes(response) == []
        shown += told(response, {theirs.mark})
    assert shown


async def test_a_strangers_things_do_not_exist(worlds: tuple[World, World], guard: str) -> None:
    mine, theirs = worlds
    by_customer = await create_invoice(mine.api, invoice(billingPoint=mine.point), customerId=theirs.customer)
    assert faults(by_customer) == {("customerId", "NOT_FOUND")}
    by_point = await create_invoice(mine.api, invoice(billingPoint=theirs.point), customerId=mine.customer)
    assert faults(by_point) == {("input.billingPoint", "NOT_FOUND")}
    asked = [mine.issued, theirs.issued, theirs.customer, mine.customer]
    nodes = await mine.api.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=asked)
    assert nodes["nodes"] == [{"id": mine.issued}, None, None, {"id": mine.customer}]


async def test_accounts_share_rucs_and_idempotency_keys_without_noticing(
    fresh_worlds: tuple[World, World], guard: str
) -> None:
    mine, theirs = fresh_worlds
    arguments = {"onDuplicate": "USE_EXISTING", "idempotencyKey": "common"}
    made = await create_customer(mine.api, company(ruc=theirs.ruc), **arguments)
    again = await create_customer(theirs.api, company(ruc=theirs.ruc), **arguments)
    assert (made["created"], again["created"]) == (True, False)
    assert again["customer"]["id"] == theirs.customer != made["customer"]["id"]
    for world, id in ((mine, made["customer"]["id"]), (theirs, theirs.customer)):
        found = await world.api.ask("query ($ruc: String!) { customerByRuc(ruc: $ruc) { id } }", ruc=theirs.ruc)
        assert found["customerByRuc"] == {"id": id}


async def test_without_any_filter_the_database_shows_and_changes_the_accounts_own_rows_only(
    fresh_worlds: tuple[World, World], admin: asyncpg.Connection
) -> None:
    mine, theirs = fresh_worlds
    before = await dump(admin, theirs)
    owned = [
        model
        for model in vars(models).values()
        if isinstance(model, type) and issubclass(model, Model) and "account_id" in model._meta.db_fields
    ]
    assert models.Customer in owned
    with account.acting_for(mine.api.account_id):
        for model in owned:
            assert {row.account_id for row in await model.all()} <= {mine.api.account_id}  # type: ignore[attr-defined]
        assert [row.id for row in await models.Account.all()] == [mine.api.account_id]
        await models.Customer.all().update(name="Mía, S.A.")
        await models.Invoice.all().update(notes="Mías")
        await models.InvoiceLine.all().delete()
    assert await dump(admin, theirs) == before
    mine_now = await dump(admin, mine)
    assert {row["name"] for row in mine_now["customer"]} == {"Mía, S.A."}
    assert mine_now["invoice_line"] == []
