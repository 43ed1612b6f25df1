"""retryEmission."""

from functools import partial
from typing import Self

import strawberry

from db import models
from projection import One, Within
from resolvers import corrections, documents, invoices
from resolvers.transactions import Result, rolled_back
from schema.arguments import DocumentId, DryRun, IdempotencyKey, Version
from schema.context import Info
from schema.errors import InputWarning, UserError
from schema.mutations.run import mutation, run_mutation, user_errors, warnings
from schema.permissions import CanWrite
from schema.types.document import SalesDocument
from schema.types.invoice import Invoice


@strawberry.type(description="The document that is tried again, or why it isn't.")
class RetryEmissionPayload:
    document: One | None = strawberry.field(
        graphql_type=SalesDocument | None, default=None, description="The document as it is now; null when refused."
    )
    invoice: One | None = strawberry.field(
        graphql_type=Invoice | None, default=None, description="The same if it is an invoice; null for a note."
    )
    warnings: list[InputWarning] = warnings()
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(document=documents.by_id(result.id), invoice=invoices.by_id(result.id))


@mutation(
    CanWrite,
    (
        "Go on with an electronic document that is blocked, after what blocked it was put right. It is looked for at "
        "the provider first, and sent only if it isn't there."
    ),
    graphql_type=RetryEmissionPayload,
)
async def retry_emission(
    info: Info,
    id: DocumentId,
    version: Version = None,
    dry_run: DryRun = False,
    idempotency_key: IdempotencyKey = None,
) -> RetryEmissionPayload | Within:
    retry = partial(corrections.retry, id, version)
    run = partial(run_mutation, info, idempotency_key, RetryEmissionPayload, retry, kind=models.Document)
    return Within(rolled_back(), run) if dry_run else await run()
