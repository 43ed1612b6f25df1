"""Accounts, and what belongs to an account itself: keys, branches, numbers, its provider."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from db.models.fields import account_column, id_column, reference
from rules.vocabulary import (
    HEAD_OFFICE,
    BranchType,
    DocumentType,
    Environment,
    KeyKind,
    PaymentMethod,
    SaleType,
    Scope,
    TaxpayerType,
)


class Account(Model):
    """A business that invoices. All other rows belong to an account, except locations and what all accounts share."""

    id: UUID = id_column()
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

    id: UUID = id_column()
    account = account_column()
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

    id: UUID = id_column()
    account = reference("models.Account", related_name="branches")
    code = fields.CharField(max_length=4)
    name = fields.TextField(null=True)
    address = fields.TextField(null=True)
    location = reference("models.Location", null=True, related_name=False, source_field="location_code")
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

    id: UUID = id_column()
    account = reference("models.Account", related_name="billing_points")
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

    id: UUID = id_column()
    account = account_column()
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

    id: UUID = id_column()
    account = account_column()
    provider = fields.CharField(max_length=20)
    environment = fields.CharEnumField(Environment, max_length=20)
    secrets = fields.BinaryField()
    version = fields.IntField(default=1)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "pac_setting"
