"""What is kept of requests."""

from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from db.models.fields import account_column, id_column


class IdempotencyKey(Model):
    """A caller's key, the hash of its arguments and, once the request is done, the object that it made."""

    id: UUID = id_column()
    account = account_column()
    key = fields.TextField()
    request_hash = fields.BinaryField()
    object_id = fields.UUIDField(null=True)
    created = fields.BooleanField(null=True)
    changed = fields.BooleanField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "idempotency_key"


class TrustedDocument(Model):
    """A GraphQL document that clients send by its hash."""

    hash = fields.CharField(max_length=64, primary_key=True)
    text = fields.TextField()
    added_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "trusted_document"
