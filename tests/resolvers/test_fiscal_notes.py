"""What people do about notes on their way to the DGI, and about invoices whose notes are on it."""

from uuid import UUID

import pytest

from emission.compose import read_document
from rules.vocabulary import DocumentType
from tests.conftest import Answer, Api
from tests.emission.conftest import Bench
from tests.noting import credited, debited, try_void_invoice, try_void_note
from tests.resolvers.test_fiscal import authorized, block, use_number_of

ONE = {"position": 1, "quantity": "1"}
_PAYLOAD = """{
    document { __typename id number fiscal { status blockedReason } } invoice { id } userErrors { path code }
}"""
_RETRY = f"mutation ($id: ID!) {{ payload: retryEmission(id: $id) {_PAYLOAD} }}"
_RENUMBER = f"mutation ($id: ID!) {{ payload: renumberDocument(id: $id) {_PAYLOAD} }}"
_TYPES = {DocumentType.CREDIT_NOTE: "CreditNote", DocumentType.DEBIT_NOTE: "DebitNote"}


@pytest.fixture
async def bench(electronic: Api) -> Bench:
    bench = Bench(electronic, compose=read_document)
    await bench.use_provider()
    return bench


async def noted(bench: Bench, type_: DocumentType, invoice_id: str) -> str:
    make = credited if type_ is DocumentType.CREDIT_NOTE else debited
    id: str = (await make(bench.api, invoice_id, ONE))["id"]
    return id


async def done(bench: Bench, mutation: str, id: str) -> Answer:
    payload = (await bench.api.ask(mutation, id=id))["payload"]
    assert payload["userErrors"] == []
    assert payload["invoice"] is None
    document: Answer = payload["document"]
    return document


@pytest.mark.parametrize("type_", _TYPES)
async def test_a_blocked_note_is_looked_for_before_it_is_sent_again(bench: Bench, type_: DocumentType) -> None:
    id = await noted(bench, type_, await authorized(bench))
    await block(bench, id)
    after = await done(bench, _RETRY, id)
    assert (after["__typename"], after["id"]) == (_TYPES[type_], id)
    assert after["fiscal"] == {"status": "CHECKING", "blockedReason": None}
    await bench.work_until(UUID(id), "AUTHORIZED")
    again = (await bench.api.ask(_RETRY, id=id))["payload"]
    assert again == {"document": None, "invoice": None, "userErrors": [{"path": ["id"], "code": "NOT_ALLOWED"}]}
    assert await bench.told(UUID(id)) == [f"{type_}_ISSUED", "EMISSION_BLOCKED", f"{type_}_AUTHORIZED"]


@pytest.mark.parametrize("type_", _TYPES)
async def test_a_note_gets_a_fresh_number_of_its_type(bench: Bench, type_: DocumentType) -> None:
    invoice_id = await authorized(bench)
    id = await noted(bench, type_, invoice_id)
    await use_number_of(bench, id)
    after = await done(bench, _RENUMBER, id)
    assert (after["__typename"], after["number"], after["fiscal"]["status"]) == (_TYPES[type_], "0000000002", "QUEUED")
    await bench.work_until(UUID(id), "AUTHORIZED")
    query = """query ($type: DocumentType!) { numberingAudit(billingPoint: "001", documentType: $type) {
        lastNumber authorizedCount takenNumbers gaps { first } } }"""
    assert (await bench.api.ask(query, type=type_))["numberingAudit"] == {
        **{"lastNumber": "0000000002", "authorizedCount": 1, "takenNumbers": ["0000000001"], "gaps": []},
    }
    told = [f"{type_}_ISSUED", "EMISSION_BLOCKED", f"{type_}_UPDATED", f"{type_}_AUTHORIZED"]
    assert await bench.told(UUID(id)) == told


async def test_an_invoice_waits_for_the_voids_of_its_notes(bench: Bench) -> None:
    invoice_id = await authorized(bench)
    notes = [await noted(bench, type_, invoice_id) for type_ in _TYPES]
    for id in notes:
        await bench.work_until(UUID(id), "AUTHORIZED")
    assert (await try_void_note(bench.api, notes[0]))["note"]["fiscal"]["status"] == "VOIDING"
    [error] = (await try_void_invoice(bench.api, invoice_id))["userErrors"]
    assert (error["code"], error["relatedId"]) == ("NOT_ALLOWED", notes[1])
    assert "nota de crédito" not in error["message"]
    assert (await try_void_note(bench.api, notes[1]))["note"]["fiscal"]["status"] == "VOIDING"
    [error] = (await try_void_invoice(bench.api, invoice_id))["userErrors"]
    assert (error["path"], error["code"], error["relatedId"]) == (["id"], "EMISSION_PENDING", notes[0])
    assert "nota de crédito 001-0000000001, nota de débito 001-0000000001" in error["message"]
    for id in notes:
        await bench.work_until(UUID(id), "VOIDED")
    assert (await try_void_invoice(bench.api, invoice_id))["invoice"]["fiscal"]["status"] == "VOIDING"
