"""What happened: events and their deliveries, and the audit trail."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model

from db.models.fields import account_column, id_column, reference
from rules.vocabulary import AuditAction, AuditObject, AuditSource, DeliveryStatus, EventType


class Event(Model):
    """Something that happened to an account's object; ``sequence`` is its place in the account's feed."""

    id: UUID = id_column()
    account = account_column()
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

    id: UUID = id_column()
    account = account_column()
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

    id: UUID = id_column()
    account = account_column()
    event = reference("models.Event", related_name=False)
    object_id = fields.UUIDField()
    sequence = fields.BigIntField()
    webhook = reference("models.Webhook", related_name=False, null=True)
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

    id: UUID = id_column()
    account = account_column()
    occurred_at = fields.DatetimeField()
    source = fields.CharEnumField(AuditSource, max_length=20)
    key = reference("models.ApiKey", related_name=False, null=True)
    action = fields.CharEnumField(AuditAction, max_length=20)
    object_type = fields.CharEnumField(AuditObject, max_length=20)
    object_id = fields.UUIDField()
    changes: dict[str, Any] = fields.JSONField()
    redacted_at = fields.DatetimeField(null=True)

    class Meta:
        table = "audit_event"
