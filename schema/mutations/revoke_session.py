"""revokeSession."""

from functools import partial
from typing import Annotated, Self

import strawberry

from projection import One
from resolvers import sessions
from resolvers.transactions import Result
from schema.arguments import IdempotencyKey
from schema.context import Info
from schema.errors import UserError
from schema.mutations.run import mutation, run_mutation, user_errors
from schema.permissions import CanRead
from schema.types.account import Session


@strawberry.type(description="The session that was ended, or why it was not.")
class RevokeSessionPayload:
    session: One | None = strawberry.field(
        graphql_type=Session | None, default=None, description="The session as it was; null when refused."
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(session=sessions.session(result.id))


@mutation(
    CanRead,
    (
        "End a session of `sessions`: its browser must sign in again. Other processes accept it for up to 5 more "
        "seconds."
    ),
)
async def revoke_session(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="The session's id.")],
    idempotency_key: IdempotencyKey = None,
) -> RevokeSessionPayload:
    revoke = partial(sessions.revoke_session, info.context.keys, info.context.identity, id)
    return await run_mutation(info, idempotency_key, RevokeSessionPayload, revoke, kind=None)
