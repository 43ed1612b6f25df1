"""enableWebhook."""

from functools import partial
from typing import Self

import strawberry

from db import models
from projection import One
from resolvers import webhooks
from resolvers.transactions import Result
from schema.arguments import IdempotencyKey, Version, WebhookId
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
    def of(cls, result: Result) -> Self:
        return cls(webhook=webhooks.by_id(result.id))


@mutation(
    IsAdmin,
    (
        "Enable a disabled webhook. Deliveries that were pending when it was disabled are sent; later "
        "events are in `events`."
    ),
)
async def enable_webhook(
    info: Info, id: WebhookId, version: Version = None, idempotency_key: IdempotencyKey = None
) -> EnableWebhookPayload:
    enable = partial(webhooks.enable, id, version)
    return await run_mutation(info, idempotency_key, EnableWebhookPayload, enable, kind=models.Webhook)
