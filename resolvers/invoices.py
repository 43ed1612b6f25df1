"""Invoices: finding, creating and issuing them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tortoise.connection import get_connection
from tortoise.expressions import Q
from uuid_utils.compat import uuid7

from db import account, models
from db.errors import FAULTS
from projection import One, Order, Page
from resolvers import customers
from resolvers.paging import page as paged
from resolvers.paging import searched
from resolvers.scope import mine, uuid_of
from resolvers.transactions import Outcome, Request, once
from rules import customer as customer_rules
from rules import invoice as rules
from rules import text
from rules.customer import CustomerData
from rules.faults import Code, Fault, Refusal, Text
from rules.invoice import LineData
from rules.vocabulary import Currency, CustomerStatus, InvoiceStatus, OnDuplicate

NOBODY: Final = UUID(int=0)
PANAMA: Final = ZoneInfo("America/Panama")

_ORDERS: Final[dict[str, tuple[str, Any]]] = {
    "NUMBER": ("number_key", str),
    "ISSUE_DATE": ("issue_date", date.fromisoformat),
    "TOTAL": ("total_cents", int),
    "CREATED_AT": ("created_at", datetime.fromisoformat),
}


@dataclass(frozen=True, kw_only=True)
class InvoiceData:
    """An invoice as somebody writes it."""

    billing_point: str | None = None
    issue_date: date | None = None
    due_date: date | None = None
    currency: Currency = Currency.PAB
    notes: str | None = None
    lines: tuple[LineData, ...]


def today() -> date:
    """The day in Panama, which is the day of an invoice."""
    return datetime.now(PANAMA).date()


# Reading


def by_id(id: str) -> One:
    return One(mine(models.Invoice).filter(id=uuid_of(id)))


def ordered_by(field: str, *, descending: bool) -> Order:
    column, parse = _ORDERS[field]
    return Order(field, column, descending, parse)


def page(search: str | None, filter: Q | None, order: Order | None, **arguments: Any) -> Page:
    """The account's invoices; the latest day of issue first, unless something else is asked."""
    rows = mine(models.Invoice).filter(Q() if filter is None else filter)
    order = order or ordered_by("ISSUE_DATE", descending=True)
    return paged(searched(rows, search), order, **arguments, view="invoice_search" if search else None)


# Creating


async def create(
    data: InvoiceData,
    *,
    issue: bool,
    customer_id: str | None,
    new_customer: CustomerData | None,
    on_duplicate: OnDuplicate,
    request: Request | None,
    dry_run: bool = False,
) -> Outcome:
    """Store an invoice, with its customer if that is new; both or neither.

    Raises ``Refusal`` with all faults, their paths being those of ``createInvoice``. A dry run
    takes no number and so leaves a draft, whatever ``issue`` says; it is for the caller to undo it.
    """
    if (customer_id is None) == (new_customer is None):
        raise Refusal(_EXACTLY_ONE_CUSTOMER)

    async def action() -> Outcome:
        settings = await models.Account.get(id=account.current()).prefetch_related("billing_points")
        faults = list(_faults_of(data))
        billing_point = _billing_point(data, settings, faults)
        if new_customer is not None:
            wanted = await customers.settled(new_customer, settings, on_duplicate)
            found = wanted.faults
            if issue and wanted.existing and not found:
                found = _receiver_faults(wanted.data, settings)
            faults += [fault.under("newCustomer") for fault in found]
        else:
            customer = await mine(models.Customer).get_or_none(id=uuid_of(customer_id or ""))
            faults += _customer_faults(customer, settings, issue)
        if faults:
            raise Refusal(*faults)
        if new_customer is not None:
            customer = await customers.stored(wanted, settings)
        assert customer is not None
        invoice = _row(data, customer, billing_point)
        if issue and not dry_run:
            await _issue(invoice, customer)
        await _store(invoice, data.lines)
        return Outcome(invoice.id, new_customer is not None and wanted.existing is None)

    return await once(request, action)


_EXACTLY_ONE_CUSTOMER = Fault(
    ("customerId",),
    Code.EXACTLY_ONE_CUSTOMER,
    Text("Indica customerId o newCustomer, solo uno de los dos.", "Give either customerId or newCustomer."),
)


def _faults_of(data: InvoiceData) -> tuple[Fault, ...]:
    faults = (
        *rules.check_dates(data.issue_date or today(), data.due_date, today()),
        *rules.check_notes(text.clean(data.notes)),
        *rules.check_lines(data.lines),
    )
    return tuple(fault.under("input") for fault in faults)


def _billing_point(data: InvoiceData, settings: models.Account, faults: list[Fault]) -> str:
    codes = [point.code for point in settings.billing_points]
    if data.billing_point is None and len(codes) == 1:
        return codes[0]
    if data.billing_point is None:
        message = Text("Elige el punto de facturación.", "Choose the billing point.")
        faults.append(Fault(("input", "billingPoint"), Code.REQUIRED, message, expected=tuple(codes)))
    elif data.billing_point not in codes:
        faults.append(FAULTS["invoice_billing_point_fkey"].under("input"))
    return data.billing_point or ""


def _customer_faults(customer: models.Customer | None, settings: models.Account, issue: bool) -> list[Fault]:
    """What keeps this customer from getting an invoice; all of it stands at ``customerId``."""
    if customer is None:
        return [FAULTS["invoice_customer_fkey"]]
    if customer.status is CustomerStatus.ARCHIVED:
        message = Text(
            "El cliente está archivado. Restáuralo para facturarle.", "The customer is archived. Restore it first."
        )
        return [Fault(("customerId",), Code.NOT_ALLOWED, message, related_id=customer.id)]
    if not issue:
        return []
    return [_at_customer(fault, customer) for fault in _receiver_faults(customers.data_of(customer), settings)]


def _receiver_faults(data: CustomerData, settings: models.Account) -> tuple[Fault, ...]:
    """What a stored customer lacks to receive an issued invoice under the account's settings of today."""
    return customer_rules.check(data, electronic=settings.electronic_invoicing)[1]


def _at_customer(fault: Fault, customer: models.Customer) -> Fault:
    field = ".".join(fault.path)
    message = Text(f"{field}: {fault.message.es}", f"{field}: {fault.message.en}")
    return Fault(("customerId",), fault.code, message, fault.expected, customer.id)


def _row(data: InvoiceData, customer: models.Customer, billing_point: str) -> models.Invoice:
    _, totals = rules.compute(data.lines)
    return models.Invoice(
        id=uuid7(),
        account_id=customer.account_id,
        customer_id=customer.id,
        billing_point=billing_point,
        status=InvoiceStatus.DRAFT,
        issue_date=data.issue_date or today(),
        due_date=data.due_date,
        currency=data.currency,
        notes=text.clean(data.notes),
        subtotal=totals.subtotal,
        discount_total=totals.discount_total,
        itbms_total=totals.itbms_total,
        total=totals.total,
        total_cents=int(totals.total.scaleb(2)),
        search=_search(customer, None),
    )


async def _issue(invoice: models.Invoice, customer: models.Customer) -> None:
    """Give the invoice its number and freeze the receiver. The counter's lock is the last one taken."""
    row = await get_connection("default").execute_insert(_NEXT_NUMBER, [invoice.account_id, invoice.billing_point])
    assert row is not None
    invoice.number = invoice.number_key = f"{row['last_number']:010}"
    invoice.status = InvoiceStatus.ISSUED
    invoice.issued_at = datetime.now(UTC)
    invoice.search = _search(customer, invoice.number)
    invoice.receiver_type = customer.receiver_type
    for column in _FROZEN:
        setattr(invoice, f"receiver_{column}", getattr(customer, column))


_NEXT_NUMBER = """
    UPDATE billing_point SET last_number = last_number + 1 WHERE account_id = $1 AND code = $2 RETURNING last_number
"""

_FROZEN = (
    *("taxpayer_type", "ruc", "dv", "foreign_id_type", "foreign_id_number", "foreign_id_country", "identification"),
    *("name", "location_id", "address", "email", "phone", "mobile"),
)


def _search(customer: models.Customer, number: str | None) -> str:
    """What an invoice is found by: its number, with and without zeros, and its receiver's name and identification."""
    numbers = f" {number} {int(number)}" if number else ""
    return numbers + text.search_column(customer.name, customer.ruc, customer.foreign_id_number)


async def _store(invoice: models.Invoice, lines: tuple[LineData, ...]) -> None:
    await invoice.save(force_create=True)
    computed, _ = rules.compute(lines)
    await models.InvoiceLine.bulk_create(
        [
            models.InvoiceLine(
                id=uuid7(),
                account_id=invoice.account_id,
                invoice_id=invoice.id,
                position=line.position,
                description=line.description,
                quantity=line.quantity,
                unit_price=line.unit_price,
                discount=line.discount,
                itbms_rate=line.itbms_rate,
                net=line.net,
                itbms=line.itbms,
                total=line.total,
            )
            for line in computed
        ]
    )


def in_cents(amount: Decimal | None, *, up: bool) -> int | None:
    """An amount of a filter in whole cents, rounded into the range; far out of range is as far as it gets."""
    if amount is None:
        return None
    bounded = min(max(amount, Decimal(-1)), rules.TOTAL_LIMIT)
    return int((bounded * 100).to_integral_value(ROUND_CEILING if up else ROUND_FLOOR))
