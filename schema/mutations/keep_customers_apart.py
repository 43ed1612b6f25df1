"""keepCustomersApart."""

from functools import partial
from typing import Annotated, Self

import strawberry

from db import models
from projection import ByIds
from resolvers import customers, duplicates
from resolvers.transactions import Result
from schema.arguments import IdempotencyKey
from schema.context import Info
from schema.errors import UserError
from schema.mutations.run import mutation, run_mutation, user_errors
from schema.permissions import CanWrite
from schema.types.customer import Customer


@strawberry.type(description="The first of the customers, or why nothing was changed.")
class KeepCustomersApartPayload:
    customer: ByIds | None = strawberry.field(
        graphql_type=Customer | None, default=None, description="The first of the customers; null when refused."
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(customer=customers.by_id(result.id))


@mutation(
    CanWrite,
    "Say that these customers are different ones, whatever they have in common: `duplicateCandidates` no longer has "
    "two of them together. They can be merged all the same.",
)
async def keep_customers_apart(
    info: Info,
    ids: Annotated[list[strawberry.ID], strawberry.argument(description="The customers, 2 to 20.")],
    apart: Annotated[bool, strawberry.argument(description="False takes it back.")] = True,
    idempotency_key: IdempotencyKey = None,
) -> KeepCustomersApartPayload:
    keep = partial(duplicates.keep_apart, ids, apart=apart)
    return await run_mutation(info, idempotency_key, KeepCustomersApartPayload, keep, kind=models.Customer)
