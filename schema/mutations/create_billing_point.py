"""createBillingPoint."""

from functools import partial
from typing import Annotated, Self
from uuid import UUID

import strawberry

from projection import One
from resolvers import accounts
from schema.context import Info
from schema.errors import UserError
from schema.mutations.run import mutation, run_mutation, user_errors
from schema.permissions import IsAdmin
from schema.types.account import BillingPoint


@strawberry.type(description="The new billing point, or why it was not created.")
class CreateBillingPointPayload:
    billing_point: One | None = strawberry.field(
        graphql_type=BillingPoint | None, default=None, description="The new billing point; null when refused."
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, id: UUID) -> Self:
        return cls(billing_point=accounts.billing_point(id))


@mutation(
    IsAdmin,
    (
        "Create a billing point, a series of invoice numbers. Once there are two, each new invoice must "
        "name its billing point."
    ),
)
async def create_billing_point(
    info: Info,
    code: Annotated[str, strawberry.argument(description='Three digits, such as "002".')],
    name: Annotated[str | None, strawberry.argument(description="Name of the billing point.")] = None,
) -> CreateBillingPointPayload:
    create = partial(accounts.create_billing_point, code, name)
    return await run_mutation(info, CreateBillingPointPayload, create, CreateBillingPointPayload.of)
