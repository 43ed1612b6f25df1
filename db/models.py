"""The tables, as Tortoise sees them.

The database's own definition is ``db/schema/*.sql``: keys of account tables are
``(account_id, id)``, foreign keys carry the account along, and constraints, policies and
collations have their names there. Here ``id`` alone is the key, as Tortoise has no composite keys.

Columns ending in ``_key`` are what lists are ordered by, ``search`` what they are searched by
(``rules.keys``); ``total_cents`` orders and filters documents because comparing ``numeric`` is not
leakproof and so would not use an index under row-level security.
"""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields.base import OnDelete
from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.models import Model
from uuid_utils.compat import uuid7

from rules.fiscal.catalogues import DEFAULT_UNIT
from rules.vocabulary import (
    HEAD_OFFICE,
    AuditAction,
    AuditObject,
    AuditSource,
    BlockedReason,
    BranchType,
    Currency,
    CustomerStatus,
    DeliveryStatus,
    DocumentType,
    Environment,
    ErrorPolicy,
    EventType,
    FiscalStatus,
    ForeignIdType,
    ImportStatus,
    Incoterm,
    InvoiceStatus,
    ItbmsRate,
    KeyKind,
    Language,
    OnDuplicate,
    PaymentMethod,
    PersonalDataRequestKind,
    PersonalDataRequestStatus,
    ReceiverType,
    SaleType,
    Scope,
    TaxpayerType,
    VerificationStatus,
)


def _id() -> Any:
    return fields.UUIDField(primary_key=True, default=uuid7)


def _account() -> Any:
    return _to("models.Account", related_name=False)


def _to(target: str, **kwargs: Any) -> ForeignKeyFieldInstance[Any]:
    """A foreign key whose constraint ``db/schema`` defines, since it has two columns."""
    field: ForeignKeyFieldInstance[Any] = fields.ForeignKeyField(
        target, db_constraint=False, on_delete=OnDelete.NO_ACTION, **kwargs
    )
    return field


def _money(**kwargs: Any) -> Any:
    return fields.DecimalField(max_digits=13, decimal_places=2, **kwargs)


def _quantity(**kwargs: Any) -> Any:
    return fields.DecimalField(max_digits=15, decimal_places=6, **kwargs)


class Account(Model):
    """A business that invoices. All other rows belong to an account, except locations and what all accounts share."""

    id: UUID = _id()
    name = fields.TextField()
    ruc = fields.TextField(null=True)
    dv = fields.TextField(null=True)
    electronic_invoicing = fields.BooleanField(default=False)
    address = fields.TextField(null=True)
    phone = fields.TextField(null=True)
    mobile = fields.TextField(null=True)
    email = fields.TextField(null=True)
    terms = fields.TextField(null=True)
    payment_term_days = fields.IntField(null=True)
    legal_name = fields.TextField(null=True)
    taxpayer_type = fields.CharEnumField(TaxpayerType, max_length=20, null=True)
    payment_method = fields.CharEnumField(PaymentMethod, max_length=20, default=PaymentMethod.CASH)
    sale_type = fields.CharEnumField(SaleType, max_length=20, default=SaleType.ORDINARY)
    paper_color = fields.CharField(max_length=7, null=True)
    paper_footer = fields.TextField(null=True)
    bank_lines = fields.TextField(null=True)
    logo_digest = fields.CharField(max_length=64, null=True)
    mail_texts: list[dict[str, Any]] = fields.JSONField(default=list)
    mail_link = fields.BooleanField(default=False)
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField(auto_now_add=True)
    updated_at = fields.DatetimeField(auto_now=True)

    branches: fields.ReverseRelation["Branch"]
    billing_points: fields.ReverseRelation["BillingPoint"]

    class Meta:
        table = "account"


class AccountLogo(Model):
    """The picture at the head of the account's papers."""

    account: Any = fields.OneToOneField(
        "models.Account", related_name=False, primary_key=True, db_constraint=False, on_delete=OnDelete.NO_ACTION
    )
    media_type = fields.CharField(max_length=10)
    width = fields.IntField()
    height = fields.IntField()
    content = fields.BinaryField()

    class Meta:
        table = "account_logo"


class ApiKey(Model):
    """An API key, a session or a sign-in link; ``parent_id`` is the key that began a session."""

    id: UUID = _id()
    account = _account()
    kind = fields.CharEnumField(KeyKind, max_length=10, default=KeyKind.KEY)
    parent_id = fields.UUIDField(null=True)
    name = fields.TextField()
    scope = fields.CharEnumField(Scope, max_length=10)
    hash = fields.BinaryField()
    created_at = fields.DatetimeField(auto_now_add=True)
    expires_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)
    last_used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "api_key"
        ordering = ["created_at"]


class Branch(Model):
    """Sucursal: an establishment of the account; the head office is ``HEAD_OFFICE``."""

    id: UUID = _id()
    account = _to("models.Account", related_name="branches")
    code = fields.CharField(max_length=4)
    name = fields.TextField(null=True)
    address = fields.TextField(null=True)
    location = _to("models.Location", null=True, related_name=False, source_field="location_code")
    phone = fields.TextField(null=True)
    mobile = fields.TextField(null=True)
    email = fields.TextField(null=True)
    type = fields.CharEnumField(BranchType, max_length=20, null=True)
    version = fields.IntField(default=1)

    account_id: UUID
    location_id: str | None

    class Meta:
        table = "branch"
        ordering = ["code"]


class BillingPoint(Model):
    """Punto de facturación: where a branch issues documents; ``code`` is unique within the branch."""

    id: UUID = _id()
    account = _to("models.Account", related_name="billing_points")
    branch = fields.CharField(max_length=4, default=HEAD_OFFICE)
    code = fields.CharField(max_length=3)
    name = fields.TextField(null=True)
    version = fields.IntField(default=1)

    account_id: UUID

    class Meta:
        table = "billing_point"
        ordering = ["code"]


class Sequence(Model):
    """The first number of a billing point for documents of a type, and the last one that it has given.

    The row is made with the first number, or before it if that isn't 1.
    """

    id: UUID = _id()
    account = _account()
    branch = fields.CharField(max_length=4, default=HEAD_OFFICE)
    billing_point = fields.CharField(max_length=3)
    type = fields.CharEnumField(DocumentType, max_length=20, default=DocumentType.INVOICE)
    first_number = fields.BigIntField(default=1)
    last_number = fields.BigIntField()
    last_issue_date = fields.DateField(null=True)

    class Meta:
        table = "sequence"


class PacSetting(Model):
    """The provider through which the account's documents go to the DGI; ``secrets`` are encrypted."""

    id: UUID = _id()
    account = _account()
    provider = fields.CharField(max_length=20)
    environment = fields.CharEnumField(Environment, max_length=20)
    secrets = fields.BinaryField()
    version = fields.IntField(default=1)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "pac_setting"


class Province(Model):
    """A province or comarca: a view over the locations."""

    code = fields.CharField(max_length=2, primary_key=True)
    name = fields.TextField()
    kind = fields.TextField()
    position = fields.IntField()

    districts: fields.ReverseRelation["District"]

    class Meta:
        table = "province"
        ordering = ["position"]


class District(Model):
    """A district: a view over the locations."""

    code = fields.CharField(max_length=5, primary_key=True)
    province = _to("models.Province", related_name="districts")
    name = fields.TextField()
    position = fields.IntField()

    corregimientos: fields.ReverseRelation["Location"]

    class Meta:
        table = "district"
        ordering = ["position"]


class Location(Model):
    """A corregimiento under the code the DGI gives it ("8-8-7")."""

    code = fields.CharField(max_length=8, primary_key=True)
    corregimiento = fields.TextField()
    district_name = fields.TextField()
    province_name = fields.TextField()
    province_kind = fields.TextField()
    province_code = fields.CharField(max_length=2)
    district = _to("models.District", related_name="corregimientos", source_field="district_code")
    position = fields.IntField()
    search = fields.TextField()

    class Meta:
        table = "location"
        ordering = ["position"]


class Customer(Model):
    id: UUID = _id()
    account = _account()
    receiver_type = fields.CharEnumField(ReceiverType, max_length=20)
    taxpayer_type = fields.CharEnumField(TaxpayerType, max_length=20, null=True)
    ruc = fields.TextField(null=True)
    dv = fields.CharField(max_length=2, null=True)
    foreign_id_type = fields.CharEnumField(ForeignIdType, max_length=20, null=True)
    foreign_id_number = fields.TextField(null=True)
    foreign_id_country = fields.CharField(max_length=2, null=True)
    name = fields.TextField()
    location = _to("models.Location", null=True, related_name=False, source_field="location_code")
    address = fields.TextField(null=True)
    email = fields.TextField(null=True)
    phone = fields.TextField(null=True)
    mobile = fields.TextField(null=True)
    payment_term_days = fields.IntField(null=True)
    language = fields.CharEnumField(Language, max_length=2, default=Language.ES)
    external_id = fields.TextField(null=True)
    metadata: dict[str, str] = fields.JSONField(default=dict)
    tags = ArrayField("text", default=list)
    status = fields.CharEnumField(CustomerStatus, max_length=20, default=CustomerStatus.ACTIVE)
    merged_into = _to("models.Customer", null=True, related_name="merged_customers", source_field="merged_into")
    verification_status = fields.CharEnumField(VerificationStatus, max_length=20, default=VerificationStatus.UNVERIFIED)
    verification_checked_at = fields.DatetimeField(null=True)
    verification_registry_name = fields.TextField(null=True)
    verification_tries = fields.IntField(default=0)
    verification_next_at = fields.DatetimeField(null=True)
    identification = fields.TextField(default="")
    name_key = fields.TextField()
    identification_key = fields.TextField(default="")
    phone_key = fields.TextField(default="")
    foreign_id_key = fields.TextField(null=True)
    email_key = fields.TextField(null=True)
    tag_keys = ArrayField("text", default=list)
    search = fields.TextField()
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField(auto_now_add=True)
    updated_at = fields.DatetimeField(auto_now=True)

    account_id: UUID
    location_id: str | None
    merged_into_id: UUID | None
    associated_persons: fields.ReverseRelation["AssociatedPerson"]
    documents: fields.ReverseRelation["Document"]

    class Meta:
        table = "customer"


class CustomerMerge(Model):
    """A customer that was merged into another one, as long as that can be undone."""

    id: UUID = _id()
    account = _account()
    customer = _to("models.Customer", related_name="merges")
    survivor = _to("models.Customer", related_name=False)
    former_status = fields.CharEnumField(CustomerStatus, max_length=20)
    documents = ArrayField("uuid")
    drafts = ArrayField("uuid")
    followers = ArrayField("uuid")
    changes: dict[str, Any] = fields.JSONField()
    merged_at = fields.DatetimeField(auto_now_add=True)

    customer_id: UUID
    survivor_id: UUID

    class Meta:
        table = "customer_merge"


class AssociatedPerson(Model):
    """Persona asociada: a contact person of the customer; with ``notify`` invoices are mailed to them, too."""

    id: UUID = _id()
    account = _account()
    customer = _to("models.Customer", related_name="associated_persons")
    position = fields.IntField()
    name = fields.TextField()
    email = fields.TextField(null=True)
    phone = fields.TextField(null=True)
    notify = fields.BooleanField(default=False)

    class Meta:
        table = "associated_person"
        ordering = ["position"]


class Document(Model):
    """A sales document. Once it is issued, ``issuer_*`` and ``receiver_*`` keep account and customer as they were."""

    id: UUID = _id()
    account = _account()
    type = fields.CharEnumField(DocumentType, max_length=20, default=DocumentType.INVOICE)
    customer = _to("models.Customer", related_name="documents")
    invoice = _to("models.Document", null=True, related_name="notes_of_it")
    note_reason = fields.TextField(null=True)
    branch = fields.CharField(max_length=4, default=HEAD_OFFICE)
    billing_point = fields.CharField(max_length=3)
    number = fields.CharField(max_length=10, null=True)
    status = fields.CharEnumField(InvoiceStatus, max_length=20)
    issue_date = fields.DateField()
    issue_date_open = fields.BooleanField(default=False)
    due_date = fields.DateField(null=True)
    export_country = fields.CharField(max_length=2, null=True)
    export_incoterm = fields.CharEnumField(Incoterm, max_length=3, null=True)
    export_port = fields.TextField(null=True)
    currency = fields.CharEnumField(Currency, max_length=3, default=Currency.PAB)
    electronic = fields.BooleanField(default=False)
    notify = fields.BooleanField(default=True)
    payment_forms: list[dict[str, Any]] | None = fields.JSONField(null=True)
    instalments: list[dict[str, Any]] | None = fields.JSONField(null=True)
    withholding_code = fields.CharField(max_length=1, null=True)
    withholding_amount = _money(null=True)
    purchase_order = fields.TextField(null=True)
    notes = fields.TextField(null=True)
    external_id = fields.TextField(null=True)
    metadata: dict[str, str] = fields.JSONField(default=dict)
    tags = ArrayField("text", default=list)
    issuer_name = fields.TextField(null=True)
    issuer_ruc = fields.TextField(null=True)
    issuer_dv = fields.CharField(max_length=2, null=True)
    issuer_address = fields.TextField(null=True)
    issuer_phone = fields.TextField(null=True)
    issuer_mobile = fields.TextField(null=True)
    issuer_email = fields.TextField(null=True)
    issuer_terms = fields.TextField(null=True)
    issuer_taxpayer_type = fields.CharEnumField(TaxpayerType, max_length=20, null=True)
    sale_type = fields.CharEnumField(SaleType, max_length=20, null=True)
    branch_type = fields.CharEnumField(BranchType, max_length=20, null=True)
    receiver_type = fields.CharEnumField(ReceiverType, max_length=20, null=True)
    receiver_taxpayer_type = fields.CharEnumField(TaxpayerType, max_length=20, null=True)
    receiver_ruc = fields.TextField(null=True)
    receiver_dv = fields.CharField(max_length=2, null=True)
    receiver_foreign_id_type = fields.CharEnumField(ForeignIdType, max_length=20, null=True)
    receiver_foreign_id_number = fields.TextField(null=True)
    receiver_foreign_id_country = fields.CharField(max_length=2, null=True)
    receiver_identification = fields.TextField(null=True)
    receiver_name = fields.TextField(null=True)
    receiver_location = _to("models.Location", null=True, related_name=False, source_field="receiver_location_code")
    receiver_address = fields.TextField(null=True)
    receiver_email = fields.TextField(null=True)
    receiver_phone = fields.TextField(null=True)
    receiver_mobile = fields.TextField(null=True)
    receiver_language = fields.CharEnumField(Language, max_length=2, null=True)
    subtotal = _money()
    discount_total = _money()
    itbms_total = _money()
    total = _money()
    total_cents = fields.BigIntField()
    number_key = fields.TextField(default="")
    tag_keys = ArrayField("text", default=list)
    search = fields.TextField()
    issued_at = fields.DatetimeField(null=True)
    void_reason = fields.TextField(null=True)
    voided_at = fields.DatetimeField(null=True)
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField(auto_now_add=True)
    updated_at = fields.DatetimeField(auto_now=True)

    account_id: UUID
    customer_id: UUID
    invoice_id: UUID | None
    receiver_location_id: str | None
    notes_of_it: fields.ReverseRelation["Document"]
    lines: fields.ReverseRelation["DocumentLine"]

    class Meta:
        table = "document"


class DocumentLine(Model):
    id: UUID = _id()
    account = _account()
    document = _to("models.Document", related_name="lines")
    position = fields.IntField()
    description = fields.TextField()
    code = fields.CharField(max_length=20, null=True)
    unit = fields.CharField(max_length=20, default=DEFAULT_UNIT)
    cpbs = fields.CharField(max_length=4, null=True)
    quantity = _quantity()
    unit_price = _quantity()
    discount = _quantity()
    itbms_rate = fields.CharEnumField(ItbmsRate, max_length=10)
    invoice_position = fields.IntField(null=True)
    invoice_quantity = _quantity(null=True)
    net = _money()
    itbms = _money()
    total = _money()

    class Meta:
        table = "document_line"
        ordering = ["position"]
        unique_together = (("account", "document", "position"),)


class Emission(Model):
    """An issued document on its way to the DGI; db/schema/emission.sql explains the columns."""

    document: Any = fields.OneToOneField(
        "models.Document", related_name="emission", primary_key=True, db_constraint=False, on_delete=OnDelete.NO_ACTION
    )
    account = _account()
    status = fields.CharEnumField(FiscalStatus, max_length=20, default=FiscalStatus.QUEUED)
    environment = fields.CharEnumField(Environment, max_length=20)
    provider = fields.TextField(null=True)
    attempts = fields.IntField(default=0)
    due_at = fields.DatetimeField(null=True)
    open_since = fields.DatetimeField(auto_now_add=True)
    failing_since = fields.DatetimeField(null=True)
    payload = fields.IntField(default=1)
    sent_until = fields.DatetimeField(null=True)
    not_found_at = fields.DatetimeField(null=True)
    generic_errors = fields.IntField(default=0)
    cufe = fields.CharField(max_length=66, null=True)
    qr = fields.TextField(null=True)
    protocol = fields.TextField(null=True)
    authorized_at = fields.DatetimeField(null=True)
    faults: list[dict[str, Any]] = fields.JSONField(default=list)
    blocked_reason = fields.CharEnumField(BlockedReason, max_length=20, null=True)
    blocked_message = fields.TextField(null=True)
    void_reason = fields.TextField(null=True)
    void_asked_at = fields.DatetimeField(null=True)
    void_refusal = fields.TextField(null=True)
    voided_at = fields.DatetimeField(null=True)
    files_due_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)
    updated_at = fields.DatetimeField(auto_now=True)
    former_numbers = ArrayField("text", default=list)

    document_id: UUID

    class Meta:
        table = "emission"


class EmissionAttempt(Model):
    """Evidence of a call of the provider about a document: ``kind`` is SEND, LOOK, VOID, XML or PDF."""

    id: UUID = _id()
    account = _account()
    document_id = fields.UUIDField()
    kind = fields.CharField(max_length=20)
    payload = fields.IntField()
    provider = fields.TextField(null=True)
    started_at = fields.DatetimeField(auto_now_add=True)
    ended_at = fields.DatetimeField(null=True)
    outcome = fields.CharField(max_length=40, null=True)
    code = fields.TextField(null=True)
    message = fields.TextField(null=True)
    answer = fields.TextField(null=True)

    class Meta:
        table = "emission_attempt"
        ordering = ["id"]


class DocumentLink(Model):
    """A public link of a document, by the hash of its secret."""

    id: UUID = _id()
    account = _account()
    document = _to("models.Document", related_name=False)
    hash = fields.BinaryField()
    created_at = fields.DatetimeField(auto_now_add=True)
    expires_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)
    mailed = fields.BooleanField(default=False)

    class Meta:
        table = "document_link"


class Import(Model):
    """A file of customers that was uploaded, and how far it is."""

    id: UUID = _id()
    account = _account()
    file_name = fields.TextField()
    file_format = fields.CharField(max_length=4)
    encoding = fields.TextField(null=True)
    delimiter = fields.TextField(null=True)
    sheet = fields.TextField(null=True)
    size = fields.BigIntField()
    header_row = fields.IntField()
    columns: list[dict[str, Any]] = fields.JSONField()
    row_count = fields.IntField()
    status = fields.CharEnumField(ImportStatus, max_length=20, default=ImportStatus.UPLOADED)
    policy: Any = fields.CharEnumField(ErrorPolicy, max_length=20, null=True)  # an ErrorPolicy or None
    on_duplicate = fields.CharEnumField(OnDuplicate, max_length=20, default=OnDuplicate.USE_EXISTING)
    position = fields.IntField(default=0)
    done = fields.IntField(default=0)
    created = fields.IntField(default=0)
    updated = fields.IntField(default=0)
    unchanged = fields.IntField(default=0)
    skipped = fields.IntField(default=0)
    failed = fields.IntField(default=0)
    undone = fields.IntField(default=0)
    actor = fields.TextField(default="")
    keep_until = fields.DatetimeField()
    created_at = fields.DatetimeField(auto_now_add=True)
    updated_at = fields.DatetimeField(auto_now=True)

    account_id: UUID

    class Meta:
        table = "import"


class PersonalDataRequest(Model):
    """What a person has asked about the data about them, and the answer."""

    id: UUID = _id()
    account = _account()
    customer = _to("models.Customer", related_name=False)
    kind = fields.CharEnumField(PersonalDataRequestKind, max_length=20)
    received_on = fields.DateField()
    due_on = fields.DateField()
    status = fields.CharEnumField(PersonalDataRequestStatus, max_length=20, default=PersonalDataRequestStatus.OPEN)
    reason = fields.TextField(null=True)
    answered_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)

    customer_id: UUID

    class Meta:
        table = "personal_data_request"


class IdempotencyKey(Model):
    """A caller's key, the hash of its arguments and, once the request is done, the object that it made."""

    id: UUID = _id()
    account = _account()
    key = fields.TextField()
    request_hash = fields.BinaryField()
    object_id = fields.UUIDField(null=True)
    created = fields.BooleanField(null=True)
    changed = fields.BooleanField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "idempotency_key"


class Event(Model):
    """Something that happened to an account's object; ``sequence`` is its place in the account's feed."""

    id: UUID = _id()
    account = _account()
    position = fields.BigIntField()
    type = fields.CharEnumField(EventType, max_length=30)
    object_id = fields.UUIDField()
    data: dict[str, Any] = fields.JSONField()
    occurred_at = fields.DatetimeField()
    sequence = fields.BigIntField(null=True)
    dispatched_at = fields.DatetimeField(null=True)

    class Meta:
        table = "event"


class Webhook(Model):
    """An address that receives the account's events."""

    id: UUID = _id()
    account = _account()
    url = fields.TextField()
    types = ArrayField("text")
    secret = fields.TextField()
    old_secret = fields.TextField(null=True)
    old_secret_until = fields.DatetimeField(null=True)
    failing_since = fields.DatetimeField(null=True)
    rest_until = fields.DatetimeField(null=True)
    disabled_at = fields.DatetimeField(null=True)
    disabled_reason = fields.TextField(null=True)
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "webhook"


class Delivery(Model):
    """An event on its way to a webhook or an e-mail address."""

    id: UUID = _id()
    account = _account()
    event = _to("models.Event", related_name=False)
    object_id = fields.UUIDField()
    sequence = fields.BigIntField()
    webhook = _to("models.Webhook", related_name=False, null=True)
    email = fields.TextField(null=True)
    status = fields.CharEnumField(DeliveryStatus, max_length=20)
    attempts = fields.IntField()
    began_at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)
    error = fields.TextField(null=True)

    class Meta:
        table = "delivery"


class AuditEvent(Model):
    """A change and its author; ``changes`` maps columns to [before, after]. Triggers of the database write the rows."""

    id: UUID = _id()
    account = _account()
    occurred_at = fields.DatetimeField()
    source = fields.CharEnumField(AuditSource, max_length=20)
    key = _to("models.ApiKey", related_name=False, null=True)
    action = fields.CharEnumField(AuditAction, max_length=20)
    object_type = fields.CharEnumField(AuditObject, max_length=20)
    object_id = fields.UUIDField()
    changes: dict[str, Any] = fields.JSONField()
    redacted_at = fields.DatetimeField(null=True)

    class Meta:
        table = "audit_event"


class TrustedDocument(Model):
    """A GraphQL document that clients send by its hash."""

    hash = fields.CharField(max_length=64, primary_key=True)
    text = fields.TextField()
    added_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "trusted_document"
