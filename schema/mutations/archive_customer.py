"""archiveCustomer."""

from functools import partial
from typing import Self
from uuid import UUID

import strawberry

from projection import One
from resolvers import customers
from schema.arguments import CustomerId
from schema.context import Info
from schema.errors import UserError
from schema.mutations.run import mutation, run_mutation, user_errors
from schema.permissions import CanWrite
from schema.types.customer import Customer


@strawberry.type(description="The archived customer, or why it was not archived.")
class ArchiveCustomerPayload:
    customer: One | None = strawberry.field(
        graphql_type=Customer | None, default=None, description="The customer as it is now; null when refused."
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, id: UUID) -> Self:
        return cls(customer=customers.by_id(id))


@mutation(CanWrite, "Take a customer out of use. It keeps its invoices, and new invoices for it are refused.")
async def archive_customer(info: Info, id: CustomerId) -> ArchiveCustomerPayload:
    archive = partial(customers.archive, id)
    return await run_mutation(info, ArchiveCustomerPayload, archive, ArchiveCustomerPayload.of)
