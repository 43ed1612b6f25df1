"""importCustomers."""

from functools import partial
from typing import Annotated, Self

import strawberry

from db import models
from projection import One
from resolvers import imports
from resolvers.transactions import Result
from rules import vocabulary
from rules.vocabulary import CustomerColumn, ErrorPolicy
from schema.arguments import IdempotencyKey, ImportId, OnDuplicate
from schema.context import Info
from schema.errors import UserError
from schema.mutations.run import mutation, run_mutation, user_errors
from schema.permissions import CanWrite
from schema.types.imports import Import


@strawberry.type(description="The import that was begun, or why it was not.")
class ImportCustomersPayload:
    import_: One | None = strawberry.field(
        name="import", graphql_type=Import | None, default=None, description="The import; null when refused."
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(import_=imports.by_id(result.id))


@mutation(
    CanWrite,
    "Let the customers of an uploaded file be stored, in the background: `importChanged` tells how far that is, and "
    "`importRows` what became of each row. `dryRun` only checks all rows; after that it can be called again.",
)
async def import_customers(
    info: Info,
    import_id: ImportId,
    columns: Annotated[
        list[CustomerColumn | None] | None,
        strawberry.argument(
            description=(
                "What each column of the file has, in their order, null for one to be left out; by default as guessed."
            )
        ),
    ] = None,
    error_policy: Annotated[
        ErrorPolicy, strawberry.argument(description="What becomes of the good rows where others have faults.")
    ] = ErrorPolicy.KEEP_GOOD,
    on_duplicate: OnDuplicate = vocabulary.OnDuplicate.USE_EXISTING,
    dry_run: Annotated[bool, strawberry.argument(description="Whether to check all rows and store nothing.")] = False,
    idempotency_key: IdempotencyKey = None,
) -> ImportCustomersPayload:
    start = partial(imports.start, import_id, columns, error_policy, on_duplicate, checks_only=dry_run)
    return await run_mutation(info, idempotency_key, ImportCustomersPayload, start, kind=models.Import)
