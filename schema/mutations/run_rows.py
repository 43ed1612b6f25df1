"""How a mutation of several rows runs and answers."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Final, Protocol, TypeVar

import strawberry

from db import models
from projection import Batch
from resolvers import registry
from resolvers.bulk import Done, Row, run_rows
from resolvers.scope import mine
from rules import vocabulary
from rules.faults import Code, Fault, InputWarning, Record, Refusal, Text
from schema.context import Context, Info
from schema.errors import InputWarning as ShownWarning
from schema.errors import UserError
from schema.types.row_outcome import RowOutcome

P = TypeVar("P", bound="RowsPayload")
Placed = TypeVar("Placed", Fault, InputWarning)

MOST_ROWS: Final = 100

ErrorPolicy = Annotated[
    vocabulary.ErrorPolicy,
    strawberry.argument(description="What becomes of the good rows where others have faults."),
]


def outcomes() -> Any:
    """The field of payloads for what became of their rows."""
    return strawberry.field(
        default_factory=list,
        description="What became of each input, in their order; empty if there were none or too many.",
    )


class RowsPayload(Protocol):
    def __init__(self, *, rows: list[RowOutcome] = ..., user_errors: list[UserError]) -> None: ...


async def run_customer_rows(
    info: Info, rows: Sequence[Row], policy: vocabulary.ErrorPolicy, *, payload: type[P], inside: tuple[str, ...] = ()
) -> P:
    """Run the rows and answer with their outcomes; ``inside`` is where an input has the customer's fields."""
    context = info.context
    if not 1 <= len(rows) <= MOST_ROWS:
        fault = Fault(("inputs",), Code.TOO_MANY if rows else Code.REQUIRED, _ROWS.format(count=len(rows)))
        return payload(user_errors=[UserError.of(fault, context)])
    try:
        with registry.checking_with(context.consultar):
            done = await run_rows(rows, policy, models.Customer)
    except Refusal as refusal:
        return payload(user_errors=[UserError.of(fault, context) for fault in refusal.faults])
    batch = Batch(mine(models.Customer), [each.id for each in done if each.id is not None])
    outcomes = [_outcome(index, each, batch, inside, context) for index, each in enumerate(done)]
    errors: list[UserError] = []
    if policy is vocabulary.ErrorPolicy.REJECT_ALL:
        errors = [error for outcome in outcomes for error in outcome.user_errors]
    return payload(rows=outcomes, user_errors=errors)


def _outcome(index: int, done: Done, batch: Batch, inside: tuple[str, ...], context: Context) -> RowOutcome:
    def place(found: Placed) -> Placed:
        within: tuple[str, ...] = inside if found.record is Record.CUSTOMER else ()
        return replace(found, path=("inputs", str(index), *within, *found.path))

    return RowOutcome(
        index=index,
        outcome=done.outcome,
        customer=None if done.id is None else batch.one(done.id),
        user_errors=[UserError.of(place(fault), context) for fault in done.faults],
        warnings=[ShownWarning.of(place(warning), context) for warning in done.warnings],
    )


_ROWS: Final = Text("Envía de 1 a 100 clientes; hay {count}.", "Send 1 to 100 customers; there are {count}.")
