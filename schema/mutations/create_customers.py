"""createCustomers."""

from functools import partial
from typing import Annotated, Final

import strawberry

from projection import Within
from resolvers import customers
from resolvers.bulk import Row
from resolvers.customer_preparation import NewCustomer
from resolvers.transactions import Result, rolled_back
from rules import vocabulary
from rules.customer_check import clean_customer
from rules.faults import Code, Fault, Record, Refusal, Text
from schema.arguments import DryRun, IdempotencyKey, OnDuplicate
from schema.context import Info
from schema.errors import UserError
from schema.inputs.customer import CustomerInput
from schema.mutations.run import mutation, user_errors
from schema.mutations.run_rows import ErrorPolicy, outcomes, run_customer_rows
from schema.permissions import CanWrite
from schema.types.row_outcome import RowOutcome


@strawberry.type(description="What became of each customer, or why none was created.")
class CreateCustomersPayload:
    rows: list[RowOutcome] = outcomes()
    user_errors: list[UserError] = user_errors()


@mutation(
    CanWrite,
    "Create up to 100 customers. Each row has an outcome, and each counts as a mutation in the cost. With an "
    "`idempotencyKey` the request can be repeated for 7 days: rows that were stored get their first outcome, those "
    "that had faults are tried again. The registry isn't asked meanwhile; customers are verified afterwards.",
    graphql_type=CreateCustomersPayload,
)
async def create_customers(
    info: Info,
    inputs: Annotated[list[CustomerInput], strawberry.argument(description="The new customers, 1 to 100.")],
    error_policy: ErrorPolicy,
    on_duplicate: OnDuplicate = vocabulary.OnDuplicate.FAIL,
    dry_run: DryRun = False,
    idempotency_key: IdempotencyKey = None,
) -> CreateCustomersPayload | Within:
    rows = [
        Row(work=partial(_create, input, on_duplicate), request=idempotency_key and idempotency_key.for_row(index))
        for index, input in enumerate(inputs)
    ]
    run = partial(run_customer_rows, info, rows, error_policy, payload=CreateCustomersPayload)
    # What a dry run stores is gone once its transaction ends, so the answer is read within it.
    return Within(rolled_back(), run) if dry_run else await run()


async def _create(input: CustomerInput, on_duplicate: vocabulary.OnDuplicate) -> Result:
    if input.complete_from_registry:
        raise Refusal(_NOT_HERE)
    return await customers.create(NewCustomer(clean=clean_customer(input.draft()), on_duplicate=on_duplicate))


_NOT_HERE: Final = Fault(
    ("completeFromRegistry",),
    Code.NOT_ALLOWED,
    Text(
        "Para varios clientes a la vez no se consulta el registro; se verifican después.",
        "The registry isn't asked for several customers at once; they are verified afterwards.",
    ),
    record=Record.CUSTOMER,
)
