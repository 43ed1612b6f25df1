"""createCustomer."""

from functools import partial
from typing import Annotated, Self

import strawberry

from db import models
from projection import ByIds, Within
from resolvers import customers
from resolvers.customer_preparation import clean_and_look_up
from resolvers.transactions import Result, rolled_back
from rules import vocabulary
from rules.faults import Record
from schema.arguments import DryRun, IdempotencyKey, OnDuplicate
from schema.context import Info
from schema.errors import UserError
from schema.inputs.customer import CustomerInput
from schema.mutations.run import mutation, run_mutation, under, user_errors
from schema.permissions import CanWrite
from schema.types.customer import Customer


@strawberry.type(description="The customer, or why it was not created.")
class CreateCustomerPayload:
    customer: ByIds | None = strawberry.field(
        graphql_type=Customer | None,
        default=None,
        description="The customer that was created, or found by `onDuplicate`; null when refused.",
    )
    created: bool = strawberry.field(
        default=False,
        description=(
            "Whether the request created the customer. A request repeated under its `idempotencyKey` gets the "
            "first answer."
        ),
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(customer=customers.by_id(result.id), created=result.customer_created)


@mutation(
    CanWrite,
    "Create a customer. `dryRun` checks everything and stores nothing. With an `idempotencyKey` the request can be "
    "repeated safely for 7 days.",
    graphql_type=CreateCustomerPayload,
)
async def create_customer(
    info: Info,
    input: Annotated[CustomerInput, strawberry.argument(description="The new customer.")],
    on_duplicate: OnDuplicate = vocabulary.OnDuplicate.FAIL,
    dry_run: DryRun = False,
    idempotency_key: IdempotencyKey = None,
) -> CreateCustomerPayload | Within:
    consultar = info.context.consultar if input.complete_from_registry else None
    new = await clean_and_look_up(input.draft(), on_duplicate, consultar)
    create = partial(customers.create, new)
    places = {Record.CUSTOMER: under("input")}
    run = partial(
        run_mutation, info, idempotency_key, CreateCustomerPayload, create, kind=models.Customer, places=places
    )
    # What a dry run stores is gone once its transaction ends, so the answer is read within it.
    return Within(rolled_back(), run) if dry_run else await run()
