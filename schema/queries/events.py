"""Queries for events, webhooks and their deliveries."""

from typing import Annotated

import strawberry

from projection import Many, Page
from resolvers import deliveries, events, webhooks
from rules.vocabulary import DeliveryStatus, EventType
from schema.arguments import After, Before, First, Last
from schema.permissions import IsAdmin
from schema.types.event import EventConnection
from schema.types.webhook import Webhook, WebhookDeliveryConnection


@strawberry.type
class EventQueries:
    @strawberry.field(
        graphql_type=EventConnection,
        description=(
            "What happened in the account, the oldest first. A program that keeps the cursor of the last event it saw "
            "and asks for those after it misses none, however long it was away, as long as they are kept (90 days "
            "unless set otherwise)."
        ),
    )
    def events(
        self,
        types: Annotated[
            list[EventType] | None, strawberry.argument(description="Only events of these types; all without it.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Page:
        return events.page(types, first=first, after=after, last=last, before=before)

    @strawberry.field(
        graphql_type=list[Webhook],
        permission_classes=[IsAdmin],
        description="The account's webhooks, oldest first, also those that are switched off.",
    )
    def webhooks(self) -> Many:
        return webhooks.every()

    @strawberry.field(
        graphql_type=WebhookDeliveryConnection,
        permission_classes=[IsAdmin],
        description="What was sent to a webhook, or is to be, the newest first.",
    )
    def webhook_deliveries(
        self,
        webhook_id: Annotated[strawberry.ID, strawberry.argument(description="The webhook's id.")],
        status: Annotated[
            DeliveryStatus | None, strawberry.argument(description="Only those that have got so far.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Page:
        return deliveries.page(webhook_id, status, first=first, after=after, last=last, before=before)
