"""renumberDocument."""

from functools import partial
from typing import Self

import strawberry

from db import models
from projection import One, Within
from resolvers import corrections, documents, invoices
from resolvers.transactions import Result, rolled_back
from rules.faults import Record
from schema.arguments import DocumentId, DryRun, IdempotencyKey, Version
from schema.context import Info
from schema.errors import InputWarning, UserError
from schema.mutations.run import at, mutation, run_mutation, user_errors, warnings
from schema.permissions import IsAdmin
from schema.types.document import SalesDocument
from schema.types.invoice import Invoice


@strawberry.type(description="The document with its new number, or why it has none.")
class RenumberDocumentPayload:
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
    IsAdmin,
    (
        "Give an electronic document the next number of its billing point, because another system has used its own "
        "(`NUMBER_TAKEN`), and send it. The old number stays on record; see `numberingAudit`."
    ),
    graphql_type=RenumberDocumentPayload,
)
async def renumber_document(
    info: Info,
    id: DocumentId,
    version: Version = None,
    dry_run: DryRun = False,
    idempotency_key: IdempotencyKey = None,
) -> RenumberDocumentPayload | Within:
    renumber = partial(corrections.renumber, id, version)
    run = partial(
        run_mutation,
        *(info, idempotency_key, RenumberDocumentPayload, renumber),
        kind=models.Document,
        places={Record.INVOICE: at("id")},
    )
    return Within(rolled_back(), run) if dry_run else await run()
