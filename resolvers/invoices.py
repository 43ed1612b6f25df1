"""Invoices: finding, creating and issuing them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Final
from uuid import UUID

from tortoise.connection import get_connection
from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q
from uuid_utils.compat import uuid7

from db import models, tenant
from db.errors import FAULTS
from lookup.service import Consultar, Lookup
from projection import One, Order, Page
from resolvers import customers, printed_texts
from resolvers.account_settings import AccountSettings, current_settings
from resolvers.errors import BadUserInput
from resolvers.outbox import News, announce
from resolvers.paging import page as paged
from resolvers.paging import searched
from resolvers.scope import mine, my_invoices, uuid_of
from resolvers.transactions import Outcome, Request, atomically, once
from rules import invoice as rules
from rules import text
from rules.calendar import today
from rules.customer import CustomerData
from rules.faults import Code, Fault, Refusal, Text
from rules.invoice import LineData
from rules.printing import Printable
from rules.vocabulary import HEAD_OFFICE, Currency, CustomerStatus, DocumentType, EventType, InvoiceStatus, OnDuplicate

NOBODY: Final = UUID(int=0)

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


# Reading


def by_id(id: str) -> One:
    return One(my_invoices(id=uuid_of(id)))


def ordered_by(field: str, *, descending: bool) -> Order:
    column, parse = _ORDERS[field]
    return Order(f"INVOICE_{field}", column, descending, parse)


def page(search: str | None, filter: Q | None, order: Order | None, **arguments: Any) -> Page:
    """The account's invoices; the latest day of issue first, unless something else is asked."""
    rows = my_invoices(Q() if filter is None else filter)
    order = order or ordered_by("ISSUE_DATE", descending=True)
    return paged(searched(rows, search), order, **arguments, view="document_search" if search else None)


@dataclass(frozen=True)
class NumberingAudit:
    """The numbers of a billing point: ``last`` is the counter, ``gaps`` are ranges of numbers without an invoice."""

    billing_point: str
    last: int
    issued: int
    void: int
    gaps: tuple[tuple[int, int], ...]


async def numbering_audit(billing_point: str) -> NumberingAudit:
    """What became of each number that the billing point gave; raises ``BadUserInput`` for an unknown one."""
    arguments = [tenant.current_account(), HEAD_OFFICE, billing_point, DocumentType.INVOICE]
    rows = await get_connection("default").execute_query_dict(_NUMBERING, arguments)
    if not rows:
        raise BadUserInput("There is no such billing point.")
    row = rows[0]
    gaps = tuple(zip(row["gaps_from"], row["gaps_to"], strict=True))
    return NumberingAudit(billing_point, row["last_number"], row["issued"], row["void"], gaps)


# A gap lies between two neighbouring numbers, or beneath the first or above the last of them.
_NUMBERING = """
    WITH point AS (
        SELECT coalesce(s.last_number, 0) AS last_number
        FROM billing_point p LEFT JOIN sequence s ON s.account_id = $1 AND s.branch = p.branch
            AND s.billing_point = p.code AND s.type = $4
        WHERE p.account_id = $1 AND p.branch = $2 AND p.code = $3
    ), given AS (
        SELECT number::bigint AS n, status FROM document
        WHERE account_id = $1 AND branch = $2 AND billing_point = $3 AND type = $4 AND number IS NOT NULL
    ), edges AS (
        SELECT n, lag(n, 1, 0::bigint) OVER (ORDER BY n) AS before FROM given
        UNION ALL
        SELECT last_number + 1, coalesce((SELECT max(n) FROM given), 0) FROM point
    )
    SELECT last_number,
           (SELECT count(*) FROM given WHERE status = 'ISSUED') AS issued,
           (SELECT count(*) FROM given WHERE status = 'VOID') AS void,
           coalesce((SELECT array_agg(before + 1 ORDER BY n) FROM edges WHERE n > before + 1), '{}') AS gaps_from,
           coalesce((SELECT array_agg(n - 1 ORDER BY n) FROM edges WHERE n > before + 1), '{}') AS gaps_to
    FROM point
"""


# Creating


async def create(
    data: InvoiceData,
    *,
    issue: bool,
    customer_id: str | None,
    new_customer: CustomerData | None,
    on_duplicate: OnDuplicate,
    request: Request | None,
    consultar: Consultar,
    printable: Printable,
    word: Lookup | None = None,
    dry_run: bool = False,
) -> Outcome:
    """Store an invoice, with its customer if that is new; both or neither.

    ``word`` is what the registry says of the new customer, if that was asked (``registry.asked``). ``printable``
    are the characters that an issued invoice may have in its texts, since it is printed and never changed.
    Raises ``Refusal`` with all faults, their paths being those of ``createInvoice``. A dry run
    takes no number and so leaves a draft, whatever ``issue`` says; it is for the caller to undo it.
    """

    async def action() -> Outcome:
        settings = await current_settings()
        own_faults = list(_faults_of(data))
        if issue:
            own_faults = list(_with(own_faults, printed_texts.check_invoice(data.notes, data.lines, printable)))
            own_faults += _all_at((), printed_texts.check_account(settings, printable))
        billing_point = _billing_point(data, settings.billing_points, own_faults)
        faults = [fault.under("input") for fault in own_faults]
        if (customer_id is None) == (new_customer is None):
            faults.append(_EXACTLY_ONE_CUSTOMER)
        elif new_customer is not None:
            wanted = await customers.settled(new_customer, settings, on_duplicate, consultar, word)
            found = wanted.faults
            if issue and wanted.existing and not found:
                proven = customers.verified_dv(wanted.existing)
                _, found = await customers.ruled(wanted.data, settings, consultar, proven)
            if issue:
                found = _with(found, printed_texts.check_customer(wanted.data, printable))
            faults += [fault.under("newCustomer") for fault in found]
        else:
            rows = mine(models.Customer)
            if not issue:
                # A change of the customer's name waits, and then finds this draft, whose search it keeps up to date.
                rows = rows.select_for_update(no_key=True)
            customer = await rows.get_or_none(id=uuid_of(customer_id or ""))
            issuing = _Issuing(settings, consultar, printable) if issue else None
            faults += await _customer_faults(customer, ("customerId",), issuing)
        if faults:
            raise Refusal(*faults)
        news: list[News] = []
        if new_customer is not None:
            customer, news = await customers.stored(wanted, settings)
        assert customer is not None
        columns = _columns(data, customer, billing_point)
        invoice = models.Document(id=uuid7(), account_id=customer.account_id, **columns)
        if issue and not dry_run:
            await _issue(invoice, settings, customer)
        await invoice.save(force_create=True)
        await _store_lines(invoice, data.lines)
        await announce(*news, (EventType.INVOICE_ISSUED if invoice.number else EventType.INVOICE_CREATED, invoice))
        return Outcome(invoice.id, new_customer is not None and wanted.existing is None)

    return await once(request, action, models.Document)


_EXACTLY_ONE_CUSTOMER = Fault(
    ("customerId",),
    Code.EXACTLY_ONE_CUSTOMER,
    Text("Indica customerId o newCustomer, solo uno de los dos.", "Give either customerId or newCustomer."),
)


# Changing


async def update(id: str, changes: Mapping[str, Any], customer_id: str | None, version: int | None) -> UUID:
    """Set the given fields of ``InvoiceData``, and the customer, of a draft; raises ``Refusal`` with all faults."""

    async def action() -> UUID:
        invoice = await _locked(id)
        if version is not None and version != invoice.version:
            raise Refusal(customers.conflict(invoice.version))
        if invoice.status is not InvoiceStatus.DRAFT:
            raise Refusal(_ONLY_DRAFTS)
        before = await _data_of(invoice)
        data = replace(before, **changes)
        faults = list(_faults_of(data))
        billing_point = _billing_point(data, (await current_settings()).billing_points, faults)
        wanted = invoice.customer_id if customer_id is None else uuid_of(customer_id)
        customer = await mine(models.Customer).get_or_none(id=wanted)
        if wanted != invoice.customer_id:
            faults += await _customer_faults(customer, ("customerId",), None)
        if faults:
            raise Refusal(*faults).under("input")
        assert customer is not None
        invoice.update_from_dict({**_columns(data, customer, billing_point), "version": invoice.version + 1})
        await invoice.save()
        if data.lines != before.lines:
            await mine(models.DocumentLine, document_id=invoice.id).delete()
            await _store_lines(invoice, data.lines)
        await announce((EventType.INVOICE_UPDATED, invoice))
        return invoice.id

    return await atomically(action)


async def delete_draft(id: str) -> UUID:
    """Forget a draft; raises ``Refusal``."""

    async def action() -> UUID:
        invoice = await _locked(id)
        if invoice.status is not InvoiceStatus.DRAFT:
            raise Refusal(_ONLY_DRAFTS)
        await my_invoices(id=invoice.id).delete()
        await announce((EventType.INVOICE_DELETED, invoice))
        return invoice.id

    return await atomically(action)


async def issue(id: str, consultar: Consultar, printable: Printable) -> UUID:
    """Give a draft its number; an issued invoice stays as it is. Raises ``Refusal`` with all faults, at ``id``."""

    async def action() -> UUID:
        settings = await current_settings()
        invoice = await _locked(id)
        if invoice.status is InvoiceStatus.VOID:
            raise Refusal(_NOT_WHEN_VOID)
        if invoice.status is InvoiceStatus.DRAFT:
            customer = await mine(models.Customer).get(id=invoice.customer_id)
            data = await _data_of(invoice)
            faults = [
                *await _customer_faults(customer, ("id",), _Issuing(settings, consultar, printable)),
                *_all_at(("id",), printed_texts.check_account(settings, printable)),
                *_all_at(("id",), printed_texts.check_invoice(data.notes, data.lines, printable)),
            ]
            if faults:
                raise Refusal(*faults)
            try:
                await _issue(invoice, settings, customer)
            except IntegrityError as error:  # of the counter, the one row that is written there
                raise Refusal(replace(FAULTS["sequence_last_number_check"], path=("id",))) from error
            invoice.version += 1
            await invoice.save()
            await announce((EventType.INVOICE_ISSUED, invoice))
        return invoice.id

    return await atomically(action)


async def void(id: str, reason: str, printable: Printable) -> UUID:
    """Void an issued invoice, which keeps its number; the same reason once more changes nothing. Raises ``Refusal``."""
    clean = text.clean(reason)
    faults = rules.check_reason(clean) or tuple(printable.check(("reason",), clean))
    if faults or clean is None:
        raise Refusal(*faults)

    async def action() -> UUID:
        invoice = await _locked(id)
        if invoice.status is InvoiceStatus.VOID and invoice.void_reason == clean:
            return invoice.id
        if invoice.status is not InvoiceStatus.ISSUED:
            raise Refusal(_NOT_WHEN_VOID if invoice.status is InvoiceStatus.VOID else _ONLY_ISSUED)
        invoice.status = InvoiceStatus.VOID
        invoice.void_reason = clean
        invoice.voided_at = datetime.now(UTC)
        invoice.version += 1
        await invoice.save()
        await announce((EventType.INVOICE_VOIDED, invoice))
        return invoice.id

    return await atomically(action)


async def _locked(id: str) -> models.Document:
    invoice = await my_invoices().select_for_update(no_key=True).get_or_none(id=uuid_of(id))
    if invoice is None:
        raise Refusal(Fault(("id",), Code.NOT_FOUND, Text("No existe esta factura.", "There is no such invoice.")))
    return invoice


async def _data_of(invoice: models.Document) -> InvoiceData:
    lines = await mine(models.DocumentLine, document_id=invoice.id).order_by("position")
    return InvoiceData(
        billing_point=invoice.billing_point,
        issue_date=invoice.issue_date,
        due_date=invoice.due_date,
        currency=invoice.currency,
        notes=invoice.notes,
        lines=tuple(
            [
                LineData(
                    description=line.description,
                    quantity=line.quantity,
                    unit_price=line.unit_price,
                    discount=line.discount,
                    itbms_rate=line.itbms_rate,
                )
                for line in lines
            ]
        ),
    )


def _not_allowed(es: str, en: str) -> Fault:
    return Fault(("id",), Code.NOT_ALLOWED, Text(es, en))


_ONLY_DRAFTS = _not_allowed(
    "Una factura emitida no se cambia; solo se puede anular.", "An issued invoice is never changed; it can be voided."
)
_ONLY_ISSUED = _not_allowed("Un borrador no se anula; bórralo.", "A draft can't be voided; delete it.")
_NOT_WHEN_VOID = _not_allowed("La factura está anulada.", "The invoice is void.")


# What creating and changing have in common


def _faults_of(data: InvoiceData) -> tuple[Fault, ...]:
    faults = (
        *rules.check_dates(data.issue_date or today(), data.due_date, today()),
        *rules.check_notes(text.clean(data.notes)),
        *rules.check_lines(data.lines),
    )
    return faults


def _billing_point(data: InvoiceData, codes: tuple[str, ...], faults: list[Fault]) -> str:
    if data.billing_point is None and len(codes) == 1:
        return codes[0]
    if data.billing_point is None:
        message = Text("Elige el punto de facturación.", "Choose the billing point.")
        faults.append(Fault(("billingPoint",), Code.REQUIRED, message, expected=codes))
    elif data.billing_point not in codes:
        faults.append(FAULTS["document_billing_point_fkey"])
    return data.billing_point or ""


@dataclass(frozen=True)
class _Issuing:
    """What an invoice that is issued has to suit."""

    settings: AccountSettings
    consultar: Consultar
    printable: Printable


async def _customer_faults(
    customer: models.Customer | None, path: tuple[str, ...], issuing: _Issuing | None
) -> list[Fault]:
    """What keeps this customer from getting an invoice; all of it stands at ``path``.

    ``issuing`` is for an invoice that is issued: then also what the customer lacks to receive it under
    the account's settings of today, and to be printed on it.
    """
    if customer is None:
        return [replace(FAULTS["document_customer_fkey"], path=path)]
    if customer.status is CustomerStatus.ARCHIVED:
        message = Text(
            "El cliente está archivado. Restáuralo para facturarle.", "The customer is archived. Restore it first."
        )
        return [Fault(path, Code.NOT_ALLOWED, message, related_id=customer.id)]
    if issuing is None:
        return []
    data = customers.data_of(customer)
    _, faults = await customers.ruled(data, issuing.settings, issuing.consultar, customers.verified_dv(customer))
    return _all_at(path, _with(faults, printed_texts.check_customer(data, issuing.printable)), customer.id)


def _with(faults: Sequence[Fault], further: Iterable[Fault]) -> tuple[Fault, ...]:
    """The faults, and the further ones of what has no fault yet."""
    known = {fault.path for fault in faults}
    return (*faults, *[fault for fault in further if fault.path not in known])


def _all_at(path: tuple[str, ...], faults: Iterable[Fault], related_id: UUID | None = None) -> list[Fault]:
    """The faults of an object that is stored, at the argument that names it; the messages say where in it."""
    return [
        Fault(
            path,
            fault.code,
            Text(f"{'.'.join(fault.path)}: {fault.message.es}", f"{'.'.join(fault.path)}: {fault.message.en}"),
            fault.expected,
            related_id,
        )
        for fault in faults
    ]


def _columns(data: InvoiceData, customer: models.Customer, billing_point: str) -> dict[str, Any]:
    """The columns of a draft."""
    _, totals = rules.compute(data.lines)
    return {
        "customer_id": customer.id,
        "billing_point": billing_point,
        "status": InvoiceStatus.DRAFT,
        "issue_date": data.issue_date or today(),
        "due_date": data.due_date,
        "currency": data.currency,
        "notes": text.clean(data.notes),
        "subtotal": totals.subtotal,
        "discount_total": totals.discount_total,
        "itbms_total": totals.itbms_total,
        "total": totals.total,
        "total_cents": int(totals.total.scaleb(2)),
        "search": customers.receiver_search(customer),
    }


async def _issue(invoice: models.Document, settings: AccountSettings, customer: models.Customer) -> None:
    """Give the invoice its number and freeze issuer and receiver. The counter's lock is the last one taken."""
    keys = [uuid7(), invoice.account_id, invoice.branch, invoice.billing_point, invoice.type]
    row = await get_connection("default").execute_insert(_NEXT_NUMBER, keys)
    assert row is not None
    number = f"{row['last_number']:010}"
    invoice.number = invoice.number_key = number
    invoice.status = InvoiceStatus.ISSUED
    invoice.issued_at = datetime.now(UTC)
    # The number is found with its zeros and without.
    invoice.search = f" {number} {row['last_number']}{customers.receiver_search(customer)}"
    for column in ("name", "ruc", "dv"):
        setattr(invoice, f"issuer_{column}", getattr(settings, column))
    invoice.receiver_type = customer.receiver_type
    for column in _FROZEN:
        setattr(invoice, f"receiver_{column}", getattr(customer, column))


_NEXT_NUMBER = """
    INSERT INTO sequence (id, account_id, branch, billing_point, type, last_number) VALUES ($1, $2, $3, $4, $5, 1)
    ON CONFLICT (account_id, branch, billing_point, type) DO UPDATE SET last_number = sequence.last_number + 1
    RETURNING last_number
"""

_FROZEN = (
    *("taxpayer_type", "ruc", "dv", "foreign_id_type", "foreign_id_number", "foreign_id_country", "identification"),
    *("name", "location_id", "address", "email", "phone", "mobile"),
)


async def _store_lines(invoice: models.Document, lines: tuple[LineData, ...]) -> None:
    """In one statement, and not by Tortoise, whose objects would keep everybody waiting for a thousand lines."""
    computed, _ = rules.compute(lines)
    rows = [(uuid7(), *[getattr(line, column) for column in _LINE]) for line in computed]
    arguments = [invoice.account_id, invoice.id, *map(list, zip(*rows, strict=True))]
    await get_connection("default").execute_query(_STORE_LINES, arguments)


_LINE: Final = (
    *("position", "description", "quantity", "unit_price", "discount", "itbms_rate"),
    *("net", "itbms", "total"),
)

_STORE_LINES: Final = f"""
    INSERT INTO document_line (account_id, document_id, id, {", ".join(_LINE)})
    SELECT $1, $2, *
    FROM unnest($3::uuid[], $4::integer[], $5::text[], $6::numeric[], $7::numeric[], $8::numeric[], $9::text[],
                $10::numeric[], $11::numeric[], $12::numeric[])
"""


# Filtering


def overdue(wanted: bool) -> Q:
    """The invoices that are issued and whose day of payment has passed in Panama, or the others."""
    late = Q(status=InvoiceStatus.ISSUED, due_date__lt=today())
    on_time = [Q(status__not=InvoiceStatus.ISSUED), Q(due_date__isnull=True), Q(due_date__gte=today())]
    return late if wanted else Q(*on_time, join_type="OR")


def in_cents(amount: Decimal | None, *, up: bool) -> int | None:
    """An amount of a filter in whole cents, rounded into the range; far out of range is as far as it gets."""
    if amount is None:
        return None
    bounded = min(max(amount, Decimal(-1)), rules.TOTAL_LIMIT)
    # Not ``bounded * 100``, which would be rounded to 28 digits first.
    return int(bounded.quantize(Decimal("0.01"), ROUND_CEILING if up else ROUND_FLOOR).scaleb(2))
