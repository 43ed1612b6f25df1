"""deleteDraft."""

from functools import partial
from typing import Self
from uuid import UUID

import strawberry

from resolvers import invoices
from schema.arguments import InvoiceId
from schema.context import Info
from schema.errors import UserError
from schema.mutations.run import mutation, run_mutation, user_errors
from schema.permissions import CanWrite


@strawberry.type(description="The deleted draft's id, or why it was not deleted.")
class DeleteDraftPayload:
    deleted_id: strawberry.ID | None = strawberry.field(default=None, description="The draft's id; null when refused.")
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, id: UUID) -> Self:
        return cls(deleted_id=strawberry.ID(str(id)))


@mutation(CanWrite, "Delete a draft. Issued invoices are voided instead.")
async def delete_draft(info: Info, id: InvoiceId) -> DeleteDraftPayload:
    delete = partial(invoices.delete_draft, id)
    return await run_mutation(info, DeleteDraftPayload, delete, DeleteDraftPayload.of)
