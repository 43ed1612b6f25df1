"""createApiKey."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from db import models
from projection import One
from resolvers import accounts
from resolvers.transactions import Result
from rules.vocabulary import Scope
from schema.arguments import IdempotencyKey
from schema.context import Info
from schema.errors import UserError
from schema.mutations.run import mutation, run_mutation, user_errors
from schema.permissions import IsAdmin
from schema.types.account import ApiKey


@strawberry.type(description="The new key and its secret, or why it was not created.")
class CreateApiKeyPayload:
    api_key: One | None = strawberry.field(
        graphql_type=ApiKey | None, default=None, description="The new key; null when refused."
    )
    secret: str | None = strawberry.field(
        default=None,
        description="The secret to send as the bearer token. It is shown only this once; null when refused.",
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(api_key=accounts.key(result.id), secret=result.secret)


@mutation(IsAdmin, "Create an API key. Its secret is shown only this once.")
async def create_api_key(
    info: Info,
    name: Annotated[str, strawberry.argument(description="What it is for.")],
    scope: Annotated[Scope, strawberry.argument(description="What the key may do.")],
    expires_at: Annotated[
        datetime | None, strawberry.argument(description="When it stops working; without it, never.")
    ] = None,
    idempotency_key: IdempotencyKey = None,
) -> CreateApiKeyPayload:
    async def create() -> Result:
        key, secret = await accounts.create_key(name, scope, expires_at)
        return Result(key.id, secret=secret)

    return await run_mutation(info, idempotency_key, CreateApiKeyPayload, create, kind=models.ApiKey)
