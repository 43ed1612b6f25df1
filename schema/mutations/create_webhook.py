"""createWebhook."""

from functools import partial
from typing import Annotated, Self
from uuid import UUID

import strawberry

from projection import One
from resolvers import webhooks
from rules.vocabulary import EventType
from schema.context import Info
from schema.errors import UserError
from schema.mutations.run import mutation, run_mutation, user_errors
from schema.permissions import IsAdmin
from schema.types.webhook import Webhook


@strawberry.type(description="The new webhook and its secret, or why there is none.")
class CreateWebhookPayload:
    webhook: One | None = strawberry.field(
        graphql_type=Webhook | None, default=None, description="The new webhook; null when refused."
    )
    secret: str | None = strawberry.field(
        default=None, description="The key of the signatures, whsec_... It is shown only this once."
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, created: tuple[UUID, str]) -> Self:
        id, secret = created
        return cls(webhook=webhooks.by_id(id), secret=secret)


@mutation(
    IsAdmin,
    "Have events sent to an https address; without `types`, all events but those of drafts. An account has at most 20 "
    "webhooks.",
)
async def create_webhook(
    info: Info,
    url: Annotated[
        str, strawberry.argument(description="The address; http only to this machine, where that is allowed.")
    ],
    types: Annotated[
        list[EventType] | None, strawberry.argument(description="Which events to send; none of drafts.")
    ] = None,
) -> CreateWebhookPayload:
    create = partial(webhooks.create, url, types)
    return await run_mutation(info, CreateWebhookPayload, create, CreateWebhookPayload.of)
