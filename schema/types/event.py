"""What happened in the account."""

from datetime import datetime
from typing import Self

import strawberry
from strawberry.scalars import JSON

import projection
from db import models
from rules.vocabulary import EventType
from schema.types.node import Connection


@projection.table(models.Event)
@strawberry.type(description="Something that happened to a customer or an invoice.")
class Event:
    id: strawberry.ID = strawberry.field(
        description="The same wherever the event is told of: here, in a subscription and as a webhook's `webhook-id`."
    )
    type: EventType = strawberry.field(description="What happened.")
    # Null only until the dispatcher has come by; the feed begins after that.
    sequence: int = projection.sql(
        "{row}.sequence", description="Its place in the account's feed: 1, 2, 3 and so on, none left out."
    )
    object_id: strawberry.ID = strawberry.field(
        description="The customer, invoice or webhook that it happened to, which may be changed or gone since."
    )
    data: JSON = strawberry.field(description="The object in a few words as it was then, as webhooks are told it.")
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
