"""sendDocument."""

from functools import partial
from typing import Annotated, Self

import strawberry

from db import models
from projection import One
from resolvers import documents, invoices, sending
from resolvers.transactions import Result
from schema.arguments import DocumentId, IdempotencyKey
from schema.context import Info
from schema.errors import UserError
from schema.mutations.run import mutation, run_mutation, user_errors
from schema.permissions import CanWrite
from schema.types.document import SalesDocument
from schema.types.invoice import Invoice


@strawberry.type(description="The document that is being sent, or why it is not sent.")
class SendDocumentPayload:
    document: One | None = strawberry.field(
        graphql_type=SalesDocument | None,
        default=None,
        description="The document as it is now; null when refused. Its `deliveries` show the mails a moment later.",
    )
    invoice: One | None = strawberry.field(
        graphql_type=Invoice | None, default=None, description="The same if it is an invoice; null for a note."
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(document=documents.by_id(result.id), invoice=invoices.by_id(result.id))


@mutation(
    CanWrite,
    (
        "Send an issued document by mail, as PDF, to any addresses, as often as needed. Replies go to the account's "
        "e-mail address. Each address gets a mail of its own."
    ),
)
async def send_document(
    info: Info,
    id: DocumentId,
    to: Annotated[list[str], strawberry.argument(description="1 to 20 e-mail addresses.")],
    message: Annotated[
        str | None,
        strawberry.argument(description="What the mail says above the document: plain text, up to 2000 characters."),
    ] = None,
    idempotency_key: IdempotencyKey = None,
) -> SendDocumentPayload:
    send = partial(sending.send, id, to, message)
    return await run_mutation(info, idempotency_key, SendDocumentPayload, send, kind=models.Document)
