"""Checking an invoice by the DGI's rules, before it gets a number."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from resolvers.account_settings import AccountSettings
from resolvers.invoice_check import CheckedInvoice
from rules import calendar
from rules.faults import Fault, InputWarning, Record, faults_of
from rules.fiscal import electronic
from rules.fiscal.exports import check_export_receiver
from rules.invoice import MOST_LINES, InvoiceData, Line, LineData, Totals, check_lines, compute
from rules.vocabulary import ReceiverType, VerificationStatus


@dataclass(frozen=True, kw_only=True)
class ReceiverToJudge:
    """What counts of an invoice's customer; ``record`` is where faults of it belong."""

    type: ReceiverType
    email: str | None
    verification: VerificationStatus | None
    record: Record
    country: str | None = None  # of a foreigner's document


def check_export(data: InvoiceData, receiver: ReceiverToJudge | None) -> tuple[Fault, ...]:
    """Why the customer can't get the export that the invoice is, electronic or not."""
    if receiver is None:
        return ()
    return faults_of(Record.INVOICE, check_export_receiver(data.export, receiver.type, receiver.country))


def check_electronic(
    invoice: CheckedInvoice | None,
    data: InvoiceData,
    settings: AccountSettings,
    receiver: ReceiverToJudge | None,
) -> tuple[tuple[Fault, ...], tuple[InputWarning, ...]]:
    """What the DGI would refuse or remark on; nothing if the account isn't electronic.

    ``data`` is the invoice as typed, ``invoice`` the same if it has no other fault.
    """
    if not settings.electronic_invoicing:
        return (), ()
    faults = check_issuer(settings)
    receiver_type = receiver.type if receiver else None
    lines = invoice.lines if invoice else _lines_of(data)
    found = electronic.check_electronic(lines, receiver_type, data.issue_date, calendar.today())
    faults += faults_of(Record.INVOICE, found)
    if faults or invoice is None or receiver is None:
        return faults, ()
    return (), tuple(warn(invoice.lines, invoice.totals, receiver))


def check_issuer(settings: AccountSettings) -> tuple[Fault, ...]:
    """What the account lacks to issue electronic documents; nothing if it isn't electronic."""
    if not settings.electronic_invoicing:
        return ()
    lacking = electronic.check_issuer(settings.ruc, settings.dv, settings.taxpayer_type, settings.provider)
    return faults_of(Record.ACCOUNT, [replace(fault, path=("account", *fault.path)) for fault in lacking])


def _lines_of(data: InvoiceData) -> tuple[LineData, ...]:
    """The lines of an invoice with faults, computed where they have none themselves."""
    if len(data.lines) > MOST_LINES:
        return ()
    return tuple(line if check_lines([line]) else compute([line])[0][0] for line in data.lines)


def warn(lines: Sequence[Line], totals: Totals, receiver: ReceiverToJudge) -> Iterator[InputWarning]:
    """What the DGI remarks on."""
    for warning in electronic.remarks(lines, totals, receiver.type):
        yield replace(warning, record=Record.INVOICE)
    for warning in electronic.receiver_remarks(receiver.email, receiver.verification):
        yield replace(warning, record=receiver.record)
