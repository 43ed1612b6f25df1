"""Customers, what they were merged from and imported from, and requests about their data."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model

from db.models.fields import account_column, id_column, reference
from rules.vocabulary import (
    CustomerStatus,
    ErrorPolicy,
    ForeignIdType,
    ImportStatus,
    Language,
    OnDuplicate,
    PersonalDataRequestKind,
    PersonalDataRequestStatus,
    ReceiverType,
    TaxpayerType,
    VerificationStatus,
)

if TYPE_CHECKING:
    from db.models.document import Document


class Customer(Model):
    id: UUID = id_column()
    account = account_column()
    receiver_type = fields.CharEnumField(ReceiverType, max_length=20)
    taxpayer_type = fields.CharEnumField(TaxpayerType, max_length=20, null=True)
    ruc = fields.TextField(null=True)
    dv = fields.CharField(max_length=2, null=True)
    foreign_id_type = fields.CharEnumField(ForeignIdType, max_length=20, null=True)
    foreign_id_number = fields.TextField(null=True)
    foreign_id_country = fields.CharField(max_length=2, null=True)
    name = fields.TextField()
    location = reference("models.Location", null=True, related_name=False, source_field="location_code")
    address = fields.TextField(null=True)
    email = fields.TextField(null=True)
    phone = fields.TextField(null=True)
    mobile = fields.TextField(null=True)
    payment_term_days = fields.IntField(null=True)
    language = fields.CharEnumField(Language, max_length=2, default=Language.ES)
    external_id = fields.TextField(null=True)
    metadata: dict[str, str] = fields.JSONField(default=dict)
    tags = ArrayField("text", default=list)
    different_from = ArrayField("uuid", default=list)
    status = fields.CharEnumField(CustomerStatus, max_length=20, default=CustomerStatus.ACTIVE)
    merged_into = reference("models.Customer", null=True, related_name="merged_customers", source_field="merged_into")
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


class AssociatedPerson(Model):
    """Persona asociada: a contact person of the customer; with ``notify`` invoices are mailed to them, too."""

    id: UUID = id_column()
    account = account_column()
    customer = reference("models.Customer", related_name="associated_persons")
    position = fields.IntField()
    name = fields.TextField()
    email = fields.TextField(null=True)
    phone = fields.TextField(null=True)
    notify = fields.BooleanField(default=False)

    class Meta:
        table = "associated_person"
        ordering = ["position"]


class CustomerMerge(Model):
    """A customer that was merged into another one, as long as that can be undone."""

    id: UUID = id_column()
    account = account_column()
    customer = reference("models.Customer", related_name="merges")
    survivor = reference("models.Customer", related_name=False)
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


class Import(Model):
    """A file of customers that was uploaded, and how far it is."""

    id: UUID = id_column()
    account = account_column()
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

    id: UUID = id_column()
    account = account_column()
    customer = reference("models.Customer", related_name=False)
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
