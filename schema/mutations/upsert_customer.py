"""upsertCustomer."""

from functools import partial
from typing import Annotated, Self

import strawberry

from db import models
from projection import ByIds, Within
from resolvers import customers
from resolvers.bulk import outcome_of
from resolvers.customer_upsert import upsert
from resolvers.transactions import Result, rolled_back
from rules import vocabulary
from rules.faults import Record
from rules.vocabulary import Outcome
from schema.arguments import DryRun, ExternalId, IdempotencyKey, OnDuplicate, Version
from schema.context import Info
from schema.errors import UserError
from schema.inputs.customer import CustomerPatch
from schema.mutations.run import mutation, run_mutation, under, user_errors
from schema.permissions import CanWrite
from schema.types.customer import Customer


@strawberry.type(description="The customer, or why it was not stored.")
class UpsertCustomerPayload:
    customer: ByIds | None = strawberry.field(
        graphql_type=Customer | None, default=None, description="The customer as it is now; null when refused."
    )
    outcome: Outcome = strawberry.field(
        default=Outcome.FAILED, description="What became of it: CREATED, UPDATED, UNCHANGED or FAILED."
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(customer=customers.by_id(result.id), outcome=outcome_of(result))


@mutation(
    CanWrite,
    (
        "Change the customer with this external id, or create it if there is none: of two requests at once, one "
        "creates it and the other changes it. Fields that are left out stay as they are. For a new customer "
        "`receiverType` is required, and `onDuplicate` decides what happens if the account has it already without an "
        "external id: FAIL, give it this one and leave the rest (USE_EXISTING), or fill in what it lacks, too "
        "(UPDATE_EMPTY)."
    ),
    graphql_type=UpsertCustomerPayload,
)
async def upsert_customer(
    info: Info,
    external_id: ExternalId,
    input: Annotated[CustomerPatch, strawberry.argument(description="What the customer is to have.")],
    on_duplicate: OnDuplicate = vocabulary.OnDuplicate.FAIL,
    version: Version = None,
    dry_run: DryRun = False,
    idempotency_key: IdempotencyKey = None,
) -> UpsertCustomerPayload | Within:
    async def work() -> Result:
        return await upsert(external_id, input.changes(), version, on_duplicate)

    places = {Record.CUSTOMER: under("input")}
    run = partial(run_mutation, info, idempotency_key, UpsertCustomerPayload, work, kind=models.Customer, places=places)
    # What a dry run stores is gone once its transaction ends, so the answer is read within it.
    return Within(rolled_back(), run) if dry_run else await run()
