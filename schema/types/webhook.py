"""Webhooks and deliveries."""

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
        "An address that gets events by POST, signed by the Standard Webhooks specification. Each event "
        "arrives at least once, and the events of one object arrive in their order. A response with a "
        "status of 200 to 299 within 15 seconds confirms a delivery; otherwise it is repeated for three "
        "days."
    )
)
class Webhook:
    id: strawberry.ID = strawberry.field(description="The webhook's id.")
    url: str = strawberry.field(description="The address to which events are sent.")
    types: list[EventType] = sql("to_json({row}.types)", description="The types of events that it gets.")
    failing_since: datetime | None = strawberry.field(
        description=(
            "When deliveries began to fail; null while they succeed. Attempts become less frequent in the meantime."
        )
    )
    disabled_at: datetime | None = strawberry.field(
        description=(
            "When it was disabled, because deliveries had failed for three days or it had answered 410; null "
            "while it is enabled. No more deliveries are queued for it: read the `events` that it missed, then "
            "use `enableWebhook`."
        )
    )
    disabled_reason: str | None = strawberry.field(
        description="The error for which it was disabled; null while it is enabled."
    )
    created_at: datetime = strawberry.field(description="When it was created.")
    version: int = strawberry.field(
        description="A number that goes up by one with each change of its settings; see `updateWebhook(version:)`."
    )


@strawberry.type
class Delivery:
    id: strawberry.ID = strawberry.field(description="The delivery's id, for `redeliver`.")
    status: DeliveryStatus = strawberry.field(description="Its state.")
    attempts: int = strawberry.field(description="How many attempts were made.")
    error: str | None = strawberry.field(
        description=(
            "Why the last attempt failed, or why a mail waits for the next day; null if neither, and during the next "
            "attempt."
        )
    )
    began_at: datetime = strawberry.field(description="When it was first attempted, or last repeated by `redeliver`.")
    next_attempt_at: datetime | None = sql(
        "CASE WHEN {row}.status = 'PENDING' THEN {row}.due_at END",
        description="When the next attempt is due; null if there is none.",
    )
    settled_at: datetime | None = strawberry.field(
        description="When it was delivered or given up; null while it is pending."
    )


@projection.table(models.Delivery)
@strawberry.type(description="A delivery of an event to a webhook.")
class WebhookDelivery(Delivery):
    event: Event = strawberry.field(description="The event.")


@strawberry.type(description="A page of deliveries.")
class WebhookDeliveryConnection(Connection[WebhookDelivery]):
    pass


@strawberry.type(description="A mail about an issued invoice.")
class MailDelivery(Delivery):
    type: EventType = sql(
        "(SELECT e.type FROM event e WHERE e.account_id = {tenant} AND e.id = {row}.event_id)",
        description="The event that it tells of: the document was issued, authorised, sent or voided.",
    )
    email: str = strawberry.field(description="The address to which it is sent.")
