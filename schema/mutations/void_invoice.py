"""voidInvoice."""

from functools import partial
from typing import Annotated, Self

import strawberry

from db import models
from projection import One
from resolvers import invoices
from resolvers.transactions import Result
from schema.arguments import IdempotencyKey, InvoiceId, Version
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


@mutation(CanWrite, "Void an issued invoice for good. It keeps its number.")
async def void_invoice(
    info: Info,
    id: InvoiceId,
    reason: Annotated[str, strawberry.argument(description="The reason, which stays on the invoice.")],
    version: Version = None,
    idempotency_key: IdempotencyKey = None,
) -> VoidInvoicePayload:
    void = partial(invoices.void, id, reason, info.context.printable, version)
    return await run_mutation(info, idempotency_key, VoidInvoicePayload, void, kind=models.Document)
