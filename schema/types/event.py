"""Events of the account."""

from datetime import datetime
from typing import Self

import strawberry
from strawberry.scalars import JSON

import projection
from db import models
from rules.vocabulary import EventType
from schema.types.node import Connection


@projection.table(models.Event)
@strawberry.type(description="Something that happened to a customer, an invoice, an import or a webhook.")
class Event:
    id: strawberry.ID = strawberry.field(
        description=(
            "The event's id. It is the same here, in a subscription and in the header `webhook-id` of a delivery."
        )
    )
    type: EventType = strawberry.field(description="What happened.")
    # Null only until the event is dispatched, and the feed has only dispatched events.
    sequence: int = projection.sql(
        "{row}.sequence", description="Its place in the account's feed: 1, 2, 3 and so on, without gaps."
    )
    object_id: strawberry.ID = strawberry.field(
        description="Id of the customer, invoice, import or webhook, which may have been changed or deleted since."
    )
    data: JSON = strawberry.field(
        description="A summary of the object as it was after the event. Webhooks get the same summary."
    )
    occurred_at: datetime = strawberry.field(description="When it happened.")

    @classmethod
    def of(cls, event: models.Event) -> Self:
        return cls(
            id=strawberry.ID(str(event.id)),
            type=event.type,
            sequence=event.sequence or 0,
            object_id=strawberry.ID(str(event.object_id)),
            data=JSON(event.data),
            occurred_at=event.occurred_at,
        )


@strawberry.type(description="A page of the feed.")
class EventConnection(Connection[Event]):
    pass
