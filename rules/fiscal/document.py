"""A fiscal document as it is sent to the DGI: complete, frozen, and without a word of any provider's contract.

The service makes it from stored rows; an adapter in ``pac`` writes it in its provider's words. Amounts are ``Decimal``
in balboas or dollars.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from rules.vocabulary import (
    BranchType,
    Currency,
    DocumentType,
    Environment,
    ForeignIdType,
    ItbmsRate,
    PaymentMethod,
    ReceiverType,
    SaleType,
    TaxpayerType,
)


@dataclass(frozen=True, kw_only=True)
class DocumentKey:
    """By what a provider and the DGI tell documents apart: a second one with the same key is refused.

    ``branch`` is 4 characters of 0-9 and A-Z, ``billing_point`` 3 digits, ``number`` 10 digits.
    """

    branch: str
    billing_point: str
    number: str
    type: DocumentType


@dataclass(frozen=True, kw_only=True)
class Issuer:
    """The business that issues. Its name and address aren't sent: the provider has them."""

    ruc: str  # canonical, without its DV
    dv: str
    taxpayer_type: TaxpayerType


@dataclass(frozen=True, kw_only=True)
class Location:
    """A corregimiento in the DGI's spelling; ``code`` is like 8-8-7."""

    code: str
    province: str
    district: str
    corregimiento: str


@dataclass(frozen=True, kw_only=True)
class Receiver:
    """The customer, as frozen when the document was issued. Countries are ISO codes of two letters."""

    type: ReceiverType
    name: str
    taxpayer_type: TaxpayerType | None = None
    ruc: str | None = None
    dv: str | None = None
    address: str | None = None
    location: Location | None = None
    foreign_id_type: ForeignIdType | None = None
    foreign_id_number: str | None = None
    foreign_id_country: str | None = None
    phones: tuple[str, ...] = ()
    email: str | None = None


@dataclass(frozen=True, kw_only=True)
class FiscalLine:
    """``discount`` is money per unit. ``cpbs`` is a class of four digits of the goods and services catalogue."""

    description: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    discount: Decimal
    itbms_rate: ItbmsRate
    net: Decimal
    itbms: Decimal
    total: Decimal
    code: str | None = None
    cpbs: str | None = None


@dataclass(frozen=True, kw_only=True)
class PaymentForm:
    """How it was agreed to pay; ``description`` is for ``PaymentMethod.OTHER`` alone."""

    method: PaymentMethod
    amount: Decimal
    description: str | None = None


@dataclass(frozen=True, kw_only=True)
class Instalment:
    due_date: date
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Withholding:
    """ITBMS that the buyer keeps back, under the DGI's code 1 to 4, 7 or 8. The total isn't reduced by it."""

    code: str
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class FiscalReference:
    """The authorised invoice that a note refers to. The DGI compares its exact instant of emission."""

    cufe: str
    emitted_at: datetime


@dataclass(frozen=True, kw_only=True)
class Export:
    """What an export has besides: ``country``, the receiver's, is an ISO code of two letters, never PA.

    ``incoterm`` says on what terms the goods are delivered. ``currency`` is worth a balboa, so there is no rate.
    """

    country: str
    incoterm: str
    currency: Currency
    port: str | None = None


@dataclass(frozen=True, kw_only=True)
class FiscalDocument:
    """``emitted_at`` has a time zone; its day in Panama is the day of issue.

    A note has ``references``. An export invoice has ``export``, and so has each note that refers to one.
    """

    key: DocumentKey
    environment: Environment
    emitted_at: datetime
    issuer: Issuer
    receiver: Receiver
    lines: tuple[FiscalLine, ...]
    subtotal: Decimal
    itbms_total: Decimal
    total: Decimal
    payment_forms: tuple[PaymentForm, ...]
    sale_type: SaleType = SaleType.ORDINARY
    branch_type: BranchType | None = None
    instalments: tuple[Instalment, ...] = ()
    withholding: Withholding | None = None
    purchase_order: str | None = None
    notes: str | None = None
    references: tuple[FiscalReference, ...] = ()
    export: Export | None = None
