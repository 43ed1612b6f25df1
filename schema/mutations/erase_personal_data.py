"""erasePersonalData."""

from functools import partial
from typing import Annotated, Self

import strawberry

from db import models
from projection import One
from resolvers import personal_data
from resolvers.transactions import Result
from schema.arguments import CustomerId, IdempotencyKey, Version
from schema.context import Info
from schema.errors import UserError
from schema.mutations.run import mutation, run_mutation, user_errors
from schema.permissions import IsAdmin
from schema.types.personal_data import PersonalDataRequest


@strawberry.type(description="The answered request, or why nothing was erased.")
class ErasePersonalDataPayload:
    request: One | None = strawberry.field(
        graphql_type=PersonalDataRequest | None,
        default=None,
        description="The request that this answered, with the customer as it is now; null when refused.",
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(request=personal_data.request_by_id(result.id))


@mutation(
    IsAdmin,
    "Erase the data about a person, for good: the customer's fields and associated persons, its drafts, mails, answers "
    "of the registry, rows of imports, and its values in events and in the audit trail. The customer stays as ERASED, "
    "without a name, as do those that were merged into it; the id of one of these is NOT_ALLOWED here, with the "
    "survivor's in `relatedId`. Issued documents stay whole until the law no longer wants them kept. EMISSION_PENDING "
    "while one of them is on its way to the DGI.",
)
async def erase_personal_data(
    info: Info,
    customer_id: CustomerId,
    reason: Annotated[
        str, strawberry.argument(description="The reason, up to 500 characters. It stays: don't name the person in it.")
    ],
    version: Version = None,
    idempotency_key: IdempotencyKey = None,
) -> ErasePersonalDataPayload:
    erase = partial(personal_data.erase, customer_id, reason, version)
    return await run_mutation(info, idempotency_key, ErasePersonalDataPayload, erase, kind=models.PersonalDataRequest)
