"""Filtering the audit trail."""

from typing import Any

import strawberry
from tortoise.expressions import Q

from resolvers.invoices import NOBODY
from resolvers.scope import uuid_of
from rules.vocabulary import AuditAction, AuditObject, AuditSource
from schema.inputs.common import DateTimeRange, ends, one_of, within


@strawberry.input(description="Which changes to list; what is left out doesn't matter.")
class AuditFilter:
    object_type: list[AuditObject] | None = strawberry.field(default=None, description="Of one of these kinds.")
    object_id: strawberry.ID | None = strawberry.field(default=None, description="Of this customer, invoice, key …")
    action: list[AuditAction] | None = strawberry.field(default=None, description="One of these was done.")
    source: list[AuditSource] | None = strawberry.field(default=None, description="Came by one of these ways.")
    key_id: strawberry.ID | None = strawberry.field(default=None, description="By this API key.")
    occurred_at: DateTimeRange | None = strawberry.field(default=None, description="When it was changed.")

    def conditions(self) -> Q:
        conditions = within("occurred_at", *ends(self.occurred_at))
        chosen: dict[str, Any] = {"object_type": self.object_type, "action": self.action, "source": self.source}
        for column, id in {"object_id": self.object_id, "key_id": self.key_id}.items():
            if id is not None:
                chosen[column] = [uuid_of(id) or NOBODY]
        for column, values in chosen.items():
            if values is not None:
                conditions &= one_of(column, values)
        return conditions
