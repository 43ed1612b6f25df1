"""refusePersonalDataRequest."""

from functools import partial
from typing import Annotated, Self

import strawberry

from db import models
from projection import One
from resolvers import personal_data
from resolvers.transactions import Result
from schema.arguments import IdempotencyKey
from schema.context import Info
from schema.errors import UserError
from schema.mutations.run import mutation, run_mutation, user_errors
from schema.permissions import IsAdmin
from schema.types.personal_data import PersonalDataRequest


@strawberry.type(description="The refused request, or why it can't be refused.")
class RefusePersonalDataRequestPayload:
    request: One | None = strawberry.field(
        graphql_type=PersonalDataRequest | None, default=None, description="The request; null if it was not refused."
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(request=personal_data.request_by_id(result.id))


@mutation(IsAdmin, "Answer an open request with a refusal, such as where the person has not shown who they are.")
async def refuse_personal_data_request(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="The request's id.")],
    reason: Annotated[
        str, strawberry.argument(description="The reason, up to 500 characters. It stays: don't name the person in it.")
    ],
    idempotency_key: IdempotencyKey = None,
) -> RefusePersonalDataRequestPayload:
    refuse = partial(personal_data.refuse, id, reason)
    return await run_mutation(
        info, idempotency_key, RefusePersonalDataRequestPayload, refuse, kind=models.PersonalDataRequest
    )
