"""Invoices: creating, changing and issuing them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from tortoise.queryset import QuerySet
from uuid_utils.compat import uuid7

from db import models
from db.write_statement import Sql, WriteStatement
from emission.queue import add_to_queue
from projection import One
from resolvers.account_settings import AccountSettings, settings_and_customer
from resolvers.customer_preparation import NewCustomer
from resolvers.electronic_check import check_electronic, check_export
from resolvers.invoice_check import (
    CheckedInvoice,
    check_backdating,
    check_customer_exists,
    check_customer_for_issue,
    check_draft,
    check_invoice,
    check_printing,
    with_further,
)
from resolvers.invoice_numbers import take_number
from resolvers.invoice_receiver import Receiver, check_receiver_for_issue, find_receiver, save_receiver
from resolvers.invoice_rows import add_lines, draft_columns, freeze, invoice_data, replace_lines
from resolvers.outbox import add_event
from resolvers.reference_rows import check_for_document, reference_columns
from resolvers.scope import check_version, fetch_or_refuse, my_invoices, uuid_of
from resolvers.transactions import Result, atomically, store
from rules.faults import Code, Fault, InputWarning, Refusal, Text
from rules.invoice import InvoiceData
from rules.printing import Printable
from rules.references import NO_REFERENCES, References
from rules.vocabulary import EventType, InvoiceStatus


def by_id(id: str | UUID) -> One:
    return One(my_invoices(id=uuid_of(str(id))))


# Creating


@dataclass(frozen=True, kw_only=True)
class CreateInvoice:
    """An invoice to create, for exactly one of an existing customer and a new one.

    A dry run takes no number and so leaves a draft, whatever ``issue`` says; it is queued as the issued one would be,
    and the caller rolls it back. Without ``notify`` the issued one isn't mailed by itself. One ``of_paper`` doesn't go
    to the DGI, even if the account's invoices do.
    """

    data: InvoiceData
    issue: bool = True
    notify: bool = True
    references: References = NO_REFERENCES
    customer_id: str | None = None
    new_customer: NewCustomer | None = None
    dry_run: bool = False
    of_paper: bool = False

    @property
    def locks(self) -> bool:
        """Whether a stored customer must stay as it is until the invoice is stored."""
        return not self.issue if self.new_customer is None else self.new_customer.locks


async def create(command: CreateInvoice, printable: Printable, *, backdating_days: int) -> Result:
    """Store an invoice, with its customer if that is new; both or neither. Raises ``Refusal`` with all faults.

    ``printable`` are the characters that the texts of an issued invoice may have, since it is printed
    and never changed. ``backdating_days`` is how far its day may lie before that of the last one.
    """

    async def action() -> Result:
        receiver = await find_receiver(command.customer_id, command.new_customer, lock=not command.issue)
        if command.of_paper:
            receiver = replace(receiver, settings=replace(receiver.settings, electronic_invoicing=False))
        settings = receiver.settings
        warnings: tuple[InputWarning, ...] = ()
        if command.issue:
            invoice, faults = check_invoice(command.data, settings, receiver.term_days)
            more, warnings = _check_for_issue(invoice, command.data, receiver, backdating_days)
            faults = with_further(with_further(faults, more), check_printing(command.data, settings, printable))
            receiver = await check_receiver_for_issue(receiver, printable)
        else:
            invoice, faults = check_draft(command.data, settings)
        faults += (*receiver.faults, *await check_for_document(command.references))
        if faults or invoice is None:
            raise Refusal(*faults)
        statement = WriteStatement()
        customer = save_receiver(statement, receiver)
        columns = {**draft_columns(invoice, customer), **reference_columns(command.references)}
        row = models.Document(id=uuid7(), account_id=customer.account_id, **columns)
        is_issued = command.issue and not command.dry_run
        if is_issued:
            row.notify = command.notify
            freeze(row, settings, customer)
        numbered = take_number(statement, row) if is_issued else {}
        statement.insert_row(row, numbered)
        add_lines(statement, row, invoice.lines)
        if command.issue and settings.electronic_invoicing:
            add_to_queue(statement, row.id)
        _add_event(statement, row, numbered)
        return await store(statement, Result(row.id, customer_created=receiver.is_new, warnings=warnings))

    return await atomically(action, locks=command.locks)


def _add_event(statement: WriteStatement, row: models.Document, numbered: Mapping[str, Sql]) -> None:
    """Let the statement announce an invoice that it issues, or the draft that it creates."""
    if numbered:
        add_event(statement, EventType.INVOICE_ISSUED, row, {"number": numbered["number"]})
    else:
        add_event(statement, EventType.INVOICE_CREATED, row)


def _check_for_issue(
    invoice: CheckedInvoice | None, data: InvoiceData, receiver: Receiver, backdating_days: int
) -> tuple[tuple[Fault, ...], tuple[InputWarning, ...]]:
    """What keeps a checked invoice from being issued, and what is worth a word."""
    judged = receiver.to_judge()
    faults, warnings = check_electronic(invoice, data, receiver.settings, judged)
    faults = with_further(faults, check_export(data, judged))
    late, late_warnings = check_backdating(data, receiver.settings, backdating_days)
    return with_further(faults, late), (*late_warnings, *warnings)


# Changing


async def update(id: str, changes: Mapping[str, Any], customer_id: str | None, version: int | None) -> Result:
    """Set some fields of ``InvoiceData``, and the customer, of a draft; raises ``Refusal`` with all faults."""

    async def action() -> Result:
        row = await lock_invoice(id, version)
        if row.status is not InvoiceStatus.DRAFT:
            raise Refusal(_ONLY_DRAFTS)
        before = await invoice_data(row)
        after = replace(before, **changes)
        has_same_dates = (after.issue_date, after.due_date) == (before.issue_date, before.due_date)
        open_since = row.issue_date if has_same_dates and row.issue_date_open else None
        new_id = row.customer_id if customer_id is None else uuid_of(customer_id)
        settings, customer = await settings_and_customer(new_id)
        invoice, faults = check_draft(after, settings, open_since)
        if new_id != row.customer_id:
            faults += check_customer_exists(customer)
        if faults or invoice is None or customer is None:
            raise Refusal(*faults)
        columns = draft_columns(invoice, customer)
        changed = {name for name, value in columns.items() if getattr(row, name) != value}
        has_new_lines = invoice.lines != before.lines
        if not has_new_lines and changed <= {"search"}:  # which only follows from the others
            return Result(row.id)
        row.update_from_dict({**columns, "version": row.version + 1})
        statement = WriteStatement()
        statement.update_row(row)
        if has_new_lines:
            replace_lines(statement, row, invoice.lines)
        add_event(statement, EventType.INVOICE_UPDATED, row)
        return await store(statement, Result(row.id))

    return await atomically(action)


async def delete_draft(id: str, version: int | None) -> Result:
    """Delete a draft; raises ``Refusal``."""

    async def action() -> Result:
        row = await lock_invoice(id, version)
        if row.status is not InvoiceStatus.DRAFT:
            raise Refusal(_ONLY_DRAFTS)
        statement = WriteStatement()
        statement.delete("document", id=row.id)
        add_event(statement, EventType.INVOICE_DELETED, row)
        return await store(statement, Result(row.id))

    return await atomically(action)


async def issue(
    id: str, printable: Printable, version: int | None = None, *, backdating_days: int, notify: bool = True
) -> Result:
    """Give a draft its number, and its day if that is open. An issued invoice stays as it is.

    Without ``notify`` it isn't mailed by itself. Raises ``Refusal`` with all faults.
    """

    async def action() -> Result:
        row = await lock_invoice(id, version)
        if row.status is InvoiceStatus.VOID:
            raise Refusal(NOT_WHEN_VOID)
        if row.status is not InvoiceStatus.DRAFT:
            return Result(row.id)
        settings, customer = await settings_and_customer(row.customer_id)
        assert customer is not None
        data = await invoice_data(row)
        invoice, faults = check_invoice(data, settings, customer.payment_term_days)
        receiver = Receiver(settings=settings, existing=customer)
        more, warnings = _check_for_issue(invoice, data, receiver, backdating_days)
        faults = with_further(with_further(faults, more), check_printing(data, settings, printable))
        faults += check_customer_exists(customer) or await check_customer_for_issue(customer, settings, printable)
        if faults or invoice is None:
            raise Refusal(*faults)
        row.notify = notify
        statement = _issue_draft(row, invoice, settings, customer)
        return await store(statement, Result(row.id, warnings=warnings))

    return await atomically(action)


def _issue_draft(
    row: models.Document, invoice: CheckedInvoice, settings: AccountSettings, customer: models.Customer
) -> WriteStatement:
    is_taxed_anew = invoice.totals.itbms_total != row.itbms_total  # by the law of the day on which it is issued
    row.update_from_dict({**draft_columns(invoice, customer), "version": row.version + 1})
    freeze(row, settings, customer)
    statement = WriteStatement()
    if is_taxed_anew:
        replace_lines(statement, row, invoice.lines)
    numbered = take_number(statement, row)
    statement.update_row(row, numbered)
    if row.electronic:
        add_to_queue(statement, row.id)
    _add_event(statement, row, numbered)
    return statement


async def lock_invoice(id: str, version: int | None) -> models.Document:
    """The invoice, which nobody else changes until the transaction ends; raises ``Refusal``."""
    return await lock_document(my_invoices(), id, NO_SUCH_INVOICE, version)


async def lock_document(
    rows: QuerySet[models.Document], id: str, missing: Text, version: int | None
) -> models.Document:
    """The document among these; raises ``Refusal`` with the message ``missing`` if there is none."""
    row = await fetch_or_refuse(rows.select_for_update(no_key=True), id, missing)
    check_version(row.version, version)
    return row


def _not_allowed(es: str, en: str) -> Fault:
    return Fault(("id",), Code.NOT_ALLOWED, Text(es, en))


NO_SUCH_INVOICE: Final = Text("No existe esta factura.", "There is no such invoice.")
_ONLY_DRAFTS: Final = _not_allowed(
    "Una factura emitida no se puede modificar; solo se puede anular.",
    "An issued invoice can't be changed; it can only be voided.",
)
NOT_WHEN_VOID: Final = _not_allowed("El documento está anulado.", "The document is void.")
