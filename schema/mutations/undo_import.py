"""undoImport."""

from functools import partial
from typing import Self

import strawberry

from db import models
from projection import One
from resolvers import imports
from resolvers.transactions import Result
from schema.arguments import IdempotencyKey, ImportId
from schema.context import Info
from schema.errors import UserError
from schema.mutations.run import mutation, run_mutation, user_errors
from schema.permissions import CanWrite
from schema.types.imports import Import


@strawberry.type(description="The import that is being undone, or why it is not.")
class UndoImportPayload:
    import_: One | None = strawberry.field(
        name="import", graphql_type=Import | None, default=None, description="The import; null when refused."
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(import_=imports.by_id(result.id))


@mutation(
    CanWrite,
    "Delete the customers that an import created, in the background. Those that a document names, or that were changed "
    "since, stay; so do changes of customers that existed before.",
)
async def undo_import(info: Info, import_id: ImportId, idempotency_key: IdempotencyKey = None) -> UndoImportPayload:
    undo = partial(imports.undo, import_id)
    return await run_mutation(info, idempotency_key, UndoImportPayload, undo, kind=models.Import)
