"""What a PDF shows of a document: ``reading`` fills it, ``writing`` writes it out for the templates."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from documents import words
from documents.branding import Branding
from rules.fiscal.document import Export, Instalment, PaymentForm, Withholding
from rules.invoice import Line, Tax, taxes
from rules.vocabulary import Currency, DocumentType, InvoiceStatus, Language


class Format(StrEnum):
    """The paper: a letter, or a strip of 80 mm."""

    LETTER = "letter"
    STRIP = "strip"


@dataclass(frozen=True, kw_only=True)
class Party:
    """The seller or the buyer, as printed. ``kind`` says what the buyer of an electronic document is to the DGI."""

    name: str
    kind: str = ""
    identification: str = ""
    address: str = ""
    location: str = ""
    contact: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Validator:
    """The provider (PAC) that has validated a document. What isn't known of it is left out."""

    name: str
    ruc: str = ""
    resolution: str = ""
    resolved_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class FiscalData:
    """What is shown of an electronic document. Without a CUFE it isn't authorised."""

    is_test: bool
    emitted_at: datetime | None = None
    cufe: str | None = None
    consultation_url: str = ""
    protocol: str | None = None
    authorized_at: datetime | None = None
    qr: str | None = None
    validator: Validator | None = None
    xml: bytes | None = None  # as the DGI has authorised it


@dataclass(frozen=True, kw_only=True)
class Reference:
    """The invoice to which a note refers, and why the note was issued."""

    type: DocumentType
    billing_point: str
    number: str
    issue_date: date
    cufe: str | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class PrintedDocument:
    """All that the PDF of a document shows. Amounts are those that are stored and never computed again."""

    type: DocumentType = DocumentType.INVOICE
    language: Language = Language.ES
    issuer: Party
    receiver: Party
    status: InvoiceStatus
    number: str | None
    branch: str = "0000"
    billing_point: str
    issue_date: date | None  # None on a draft whose day is open
    due_date: date | None = None
    currency: Currency
    lines: tuple[Line, ...]
    subtotal: Decimal
    discount_total: Decimal
    itbms_total: Decimal
    total: Decimal
    payment_forms: tuple[PaymentForm, ...] = ()
    instalments: tuple[Instalment, ...] = ()
    withholding: Withholding | None = None
    purchase_order: str = ""
    export: Export | None = None
    reference: Reference | None = None
    notes: str = ""
    terms: str = ""
    void_reason: str = ""
    voided_on: date | None = None
    created_at: datetime
    fiscal: FiscalData | None = None  # None where it isn't electronic
    branding: Branding = field(default_factory=Branding)

    @property
    def title(self) -> str:
        name = words.TITLES[self.language][self.type]
        return f"{name} {self.billing_point}-{self.number}" if self.number else words.DRAFT[self.language]

    @property
    def filename(self) -> str:
        return file_name(self.type, self.language, self.billing_point, self.number)

    @property
    def taxes(self) -> tuple[Tax, ...]:
        """The ITBMS by rate."""
        return tuple(taxes(self.lines))


def file_name(type: DocumentType, language: Language | None, billing_point: str, number: str | None) -> str:
    """The name of a document's PDF. It stands in headers of mails and responses, so it has plain characters only."""
    kind = words.FILE_NAMES[language or Language.ES][type]
    name = f"{kind}-{billing_point}-{number or words.DRAFT_FILE[language or Language.ES]}"
    return re.sub("[^A-Za-z0-9-]", "_", name) + ".pdf"
