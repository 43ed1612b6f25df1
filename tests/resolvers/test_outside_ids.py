"""What outside systems keep beside customers and documents: their ids, tags and metadata."""

import asyncio
from typing import Any

import pytest

from db import models, tenant
from documents.document import PrintedDocument
from documents.reading import read_document
from tests.builders import (
    COMPANY,
    OTHER_COMPANY,
    Input,
    change_customer,
    codes,
    create_customer,
    create_invoice,
    customer_id,
    faults,
    invoice,
    taxpayer,
)
from tests.conftest import Answer, Api

OUTSIDE: Input = {
    "externalId": "CRM-42",
    "tags": ["Mayorista", "Colón"],
    "metadata": [{"key": "vendedor", "value": "Ana"}, {"key": "ruta", "value": "7"}],
}
_FIELDS = "id externalId tags metadata { key value } version"
KEPT = {
    "externalId": "CRM-42",
    "tags": ["Mayorista", "Colón"],
    "metadata": [{"key": "ruta", "value": "7"}, {"key": "vendedor", "value": "Ana"}],
}

_UPSERT = """
    mutation ($externalId: String!, $input: CustomerPatch!, $onDuplicate: OnDuplicate! = FAIL, $version: Int,
              $dryRun: Boolean! = false, $idempotencyKey: String) {
        upsertCustomer(externalId: $externalId, input: $input, onDuplicate: $onDuplicate, version: $version,
                       dryRun: $dryRun, idempotencyKey: $idempotencyKey) {
            outcome
            customer { id externalId name email ruc status version }
            userErrors { path code relatedId }
        }
    }
"""


async def upsert(api: Api, external_id: str, input: Input, **arguments: Any) -> Answer:
    payload: Answer = (await api.ask(_UPSERT, externalId=external_id, input=input, **arguments))["upsertCustomer"]
    return payload


async def kept(api: Api, id: str) -> Answer:
    found: Answer = (await api.ask(f"query ($id: ID!) {{ customer(id: $id) {{ {_FIELDS} }} }}", id=id))["customer"]
    return found


async def document(api: Api, id: str) -> Answer:
    found: Answer = (await api.ask(f"query ($id: ID!) {{ document(id: $id) {{ {_FIELDS} }} }}", id=id))["document"]
    return found


async def change_references(api: Api, id: str, input: Input, **arguments: Any) -> Answer:
    payload: Answer = (
        await api.ask(
            """
            mutation ($id: ID!, $input: ReferencesPatch!, $version: Int) {
                updateDocumentReferences(id: $id, input: $input, version: $version) {
                    document { id externalId tags metadata { key value } version }
                    userErrors { path code relatedId }
                }
            }
            """,
            id=id,
            input=input,
            **arguments,
        )
    )["updateDocumentReferences"]
    return payload


async def printed(api: Api, id: str) -> PrintedDocument | None:
    with tenant.acting_for(api.account_id):
        return await read_document(id)


# Customers


async def test_a_customer_keeps_what_another_system_gives_it(api: Api) -> None:
    id = await customer_id(api, taxpayer(**OUTSIDE))

    assert await kept(api, id) == {"id": id, **KEPT, "version": 1}
    found = await api.ask('{ customerByExternalId(externalId: " CRM-42 ") { id } }')
    assert found == {"customerByExternalId": {"id": id}}
    assert await api.ask('{ customerByExternalId(externalId: "crm-42") { id } }') == {"customerByExternalId": None}


async def test_an_archived_customer_is_found_by_its_external_id_and_keeps_it(api: Api) -> None:
    id = await customer_id(api, taxpayer(externalId="A"))
    await api.ask("mutation ($id: ID!) { archiveCustomer(id: $id) { customer { id } } }", id=id)

    assert (await api.ask('{ customerByExternalId(externalId: "A") { id } }'))["customerByExternalId"] == {"id": id}
    again = await create_customer(api, taxpayer(externalId="A"), onDuplicate="USE_EXISTING")
    assert [(each["path"], each["code"], each["relatedId"]) for each in again["userErrors"]] == [
        (["input", "externalId"], "DUPLICATE_EXTERNAL_ID", id)
    ]


async def test_two_customers_cannot_have_the_same_external_id(api: Api) -> None:
    first = await customer_id(api, taxpayer(externalId="A"))
    second = await customer_id(api, taxpayer(externalId="B"))

    refused = await create_customer(api, taxpayer(externalId="A"))
    assert faults(refused) == {("input.externalId", "DUPLICATE_EXTERNAL_ID")}
    changed = await api.ask(
        """
        mutation ($id: ID!) {
            updateCustomer(id: $id, input: {externalId: "A"}) { userErrors { path code relatedId } }
        }
        """,
        id=second,
    )
    assert changed["updateCustomer"]["userErrors"] == [
        {"path": ["input", "externalId"], "code": "DUPLICATE_EXTERNAL_ID", "relatedId": first}
    ]


async def test_a_customer_that_exists_by_its_external_id_takes_the_place_of_the_new_one(api: Api) -> None:
    id = await customer_id(api, taxpayer(externalId="A"))

    used = await create_customer(api, taxpayer(externalId="A", email="a@example.com"), onDuplicate="USE_EXISTING")
    filled = await create_customer(api, taxpayer(externalId="A", email="a@example.com"), onDuplicate="UPDATE_EMPTY")

    assert (used["customer"]["id"], used["customer"]["email"], used["created"]) == (id, None, False)
    assert (filled["customer"]["id"], filled["customer"]["email"], filled["created"]) == (id, "a@example.com", False)


async def test_of_an_external_id_and_a_ruc_of_two_customers_neither_is_taken(api: Api) -> None:
    first = await customer_id(api, taxpayer(externalId="A"))
    await customer_id(api, taxpayer(ruc=COMPANY))

    refused = await create_customer(api, taxpayer(externalId="A", ruc=COMPANY), onDuplicate="UPDATE_EMPTY")

    assert faults(refused) == {("input.externalId", "DUPLICATE_EXTERNAL_ID")}
    assert refused["userErrors"][0]["relatedId"] == first


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"externalId": "x" * 101}, {("input.externalId", "TOO_LONG")}),
        ({"externalId": "a\x00b"}, {("input.externalId", "INVALID_VALUE")}),
        ({"tags": [f"t{n}" for n in range(21)]}, {("input.tags", "TOO_MANY")}),
        ({"tags": ["ok", "x" * 41, " "]}, {("input.tags.1", "TOO_LONG"), ("input.tags.2", "REQUIRED")}),
        (
            {"metadata": [{"key": f"k{n}", "value": "v"} for n in range(51)]},
            {("input.metadata", "TOO_MANY")},
        ),
        (
            {"metadata": [{"key": "k", "value": "v"}, {"key": " k", "value": "w"}, {"key": "", "value": "x" * 501}]},
            {
                ("input.metadata.1.key", "INVALID_VALUE"),
                ("input.metadata.2.key", "REQUIRED"),
                ("input.metadata.2.value", "TOO_LONG"),
            },
        ),
    ],
)
async def test_what_is_too_much_or_not_text_is_refused_where_it_stands(
    api: Api, fields: Input, found: set[tuple[str, str]]
) -> None:
    assert faults(await create_customer(api, taxpayer(**fields))) == found
    made = await create_invoice(api, invoice(**fields), newCustomer=taxpayer())
    assert faults(made) == found


async def test_tags_that_differ_by_case_and_accents_are_one(api: Api) -> None:
    id = await customer_id(api, taxpayer(tags=["Colón", "COLON", "otra", "colón "]))
    assert (await kept(api, id))["tags"] == ["Colón", "otra"]


async def test_a_patch_replaces_or_empties_them(api: Api) -> None:
    id = await customer_id(api, taxpayer(**OUTSIDE))
    change = (
        "mutation ($id: ID!, $input: CustomerPatch!) { updateCustomer(id: $id, input: $input) { customer { id } } }"
    )

    await api.ask(change, id=id, input={"tags": ["nueva"]})
    assert await kept(api, id) == {"id": id, **KEPT, "tags": ["nueva"], "version": 2}
    await api.ask(change, id=id, input={"tags": None, "metadata": [], "externalId": None})
    assert await kept(api, id) == {"id": id, "externalId": None, "tags": [], "metadata": [], "version": 3}


async def test_a_customer_with_a_tag_is_not_any_final_consumer(api: Api) -> None:
    anybody = {"receiverType": "FINAL_CONSUMER", "name": "Consumidor final"}
    tagged = await customer_id(api, {**anybody, "tags": ["feria"]})

    found = await create_customer(api, anybody, onDuplicate="USE_EXISTING")

    assert found["customer"]["id"] != tagged


# Upsert


async def test_an_upsert_creates_then_changes_then_leaves_the_customer(api: Api) -> None:
    made = await upsert(api, "A", {"receiverType": "TAXPAYER", "name": "Uno", "email": "uno@example.com"})
    changed = await upsert(api, "A", {"name": "Dos"})
    same = await upsert(api, "A", {"name": "Dos"})

    assert [each["outcome"] for each in (made, changed, same)] == ["CREATED", "UPDATED", "UNCHANGED"]
    assert made["customer"]["externalId"] == "A"
    assert same["customer"] == {**made["customer"], "name": "Dos", "version": 2}


async def test_an_upsert_says_all_that_is_wrong_and_stores_nothing(api: Api) -> None:
    assert faults(await upsert(api, "A", {"name": "Uno"})) == {("input.receiverType", "REQUIRED")}
    wrong = await upsert(api, "A", {"receiverType": "TAXPAYER", "name": "U", "email": "x"})
    assert faults(wrong) == {("input.name", "INVALID_VALUE"), ("input.email", "INVALID_EMAIL")}
    assert (wrong["outcome"], wrong["customer"]) == ("FAILED", None)
    assert faults(await upsert(api, " ", {})) == {("externalId", "REQUIRED")}
    assert faults(await upsert(api, "A", {"externalId": "B"})) == {("input.externalId", "NOT_ALLOWED")}
    assert faults(await upsert(api, "A", taxpayer(), version=1)) == {("version", "CONFLICT")}
    assert (await api.ask('{ customerByExternalId(externalId: "A") { id } }'))["customerByExternalId"] is None


async def test_an_upsert_keeps_to_the_version(api: Api) -> None:
    await upsert(api, "A", taxpayer())
    assert faults(await upsert(api, "A", {"name": "Dos"}, version=7)) == {("version", "CONFLICT")}
    assert (await upsert(api, "A", {"name": "Dos"}, version=1))["outcome"] == "UPDATED"


async def test_a_dry_upsert_tells_what_would_become(api: Api) -> None:
    dry = await upsert(api, "A", taxpayer(), dryRun=True)
    assert (dry["outcome"], dry["customer"]["name"]) == ("CREATED", "Hoteles Istmo, S.A.")
    assert (await upsert(api, "A", taxpayer()))["outcome"] == "CREATED"


async def test_an_upsert_finds_the_customer_that_has_no_external_id_yet(api: Api) -> None:
    id = await customer_id(api, taxpayer(ruc=COMPANY))
    new = {"receiverType": "TAXPAYER", "name": "Otro nombre", "ruc": COMPANY, "email": "a@example.com"}

    refused = await upsert(api, "A", new)
    linked = await upsert(api, "A", new, onDuplicate="USE_EXISTING")

    assert [(each["code"], each["relatedId"]) for each in refused["userErrors"]] == [("DUPLICATE_CUSTOMER", id)]
    assert (linked["customer"]["id"], linked["outcome"]) == (id, "UPDATED")
    assert (linked["customer"]["name"], linked["customer"]["externalId"]) == ("Hoteles Istmo, S.A.", "A")
    for policy in ("FAIL", "USE_EXISTING"):
        other = await upsert(api, "B", new, onDuplicate=policy)
        assert [(each["code"], each["relatedId"]) for each in other["userErrors"]] == [("DUPLICATE_CUSTOMER", id)]


async def test_an_upsert_fills_in_what_the_found_customer_lacks(api: Api) -> None:
    id = await customer_id(api, taxpayer(ruc=COMPANY))
    new = {"receiverType": "TAXPAYER", "name": "Otro nombre", "ruc": COMPANY, "email": "a@example.com"}

    filled = (await upsert(api, "A", new, onDuplicate="UPDATE_EMPTY"))["customer"]

    assert (filled["id"], filled["name"], filled["email"], filled["externalId"]) == (
        id,
        "Hoteles Istmo, S.A.",
        "a@example.com",
        "A",
    )


async def test_of_upserts_at_once_one_creates_and_the_others_change(api: Api) -> None:
    for round in range(5):
        inputs = [taxpayer(name=f"Cliente {number}") for number in range(8)]
        payloads = await asyncio.gather(*[upsert(api, f"A-{round}", input) for input in inputs])

        assert [each["userErrors"] for each in payloads] == [[]] * 8
        assert len({each["customer"]["id"] for each in payloads}) == 1
        outcomes = sorted(each["outcome"] for each in payloads)
        assert outcomes == ["CREATED", *["UPDATED"] * 7]
        assert (await kept(api, payloads[0]["customer"]["id"]))["version"] == 8


async def test_of_upserts_of_one_ruc_under_two_ids_at_once_one_is_refused(api: Api) -> None:
    payloads = await asyncio.gather(*[upsert(api, id, taxpayer(ruc=OTHER_COMPANY)) for id in ("A", "B")])

    assert sorted(each["outcome"] for each in payloads) == ["CREATED", "FAILED"]
    [refused] = [each for each in payloads if each["outcome"] == "FAILED"]
    assert faults(refused) == {("input.ruc", "DUPLICATE_CUSTOMER")}


async def test_a_repeated_upsert_gets_its_first_outcome(api: Api) -> None:
    first = await upsert(api, "A", taxpayer(), idempotencyKey="k1")
    await upsert(api, "A", {"name": "Dos"}, idempotencyKey="k2")
    unchanged = await upsert(api, "A", {"name": "Dos"}, idempotencyKey="k3")

    for key, outcome, input in (
        ("k1", "CREATED", taxpayer()),
        ("k2", "UPDATED", {"name": "Dos"}),
        ("k3", "UNCHANGED", {"name": "Dos"}),
    ):
        again = await upsert(api, "A", input, idempotencyKey=key)
        assert (again["outcome"], again["customer"]["id"]) == (outcome, first["customer"]["id"])
    assert unchanged["customer"]["version"] == 2


# Documents


async def test_a_document_keeps_what_another_system_gives_it(api: Api) -> None:
    made = await create_invoice(api, invoice(**OUTSIDE), newCustomer=taxpayer())
    id = made["invoice"]["id"]

    assert await document(api, id) == {"id": id, **KEPT, "version": 1}
    found = await api.ask('{ documentByExternalId(externalId: "CRM-42") { id documentType } }')
    assert found == {"documentByExternalId": {"id": id, "documentType": "INVOICE"}}


async def test_two_documents_of_whatever_type_cannot_have_the_same_external_id(api: Api) -> None:
    first = (await create_invoice(api, invoice(externalId="A"), newCustomer=taxpayer()))["invoice"]["id"]

    refused = await create_invoice(api, invoice(externalId="A", issue=False), newCustomer=taxpayer())
    assert [(each["path"], each["code"], each["relatedId"]) for each in refused["userErrors"]] == [
        (["input", "externalId"], "DUPLICATE_EXTERNAL_ID", first)
    ]
    note = await api.ask(
        """
        mutation ($id: ID!) {
            same: createCreditNote(input: {invoiceId: $id, reason: "Devolución", externalId: "A"}) {
                creditNote { id } userErrors { path code relatedId }
            }
            other: createCreditNote(input: {invoiceId: $id, reason: "Devolución", externalId: "B", tags: ["x"]}) {
                creditNote { externalId tags } userErrors { path code }
            }
        }
        """,
        id=first,
    )
    assert note["same"]["userErrors"] == [
        {"path": ["input", "externalId"], "code": "DUPLICATE_EXTERNAL_ID", "relatedId": first}
    ]
    assert note["other"] == {"creditNote": {"externalId": "B", "tags": ["x"]}, "userErrors": []}


async def test_of_invoices_with_one_external_id_at_once_one_is_made_and_the_others_learn_which(api: Api) -> None:
    customer = await customer_id(api)
    payloads = await asyncio.gather(
        *[create_invoice(api, invoice(externalId="A"), customerId=customer) for _ in range(6)]
    )

    [made] = [each["invoice"]["id"] for each in payloads if each["invoice"]]
    refused = [each["userErrors"] for each in payloads if not each["invoice"]]
    assert [(errors[0]["code"], errors[0]["relatedId"]) for errors in refused] == [("DUPLICATE_EXTERNAL_ID", made)] * 5
    numbers = await api.ask('{ numberingAudit(billingPoint: "001") { issuedCount lastNumber } }')
    assert numbers == {"numberingAudit": {"issuedCount": 1, "lastNumber": "0000000001"}}


async def test_an_issued_document_may_get_them_and_nothing_printed_changes(api: Api) -> None:
    id = (await create_invoice(api, newCustomer=taxpayer()))["invoice"]["id"]
    paper = await printed(api, id)

    changed = await change_references(api, id, OUTSIDE)

    assert changed == {"document": {"id": id, **KEPT, "version": 2}, "userErrors": []}
    assert await printed(api, id) == paper
    assert (await change_references(api, id, OUTSIDE))["document"]["version"] == 2
    partly = await change_references(api, id, {"tags": None}, version=2)
    assert partly["document"] == {"id": id, **KEPT, "tags": [], "version": 3}
    assert faults(await change_references(api, id, {"tags": []}, version=2)) == {("version", "CONFLICT")}


async def test_references_of_a_document_are_checked_and_belong_to_one(api: Api) -> None:
    first = (await create_invoice(api, invoice(externalId="A"), newCustomer=taxpayer()))["invoice"]["id"]
    second = (await create_invoice(api, newCustomer=taxpayer()))["invoice"]["id"]

    taken = await change_references(api, second, {"externalId": "A", "tags": ["x" * 41]})
    assert {(each["path"][1], each["code"], each["relatedId"]) for each in taken["userErrors"]} == {
        ("externalId", "DUPLICATE_EXTERNAL_ID", first),
        ("tags", "TOO_LONG", None),
    }
    assert (await change_references(api, first, {"externalId": "A"}))["userErrors"] == []
    assert faults(await change_references(api, "nonsense", {})) == {("id", "NOT_FOUND")}


async def test_a_change_of_references_is_announced_with_the_external_id_and_audited(api: Api) -> None:
    id = (await create_invoice(api, newCustomer=taxpayer()))["invoice"]["id"]
    await change_references(api, id, {"externalId": "A", "tags": ["x"]})

    with tenant.acting_for(api.account_id):
        events = await models.Event.filter(object_id=id).order_by("id")
        audited = await models.AuditEvent.filter(object_id=id, action="UPDATED").order_by("id")
    assert [(event.type.value, event.data.get("externalId")) for event in events] == [
        ("INVOICE_ISSUED", None),
        ("INVOICE_UPDATED", "A"),
    ]
    assert [each.changes for each in audited] == [{"external_id": [None, "A"], "tags": [[], ["x"]]}]


async def test_texts_that_no_column_holds_find_nothing(api: Api) -> None:
    for text in ("a\\u0000b", "x" * 5000, ""):
        found = await api.execute(
            f'{{ customerByExternalId(externalId: "{text}") {{ id }}'
            f'   documentByExternalId(externalId: "{text}") {{ id }} }}'
        )
        assert found.get("data") == {"customerByExternalId": None, "documentByExternalId": None}, codes(found)


async def test_a_change_of_the_customers_row_past_the_api_is_seen(api: Api) -> None:
    id = await customer_id(api, taxpayer(externalId="A"))
    await change_customer(api, id, external_id="B")
    assert (await kept(api, id))["externalId"] == "B"
