"""updateCustomers."""

from functools import partial
from typing import Annotated

import strawberry

from projection import Within
from resolvers import customers
from resolvers.bulk import Row
from resolvers.transactions import Result, rolled_back
from schema.arguments import DryRun, IdempotencyKey
from schema.context import Info
from schema.errors import UserError
from schema.inputs.customer import CustomerPatch
from schema.mutations.run import mutation, user_errors
from schema.mutations.run_rows import ErrorPolicy, outcomes, run_customer_rows
from schema.permissions import CanWrite
from schema.types.row_outcome import RowOutcome


@strawberry.input(description="Changes to one of several customers.")
class CustomerUpdate:
    id: strawberry.ID = strawberry.field(description="The customer's id.")
    version: int | None = strawberry.field(
        default=None, description="The `version` on which the changes are based; another one by now is a CONFLICT."
    )
    input: CustomerPatch = strawberry.field(description="What to change.")


@strawberry.type(description="What became of each customer, or why none was changed.")
class UpdateCustomersPayload:
    rows: list[RowOutcome] = outcomes()
    user_errors: list[UserError] = user_errors()


@mutation(
    CanWrite,
    "Change up to 100 customers. Each row has an outcome, and each counts as a mutation in the cost. With an "
    "`idempotencyKey` the request can be repeated for 7 days: rows that were stored get their first outcome, those "
    "that had faults are tried again.",
    graphql_type=UpdateCustomersPayload,
)
async def update_customers(
    info: Info,
    inputs: Annotated[list[CustomerUpdate], strawberry.argument(description="The changes, of 1 to 100 customers.")],
    error_policy: ErrorPolicy,
    dry_run: DryRun = False,
    idempotency_key: IdempotencyKey = None,
) -> UpdateCustomersPayload | Within:
    rows = [
        Row(work=partial(_update, each), request=idempotency_key and idempotency_key.for_row(index))
        for index, each in enumerate(inputs)
    ]
    run = partial(run_customer_rows, info, rows, error_policy, payload=UpdateCustomersPayload, inside=("input",))
    return Within(rolled_back(), run) if dry_run else await run()


async def _update(each: CustomerUpdate) -> Result:
    return await customers.update(each.id, each.input.changes(), each.version)
