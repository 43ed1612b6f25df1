"""signOutEverywhere."""

from functools import partial
from typing import Self

import strawberry

from resolvers import sessions
from resolvers.transactions import Result
from schema.arguments import IdempotencyKey
from schema.context import Info
from schema.errors import UserError
from schema.mutations.run import mutation, run_mutation, user_errors
from schema.permissions import CanRead


@strawberry.type(description="The sessions were ended, or why they were not.")
class SignOutEverywherePayload:
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls()


@mutation(
    CanRead,
    (
        "End all sessions that were begun with the same API key as this one; for a session begun by a link, all that "
        "were begun by links. Other processes accept them for up to 5 more seconds."
    ),
)
async def sign_out_everywhere(info: Info, idempotency_key: IdempotencyKey = None) -> SignOutEverywherePayload:
    sign_out = partial(sessions.sign_out_everywhere, info.context.keys, info.context.identity)
    return await run_mutation(info, idempotency_key, SignOutEverywherePayload, sign_out, kind=None)
