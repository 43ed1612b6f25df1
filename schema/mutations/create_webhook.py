"""createWebhook."""

from typing import Annotated, Self

import strawberry

from db import models
from projection import One
from resolvers import webhooks
from resolvers.transactions import Result
from rules.vocabulary import EventType
from schema.arguments import IdempotencyKey
from schema.context import Info
from schema.errors import UserError
from schema.mutations.run import mutation, run_mutation, user_errors
from schema.permissions import IsAdmin
from schema.types.webhook import Webhook


@strawberry.type(description="The new webhook and its secret, or why it was not created.")
class CreateWebhookPayload:
    webhook: One | None = strawberry.field(
        graphql_type=Webhook | None, default=None, description="The new webhook; null when refused."
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


@mutation(
    IsAdmin,
    (
        "Create a webhook, an https address to which events are sent. Without `types` it gets all events "
        "except those of drafts. An account has at most 20 webhooks."
    ),
)
async def create_webhook(
    info: Info,
    url: Annotated[
        str,
        strawberry.argument(
            description=(
                "The https address. An http address is allowed only for this machine, where the server's settings "
                "permit it."
            )
        ),
    ],
    types: Annotated[
        list[EventType] | None,
        strawberry.argument(description="The types of events to send. Events of drafts can't be sent."),
    ] = None,
    idempotency_key: IdempotencyKey = None,
) -> CreateWebhookPayload:
    async def create() -> Result:
        id, secret = await webhooks.create(url, types, local=info.context.local_webhooks)
        return Result(id, secret=secret)

    return await run_mutation(info, idempotency_key, CreateWebhookPayload, create, kind=models.Webhook)
