"""Queries for events, webhooks and their deliveries."""

from typing import Annotated

import strawberry

from projection import Many, Page
from resolvers import deliveries, events, webhooks
from resolvers.paging import PageArguments
from rules.vocabulary import DeliveryStatus, EventType
from schema.arguments import WebhookId, with_paging
from schema.permissions import IsAdmin
from schema.types.event import EventConnection
from schema.types.webhook import Webhook, WebhookDeliveryConnection


@strawberry.type
class EventQueries:
    @strawberry.field(
        graphql_type=EventConnection,
        description=(
            "The account's events, the oldest first. A program that remembers the cursor of the last event it "
            "has read, and asks for the events after it, misses none. Events are kept for 90 days by default."
        ),
    )
    @with_paging
    def events(
        self,
        types: Annotated[
            list[EventType] | None, strawberry.argument(description="Only events of these types; by default all.")
        ] = None,
        *,
        page: PageArguments,
    ) -> Page:
        return events.list_page(types, page)

    @strawberry.field(
        graphql_type=list[Webhook],
        permission_classes=[IsAdmin],
        description="The account's webhooks, oldest first, disabled ones too.",
    )
    def webhooks(self) -> Many:
        return webhooks.every()

    @strawberry.field(
        graphql_type=WebhookDeliveryConnection,
        permission_classes=[IsAdmin],
        description="The deliveries to a webhook, pending ones too, the newest first.",
    )
    @with_paging
    def webhook_deliveries(
        self,
        webhook_id: WebhookId,
        status: Annotated[
            DeliveryStatus | None, strawberry.argument(description="Only deliveries with this status.")
        ] = None,
        *,
        page: PageArguments,
    ) -> Page:
        return deliveries.list_page(webhook_id, status, page)
