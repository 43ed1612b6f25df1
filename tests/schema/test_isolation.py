"""No account sees or changes anything of another: every field of the schema is tried on a stranger's things.

The calls are written from the schema. A field, an argument or a field of an input that ``CALLS``
and ``NESTED`` don't use fails ``test_every_field_and_argument_is_tried``: add it there, with the value
that could do the most harm. Each call is also made by the owner, to whom it must show or do something.
"""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
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

from announcements.feed import LiveFeed
from db import models, tenant
from resolvers import accounts, document_links, import_work, imports, outbox, personal_data, scope, sessions, webhooks
from resolvers.api_keys import Identity
from rules.calendar import today
from rules.vocabulary import Environment, ErrorPolicy, EventType, KeyKind, OnDuplicate, PersonalDataRequestKind, Scope
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
from tests.merging import merged, merges
from tests.noting import credited, debited
from tests.statements import Sent
from transport.limits import Limits
from transport.parameters import GraphQLRequest

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
    session: str
    customer: str
    archived: str
    merged: str
    merge: str
    request: str
    draft: str
    issued: str
    void: str
    credit_note: str
    debit_note: str
    rejected: str
    blocked: str
    taken: str
    cufe: str
    webhook: str
    enabled_webhook: str
    delivery: str
    link: str
    imported: str
    uploaded: str
    cursors: Mapping[str, str]


async def inhabited(mark: str, ruc: str, point: str) -> World:
    id = await accounts.create(f"Cuenta {mark}", None, None, electronic_invoicing=False)
    api = Api(id, limits=Limits(cost=100_000_000, aliases=2_000, tokens=50_000))  # it asks for everything
    with tenant.acting_for(api.account_id):
        webhook, _ = await webhooks.create(f"https://example.com/{mark}", None)
        enabled, _ = await webhooks.create(f"https://example.com/{mark}/2", [EventType.CUSTOMER_ARCHIVED])
    outside = {"tags": [mark], "metadata": [{"key": "clave", "value": mark}]}
    texts = {"name": f"{mark} uno", "address": f"Calle {mark}", "email": f"{mark}@example.com", **outside}
    persons = [{"name": f"Ana {mark}", "email": f"ana.{mark}@example.com", "notify": True}]
    customer = await customer_id(api, company(ruc=ruc, associatedPersons=persons, externalId="A-1", **texts))
    archived = await customer_id(api, taxpayer(name=f"{mark} dos"))
    await change_customer(api, archived, status="ARCHIVED")
    gone = await customer_id(api, taxpayer(name=f"{mark} cuatro"))
    for _ in range(2):
        await customer_id(api, taxpayer(name=f"{mark} doble"))
    await merged(api, gone, into=customer)
    [merge] = await merges(api)
    with tenant.acting_for(api.account_id):
        request = await personal_data.register(customer, PersonalDataRequestKind.EXPORT, None)
    await create_customer(api, {**foreigner(), "name": f"{mark} tres"}, idempotencyKey="shared")
    await add_billing_point(api, point, f"Caja {mark}")
    with tenant.acting_for(api.account_id):
        await models.PacSetting.create(account_id=id, provider=mark, environment=Environment.TEST, secrets=b"")
        key, _ = await accounts.create_key(f"Clave {mark}", Scope.ADMIN, None)
        api.context.identity = Identity(api.account_id, key.id, Scope.ADMIN)
        await sessions.begin_session(api.context.identity)
        session = await models.ApiKey.get(account_id=api.account_id, kind=KeyKind.SESSION)
    invoices = []
    for issue in (False, True, True, True):
        input = invoice(
            *[line(description=f"Té {mark}", cpbs="5020")],
            **{"notes": f"Para {mark}", "billingPoint": point, "issue": issue, **outside},
            **({} if issue else {"externalId": "F-1"}),
        )
        invoices.append((await create_invoice(api, input, customerId=customer))["invoice"]["id"])
    draft, issued, void, noted = invoices
    await api.ask(
        "mutation ($id: ID!, $reason: String!) { voidInvoice(id: $id, reason: $reason) { userErrors { code } } }",
        id=void,
        reason=f"Error de {mark}",
    )
    reason = {"invoiceId": noted, "reason": f"Por {mark}", "notes": f"Para {mark}"}
    part = {"position": 1, "quantity": "0.5"}
    credit = await credited(api, noted, part, **reason)
    debit = await debited(api, noted, part, **reason)
    electronic = [await electronic_invoice(api, mark, point, customer, n) for n in range(3)]
    while await outbox.dispatch_missed(1000):
        pass
    with tenant.acting_for(api.account_id):
        link = await document_links.create(issued, document_links.LIFETIME)
        imported, uploaded = await uploaded_file(mark), await uploaded_file(mark)
        await imports.start(str(imported), None, ErrorPolicy.KEEP_GOOD, OnDuplicate.FAIL, checks_only=False)
        while await import_work.advance(imported):
            pass
        delivery = await models.Delivery.filter(webhook_id=webhook).first()
        assert delivery is not None
        await models.Delivery.filter(id=delivery.id).update(status="FAILED", settled_at=datetime.now(UTC), error=mark)
        await models.Webhook.filter(id=webhook).update(disabled_at=datetime.now(UTC), disabled_reason=mark)
    pages = await api.ask(
        """
        query ($point: String!, $webhook: ID!) {
            name: customers(first: 1) { edges { cursor } }
            identification: customers(orderBy: {field: IDENTIFICATION}, first: 1) { edges { cursor } }
            issueDate: invoices(first: 1) { edges { cursor } }
            total: invoices(orderBy: {field: TOTAL}, first: 1) { edges { cursor } }
            event: events(first: 1) { edges { cursor } }
            delivery: webhookDeliveries(webhookId: $webhook, first: 1) { edges { cursor } }
            trail: auditEvents(first: 1) { edges { cursor } }
            duplicate: duplicateCandidates(first: 1) { edges { cursor } }
            merge: customerMerges(first: 1) { edges { cursor } }
            import: imports(first: 1) { edges { cursor } }
            request: personalDataRequests(first: 1) { edges { cursor } }
            audit: numberingAudit(billingPoint: $point) { voids { edges { cursor } } }
        }
        """,
        point=point,
        webhook=str(webhook),
    )
    pages["void"] = pages.pop("audit")["voids"]
    cursors = {order: page["edges"][0]["cursor"] for order, page in pages.items()}
    rejected, blocked, taken = electronic
    own = (
        *(customer, archived, gone, merge["id"], str(request.id)),
        draft,
        issued,
        void,
        *(credit["id"], debit["id"]),
        *(rejected, blocked, taken, f"FE01{mark}", str(webhook)),
        *(str(enabled), str(delivery.id), str(link.id), str(imported), str(uploaded)),
    )
    return World(api, mark, ruc, point, str(key.id), str(session.id), *own, cursors=cursors)


async def uploaded_file(mark: str) -> UUID:
    """A file with the mark in it, and one good row."""
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.write(f"Nombre;RUC;{mark}\n{mark} cinco;;{mark}\n{mark};{mark};{mark}\n".encode())
        file.flush()
        return await imports.create(Path(file.name), f"{mark}.csv", 100)


ELECTRONIC: list[dict[str, Any]] = [
    {"status": "REJECTED", "due_at": None},
    {"status": "BLOCKED", "due_at": None, "blocked_reason": "FOLIOS"},
    {"status": "BLOCKED", "due_at": None, "blocked_reason": "NUMBER_TAKEN"},
]


async def electronic_invoice(api: Api, mark: str, point: str, customer: str, n: int) -> str:
    """An invoice on its way to the DGI; what the provider said has the mark, too."""
    made = await create_invoice(api, invoice(line(description=f"Té {mark}"), billingPoint=point), customerId=customer)
    id: str = made["invoice"]["id"]
    with tenant.acting_for(api.account_id):
        await models.Document.filter(id=id).update(
            **{"electronic": True, "issuer_ruc": COMPANY, "issuer_dv": "59", "issuer_taxpayer_type": "JURIDICAL"},
            payment_forms=[{"method": "CASH", "amount": "10.70", "description": None}],
        )
        said = {"code": "1", "field": mark, "path": [mark], "line": 1, "message": mark, "notice": False}
        texts = dict.fromkeys(("provider", "blocked_message", "qr", "protocol", "void_refusal"), mark)
        columns: dict[str, Any] = {"environment": Environment.TEST, "faults": [said], **texts, **ELECTRONIC[n]}
        cufe = f"FE01{mark}".upper() if n == 0 else None
        await models.Emission.create(account_id=api.account_id, document_id=id, cufe=cufe, **columns)
    return id


async def my_world() -> World:
    return await inhabited("topacio", COMPANY, "555")


async def their_world() -> World:
    return await inhabited("zafiro", OTHER_COMPANY, "777")


@pytest.fixture(scope="module")
async def worlds(service: TortoiseContext) -> tuple[World, World]:
    """My client and theirs, for tests that change nothing of theirs."""
    return await my_world(), await their_world()


@pytest.fixture
async def fresh_worlds(worlds: tuple[World, World]) -> tuple[World, World]:
    """My client and a new one of theirs."""
    return worlds[0], await their_world()


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
    assert {"account", "customer", "document", "document_line", "api_key"} <= {table["name"] for table in tables}
    return {
        table["name"]: [
            dict(row)
            for row in await admin.fetch(
                f"SELECT * FROM {table['name']} t WHERE {table['key']} = $1 ORDER BY t::text", world.api.account_id
            )
        ]
        for table in tables
    }


def secrets(world: World, rows: Dump) -> set[str]:
    """What nobody else may be told: the mark, and every id."""
    values = [value for table in rows.values() for row in table for value in row.values()]
    return {world.mark, *(str(value) for value in values if isinstance(value, UUID))}


@pytest.fixture(params=["filters and policies", "policies alone"])
def guard(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, sent: Sent) -> str:
    """What keeps the accounts apart: the database's policies do so also where the resolvers' filter is switched off."""
    guard: str = request.param
    if guard == "policies alone":
        ours = [module for name, module in sys.modules.items() if name.partition(".")[0] in ("resolvers", "schema")]
        filtering = [module for module in ours if getattr(module, "mine", None) is scope.mine]
        assert len(filtering) > 3
        monkeypatch.setattr(sent, "is_recording", False)
        for module in filtering:
            monkeypatch.setattr(
                module, "mine", lambda model, *conditions, **filters: model.filter(*conditions, **filters)
            )
    return guard


# How everything is called: by ``my`` client on ``their`` things. (The owner calls with both being the same.)

EVER = {"from": "2000-01-01", "to": "2999-01-01"}
METADATA: Input = {"key": "clave", "value": "mía"}
OUTSIDE: Input = {"externalId": "A-1", "tags": ["mía"], "metadata": [METADATA]}
CUSTOMER_INPUT: Input = {
    **OUTSIDE,
    **company(
        email="a@example.com",
        phone="6677-8899",
        mobile="6677-8800",
        associatedPersons=[],
        paymentTermDays=15,
        language="EN",
    ),
    "receiverType": "TAXPAYER",
    "dv": None,
    "foreignId": None,
}
PERSON_INPUT = {"name": "Zoe Ávila", "email": "z@example.com", "phone": None, "notify": True}
LINE_INPUT = line(discount="0", code="A-1", unit="und", cpbs="5020")
TERMS = {
    "branch": "0000",
    "paymentForms": [
        {"method": "OTHER", "amount": "0.70", "description": "Canje de publicidad"},
        {"method": "CREDIT", "amount": "10"},
    ],
    "instalments": [{"dueDate": str(today()), "amount": "0.70"}, {"dueDate": "2999-01-01", "amount": "10"}],
    "withholding": {"code": "8", "amount": "0.10"},
    "purchaseOrder": "OC-1",
}
EXPORT = {"incoterm": "FOB", "country": "US", "port": "Balboa"}

MAIL_TEXT = {"language": "ES", "subject": "Mía {documento}", "greeting": "Mía"}

CORRECTION: Input = {
    **{name: value for name, value in TERMS.items() if name != "branch"},
    **{"dueDate": None, "notes": "Mía", "lines": [LINE_INPUT]},
}


SINCE: Input = {"from": "2000-01-01T00:00:00Z", "to": "2999-01-01T00:00:00Z"}


def outside(their: World) -> Input:
    """What other systems keep, as filters."""
    return {"externalId": ["A-1"], "tags": [their.mark], "metadata": {"key": "clave", "value": their.mark}}


def customer_condition(their: World) -> Input:
    return {
        **{"receiverType": ["TAXPAYER"], "taxpayerType": ["JURIDICAL"], "status": None, "verification": None},
        **{"locationCode": "8-8-7", "district": "8-8", "province": "8", "email": None, "incomplete": None},
        **{"createdAt": SINCE, "updatedAt": SINCE, **outside(their)},
        **{"and": [{"tags": [their.mark]}], "or": [{"tags": [their.mark]}], "not": {"email": "z@example.com"}},
    }


def conditions_of(their: World) -> Input:
    """The conditions of documents that were added for synchronising."""
    return {
        **{"dueDate": None, "currency": ["PAB", "USD"], "lineText": their.mark, "blockedReason": None},
        **{"createdAt": SINCE, "updatedAt": SINCE, **outside(their), "externalId": None},
    }


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
                "updatedAt": SINCE,
                **outside(their),
                "and": [customer_condition(their)],
                "or": [customer_condition(their)],
                "not": {"email": "z@example.com"},
            },
            "orderBy": {"field": "PHONE", "direction": "DESC"},
        },
        {"filter": {"email": "ana@example.com"}},
        {"filter": {"externalId": ["A-1"], "status": None}},
        {"filter": {"tags": [their.mark]}},
        {"filter": {"metadata": {"key": "clave", "value": their.mark}}},
        {"filter": {"not": {"tags": ["ninguna"]}}},
        {"filter": {"or": [{"tags": [their.mark]}, {"externalId": ["A-1"]}]}},
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
                "branch": "0000",
                "billingPoint": their.point,
                "issueDate": EVER,
                "total": {"from": "0", "to": "1000000"},
                "overdue": False,
                **conditions_of(their),
                "and": [{"tags": [their.mark]}],
                "or": [{"tags": [their.mark]}, {"lineText": their.mark}],
                "not": {"lineText": "ninguna"},
                "fiscalStatus": ["NONE", "REJECTED", "BLOCKED"],
                "cufe": None,
            },
            "orderBy": {"field": "NUMBER", "direction": "ASC"},
            "first": 100,
        },
        {"filter": {"customerId": their.customer}, "last": 100},
        {"filter": {"cufe": their.cufe}},
        {"filter": {"fiscalStatus": ["REJECTED"]}},
        {"filter": {"blockedReason": ["CREDENTIALS", "FOLIOS"]}},
        {"filter": {"lineText": their.mark}},
        {"filter": {"tags": [their.mark]}},
        {"filter": {"not": {"externalId": ["F-2"]}}},
        {"after": their.cursors["issueDate"]},
        {"before": their.cursors["issueDate"]},
        {"orderBy": {"field": "TOTAL"}, "after": their.cursors["total"]},
        {"orderBy": {"field": "TOTAL"}, "before": their.cursors["total"], "last": 100},
    ]


def of_documents(their: World) -> list[Input]:
    return [
        {"search": their.mark, "first": 100},
        {
            "filter": {
                "documentType": ["INVOICE", "CREDIT_NOTE", "DEBIT_NOTE"],
                "status": ["DRAFT", "ISSUED", "VOID"],
                "customerId": their.customer,
                "branch": "0000",
                "billingPoint": their.point,
                "issueDate": EVER,
                "total": {"from": "0", "to": "1000000"},
                "fiscalStatus": ["NONE", "REJECTED", "BLOCKED"],
                "cufe": None,
                **conditions_of(their),
                "and": [{"tags": [their.mark]}],
                "or": [{"tags": [their.mark]}, {"lineText": their.mark}],
                "not": {"lineText": "ninguna"},
            },
            "orderBy": {"field": "NUMBER", "direction": "ASC"},
            "last": 100,
        },
        {"filter": {"invoiceId": their.issued}},
        {"filter": {"cufe": their.cufe}},
        {"filter": {"blockedReason": ["CREDENTIALS", "FOLIOS"]}},
        {"filter": {"lineText": their.mark}},
        {"filter": {"tags": [their.mark]}},
        {"filter": {"not": {"externalId": ["F-2"]}}},
        {"after": their.cursors["issueDate"]},
        {"before": their.cursors["issueDate"]},
    ]


def ids(world: World) -> list[str]:
    webhooks = (world.webhook, world.enabled_webhook)
    others = (world.key, world.session, world.merge, world.request, *webhooks, world.delivery, world.link)
    return [str(world.api.account_id), *others, *things(world)]


def things(world: World) -> list[str]:
    electronic = [world.rejected, world.blocked, world.taken]
    notes = [world.credit_note, world.debit_note]
    return [world.customer, world.archived, world.merged, world.draft, world.issued, world.void, *notes, *electronic]


def by_ids(their: World, **further: Any) -> list[Input]:
    """Calls for each id of theirs, every one with an idempotency key of its own."""
    return [{"id": id, "idempotencyKey": f"key of {id}", **further} for id in ids(their)]


def branch() -> Input:
    return {
        **{"name": "Mía", "address": "Calle 50", "locationCode": "8-8-7", "phone": "223-4567"},
        **{"mobile": "6677-8899", "email": "z@example.com", "type": "RETAIL"},
    }


def of_versions(their: World, **further: Any) -> list[Input]:
    return by_ids(their, version=None, **further)


def of_dry_runs(their: World, **further: Any) -> list[Input]:
    return [call for dry_run in (True, False) for call in of_versions(their, dryRun=dry_run, **further)]


def note_of(invoice_id: str, their: World) -> Input:
    return {
        **{"invoiceId": invoice_id, "reason": "Mía", "branch": "0000", "billingPoint": their.point},
        **{"issueDate": str(today()), "notes": "Mía", **OUTSIDE, "externalId": None},
    }


CALLS: dict[str, Callable[[World, World], list[Input]]] = {
    "Query.viewer": lambda my, their: [{}],
    "Query.apiKeys": lambda my, their: [{}],
    "Query.sessions": lambda my, their: [{}],
    "Query.node": lambda my, their: [{"id": id} for id in ids(their)],
    "Query.nodes": lambda my, their: [{"ids": ids(their)}],
    "Query.customer": lambda my, their: [{"id": id} for id in ids(their)],
    "Query.customerByExternalId": lambda my, their: [{"externalId": "A-1"}],
    "Query.documentByExternalId": lambda my, their: [{"externalId": "F-1"}],
    "Query.customerByRuc": lambda my, their: [{"ruc": their.ruc, "taxpayerType": type} for type in (None, "JURIDICAL")],
    "Query.customers": lambda my, their: of_customers(their),
    "Query.duplicateCandidates": lambda my, their: [
        {"first": 100},
        {"first": 100, "after": their.cursors["duplicate"]},
    ],
    "Query.customerMerges": lambda my, their: [
        {"first": 100},
        {"last": 100, "customerId": their.customer},
        {"after": their.cursors["merge"]},
        {"before": their.cursors["merge"]},
    ],
    "Query.personalDataRequests": lambda my, their: [
        {"first": 100, "status": ["OPEN"]},
        {"last": 100, "customerId": their.customer},
        {"after": their.cursors["request"]},
        {"before": their.cursors["request"]},
    ],
    "Query.import": lambda my, their: [{"id": id} for id in (their.imported, their.customer)],
    "Query.imports": lambda my, their: [
        {"first": 100},
        {"last": 100},
        {"after": their.cursors["import"]},
        {"before": their.cursors["import"]},
    ],
    "Query.importRows": lambda my, their: [
        {"importId": their.imported, "first": 100, "outcomes": None},
        {"importId": their.imported, "outcomes": ["CREATED", "FAILED"], "after": "1"},
    ],
    "Query.customerForm": lambda my, their: [{"receiverType": "TAXPAYER", "taxpayerType": None}],
    "Query.invoice": lambda my, their: [{"id": id} for id in ids(their)],
    "Query.invoiceByCufe": lambda my, their: [{"cufe": their.cufe}],
    "Query.invoices": lambda my, their: [{"search": their.mark}, *of_invoices(their)],
    **{
        f"Query.{one}": lambda my, their: [{"id": id} for id in ids(their)]
        for one in ("document", "creditNote", "debitNote")
    },
    **{f"Query.{many}": lambda my, their: of_documents(their) for many in ("documents", "creditNotes", "debitNotes")},
    "Query.previewMail": lambda my, their: (
        [{"id": id, "language": "EN", "mailTexts": None, "message": "Mía", "void": False} for id in ids(their)]
        + [{"mailTexts": [MAIL_TEXT], "void": True}]
    ),
    "Query.lineSuggestions": lambda my, their: [
        {"search": their.mark, "customerId": their.customer, "first": 100},
        {"search": None, "customerId": their.customer},
    ],
    "Query.numberingAudit": lambda my, their: [
        {"billingPoint": their.point, "branch": "0000", "documentType": type_} for type_ in ("INVOICE", "CREDIT_NOTE")
    ],
    "Query.lookupRuc": lambda my, their: [
        {"ruc": their.ruc},
        {"ruc": their.ruc, "dv": None, "taxpayerType": "JURIDICAL", "waitMs": 0},
    ],
    "Query.events": lambda my, their: [
        {"first": 100},
        {"last": 100, "types": ["CUSTOMER_CREATED", "INVOICE_ISSUED"]},
        {"after": their.cursors["event"]},
        {"before": their.cursors["event"]},
    ],
    "Query.webhooks": lambda my, their: [{}],
    "Query.webhookDeliveries": lambda my, their: [
        {"webhookId": their.webhook, **page}
        for page in (
            {"first": 100, "status": "FAILED"},
            {"last": 100, "status": None},
            {"after": their.cursors["delivery"]},
            {"before": their.cursors["delivery"]},
        )
    ],
    "Query.auditEvents": lambda my, their: [
        {"first": 100, "filter": {"objectId": their.customer}},
        {
            "last": 100,
            "filter": {
                "objectType": ["CUSTOMER"],
                "action": ["CREATED"],
                "source": ["API"],
                "keyId": str(their.api.context.identity.key_id),
                "occurredAt": {"from": "2000-01-01T00:00:00Z", "to": "2999-01-01T00:00:00Z"},
            },
        },
        {"after": their.cursors["trail"]},
        {"before": their.cursors["trail"]},
    ],
    "Query.location": lambda my, their: [{"code": "8-8-7"}],
    "Query.locations": lambda my, their: [{"search": "ancon", "province": "8", "district": "8-8", "first": 5}],
    "Query.provinces": lambda my, their: [{}],
    "Query.pacSetting": lambda my, their: [{}],
    "Query.emissionStatus": lambda my, their: [{}],
    "Query.overview": lambda my, their: [{}],
    "Query.units": lambda my, their: [{"search": "kilo", "first": 5}],
    "Query.cpbs": lambda my, their: [{"search": "animales", "first": 5}],
    "Query.paymentForms": lambda my, their: [{"search": "tarjeta", "first": 5}],
    "Query.cpbsSuggestions": lambda my, their: [
        {"description": their.mark, "customerId": their.customer, "first": 100},
        {"description": their.mark, "customerId": None},
    ],
    "Mutation.createCustomer": lambda my, their: (
        [
            {
                "input": {
                    **CUSTOMER_INPUT,
                    "ruc": their.ruc,
                    "associatedPersons": [PERSON_INPUT],
                    "completeFromRegistry": True,
                },
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
        {
            "id": their.customer,
            "input": {**CUSTOMER_INPUT, "name": "Mía, S.A."},
            "version": version,
            "idempotencyKey": f"update {version}",
        }
        for version in (1, None)
    ],
    "Mutation.upsertCustomer": lambda my, their: [
        {
            "externalId": external_id,
            "input": {"name": "Mía, S.A.", "receiverType": "TAXPAYER", "ruc": their.ruc},
            "onDuplicate": on_duplicate,
            "version": version,
            "dryRun": dry_run,
            "idempotencyKey": f"upsert {external_id} {version} {on_duplicate}",
        }
        for external_id in ("A-1", "A-2")
        for version in (1, None)
        for on_duplicate in ("FAIL", "USE_EXISTING", "UPDATE_EMPTY")
        for dry_run in (True, False)
    ],
    "Mutation.createCustomers": lambda my, their: [
        {
            "inputs": [{**CUSTOMER_INPUT, "ruc": their.ruc}, {**taxpayer(), **OUTSIDE}],
            "errorPolicy": policy,
            "onDuplicate": on_duplicate,
            "dryRun": dry_run,
            "idempotencyKey": f"create {policy} {on_duplicate}",
        }
        for policy in ("REJECT_ALL", "KEEP_GOOD")
        for on_duplicate in ("FAIL", "USE_EXISTING", "UPDATE_EMPTY")
        for dry_run in (True, False)
    ],
    "Mutation.updateCustomers": lambda my, their: [
        {
            "inputs": [
                {"id": their.customer, "input": {"name": "Mía, S.A."}, "version": version},
                {"id": my.customer, "input": {"externalId": "A-1"}},
            ],
            "errorPolicy": policy,
            "dryRun": dry_run,
            "idempotencyKey": f"update rows {policy} {version}",
        }
        for policy in ("REJECT_ALL", "KEEP_GOOD")
        for version in (1, None)
        for dry_run in (True, False)
    ],
    "Mutation.updateDocumentReferences": lambda my, their: [
        *of_versions(their, input={"externalId": "F-9", "tags": ["mía"], "metadata": [METADATA]}),
        {"id": my.draft, "input": {"externalId": "F-1"}},
    ],
    "Mutation.archiveCustomer": lambda my, their: of_versions(their),
    "Mutation.restoreCustomer": lambda my, their: of_versions(their),
    "Mutation.registerPersonalDataRequest": lambda my, their: [
        {"customerId": id, "kind": "EXPORT", "receivedOn": "2026-11-27", "idempotencyKey": f"asked {id}"}
        for id in ids(their)
    ],
    "Mutation.exportPersonalData": lambda my, their: [
        {"customerId": id, "idempotencyKey": f"export {id}"} for id in ids(their)
    ],
    "Mutation.erasePersonalData": lambda my, their: [
        {"customerId": id, "reason": "Mía", "version": None, "idempotencyKey": f"erase {id}"} for id in ids(their)
    ],
    "Mutation.refusePersonalDataRequest": lambda my, their: by_ids(their, reason="Mía"),
    "Mutation.mergeCustomers": lambda my, their: [
        {
            **{"from": [their.archived], "into": their.customer, "version": None, "dryRun": dry_run},
            "choices": [{"field": "name", "customerId": their.archived}],
            "idempotencyKey": f"merge {dry_run}",
        }
        for dry_run in (True, False)
    ],
    "Mutation.importCustomers": lambda my, their: [
        {
            **{"importId": their.uploaded, "errorPolicy": "REJECT_ALL", "onDuplicate": "FAIL", "dryRun": dry_run},
            "columns": ["NAME", "RUC", None],
            "idempotencyKey": f"import {dry_run}",
        }
        for dry_run in (True, False)
    ],
    "Mutation.undoImport": lambda my, their: [{"importId": their.imported, "idempotencyKey": "undo import"}],
    "Mutation.keepCustomersApart": lambda my, their: [
        {"ids": [my.customer, id], "apart": True, "idempotencyKey": f"apart {id}"} for id in ids(their)
    ],
    "Mutation.undoMerge": lambda my, their: [
        {**call, "dryRun": dry_run} for dry_run in (True, False) for call in by_ids(their)
    ],
    "Mutation.createInvoice": lambda my, their: (
        [
            {
                "input": invoice(LINE_INPUT, billingPoint=point),
                "customerId": their.customer,
                "idempotencyKey": "shared",
                "notify": False,
                "waitMs": 0,
            }
            for point in (my.point, their.point)
        ]
        + [
            {
                "input": {
                    **invoice(LINE_INPUT, currency="USD", issueDate=str(today()), dueDate=None, notes=None, issue=True),
                    **{**TERMS, **OUTSIDE, "externalId": "F-1"},
                    "billingPoint": my.point,
                },
                "newCustomer": {**foreigner(), "ruc": their.ruc, "foreignId": None, "receiverType": "TAXPAYER"},
                "onDuplicate": on_duplicate,
                "dryRun": dry_run,
            }
            for on_duplicate in ("FAIL", "USE_EXISTING", "UPDATE_EMPTY")
            for dry_run in (True, False)
        ]
        + [
            {
                "input": invoice(LINE_INPUT, billingPoint=my.point, export=EXPORT),
                "newCustomer": foreigner(),
                "onDuplicate": "USE_EXISTING",
            }
        ]
    ),
    "Mutation.updateInvoice": lambda my, their: [
        {"id": their.draft, "input": {"export": EXPORT}},
        {"id": my.draft, "input": {"customerId": their.customer}},
        {"id": my.draft, "input": {"billingPoint": their.point}},
        *(
            {
                "id": id,
                "input": {
                    **invoice(LINE_INPUT, currency="USD", issueDate=None, dueDate=None, notes=None),
                    **TERMS,
                    **place,
                },
                "version": None,
                "idempotencyKey": f"update {id} {len(place)}",
            }
            for id in things(their)
            for place in ({}, {"customerId": my.customer, "billingPoint": my.point})
        ),
    ],
    "Mutation.deleteDraft": lambda my, their: of_versions(their),
    "Mutation.issueInvoice": lambda my, their: of_versions(their, notify=False, waitMs=0),
    "Mutation.voidInvoice": lambda my, their: of_dry_runs(their, reason="Mía, de veinte caracteres"),
    "Mutation.createCreditNote": lambda my, their: [
        {
            "input": {**note_of(id, their), "lines": lines},
            "dryRun": dry_run,
            "notify": False,
            "idempotencyKey": key,
            "waitMs": 0,
        }
        for id in (their.issued, their.void, their.credit_note)
        for dry_run, key in ((True, None), (False, f"credit {id}"))
        for lines in (None, [{"position": 1, "quantity": "0.1"}], [{"position": 1, "amount": "0.10"}])
    ],
    "Mutation.createDebitNote": lambda my, their: [
        {
            "input": {
                **note_of(id, their),
                "lines": [
                    {"position": 1, "quantity": "0.1"},
                    {"position": 1, "amount": "0.10", "description": "Mía"},
                ],
                "charges": [line(unitPrice="0.10")],
            },
            **{"dryRun": dry_run, "notify": False, "idempotencyKey": f"debit {id} {dry_run}", "waitMs": 0},
        }
        for id in (their.issued, their.void)
        for dry_run in (True, False)
    ],
    "Mutation.voidNote": lambda my, their: of_dry_runs(their, reason="Mía, de veinte caracteres"),
    "Mutation.correctDocument": lambda my, their: [
        *of_dry_runs(their, input=CORRECTION),
        *by_ids(their, input={"export": EXPORT}),
        *by_ids(my, input={"customerId": their.customer}),
    ],
    "Mutation.retryEmission": lambda my, their: of_dry_runs(their),
    "Mutation.renumberDocument": lambda my, their: of_dry_runs(their),
    "Mutation.sendDocument": lambda my, their: by_ids(their, to=["z@example.com"], message="Mía"),
    "Mutation.createDocumentLink": lambda my, their: by_ids(their),
    "Mutation.revokeDocumentLink": lambda my, their: by_ids(their),
    "Mutation.updateAccount": lambda my, their: [
        {
            "input": {
                **{"name": "Mía, S.A.", "ruc": COMPANY, "dv": "59", "electronicInvoicing": True, "terms": "Mías"},
                **{"address": "Calle 50", "phone": "223-4567", "mobile": "6677-8899", "email": "z@example.com"},
                **{"paymentTermDays": 30, "legalName": "Mía, S.A.", "taxpayerType": "JURIDICAL"},
                **{"paperColor": "#0b6b66", "paperFooter": "Mía", "bankLines": "Mía 03-00"},
                **{"paymentMethod": "TRANSFER", "saleType": "SERVICE"},
                "mailTexts": [MAIL_TEXT],
                "mailLink": True,
            },
            "version": None,
            "idempotencyKey": "account",
        },
        # The first is refused, since the RUC can't change while a document is on its way.
        {"input": {"name": "Mía, S.A."}},
    ],
    "Mutation.checkPacConnection": lambda my, their: [{}],
    "Mutation.setPacCredentials": lambda my, their: [
        {
            **{"provider": "hka-soap-demo", "credentials": {"user": "la mía", "password": "la mía"}, "version": None},
            **{"dryRun": dry_run, "idempotencyKey": f"pac {dry_run}"},
        }
        for dry_run in (True, False)
    ],
    "Mutation.createBranch": lambda my, their: [
        {"input": {"code": "0042", **branch()}, "dryRun": dry_run, "idempotencyKey": "branch"}
        for dry_run in (True, False)
    ],
    "Mutation.updateBranch": lambda my, their: [
        {
            "code": "0000",
            "input": branch(),
            "version": version,
            "dryRun": dry_run,
            "idempotencyKey": f"branch {version}",
        }
        for dry_run in (True, False)
        for version in (None, 1)
    ],
    "Mutation.createBillingPoint": lambda my, their: [
        {"code": code, "name": "Mía", "firstNumber": "4501", "branch": "0000", "idempotencyKey": f"point {code}"}
        for code in (their.point, "888")
    ],
    "Mutation.updateBillingPoint": lambda my, their: [
        {
            **{"code": their.point, "name": "Mía", "nextNumber": next_number, "branch": "0000"},
            **{"version": None, "idempotencyKey": f"{type_} {next_number}", "documentType": type_},
        }
        for next_number in (None, "4501")
        for type_ in ("INVOICE", "EXPORT_INVOICE")
    ],
    "Mutation.createApiKey": lambda my, their: [
        {"name": "Mía", "scope": "ADMIN", "expiresAt": None, "idempotencyKey": "key"}
    ],
    "Mutation.revokeApiKey": lambda my, their: by_ids(their),
    "Mutation.revokeSession": lambda my, their: by_ids(their),
    "Mutation.signOutEverywhere": lambda my, their: [{"idempotencyKey": "everywhere"}],
    "Mutation.createWebhook": lambda my, their: [
        {"url": "https://example.com/", "types": ["CUSTOMER_CREATED"], "idempotencyKey": "webhook"}
    ],
    "Mutation.updateWebhook": lambda my, their: of_versions(
        their, url="https://example.com/", types=["CUSTOMER_CREATED"]
    ),
    "Mutation.sendTestEvent": lambda my, their: by_ids(their),
    "Mutation.rotateWebhookSecret": lambda my, their: of_versions(their),
    "Mutation.enableWebhook": lambda my, their: of_versions(their),
    "Mutation.deleteWebhook": lambda my, their: of_versions(their),
    "Mutation.redeliver": lambda my, their: by_ids(their),
    "Subscription.customerChanged": lambda my, their: [{}, *({"id": id} for id in ids(their))],
    "Subscription.invoiceChanged": lambda my, their: [{}, *({"id": id} for id in ids(their))],
    "Subscription.importChanged": lambda my, their: [  # an import that isn't under way is told of once
        {"id": id} for id in (*2 * (their.imported, their.uploaded), my.imported, my.uploaded)
    ],
    "Subscription.documentChanged": lambda my, their: [{}, *({"id": id} for id in ids(their))],
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
PUBLIC = {
    *("Query.customerForm", "Query.location", "Query.locations", "Query.provinces"),
    *("Query.units", "Query.cpbs", "Query.paymentForms"),
}


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
    texts = dict.fromkeys((field.name for field in fields(World) if field.type is str), "x")
    orders = ("name", "identification", "issueDate", "total", "void", "event", "delivery", "trail", "merge", "import")
    cursors = dict.fromkeys((*orders, "duplicate", "request"), "x")
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


def told(response: Any, values: set[str]) -> list[str]:
    text = orjson.dumps(response).decode()
    return [value for value in values if value in text]


def roots(of: str) -> list[str]:
    return [coordinate for coordinate, _ in root_fields() if coordinate.startswith(f"{of}.")]


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


STORES_NOTHING = {"Mutation.checkPacConnection"}  # it only asks the account's provider


@pytest.mark.parametrize("coordinate", roots("Mutation"))
async def test_a_stranger_sees_and_changes_nothing(
    fresh_worlds: tuple[World, World], admin: asyncpg.Connection, guard: str, coordinate: str
) -> None:
    mine, theirs = fresh_worlds
    before = await dump(admin, theirs)
    await assert_nothing_of(theirs, before, mine, coordinate)
    assert await dump(admin, theirs) == before
    await shown_to_the_owner(theirs, coordinate)
    assert (await dump(admin, theirs) == before) == (coordinate in STORES_NOTHING)


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


async def watch(world: World, coordinate: str, variables: Input, heard: list[Any]) -> None:
    request = GraphQLRequest(document(coordinate, variables), variables=dict(variables))
    with tenant.acting_for(world.api.account_id):
        async for result in world.api.runner.stream(request, world.api.context):
            heard.append([result.data, [error.formatted for error in result.errors or ()]])


async def stir(world: World, n: int) -> None:
    """Change a customer and a draft."""
    await world.api.ask(
        """
        mutation ($customer: ID!, $draft: ID!, $text: String!) {
            updateCustomer(id: $customer, input: {address: $text}) { userErrors { code } }
            updateInvoice(id: $draft, input: {notes: $text}) { userErrors { code } }
        }
        """,
        customer=world.customer,
        draft=world.draft,
        text=f"Otra vez {world.mark} {n}",
    )


@pytest.mark.parametrize("coordinate", roots("Subscription"))
async def test_a_stranger_hears_nothing(
    admin: asyncpg.Connection, guard: str, service: TortoiseContext, coordinate: str
) -> None:
    mine, theirs = await my_world(), await their_world()
    told_me: list[Any] = []
    told_them: list[Any] = []
    feed = LiveFeed(pause=0.02)
    mine.api.context.feed = theirs.api.context.feed = feed
    tasks = [asyncio.create_task(feed.listen(None))]
    for variables in CALLS[coordinate](mine, theirs):
        tasks.append(asyncio.create_task(watch(mine, coordinate, variables, told_me)))
        tasks.append(asyncio.create_task(watch(theirs, coordinate, variables, told_them)))
    try:
        async with asyncio.timeout(20):
            for n in count():
                for world in (theirs, mine):
                    await stir(world, n)
                while await outbox.dispatch_missed(1000):
                    pass
                await asyncio.sleep(0.1)
                if len(told_me) > 1 and len(told_them) > 3:
                    break
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    hidden = secrets(theirs, await dump(admin, theirs))
    for heard in told_me:
        assert told(heard, {mine.mark})
        assert not told(heard, hidden)
    assert all(told(heard, {theirs.mark}) for heard in told_them)


async def test_a_strangers_things_do_not_exist(worlds: tuple[World, World], guard: str) -> None:
    mine, theirs = await my_world(), worlds[1]
    by_customer = await create_invoice(mine.api, invoice(billingPoint=mine.point), customerId=theirs.customer)
    assert faults(by_customer) == {("customerId", "NOT_FOUND")}
    by_point = await create_invoice(mine.api, invoice(billingPoint=theirs.point), customerId=mine.customer)
    assert faults(by_point) == {("input.billingPoint", "NOT_FOUND")}
    asked = [mine.issued, theirs.issued, theirs.customer, mine.customer]
    nodes = await mine.api.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=asked)
    assert nodes["nodes"] == [{"id": mine.issued}, None, None, {"id": mine.customer}]


async def test_accounts_share_rucs_and_idempotency_keys_without_noticing(
    worlds: tuple[World, World], guard: str
) -> None:
    mine, theirs = await my_world(), worlds[1]
    arguments = {"onDuplicate": "USE_EXISTING", "idempotencyKey": "common"}
    made = await create_customer(mine.api, company(ruc=theirs.ruc), **arguments)
    again = await create_customer(theirs.api, company(ruc=theirs.ruc), **arguments)
    assert (made["created"], again["created"]) == (True, False)
    assert again["customer"]["id"] == theirs.customer != made["customer"]["id"]
    for world, id in ((mine, made["customer"]["id"]), (theirs, theirs.customer)):
        found = await world.api.ask("query ($ruc: String!) { customerByRuc(ruc: $ruc) { id } }", ruc=theirs.ruc)
        assert found["customerByRuc"] == {"id": id}


async def test_without_any_filter_the_database_shows_and_changes_the_accounts_own_rows_only(
    worlds: tuple[World, World], admin: asyncpg.Connection
) -> None:
    mine, theirs = await my_world(), worlds[1]
    before = await dump(admin, theirs)
    owned = [
        model
        for model in vars(models).values()
        if isinstance(model, type) and issubclass(model, Model) and "account_id" in model._meta.db_fields
    ]
    assert models.Customer in owned
    with tenant.acting_for(mine.api.account_id):
        for model in owned:
            assert {row.account_id for row in await model.all()} <= {mine.api.account_id}  # type: ignore[attr-defined]
        assert [row.id for row in await models.Account.all()] == [mine.api.account_id]
        await models.Customer.all().update(name="Mía, S.A.")
        await models.Document.all().update(notes="Mías")
        await models.DocumentLine.all().delete()
    assert await dump(admin, theirs) == before
    mine_now = await dump(admin, mine)
    assert {row["name"] for row in mine_now["customer"]} == {"Mía, S.A."}
    assert mine_now["document_line"] == []


# The same calls with values that nothing has


NOTHINGS = ["a\0b", "8" * 60, "9999-12-31T23:59:59-14:00", "-1e30", 2**31, []]


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where the values stand that have none within."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if items is None:
        yield path
    else:
        for key, item in items:
            yield from leaves(item, (*path, key))


def replaced(value: Any, path: tuple[str | int, ...], by: Any) -> Any:
    if not path:
        return by
    changed = value.copy()
    changed[path[0]] = replaced(value[path[0]], path[1:], by)
    return changed


@pytest.mark.parametrize("coordinate", [each for each in FIELDS if not each.startswith("Subscription.")])
async def test_no_value_is_a_surprise(worlds: tuple[World, World], coordinate: str) -> None:
    mine, _ = worlds
    if coordinate in NESTED:
        reached_by, make = NESTED[coordinate][0](mine), NESTED[coordinate][1](mine)
    else:
        reached_by, make = "", CALLS[coordinate](mine, mine)
    calls = {path: variables for variables in make for path in leaves(variables)}
    for path, variables in calls.items():
        for nothing in NOTHINGS:
            hostile = replaced(variables, path, nothing)
            response = await mine.api.execute(document(coordinate, hostile, reached_by), **hostile)
            assert set(codes(response)) <= {"BAD_USER_INPUT"}, (path, nothing)
