"""enableWebhook."""

from functools import partial
from typing import Self
from uuid import UUID

import strawberry

from projection import One
from resolvers import webhooks
from schema.arguments import WebhookId
from schema.context import Info
from schema.errors import UserError
from schema.mutations.run import mutation, run_mutation, user_errors
from schema.permissions import IsAdmin
from schema.types.webhook import Webhook


@strawberry.type(description="The enabled webhook, or why it was not enabled.")
class EnableWebhookPayload:
    webhook: One | None = strawberry.field(
        graphql_type=Webhook | None, default=None, description="The webhook; null when refused."
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, id: UUID) -> Self:
        return cls(webhook=webhooks.by_id(id))


@mutation(
    IsAdmin,
    (
        "Enable a disabled webhook. Deliveries that were pending when it was disabled are sent; later "
        "events are in `events`."
    ),
)
async def enable_webhook(info: Info, id: WebhookId) -> EnableWebhookPayload:
    enable = partial(webhooks.enable, id)
    return await run_mutation(info, EnableWebhookPayload, enable, EnableWebhookPayload.of)
