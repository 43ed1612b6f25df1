"""updateWebhook."""

from functools import partial
from typing import Annotated, Self

import strawberry

from db import models
from projection import One
from resolvers import webhooks
from resolvers.transactions import Result
from rules.vocabulary import EventType
from schema.arguments import IdempotencyKey, Version, WebhookId
from schema.context import Info
from schema.errors import UserError
from schema.mutations.run import mutation, run_mutation, user_errors
from schema.permissions import IsAdmin
from schema.types.webhook import Webhook


@strawberry.type(description="The changed webhook, or why it was not changed.")
class UpdateWebhookPayload:
    webhook: One | None = strawberry.field(
        graphql_type=Webhook | None, default=None, description="The webhook as it is now; null when refused."
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(webhook=webhooks.by_id(result.id))


@mutation(
    IsAdmin,
    "Change a webhook's address or the events that it gets. It keeps its secret and its deliveries; those that are "
    "pending go to the new address.",
)
async def update_webhook(
    info: Info,
    id: WebhookId,
    url: Annotated[
        str | None, strawberry.argument(description="The https address; left out, it stays as it is.")
    ] = None,
    types: Annotated[
        list[EventType] | None,
        strawberry.argument(description="The types of events to send; left out, they stay as they are."),
    ] = None,
    version: Version = None,
    idempotency_key: IdempotencyKey = None,
) -> UpdateWebhookPayload:
    update = partial(webhooks.update, id, url, types, version, local=info.context.local_webhooks)
    return await run_mutation(info, idempotency_key, UpdateWebhookPayload, update, kind=models.Webhook)
