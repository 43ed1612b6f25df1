"""signOutEverywhere."""

from typing import Self

import strawberry

from resolvers import sessions
from schema.context import Info
from schema.errors import UserError
from schema.mutations.run import mutation, run_mutation, user_errors
from schema.permissions import CanRead


@strawberry.type(description="How many sessions were ended.")
class SignOutEverywherePayload:
    sessions: int = strawberry.field(default=0, description="How many sessions were ended, this one included.")
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, ended: int) -> Self:
        return cls(sessions=ended)


@mutation(
    CanRead,
    (
        "End all sessions that were begun with the same API key as this one; for a session begun by a link, all that "
        "were begun by links. Other processes accept them for up to 5 more seconds."
    ),
)
async def sign_out_everywhere(info: Info) -> SignOutEverywherePayload:
    async def sign_out() -> int:
        return await sessions.sign_out_everywhere(info.context.keys, info.context.identity)

    return await run_mutation(info, SignOutEverywherePayload, sign_out, SignOutEverywherePayload.of)
