"""mergeCustomers."""

from dataclasses import replace
from functools import partial
from typing import Annotated, Self

import strawberry

from db import models
from projection import ByIds, Within
from resolvers import customers
from resolvers.customer_merging import MergeCustomers, Merged, merge
from resolvers.transactions import Result, rolled_back
from rules.faults import Record
from schema.arguments import DryRun, IdempotencyKey, Version
from schema.context import Info
from schema.errors import InputWarning, UserError
from schema.inputs.customer_merge import MergeChoice
from schema.mutations.run import at, mutation, run_mutation, user_errors, warnings
from schema.permissions import CanWrite
from schema.types.customer import Customer
from schema.types.customer_merge import MergedField


@strawberry.type(description="The customer that stays, or why nothing was merged.")
class MergeCustomersPayload:
    customer: ByIds | None = strawberry.field(
        graphql_type=Customer | None,
        default=None,
        description="The customer that stays, as it is now or, in a dry run, would be; null when refused.",
    )
    fields: list[MergedField] = strawberry.field(
        default_factory=list,
        description="What becomes of each field, in dry runs too. A repeated request has none.",
    )
    document_count: int = strawberry.field(
        default=0, description="How many documents went to it, drafts included; 0 for a repeated request."
    )
    merge_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description=(
            "The ids of the merges for `undoMerge`, one for each in the order of `from`; `customerMerges` "
            "has them, too. None in a dry run, or of a repeated request."
        ),
    )
    warnings: list[InputWarning] = warnings()
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        payload = cls(customer=customers.by_id(result.id))
        if isinstance(result, Merged):
            payload.fields = [MergedField.of(field) for field in result.fields]
            payload.document_count = result.moved
            payload.merge_ids = [strawberry.ID(str(id)) for id in result.merge_ids]
        return payload


@mutation(
    CanWrite,
    (
        "Merge customers into another one. Their documents become the survivor's; issued ones keep the receiver "
        "that they were issued to. Their ids lead to the survivor wherever an id of a customer is taken. The survivor "
        "keeps its fields; what it lacks comes from the others in their order, unless `choices` says otherwise; "
        "lists are put together. It can be undone for 30 days, see `customerMerges`. Documents, 10,000 at most, get a "
        "new `version`."
    ),
    graphql_type=MergeCustomersPayload,
)
async def merge_customers(
    info: Info,
    from_: Annotated[
        list[strawberry.ID], strawberry.argument(name="from", description="The customers that are merged, 1 to 20.")
    ],
    into: Annotated[strawberry.ID, strawberry.argument(description="The customer that stays.")],
    choices: Annotated[
        list[MergeChoice] | None, strawberry.argument(description="Where fields come from, if not as usual.")
    ] = None,
    version: Version = None,
    dry_run: DryRun = False,
    idempotency_key: IdempotencyKey = None,
) -> MergeCustomersPayload | Within:
    command = MergeCustomers(
        from_ids=from_,
        into_id=into,
        choices=[(choice.field, choice.customer_id) for choice in choices or ()],
        version=version,
    )
    places = {Record.CUSTOMER: at("into")}
    merging = partial(_rehearse, command) if dry_run else partial(merge, command)
    run = partial(
        run_mutation, info, idempotency_key, MergeCustomersPayload, merging, kind=models.Customer, places=places
    )
    return Within(rolled_back(), run) if dry_run else await run()


async def _rehearse(command: MergeCustomers) -> Merged:
    return replace(await merge(command), merge_ids=())
