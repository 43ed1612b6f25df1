"""issueInvoice."""

from functools import partial
from typing import Self

import strawberry

from db import models
from projection import One
from resolvers import invoices
from resolvers.transactions import Result
from rules.faults import Record
from schema.arguments import IdempotencyKey, InvoiceId, Notify, Version, WaitMs
from schema.context import Info
from schema.errors import InputWarning, UserError
from schema.mutations.run import at, mutation, run_mutation, user_errors, warnings
from schema.permissions import CanWrite
from schema.types.invoice import Invoice


@strawberry.type(description="The issued invoice, or why it was not issued.")
class IssueInvoicePayload:
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
        "Issue a draft: it gets its number and, if its day of issue was left out, today's date, and keeps customer and"
        " account as they are now. An invoice that is issued already is returned as it is."
    ),
)
async def issue_invoice(
    info: Info,
    id: InvoiceId,
    version: Version = None,
    notify: Notify = True,
    idempotency_key: IdempotencyKey = None,
    wait_ms: WaitMs = 0,
) -> IssueInvoicePayload:
    context = info.context
    issue = partial(
        invoices.issue, id, context.printable, version, backdating_days=context.backdating_days, notify=notify
    )
    places = dict.fromkeys((Record.INVOICE, Record.INVOICE_CUSTOMER, Record.ACCOUNT), at("id"))
    return await run_mutation(
        info, idempotency_key, IssueInvoicePayload, issue, kind=models.Document, places=places, wait_ms=wait_ms
    )
