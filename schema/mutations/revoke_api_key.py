"""revokeApiKey."""

from typing import Annotated, Self
from uuid import UUID

import strawberry

from db import models
from projection import One
from resolvers import accounts
from resolvers.transactions import Result
from schema.arguments import IdempotencyKey
from schema.context import Info
from schema.errors import UserError
from schema.mutations.run import mutation, run_mutation, user_errors
from schema.permissions import IsAdmin
from schema.types.account import ApiKey


@strawberry.type(description="The revoked key, or why it was not revoked.")
class RevokeApiKeyPayload:
    api_key: One | None = strawberry.field(
        graphql_type=ApiKey | None, default=None, description="The key as it is now; null when refused."
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(api_key=accounts.key(result.id))


@mutation(
    IsAdmin,
    "Revoke an API key for good, even the one of this request. Other processes accept it for up to 5 more seconds.",
)
async def revoke_api_key(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="The key's id.")],
    idempotency_key: IdempotencyKey = None,
) -> RevokeApiKeyPayload:
    async def revoke() -> UUID:
        revoked = await accounts.revoke_key(id)
        info.context.keys.forget(revoked)
        return revoked

    return await run_mutation(info, idempotency_key, RevokeApiKeyPayload, revoke, kind=models.ApiKey)
