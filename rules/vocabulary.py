"""The words of invoicing in Panama that the database, the API and the rules share.

Members are named as the API shows them and stored under that name. ``CODES`` gives the code
that the DGI's electronic invoice writes for each (Ficha Técnica de la Factura Electrónica).
"""

from enum import StrEnum
from typing import Final

# Sucursal: the DGI's code of the head office, which every account has.
HEAD_OFFICE: Final = "0000"


class ReceiverType(StrEnum):
    """Tipo de receptor: what the customer is to the tax office."""

    TAXPAYER = "TAXPAYER"
    FINAL_CONSUMER = "FINAL_CONSUMER"
    GOVERNMENT = "GOVERNMENT"
    FOREIGN = "FOREIGN"


class TaxpayerType(StrEnum):
    """Tipo de contribuyente: a person or a company."""

    NATURAL = "NATURAL"
    JURIDICAL = "JURIDICAL"


class ForeignIdType(StrEnum):
    """Tipo de identificación extranjera."""

    PASSPORT = "PASSPORT"
    TAX_ID = "TAX_ID"
    OTHER = "OTHER"


class Language(StrEnum):
    """The language of what a customer gets: papers and mail."""

    ES = "ES"
    EN = "EN"


class CustomerStatus(StrEnum):
    ACTIVE = "ACTIVE"
    ARCHIVED = "ARCHIVED"
    MERGED = "MERGED"
    ERASED = "ERASED"


class PersonalDataRequestKind(StrEnum):
    """What a person asked for: to see the data about them, or that it is erased."""

    EXPORT = "EXPORT"
    ERASURE = "ERASURE"


class PersonalDataRequestStatus(StrEnum):
    OPEN = "OPEN"
    DONE = "DONE"
    REFUSED = "REFUSED"


class DuplicateReason(StrEnum):
    """Why two customers may be one."""

    SAME_IDENTIFICATION = "SAME_IDENTIFICATION"
    SAME_NAME = "SAME_NAME"
    SIMILAR_NAME = "SIMILAR_NAME"
    SAME_PHONE = "SAME_PHONE"
    SAME_EMAIL = "SAME_EMAIL"


class VerificationStatus(StrEnum):
    """What the registry answered about a customer's RUC; only the server sets it."""

    UNVERIFIED = "UNVERIFIED"
    PENDING = "PENDING"
    VERIFIED = "VERIFIED"
    NOT_FOUND = "NOT_FOUND"
    MISMATCH = "MISMATCH"
    UNAVAILABLE = "UNAVAILABLE"


class DocumentType(StrEnum):
    """Kind of sales document; a billing point numbers each kind by itself."""

    INVOICE = "INVOICE"
    EXPORT_INVOICE = "EXPORT_INVOICE"
    CREDIT_NOTE = "CREDIT_NOTE"
    DEBIT_NOTE = "DEBIT_NOTE"

    @property
    def is_note(self) -> bool:
        """Whether it credits or debits an invoice, rather than being one."""
        return self in (DocumentType.CREDIT_NOTE, DocumentType.DEBIT_NOTE)


class InvoiceStatus(StrEnum):
    DRAFT = "DRAFT"
    ISSUED = "ISSUED"
    VOID = "VOID"


class FiscalStatus(StrEnum):
    """How far an issued document is on its way to the DGI.

    NONE: it isn't electronic. SENDING: an attempt is open; the API shows QUEUED. CHECKING: whether it arrived is
    unknown. ACCEPTED: the provider has it, the DGI hasn't answered. BLOCKED: somebody must put something right first.
    WITHDRAWN: given up before it was ever authorised.
    """

    NONE = "NONE"
    QUEUED = "QUEUED"
    SENDING = "SENDING"
    CHECKING = "CHECKING"
    ACCEPTED = "ACCEPTED"
    AUTHORIZED = "AUTHORIZED"
    REJECTED = "REJECTED"
    BLOCKED = "BLOCKED"
    VOIDING = "VOIDING"
    VOIDED = "VOIDED"
    WITHDRAWN = "WITHDRAWN"


class BlockedReason(StrEnum):
    """What must be put right before a document is sent again."""

    CREDENTIALS = "CREDENTIALS"
    CERTIFICATE = "CERTIFICATE"
    FOLIOS = "FOLIOS"
    NUMBER_TAKEN = "NUMBER_TAKEN"
    ISSUER = "ISSUER"
    TECHNICAL = "TECHNICAL"


class DifferenceKind(StrEnum):
    """In what an account's provider and Istmo may differ, or what runs out."""

    FOLIOS_EXTRA = "FOLIOS_EXTRA"
    FOLIOS_UNUSED = "FOLIOS_UNUSED"
    FOLIOS_LOW = "FOLIOS_LOW"
    LICENCE_ENDS = "LICENCE_ENDS"
    NOT_AT_PROVIDER = "NOT_AT_PROVIDER"
    OTHER_DOCUMENT = "OTHER_DOCUMENT"
    NUMBERS_MISSING = "NUMBERS_MISSING"
    FILES_MISSING = "FILES_MISSING"
    DEADLINE_NEAR = "DEADLINE_NEAR"


class Environment(StrEnum):
    """Ambiente: documents of TEST have no fiscal value."""

    TEST = "TEST"
    PRODUCTION = "PRODUCTION"


class SaleType(StrEnum):
    """Tipo de venta: of goods in the ordinary course of business, of a fixed asset, of real estate, or a service."""

    ORDINARY = "ORDINARY"
    FIXED_ASSET = "FIXED_ASSET"
    REAL_ESTATE = "REAL_ESTATE"
    SERVICE = "SERVICE"


class PaymentMethod(StrEnum):
    """Forma de pago."""

    CREDIT = "CREDIT"
    CASH = "CASH"
    CREDIT_CARD = "CREDIT_CARD"
    DEBIT_CARD = "DEBIT_CARD"
    LOYALTY = "LOYALTY"
    VOUCHER = "VOUCHER"
    GIFT_CARD = "GIFT_CARD"
    TRANSFER = "TRANSFER"
    CHECK = "CHECK"
    OTHER = "OTHER"


class BranchType(StrEnum):
    """Tipo de sucursal. A retail branch can't invoice large amounts from taxpayer to taxpayer."""

    RETAIL = "RETAIL"
    WHOLESALE = "WHOLESALE"


class ItbmsRate(StrEnum):
    """Tasa del ITBMS, the tax on the transfer of goods and services."""

    EXEMPT = "EXEMPT"
    RATE_7 = "RATE_7"
    RATE_10 = "RATE_10"
    RATE_15 = "RATE_15"


class Currency(StrEnum):
    """The balboa and the United States dollar, which are worth the same by law."""

    PAB = "PAB"
    USD = "USD"


class Incoterm(StrEnum):
    """On what terms the goods of an export are delivered: those that the DGI's table and the provider's both have.

    For the same terms the DGI's has DAT and the provider's DPU, so neither is known to be taken.
    """

    EXW = "EXW"
    FCA = "FCA"
    CPT = "CPT"
    CIP = "CIP"
    DAP = "DAP"
    DDP = "DDP"
    FAS = "FAS"
    FOB = "FOB"
    CFR = "CFR"
    CIF = "CIF"


class OnDuplicate(StrEnum):
    """What creating a customer does when the account already has it."""

    FAIL = "FAIL"
    USE_EXISTING = "USE_EXISTING"
    UPDATE_EMPTY = "UPDATE_EMPTY"


class ErrorPolicy(StrEnum):
    """What becomes of the good rows of a request in which others have faults."""

    REJECT_ALL = "REJECT_ALL"
    KEEP_GOOD = "KEEP_GOOD"


class ImportStatus(StrEnum):
    """How far the import of a file is."""

    UPLOADED = "UPLOADED"
    CHECKING = "CHECKING"
    CHECKED = "CHECKED"
    STORING = "STORING"
    FINISHED = "FINISHED"
    UNDOING = "UNDOING"
    UNDONE = "UNDONE"

    @property
    def is_under_way(self) -> bool:
        return self in (ImportStatus.CHECKING, ImportStatus.STORING, ImportStatus.UNDOING)


class CustomerColumn(StrEnum):
    """What a column of a file of customers has."""

    NAME = "NAME"
    LAST_NAME = "LAST_NAME"
    RUC = "RUC"
    DV = "DV"
    IDENTIFICATION = "IDENTIFICATION"
    ID_TYPE = "ID_TYPE"
    FOREIGN_ID = "FOREIGN_ID"
    COUNTRY = "COUNTRY"
    RECEIVER_TYPE = "RECEIVER_TYPE"
    TAXPAYER_TYPE = "TAXPAYER_TYPE"
    CONTACT_TYPE = "CONTACT_TYPE"
    LOCATION_CODE = "LOCATION_CODE"
    PROVINCE = "PROVINCE"
    DISTRICT = "DISTRICT"
    CORREGIMIENTO = "CORREGIMIENTO"
    ADDRESS = "ADDRESS"
    EMAIL = "EMAIL"
    PHONE = "PHONE"
    MOBILE = "MOBILE"
    PAYMENT_TERM_DAYS = "PAYMENT_TERM_DAYS"
    LANGUAGE = "LANGUAGE"
    EXTERNAL_ID = "EXTERNAL_ID"
    TAGS = "TAGS"


class Outcome(StrEnum):
    """What became of a row of a request or of a file."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"
    SKIPPED = "SKIPPED"
    FAILED = "FAILED"


class Scope(StrEnum):
    """What an API key may do; each includes the one before it."""

    READ = "READ"
    WRITE = "WRITE"
    ADMIN = "ADMIN"

    def allows(self, needed: "Scope") -> bool:
        order = list(Scope)
        return order.index(self) >= order.index(needed)


class KeyKind(StrEnum):
    """What a key is for: programs, or signing in to the pages."""

    KEY = "KEY"
    LINK = "LINK"
    SESSION = "SESSION"


class EventType(StrEnum):
    """Changes that are announced. The prefix says what changed."""

    CUSTOMER_CREATED = "CUSTOMER_CREATED"
    CUSTOMER_UPDATED = "CUSTOMER_UPDATED"
    CUSTOMER_ARCHIVED = "CUSTOMER_ARCHIVED"
    CUSTOMER_RESTORED = "CUSTOMER_RESTORED"
    CUSTOMER_VERIFIED = "CUSTOMER_VERIFIED"
    CUSTOMER_DELETED = "CUSTOMER_DELETED"
    CUSTOMER_MERGED = "CUSTOMER_MERGED"
    CUSTOMER_SEPARATED = "CUSTOMER_SEPARATED"
    CUSTOMER_ERASED = "CUSTOMER_ERASED"
    INVOICE_CREATED = "INVOICE_CREATED"
    INVOICE_UPDATED = "INVOICE_UPDATED"
    INVOICE_DELETED = "INVOICE_DELETED"
    INVOICE_ISSUED = "INVOICE_ISSUED"
    INVOICE_SENT = "INVOICE_SENT"
    INVOICE_AUTHORIZED = "INVOICE_AUTHORIZED"
    INVOICE_REJECTED = "INVOICE_REJECTED"
    INVOICE_VOIDED = "INVOICE_VOIDED"
    CREDIT_NOTE_ISSUED = "CREDIT_NOTE_ISSUED"
    CREDIT_NOTE_SENT = "CREDIT_NOTE_SENT"
    CREDIT_NOTE_AUTHORIZED = "CREDIT_NOTE_AUTHORIZED"
    CREDIT_NOTE_REJECTED = "CREDIT_NOTE_REJECTED"
    CREDIT_NOTE_UPDATED = "CREDIT_NOTE_UPDATED"
    CREDIT_NOTE_VOIDED = "CREDIT_NOTE_VOIDED"
    DEBIT_NOTE_ISSUED = "DEBIT_NOTE_ISSUED"
    DEBIT_NOTE_SENT = "DEBIT_NOTE_SENT"
    DEBIT_NOTE_AUTHORIZED = "DEBIT_NOTE_AUTHORIZED"
    DEBIT_NOTE_REJECTED = "DEBIT_NOTE_REJECTED"
    DEBIT_NOTE_UPDATED = "DEBIT_NOTE_UPDATED"
    DEBIT_NOTE_VOIDED = "DEBIT_NOTE_VOIDED"
    EMISSION_BLOCKED = "EMISSION_BLOCKED"
    WEBHOOK_DISABLED = "WEBHOOK_DISABLED"
    WEBHOOK_TESTED = "WEBHOOK_TESTED"
    IMPORT_FINISHED = "IMPORT_FINISHED"

    @classmethod
    def of_document(cls, type: DocumentType, change: str) -> "EventType":
        """The event that announces a change of a document of this type.

        >>> EventType.of_document(DocumentType.EXPORT_INVOICE, "VOIDED").value
        'INVOICE_VOIDED'
        """
        return cls(f"{type if type.is_note else DocumentType.INVOICE}_{change}")

    @property
    def of_draft(self) -> bool:
        """Whether the event is one of drafts; such events are only in the account's feed, never sent or mailed."""
        return self in (EventType.INVOICE_CREATED, EventType.INVOICE_UPDATED, EventType.INVOICE_DELETED)

    @property
    def tells_of_void(self) -> bool:
        """Whether a mail about it tells those who got a document that it is void."""
        return self.value.endswith("_VOIDED")

    @property
    def dotted(self) -> str:
        """
        >>> EventType.INVOICE_ISSUED.dotted
        'invoice.issued'
        """
        return self.value.lower().replace("_", ".")


class DeliveryStatus(StrEnum):
    """The state of a delivery; FAILED is not tried again."""

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"


class AuditSource(StrEnum):
    """Where a change came from."""

    API = "API"
    COMMAND_LINE = "COMMAND_LINE"
    SYSTEM = "SYSTEM"


class AuditAction(StrEnum):
    CREATED = "CREATED"
    UPDATED = "UPDATED"
    DELETED = "DELETED"
    SENT = "SENT"
    ERASED = "ERASED"


class AuditObject(StrEnum):
    """What the audit trail is about."""

    ACCOUNT = "ACCOUNT"
    API_KEY = "API_KEY"
    BILLING_POINT = "BILLING_POINT"
    BRANCH = "BRANCH"
    CREDIT_NOTE = "CREDIT_NOTE"
    CUSTOMER = "CUSTOMER"
    DATA_REQUEST = "DATA_REQUEST"
    DEBIT_NOTE = "DEBIT_NOTE"
    DOCUMENT_LINK = "DOCUMENT_LINK"
    IMPORT = "IMPORT"
    INVOICE = "INVOICE"
    PAC_SETTING = "PAC_SETTING"
    WEBHOOK = "WEBHOOK"


CODES: Final[dict[StrEnum, str]] = {
    ReceiverType.TAXPAYER: "01",
    ReceiverType.FINAL_CONSUMER: "02",
    ReceiverType.GOVERNMENT: "03",
    ReceiverType.FOREIGN: "04",
    TaxpayerType.NATURAL: "1",
    TaxpayerType.JURIDICAL: "2",
    ForeignIdType.PASSPORT: "01",
    ForeignIdType.TAX_ID: "02",
    ForeignIdType.OTHER: "99",
    ItbmsRate.EXEMPT: "00",
    ItbmsRate.RATE_7: "01",
    ItbmsRate.RATE_10: "02",
    ItbmsRate.RATE_15: "03",
    DocumentType.INVOICE: "01",
    DocumentType.EXPORT_INVOICE: "03",
    DocumentType.CREDIT_NOTE: "04",
    DocumentType.DEBIT_NOTE: "05",
    Environment.PRODUCTION: "1",
    Environment.TEST: "2",
    SaleType.ORDINARY: "1",
    SaleType.FIXED_ASSET: "2",
    SaleType.REAL_ESTATE: "3",
    SaleType.SERVICE: "4",
    BranchType.RETAIL: "1",
    BranchType.WHOLESALE: "2",
    PaymentMethod.CREDIT: "01",
    PaymentMethod.CASH: "02",
    PaymentMethod.CREDIT_CARD: "03",
    PaymentMethod.DEBIT_CARD: "04",
    PaymentMethod.LOYALTY: "05",
    PaymentMethod.VOUCHER: "06",
    PaymentMethod.GIFT_CARD: "07",
    PaymentMethod.TRANSFER: "08",
    PaymentMethod.CHECK: "09",
    PaymentMethod.OTHER: "99",
}
