"""updateCustomer."""

from typing import Annotated, Self

import strawberry

from db import models
from projection import ByIds
from resolvers import customers
from resolvers.transactions import Result
from rules.faults import Record
from schema.arguments import CustomerId, IdempotencyKey, Version
from schema.context import Info
from schema.errors import UserError
from schema.inputs.customer import CustomerPatch
from schema.mutations.run import mutation, run_mutation, under, user_errors
from schema.permissions import CanWrite
from schema.types.customer import Customer


@strawberry.type(description="The changed customer, or why it was not changed.")
class UpdateCustomerPayload:
    customer: ByIds | None = strawberry.field(
        graphql_type=Customer | None, default=None, description="The customer as it is now; null when refused."
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(customer=customers.by_id(result.id))


@mutation(
    CanWrite,
    (
        "Change a customer. If `version` is given and the customer has been changed since, the request is "
        "refused as CONFLICT. Issued invoices keep the customer's data as they were."
    ),
)
async def update_customer(
    info: Info,
    id: CustomerId,
    input: Annotated[CustomerPatch, strawberry.argument(description="What to change.")],
    version: Version = None,
    idempotency_key: IdempotencyKey = None,
) -> UpdateCustomerPayload:
    async def update() -> Result:
        return await customers.update(id, input.changes(), version)

    places = {Record.CUSTOMER: under("input")}
    return await run_mutation(info, idempotency_key, UpdateCustomerPayload, update, kind=models.Customer, places=places)
