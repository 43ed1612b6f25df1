"""deleteWebhook."""

from functools import partial
from typing import Self

import strawberry

from resolvers import webhooks
from resolvers.transactions import Result
from schema.arguments import IdempotencyKey, Version, WebhookId
from schema.context import Info
from schema.errors import UserError
from schema.mutations.run import mutation, run_mutation, user_errors
from schema.permissions import IsAdmin


@strawberry.type(description="The deleted webhook's id, or why it was not deleted.")
class DeleteWebhookPayload:
    deleted_id: strawberry.ID | None = strawberry.field(
        default=None, description="The webhook's id; null when refused."
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(deleted_id=strawberry.ID(str(result.id)))


@mutation(IsAdmin, "Delete a webhook with all its deliveries, pending ones too.")
async def delete_webhook(
    info: Info, id: WebhookId, version: Version = None, idempotency_key: IdempotencyKey = None
) -> DeleteWebhookPayload:
    delete = partial(webhooks.delete, id, version)
    return await run_mutation(info, idempotency_key, DeleteWebhookPayload, delete, kind=None)
