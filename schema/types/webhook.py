"""Webhooks and what became of telling them."""

from datetime import datetime

import strawberry

import projection
from db import models
from projection import sql
from rules.vocabulary import DeliveryStatus, EventType
from schema.types.event import Event
from schema.types.node import Connection


@projection.table(models.Webhook)
@strawberry.type(
    description=(
        "An address that is told of events by POST, signed as the Standard Webhooks specification says. Each event "
        "comes at least once, and those of one object in their order; any answer of 200 to 299 within 15 seconds "
        "will do. What gets another answer is repeated for three days."
    )
)
class Webhook:
    id: strawberry.ID = strawberry.field(description="The webhook's id.")
    url: str = strawberry.field(description="Where events are sent.")
    types: list[EventType] = sql("to_json({row}.types)", description="What it is told of.")
    failing_since: datetime | None = strawberry.field(
        description="Since when nothing gets through; null while it does. Meanwhile it is tried less and less often."
    )
    disabled_at: datetime | None = strawberry.field(
        description=(
            "When it was switched off, as nothing had got through for three days or it answered 410. Nothing more is "
            "queued for it then; read the `events` it missed, and switch it on by `enableWebhook`."
        )
    )
    disabled_reason: str | None = strawberry.field(description="What went wrong at last.")
    created_at: datetime = strawberry.field(description="When it was made.")


@strawberry.type
class Delivery:
    id: strawberry.ID = strawberry.field(description="The delivery's id, for `redeliver`.")
    status: DeliveryStatus = strawberry.field(description="How far it has got.")
    attempts: int = strawberry.field(description="How often it was tried.")
    error: str | None = strawberry.field(description="Why the last attempt failed; null during the next one.")
    began_at: datetime = strawberry.field(description="When it was first tried, or was last asked to be repeated.")
    next_attempt_at: datetime | None = sql(
        "CASE WHEN {row}.status = 'PENDING' THEN {row}.due_at END", description="When it is tried again, if it is."
    )
    settled_at: datetime | None = strawberry.field(description="When it was delivered or given up.")


@projection.table(models.Delivery)
@strawberry.type(description="An event on its way to a webhook.")
class WebhookDelivery(Delivery):
    event: Event = strawberry.field(description="What is told.")


@strawberry.type(description="A page of deliveries.")
class WebhookDeliveryConnection(Connection[WebhookDelivery]):
    pass


@strawberry.type(description="The mail that tells somebody of an issued invoice.")
class MailDelivery(Delivery):
    email: str = strawberry.field(description="To whom it goes.")
