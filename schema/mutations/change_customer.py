"""updateCustomer, archiveCustomer, restoreCustomer."""

from typing import Annotated, Self
from uuid import UUID

import strawberry

from projection import One
from resolvers import customers
from schema.arguments import CustomerId, Version
from schema.context import Info
from schema.errors import UserError
from schema.inputs.patches import CustomerPatch
from schema.mutations.answer import answered
from schema.permissions import CanWrite
from schema.types.customer import Customer


@strawberry.type
class _CustomerPayload:
    customer: One | None = strawberry.field(
        graphql_type=Customer | None, description="The customer as it is now; null when refused."
    )
    user_errors: list[UserError] = strawberry.field(description="Why the request was refused; empty when it was done.")

    @classmethod
    def of(cls, id: UUID | None, errors: list[UserError]) -> Self:
        return cls(customer=customers.by_id(str(id)) if id else None, user_errors=errors)


@strawberry.type(description="The changed customer, or why it was not changed.")
class UpdateCustomerPayload(_CustomerPayload):
    pass


@strawberry.type(description="The archived customer, or why it was not archived.")
class ArchiveCustomerPayload(_CustomerPayload):
    pass


@strawberry.type(description="The restored customer, or why it was not restored.")
class RestoreCustomerPayload(_CustomerPayload):
    pass


@strawberry.type
class ChangeCustomer:
    @strawberry.mutation(
        permission_classes=[CanWrite],
        description=(
            "Change a customer. With the `version` that the change is based on, it is refused as CONFLICT if somebody "
            "else changed the customer meanwhile. Issued invoices keep their receiver as it was."
        ),
    )
    async def update_customer(
        self,
        info: Info,
        id: CustomerId,
        input: Annotated[CustomerPatch, strawberry.argument(description="What to change.")],
        version: Version = None,
    ) -> UpdateCustomerPayload:
        return UpdateCustomerPayload.of(
            *await answered(info, customers.update(id, input.changes(), version, info.context.consultar))
        )

    @strawberry.mutation(
        permission_classes=[CanWrite],
        description="Take a customer out of use. Its invoices stay; new ones are refused.",
    )
    async def archive_customer(self, info: Info, id: CustomerId) -> ArchiveCustomerPayload:
        return ArchiveCustomerPayload.of(*await answered(info, customers.archive(id)))

    @strawberry.mutation(
        permission_classes=[CanWrite],
        description="Put an archived customer to use again; refused if another active customer has its RUC by now.",
    )
    async def restore_customer(self, info: Info, id: CustomerId) -> RestoreCustomerPayload:
        return RestoreCustomerPayload.of(*await answered(info, customers.restore(id)))
