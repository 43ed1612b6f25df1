"""Several rows in one request, each with an outcome of its own."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from tortoise.models import Model

from resolvers.transactions import IdempotentRequest, Result, atomically, run_once
from rules.faults import Fault, InputWarning, Refusal
from rules.vocabulary import ErrorPolicy, Outcome


@dataclass(frozen=True, kw_only=True)
class Row:
    """What a row does, and the request that it is, if its caller may repeat it."""

    work: Callable[[], Awaitable[Result]]
    request: IdempotentRequest | None


@dataclass(frozen=True)
class Done:
    """What became of a row: the object's id, or its faults."""

    outcome: Outcome
    id: UUID | None = None
    faults: tuple[Fault, ...] = ()
    warnings: tuple[InputWarning, ...] = ()


class _Rejected(Exception):
    def __init__(self, rows: list[Done]) -> None:
        self.rows = rows


async def run_rows(rows: Sequence[Row], policy: ErrorPolicy, kind: type[Model]) -> list[Done]:
    """Run the rows in their order. ``kind`` is the table of their results.

    With KEEP_GOOD each is a transaction of its own, so that none waits for the locks of those before it. With
    REJECT_ALL they are one, which is rolled back if a row has faults; all rows are tried, so that all faults are told.
    """
    if policy is ErrorPolicy.KEEP_GOOD:
        return [await _run(row, kind) for row in rows]

    async def run_all() -> list[Done]:
        done = [await _run(row, kind) for row in rows]
        if any(each.faults for each in done):
            created = {each.id for each in done if each.outcome is Outcome.CREATED}
            raise _Rejected([replace(each, faults=_without(created, each.faults)) for each in done])
        return done

    try:
        return await atomically(run_all)
    except _Rejected as rejected:
        return [each if each.faults else Done(Outcome.SKIPPED) for each in rejected.rows]


def _without(created: Collection[UUID | None], faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """The faults, of which none leads to an object that is rolled back."""
    return tuple(replace(fault, related_id=None) if fault.related_id in created else fault for fault in faults)


async def _run(row: Row, kind: type[Model]) -> Done:
    try:
        result = await row.work() if row.request is None else await run_once(row.request, row.work, kind)
    except Refusal as refusal:
        return Done(Outcome.FAILED, faults=refusal.faults)
    return Done(outcome_of(result), result.id, warnings=result.warnings)


def outcome_of(result: Result) -> Outcome:
    if result.customer_created:
        return Outcome.CREATED
    return Outcome.UPDATED if result.changed else Outcome.UNCHANGED
