"""Credit and debit notes: issuing them. What else is done with them is what is done with any document."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final, NamedTuple
from uuid import UUID

from tortoise.connection import get_connection
from uuid_utils.compat import uuid7

from db import models, tenant
from db.write_statement import WriteStatement
from emission.clock import read_now
from emission.queue import add_to_queue
from projection import One
from resolvers.account_settings import AccountSettings, current_settings
from resolvers.customer_rows import FROZEN_COLUMNS
from resolvers.electronic_check import ReceiverToJudge, check_issuer, warn
from resolvers.invoice_check import check_printing, choose_point, with_further
from resolvers.invoice_numbers import take_number
from resolvers.invoice_rows import add_note_lines, freeze_issuer, line_of, total_columns
from resolvers.outbox import add_event
from resolvers.reference_rows import check_for_document, reference_columns
from resolvers.scope import mine, my_documents, my_notes, uuid_of
from resolvers.transactions import Result, atomically, store
from rules import calendar, keys, text
from rules import invoice as rules
from rules.faults import Code, Fault, InputWarning, Record, Refusal, Text, WarningCode, faults_of
from rules.fiscal import electronic
from rules.fiscal.references import Reference, check_day, check_reference
from rules.invoice import InvoiceData, Line, LineData, Totals
from rules.note_lines import Credited, NoteLine, PartData
from rules.notes import check_debit, credit, debit
from rules.printing import Printable
from rules.references import NO_REFERENCES, References
from rules.vocabulary import DocumentType, EventType, FiscalStatus, InvoiceStatus, PaymentMethod


def by_id(id: str | UUID) -> One:
    return One(my_notes(id=uuid_of(str(id))))


def of_type(type: DocumentType, id: str) -> One:
    return One(my_documents(type=type, id=uuid_of(id)))


@dataclass(frozen=True, kw_only=True)
class CreateNote:
    """A note to issue. A credit note whose parts are None is for all that is left of the invoice.

    ``charges`` are what a debit note adds that the invoice doesn't have. Without ``notify`` it isn't mailed by itself.
    A dry run takes no number and so leaves a draft, which the caller rolls back.
    """

    type: DocumentType
    invoice_id: str
    reason: str
    branch: str | None = None
    billing_point: str | None = None
    issue_date: date | None = None
    notes: str | None = None
    parts: tuple[PartData, ...] | None = None
    charges: tuple[LineData, ...] = ()
    references: References = NO_REFERENCES
    notify: bool = True
    dry_run: bool = False


@dataclass(frozen=True, kw_only=True)
class _CheckedNote:
    branch: str
    billing_point: str
    lines: tuple[NoteLine, ...]
    totals: Totals
    adds_to_nothing: bool  # a debit note of an invoice all of which was credited


async def create(command: CreateNote, printable: Printable) -> Result:
    """Issue a note of an invoice, which stays locked meanwhile. Raises ``Refusal`` with all faults."""

    async def action() -> Result:
        invoice = await _lock_invoice(command.invoice_id)
        settings = await current_settings()
        await _check_invoice(invoice, settings)
        # As the invoice is, whatever the account's next ones are.
        settings = replace(settings, electronic_invoicing=invoice.electronic)
        note = await _check(command, invoice, settings, printable)
        row = _row(command, invoice, note)
        row.notify = command.notify
        statement = WriteStatement()
        if not command.dry_run:
            freeze_issuer(row, settings)
        numbered = {} if command.dry_run else take_number(statement, row)
        statement.insert_row(row, numbered)
        add_note_lines(statement, row, note.lines)
        if invoice.electronic:
            add_to_queue(statement, row.id)
        if numbered:
            add_event(statement, EventType.of_document(command.type, "ISSUED"), row, {"number": numbered["number"]})
        return await store(statement, Result(row.id, warnings=_remarks(note, invoice)))

    return await atomically(action)


async def _lock_invoice(id: str) -> models.Document:
    """The invoice with its customer as it is now, which isn't locked."""
    found = my_documents(id=uuid_of(id), customer__account_id=tenant.current_account()).select_related("customer")
    locked = found.select_for_update(no_key=True, of=("document",))
    # If it gets another customer while this waits for the lock, as in a merge, it is found the second time.
    row = await locked.get_or_none() or await locked.get_or_none()
    if row is None:
        raise Refusal(Fault(("invoiceId",), Code.NOT_FOUND, _NO_SUCH_INVOICE, record=Record.NOTE))
    return row


async def _check_invoice(invoice: models.Document, settings: AccountSettings) -> None:
    """Raises ``Refusal`` if no note may refer to it; then nothing else is worth saying."""
    emission = await mine(models.Emission, document_id=invoice.id).get_or_none() if invoice.electronic else None
    reference = Reference(
        type=invoice.type,
        status=invoice.status,
        fiscal_status=emission.status if emission else FiscalStatus.NONE,
        issue_date=invoice.issue_date,
        issued_at=invoice.issued_at,
        issuer_ruc=invoice.issuer_ruc,
    )
    is_electronic = settings.electronic_invoicing
    now = await read_now() if invoice.electronic else datetime.now(UTC)
    fault = check_reference(reference, now=now, ruc=settings.ruc, is_electronic=is_electronic)
    if fault is not None:
        raise Refusal(replace(fault.of(Record.NOTE), related_id=invoice.id))


async def _check(
    command: CreateNote, invoice: models.Document, settings: AccountSettings, printable: Printable
) -> _CheckedNote:
    sold = [line_of(line) for line in await mine(models.DocumentLine, document_id=invoice.id).order_by("position")]
    is_credited = False
    if command.type is DocumentType.CREDIT_NOTE:
        lines, faults = credit(sold, await _read_credited(invoice.id), command.parts, invoice.issue_date)
    else:
        noted = await _read_noted(invoice.id)
        is_credited = noted.credited >= invoice.total
        lines, faults = _debit(command, invoice, sold, noted.debited)
    point, point_faults = _choose_point(command, invoice, settings)
    reason = text.clean(command.reason, multiline=True)
    faults = (
        *faults,
        *rules.check_reason(reason),
        *rules.check_notes(text.clean(command.notes, multiline=True)),
        *_check_days(command, invoice),
        *point_faults,
    )
    references = await check_for_document(command.references)
    further = (
        *faults_of(Record.NOTE, printable.check(("reason",), reason)),
        *faults_of(Record.NOTE, _check_printing_of_parts(command.parts or (), printable)),
        *_of_charges(check_printing(InvoiceData(lines=command.charges, notes=command.notes), settings, printable)),
        *_of_charges(_check_electronic(command, invoice)),
    )
    faults = with_further(faults_of(Record.NOTE, faults), further)
    faults = (*faults, *references, *check_issuer(settings))
    if faults or point is None:
        raise Refusal(*faults)
    totals = rules.total(lines)
    return _CheckedNote(
        branch=point[0], billing_point=point[1], lines=lines, totals=totals, adds_to_nothing=is_credited
    )


def _check_printing_of_parts(parts: Sequence[PartData], printable: Printable) -> Iterator[Fault]:
    for index, part in enumerate(parts):
        yield from printable.check(("lines", str(index), "description"), text.clean(part.description, multiline=True))


def _choose_point(
    command: CreateNote, invoice: models.Document, settings: AccountSettings
) -> tuple[tuple[str, str] | None, tuple[Fault, ...]]:
    """The invoice's billing point, unless another one is named."""
    if command.branch is None and command.billing_point is None:
        return (invoice.branch, invoice.billing_point), ()
    point, faults = choose_point(command.branch, command.billing_point, settings.points)
    return point and (point.branch, point.code), faults


def _check_days(command: CreateNote, invoice: models.Document) -> tuple[Fault, ...]:
    today = calendar.today()
    day = invoice.issue_date
    return tuple(check_day(command.issue_date, today, invoice_date=day, is_electronic=invoice.electronic))


def _check_electronic(command: CreateNote, invoice: models.Document) -> tuple[Fault, ...]:
    """What the DGI asks of lines that aren't the invoice's."""
    if not invoice.electronic:
        return ()
    found = electronic.check_electronic(command.charges, invoice.receiver_type, None, calendar.today())
    return faults_of(Record.INVOICE, found)


def _of_charges(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """Faults of the lines of an invoice, as those of the charges of a note."""

    def move(fault: Fault) -> Fault:
        if fault.record is not Record.INVOICE:
            return fault
        path = ("charges", *fault.path[1:]) if fault.path[0] == "lines" else fault.path
        return replace(fault, path=path, record=Record.NOTE)

    return tuple([move(fault) for fault in faults])


# Lines


def _debit(
    command: CreateNote, invoice: models.Document, sold: Sequence[Line], debited: Decimal
) -> tuple[tuple[NoteLine, ...], tuple[Fault, ...]]:
    parts = command.parts or ()
    charge_faults = _of_charges(
        faults_of(Record.INVOICE, rules.check_lines(command.charges) if command.charges else ())
    )
    if charge_faults:
        _, faults = debit(sold, parts, (), invoice.issue_date)
        return (), (*(faults if parts else ()), *charge_faults)
    lines, faults = debit(sold, parts, command.charges, command.issue_date or calendar.today())
    return lines, faults or check_debit(lines, invoice.total - debited)


async def _read_credited(invoice_id: UUID) -> Mapping[int, Credited]:
    """What the credit notes that stand have taken of the invoice, by the positions of its lines."""
    rows = await get_connection("default").execute_query_dict(_CREDITED, [tenant.current_account(), invoice_id])
    return {row.pop("position"): Credited(**row) for row in rows}


class _Noted(NamedTuple):
    """The totals of the notes of an invoice that stand."""

    credited: Decimal
    debited: Decimal


async def _read_noted(invoice_id: UUID) -> _Noted:
    [row] = await get_connection("default").execute_query_dict(_NOTED, [tenant.current_account(), invoice_id])
    return _Noted(**row)


_CREDITED: Final = """
    SELECT l.invoice_position AS position, coalesce(sum(l.invoice_quantity), 0) AS quantity,
           coalesce(sum(l.net) FILTER (WHERE l.invoice_quantity IS NOT NULL), 0.00) AS by_quantity,
           sum(l.net) AS net, sum(l.itbms) AS itbms, count(*) AS parts
    FROM document d JOIN document_line l ON l.account_id = $1 AND l.document_id = d.id
    WHERE d.account_id = $1 AND d.invoice_id = $2 AND d.type = 'CREDIT_NOTE' AND d.status = 'ISSUED'
    GROUP BY l.invoice_position
"""
_NOTED: Final = """
    SELECT coalesce(sum(d.total) FILTER (WHERE d.type = 'CREDIT_NOTE'), 0.00) AS credited,
           coalesce(sum(d.total) FILTER (WHERE d.type = 'DEBIT_NOTE'), 0.00) AS debited
    FROM document d WHERE d.account_id = $1 AND d.invoice_id = $2 AND d.status = 'ISSUED'
"""


# Rows


def _row(command: CreateNote, invoice: models.Document, note: _CheckedNote) -> models.Document:
    """The note as a draft, or issued but for its issuer and number.

    Its receiver is the invoice's, but the note goes to where the customer is reached now.
    """
    issue_date = command.issue_date or calendar.today()
    row = models.Document(
        id=uuid7(),
        account_id=invoice.account_id,
        type=command.type,
        customer_id=invoice.customer_id,
        invoice_id=invoice.id,
        note_reason=text.clean(command.reason, multiline=True),
        branch=note.branch,
        billing_point=note.billing_point,
        status=InvoiceStatus.DRAFT,
        issue_date=issue_date,
        currency=invoice.currency,
        notes=text.clean(command.notes, multiline=True),
        search=keys.search_column(
            invoice.receiver_name or "", invoice.receiver_ruc, invoice.receiver_foreign_id_number
        ),
        **total_columns(note.totals),
        **reference_columns(command.references),
    )
    if invoice.electronic:
        # Nobody agrees how to pay a note; the DGI gets this form (emission/compose.py).
        row.payment_forms = [{"method": PaymentMethod.CASH, "amount": str(note.totals.total), "description": None}]
    if not command.dry_run:
        row.electronic = invoice.electronic
        for column in ("type", *FROZEN_COLUMNS):
            setattr(row, f"receiver_{column}", getattr(invoice, f"receiver_{column}"))
        row.receiver_email, row.receiver_language = invoice.customer.email, invoice.customer.language
    return row


def _remarks(note: _CheckedNote, invoice: models.Document) -> tuple[InputWarning, ...]:
    credited = (_ALL_CREDITED,) if note.adds_to_nothing else ()
    if not invoice.electronic:
        return credited
    receiver = ReceiverToJudge(
        type=invoice.receiver_type, email=invoice.customer.email, verification=None, record=Record.NOTE
    )
    remarks = [replace(warning, record=Record.NOTE) for warning in warn(note.lines, note.totals, receiver)]
    return (*credited, *remarks)


_ALL_CREDITED: Final = InputWarning(
    ("invoiceId",),
    WarningCode.ALL_CREDITED,
    Text(
        "De esta factura ya se acreditó todo: la nota de débito cobra sobre una factura sin saldo.",
        "All of this invoice has been credited: the debit note charges on an invoice of which nothing is left.",
    ),
    Record.NOTE,
)


_NO_SUCH_INVOICE: Final = Text("No existe esta factura.", "There is no such invoice.")
