"""createBranch."""

from functools import partial
from typing import Annotated, Self

import strawberry

from db import models
from projection import One, Within
from resolvers import branches
from resolvers.transactions import Result, rolled_back
from rules.faults import Record
from schema.arguments import DryRun, IdempotencyKey
from schema.context import Info
from schema.errors import UserError
from schema.inputs.account import BranchInput
from schema.mutations.run import mutation, run_mutation, under, user_errors
from schema.permissions import IsAdmin
from schema.types.account import Branch


@strawberry.type(description="The new branch, or why it was not created.")
class CreateBranchPayload:
    branch: One | None = strawberry.field(
        graphql_type=Branch | None, default=None, description="The new branch; null when refused."
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(branch=branches.by_id(result.id))


@mutation(
    IsAdmin,
    (
        "Create a branch. It has no billing points: `createBillingPoint(branch:)` makes them. At the provider (PAC) "
        "the branch must be registered under the same code."
    ),
    graphql_type=CreateBranchPayload,
)
async def create_branch(
    info: Info,
    input: Annotated[BranchInput, strawberry.argument(description="The new branch.")],
    dry_run: DryRun = False,
    idempotency_key: IdempotencyKey = None,
) -> CreateBranchPayload | Within:
    create = partial(branches.create, input.record(), info.context.printable)
    places = {Record.BRANCH: under("input")}
    run = partial(run_mutation, info, idempotency_key, CreateBranchPayload, create, kind=models.Branch, places=places)
    return Within(rolled_back(), run) if dry_run else await run()
