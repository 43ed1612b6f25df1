"""Checking an invoice, and the customer that it is for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from db import models
from db.errors import FAULTS
from resolvers.account_settings import AccountSettings, Point
from resolvers.billing_points import WHICH_BRANCH
from resolvers.customer_preparation import check_with_registry, verified_dv
from resolvers.customer_rows import draft_of
from resolvers.scope import ERASED
from rules import calendar, text
from rules import invoice as rules
from rules.account import check_printing as account_faults
from rules.customer import CustomerRecord
from rules.customer_check import clean_customer
from rules.faults import Code, Fault, InputWarning, Record, Text, faults_of
from rules.fiscal.document import Withholding
from rules.fiscal.exports import ExportData, clean_export
from rules.fiscal.payments import Payment, PaymentData, settle
from rules.fiscal.withholding import compute_withholding
from rules.invoice import InvoiceData, Line, Totals
from rules.printing import Printable
from rules.vocabulary import Currency, CustomerStatus


@dataclass(frozen=True, kw_only=True)
class CheckedInvoice:
    """An invoice without faults, with what was left out filled in, and with its amounts.

    On a draft, ``due_date`` and ``payment`` stay as typed: what is left out follows when it is issued.
    """

    branch: str
    billing_point: str
    issue_date: date
    issue_date_open: bool
    due_date: date | None
    currency: Currency
    export: ExportData | None
    payment: Payment | PaymentData
    withholding: Withholding | None
    purchase_order: str | None
    notes: str | None
    lines: tuple[Line, ...]
    totals: Totals


def check_draft(
    data: InvoiceData, settings: AccountSettings, open_since: date | None = None
) -> tuple[CheckedInvoice | None, tuple[Fault, ...]]:
    """The invoice as it would be stored as a draft, or None, and all its faults but those of its customer.

    Its day of issue stays open where it was left out. ``open_since`` is the day on which its dates were
    last given, for one that has them already: that its due date has passed since is told when it is issued.
    """
    return _check(data, settings, data.issue_date or open_since or calendar.today(), data.due_date, is_draft=True)


def check_invoice(
    data: InvoiceData, settings: AccountSettings, term_days: int | None
) -> tuple[CheckedInvoice | None, tuple[Fault, ...]]:
    """The invoice as it would be issued, or None, and all its faults but those of its customer.

    ``term_days`` are those that the customer has to pay, if there is nothing else to say it.
    """
    issue_date = data.issue_date or calendar.today()
    days = settings.payment_term_days if term_days is None else term_days
    return _check(data, settings, issue_date, data.due_date_at(issue_date, days), is_draft=False)


def _check(
    data: InvoiceData, settings: AccountSettings, issue_date: date, due_date: date | None, *, is_draft: bool
) -> tuple[CheckedInvoice | None, tuple[Fault, ...]]:
    notes = text.clean(data.notes, multiline=True)
    point, choice_faults = choose_point(data.branch, data.billing_point, settings.points)
    faults: tuple[Fault, ...] = (
        *rules.check_dates(issue_date, data.due_date, calendar.today()),
        *rules.check_notes(notes),
        *rules.check_lines(data.lines),
        *choice_faults,
    )
    is_computable = not any(fault.path[0] in ("lines", "issueDate") for fault in faults)
    lines, totals = rules.compute(data.lines, issue_date) if is_computable else ((), None)
    faults = with_further(faults, rules.check_terms(data, totals, issue_date, due_date, is_draft=is_draft))
    if faults or point is None or totals is None:
        return None, faults_of(Record.INVOICE, faults)
    is_settled = not is_draft and (settings.electronic_invoicing or data.payment != PaymentData())
    invoice = CheckedInvoice(
        branch=point.branch,
        billing_point=point.code,
        issue_date=issue_date,
        issue_date_open=is_draft and data.issue_date is None,
        due_date=due_date,
        currency=data.currency,
        export=clean_export(data.export) if data.export else None,
        payment=settle(data.payment, totals.total, issue_date, due_date, settings.payment_method)
        if is_settled
        else data.payment,
        withholding=compute_withholding(data.withholding, totals.itbms_total) if data.withholding else None,
        purchase_order=text.clean(data.purchase_order),
        notes=notes,
        lines=lines,
        totals=totals,
    )
    return invoice, ()


def check_backdating(
    data: InvoiceData, settings: AccountSettings, most_days: int
) -> tuple[tuple[Fault, ...], tuple[InputWarning, ...]]:
    """The fault or the warning of an invoice whose day of issue lies before that of its billing point's last one."""
    point, _ = choose_point(data.branch, data.billing_point, settings.points)
    if point is None:
        return (), ()
    last = point.last_issue_date if data.export is None else point.last_export_date
    found = rules.check_backdating(data.issue_date or calendar.today(), last, most_days)
    if isinstance(found, Fault):
        return faults_of(Record.INVOICE, [found]), ()
    return (), (replace(found, record=Record.INVOICE),) if found else ()


def choose_point(
    branch: str | None, code: str | None, points: Sequence[Point]
) -> tuple[Point | None, tuple[Fault, ...]]:
    """The billing point that is meant, or None and the fault: both codes may be left out where only one point fits."""
    of_branch = [point for point in points if branch in (None, point.branch)]
    fitting = [point for point in of_branch if code in (None, point.code)]
    if len(fitting) == 1:
        return fitting[0], ()
    if not fitting:
        return None, (
            _NO_SUCH_BRANCH if branch is not None and not of_branch else FAULTS["document_billing_point_fkey"],
        )
    codes = tuple(dict.fromkeys(point.code for point in fitting))
    if len(codes) > 1:
        return None, (Fault(("billingPoint",), Code.REQUIRED, _WHICH_POINT, expected=codes),)
    branches = tuple(point.branch for point in fitting)
    return None, (Fault(("branch",), Code.REQUIRED, WHICH_BRANCH, expected=branches),)


_NO_SUCH_BRANCH: Final = replace(FAULTS["billing_point_branch_fkey"], record=Record.INVOICE)
_WHICH_POINT: Final = Text("Elige el punto de facturación.", "Choose the billing point.")


def with_further(faults: Iterable[Fault], further: Iterable[Fault]) -> tuple[Fault, ...]:
    """The faults, and those further ones at places where no fault was found yet."""
    found = tuple(faults)
    known = {(fault.record, fault.path) for fault in found}
    return (*found, *[fault for fault in further if (fault.record, fault.path) not in known])


# The texts that stand on an issued invoice as they were typed. It isn't issued unless its PDF can show them all,
# since it can't be changed afterwards.


def check_printing(data: InvoiceData, settings: AccountSettings, printable: Printable) -> tuple[Fault, ...]:
    """The texts of an invoice and of its issuer that no font can show."""
    faults = [
        *printable.check(("notes",), text.clean(data.notes, multiline=True)),
        *printable.check(("purchaseOrder",), text.clean(data.purchase_order)),
        *printable.check(("export", "port"), text.clean(data.export.port if data.export else None)),
    ]
    for index, line in enumerate(data.lines):
        faults += printable.check(("lines", str(index), "description"), text.clean(line.description, multiline=True))
        faults += printable.check(("lines", str(index), "code"), text.clean(line.code))
    for index, form in enumerate(data.payment_forms):
        faults += printable.check(("paymentForms", str(index), "description"), text.clean(form.description))
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
    if customer.status in _UNUSABLE:
        message = _UNUSABLE[customer.status]
        return (Fault((), Code.NOT_ALLOWED, message, related_id=customer.id, record=Record.INVOICE_CUSTOMER),)
    return ()


async def check_customer_for_issue(
    customer: models.Customer, settings: AccountSettings, printable: Printable
) -> tuple[Fault, ...]:
    """What a stored customer lacks to get an issued invoice, and to be printed on it, under today's settings."""
    clean = clean_customer(draft_of(customer))
    check = await check_with_registry(clean, settings, verified_dv(customer))
    faults = with_further(check.faults, check_customer_printing(clean, printable))
    return tuple(replace(fault, related_id=customer.id, record=Record.INVOICE_CUSTOMER) for fault in faults)


_UNUSABLE: Final = {
    CustomerStatus.ARCHIVED: Text(
        "El cliente está archivado. Restáuralo para facturarle.", "The customer is archived. Restore it first."
    ),
    CustomerStatus.ERASED: ERASED,
}
