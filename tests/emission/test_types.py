"""Notes and exports on their way: as invoices, under their own names, each type with its own numbers."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from tortoise.connection import get_connection

from db import models, tenant
from emission import requests
from emission.compose import read_document
from emission.settings import Settings
from pac.emission import Evidence, FiscalFault, Folios, Rejected
from pac.providers import SANDBOX, SANDBOX_REST
from resolvers import notes
from resolvers.notes import CreateNote
from rules.faults import Refusal
from rules.fiscal.document import Export, FiscalReference, PaymentForm
from rules.note_lines import PartData
from rules.printing import Printable
from rules.vocabulary import Currency, DocumentType, FiscalStatus, Incoterm, PaymentMethod
from tests.builders import company, create_invoice, foreigner, invoice, line
from tests.conftest import Api
from tests.emission.conftest import Bench
from tests.emission.queueing import add_note
from tests.emission.test_acts import requested
from tests.emission.test_sandbox import Served, serve

NOTES = (DocumentType.CREDIT_NOTE, DocumentType.DEBIT_NOTE)
REJECTED = Rejected(
    faults=(FiscalFault(code="1720", message="Fecha", field=None, path=None, line=None, is_notice=False),),
    evidence=Evidence(code="203", message="1720-Fecha"),
)


async def authorized_invoice(bench: Bench) -> UUID:
    id = await bench.queue()
    await bench.work_until(id, "AUTHORIZED")
    return id


async def note_of(bench: Bench, invoice_id: UUID, type_: DocumentType, number: int = 1) -> UUID:
    with bench.acting():
        return await add_note(invoice_id, type_, number)


@pytest.mark.parametrize("type_", NOTES)
async def test_what_becomes_of_a_note_is_told_under_its_name(bench: Bench, type_: DocumentType) -> None:
    invoice_id = await authorized_invoice(bench)
    note = await note_of(bench, invoice_id, type_)
    bench.provider.sending.append(REJECTED)
    await bench.work_until(note, "REJECTED")
    assert await requested(bench, requests.requeue_corrected, note) is FiscalStatus.QUEUED
    await bench.work_until(note, "AUTHORIZED")
    await requested(bench, requests.request_void, note, "Se acreditó de más en esta nota")
    await bench.work_until(note, "VOIDED")
    assert await bench.told(note) == [f"{type_}_REJECTED", f"{type_}_AUTHORIZED", f"{type_}_VOIDED"]
    assert (await bench.document(note)).status == "VOID"
    assert await bench.told(invoice_id) == ["INVOICE_AUTHORIZED"]
    assert await bench.status(invoice_id) == "AUTHORIZED"


async def test_an_invoice_and_its_notes_of_one_number_are_three_documents(bench: Bench) -> None:
    bench.provider.folios = Folios(available=900, used=100, total=1000, licence_until="2999-01-01", cycle="11")
    invoice_id = await authorized_invoice(bench)
    await bench.fetch()
    notes = [await note_of(bench, invoice_id, type_) for type_ in NOTES]
    bench.clock.go_on(days=26)
    await bench.reconcile()
    assert await bench.differences() == [
        ("DEADLINE_NEAR", "CREDIT_NOTE 0000-001-0000000001", 1),
        ("DEADLINE_NEAR", "DEBIT_NOTE 0000-001-0000000001", 1),
    ]
    for note in notes:
        await bench.work_until(note, "AUTHORIZED")
    assert len({(await bench.row(id)).cufe for id in (invoice_id, *notes)}) == 3


async def test_missing_numbers_are_told_by_type(bench: Bench) -> None:
    bench.provider.folios = Folios(available=900, used=100, total=1000, licence_until="2999-01-01", cycle="11")
    invoice_id = await authorized_invoice(bench)
    for type_ in NOTES:
        await note_of(bench, invoice_id, type_, number=3)
    with bench.acting():
        sql = "UPDATE sequence SET last_number = 2 WHERE account_id = $1 AND type = 'INVOICE'"
        await get_connection("default").execute_query(sql, [bench.api.account_id])
    await bench.reconcile()
    assert await bench.differences() == [
        ("NUMBERS_MISSING", "0000-001", 1),
        ("NUMBERS_MISSING", "CREDIT_NOTE 0000-001", 2),
        ("NUMBERS_MISSING", "DEBIT_NOTE 0000-001", 2),
    ]


@pytest.fixture
async def real(electronic: Api) -> Bench:
    """A bench whose documents are composed as the service does."""
    bench = Bench(electronic, compose=read_document)
    await bench.use_provider()
    return bench


@pytest.mark.parametrize("type_", NOTES)
@pytest.mark.parametrize("export", [None, {"incoterm": "FOB", "country": "US", "port": "Balboa"}])
async def test_a_note_refers_to_its_invoice_by_cufe_and_exact_instant(
    real: Bench, type_: DocumentType, export: dict[str, str] | None
) -> None:
    input = invoice(export=export, paymentForms=[{"method": "CHECK"}], notes="Gracias", currency="USD")
    made = await create_invoice(real.api, input, newCustomer=foreigner() if export else company())
    assert made["userErrors"] == []
    id = UUID(made["invoice"]["id"])
    await real.work_until(id, "AUTHORIZED")
    note = await note_of(real, id, type_)
    with tenant.acting_for(real.api.account_id):
        sold, credited = [await read_document(real.api.account_id, each) for each in (id, note)]
        row = await models.Document.get(id=id)
    assert row.issued_at
    assert credited.references == (FiscalReference(cufe=(await real.row(id)).cufe or "", emitted_at=row.issued_at),)
    assert sold.references == ()
    assert credited.payment_forms == (PaymentForm(method=PaymentMethod.CASH, amount=credited.total),)
    assert credited.instalments == ()
    assert (credited.receiver, credited.lines, credited.total) == (sold.receiver, sold.lines, sold.total)
    expected = Export(country="US", incoterm=Incoterm.FOB, currency=Currency.USD, port="Balboa") if export else None
    assert credited.export == sold.export == expected
    assert await real.work_until(note, "AUTHORIZED") == "AUTHORIZED"


@pytest.mark.parametrize("type_", NOTES)
async def test_the_reason_of_a_note_is_sent_before_its_notes(real: Bench, type_: DocumentType) -> None:
    made = await create_invoice(real.api, newCustomer=company())
    invoice_id = UUID(made["invoice"]["id"])
    await real.work_until(invoice_id, "AUTHORIZED")
    part = PartData(position=1, amount=Decimal("0.10"))
    for told in (None, "Gracias"):
        command = CreateNote(
            type=type_, invoice_id=str(invoice_id), reason="Se devolvió una parte", notes=told, parts=(part,)
        )
        with tenant.acting_for(real.api.account_id):
            note = (await notes.create(command, Printable([range(32, 400)]))).id
            sent = await read_document(real.api.account_id, note)
        assert sent.notes == ("Se devolvió una parte\nGracias" if told else "Se devolvió una parte")
        assert await real.work_until(note, "AUTHORIZED") == "AUTHORIZED"


# Notes that the service makes, at the sandbox, which checks them by a second writing of the DGI's rules


@pytest.fixture(params=[SANDBOX, SANDBOX_REST])
async def served(electronic: Api, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Served]:
    bench = Served(electronic, settings=Settings(call=2.0), compose=read_document)
    await bench.use_provider(request.param)
    async with serve(bench, request.param, tmp_path, bench.clock.now):
        yield bench


async def credit(bench: Bench, invoice_id: UUID, type_: DocumentType, *parts: PartData) -> UUID:
    command = CreateNote(type=type_, invoice_id=str(invoice_id), reason="Se devolvió una parte", parts=parts or None)
    with tenant.acting_for(bench.api.account_id):
        return (await notes.create(command, Printable([range(32, 400)]))).id


@pytest.mark.parametrize("export", [None, {"incoterm": "FOB"}])
async def test_each_part_of_an_invoice_that_is_credited_is_authorised_and_all_are_the_invoice(
    served: Served, export: dict[str, str] | None
) -> None:
    lines = [
        line(quantity="3", unitPrice="1.115", code="A"),
        line(quantity="7", unitPrice="0.333333", discount="0.1", itbmsRate="RATE_10"),
        line(quantity="1", unitPrice="99.99", itbmsRate="EXEMPT"),
    ]
    customer = foreigner() if export else company()
    made = await create_invoice(served.api, invoice(*lines, export=export), newCustomer=customer)
    assert made["userErrors"] == []
    id = UUID(made["invoice"]["id"])
    assert await served.work_until(id, "AUTHORIZED", "REJECTED") == "AUTHORIZED"
    parts: list[tuple[PartData, ...]] = [
        (PartData(position=1, quantity=Decimal(1)),),
        (PartData(position=1, quantity=Decimal(1)), PartData(position=2, quantity=Decimal("2.5"))),
        (PartData(position=3, amount=Decimal("33.33")),),
        (),
    ]
    credits = [await credit(served, id, DocumentType.CREDIT_NOTE, *each) for each in parts]
    debited = await credit(served, id, DocumentType.DEBIT_NOTE, PartData(position=3, amount=Decimal("5")))
    for note in (*credits, debited):
        assert await served.work_until(note, "AUTHORIZED", "REJECTED") == "AUTHORIZED", (await served.row(note)).faults
    found = {each["key"]: each for each in await served.documents()}
    assert sorted(key[-5:-3] for key in found) == ["03" if export else "01", *["04"] * 4, "05"]
    credited = sum(Decimal(each["total"]) for key, each in found.items() if key.endswith("-04-01"))
    assert credited == Decimal(made["invoice"]["total"])


async def test_a_void_note_leaves_its_part_to_another_one(served: Served) -> None:
    made = await create_invoice(served.api, invoice(line(quantity="2")), newCustomer=company())
    id = UUID(made["invoice"]["id"])
    await served.work_until(id, "AUTHORIZED")
    first = await credit(served, id, DocumentType.CREDIT_NOTE)
    await served.work_until(first, "AUTHORIZED")
    with pytest.raises(Refusal):
        await credit(served, id, DocumentType.CREDIT_NOTE)
    await requested(served, requests.request_void, first, "Se acreditó de más en esta nota")
    assert await served.work_until(first, "VOIDED") == "VOIDED"
    second = await credit(served, id, DocumentType.CREDIT_NOTE)
    assert await served.work_until(second, "AUTHORIZED", "REJECTED") == "AUTHORIZED"
