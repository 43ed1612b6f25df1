"""createDocumentLink."""

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


@strawberry.type(description="The new public link, or why it was not created.")
class CreateDocumentLinkPayload:
    link: One | None = strawberry.field(
        graphql_type=DocumentLink | None, default=None, description="The new link; null when refused."
    )
    path: str | None = strawberry.field(
        default=None,
        description=(
            'The link, to be put behind the address of the service: "/d/" and the secret. It is shown only this once; '
            "null when refused, and in the answer to a repeated request."
        ),
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        path = document_links.path_of(result.secret) if result.secret else None
        return cls(link=document_links.by_id(result.id), path=path)


@mutation(
    CanWrite,
    (
        "Create a public link of an issued document: a page with the document, its PDF and XML, and the link to the "
        "DGI's consultation. It works for `DOCUMENT_LINK_DAYS` days, or until it is revoked. A document can have 20. "
        "An electronic document must be authorised first, as for `sendDocument`."
    ),
)
async def create_document_link(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="The document's id.")],
    idempotency_key: IdempotencyKey = None,
) -> CreateDocumentLinkPayload:
    create = partial(document_links.create, id, info.context.link_lifetime)
    return await run_mutation(info, idempotency_key, CreateDocumentLinkPayload, create, kind=models.DocumentLink)
