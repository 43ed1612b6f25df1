"""What a PDF shows of a document: ``reading`` fills it, ``writing`` writes it out for the templates."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from rules.invoice import Line, Tax, taxes
from rules.vocabulary import Currency, InvoiceStatus


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
class PrintedDocument:
    """All that the PDF of a document shows. Amounts are those that are stored and never computed again."""

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
