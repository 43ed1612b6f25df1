"""createWebhook, rotateWebhookSecret, enableWebhook, deleteWebhook, redeliver."""

from typing import Annotated

import strawberry

from projection import One
from resolvers import deliveries, webhooks
from rules.vocabulary import EventType
from schema.context import Info
from schema.errors import UserError
from schema.mutations.answer import answered
from schema.permissions import IsAdmin
from schema.types.webhook import Webhook

Id = Annotated[strawberry.ID, strawberry.argument(description="The webhook's id.")]

_ERRORS = "Why the request was refused; empty when it was done."
_SECRET = "The key of the signatures, whsec_... It is shown this once."


@strawberry.type(description="The new webhook and its secret, or why there is none.")
class CreateWebhookPayload:
    webhook: One | None = strawberry.field(
        graphql_type=Webhook | None, description="The new webhook; null when refused."
    )
    secret: str | None = strawberry.field(description=_SECRET)
    user_errors: list[UserError] = strawberry.field(description=_ERRORS)


@strawberry.type(description="The webhook and its new secret, or why it has none.")
class RotateWebhookSecretPayload:
    webhook: One | None = strawberry.field(graphql_type=Webhook | None, description="The webhook; null when refused.")
    secret: str | None = strawberry.field(description=_SECRET)
    user_errors: list[UserError] = strawberry.field(description=_ERRORS)


@strawberry.type(description="The webhook, switched on, or why it is not.")
class EnableWebhookPayload:
    webhook: One | None = strawberry.field(graphql_type=Webhook | None, description="The webhook; null when refused.")
    user_errors: list[UserError] = strawberry.field(description=_ERRORS)


@strawberry.type(description="The deleted webhook's id, or why it was not deleted.")
class DeleteWebhookPayload:
    deleted_id: strawberry.ID | None = strawberry.field(description="The webhook's id; null when refused.")
    user_errors: list[UserError] = strawberry.field(description=_ERRORS)


@strawberry.type(description="The delivery's id, or why it is not repeated.")
class RedeliverPayload:
    delivery_id: strawberry.ID | None = strawberry.field(description="The delivery's id; null when refused.")
    user_errors: list[UserError] = strawberry.field(description=_ERRORS)


@strawberry.type
class ManageWebhooks:
    @strawberry.mutation(
        permission_classes=[IsAdmin],
        description=(
            "Have events sent to an https address; without `types`, all but those of drafts. An account has at most "
            "20 webhooks."
        ),
    )
    async def create_webhook(
        self,
        info: Info,
        url: Annotated[
            str, strawberry.argument(description="Where to; http only to this machine, if that is allowed.")
        ],
        types: Annotated[
            list[EventType] | None, strawberry.argument(description="What to tell of; none of drafts.")
        ] = None,
    ) -> CreateWebhookPayload:
        done, errors = await answered(info, webhooks.create(url, types))
        id, secret = done or (None, None)
        return CreateWebhookPayload(webhook=webhooks.by_id(id) if id else None, secret=secret, user_errors=errors)

    @strawberry.mutation(
        permission_classes=[IsAdmin],
        description="Give a webhook a new secret. For a day what is sent carries a signature by the old one, too.",
    )
    async def rotate_webhook_secret(self, info: Info, id: Id) -> RotateWebhookSecretPayload:
        done, errors = await answered(info, webhooks.rotate_secret(id))
        webhook, secret = done or (None, None)
        return RotateWebhookSecretPayload(
            webhook=webhooks.by_id(webhook) if webhook else None, secret=secret, user_errors=errors
        )

    @strawberry.mutation(
        permission_classes=[IsAdmin],
        description=(
            "Switch a webhook on that was switched off. What was pending then is sent; what has happened since stands "
            "in `events`."
        ),
    )
    async def enable_webhook(self, info: Info, id: Id) -> EnableWebhookPayload:
        enabled, errors = await answered(info, webhooks.enable(id))
        return EnableWebhookPayload(webhook=webhooks.by_id(enabled) if enabled else None, user_errors=errors)

    @strawberry.mutation(
        permission_classes=[IsAdmin], description="Delete a webhook, with its deliveries, also those that are pending."
    )
    async def delete_webhook(self, info: Info, id: Id) -> DeleteWebhookPayload:
        deleted, errors = await answered(info, webhooks.delete(id))
        return DeleteWebhookPayload(deleted_id=strawberry.ID(str(deleted)) if deleted else None, user_errors=errors)

    @strawberry.mutation(
        permission_classes=[IsAdmin],
        description=(
            "Deliver once more, to a webhook or by mail, what was delivered or given up, under the same ids. It may "
            "come after later events of its object."
        ),
    )
    async def redeliver(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The delivery's id.")]
    ) -> RedeliverPayload:
        queued, errors = await answered(info, deliveries.redeliver(id))
        return RedeliverPayload(delivery_id=strawberry.ID(str(queued)) if queued else None, user_errors=errors)
