"""The data of an invoice's PDF: ``read_invoice`` reads them, ``template_data`` writes them out for ``invoice.typ``."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import accumulate
from typing import Any, Final

import orjson

from db import models, tenant
from documents.formats import (
    CURRENCIES,
    SYMBOLS,
    format_day,
    format_moment,
    format_money,
    format_phone,
    format_price,
    format_quantity,
    format_rate,
)
from documents.qr import draw_qr
from resolvers.account_settings import AccountSettings, current_settings
from resolvers.invoice_rows import line_of
from resolvers.scope import mine, my_invoices, uuid_of
from rules import ruc
from rules.calendar import PANAMA
from rules.invoice import Line, Tax, taxes
from rules.printing import Printable, clusters
from rules.vocabulary import Currency, Environment, ForeignIdType, InvoiceStatus


@dataclass(frozen=True, kw_only=True)
class Party:
    """The seller or the buyer, as printed."""

    name: str
    identification: str = ""
    address: str = ""
    location: str = ""
    contact: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FiscalData:
    """What the PDF of an electronic invoice shows of it. Without a CUFE it isn't authorised."""

    is_test: bool
    cufe: str | None = None
    protocol: str | None = None
    authorized_at: datetime | None = None
    qr: str | None = None


@dataclass(frozen=True, kw_only=True)
class InvoiceDocument:
    """All that the PDF of an invoice shows. Amounts are those that are stored and never computed again."""

    issuer: Party
    receiver: Party
    status: InvoiceStatus
    number: str | None
    billing_point: str
    issue_date: date | None  # None on a draft whose day is open
    due_date: date | None = None
    currency: Currency
    lines: tuple[Line, ...]
    subtotal: Decimal
    discount_total: Decimal
    itbms_total: Decimal
    total: Decimal
    notes: str = ""
    terms: str = ""
    void_reason: str = ""
    voided_on: date | None = None
    created_at: datetime
    fiscal: FiscalData | None = None  # None where it isn't electronic

    @property
    def title(self) -> str:
        return f"Factura {self.billing_point}-{self.number}" if self.number else "Factura en borrador"

    @property
    def filename(self) -> str:
        return file_name(self.billing_point, self.number)

    @property
    def taxes(self) -> tuple[Tax, ...]:
        """The ITBMS by rate."""
        return tuple(taxes(self.lines))


def file_name(billing_point: str, number: str | None) -> str:
    """The name of an invoice's PDF. It stands in headers of mails and responses, so it has plain characters only."""
    name = f"factura-{billing_point}-{number or 'borrador'}"
    return re.sub("[^A-Za-z0-9-]", "_", name) + ".pdf"


# Reading


async def read_invoice(id: str) -> InvoiceDocument | None:
    """The current account's invoice of this id, if there is one.

    Issuer and receiver are as they were frozen at issue; on a draft, account and customer as they are now.
    """
    related = ("customer__location", "receiver_location")
    of_account = {"customer__account_id": tenant.current_account()}
    while invoice := await my_invoices(**of_account).select_related(*related).get_or_none(id=uuid_of(id)):
        lines = await mine(models.DocumentLine, document_id=invoice.id).order_by("position")
        settings = await current_settings()
        fiscal = await _read_fiscal(invoice) if invoice.electronic else None
        # A draft may have changed between the statements.
        unchanged = my_invoices(id=invoice.id, version=invoice.version)
        if invoice.status is not InvoiceStatus.DRAFT or await unchanged.exists():
            return _build_document(settings, invoice, lines, fiscal)
    return None


async def _read_fiscal(invoice: models.Document) -> FiscalData | None:
    row = await mine(models.Emission, document_id=invoice.id).get_or_none()
    if row is None:
        return None
    is_test = row.environment is Environment.TEST
    if row.authorized_at is None:
        return FiscalData(is_test=is_test)
    return FiscalData(is_test=is_test, cufe=row.cufe, protocol=row.protocol, authorized_at=row.authorized_at, qr=row.qr)


def _build_document(
    settings: AccountSettings,
    invoice: models.Document,
    lines: list[models.DocumentLine],
    fiscal: FiscalData | None,
) -> InvoiceDocument:
    return InvoiceDocument(
        issuer=_issuer(invoice, settings),
        receiver=_receiver(invoice),
        status=invoice.status,
        number=invoice.number,
        billing_point=invoice.billing_point,
        issue_date=None if invoice.issue_date_open else invoice.issue_date,
        due_date=invoice.due_date,
        currency=invoice.currency,
        lines=tuple([line_of(line) for line in lines]),
        subtotal=invoice.subtotal,
        discount_total=invoice.discount_total,
        itbms_total=invoice.itbms_total,
        total=invoice.total,
        notes=invoice.notes or "",
        terms=(settings.terms if invoice.status is InvoiceStatus.DRAFT else invoice.issuer_terms) or "",
        void_reason=invoice.void_reason or "",
        voided_on=invoice.voided_at and invoice.voided_at.astimezone(PANAMA).date(),
        created_at=invoice.voided_at or invoice.issued_at or invoice.created_at,
        fiscal=fiscal,
    )


def _issuer(invoice: models.Document, settings: AccountSettings) -> Party:
    frozen = invoice.status is not InvoiceStatus.DRAFT
    source, prefix = (invoice, "issuer_") if frozen else (settings, "")

    def column(name: str) -> str:
        return getattr(source, prefix + name) or ""

    phones = " / ".join([format_phone(number) for number in (column("phone"), column("mobile")) if number])
    return Party(
        name=column("name"),
        identification=_ruc(column("ruc"), column("dv")),
        address=column("address"),
        contact=tuple(filter(None, (phones and f"Tel. {phones}", column("email")))),
    )


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


def _ruc(number: str | None, dv: str | None) -> str:
    return f"RUC {ruc.identification(number, dv)}" if number else ""


_FOREIGN_IDS: Final = {ForeignIdType.PASSPORT: "Pasaporte", ForeignIdType.TAX_ID: "Identificación tributaria"}


# Writing it out for the template


def template_data(document: InvoiceDocument, printable: Printable) -> dict[str, str]:
    """The ``sys.inputs`` of ``invoice.typ``: texts only, but for lists and switches, as JSON.

    A character that ``printable`` lacks becomes �, so that drafts, and invoices issued before a font was removed,
    can be printed all the same.
    """
    write = _writer(printable)
    lines = list(_write_lines(document.lines, write))
    figures = ("position", "quantity", "price", "discount", "rate", "net", "total")
    invoice = {
        "status": document.status.value,
        "number": document.number,
        "title": write(document.title),
        "issuer": _write_party(document.issuer, write),
        "receiver": _write_party(document.receiver, write),
        "issue_date": format_day(document.issue_date) if document.issue_date else "Al emitirla",
        "due_date": format_day(document.due_date) if document.due_date else "",
        "billing_point": document.billing_point,
        "currency": CURRENCIES[document.currency],
        "voided": "ANULADA" + (f" el {format_day(document.voided_on)}" if document.voided_on else ""),
        "void_reason": _write_text(document.void_reason, write),
        "discounts": any(line.discount for line in document.lines),
        "widest": {name: max((line[name] for line in lines), key=len, default="") for name in figures},
        "taxes": [
            {"rate": format_rate(tax.rate), "base": format_money(tax.base), "amount": format_money(tax.amount)}
            for tax in document.taxes
        ],
        "subtotal": format_money(document.subtotal),
        "itbms_total": format_money(document.itbms_total),
        "total": f"{SYMBOLS[document.currency]} {format_money(document.total)}",
        "discount_total": format_money(document.discount_total) if document.discount_total else "",
        "notes": _write_text(document.notes, write),
        "terms": _write_text(document.terms, write),
        "fiscal": _write_fiscal(document.fiscal) if document.fiscal else None,
    }
    return {"invoice": orjson.dumps(invoice).decode(), "lines": orjson.dumps(lines).decode()}


def _write_fiscal(fiscal: FiscalData) -> dict[str, Any]:
    return {
        "test": fiscal.is_test,
        "authorized": fiscal.cufe is not None,
        "cufe": fiscal.cufe or "",
        "protocol": fiscal.protocol or "",
        "authorized_at": format_moment(fiscal.authorized_at) if fiscal.authorized_at else "",
        "qr": draw_qr(fiscal.qr) if fiscal.qr else "",
    }


def _write_text(text: str, write: Callable[[str], str]) -> str:
    return "\n".join(map(write, text.split("\n")))


def _write_party(party: Party, write: Callable[[str], str]) -> dict[str, Any]:
    return {
        "name": write(party.name),
        "identification": write(party.identification),
        "address": _write_text(party.address, write),
        "location": write(party.location),
        "contact": [write(part) for part in party.contact],
    }


def _write_lines(lines: Iterable[Line], write: Callable[[str], str]) -> Iterator[dict[str, Any]]:
    """``sums`` are those of net and total up to and with the line, for the page that ends with it."""
    lines = list(lines)
    nets, totals = accumulate(line.net for line in lines), accumulate(line.total for line in lines)
    for line, net_so_far, total_so_far in zip(lines, nets, totals, strict=True):
        yield {
            "position": str(line.position),
            "description": _write_text(line.description, write),
            "quantity": format_quantity(line.quantity),
            "price": format_price(line.unit_price),
            "discount": format_price(line.discount) if line.discount else "—",
            "rate": format_rate(line.itbms_rate),
            "net": format_money(line.net),
            "total": format_money(line.total),
            "sums": [format_money(net_so_far), format_money(total_so_far)],
        }


# A word that is longer than this may be broken anywhere, since it may be longer than a line.
_LONG_WORD: Final = re.compile(r"\S{20,}")


def _writer(printable: Printable) -> Callable[[str], str]:
    def write(text: str) -> str:
        """One line of text, with single blanks, that breaks where it must."""
        return _LONG_WORD.sub(_break_anywhere, " ".join(printable.replace(text).split()))

    return write


def _break_anywhere(word: re.Match[str]) -> str:
    return "".join(f"\N{ZERO WIDTH SPACE}{cluster}" for cluster in clusters(word.group()))
