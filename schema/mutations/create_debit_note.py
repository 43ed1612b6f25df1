"""createDebitNote."""

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
from schema.inputs.note import DebitNoteInput
from schema.mutations.run import Places, at, mutation, run_mutation, under, user_errors, warnings
from schema.permissions import CanWrite
from schema.types.note import DebitNote

_PLACES: Places = {
    Record.NOTE: under("input"),
    Record.INVOICE: under("input"),
    Record.REFERENCES: under("input"),
    Record.ACCOUNT: at("input"),
}


@strawberry.type(description="The debit note, or why it was not issued.")
class CreateDebitNotePayload:
    debit_note: One | None = strawberry.field(
        graphql_type=DebitNote | None, default=None, description="The debit note; null when refused."
    )
    warnings: list[InputWarning] = warnings()
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(debit_note=notes.by_id(result.id))


@mutation(
    CanWrite,
    (
        "Issue a debit note for an invoice: for more of its lines, for charges that it doesn't have, or both. It is "
        "electronic exactly if the invoice is, which must be authorised then and at most 180 days old. All debit notes "
        "of an invoice together can't be above its total. `dryRun` is the preview, as for `createCreditNote`."
    ),
    graphql_type=CreateDebitNotePayload,
)
async def create_debit_note(
    info: Info,
    input: Annotated[DebitNoteInput, strawberry.argument(description="The new debit note.")],
    dry_run: DryRun = False,
    notify: Notify = True,
    idempotency_key: IdempotencyKey = None,
    wait_ms: WaitMs = 0,
) -> CreateDebitNotePayload | Within:
    create = partial(notes.create, input.command(dry_run=dry_run, notify=notify), info.context.printable)
    run = partial(
        run_mutation,
        info,
        idempotency_key,
        CreateDebitNotePayload,
        create,
        kind=models.Document,
        places=_PLACES,
        wait_ms=wait_ms,
        is_dry=dry_run,
    )
    return Within(rolled_back(), run) if dry_run else await run()
