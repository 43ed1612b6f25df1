"""Sending issued documents by mail, to any address."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from db import models
from resolvers.outbox import SentInvoice, announce
from resolvers.scope import fetch_or_refuse, mine, my_documents
from resolvers.transactions import atomically
from rules.faults import Code, Fault, Refusal, Text
from rules.sending import check_letter
from rules.vocabulary import EventType, FiscalStatus, InvoiceStatus


async def send(id: str, to: Sequence[str], message: str | None) -> UUID:
    """Announce that the document is sent, from which its mails follow; raises ``Refusal``."""
    letter = check_letter(to, message)

    async def action() -> UUID:
        row = await fetch_or_refuse(my_documents().select_for_update(no_key=True), id, _NO_SUCH_DOCUMENT)
        await check_can_be_sent(row)
        await announce((EventType.of_document(row.type, "SENT"), SentInvoice(row, letter)))
        return row.id

    return await atomically(action)


async def check_can_be_sent(row: models.Document) -> None:
    """Raises ``Refusal`` unless others may get the document: it is issued and, if it is electronic, authorised."""
    if row.status is InvoiceStatus.DRAFT:
        raise Refusal(_NOT_A_DRAFT)
    if row.electronic:
        emission = await mine(models.Emission, document_id=row.id).get()
        if emission.status not in _SENT:
            raise Refusal(_NEVER if emission.status in _UNAUTHORIZED else _NOT_YET)


_SENT: Final = (FiscalStatus.AUTHORIZED, FiscalStatus.VOIDING, FiscalStatus.VOIDED)
_UNAUTHORIZED: Final = (FiscalStatus.REJECTED, FiscalStatus.WITHDRAWN)

_NO_SUCH_DOCUMENT: Final = Text("No existe este documento.", "There is no such document.")
_NOT_YET: Final = Fault(
    ("id",),
    Code.EMISSION_PENDING,
    Text(
        "La DGI aún no autoriza este documento. Envíalo cuando esté autorizado.",
        "The DGI hasn't authorised this document yet. Send it when it is authorised.",
    ),
)
_NEVER: Final = Fault(
    ("id",),
    Code.NOT_ALLOWED,
    Text("La DGI no autorizó este documento, así que no se envía.", "The DGI has not authorised this document."),
)
_NOT_A_DRAFT: Final = Fault(
    ("id",),
    Code.NOT_ALLOWED,
    Text("Un borrador no se puede enviar; emítelo primero.", "A draft can't be sent; issue it first."),
)
