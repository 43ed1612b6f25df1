"""rotateWebhookSecret."""

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
    def of(cls, rotated: tuple[UUID, str]) -> Self:
        id, secret = rotated
        return cls(webhook=webhooks.by_id(id), secret=secret)


@mutation(IsAdmin, "Give a webhook a new secret. For a day, deliveries also carry a signature made with the old one.")
async def rotate_webhook_secret(info: Info, id: WebhookId) -> RotateWebhookSecretPayload:
    rotate = partial(webhooks.rotate_secret, id)
    return await run_mutation(info, RotateWebhookSecretPayload, rotate, RotateWebhookSecretPayload.of)
