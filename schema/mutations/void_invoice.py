"""voidInvoice."""

from functools import partial
from typing import Annotated, Self

import strawberry

from db import models
from projection import One, Within
from resolvers import invoices, voiding
from resolvers.transactions import Result, rolled_back
from schema.arguments import DryRun, IdempotencyKey, InvoiceId, Version
from schema.context import Info
from schema.errors import InputWarning, UserError
from schema.mutations.run import mutation, run_mutation, user_errors, warnings
from schema.permissions import CanWrite
from schema.types.invoice import Invoice


@strawberry.type(description="The voided invoice, or why it was not voided.")
class VoidInvoicePayload:
    invoice: One | None = strawberry.field(
        graphql_type=Invoice | None, default=None, description="The invoice as it is now; null when refused."
    )
    warnings: list[InputWarning] = warnings()
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(invoice=invoices.by_id(result.id))


@mutation(
    CanWrite,
    (
        "Void an issued invoice for good. It keeps its number. Its notes must be void before. An electronic one that "
        "was authorised is `VOIDING` until the provider has confirmed it, which is possible for 182 hours; one that "
        "was rejected or never tried, or is blocked and certain not to be at the provider, is `WITHDRAWN` at once. "
        "While nobody knows yet what became of it, the answer is EMISSION_PENDING."
    ),
    graphql_type=VoidInvoicePayload,
)
async def void_invoice(
    info: Info,
    id: InvoiceId,
    reason: Annotated[
        str,
        strawberry.argument(
            description="The reason, which stays on the invoice. That of an electronic one has 20 to 500 characters."
        ),
    ],
    version: Version = None,
    dry_run: DryRun = False,
    idempotency_key: IdempotencyKey = None,
) -> VoidInvoicePayload | Within:
    void = partial(voiding.void_invoice, id, reason, info.context.printable, version)
    run = partial(run_mutation, info, idempotency_key, VoidInvoicePayload, void, kind=models.Document)
    return Within(rolled_back(), run) if dry_run else await run()
