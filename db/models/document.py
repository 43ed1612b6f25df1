"""Sales documents, and their way to the DGI."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from db.models.fields import account_column, id_column, money_column, quantity_column, reference
from rules.fiscal.catalogues import DEFAULT_UNIT
from rules.vocabulary import (
    HEAD_OFFICE,
    BlockedReason,
    BranchType,
    Currency,
    DocumentType,
    Environment,
    FiscalStatus,
    ForeignIdType,
    Incoterm,
    InvoiceStatus,
    ItbmsRate,
    Language,
    ReceiverType,
    SaleType,
    TaxpayerType,
)


class Document(Model):
    """A sales document. Once it is issued, ``issuer_*`` and ``receiver_*`` keep account and customer as they were."""

    id: UUID = id_column()
    account = account_column()
    type = fields.CharEnumField(DocumentType, max_length=20, default=DocumentType.INVOICE)
    customer = reference("models.Customer", related_name="documents")
    invoice = reference("models.Document", null=True, related_name="notes_of_it")
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
    withholding_amount = money_column(null=True)
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
    receiver_location = reference(
        "models.Location", null=True, related_name=False, source_field="receiver_location_code"
    )
    receiver_address = fields.TextField(null=True)
    receiver_email = fields.TextField(null=True)
    receiver_phone = fields.TextField(null=True)
    receiver_mobile = fields.TextField(null=True)
    receiver_language = fields.CharEnumField(Language, max_length=2, null=True)
    subtotal = money_column()
    discount_total = money_column()
    itbms_total = money_column()
    total = money_column()
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
    id: UUID = id_column()
    account = account_column()
    document = reference("models.Document", related_name="lines")
    position = fields.IntField()
    description = fields.TextField()
    code = fields.CharField(max_length=20, null=True)
    unit = fields.CharField(max_length=20, default=DEFAULT_UNIT)
    cpbs = fields.CharField(max_length=4, null=True)
    quantity = quantity_column()
    unit_price = quantity_column()
    discount = quantity_column()
    itbms_rate = fields.CharEnumField(ItbmsRate, max_length=10)
    invoice_position = fields.IntField(null=True)
    invoice_quantity = quantity_column(null=True)
    net = money_column()
    itbms = money_column()
    total = money_column()

    class Meta:
        table = "document_line"
        ordering = ["position"]
        unique_together = (("account", "document", "position"),)


class Emission(Model):
    """An issued document on its way to the DGI; db/schema/emission.sql explains the columns."""

    document: Any = fields.OneToOneField(
        "models.Document", related_name="emission", primary_key=True, db_constraint=False, on_delete=OnDelete.NO_ACTION
    )
    account = account_column()
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

    id: UUID = id_column()
    account = account_column()
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

    id: UUID = id_column()
    account = account_column()
    document = reference("models.Document", related_name=False)
    hash = fields.BinaryField()
    created_at = fields.DatetimeField(auto_now_add=True)
    expires_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)
    mailed = fields.BooleanField(default=False)

    class Meta:
        table = "document_link"
