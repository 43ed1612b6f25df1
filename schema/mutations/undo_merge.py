"""undoMerge."""

from functools import partial
from typing import Annotated, Self

import strawberry

from db import models
from projection import ByIds, Within
from resolvers import customer_separating, customers
from resolvers.transactions import Result, rolled_back
from rules.faults import Record
from schema.arguments import DryRun, IdempotencyKey
from schema.context import Info
from schema.errors import UserError
from schema.mutations.run import at, mutation, run_mutation, user_errors
from schema.permissions import CanWrite
from schema.types.customer import Customer


@strawberry.type(description="The customer that stands on its own again, or why it doesn't.")
class UndoMergePayload:
    customer: ByIds | None = strawberry.field(
        graphql_type=Customer | None,
        default=None,
        description="The customer that had been merged, as it is now; null when refused.",
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(customer=customers.by_id(result.id))


@mutation(
    CanWrite,
    (
        "Undo the merge of a customer: it stands on its own again, with the documents that it had. The survivor gets "
        "back what it had in the fields that it took from this customer, unless they were changed since. "
        "Drafts that were issued since, and documents made for the survivor, stay with the survivor."
    ),
    graphql_type=UndoMergePayload,
)
async def undo_merge(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="Id of the merge, from `customerMerges`.")],
    dry_run: DryRun = False,
    idempotency_key: IdempotencyKey = None,
) -> UndoMergePayload | Within:
    undo = partial(customer_separating.undo, id)
    places = {Record.CUSTOMER: at("id")}
    run = partial(run_mutation, info, idempotency_key, UndoMergePayload, undo, kind=models.Customer, places=places)
    return Within(rolled_back(), run) if dry_run else await run()
