"""updateAccount, createBillingPoint, createApiKey, revokeApiKey."""

from datetime import datetime
from typing import Annotated

import strawberry

from projection import One
from resolvers import accounts
from rules.vocabulary import Scope
from schema.context import Info
from schema.errors import UserError
from schema.inputs.patches import AccountInput
from schema.mutations.answer import answered
from schema.permissions import IsAdmin
from schema.types.account import Account, ApiKey, BillingPoint

_ERRORS = "Why the request was refused; empty when it was done."


@strawberry.type(description="The changed account, or why it was not changed.")
class UpdateAccountPayload:
    account: One | None = strawberry.field(
        graphql_type=Account | None, description="The account as it is now; null when refused."
    )
    user_errors: list[UserError] = strawberry.field(description=_ERRORS)


@strawberry.type(description="The new billing point, or why there is none.")
class CreateBillingPointPayload:
    billing_point: One | None = strawberry.field(
        graphql_type=BillingPoint | None, description="The new billing point; null when refused."
    )
    user_errors: list[UserError] = strawberry.field(description=_ERRORS)


@strawberry.type(description="The new key and its secret, or why there is none.")
class CreateApiKeyPayload:
    api_key: One | None = strawberry.field(graphql_type=ApiKey | None, description="The new key; null when refused.")
    secret: str | None = strawberry.field(description="What to send as the bearer token. It is shown this once.")
    user_errors: list[UserError] = strawberry.field(description=_ERRORS)


@strawberry.type(description="The revoked key, or why it was not revoked.")
class RevokeApiKeyPayload:
    api_key: One | None = strawberry.field(
        graphql_type=ApiKey | None, description="The key as it is now; null when refused."
    )
    user_errors: list[UserError] = strawberry.field(description=_ERRORS)


@strawberry.type
class ManageAccount:
    @strawberry.mutation(
        permission_classes=[IsAdmin],
        description=(
            "Change the account's settings. With electronic invoicing on, more is required of a customer: "
            "`customers(filter: {incomplete: true})` lists those that lack something."
        ),
    )
    async def update_account(
        self, info: Info, input: Annotated[AccountInput, strawberry.argument(description="What to change.")]
    ) -> UpdateAccountPayload:
        done, errors = await answered(info, accounts.update(input.changes()))
        return UpdateAccountPayload(account=accounts.current() if done else None, user_errors=errors)

    @strawberry.mutation(
        permission_classes=[IsAdmin],
        description="Open a billing point, a series of invoice numbers. From then on invoices must name theirs.",
    )
    async def create_billing_point(
        self,
        info: Info,
        code: Annotated[str, strawberry.argument(description='Three digits, such as "002".')],
        name: Annotated[str | None, strawberry.argument(description="What people call it.")] = None,
    ) -> CreateBillingPointPayload:
        id, errors = await answered(info, accounts.create_billing_point(code, name))
        return CreateBillingPointPayload(billing_point=accounts.billing_point(id) if id else None, user_errors=errors)

    @strawberry.mutation(permission_classes=[IsAdmin], description="Make an API key. Its secret is shown this once.")
    async def create_api_key(
        self,
        info: Info,
        name: Annotated[str, strawberry.argument(description="What it is for.")],
        scope: Annotated[Scope, strawberry.argument(description="What it may do.")],
        expires_at: Annotated[
            datetime | None, strawberry.argument(description="When it stops working; never without it.")
        ] = None,
    ) -> CreateApiKeyPayload:
        done, errors = await answered(info, accounts.create_key(name, scope, expires_at))
        key, secret = done or (None, None)
        return CreateApiKeyPayload(api_key=accounts.key(key.id) if key else None, secret=secret, user_errors=errors)

    @strawberry.mutation(
        permission_classes=[IsAdmin],
        description="Revoke an API key for good, even the one that asks; other processes take it for 5 seconds more.",
    )
    async def revoke_api_key(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The key's id.")]
    ) -> RevokeApiKeyPayload:
        revoked, errors = await answered(info, accounts.revoke_key(id))
        if revoked:
            info.context.keys.forget(revoked)
        return RevokeApiKeyPayload(api_key=accounts.key(revoked) if revoked else None, user_errors=errors)
