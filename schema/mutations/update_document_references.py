"""updateDocumentReferences."""

from typing import Annotated, Self

import strawberry

from db import models
from projection import One
from resolvers import documents, references
from resolvers.transactions import Result
from rules.faults import Record
from schema.arguments import DocumentId, IdempotencyKey, Version
from schema.context import Info
from schema.errors import UserError
from schema.inputs.references import ReferencesPatch
from schema.mutations.run import mutation, run_mutation, under, user_errors
from schema.permissions import CanWrite
from schema.types.document import SalesDocument


@strawberry.type(description="The document, or why it was not changed.")
class UpdateDocumentReferencesPayload:
    document: One | None = strawberry.field(
        graphql_type=SalesDocument | None, default=None, description="The document as it is now; null when refused."
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(document=documents.by_id(result.id))


@mutation(
    CanWrite,
    (
        "Set what other systems keep with a document: their id of it, tags and metadata. An issued document may have "
        "them set, too: nothing that is printed changes."
    ),
)
async def update_document_references(
    info: Info,
    id: DocumentId,
    input: Annotated[ReferencesPatch, strawberry.argument(description="What to change.")],
    version: Version = None,
    idempotency_key: IdempotencyKey = None,
) -> UpdateDocumentReferencesPayload:
    async def update() -> Result:
        return await references.update(id, input.changes(), version)

    places = {Record.REFERENCES: under("input")}
    return await run_mutation(
        info, idempotency_key, UpdateDocumentReferencesPayload, update, kind=models.Document, places=places
    )
