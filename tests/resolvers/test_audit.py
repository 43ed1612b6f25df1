"""The audit trail has every change of customers, invoices, keys and settings, with its author, and nothing else."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from tortoise.timezone import now

from db import models, tenant
from resolvers import accounts, webhooks
from rules.vocabulary import Scope
from tests.builders import (
    COMPANY,
    company,
    create_customer,
    create_invoice,
    customer_id,
    invoice,
    line,
    taxpayer,
    try_customer,
)
from tests.conftest import Answer, Api

TRAIL = """
    query ($filter: AuditFilter, $first: Int, $after: String) {
        auditEvents(filter: $filter, first: $first, after: $after) {
            totalCount
            edges { node { source keyId key { name } action objectType objectId changes { field before after } } }
            pageInfo { hasNextPage endCursor }
        }
    }
"""


@pytest.fixture
async def api(new_account: Callable[..., Awaitable[UUID]]) -> Api:
    """A client whose key is there."""
    id = await new_account()
    with tenant.acting_for(id):
        key, _ = await accounts.create_key("Contabilidad", Scope.ADMIN, None)
    api = Api(id)
    api.context.identity = type(api.context.identity)(id, key.id, Scope.ADMIN)
    return api


async def trail(api: Api, **filter: Any) -> list[Answer]:
    """The entries, the oldest first; without a filter those of customers and invoices."""
    filter = filter or {"objectType": ["CUSTOMER", "INVOICE"]}
    page = (await api.ask(TRAIL, filter=filter, first=100))["auditEvents"]
    assert not page["pageInfo"]["hasNextPage"]
    return [edge["node"] for edge in reversed(page["edges"])]


def in_short(entries: list[Answer]) -> list[tuple[str, dict[str, tuple[Any, Any]]]]:
    return [
        (entry["action"], {change["field"]: (change["before"], change["after"]) for change in entry["changes"]})
        for entry in entries
    ]


# What the trail contains


async def test_a_customer_is_told_of_from_its_registration_on(api: Api) -> None:
    persons = [{"name": "Ana", "email": "ana@example.com", "notify": True}]
    id = await customer_id(api, company(associatedPersons=persons, email="a@example.com"))
    update = (
        "mutation ($id: ID!, $input: CustomerPatch!) { updateCustomer(id: $id, input: $input) { userErrors { code } } }"
    )
    await api.ask(update, id=id, input={"name": "Hoteles del Mar, S.A.", "email": None, "address": None})
    await api.ask(update, id=id, input={"associatedPersons": []})
    await api.ask(update, id=id, input={"name": "Hoteles del Mar, S.A."})
    await api.ask("mutation ($id: ID!) { archiveCustomer(id: $id) { userErrors { code } } }", id=id)

    entries = await trail(api)
    assert {(entry["objectType"], entry["objectId"]) for entry in entries} == {("CUSTOMER", id)}
    ana = {"name": "Ana", "email": "ana@example.com", "phone": None, "notify": True}
    assert in_short(entries) == [
        ("CREATED", {"name": (None, "Hoteles Istmo, S.A."), "identification": (None, f"{COMPANY} DV 59")}),
        (
            "UPDATED",
            {
                "name": ("Hoteles Istmo, S.A.", "Hoteles del Mar, S.A."),
                "email": ("a@example.com", None),
                "address": ("Calle 50, local 4", None),
            },
        ),
        ("UPDATED", {"associatedPersons": ([ana], [])}),
        ("UPDATED", {"status": ("ACTIVE", "ARCHIVED")}),
    ]


async def test_an_invoice_is_one_entry_however_many_lines_it_has(api: Api) -> None:
    made = await create_invoice(api, invoice(line(), line()), newCustomer=taxpayer())
    customer, issued = await trail(api)
    assert customer["objectId"] == made["customer"]["id"]
    assert issued["objectId"] == made["invoice"]["id"]
    assert in_short([issued]) == [
        (
            "CREATED",
            {
                "customerId": (None, made["customer"]["id"]),
                "billingPoint": (None, "001"),
                "number": (None, "0000000001"),
                "status": (None, "ISSUED"),
                "total": (None, "21.40"),
            },
        )
    ]


async def test_a_draft_is_told_of_with_its_lines_once_they_change(api: Api) -> None:
    id = (await create_invoice(api, invoice(issue=False), newCustomer=taxpayer()))["invoice"]["id"]
    lines = [line(description="Café", quantity="1.5", unitPrice="0.333333", itbmsRate="EXEMPT")]
    update = (
        "mutation ($id: ID!, $input: InvoicePatch!) { updateInvoice(id: $id, input: $input) { userErrors { code } } }"
    )
    await api.ask(update, id=id, input={"lines": lines, "notes": "Gracias"})
    await api.ask(update, id=id, input={"notes": None})
    await api.ask("mutation ($id: ID!) { deleteDraft(id: $id) { userErrors { code } } }", id=id)

    same = {"discount": "0", "unit": "und"}
    before = {"description": "Consultoría", "quantity": "1", "unitPrice": "10", "itbmsRate": "RATE_7", **same}
    after = {"description": "Café", "quantity": "1.5", "unitPrice": "0.333333", "itbmsRate": "EXEMPT", **same}
    created, *entries = in_short(await trail(api, objectId=id))
    assert created[0] == "CREATED"
    totals = {"subtotal": ("10.00", "0.50"), "itbmsTotal": ("0.70", "0.00"), "total": ("10.70", "0.50")}
    assert entries[:4] == [
        ("UPDATED", {**totals, "notes": (None, "Gracias")}),
        ("UPDATED", {"lines": ([before], [])}),
        ("UPDATED", {"lines": ([], [after])}),
        ("UPDATED", {"notes": ("Gracias", None)}),
    ]
    assert ("UPDATED", {"lines": ([after], [])}) in entries[4:]
    [(_, deleted)] = [entry for entry in entries if entry[0] == "DELETED"]
    assert deleted["total"] == ("0.50", None)
    assert len(entries) == 6


async def test_issuing_and_voiding_are_changes_of_the_status(api: Api) -> None:
    id = (await create_invoice(api, invoice(issue=False), newCustomer=taxpayer()))["invoice"]["id"]
    await api.ask("mutation ($id: ID!) { issueInvoice(id: $id) { userErrors { code } } }", id=id)
    await api.ask('mutation ($id: ID!) { voidInvoice(id: $id, reason: "Error") { userErrors { code } } }', id=id)
    _, (_, issued), (_, void) = in_short(await trail(api, objectId=id))
    assert issued["status"] == ("DRAFT", "ISSUED")
    assert issued["number"] == (None, "0000000001")
    assert issued["receiverName"] == (None, "Hoteles Istmo, S.A.")
    assert void["status"] == ("ISSUED", "VOID")
    assert void["voidReason"] == (None, "Error")


async def test_settings_are_told_of_without_their_secrets(api: Api) -> None:
    secret = (await api.ask('mutation { createApiKey(name: "Caja", scope: WRITE) { secret } }'))["createApiKey"][
        "secret"
    ]
    keys = {key["name"]: key["id"] for key in (await api.ask("{ apiKeys { name id } }"))["apiKeys"]}
    await api.ask("mutation ($id: ID!) { revokeApiKey(id: $id) { userErrors { code } } }", id=keys["Caja"])
    await api.ask('mutation { updateAccount(input: {name: "Nueva, S.A."}) { userErrors { code } } }')
    await api.ask('mutation { createBillingPoint(code: "002", name: "Caja") { userErrors { code } } }')
    made = await api.ask('mutation { createWebhook(url: "https://example.com/") { webhook { id } secret } }')
    webhook = made["createWebhook"]["webhook"]["id"]
    await api.ask("mutation ($id: ID!) { rotateWebhookSecret(id: $id) { secret } }", id=webhook)
    await api.ask("mutation ($id: ID!) { deleteWebhook(id: $id) { userErrors { code } } }", id=webhook)

    entries = await trail(api, keyId=str(api.context.identity.key_id))
    assert {entry["key"]["name"] for entry in entries} == {"Contabilidad"}
    assert {entry["source"] for entry in entries} == {"API"}
    told = [(entry["objectType"], *each) for entry, each in zip(entries, in_short(entries), strict=True)]
    assert told[0] == ("API_KEY", "CREATED", {"name": (None, "Caja"), "scope": (None, "WRITE")})
    assert told[1][:2] == ("API_KEY", "UPDATED")
    assert told[1][2].keys() == {"revokedAt"}
    assert told[2] == ("ACCOUNT", "UPDATED", {"name": ("Prueba, S.A.", "Nueva, S.A.")})
    assert told[3] == ("BILLING_POINT", "CREATED", {"code": (None, "002"), "name": (None, "Caja")})
    assert told[4][:2] == ("WEBHOOK", "CREATED")
    assert told[4][2]["url"] == (None, "https://example.com/")
    assert told[5][:2] == ("WEBHOOK", "UPDATED")
    assert told[5][2].keys() == {"oldSecretUntil"}
    assert told[6][:2] == ("WEBHOOK", "DELETED")
    assert len(told) == 7
    assert secret not in str(entries)
    assert "whsec" not in str(entries)


# What it doesn't contain


async def test_what_was_refused_rolled_back_or_not_done_is_not_told_of(api: Api) -> None:
    id = await customer_id(api, company())
    before = await trail(api)
    assert (await try_customer(api, company()))["data"]["createCustomer"]["userErrors"]
    await create_customer(api, taxpayer(name="En vano"), dryRun=True)
    await create_invoice(api, customerId=id, dryRun=True)
    await create_invoice(api, invoice(line(quantity="-1")), newCustomer=taxpayer(name="En vano"))
    assert await trail(api) == before


async def test_counters_and_machines_notes_are_not_told_of(api: Api) -> None:
    id = await customer_id(api)
    await create_invoice(api, customerId=id)
    with tenant.acting_for(api.account_id):
        webhook, _ = await webhooks.create("https://example.com/", None)
    before = await trail(api, action=["UPDATED", "DELETED"])
    with tenant.acting_for(api.account_id):
        await models.ApiKey.filter(id=api.context.identity.key_id).update(last_used_at=now())
        await models.Customer.filter(id=id).update(search=" otro", version=7, verification_tries=3)
        await models.Document.all().update(search=" otro", version=7)
        await models.Webhook.filter(id=webhook).update(failing_since=now())
    assert await trail(api, action=["UPDATED", "DELETED"]) == before == []


# Authors


async def test_what_nobody_asked_for_is_the_systems(api: Api) -> None:
    id = await customer_id(api)
    with tenant.acting_for(api.account_id):
        await models.Customer.filter(id=id).update(verification_status="VERIFIED", verification_registry_name="Hoteles")
    asked, unasked = await trail(api, objectId=id)
    assert (asked["source"], asked["keyId"]) == ("API", str(api.context.identity.key_id))
    assert (unasked["source"], unasked["keyId"], unasked["key"]) == ("SYSTEM", None, None)
    assert in_short([unasked])[0][1]["verificationStatus"] == ("UNVERIFIED", "VERIFIED")


async def test_two_keys_on_one_connection_are_told_apart(api: Api) -> None:
    with tenant.acting_for(api.account_id):
        other, _ = await accounts.create_key("Otra", Scope.WRITE, None)
        for key_id in [api.context.identity.key_id, other.id] * 3:
            with tenant.acting_for(api.account_id, key_id):
                await models.BillingPoint.filter(code="001").update(name=f"{key_id}")
    entries = await trail(api, objectType=["BILLING_POINT"], action=["UPDATED"])
    assert len(entries) == 6
    assert [entry["changes"][0]["after"] for entry in entries] == [entry["keyId"] for entry in entries]


# Reading it


async def test_only_administrators_read_it(api: Api) -> None:
    for scope in (Scope.READ, Scope.WRITE):
        assert await Api(api.account_id, scope).refused("{ auditEvents { totalCount } }") == ["FORBIDDEN"]


async def test_it_is_filtered_and_paged_the_latest_first(api: Api) -> None:
    ids = [await customer_id(api, taxpayer(name=f"Cliente {n}")) for n in range(5)]
    found, after = [], None
    while True:
        page = (await api.ask(TRAIL, filter={"objectType": ["CUSTOMER"]}, first=2, after=after))["auditEvents"]
        found += [edge["node"]["objectId"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert found == ids[::-1]
    assert page["totalCount"] == 5
    assert await trail(api, objectId="nobody") == []
    assert await trail(api, occurredAt={"to": "2020-01-01T00:00:00Z"}) == []
    assert [entry["objectId"] for entry in await trail(api, source=["SYSTEM"], objectType=["CUSTOMER"])] == []


# It can't be avoided


async def test_every_column_is_told_of_or_known_not_to_be(database_url: str) -> None:
    admin = await asyncpg.connect(database_url)
    rows = await admin.fetch(
        """
        SELECT relname, attname FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid
        WHERE attnum > 0 AND NOT attisdropped AND relname = ANY ($1) AND NOT EXISTS (
            SELECT FROM pg_trigger WHERE tgrelid = c.oid AND tgname = 'audit_updated' AND attnum = ANY (tgattr::int2[])
        )
        """,
        list(UNTOLD),
    )
    await admin.close()
    found: dict[str, set[str]] = {name: set() for name in UNTOLD}
    for relation, column in rows:
        found[relation].add(column)
    assert found == {relation: set(columns.split()) for relation, columns in UNTOLD.items()}


UNTOLD = {
    "account": "id version created_at updated_at",
    "api_key": "id account_id kind parent_id hash created_at last_used_at",
    "billing_point": "id account_id branch version",
    "customer": "id account_id identification name_key identification_key phone_key foreign_id_key email_key search"
    " version created_at updated_at verification_checked_at verification_tries verification_next_at tag_keys"
    " different_from",
    "branch": "id account_id version",
    "document": "id account_id type invoice_id note_reason electronic issue_date_open number_key search tag_keys"
    " total_cents version created_at updated_at"  # frozen when the status changes
    " issuer_name issuer_ruc issuer_dv issuer_address issuer_phone issuer_mobile issuer_email issuer_terms"
    " issuer_taxpayer_type sale_type branch_type",
    "document_link": "id account_id hash created_at",
    "pac_setting": "id account_id secrets version",
    "webhook": "id account_id secret old_secret failing_since rest_until version created_at",
}


async def test_changes_by_any_statement_are_told_of(api: Api) -> None:
    """Also several rows at once, and past the resolvers."""
    for n in range(3):
        await customer_id(api, taxpayer(name=f"Cliente {n}"))
    with tenant.acting_for(api.account_id):
        assert await models.Customer.all().update(address="Calle 50") == 3
    assert len([entry for entry in await trail(api) if entry["source"] == "SYSTEM"]) == 3


async def test_a_customer_completed_by_a_later_request_is_a_change(api: Api) -> None:
    await customer_id(api, company(email=None))
    await create_customer(api, company(email="a@example.com"), onDuplicate="UPDATE_EMPTY")
    assert in_short(await trail(api))[1] == ("UPDATED", {"email": (None, "a@example.com")})
