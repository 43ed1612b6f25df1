"""revokeDocumentLink."""

from functools import partial
from typing import Annotated, Self

import strawberry

from db import models
from projection import One
from resolvers import document_links
from resolvers.transactions import Result
from schema.arguments import IdempotencyKey
from schema.context import Info
from schema.errors import UserError
from schema.mutations.run import mutation, run_mutation, user_errors
from schema.permissions import CanWrite
from schema.types.document_link import DocumentLink


@strawberry.type(description="The revoked public link, or why it was not revoked.")
class RevokeDocumentLinkPayload:
    link: One | None = strawberry.field(
        graphql_type=DocumentLink | None, default=None, description="The link as it is now; null when refused."
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(link=document_links.by_id(result.id))


@mutation(CanWrite, "Revoke a public link of a document for good. From then on it leads nowhere.")
async def revoke_document_link(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="The link's id.")],
    idempotency_key: IdempotencyKey = None,
) -> RevokeDocumentLinkPayload:
    revoke = partial(document_links.revoke, id)
    return await run_mutation(info, idempotency_key, RevokeDocumentLinkPayload, revoke, kind=models.DocumentLink)
