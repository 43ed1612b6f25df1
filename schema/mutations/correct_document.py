"""correctDocument."""

from functools import partial
from typing import Annotated, Self

import strawberry

from db import models
from projection import One, Within
from resolvers import corrections, documents, invoices
from resolvers.transactions import Result, rolled_back
from rules.faults import Record
from schema.arguments import DocumentId, DryRun, IdempotencyKey, Version
from schema.context import Info
from schema.errors import InputWarning, UserError
from schema.inputs.invoice import InvoiceCorrection
from schema.mutations.run import Places, at, mutation, run_mutation, under, user_errors, warnings
from schema.permissions import CanWrite
from schema.types.document import SalesDocument
from schema.types.invoice import Invoice

_PLACES: Places = {
    Record.INVOICE: under("input"),
    Record.INVOICE_CUSTOMER: at("input", "customerId"),
}


@strawberry.type(description="The corrected document, which is queued again, or why it was not corrected.")
class CorrectDocumentPayload:
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
        "Correct an electronic document that was rejected, and send it again under the same number and with the same "
        "instant of emission. The receiver of an invoice becomes the customer as it is now. A payment in one form and "
        "at one time follows the new total. It must have all that a new invoice must have, and not be older than 30 "
        "days. Of a note only `notes` can be given: for all else, void it and issue another one."
    ),
    graphql_type=CorrectDocumentPayload,
)
async def correct_document(
    info: Info,
    id: DocumentId,
    input: Annotated[
        InvoiceCorrection | None,
        strawberry.argument(description="What to change besides the receiver; by default nothing."),
    ] = None,
    version: Version = None,
    dry_run: DryRun = False,
    idempotency_key: IdempotencyKey = None,
) -> CorrectDocumentPayload | Within:
    async def correct() -> Result:
        changes = input.changes() if input else {}
        return await corrections.correct(id, changes, changes.pop("customer_id", None), info.context.printable, version)

    run = partial(
        run_mutation, info, idempotency_key, CorrectDocumentPayload, correct, kind=models.Document, places=_PLACES
    )
    return Within(rolled_back(), run) if dry_run else await run()
