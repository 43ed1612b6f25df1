"""updateInvoice."""

from typing import Annotated, Self

import strawberry

from db import models
from projection import One
from resolvers import invoices
from resolvers.transactions import Result
from rules.faults import Record
from schema.arguments import IdempotencyKey, InvoiceId, Version
from schema.context import Info
from schema.errors import InputWarning, UserError
from schema.inputs.invoice import InvoicePatch
from schema.mutations.run import at, mutation, run_mutation, under, user_errors, warnings
from schema.permissions import CanWrite
from schema.types.invoice import Invoice


@strawberry.type(description="The changed draft, or why it was not changed.")
class UpdateInvoicePayload:
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
    ("Change a draft. If `version` is given and the draft has been changed since, the request is refused as CONFLICT."),
)
async def update_invoice(
    info: Info,
    id: InvoiceId,
    input: Annotated[InvoicePatch, strawberry.argument(description="What to change.")],
    version: Version = None,
    idempotency_key: IdempotencyKey = None,
) -> UpdateInvoicePayload:
    async def update() -> Result:
        changes = input.changes()
        return await invoices.update(id, changes, changes.pop("customer_id", None), version)

    places = {Record.INVOICE: under("input"), Record.INVOICE_CUSTOMER: at("input", "customerId")}
    return await run_mutation(info, idempotency_key, UpdateInvoicePayload, update, kind=models.Document, places=places)
