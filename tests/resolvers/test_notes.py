"""Credit and debit notes of invoices that aren't electronic: what they take, what is refused, what is seen of them."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from db import models, tenant
from rules import calendar
from tests.builders import (
    Faults,
    add_billing_point,
    change_customer,
    create_invoice,
    customer_id,
    faults,
    invoice,
    line,
    stored,
)
from tests.conftest import Answer, Api
from tests.noting import (
    REASON,
    credited,
    debited,
    invoiced,
    try_credit,
    try_debit,
    try_void_invoice,
    try_void_note,
)

_INVOICE = """
    query ($id: ID!) { invoice(id: $id) {
        status total creditableTotal
        creditNotes { number total status reason } debitNotes { number total status reason }
        lines { position invoicePosition creditableQuantity creditableNet }
    } }
"""


_SEND = 'mutation ($id: ID!) { sendDocument(id: $id, to: ["ana@example.com"]) { userErrors { code } } }'


async def read_invoice(api: Api, id: str) -> Answer:
    found: Answer = (await api.ask(_INVOICE, id=id))["invoice"]
    return found


# Issuing


async def test_a_credit_note_without_lines_is_for_the_whole_invoice(api: Api) -> None:
    id = await invoiced(api)
    note = await credited(api, id)
    lines = [(each["invoicePosition"], each["quantity"], each["net"], each["itbms"]) for each in note["lines"]]
    assert lines == [(1, "3", "30.00", "2.10"), (2, "1", "5.00", "0.00")]
    assert (note["documentType"], note["number"], note["status"]) == ("CREDIT_NOTE", "0000000001", "ISSUED")
    assert (note["total"], note["reason"], note["fiscal"]["status"]) == ("37.10", REASON, "NONE")
    assert (note["billingPoint"], note["issueDate"]) == ("001", str(calendar.today()))
    assert note["invoice"] == {"id": id, "number": "0000000001", "creditableTotal": "0.00"}
    again = await try_credit(api, id)
    assert faults(again) == {("input.lines", "CREDIT_EXCEEDED")}


async def test_notes_have_numbers_of_their_own_by_type(api: Api) -> None:
    id = await invoiced(api)
    numbers = [(await credited(api, id, {"position": 1, "quantity": "1"}))["number"] for _ in range(2)]
    assert numbers == ["0000000001", "0000000002"]
    assert (await debited(api, id, {"position": 1, "quantity": "1"}))["number"] == "0000000001"
    second = await create_invoice(api, customerId=await customer_id(api))
    assert second["invoice"]["number"] == "0000000002"


async def test_the_receiver_is_the_invoices_whatever_the_customer_is_now(api: Api) -> None:
    id = await invoiced(api)
    note = await credited(api, id, {"position": 2})
    await change_customer(api, note["customer"]["id"], name="Otro nombre, S.A.")
    later = await credited(api, id)
    assert later["receiver"] == note["receiver"]
    assert later["receiver"]["name"] == "Hoteles Istmo, S.A."


async def test_parts_by_quantity_and_amount_leave_the_rest(api: Api) -> None:
    id = await invoiced(api)
    note = await credited(api, id, {"position": 1, "quantity": "2"}, {"position": 2, "amount": "1.25"})
    assert [(each["quantity"], each["unit"], each["unitPrice"], each["invoiceQuantity"]) for each in note["lines"]] == [
        ("2", "und", "10", "2"),
        ("1", "und", "1.25", None),
    ]
    found = await read_invoice(api, id)
    assert found["creditableTotal"] == "14.45"
    assert [(each["creditableQuantity"], each["creditableNet"]) for each in found["lines"]] == [
        ("1", "10.00"),
        ("0.75", "3.75"),
    ]
    over = await try_credit(api, id, {"position": 1, "quantity": "2"}, {"position": 2, "amount": "3.76"})
    assert {(error["code"], *error["path"], *error["expected"]) for error in over["userErrors"]} == {
        ("CREDIT_EXCEEDED", "input", "lines", "0", "quantity", "1"),
        ("CREDIT_EXCEEDED", "input", "lines", "1", "amount", "3.75"),
    }
    rest = await credited(api, id)
    assert rest["total"] == "14.45"


@pytest.mark.parametrize(
    ("sold", "parts", "quantity"),
    [
        ({"quantity": "3"}, [{"amount": "15.00"}], "1.5"),
        ({"quantity": "3"}, [{"amount": "30.00"}], "0"),
        ({"quantity": "3"}, [{"amount": "29.99"}], "0.001"),
        ({"quantity": "3", "unitPrice": "3.333333"}, [{"quantity": "1"}, {"quantity": "1"}], "1"),
        ({"quantity": "3", "unitPrice": "0.00"}, [], "0"),
        (
            {"quantity": "5", "unitPrice": "7.77", "discount": "0.70"},
            [{"amount": "9.99"}, {"quantity": "1"}],
            "2.586987",
        ),
    ],
)
async def test_the_creditable_quantity_is_what_a_refusal_names_and_a_note_takes(
    api: Api, sold: Answer, parts: list[Answer], quantity: str
) -> None:
    id = await invoiced(api, line(**sold), line())
    for part in parts:
        await credited(api, id, {"position": 1} | part)
    assert (await read_invoice(api, id))["lines"][0]["creditableQuantity"] == quantity
    [error] = (await try_credit(api, id, {"position": 1, "quantity": "9"}))["userErrors"]
    assert (error["code"], error["expected"]) == ("CREDIT_EXCEEDED", [quantity])
    if quantity != "0":
        await credited(api, id, {"position": 1, "quantity": quantity})


async def test_an_empty_list_is_not_taken_for_everything(api: Api) -> None:
    id = await invoiced(api)
    assert faults(await try_credit(api, id, lines=[])) == {("input.lines", "REQUIRED")}
    assert faults(await try_debit(api, id, lines=[], charges=[])) == {("input.lines", "REQUIRED")}
    assert faults(await try_debit(api, id)) == {("input.lines", "REQUIRED")}
    assert (await read_invoice(api, id))["creditableTotal"] == "37.10"


async def test_a_text_that_no_font_shows_is_refused_wherever_a_note_prints_it(api: Api) -> None:
    id = await invoiced(api)
    note = {"reason": "Mora 😀", "notes": "Nota 😀", "charges": [line(description="Cargo 😀")]}
    payload = await try_debit(api, id, {"position": 1, "amount": "1.00", "description": "Línea 😀"}, **note)
    assert faults(payload) == {
        (f"input.{place}", "UNPRINTABLE")
        for place in ("reason", "notes", "lines.0.description", "charges.0.description")
    }


async def test_a_dry_run_is_a_preview_that_stores_nothing_and_takes_no_number(api: Api) -> None:
    id = await invoiced(api)
    before = await stored(api)
    note = await credited(api, id, dryRun=True)
    assert (note["status"], note["number"], note["total"]) == ("DRAFT", None, "37.10")
    assert await stored(api) == before
    assert (await read_invoice(api, id))["creditableTotal"] == "37.10"
    assert (await credited(api, id))["number"] == "0000000001"


async def test_a_repeated_request_makes_one_note(api: Api) -> None:
    id = await invoiced(api)
    first, second = [await credited(api, id, {"position": 1, "quantity": "1"}, idempotencyKey="k-1") for _ in range(2)]
    assert first["id"] == second["id"]
    assert len((await read_invoice(api, id))["creditNotes"]) == 1
    other = await try_credit(api, id, {"position": 1, "quantity": "2"}, idempotencyKey="k-1")
    assert faults(other) == {("idempotencyKey", "IDEMPOTENCY_MISMATCH")}


async def test_another_billing_point_may_be_named(api: Api) -> None:
    await add_billing_point(api, "002")
    id = await invoiced(api, billingPoint="001")
    assert (await credited(api, id, {"position": 1, "quantity": "1"}, billingPoint="002"))["billingPoint"] == "002"
    assert (await credited(api, id))["billingPoint"] == "001"


async def test_the_day_lies_between_the_invoices_and_today(api: Api) -> None:
    today = calendar.today()
    days = [str(today - timedelta(days)) for days in (3, 4)]
    id = await invoiced(api, issueDate=days[0])
    late = await try_credit(api, id, issueDate=str(today + timedelta(1)))
    assert faults(late) == {("input.issueDate", "OUT_OF_RANGE")}
    assert faults(await try_credit(api, id, issueDate=days[1])) == {("input.issueDate", "OUT_OF_RANGE")}
    assert (await credited(api, id, issueDate=days[0]))["issueDate"] == days[0]


async def test_all_faults_come_at_once(api: Api) -> None:
    id = await invoiced(api)
    payload = await try_credit(
        api, id, {"position": 9}, reason=" ", notes="x" * 2001, billingPoint="999", issueDate="1999-01-01"
    )
    assert faults(payload) == {
        ("input.lines.0.position", "NOT_FOUND"),
        ("input.reason", "REQUIRED"),
        ("input.notes", "TOO_LONG"),
        ("input.billingPoint", "NOT_FOUND"),
        ("input.issueDate", "OUT_OF_RANGE"),
    }


async def test_texts_that_no_font_can_show_are_refused(api: Api) -> None:
    id = await invoiced(api)
    payload = await try_credit(api, id, reason="Por \ue000", notes="Con \ue000")
    assert faults(payload) == {("input.reason", "UNPRINTABLE"), ("input.notes", "UNPRINTABLE")}
    charge = line(description="Con \ue000", unitPrice="1")
    assert faults(await try_debit(api, id, charges=[charge])) == {("input.charges.0.description", "UNPRINTABLE")}


@pytest.mark.parametrize("id", ["nonsense", "00000000-0000-0000-0000-000000000000"])
async def test_an_unknown_invoice_is_not_found(api: Api, id: str) -> None:
    assert faults(await try_credit(api, id)) == {("input.invoiceId", "NOT_FOUND")}


async def test_an_electronic_account_does_not_credit_what_was_invoiced_on_paper(api: Api) -> None:
    id = await invoiced(api)
    with tenant.acting_for(api.account_id):
        await models.Account.filter(id=api.account_id).update(electronic_invoicing=True)
    payload = await try_credit(api, id)
    assert faults(payload) == {("input.invoiceId", "NOT_ALLOWED")}
    assert "CUFE" in payload["userErrors"][0]["message"]


async def test_a_draft_a_void_invoice_and_a_note_can_have_no_note(api: Api) -> None:
    draft = (await create_invoice(api, invoice(issue=False), customerId=await customer_id(api)))["invoice"]["id"]
    void = await invoiced(api)
    assert (await try_void_invoice(api, void))["userErrors"] == []
    note = (await credited(api, await invoiced(api)))["id"]
    for id in (draft, void, note):
        assert faults(await try_credit(api, id)) == {("input.invoiceId", "NOT_ALLOWED")}
        assert faults(await try_debit(api, id, {"position": 1, "quantity": "1"})) == {
            ("input.invoiceId", "NOT_ALLOWED")
        }


# Debit notes


async def test_a_debit_note_adds_lines_and_charges_up_to_the_invoices_total(api: Api) -> None:
    id = await invoiced(api)
    note = await debited(
        api,
        id,
        {"position": 1, "amount": "2.00", "description": "Diferencia de precio"},
        charges=[line(description="Intereses", unitPrice="5.00", itbmsRate="EXEMPT")],
    )
    assert [(each["invoicePosition"], each["description"], each["total"]) for each in note["lines"]] == [
        (1, "Diferencia de precio", "2.14"),
        (None, "Intereses", "5.00"),
    ]
    found = await read_invoice(api, id)
    assert (found["creditableTotal"], [each["number"] for each in found["debitNotes"]]) == ("37.10", ["0000000001"])
    over = await try_debit(api, id, charges=[line(unitPrice="29.97", itbmsRate="EXEMPT")])
    [error] = over["userErrors"]
    assert (error["path"], error["code"], error["expected"]) == (["input", "charges"], "OUT_OF_RANGE", ["29.96"])
    await debited(api, id, charges=[line(unitPrice="29.96", itbmsRate="EXEMPT")])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {("input.lines", "REQUIRED")}),
        ({"lines": [{"position": 1}]}, {("input.lines.0.quantity", "REQUIRED")}),
        ({"charges": [line(unitPrice="0.00")]}, {("input.charges", "OUT_OF_RANGE")}),
        ({"charges": [line(unitPrice="34.68")]}, {("input.charges", "OUT_OF_RANGE")}),
        ({"lines": [{"position": 1, "quantity": "3"}], "charges": [line()]}, {("input.charges", "OUT_OF_RANGE")}),
        ({"lines": [{"position": 1, "quantity": "4"}], "charges": [line()]}, {("input.lines", "OUT_OF_RANGE")}),
        ({"lines": [{"position": 1, "quantity": "0.0001"}]}, {("input.lines.0.quantity", "OUT_OF_RANGE")}),
        ({"lines": [{"position": 1, "amount": "0.01"}], "charges": [line(unitPrice="0.00")] * 1000}, {
            ("input.charges", "TOO_MANY"),
        }),
        ({"charges": [line(quantity="0", cpbs="0000")]}, {
            ("input.charges.0.quantity", "OUT_OF_RANGE"), ("input.charges.0.cpbs", "UNKNOWN_CPBS"),
        }),
        ({"lines": [{"position": 7, "quantity": "1"}], "charges": [line(unit="nada")]}, {
            ("input.lines.0.position", "NOT_FOUND"), ("input.charges.0.unit", "UNKNOWN_UNIT"),
        }),
    ],
)  # fmt: skip
async def test_a_debit_note_is_refused_at_its_places(api: Api, given: dict[str, Any], expected: Faults) -> None:
    lines = given.pop("lines", [])
    assert faults(await try_debit(api, await invoiced(api), *lines, **given)) == expected


async def test_a_debit_note_of_an_invoice_all_of_which_was_credited_has_a_warning(api: Api) -> None:
    id = await invoiced(api)
    await credited(api, id, {"position": 1})
    one = {"position": 2, "amount": "1.00"}
    assert (await try_debit(api, id, one))["warnings"] == []
    rest = await credited(api, id)
    for given in ({"dryRun": True}, {}):
        payload = await try_debit(api, id, one, **given)
        assert payload["userErrors"] == []
        assert payload["warnings"] == [{"path": ["input", "invoiceId"], "code": "ALL_CREDITED"}]
    await try_void_note(api, rest["id"])
    assert (await try_debit(api, id, one))["warnings"] == []


# Voiding


async def test_an_invoice_is_not_voided_while_notes_stand(api: Api) -> None:
    id = await invoiced(api)
    note = await credited(api, id, {"position": 1, "quantity": "1"})
    debit = await debited(api, id, {"position": 1, "quantity": "1"})
    payload = await try_void_invoice(api, id)
    [error] = payload["userErrors"]
    assert (error["path"], error["code"], error["relatedId"]) == (["id"], "NOT_ALLOWED", note["id"])
    assert "nota de crédito 001-0000000001, nota de débito 001-0000000001" in error["message"]
    for each in (note, debit):
        void = await try_void_note(api, each["id"])
        assert (void["note"]["status"], void["userErrors"]) == ("VOID", [])
    assert (await try_void_invoice(api, id))["invoice"]["status"] == "VOID"


async def test_what_a_void_note_credited_can_be_credited_again(api: Api) -> None:
    id = await invoiced(api)
    note = await credited(api, id)
    await try_void_note(api, note["id"])
    assert (await read_invoice(api, id))["creditableTotal"] == "37.10"
    assert (await credited(api, id))["number"] == "0000000002"


async def test_void_note_is_for_notes_and_void_invoice_for_invoices(api: Api) -> None:
    id = await invoiced(api)
    note = (await credited(api, id))["id"]
    assert faults(await try_void_note(api, id)) == {("id", "NOT_FOUND")}
    assert faults(await try_void_invoice(api, note)) == {("id", "NOT_FOUND")}


# At once


async def test_of_notes_at_once_none_takes_more_than_there_is(api: Api) -> None:
    id = await invoiced(api, line(quantity="5"))
    payloads = await asyncio.gather(*(try_credit(api, id, {"position": 1, "quantity": "1"}) for _ in range(12)))
    refused = [payload for payload in payloads if payload["userErrors"]]
    assert len(refused) == 7
    assert all(faults(payload) == {("input.lines.0.quantity", "CREDIT_EXCEEDED")} for payload in refused)
    numbers = sorted(payload["note"]["number"] for payload in payloads if payload["note"])
    assert numbers == [f"{number:010}" for number in range(1, 6)]
    assert (await read_invoice(api, id))["creditableTotal"] == "0.00"


async def test_either_the_void_or_the_note_wins(api: Api) -> None:
    for _ in range(6):
        id = await invoiced(api)
        void, note = await asyncio.gather(try_void_invoice(api, id), try_credit(api, id))
        assert sorted([bool(void["userErrors"]), bool(note["userErrors"])]) == [False, True]
        found = await read_invoice(api, id)
        assert (found["status"], len(found["creditNotes"])) in (("VOID", 0), ("ISSUED", 1))


# Reading

_LISTS = """
    { creditNotes { totalCount edges { node { number invoice { number } } } totals { currency status count total } }
      debitNotes { edges { node { number reason } } }
      invoices { totalCount edges { node { number } } }
      documents(orderBy: {field: CREATED_AT, direction: ASC}) { totalCount edges { node {
          __typename number documentType total
          ... on Invoice { creditableTotal dueDate } ... on CreditNote { reason invoice { number } }
      } } } }
"""


async def test_lists_have_their_types_and_documents_has_all(api: Api) -> None:
    id = await invoiced(api)
    await credited(api, id, {"position": 2})
    await debited(api, id, {"position": 1, "quantity": "1"})
    found = await api.ask(_LISTS)
    assert found["creditNotes"]["edges"] == [{"node": {"number": "0000000001", "invoice": {"number": "0000000001"}}}]
    assert found["creditNotes"]["totals"] == [{"currency": "PAB", "status": "ISSUED", "count": 1, "total": "5.00"}]
    assert found["debitNotes"]["edges"] == [{"node": {"number": "0000000001", "reason": "Intereses por mora"}}]
    assert found["invoices"]["totalCount"] == 1
    nodes = [edge["node"] for edge in found["documents"]["edges"]]
    assert [node["__typename"] for node in nodes] == ["Invoice", "CreditNote", "DebitNote"]
    assert nodes[0]["creditableTotal"] == "32.10"
    assert (nodes[1]["reason"], nodes[1]["invoice"]) == (REASON, {"number": "0000000001"})
    assert "reason" not in nodes[2]


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        ({"documentType": ["CREDIT_NOTE"]}, ["CreditNote"]),
        ({"documentType": ["INVOICE", "DEBIT_NOTE"], "total": {"to": "12"}}, ["DebitNote"]),
        ({"status": ["VOID"]}, []),
        ({"invoiceId": "nonsense"}, []),
        ({"billingPoint": "001", "branch": "0000", "fiscalStatus": ["NONE"]}, ["CreditNote", "DebitNote", "Invoice"]),
        ({"cufe": "FE01"}, []),
        ({"blockedReason": ["FOLIOS"]}, []),
    ],
)
async def test_documents_are_filtered(api: Api, filter: dict[str, Any], expected: list[str]) -> None:
    id = await invoiced(api)
    await credited(api, id, {"position": 2})
    await debited(api, id, {"position": 1, "quantity": "1"})
    query = "query ($f: DocumentFilter) { documents(filter: $f) { edges { node { __typename } } } }"
    found = await api.ask(query, f=filter)
    assert sorted(edge["node"]["__typename"] for edge in found["documents"]["edges"]) == expected


async def test_notes_of_an_invoice_and_of_a_customer_are_found(api: Api) -> None:
    id, other = await invoiced(api), await invoiced(api)
    note = await credited(api, id)
    await credited(api, other)
    query = """query ($f: DocumentFilter, $s: String) {
        creditNotes(filter: $f, search: $s) { edges { node { id } } } }"""
    for variables in ({"f": {"invoiceId": id}}, {"f": {"customerId": note["customer"]["id"]}}, {"s": "001-1"}):
        found = await api.ask(query, **variables)
        assert [edge["node"]["id"] for edge in found["creditNotes"]["edges"]] == [note["id"]]


async def test_node_and_nodes_give_the_right_type(api: Api) -> None:
    id = await invoiced(api)
    ids = [id, (await credited(api, id))["id"], (await debited(api, id, {"position": 1, "quantity": "1"}))["id"]]
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on SalesDocument { number } } }"
    found = (await api.ask(query, ids=ids))["nodes"]
    assert [(node["__typename"], node["id"]) for node in found] == [
        ("Invoice", ids[0]),
        ("CreditNote", ids[1]),
        ("DebitNote", ids[2]),
    ]
    one = """query ($id: ID!) { node(id: $id) { __typename } document(id: $id) { __typename total }
        creditNote(id: $id) { reason } debitNote(id: $id) { reason } invoice(id: $id) { total } }"""
    assert await api.ask(one, id=ids[1]) == {
        "node": {"__typename": "CreditNote"},
        "document": {"__typename": "CreditNote", "total": "37.10"},
        "creditNote": {"reason": REASON},
        "debitNote": None,
        "invoice": None,
    }


async def test_what_was_invoiced_to_a_customer_counts_no_notes(api: Api) -> None:
    id = await invoiced(api)
    customer = (await credited(api, id))["customer"]["id"]
    query = "query ($id: ID!) { customer(id: $id) { invoiceCount invoicedTotal } }"
    assert (await api.ask(query, id=customer))["customer"] == {"invoiceCount": 1, "invoicedTotal": "37.10"}


async def test_numbering_is_audited_by_type(api: Api) -> None:
    id = await invoiced(api)
    note = await credited(api, id)
    await try_void_note(api, note["id"])
    await credited(api, id)
    query = """query ($type: DocumentType!) { numberingAudit(billingPoint: "001", documentType: $type) {
        documentType lastNumber issuedCount voidCount gaps { first }
        voids { edges { node { __typename number } } } } }"""
    assert (await api.ask(query, type="CREDIT_NOTE"))["numberingAudit"] == {
        "documentType": "CREDIT_NOTE",
        "lastNumber": "0000000002",
        "issuedCount": 1,
        "voidCount": 1,
        "gaps": [],
        "voids": {"edges": [{"node": {"__typename": "CreditNote", "number": "0000000001"}}]},
    }
    assert (await api.ask(query, type="INVOICE"))["numberingAudit"]["lastNumber"] == "0000000001"


# Audit trail and events


async def test_the_trail_has_notes_under_their_types(api: Api) -> None:
    id = await invoiced(api)
    note = await credited(api, id)
    await try_void_note(api, note["id"])
    query = """query ($id: ID!) {
        auditEvents(filter: {objectType: [CREDIT_NOTE]}) { edges { node { action objectType objectId } } }
        creditNote(id: $id) { history { kind } } }"""
    found = await api.ask(query, id=note["id"])
    events = [edge["node"] for edge in found["auditEvents"]["edges"]]
    assert [(event["action"], event["objectId"]) for event in events] == [
        ("UPDATED", note["id"]),
        ("CREATED", note["id"]),
    ]
    assert [entry["kind"] for entry in found["creditNote"]["history"]] == ["ISSUED", "VOIDED"]


async def test_events_of_notes_have_their_own_names(api: Api) -> None:
    id = await invoiced(api)
    note = await credited(api, id, {"position": 2})
    debit = await debited(api, id, {"position": 1, "quantity": "1"})
    await api.ask(_SEND, id=note["id"])
    await try_void_note(api, debit["id"])
    with tenant.acting_for(api.account_id):
        events = await models.Event.filter(account_id=api.account_id).order_by("position")
    told = [(event.type.value, str(event.object_id)) for event in events if "NOTE" in event.type]
    assert told == [
        ("CREDIT_NOTE_ISSUED", note["id"]),
        ("DEBIT_NOTE_ISSUED", debit["id"]),
        ("CREDIT_NOTE_SENT", note["id"]),
        ("DEBIT_NOTE_VOIDED", debit["id"]),
    ]
    issued = next(event for event in events if event.type == "CREDIT_NOTE_ISSUED")
    assert (issued.data["invoiceId"], issued.data["number"], issued.data["total"]) == (id, "0000000001", "5.00")
    assert [event.type.value for event in events].count("INVOICE_ISSUED") == 1


async def test_send_document_gives_the_document_whatever_it_is(api: Api) -> None:
    id = await invoiced(api)
    note = await credited(api, id)
    query = """mutation ($id: ID!) { sendDocument(id: $id, to: ["ana@example.com"]) {
        document { __typename id } invoice { id } userErrors { code } } }"""
    of_note = (await api.ask(query, id=note["id"]))["sendDocument"]
    assert (of_note["document"], of_note["invoice"]) == ({"__typename": "CreditNote", "id": note["id"]}, None)
    of_invoice = (await api.ask(query, id=id))["sendDocument"]
    assert (of_invoice["document"]["__typename"], of_invoice["invoice"]["id"]) == ("Invoice", id)
