"""Checking an invoice, and the customer that it is for."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from db import models
from db.errors import FAULTS
from resolvers.account_settings import AccountSettings
from resolvers.customer_preparation import check_with_registry, verified_dv
from resolvers.customer_rows import draft_of
from rules import calendar, text
from rules import invoice as rules
from rules.account import check_printing as account_faults
from rules.customer import CustomerRecord
from rules.customer_check import clean_customer
from rules.faults import Code, Fault, InputWarning, Record, Text, faults_of
from rules.invoice import InvoiceData, Line, Totals
from rules.printing import Printable
from rules.vocabulary import Currency, CustomerStatus


@dataclass(frozen=True, kw_only=True)
class CheckedInvoice:
    """An invoice without faults, with what was left out filled in, and with its amounts."""

    billing_point: str
    issue_date: date
    issue_date_open: bool
    due_date: date | None
    currency: Currency
    notes: str | None
    lines: tuple[Line, ...]
    totals: Totals


def check_invoice(
    data: InvoiceData, settings: AccountSettings, *, is_draft: bool, open_since: date | None = None
) -> tuple[CheckedInvoice | None, tuple[Fault, ...]]:
    """The invoice as it would be stored, or None, and all its faults but those of its customer.

    A draft's day of issue stays open where it was left out. ``open_since`` is the day on which its dates were
    last given, for one that has them already: that its due date has passed since is told when it is issued.
    """
    today = calendar.today()
    issue_date, notes = data.issue_date or open_since or today, text.clean(data.notes, multiline=True)
    billing_point, choice_faults = _choose_billing_point(data.billing_point, settings.billing_points)
    faults = (
        *rules.check_dates(issue_date, data.due_date, today),
        *rules.check_notes(notes),
        *rules.check_lines(data.lines),
        *choice_faults,
    )
    if faults:
        return None, faults_of(Record.INVOICE, faults)
    lines, totals = rules.compute(data.lines, issue_date)
    invoice = CheckedInvoice(
        billing_point=billing_point,
        issue_date=issue_date,
        issue_date_open=is_draft and data.issue_date is None,
        due_date=data.due_date,
        currency=data.currency,
        notes=notes,
        lines=lines,
        totals=totals,
    )
    return invoice, ()


def check_backdating(
    invoice: CheckedInvoice | None, settings: AccountSettings, most_days: int
) -> tuple[tuple[Fault, ...], tuple[InputWarning, ...]]:
    """The fault or the warning of an invoice whose day of issue lies before that of its billing point's last one."""
    if invoice is None:
        return (), ()
    found = rules.check_backdating(invoice.issue_date, settings.last_issue_dates.get(invoice.billing_point), most_days)
    if isinstance(found, Fault):
        return faults_of(Record.INVOICE, [found]), ()
    return (), (replace(found, record=Record.INVOICE),) if found else ()


def _choose_billing_point(code: str | None, codes: tuple[str, ...]) -> tuple[str, tuple[Fault, ...]]:
    if code is None and len(codes) == 1:
        return codes[0], ()
    if code is None:
        message = Text("Elige el punto de facturación.", "Choose the billing point.")
        return "", (Fault(("billingPoint",), Code.REQUIRED, message, expected=codes),)
    return code, () if code in codes else (FAULTS["document_billing_point_fkey"],)


def with_further(faults: Iterable[Fault], further: Iterable[Fault]) -> tuple[Fault, ...]:
    """The faults, and those further ones at places where no fault was found yet."""
    found = tuple(faults)
    known = {(fault.record, fault.path) for fault in found}
    return (*found, *[fault for fault in further if (fault.record, fault.path) not in known])


# The texts that stand on an issued invoice as they were typed. It isn't issued unless its PDF can show them all,
# since it can't be changed afterwards.


def check_printing(data: InvoiceData, settings: AccountSettings, printable: Printable) -> tuple[Fault, ...]:
    """The texts of an invoice and of its issuer that no font can show."""
    faults = [*printable.check(("notes",), text.clean(data.notes, multiline=True))]
    for index, line in enumerate(data.lines):
        faults += printable.check(("lines", str(index), "description"), text.clean(line.description, multiline=True))
    issuer_faults = [replace(fault, path=("account", *fault.path)) for fault in account_faults(settings, printable)]
    return (*faults_of(Record.INVOICE, faults), *faults_of(Record.ACCOUNT, issuer_faults))


def check_customer_printing(customer: CustomerRecord[Any], printable: Printable) -> tuple[Fault, ...]:
    """The texts of the receiver that no font can show."""
    document_number = customer.foreign_id.number if customer.foreign_id else None
    faults = (
        *printable.check(("name",), customer.name),
        *printable.check(("address",), customer.address),
        *printable.check(("foreignId", "number"), document_number),
    )
    return faults_of(Record.CUSTOMER, faults)


# The customer of an invoice


def check_customer_exists(customer: models.Customer | None) -> tuple[Fault, ...]:
    """Why this customer can't get an invoice, even a draft: there is none, or it is archived."""
    if customer is None:
        return (FAULTS["document_customer_fkey"],)
    if customer.status is CustomerStatus.ARCHIVED:
        return (Fault((), Code.NOT_ALLOWED, _ARCHIVED, related_id=customer.id, record=Record.INVOICE_CUSTOMER),)
    return ()


async def check_customer_for_issue(
    customer: models.Customer, settings: AccountSettings, printable: Printable
) -> tuple[Fault, ...]:
    """What a stored customer lacks to get an issued invoice, and to be printed on it, under today's settings."""
    clean = clean_customer(draft_of(customer))
    check = await check_with_registry(clean, settings, verified_dv(customer))
    faults = with_further(check.faults, check_customer_printing(clean, printable))
    return tuple(replace(fault, related_id=customer.id, record=Record.INVOICE_CUSTOMER) for fault in faults)


_ARCHIVED: Final = Text(
    "El cliente está archivado. Restáuralo para facturarle.", "The customer is archived. Restore it first."
)
