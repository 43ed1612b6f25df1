"""Public links of documents."""

from datetime import datetime
from typing import Final

import strawberry

import projection
from db import models

# As many as a document may have, and one more for each mail that may have one.
LINKS: Final = """
    SELECT l.* FROM document_link l
    WHERE l.account_id = {tenant} AND l.document_id = {row}.id AND l.revoked_at IS NULL AND l.expires_at > now()
    ORDER BY l.id DESC LIMIT 100
"""


@projection.table(models.DocumentLink)
@strawberry.type(
    description=(
        "A public link of a document. Whoever has it sees the document, its PDF and its XML without a key, and nothing "
        "else of the account. The secret in it is not stored."
    )
)
class DocumentLink:
    id: strawberry.ID = strawberry.field(description="The link's id, which is not its secret.")
    created_at: datetime = strawberry.field(description="When it was created.")
    expires_at: datetime = strawberry.field(description="Until when it works.")
    mailed: bool = strawberry.field(description="Whether it was made for a mail with the document.")
    revoked_at: datetime | None = strawberry.field(description="When it was revoked; null while it is valid.")
