"""Voiding issued documents: invoices, and credit and debit notes."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from tortoise.queryset import QuerySet

from db import models
from db.write_statement import WriteStatement
from emission.clock import read_now
from emission.requests import request_void
from resolvers.invoices import NO_SUCH_INVOICE, NOT_WHEN_VOID, lock_document
from resolvers.outbox import add_event
from resolvers.scope import mine, my_invoices, my_notes
from resolvers.transactions import Result, atomically, store
from rules import text
from rules.faults import Code, Fault, InputWarning, Refusal, Text, WarningCode
from rules.fiscal.windows import VoidWindow, Windows
from rules.invoice import check_electronic_reason, check_reason
from rules.printing import Printable
from rules.vocabulary import DocumentType, EventType, FiscalStatus, InvoiceStatus


async def void_invoice(id: str, reason: str, printable: Printable, version: int | None = None) -> Result:
    """Void an issued invoice to which no note refers any more. Raises ``Refusal``, and is as ``void_note``."""
    return await _void(my_invoices(), id, NO_SUCH_INVOICE, reason, printable, version)


async def void_note(id: str, reason: str, printable: Printable, version: int | None = None) -> Result:
    """Void an issued note, which keeps its number; the same reason again changes nothing. Raises ``Refusal``.

    An electronic one that was authorised is void when the provider has confirmed it.
    """
    return await _void(my_notes(), id, _NO_SUCH_NOTE, reason, printable, version)


async def _void(
    rows: QuerySet[models.Document], id: str, missing: Text, reason: str, printable: Printable, version: int | None
) -> Result:
    clean = text.clean(reason, multiline=True)

    async def action() -> Result:
        row = await lock_document(rows, id, missing, version)
        if row.status is InvoiceStatus.VOID and row.void_reason == clean:
            return Result(row.id)
        if row.status is not InvoiceStatus.ISSUED:
            raise Refusal(NOT_WHEN_VOID if row.status is InvoiceStatus.VOID else _ONLY_ISSUED)
        if not row.type.is_note:
            await _check_notes(row)
        limits = check_electronic_reason(clean) if row.electronic else ()
        faults = limits or check_reason(clean) or tuple(printable.check(("reason",), clean))
        if faults or clean is None:
            raise Refusal(*faults)
        if row.electronic:
            return await _void_electronic(row, clean)
        row.status = InvoiceStatus.VOID
        row.void_reason = clean
        row.voided_at = datetime.now(UTC)
        row.version += 1
        statement = WriteStatement()
        statement.update_row(row)
        add_event(statement, EventType.of_document(row.type, "VOIDED"), row)
        return await store(statement, Result(row.id))

    return await atomically(action)


async def _void_electronic(row: models.Document, reason: str) -> Result:
    assert row.issued_at
    window = Windows(row.issued_at).void_window(await read_now())
    status = await request_void(row.id, reason, window)
    is_late = status is FiscalStatus.VOIDING and window is VoidWindow.LATE
    return Result(row.id, warnings=(_VOID_LATE,) if is_late else ())


async def _check_notes(invoice: models.Document) -> None:
    """Raises ``Refusal`` if notes stand that refer to the invoice, which is locked; it names them.

    Where all of them are being voided, there is nothing to do but to wait.
    """
    notes = await my_notes(invoice_id=invoice.id, status__not=InvoiceStatus.VOID).order_by("id")
    if not notes:
        return
    voiding = await mine(
        models.Emission, document_id__in=[note.id for note in notes], status=FiscalStatus.VOIDING
    ).values_list("document_id", flat=True)
    standing = [note for note in notes if note.id not in voiding]
    if standing:
        raise Refusal(_name_notes(Code.NOT_ALLOWED, _HAS_NOTES, standing))
    raise Refusal(_name_notes(Code.EMISSION_PENDING, _VOIDS_NOTES, notes))


def _name_notes(code: Code, message: Text, notes: Sequence[models.Document]) -> Fault:
    es = ", ".join(f"{_NAMES[note.type].es} {note.billing_point}-{note.number}" for note in notes)
    en = ", ".join(f"{_NAMES[note.type].en} {note.billing_point}-{note.number}" for note in notes)
    named = Text(message.es.format(notes=es), message.en.format(notes=en))
    return Fault(("id",), code, named, related_id=notes[0].id)


_NAMES: Final = {
    DocumentType.CREDIT_NOTE: Text("nota de crédito", "credit note"),
    DocumentType.DEBIT_NOTE: Text("nota de débito", "debit note"),
}
_HAS_NOTES: Final = Text(
    "La factura tiene notas que no están anuladas: {notes}. Anúlalas primero.",
    "The invoice has notes that aren't void: {notes}. Void them first.",
)
_VOIDS_NOTES: Final = Text(
    "La anulación de las notas de la factura está pedida: {notes}. Espera a que el proveedor la confirme o la rechace.",
    "The invoice's notes are being voided: {notes}. Wait until the provider has confirmed or refused it.",
)
_NO_SUCH_NOTE: Final = Text("No existe esta nota.", "There is no such note.")
_ONLY_ISSUED: Final = Fault(
    ("id",),
    Code.NOT_ALLOWED,
    Text("Un borrador no se puede anular; bórralo.", "A draft can't be voided; delete it."),
)
_VOID_LATE: Final = InputWarning(
    ("id",),
    WarningCode.VOID_LATE,
    Text(
        "El documento tiene más de 7 días; es posible que el proveedor no lo anule.",
        "The document is older than 7 days; the provider may refuse to void it.",
    ),
)
