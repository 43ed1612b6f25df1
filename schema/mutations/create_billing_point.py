"""createBillingPoint."""

from functools import partial
from typing import Annotated, Self

import strawberry

from db import models
from projection import One
from resolvers import billing_points
from resolvers.transactions import Result
from rules.vocabulary import HEAD_OFFICE
from schema.arguments import IdempotencyKey
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
    def of(cls, result: Result) -> Self:
        return cls(billing_point=billing_points.by_id(result.id))


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
    first_number: Annotated[
        str | None,
        strawberry.argument(
            description='The number of its first invoice, such as "4501", for a business that goes on from another '
            "system; by default 1."
        ),
    ] = None,
    branch: Annotated[str, strawberry.argument(description="Code of its branch.")] = HEAD_OFFICE,
    idempotency_key: IdempotencyKey = None,
) -> CreateBillingPointPayload:
    create = partial(billing_points.create, code, name, first_number, branch)
    return await run_mutation(info, idempotency_key, CreateBillingPointPayload, create, kind=models.BillingPoint)
