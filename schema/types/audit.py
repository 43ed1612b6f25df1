"""Who changed what, and when."""

from datetime import datetime

import strawberry
from strawberry.scalars import JSON

import projection
from db import models
from projection import rows, sql
from rules.vocabulary import AuditAction, AuditObject, AuditSource
from schema.types.account import ApiKey
from schema.types.node import Connection

# Numbers are told as text, as everywhere in the API.
_CHANGES = """
    SELECT left(name, 1) || substr(replace(initcap(replace(name, '_', ' ')), ' ', ''), 2) AS field,
           CASE jsonb_typeof(pair -> 0) WHEN 'number' THEN to_jsonb(pair ->> 0) WHEN 'null' THEN NULL ELSE pair -> 0 END
               AS before,
           CASE jsonb_typeof(pair -> 1) WHEN 'number' THEN to_jsonb(pair ->> 1) WHEN 'null' THEN NULL ELSE pair -> 1 END
               AS after
    FROM jsonb_each({row}.changes) AS change (name, pair) ORDER BY name
"""


@strawberry.type(description="A field that was changed.")
class AuditChange:
    field: str = strawberry.field(description='The field, such as "locationCode", "lines" or "associatedPersons".')
    before: JSON | None = strawberry.field(description="What it was; null for nothing. Numbers are strings.")
    after: JSON | None = strawberry.field(description="What it was changed to; null for nothing. Numbers are strings.")


@projection.table(models.AuditEvent)
@strawberry.type(description="A change of something in the account, which nobody can change or take back.")
class AuditEvent:
    id: strawberry.ID = strawberry.field(description="The entry's id.")
    occurred_at: datetime = strawberry.field(description="When it was changed.")
    source: AuditSource = strawberry.field(description="By which way the change came.")
    key_id: strawberry.ID | None = sql("{row}.key_id", description="Whose change it was: the API key's id.")
    key: ApiKey | None = strawberry.field(description="The API key; null also for a session that is over.")
    action: AuditAction = strawberry.field(description="What was done.")
    object_type: AuditObject = strawberry.field(description="To what it was done.")
    object_id: strawberry.ID = strawberry.field(description="To which of them.")
    changes: list[AuditChange] = rows(
        _CHANGES,
        description=(
            "The fields that were changed. Of a new customer or invoice just what names it; of one that is deleted all "
            "there was. Secrets are never told."
        ),
    )


@strawberry.type(description="A page of the audit trail.")
class AuditEventConnection(Connection[AuditEvent]):
    pass
