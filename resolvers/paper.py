"""Invoices as they are printed and mailed: ``invoice_document`` reads one, ``render`` makes a PDF of it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from db import models
from resolvers.account_settings import AccountSettings, current_settings
from resolvers.invoices import PANAMA
from resolvers.scope import mine, my_invoices, uuid_of
from rules.invoice import RATES, Line, Tax, taxes
from rules.vocabulary import Currency, ForeignIdType, InvoiceStatus, ItbmsRate


@dataclass(frozen=True, kw_only=True)
class Party:
    """Who sells or who buys, in the words that are printed."""

    name: str
    identification: str = ""
    address: str = ""
    location: str = ""


@dataclass(frozen=True, kw_only=True)
class InvoiceDocument:
    """All that the PDF of an invoice shows; amounts are printed as they are stored, never computed again."""

    issuer: Party
    receiver: Party
    status: InvoiceStatus
    number: str | None
    billing_point: str
    issue_date: date
    due_date: date | None = None
    currency: Currency
    lines: tuple[Line, ...]
    subtotal: Decimal
    discount_total: Decimal
    itbms_total: Decimal
    total: Decimal
    notes: str = ""
    void_reason: str = ""
    voided_on: date | None = None
    created_at: datetime

    @property
    def title(self) -> str:
        return f"Factura {self.billing_point}-{self.number}" if self.number else "Factura en borrador"

    @property
    def filename(self) -> str:
        return f"factura-{self.billing_point}-{self.number or 'borrador'}.pdf"

    @property
    def taxes(self) -> tuple[Tax, ...]:
        """The ITBMS by rate."""
        return tuple(taxes(self.lines))


# Reading


async def invoice_document(id: str) -> InvoiceDocument | None:
    """The current account's invoice of this id, if there is one.

    Issuer and receiver are as they were frozen at issue; on a draft, account and customer as they are now.
    """
    related = ("customer__location", "receiver_location")
    while invoice := await my_invoices().select_related(*related).get_or_none(id=uuid_of(id)):
        lines = await mine(models.DocumentLine, document_id=invoice.id).order_by("position")
        settings = await current_settings()
        # A draft may have changed between the statements.
        unchanged = my_invoices(id=invoice.id, version=invoice.version)
        if invoice.status is not InvoiceStatus.DRAFT or await unchanged.exists():
            return _document(settings, invoice, lines)
    return None


def _document(settings: AccountSettings, invoice: models.Document, lines: list[models.DocumentLine]) -> InvoiceDocument:
    return InvoiceDocument(
        issuer=_issuer(invoice, settings),
        receiver=_receiver(invoice),
        status=invoice.status,
        number=invoice.number,
        billing_point=invoice.billing_point,
        issue_date=invoice.issue_date,
        due_date=invoice.due_date,
        currency=invoice.currency,
        lines=tuple([_line(line) for line in lines]),
        subtotal=invoice.subtotal,
        discount_total=invoice.discount_total,
        itbms_total=invoice.itbms_total,
        total=invoice.total,
        notes=invoice.notes or "",
        void_reason=invoice.void_reason or "",
        voided_on=invoice.voided_at and invoice.voided_at.astimezone(PANAMA).date(),
        created_at=invoice.voided_at or invoice.issued_at or invoice.created_at,
    )


def _line(line: models.DocumentLine) -> Line:
    return Line(
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


def _issuer(invoice: models.Document, settings: AccountSettings) -> Party:
    if invoice.status is InvoiceStatus.DRAFT:
        return Party(name=settings.name, identification=_ruc(settings.ruc, settings.dv))
    return Party(name=invoice.issuer_name or "", identification=_ruc(invoice.issuer_ruc, invoice.issuer_dv))


def _receiver(invoice: models.Document) -> Party:
    frozen = invoice.status is not InvoiceStatus.DRAFT
    source, prefix = (invoice, "receiver_") if frozen else (invoice.customer, "")

    def column(name: str) -> str:
        return getattr(source, prefix + name) or ""

    identification = _ruc(column("ruc"), column("dv"))
    if document := column("foreign_id_number"):
        kind = _FOREIGN_IDS.get(getattr(source, f"{prefix}foreign_id_type"), "Documento")
        identification = f"{kind} {document} ({column('foreign_id_country')})"
    location: models.Location | None = getattr(source, f"{prefix}location")
    return Party(
        name=column("name"),
        identification=identification,
        address=column("address"),
        location=f"{location.corregimiento}, {location.district_name}, {location.province_name}" if location else "",
    )


def _ruc(ruc: str | None, dv: str | None) -> str:
    return f"RUC {ruc}{f' DV {dv}' if dv else ''}" if ruc else ""


_FOREIGN_IDS: Final = {ForeignIdType.PASSPORT: "Pasaporte", ForeignIdType.TAX_ID: "Identificación tributaria"}


# Writing figures and dates

SYMBOLS: Final = {Currency.PAB: "B/.", Currency.USD: "US$"}
_CENT: Final = Decimal("0.01")
_MONTHS: Final = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
    *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
)


def money(amount: Decimal) -> str:
    """
    >>> money(Decimal("1234.5"))
    '1,234.50'
    """
    return f"{amount:,.2f}"


def quantity(number: Decimal) -> str:
    """
    >>> quantity(Decimal("1500.250000")), quantity(Decimal("100.000000"))
    ('1,500.25', '100')
    """
    return f"{number.normalize():,f}"


def price(number: Decimal) -> str:
    """
    >>> price(Decimal("9.500000")), price(Decimal("0.685000"))
    ('9.50', '0.685')
    """
    return money(number) if number == number.quantize(_CENT) else quantity(number)


def day(date: date) -> str:
    """
    >>> day(date(2026, 3, 5))
    '5 de marzo de 2026'
    """
    return f"{date.day} de {_MONTHS[date.month - 1]} de {date.year}"


def rate(rate: ItbmsRate) -> str:
    """
    >>> rate(ItbmsRate.RATE_7), rate(ItbmsRate.EXEMPT)
    ('7 %', 'Exento')
    """
    return f"{RATES[rate] * 100:.0f} %" if RATES[rate] else "Exento"


def render(document: InvoiceDocument) -> bytes:
    """The invoice as PDF. That takes a tenth of a second of computing, with 1,000 lines half a one."""
    # What draws takes half a second to be imported, which the server's start needn't wait for.
    from resolvers.pdf import draw

    return draw(document)


async def rendered(document: InvoiceDocument) -> bytes:
    """``render``, in the one thread that draws: several would keep the event loop from its work as well."""
    return await asyncio.get_running_loop().run_in_executor(_drawing, render, document)


_drawing: Final = ThreadPoolExecutor(1, "drawing")
