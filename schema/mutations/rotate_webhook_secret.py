"""rotateWebhookSecret."""

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


@strawberry.type(description="The webhook and its new secret, or why it has none.")
class RotateWebhookSecretPayload:
    webhook: One | None = strawberry.field(
        graphql_type=Webhook | None, default=None, description="The webhook; null when refused."
    )
    secret: str | None = strawberry.field(
        default=None,
        description=(
            'The secret that signs the deliveries; it begins with "whsec_". It is shown only this once; null '
            "when refused."
        ),
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(webhook=webhooks.by_id(result.id), secret=result.secret)


@mutation(IsAdmin, "Give a webhook a new secret. For a day, deliveries also carry a signature made with the old one.")
async def rotate_webhook_secret(
    info: Info, id: WebhookId, version: Version = None, idempotency_key: IdempotencyKey = None
) -> RotateWebhookSecretPayload:
    async def rotate() -> Result:
        webhook_id, secret = await webhooks.rotate_secret(id, version)
        return Result(webhook_id, secret=secret)

    return await run_mutation(info, idempotency_key, RotateWebhookSecretPayload, rotate, kind=models.Webhook)
