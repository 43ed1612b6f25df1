"""sendTestEvent."""

from functools import partial
from typing import Self

import strawberry

from db import models
from projection import One
from resolvers import webhooks
from resolvers.transactions import Result
from schema.arguments import IdempotencyKey, WebhookId
from schema.context import Info
from schema.errors import UserError
from schema.mutations.run import mutation, run_mutation, user_errors
from schema.permissions import IsAdmin
from schema.types.webhook import Webhook


@strawberry.type(description="The webhook that is being tested, or why it is not.")
class SendTestEventPayload:
    webhook: One | None = strawberry.field(
        graphql_type=Webhook | None,
        default=None,
        description="The webhook; null when refused. `webhookDeliveries` shows the delivery a moment later.",
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(webhook=webhooks.by_id(result.id))


@mutation(IsAdmin, "Send an event of the type WEBHOOK_TESTED to a webhook, and to no other, whatever its types are.")
async def send_test_event(info: Info, id: WebhookId, idempotency_key: IdempotencyKey = None) -> SendTestEventPayload:
    test = partial(webhooks.announce_test, id)
    return await run_mutation(info, idempotency_key, SendTestEventPayload, test, kind=models.Webhook)
