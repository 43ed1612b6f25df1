"""restoreCustomer."""

from functools import partial
from typing import Self

import strawberry

from db import models
from projection import ByIds
from resolvers import customers
from resolvers.transactions import Result
from rules.faults import Record
from schema.arguments import CustomerId, IdempotencyKey, Version
from schema.context import Info
from schema.errors import UserError
from schema.mutations.run import at, mutation, run_mutation, user_errors
from schema.permissions import CanWrite
from schema.types.customer import Customer


@strawberry.type(description="The restored customer, or why it was not restored.")
class RestoreCustomerPayload:
    customer: ByIds | None = strawberry.field(
        graphql_type=Customer | None, default=None, description="The customer as it is now; null when refused."
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(customer=customers.by_id(result.id))


@mutation(
    CanWrite,
    ("Put an archived customer back into use. The request is refused if another active customer has its RUC by now."),
)
async def restore_customer(
    info: Info, id: CustomerId, version: Version = None, idempotency_key: IdempotencyKey = None
) -> RestoreCustomerPayload:
    restore = partial(customers.restore, id, version)
    places = {Record.CUSTOMER: at("id")}
    return await run_mutation(
        info, idempotency_key, RestoreCustomerPayload, restore, kind=models.Customer, places=places
    )
