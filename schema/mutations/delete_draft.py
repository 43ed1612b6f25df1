"""deleteDraft."""

from functools import partial
from typing import Self

import strawberry

from resolvers import invoices
from resolvers.transactions import Result
from schema.arguments import IdempotencyKey, InvoiceId, Version
from schema.context import Info
from schema.errors import UserError
from schema.mutations.run import mutation, run_mutation, user_errors
from schema.permissions import CanWrite


@strawberry.type(description="The deleted draft's id, or why it was not deleted.")
class DeleteDraftPayload:
    deleted_id: strawberry.ID | None = strawberry.field(default=None, description="The draft's id; null when refused.")
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(deleted_id=strawberry.ID(str(result.id)))


@mutation(CanWrite, "Delete a draft. Issued invoices are voided instead.")
async def delete_draft(
    info: Info, id: InvoiceId, version: Version = None, idempotency_key: IdempotencyKey = None
) -> DeleteDraftPayload:
    delete = partial(invoices.delete_draft, id, version)
    return await run_mutation(info, idempotency_key, DeleteDraftPayload, delete, kind=None)
