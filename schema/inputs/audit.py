"""Filtering the audit trail."""

from typing import Any

import strawberry
from tortoise.expressions import Q

from resolvers.scope import NOBODY, uuid_of
from rules.vocabulary import AuditAction, AuditObject, AuditSource
from schema.inputs.common import DateTimeRange, ends, one_of, within


@strawberry.input(description="Conditions that the listed changes meet. A condition that is left out is ignored.")
class AuditFilter:
    object_type: list[AuditObject] | None = strawberry.field(
        default=None, description="Changes to objects of one of these kinds."
    )
    object_id: strawberry.ID | None = strawberry.field(default=None, description="Changes to the object with this id.")
    action: list[AuditAction] | None = strawberry.field(default=None, description="Changes by one of these actions.")
    source: list[AuditSource] | None = strawberry.field(default=None, description="Changes from one of these sources.")
    key_id: strawberry.ID | None = strawberry.field(
        default=None, description="Changes made with the API key that has this id."
    )
    occurred_at: DateTimeRange | None = strawberry.field(default=None, description="When the change was made.")

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
