"""createCreditNote."""

from functools import partial
from typing import Annotated, Self

import strawberry

from db import models
from projection import One, Within
from resolvers import notes
from resolvers.transactions import Result, rolled_back
from rules.faults import Record
from schema.arguments import DryRun, IdempotencyKey, Notify, WaitMs
from schema.context import Info
from schema.errors import InputWarning, UserError
from schema.inputs.note import CreditNoteInput
from schema.mutations.run import Places, at, mutation, run_mutation, under, user_errors, warnings
from schema.permissions import CanWrite
from schema.types.note import CreditNote

_PLACES: Places = {
    Record.NOTE: under("input"),
    Record.INVOICE: under("input"),
    Record.REFERENCES: under("input"),
    Record.ACCOUNT: at("input"),
}


@strawberry.type(description="The credit note, or why it was not issued.")
class CreateCreditNotePayload:
    credit_note: One | None = strawberry.field(
        graphql_type=CreditNote | None, default=None, description="The credit note; null when refused."
    )
    warnings: list[InputWarning] = warnings()
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(credit_note=notes.by_id(result.id))


@mutation(
    CanWrite,
    (
        "Issue a credit note for an invoice: for all that is left of it, or for parts of its lines. It is electronic "
        "exactly if the invoice is, which must be authorised then and at most 180 days old. More than is left is "
        "CREDIT_EXCEEDED. `dryRun` is the preview: it takes no number and answers as if the note were a draft."
    ),
    graphql_type=CreateCreditNotePayload,
)
async def create_credit_note(
    info: Info,
    input: Annotated[CreditNoteInput, strawberry.argument(description="The new credit note.")],
    dry_run: DryRun = False,
    notify: Notify = True,
    idempotency_key: IdempotencyKey = None,
    wait_ms: WaitMs = 0,
) -> CreateCreditNotePayload | Within:
    create = partial(notes.create, input.command(dry_run=dry_run, notify=notify), info.context.printable)
    run = partial(
        run_mutation,
        info,
        idempotency_key,
        CreateCreditNotePayload,
        create,
        kind=models.Document,
        places=_PLACES,
        wait_ms=wait_ms,
        is_dry=dry_run,
    )
    return Within(rolled_back(), run) if dry_run else await run()
