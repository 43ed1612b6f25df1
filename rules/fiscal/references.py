"""Which invoice a credit note or a debit note may refer to.

The DGI's rules stand beside each: what it would refuse is refused here, before a number is taken.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from rules.calendar import PANAMA
from rules.faults import Code, Fault, Text
from rules.fiscal.windows import DAYS_FOR_NOTES, Windows
from rules.vocabulary import DocumentType, FiscalStatus, InvoiceStatus


@dataclass(frozen=True, kw_only=True)
class Reference:
    """What counts of a document that a note is to refer to; ``fiscal_status`` is NONE where it isn't electronic."""

    type: DocumentType
    status: InvoiceStatus
    fiscal_status: FiscalStatus
    issue_date: date
    issued_at: datetime | None
    issuer_ruc: str | None


def check_reference(reference: Reference, *, now: datetime, ruc: str | None, is_electronic: bool) -> Fault | None:
    """Why no note may refer to the document; ``ruc`` and ``is_electronic`` are the account's."""
    if reference.type.is_note:
        return _refuse(Code.NOT_ALLOWED, _A_NOTE)
    if reference.status is InvoiceStatus.DRAFT:
        return _refuse(Code.NOT_ALLOWED, _A_DRAFT)
    if reference.status is InvoiceStatus.VOID:
        return _refuse(Code.NOT_ALLOWED, _VOID)
    if reference.fiscal_status is FiscalStatus.NONE:
        return _refuse(Code.NOT_ALLOWED, _NOT_ELECTRONIC) if is_electronic else None
    if reference.fiscal_status is not FiscalStatus.AUTHORIZED:
        return _check_fiscal_status(reference.fiscal_status)
    if reference.issuer_ruc != ruc:
        return _refuse(Code.NOT_ALLOWED, _OF_ANOTHER_RUC.format(ruc=reference.issuer_ruc))
    assert reference.issued_at
    last_day = Windows(reference.issued_at).last_day_for_notes
    if last_day < now.astimezone(PANAMA).date():
        return _refuse(Code.WINDOW_CLOSED, _TOO_OLD.format(days=DAYS_FOR_NOTES, day=last_day))
    return None


def _check_fiscal_status(status: FiscalStatus) -> Fault:
    if status is FiscalStatus.VOIDING:
        return _refuse(Code.EMISSION_PENDING, _VOIDING)
    if status in (FiscalStatus.REJECTED, FiscalStatus.BLOCKED):
        return _refuse(Code.NOT_ALLOWED, _NOT_AUTHORIZED)
    return _refuse(Code.EMISSION_PENDING, _NOT_YET)


def _refuse(code: Code, message: Text) -> Fault:
    return Fault(("invoiceId",), code, message)


def check_day(issue_date: date | None, today: date, *, invoice_date: date, is_electronic: bool) -> Iterator[Fault]:
    """The faults of the day that was asked for. An electronic note is of today; none is before its invoice (1702)."""
    if issue_date is None or (is_electronic and issue_date == today):
        return
    path, code = ("issueDate",), Code.OUT_OF_RANGE
    if is_electronic:
        yield Fault(path, code, _ONLY_TODAY.format(today=today), expected=(str(today),))
    elif issue_date > today:
        yield Fault(path, code, _AFTER_TODAY.format(today=today))
    elif issue_date < invoice_date:
        yield Fault(path, code, _BEFORE_INVOICE.format(day=invoice_date))


_A_NOTE: Final = Text(  # 1712, 1713, 1715, 1716
    "Es una nota; una nota de crédito o de débito se refiere a una factura.",
    "It is a note; a credit or debit note refers to an invoice.",
)
_A_DRAFT: Final = Text(
    "Es un borrador: modifícalo o bórralo; no hace falta una nota.",
    "It is a draft: change or delete it; it needs no note.",
)
_VOID: Final = Text("La factura está anulada.", "The invoice is void.")  # 1718
_NOT_ELECTRONIC: Final = Text(  # 1705
    "La factura no es electrónica y la cuenta ahora emite documentos electrónicos: la nota no sería un documento "
    "fiscal, porque no puede referirse a un CUFE. Trata el cambio con tu contador, o emite una factura nueva.",
    "The invoice isn't electronic, and the account issues electronic documents now: the note would be no fiscal "
    "document, since there is no CUFE that it could refer to. Ask your accountant, or issue a new invoice.",
)
_NOT_AUTHORIZED: Final = Text(  # 1707
    "La DGI no tiene esta factura: corrígela o anúlala en lugar de emitir una nota.",
    "The DGI doesn't have this invoice: correct it or void it instead of issuing a note.",
)
_NOT_YET: Final = Text(
    "La DGI aún no autoriza esta factura. Emite la nota cuando esté autorizada.",
    "The DGI hasn't authorised this invoice yet. Issue the note when it is authorised.",
)
_VOIDING: Final = Text(
    "La anulación de esta factura está pedida. Espera a que el proveedor la confirme o la rechace.",
    "This invoice is being voided. Wait until the provider has confirmed or refused it.",
)
_OF_ANOTHER_RUC: Final = Text(  # 1719
    "La factura la emitió el RUC {ruc}, que ya no es el de la cuenta.",
    "The invoice was issued by the RUC {ruc}, which isn't the account's any more.",
)
_TOO_OLD: Final = Text(  # 1714
    "La DGI acepta notas hasta {days} días después de la factura: para esta, hasta el {day}.",
    "The DGI takes notes up to {days} days after the invoice: for this one, until {day}.",
)
_ONLY_TODAY: Final = Text(
    "Una nota electrónica se emite con la fecha de hoy, {today}.",
    "An electronic note is issued with today's date, {today}.",
)
_AFTER_TODAY: Final = Text("La fecha no puede ser posterior a hoy, {today}.", "The date can't be after today, {today}.")
_BEFORE_INVOICE: Final = Text(
    "La fecha no puede ser anterior a la de la factura, {day}.", "The date can't be before the invoice's, {day}."
)
