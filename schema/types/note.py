"""Credit notes and debit notes."""

import strawberry

import projection
from db import models
from projection import column, summary
from schema.types.document import SalesDocument
from schema.types.invoice import TOTALS, Invoice, InvoiceTotals
from schema.types.node import Connection

_REASON = "Why it was issued."


@projection.table(models.Document, when="{row}.type = 'CREDIT_NOTE'")
@strawberry.type(
    description=(
        "Nota de crédito: it takes back an invoice, or a part of it. Its receiver is the invoice's. It is electronic "
        "exactly if its invoice is."
    )
)
class CreditNote(SalesDocument):
    invoice: Invoice = strawberry.field(description="The invoice that it credits.")
    reason: str = column("note_reason", description=_REASON)


@projection.table(models.Document, when="{row}.type = 'DEBIT_NOTE'")
@strawberry.type(
    description=(
        "Nota de débito: it adds something to an invoice, such as interest. Its receiver is the invoice's. It is "
        "electronic exactly if its invoice is."
    )
)
class DebitNote(SalesDocument):
    invoice: Invoice = strawberry.field(description="The invoice to which it adds.")
    reason: str = column("note_reason", description=_REASON)


_TOTALS = "The sums of all notes of the list, not only of the page, by currency and status."


@strawberry.type(description="A page of credit notes.")
class CreditNoteConnection(Connection[CreditNote]):
    totals: list[InvoiceTotals] = summary(TOTALS, description=_TOTALS)


@strawberry.type(description="A page of debit notes.")
class DebitNoteConnection(Connection[DebitNote]):
    totals: list[InvoiceTotals] = summary(TOTALS, description=_TOTALS)
