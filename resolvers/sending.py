"""Sending issued documents by mail, to any address."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from resolvers.invoices import NO_SUCH_INVOICE
from resolvers.outbox import SentInvoice, announce
from resolvers.scope import fetch_or_refuse, my_invoices
from resolvers.transactions import atomically
from rules.faults import Code, Fault, Refusal, Text
from rules.sending import check_letter
from rules.vocabulary import EventType, InvoiceStatus


async def send(id: str, to: Sequence[str], message: str | None) -> UUID:
    """Announce that the invoice is sent, from which its mails follow; raises ``Refusal``."""
    letter = check_letter(to, message)

    async def action() -> UUID:
        row = await fetch_or_refuse(my_invoices().select_for_update(no_key=True), id, NO_SUCH_INVOICE)
        if row.status is InvoiceStatus.DRAFT:
            raise Refusal(_NOT_A_DRAFT)
        await announce((EventType.INVOICE_SENT, SentInvoice(row, letter)))
        return row.id

    return await atomically(action)


_NOT_A_DRAFT: Final = Fault(
    ("id",),
    Code.NOT_ALLOWED,
    Text("Un borrador no se puede enviar; emítelo primero.", "A draft can't be sent; issue it first."),
)
