"""voidNote."""

from functools import partial
from typing import Annotated, Self

import strawberry

from db import models
from projection import One, Within
from resolvers import notes, voiding
from resolvers.transactions import Result, rolled_back
from schema.arguments import DryRun, IdempotencyKey, NoteId, Version
from schema.context import Info
from schema.errors import InputWarning, UserError
from schema.mutations.run import mutation, run_mutation, user_errors, warnings
from schema.permissions import CanWrite
from schema.types.document import SalesDocument


@strawberry.type(description="The voided note, or why it was not voided.")
class VoidNotePayload:
    note: One | None = strawberry.field(
        graphql_type=SalesDocument | None, default=None, description="The note as it is now; null when refused."
    )
    warnings: list[InputWarning] = warnings()
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(note=notes.by_id(result.id))


@mutation(
    CanWrite,
    (
        "Void an issued credit or debit note for good. It keeps its number, and what it credited can be credited "
        "again. An electronic one that was authorised is `VOIDING` "
        "until the provider has confirmed it, which is possible for 182 hours; one that was rejected or never tried, "
        "or is blocked and certain not to be at the provider, is `WITHDRAWN` at once. While nobody knows yet what "
        "became of it, the answer is EMISSION_PENDING."
    ),
    graphql_type=VoidNotePayload,
)
async def void_note(
    info: Info,
    id: NoteId,
    reason: Annotated[
        str,
        strawberry.argument(
            description="The reason, which stays on the note. That of an electronic one has 20 to 500 characters."
        ),
    ],
    version: Version = None,
    dry_run: DryRun = False,
    idempotency_key: IdempotencyKey = None,
) -> VoidNotePayload | Within:
    void = partial(voiding.void_note, id, reason, info.context.printable, version)
    run = partial(run_mutation, info, idempotency_key, VoidNotePayload, void, kind=models.Document)
    return Within(rolled_back(), run) if dry_run else await run()
