"""archiveCustomer."""

from functools import partial
from typing import Self

import strawberry

from db import models
from projection import ByIds
from resolvers import customers
from resolvers.transactions import Result
from schema.arguments import CustomerId, IdempotencyKey, Version
from schema.context import Info
from schema.errors import UserError
from schema.mutations.run import mutation, run_mutation, user_errors
from schema.permissions import CanWrite
from schema.types.customer import Customer


@strawberry.type(description="The archived customer, or why it was not archived.")
class ArchiveCustomerPayload:
    customer: ByIds | None = strawberry.field(
        graphql_type=Customer | None, default=None, description="The customer as it is now; null when refused."
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(customer=customers.by_id(result.id))


@mutation(CanWrite, "Take a customer out of use. It keeps its invoices, and new invoices for it are refused.")
async def archive_customer(
    info: Info, id: CustomerId, version: Version = None, idempotency_key: IdempotencyKey = None
) -> ArchiveCustomerPayload:
    archive = partial(customers.archive, id, version)
    return await run_mutation(info, idempotency_key, ArchiveCustomerPayload, archive, kind=models.Customer)
