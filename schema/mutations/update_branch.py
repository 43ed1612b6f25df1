"""updateBranch."""

from functools import partial
from typing import Annotated, Self
from uuid import UUID

import strawberry

from db import models
from projection import One, Within
from resolvers import branches
from resolvers.transactions import Result, rolled_back
from rules.faults import Record
from schema.arguments import DryRun, IdempotencyKey, Version
from schema.context import Info
from schema.errors import UserError
from schema.inputs.account import BranchPatch
from schema.mutations.run import mutation, run_mutation, under, user_errors
from schema.permissions import IsAdmin
from schema.types.account import Branch


@strawberry.type(description="The changed branch, or why it was not changed.")
class UpdateBranchPayload:
    branch: One | None = strawberry.field(
        graphql_type=Branch | None, default=None, description="The branch as it is now; null when refused."
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(branch=branches.by_id(result.id))


@mutation(
    IsAdmin,
    "Change a branch. Invoices that are issued already stay as they are.",
    graphql_type=UpdateBranchPayload,
)
async def update_branch(
    info: Info,
    code: Annotated[str, strawberry.argument(description='Its code, such as "0000".')],
    input: Annotated[BranchPatch, strawberry.argument(description="What to change.")],
    version: Version = None,
    dry_run: DryRun = False,
    idempotency_key: IdempotencyKey = None,
) -> UpdateBranchPayload | Within:
    async def update() -> UUID:
        return await branches.update(code, input.changes(), info.context.printable, version)

    places = {Record.BRANCH: under("input")}
    run = partial(run_mutation, info, idempotency_key, UpdateBranchPayload, update, kind=models.Branch, places=places)
    return Within(rolled_back(), run) if dry_run else await run()
