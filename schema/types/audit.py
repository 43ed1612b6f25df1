"""The audit trail."""

from datetime import datetime
from typing import Final

import strawberry
from strawberry.scalars import JSON

import projection
from db import models
from projection import rows, sql
from rules.vocabulary import AuditAction, AuditObject, AuditSource
from schema.types.account import ApiKey
from schema.types.node import Connection

# Numbers are text, as everywhere in the API.
_CHANGES: Final = """
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
    before: JSON | None = strawberry.field(
        description="The value before the change; null for none. Numbers are strings."
    )
    after: JSON | None = strawberry.field(description="The value after the change; null for none. Numbers are strings.")


@projection.table(models.AuditEvent)
@strawberry.type(
    description=(
        "A change to an object of the account. Nobody can change or delete entries, but `erasePersonalData` takes "
        "values out of them, and old ones are deleted where `AUDIT_RETENTION` is set."
    )
)
class AuditEvent:
    id: strawberry.ID = strawberry.field(description="The entry's id.")
    occurred_at: datetime = strawberry.field(description="When the change was made.")
    source: AuditSource = strawberry.field(description="Where the change came from.")
    key_id: strawberry.ID | None = sql(
        "{row}.key_id", description="Id of the API key that made the change; null if no key did."
    )
    key: ApiKey | None = strawberry.field(
        description="The API key that made the change; null if no key did, or for a session that has ended."
    )
    action: AuditAction = strawberry.field(description="What was done.")
    object_type: AuditObject = strawberry.field(description="The kind of object.")
    object_id: strawberry.ID = strawberry.field(description="Id of the object.")
    changes: list[AuditChange] = rows(
        _CHANGES,
        description=(
            "The fields that were changed. A new customer or invoice lists only the fields that name it, a "
            "deleted object lists all its fields. Secrets are never shown."
        ),
    )
    redacted_at: datetime | None = strawberry.field(
        description=(
            "When values were taken out because a person's data was erased: `before` and `after` of such fields are "
            "null since. Null if the entry is whole."
        )
    )


@strawberry.type(description="A page of the audit trail.")
class AuditEventConnection(Connection[AuditEvent]):
    pass
