"""createCustomer."""

from typing import Annotated

import strawberry

from projection import One, Within
from resolvers import customers, registry
from resolvers.transactions import Request, undone
from rules import vocabulary
from rules.faults import Fault, Refusal
from schema.arguments import DryRun, IdempotencyKey, OnDuplicate
from schema.context import Info
from schema.errors import UserError
from schema.inputs.customer import CustomerInput
from schema.permissions import CanWrite
from schema.types.customer import Customer


@strawberry.type(description="The customer, or why there is none.")
class CreateCustomerPayload:
    customer: One | None = strawberry.field(
        graphql_type=Customer | None, description="The customer made, or found by `onDuplicate`; null when refused."
    )
    created: bool = strawberry.field(description="Whether it was made now; a repeated request gets the first answer.")
    user_errors: list[UserError] = strawberry.field(description="Why the request was refused; empty when it was done.")


def _placed(fault: Fault) -> Fault:
    """The resolver speaks of a customer's data, but for the key."""
    return fault if fault.path == ("idempotencyKey",) else fault.under("input")


@strawberry.type
class CreateCustomer:
    @strawberry.mutation(
        graphql_type=CreateCustomerPayload,
        permission_classes=[CanWrite],
        description=(
            "Register a customer. `dryRun` checks everything and stores nothing. With an `idempotencyKey` of the "
            "caller's the request may be repeated safely for 7 days."
        ),
    )
    async def create_customer(
        self,
        info: Info,
        input: Annotated[CustomerInput, strawberry.argument(description="The new customer.")],
        on_duplicate: OnDuplicate = vocabulary.OnDuplicate.FAIL,
        dry_run: DryRun = False,
        idempotency_key: IdempotencyKey = None,
    ) -> CreateCustomerPayload | Within:
        data = input.data()
        request = None
        if idempotency_key is not None and not dry_run:
            request = Request(idempotency_key, ("createCustomer", data, input.complete_from_registry, on_duplicate))
        consultar = info.context.consultar
        word = await registry.asked(consultar, data) if input.complete_from_registry else None

        async def payload() -> CreateCustomerPayload:
            try:
                outcome = await customers.create(data, on_duplicate, request, consultar, word)
            except Refusal as refusal:
                errors = [UserError.of(_placed(fault), info.context) for fault in refusal.faults]
                return CreateCustomerPayload(customer=None, created=False, user_errors=errors)
            return CreateCustomerPayload(
                customer=customers.by_id(str(outcome.id)), created=outcome.created, user_errors=[]
            )

        return Within(undone(), payload) if dry_run else await payload()
