"""Helping an electronic document on that the DGI rejected or that is blocked."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from db import models
from db.write_statement import WriteStatement
from emission import requests
from emission.clock import read_now
from resolvers.account_settings import settings_and_customer
from resolvers.electronic_check import check_electronic, check_export
from resolvers.invoice_check import (
    CheckedInvoice,
    check_customer_exists,
    check_customer_for_issue,
    check_invoice,
    check_printing,
    with_further,
)
from resolvers.invoice_numbers import take_number
from resolvers.invoice_receiver import Receiver
from resolvers.invoice_rows import draft_columns, freeze_receiver, invoice_data, replace_lines
from resolvers.invoices import lock_document
from resolvers.outbox import add_event
from resolvers.scope import my_documents, uuid_of
from resolvers.transactions import Result, atomically, store
from rules import keys, text
from rules.faults import Code, Fault, InputWarning, Record, Refusal, Text, faults_of
from rules.fiscal.windows import Windows
from rules.invoice import InvoiceData, check_notes
from rules.printing import Printable
from rules.vocabulary import EventType

# What a document keeps: the DGI and the provider know it by these.
_KEPT: Final = frozenset({"type", "status", "branch", "billing_point", "issue_date", "issue_date_open"})


async def correct(
    id: str, changes: Mapping[str, Any], customer_id: str | None, printable: Printable, version: int | None
) -> Result:
    """Change a rejected invoice and send it again, under its number and with its instant of emission.

    ``changes`` are fields of ``InvoiceData``. The receiver becomes the customer as it is now, or another one. What it
    must have is what a new electronic invoice must have. Raises ``Refusal`` with all faults.
    """

    async def action() -> Result:
        row = await _lock_electronic(id, version)
        await requests.requeue_corrected(row.id)
        await _check_age(row)
        if row.type.is_note:
            return await _correct_note(row, changes, customer_id, printable)
        before = await invoice_data(row)
        data = replace(_with_open_payment(before), **changes)
        if data.type is not row.type:
            raise Refusal(_OTHER_TYPE)
        new_id = row.customer_id if customer_id is None else uuid_of(customer_id)
        invoice, customer, warnings = await _check(data, new_id, printable)
        columns = draft_columns(invoice, customer)
        row.update_from_dict({name: value for name, value in columns.items() if name not in _KEPT})
        assert row.number
        row.search = keys.number_words(row.number) + row.search
        freeze_receiver(row, customer)
        row.version += 1
        statement = WriteStatement()
        if invoice.lines != before.lines:
            replace_lines(statement, row, invoice.lines)
        statement.update_row(row)
        add_event(statement, EventType.INVOICE_UPDATED, row)
        return await store(statement, Result(row.id, warnings=warnings))

    return await atomically(action)


async def _correct_note(
    row: models.Document, changes: Mapping[str, Any], customer_id: str | None, printable: Printable
) -> Result:
    """A note goes again as it is, or with other ``notes``: all else is what it takes of its invoice."""
    if customer_id is not None or changes.keys() - {"notes"}:
        raise Refusal(_NOTE_STAYS)
    notes: str | None = text.clean(changes.get("notes", row.notes), multiline=True)
    faults = check_notes(notes) or tuple(printable.check(("notes",), notes))
    if faults:
        raise Refusal(*faults_of(Record.INVOICE, faults))
    row.notes = notes  # type: ignore[assignment]  # Tortoise doesn't say that it may be null
    row.version += 1
    statement = WriteStatement()
    statement.update_row(row)
    add_event(statement, EventType.of_document(row.type, "UPDATED"), row)
    return await store(statement, Result(row.id))


def _with_open_payment(data: InvoiceData) -> InvoiceData:
    """The invoice with the payment open as far as it follows from the total: that may be another one now."""
    forms, instalments = data.payment_forms, data.instalments
    if len(forms) == 1:
        forms = (replace(forms[0], amount=None),)
    return replace(data, payment_forms=forms, instalments=instalments if len(instalments) > 1 else ())


async def _check(
    data: InvoiceData, customer_id: Any, printable: Printable
) -> tuple[CheckedInvoice, models.Customer, tuple[InputWarning, ...]]:
    """The corrected invoice and its customer; raises ``Refusal`` with all that they lack."""
    settings, customer = await settings_and_customer(customer_id)
    settings = replace(settings, electronic_invoicing=True)  # as the invoice is, whatever the account's next ones are
    invoice, faults = check_invoice(data, settings, customer.payment_term_days if customer else None)
    receiver = Receiver(settings=settings, existing=customer)
    # Its day is that on which it was issued, and its issuer is as it was then.
    judged = receiver.to_judge()
    further, warnings = check_electronic(invoice, replace(data, issue_date=None), settings, judged)
    further += check_export(data, judged)
    further += check_printing(data, settings, printable)
    faults = with_further(faults, [fault for fault in further if fault.record is not Record.ACCOUNT])
    faults += check_customer_exists(customer)
    if customer is not None and not check_customer_exists(customer):
        faults += await check_customer_for_issue(customer, settings, printable)
    if faults or invoice is None or customer is None:
        raise Refusal(*faults)
    return invoice, customer, warnings


async def retry(id: str, version: int | None) -> Result:
    """Let a blocked invoice be looked for at the provider, and sent again if it isn't there; raises ``Refusal``."""

    async def action() -> Result:
        row = await _lock_electronic(id, version)
        await requests.retry(row.id)
        return await store(WriteStatement(), Result(row.id))

    return await atomically(action)


async def renumber(id: str, version: int | None) -> Result:
    """Give an invoice the next number, since another system has used its own, and send it; raises ``Refusal``."""

    async def action() -> Result:
        row = await _lock_electronic(id, version)
        await requests.renumber(row.id)
        await _check_age(row)
        assert row.number
        row.search = row.search.removeprefix(keys.number_words(row.number))
        row.version += 1
        statement = WriteStatement()
        numbered = take_number(statement, row)
        statement.update_row(row, numbered)
        add_event(statement, EventType.of_document(row.type, "UPDATED"), row, {"number": numbered["number"]})
        return await store(statement, Result(row.id))

    return await atomically(action)


async def _check_age(row: models.Document) -> None:
    assert row.issued_at
    if not Windows(row.issued_at).may_be_sent(await read_now()):
        raise Refusal(_TOO_OLD)


async def _lock_electronic(id: str, version: int | None) -> models.Document:
    row = await lock_document(my_documents(), id, _NO_SUCH_DOCUMENT, version)
    if not row.electronic:
        raise Refusal(_NOT_ELECTRONIC)
    return row


_NO_SUCH_DOCUMENT: Final = Text("No existe este documento.", "There is no such document.")
_NOTE_STAYS: Final = Fault(
    (),
    Code.NOT_ALLOWED,
    Text(
        "De una nota solo cambian sus observaciones. Para lo demás, anúlala y emite otra.",
        "Only the notes field of a credit or debit note can change. For all else, void it and issue another one.",
    ),
    record=Record.INVOICE,
)
_NOT_ELECTRONIC: Final = Fault(
    ("id",),
    Code.NOT_ALLOWED,
    Text("El documento no es electrónico.", "The document isn't electronic."),
)
_OTHER_TYPE: Final = Fault(
    ("export",),
    Code.NOT_ALLOWED,
    Text(
        "Lo que la DGI conoce como factura o como exportación no cambia de tipo. Anúlala y emite otra.",
        "What the DGI knows as an invoice or as an export can't become the other. Void it and issue another one.",
    ),
    record=Record.INVOICE,
)
_TOO_OLD: Final = Fault(
    ("id",),
    Code.WINDOW_CLOSED,
    Text(
        "El documento se emitió hace más de 30 días. Anúlalo y emite otro.",
        "The document was issued more than 30 days ago. Void it and issue another one.",
    ),
)
