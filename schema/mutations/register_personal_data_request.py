"""registerPersonalDataRequest."""

from datetime import date
from functools import partial
from typing import Annotated, Self

import strawberry

from db import models
from projection import One
from resolvers import personal_data
from resolvers.transactions import Result
from rules.vocabulary import PersonalDataRequestKind
from schema.arguments import CustomerId, IdempotencyKey
from schema.context import Info
from schema.errors import UserError
from schema.mutations.run import mutation, run_mutation, user_errors
from schema.permissions import IsAdmin
from schema.types.personal_data import PersonalDataRequest


@strawberry.type(description="The new request, or why there is none.")
class RegisterPersonalDataRequestPayload:
    request: One | None = strawberry.field(
        graphql_type=PersonalDataRequest | None, default=None, description="The request; null when refused."
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(request=personal_data.request_by_id(result.id))


@mutation(
    IsAdmin,
    "Write down that a person asks for the data about them, or that it is erased. `exportPersonalData` and "
    "`erasePersonalData` answer the open request, or write one down that came today.",
)
async def register_personal_data_request(
    info: Info,
    customer_id: CustomerId,
    kind: Annotated[PersonalDataRequestKind, strawberry.argument(description="What the person asks for.")],
    received_on: Annotated[
        date | None, strawberry.argument(description="The day on which the request came; by default today in Panama.")
    ] = None,
    idempotency_key: IdempotencyKey = None,
) -> RegisterPersonalDataRequestPayload:
    register = partial(personal_data.register, customer_id, kind, received_on)
    return await run_mutation(
        info, idempotency_key, RegisterPersonalDataRequestPayload, register, kind=models.PersonalDataRequest
    )
