"""Merging customers that are one: fields, documents, ids that lead on, and undoing it."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tortoise.connection import get_connection

from announcements.worker import forget_merges
from db import models, tenant
from resolvers import customer_merging
from tests.builders import (
    COMPANY,
    COMPANY_DV,
    OTHER_COMPANY,
    Input,
    change_customer,
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
from tests.conftest import Answer, Api
from tests.merging import merged, merges, try_merge, try_undo, undone
from tests.noting import credited

NewAccount = Callable[..., Awaitable[UUID]]


def winners(payload: Answer) -> dict[str, list[str]]:
    return {field["name"]: field["winnerIds"] for field in payload["fields"]}


async def customer(api: Api, id: str) -> Answer:
    query = """query ($id: ID!) { customer(id: $id) { id name email ruc status version mergedInto { id }
        invoiceCount invoicedTotal invoices { edges { node { id receiver { name } } } } } }"""
    found: Answer = (await api.ask(query, id=id))["customer"]
    return found


async def status_of(api: Api, id: str) -> tuple[str, str | None]:
    with tenant.acting_for(api.account_id):
        row = await models.Customer.get(id=id)
    return row.status.value, str(row.merged_into_id) if row.merged_into_id else None


async def events(api: Api) -> list[tuple[str, str]]:
    with tenant.acting_for(api.account_id):
        rows = await models.Event.all().order_by("position")
    return [(row.type.value, str(row.object_id)) for row in rows]


async def draft(api: Api, id: str) -> str:
    payload = await create_invoice(api, invoice(issue=False), customerId=id)
    assert payload["userErrors"] == []
    found: str = payload["invoice"]["id"]
    return found


async def issued(api: Api, id: str, **arguments: Any) -> Answer:
    payload = await create_invoice(api, customerId=id, **arguments)
    assert payload["userErrors"] == []
    found: Answer = payload["invoice"]
    return found


# Fields


async def test_the_survivor_keeps_its_fields_and_gets_what_it_lacks(api: Api) -> None:
    ana = await customer_id(api, taxpayer(name="Ana", email="ana@example.com"))
    other = await customer_id(api, company(name="Ana, S.A.", email="otra@example.com", phone="6677-8899"))
    third = await customer_id(api, taxpayer(name="Aná", mobile="6111-2222", paymentTermDays=30))
    payload = await merged(api, other, third, into=ana)
    found = payload["customer"]
    assert (found["id"], found["name"], found["email"]) == (ana, "Ana", "ana@example.com")
    assert (found["ruc"], found["dv"], found["taxpayerType"]) == (COMPANY, COMPANY_DV, "JURIDICAL")
    assert (found["phone"], found["mobile"], found["paymentTermDays"]) == ("+50766778899", "+50761112222", 30)
    assert (found["address"], found["location"]["code"]) == ("Calle 50, local 4", "8-8-7")
    won = winners(payload)
    assert (won["name"], won["email"], won["ruc"], won["address"]) == ([ana], [ana], [other], [other])
    assert (won["phone"], won["mobile"], won["foreignId"]) == ([other], [third], [])
    values = {field["name"]: [value["text"] for value in field["values"]] for field in payload["fields"]}
    assert values["email"] == ["ana@example.com", "otra@example.com", None]
    assert payload["warnings"] == []


async def test_a_field_can_be_chosen_from_another_customer(api: Api) -> None:
    ana = await customer_id(api, taxpayer(name="Ana", email="ana@example.com"))
    other = await customer_id(api, taxpayer(name="Ana Ruiz"))
    choices = [{"field": "name", "customerId": other}, {"field": "email", "customerId": other}]
    payload = await merged(api, other, into=ana, choices=choices)
    assert (payload["customer"]["name"], payload["customer"]["email"]) == ("Ana Ruiz", None)
    assert (winners(payload)["name"], winners(payload)["email"]) == ([other], [])


async def test_who_a_customer_is_comes_from_one_customer(api: Api) -> None:
    one = await customer_id(api, company())
    other = await customer_id(api, company(ruc=OTHER_COMPANY, name="Otra, S.A."))
    payload = await merged(api, other, into=one, choices=[{"field": "dv", "customerId": other}], dryRun=True)
    won = winners(payload)
    assert {name: won[name] for name in ("receiverType", "taxpayerType", "ruc", "dv")} == dict.fromkeys(
        ("receiverType", "taxpayerType", "ruc", "dv"), [other]
    )
    assert payload["customer"]["ruc"] == OTHER_COMPANY
    assert payload["warnings"] == [{"path": ["from"], "code": "DIFFERENT_IDENTIFICATION"}]
    torn = [{"field": "ruc", "customerId": other}, {"field": "dv", "customerId": one}]
    assert faults(await try_merge(api, other, into=one, choices=torn)) == {("choices.1.customerId", "INVALID_VALUE")}


async def test_what_the_survivors_type_may_not_have_is_left_out(api: Api) -> None:
    abroad = await customer_id(api, foreigner())
    here = await customer_id(api, company(email="a@example.com"))
    payload = await merged(api, here, into=abroad)
    assert (payload["customer"]["location"], payload["customer"]["ruc"]) == (None, None)
    assert (payload["customer"]["email"], winners(payload)["locationCode"]) == ("a@example.com", [])


async def test_associated_persons_are_put_together(api: Api) -> None:
    ana, eva = {"name": "Ana", "email": "ana@example.com"}, {"name": "Eva"}
    one = await customer_id(api, company(associatedPersons=[ana]))
    other = await customer_id(api, company(ruc=OTHER_COMPANY, associatedPersons=[{"name": "ANÁ"}, eva]))
    third = await customer_id(api, taxpayer(taxpayerType="JURIDICAL", associatedPersons=[{"name": "Pía"}]))
    payload = await merged(api, other, third, into=one)
    assert [person["name"] for person in payload["customer"]["associatedPersons"]] == ["Ana", "Eva", "Pía"]
    assert winners(payload)["associatedPersons"] == [one, other, third]
    await undone(api, other)
    found = await api.ask("query ($id: ID!) { customer(id: $id) { associatedPersons { name } } }", id=one)
    assert [person["name"] for person in found["customer"]["associatedPersons"]] == ["Ana", "Pía"]


async def test_a_dry_run_shows_all_and_stores_nothing(api: Api) -> None:
    one, other = await customer_id(api), await customer_id(api, taxpayer(email="a@example.com"))
    await issued(api, other)
    payload = await merged(api, other, into=one, dryRun=True)
    found = payload["customer"]
    assert (found["email"], found["invoiceCount"], payload["documentCount"]) == ("a@example.com", 1, 1)
    assert await status_of(api, other) == ("ACTIVE", None)
    assert (await customer(api, one))["email"] is None
    assert await merges(api) == []


async def test_faults_that_the_survivor_had_before_are_no_obstacle(api: Api) -> None:
    one = await customer_id(api, taxpayer(name="Ana"))
    other = await customer_id(api, taxpayer(name="Ana", phone="6677-8899"))
    with tenant.acting_for(api.account_id):
        await models.Account.filter(id=api.account_id).update(electronic_invoicing=True)
    payload = await merged(api, other, into=one)
    assert payload["customer"]["phone"] == "+50766778899"


# Documents


async def test_documents_become_the_survivors_and_issued_ones_keep_their_receiver(api: Api) -> None:
    one, other = await customer_id(api, taxpayer(name="Una")), await customer_id(api, taxpayer(name="Otra"))
    await issued(api, one)
    bill, open_one = await issued(api, other), await draft(api, other)
    note = await credited(api, bill["id"])
    payload = await merged(api, other, into=one)
    assert (payload["documentCount"], payload["customer"]["invoiceCount"]) == (3, 2)
    assert payload["customer"]["invoicedTotal"] == "21.40"
    found = await customer(api, one)
    assert {edge["node"]["receiver"] and edge["node"]["receiver"]["name"] for edge in found["invoices"]["edges"]} == {
        "Una",
        "Otra",
        None,
    }
    query = """query ($ids: [ID!]!) { nodes(ids: $ids) { ... on SalesDocument { customer { id } version } } }"""
    nodes = (await api.ask(query, ids=[bill["id"], open_one, note["id"]]))["nodes"]
    assert [(node["customer"]["id"], node["version"]) for node in nodes] == [(one, 2)] * 3
    drafts = await api.ask('{ invoices(search: "una", filter: {status: [DRAFT]}) { edges { node { id } } } }')
    assert [edge["node"]["id"] for edge in drafts["invoices"]["edges"]] == [open_one]


async def test_more_documents_than_can_be_moved_are_refused(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = await customer_id(api), await customer_id(api)
    await issued(api, other)
    monkeypatch.setattr(customer_merging, "MOST_MOVED", 0)
    assert faults(await try_merge(api, other, into=one)) == {("from", "TOO_MANY")}
    assert (await merged(api, one, into=other))["documentCount"] == 0


# Ids that lead on


async def test_an_old_id_leads_to_the_survivor_wherever_it_is_taken(api: Api) -> None:
    one, other = await customer_id(api, taxpayer(name="Una")), await customer_id(api, taxpayer(name="Otra"))
    await issued(api, other)
    await merged(api, other, into=one)
    assert (await customer(api, other))["id"] == one
    answer = await api.ask(
        """query ($id: ID!, $one: ID!) {
            node(id: $id) { id } nodes(ids: [$id, $one, $id]) { id }
            invoices(filter: {customerId: $id}) { totalCount } documents(filter: {customerId: $id}) { totalCount }
            lineSuggestions(customerId: $id) { description }
            cpbsSuggestions(description: "x", customerId: $id) { uses }
        }""",
        id=other,
        one=one,
    )
    assert answer["node"]["id"] == one
    assert [node["id"] for node in answer["nodes"]] == [one] * 3
    assert (answer["invoices"]["totalCount"], answer["documents"]["totalCount"]) == (1, 1)
    bill = await issued(api, other)
    assert (bill["customer"]["id"], bill["receiver"]["name"]) == (one, "Una")
    open_one = await draft(api, await customer_id(api, taxpayer(name="Tercera")))
    update = """mutation ($id: ID!, $customer: ID!) { updateInvoice(id: $id, input: {customerId: $customer}) {
        invoice { customer { id } } userErrors { code } } }"""
    payload = (await api.ask(update, id=open_one, customer=other))["updateInvoice"]
    assert payload == {"invoice": {"customer": {"id": one}}, "userErrors": []}
    rename = """mutation ($id: ID!) { updateCustomer(id: $id, input: {name: "Nueva"}) { customer { id name } } }"""
    assert (await api.ask(rename, id=other))["updateCustomer"]["customer"] == {"id": one, "name": "Nueva"}
    archive = "mutation ($id: ID!) { archiveCustomer(id: $id) { customer { id status } } }"
    assert (await api.ask(archive, id=other))["archiveCustomer"]["customer"] == {"id": one, "status": "ARCHIVED"}


BY_EXTERNAL_ID = "query ($id: String!) { customerByExternalId(externalId: $id) { id externalId } }"
UPSERT = """
    mutation ($id: String!, $input: CustomerPatch!) { upsertCustomer(externalId: $id, input: $input) {
        customer { id phone } outcome userErrors { path code } } }
"""


async def known_as(api: Api, external_id: str) -> tuple[str, str | None] | None:
    found = (await api.ask(BY_EXTERNAL_ID, id=external_id))["customerByExternalId"]
    return found and (found["id"], found["externalId"])


async def test_external_ids_lead_on_and_the_survivor_has_one_of_them(api: Api) -> None:
    one = await customer_id(api, taxpayer(name="Una", externalId="E1"))
    two = await customer_id(api, taxpayer(name="Dos", externalId="E2"))
    bare = await customer_id(api, taxpayer(name="Tres"))
    await merged(api, two, into=one)
    assert (await known_as(api, "E1"), await known_as(api, "E2")) == ((one, "E1"), (one, "E1"))
    listed = await api.ask('{ customers(filter: { externalId: ["E2"] }) { edges { node { id } } } }')
    assert listed["customers"]["edges"] == [{"node": {"id": one}}]
    payload = (await api.ask(UPSERT, id="E2", input={"phone": "6111-2222"}))["upsertCustomer"]
    assert (payload["customer"], payload["outcome"]) == ({"id": one, "phone": "+50761112222"}, "UPDATED")
    used = await create_customer(api, taxpayer(name="Otra", externalId="E2"), onDuplicate="USE_EXISTING")
    assert used["customer"]["id"] == one
    await merged(api, one, into=bare)
    assert await known_as(api, "E1") == (bare, "E1")
    assert await known_as(api, "E2") == (bare, "E1")
    await undone(api, one)
    assert (await known_as(api, "E1"), await known_as(api, "E2")) == ((one, "E1"), (one, "E1"))
    await undone(api, two)
    assert (await known_as(api, "E1"), await known_as(api, "E2")) == ((one, "E1"), (two, "E2"))


async def test_the_external_id_can_be_chosen_and_the_other_one_still_leads_there(api: Api) -> None:
    one = await customer_id(api, taxpayer(externalId="E1"))
    two = await customer_id(api, taxpayer(externalId="E2"))
    await merged(api, two, into=one, choices=[{"field": "externalId", "customerId": two}])
    assert (await known_as(api, "E1"), await known_as(api, "E2")) == ((one, "E2"), (one, "E2"))
    await undone(api, two)
    assert (await known_as(api, "E1"), await known_as(api, "E2")) == ((one, "E1"), (two, "E2"))
    await merged(api, two, into=one)
    update = """mutation ($id: ID!, $input: CustomerPatch!) { updateCustomer(id: $id, input: $input) {
        userErrors { code } } }"""
    payload = (await api.ask(update, id=one, input={"externalId": "E2"}))["updateCustomer"]
    assert payload["userErrors"] == []
    assert (await known_as(api, "E1"), await known_as(api, "E2")) == (None, (one, "E2"))


async def test_tags_and_metadata_are_put_together(api: Api) -> None:
    def entries(**values: str) -> list[Input]:
        return [{"key": key, "value": value} for key, value in values.items()]

    one = await customer_id(api, taxpayer(tags=["Mayorista"], metadata=entries(zona="Norte")))
    two = await customer_id(api, taxpayer(tags=["mayorista", "VIP"], metadata=entries(zona="Sur", agente="Ana")))
    query = "query ($id: ID!) { customer(id: $id) { tags metadata { key value } } }"
    await merged(api, two, into=one)
    assert (await api.ask(query, id=one))["customer"] == {
        "tags": ["Mayorista", "VIP"],
        "metadata": entries(agente="Ana", zona="Norte"),
    }
    await undone(api, two)
    assert (await api.ask(query, id=one))["customer"] == {"tags": ["Mayorista"], "metadata": entries(zona="Norte")}


async def test_ids_lead_on_over_several_merges(api: Api) -> None:
    one, two, three = [await customer_id(api) for _ in range(3)]
    bill = await issued(api, one)
    await merged(api, one, into=two)
    await merged(api, two, into=three)
    assert {(await customer(api, id))["id"] for id in (one, two, three)} == {three}
    [later] = await merges(api, three)
    [earlier] = [merge for merge in await merges(api) if merge["customer"]["id"] == one]
    payload = await try_undo(api, earlier["id"])
    assert faults(payload) == {("id", "NOT_ALLOWED")}
    await undone(api, two)
    assert await status_of(api, one) == ("MERGED", two)
    assert (await customer(api, one))["id"] == two
    assert later["documentCount"] == 1
    await undone(api, one)
    query = "query ($id: ID!) { invoice(id: $id) { customer { id } } }"
    assert (await api.ask(query, id=bill["id"]))["invoice"]["customer"]["id"] == one


async def test_merged_customers_are_in_no_list_unless_asked_for(api: Api) -> None:
    one, other = await customer_id(api), await customer_id(api)
    await merged(api, other, into=one)
    answer = await api.ask(
        """{ active: customers { edges { node { id } } }
             merged: customers(filter: {status: [MERGED]}) { edges { node { id status mergedInto { id } } } } }"""
    )
    assert [edge["node"]["id"] for edge in answer["active"]["edges"]] == [one]
    assert [edge["node"] for edge in answer["merged"]["edges"]] == [
        {"id": other, "status": "MERGED", "mergedInto": {"id": one}}
    ]


# What is refused


async def test_ids_that_can_not_be_merged_are_refused_all_at_once(api: Api) -> None:
    one, other, archived = [await customer_id(api) for _ in range(3)]
    await change_customer(api, archived, status="ARCHIVED")
    nobody = "018c0000-0000-7000-8000-000000000001"
    payload = await try_merge(api, one, nobody, "x", other, other, into=one)
    assert faults(payload) == {
        ("from.0", "INVALID_VALUE"),
        ("from.1", "NOT_FOUND"),
        ("from.2", "NOT_FOUND"),
        ("from.4", "INVALID_VALUE"),
    }
    assert faults(await try_merge(api, one, into=nobody)) == {("into", "NOT_FOUND")}
    assert faults(await try_merge(api, one, into=archived)) == {("into", "NOT_ALLOWED")}
    assert faults(await try_merge(api, into=one)) == {("from", "REQUIRED")}
    assert faults(await try_merge(api, *[other] * 21, into=one)) == {("from", "TOO_MANY")}
    assert faults(await try_merge(api, other, into=one, version=7)) == {("version", "CONFLICT")}
    wrong: list[Input] = [{"field": "status", "customerId": one}, {"field": "name", "customerId": archived}]
    assert faults(await try_merge(api, other, into=one, choices=wrong)) == {
        ("choices.0.field", "INVALID_VALUE"),
        ("choices.1.customerId", "INVALID_VALUE"),
    }
    assert await status_of(api, other) == ("ACTIVE", None)


async def test_customers_of_another_account_are_unknown(api: Api, new_account: NewAccount) -> None:
    other_api = Api(await new_account())
    one, stranger = await customer_id(api), await customer_id(other_api)
    assert faults(await try_merge(api, stranger, into=one)) == {("from.0", "NOT_FOUND")}
    assert faults(await try_merge(api, one, into=stranger)) == {("into", "NOT_FOUND")}
    await merged(other_api, await customer_id(other_api), into=stranger)
    [merge] = await merges(other_api)
    assert faults(await try_undo(api, merge["id"])) == {("id", "NOT_FOUND")}
    assert await merges(api) == []


# Events, audit, repetition


async def test_a_merge_is_announced_and_audited_with_its_documents(api: Api) -> None:
    one, other = await customer_id(api), await customer_id(api, taxpayer(email="a@example.com"))
    bill = await issued(api, other)
    await merged(api, other, into=one)
    await undone(api, other)
    assert (await events(api))[3:] == [
        ("CUSTOMER_MERGED", other),
        ("CUSTOMER_UPDATED", one),
        ("CUSTOMER_UPDATED", one),
        ("CUSTOMER_SEPARATED", other),
    ]
    with tenant.acting_for(api.account_id):
        event = await models.Event.get(type="CUSTOMER_MERGED")
        trail = await models.AuditEvent.filter(action="UPDATED").order_by("occurred_at")
    assert (event.data["status"], event.data["mergedInto"]) == ("MERGED", one)
    changes = {(str(each.object_id), name): each.changes[name] for each in trail[:3] for name in each.changes}
    assert changes[other, "status"] == ["ACTIVE", "MERGED"]
    assert changes[other, "merged_into"] == [None, one]
    assert changes[one, "email"] == [None, "a@example.com"]
    assert changes[bill["id"], "customer_id"] == [other, one]


async def test_a_repeated_merge_is_done_once(api: Api) -> None:
    one, other = await customer_id(api), await customer_id(api)
    first = await merged(api, other, into=one, idempotencyKey="k")
    again = await merged(api, other, into=one, idempotencyKey="k")
    assert (first["customer"], again["fields"]) == (again["customer"], [])
    assert faults(await try_merge(api, other, into=one)) == {("from.0", "INVALID_VALUE")}


# Undoing


async def test_undoing_gives_back_documents_status_and_fields(api: Api) -> None:
    one = await customer_id(api, taxpayer(name="Una", phone="6111-2222"))
    other = await customer_id(api, company(name="Otra", email="a@example.com"))
    await issued(api, one)
    bill = await issued(api, other)
    await change_customer(api, other, status="ARCHIVED")
    await merged(api, other, into=one)
    later = await issued(api, other)
    note = await credited(api, bill["id"])
    found = await undone(api, other)
    assert (found["id"], found["status"], found["name"], found["email"]) == (other, "ARCHIVED", "Otra", "a@example.com")
    survivor = await customer(api, one)
    assert (survivor["ruc"], survivor["email"], survivor["invoiceCount"]) == (None, None, 2)
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on SalesDocument { customer { id } } } }"
    nodes = (await api.ask(query, ids=[bill["id"], note["id"], later["id"]]))["nodes"]
    assert [node["customer"]["id"] for node in nodes] == [other, other, one]
    assert await merges(api) == []


async def test_what_changed_since_the_merge_stays(api: Api) -> None:
    one = await customer_id(api, taxpayer(name="Una"))
    other = await customer_id(api, taxpayer(name="Otra", email="a@example.com", phone="6111-2222"))
    kept, sent = await draft(api, other), await draft(api, other)
    await merged(api, other, into=one)
    change = (
        """mutation ($id: ID!) { updateCustomer(id: $id, input: {email: "nuevo@example.com"}) { customer { id } } }"""
    )
    await api.ask(change, id=one)
    await api.ask("mutation ($id: ID!) { issueInvoice(id: $id) { userErrors { code } } }", id=sent)
    await undone(api, other)
    found = await api.ask("query ($id: ID!) { customer(id: $id) { email phone } }", id=one)
    assert found["customer"] == {"email": "nuevo@example.com", "phone": None}
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Invoice { customer { id } receiver { name } } } }"
    assert (await api.ask(query, ids=[kept, sent]))["nodes"] == [
        {"customer": {"id": other}, "receiver": None},
        {"customer": {"id": one}, "receiver": {"name": "Una"}},
    ]


async def test_a_merge_can_be_undone_for_thirty_days(api: Api) -> None:
    one, other = await customer_id(api), await customer_id(api)
    await merged(api, other, into=one)
    [merge] = await merges(api)
    ends = datetime.fromisoformat(merge["undoUntil"]) - datetime.fromisoformat(merge["mergedAt"])
    assert ends == timedelta(days=30)
    await set_merged_at(api, datetime.now(UTC) - timedelta(days=29, hours=23))
    assert (await try_undo(api, merge["id"], dryRun=True))["userErrors"] == []
    await set_merged_at(api, datetime.now(UTC) - timedelta(days=30, seconds=1))
    assert faults(await try_undo(api, merge["id"])) == {("id", "NOT_FOUND")}
    assert await merges(api) == []
    await forget_merges()
    with tenant.acting_for(api.account_id):
        assert not await models.CustomerMerge.all().exists()
    assert (await customer(api, other))["id"] == one


async def set_merged_at(api: Api, moment: datetime) -> None:
    """As the owner, since the service can't."""
    with tenant.acting_for(api.account_id):
        [row] = await models.CustomerMerge.all()
        await models.CustomerMerge.all().delete()
        row.merged_at = moment
        await get_connection("default").execute_query(
            """INSERT INTO customer_merge VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '{}', $9)""",
            [
                *(row.id, api.account_id, row.customer_id, row.survivor_id, row.former_status),
                *(row.documents, row.drafts, row.followers, moment),
            ],
        )


async def test_no_statement_leaves_a_document_with_a_merged_customer(api: Api) -> None:
    one, other = await customer_id(api), await customer_id(api)
    bill = await issued(api, one, input=invoice(line(), line()))
    await merged(api, other, into=one)
    with tenant.acting_for(api.account_id):
        await models.Document.filter(id=bill["id"]).update(customer_id=UUID(other))
        assert str((await models.Document.get(id=bill["id"])).customer_id) == one


# The RUC or document that only the merged customer had

ABROAD: Input = foreigner(number="ZZ-77")
BY_RUC = "query ($ruc: String!) { customerByRuc(ruc: $ruc) { id } }"


async def set_ruc(api: Api, id: str, ruc: str) -> Answer:
    query = """mutation ($id: ID!, $input: CustomerPatch!) { updateCustomer(id: $id, input: $input) {
        userErrors { path code } } }"""
    payload: Answer = (await api.ask(query, id=id, input={"ruc": ruc}))["updateCustomer"]
    return payload


async def merged_into_company(api: Api, input: Input) -> tuple[str, str]:
    """The id of a company and, merged into it, that of a customer with another RUC or document."""
    survivor, other = await customer_id(api, company()), await customer_id(api, input)
    await merged(api, other, into=survivor)
    return survivor, other


@pytest.mark.parametrize("input", [company(ruc=OTHER_COMPANY), ABROAD], ids=["ruc", "document"])
async def test_an_identification_that_only_a_merged_customer_had_makes_no_second_customer(
    api: Api, input: Input
) -> None:
    survivor, other = await merged_into_company(api, input)
    for on_duplicate in ("FAIL", "USE_EXISTING", "UPDATE_EMPTY"):
        path = "foreignId" if "foreignId" in input else "ruc"
        payload = await create_customer(api, input, onDuplicate=on_duplicate)
        assert faults(payload) == {(f"input.{path}", "DUPLICATE_CUSTOMER")}
        assert payload["userErrors"][0]["relatedId"] == survivor
        # No invoice has another RUC than the one that was asked for.
        refused = await create_invoice(api, invoice(), newCustomer=input, onDuplicate=on_duplicate)
        assert faults(refused) == {(f"newCustomer.{path}", "DUPLICATE_CUSTOMER")}
    third = await customer_id(api, taxpayer(name="Otra", taxpayerType="JURIDICAL"))
    if "ruc" in input:
        assert faults(await set_ruc(api, third, OTHER_COMPANY)) == {("input.ruc", "DUPLICATE_CUSTOMER")}
        assert (await api.ask(BY_RUC, ruc=OTHER_COMPANY))["customerByRuc"] == {"id": survivor}
    separated = await undone(api, other)
    assert separated["status"] == "ACTIVE"
    assert faults(await create_customer(api, input)) == {(f"input.{path}", "DUPLICATE_CUSTOMER")}
    assert (await create_customer(api, input, onDuplicate="USE_EXISTING"))["customer"]["id"] == other


async def test_the_survivor_itself_can_get_the_ruc_of_a_merged_customer(api: Api) -> None:
    survivor, other = await merged_into_company(api, company(ruc=OTHER_COMPANY))
    assert faults(await set_ruc(api, survivor, OTHER_COMPANY)) == set()
    assert (await api.ask(BY_RUC, ruc=OTHER_COMPANY))["customerByRuc"] == {"id": survivor}
    # Then the other number is free, and the merge can't be undone while the survivor has this one.
    fresh = await customer_id(api, company())
    assert fresh not in (survivor, other)
    [merge] = await merges(api)
    assert faults(await try_undo(api, merge["id"])) == {("id", "DUPLICATE_CUSTOMER")}


async def test_an_archived_survivor_lends_nobody_its_merged_customers_ruc(api: Api) -> None:
    survivor, _ = await merged_into_company(api, company(ruc=OTHER_COMPANY))
    await api.ask("mutation ($id: ID!) { archiveCustomer(id: $id) { userErrors { code } } }", id=survivor)
    fresh = await customer_id(api, company(ruc=OTHER_COMPANY))
    assert (await api.ask(BY_RUC, ruc=OTHER_COMPANY))["customerByRuc"] == {"id": fresh}


async def test_a_merge_says_by_which_id_it_is_undone(api: Api) -> None:
    ids = [await customer_id(api, taxpayer(name=name)) for name in ("Ana", "Anna", "Anita")]
    assert (await merged(api, *ids[1:], into=ids[0], dryRun=True))["mergeIds"] == []
    payload = await merged(api, *ids[1:], into=ids[0])
    assert {merge["id"]: merge["customer"]["id"] for merge in await merges(api)} == dict(
        zip(payload["mergeIds"], ids[1:], strict=True)
    )
    assert (await try_undo(api, payload["mergeIds"][0]))["customer"]["id"] == ids[1]
