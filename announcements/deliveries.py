"""Deliveries on their way: which are due, which worker holds them, and how they end.

Workers claim deliveries as ``db.leases`` describes it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from tortoise.connection import get_connection

from db import tenant
from db.leases import LEASE, STAYS, Retries, take
from rules.retry import Backoff
from rules.vocabulary import DeliveryStatus, EventType

PATIENCE: Final = 3 * 24 * 3600.0  # seconds after which a delivery is given up
RETRIES: Final = Retries(Backoff(first=5.0, longest=4 * 3600.0), PATIENCE)

# A delivery that fails is given up before. One with so many attempts has ended its worker, each time it was tried.
_MOST_ATTEMPTS: Final = 200
_LONGEST_REASON: Final = 500  # characters

log = structlog.get_logger()


@dataclass(frozen=True)
class Lane:
    """The deliveries of an account to one webhook or, without one, by mail. No lane waits for another."""

    account_id: UUID
    webhook_id: UUID | None


@dataclass(frozen=True)
class Claim:
    """A delivery that this process holds, and its event. ``failing_for`` is in seconds, 0 at the first attempt."""

    id: UUID
    attempts: int
    failing_for: float
    email: str | None
    event_id: UUID
    type: EventType
    object_id: UUID
    data: str
    occurred_at: datetime


class DeliveryFailed(Exception):
    """An attempt failed; ``for_good`` if another one would fail as well, ``may_have_arrived`` if no answer came.

    ``retry_after`` is how many seconds the receiver asks us to wait. The reason may quote the receiver; what can't be
    stored or printed is left out.
    """

    def __init__(
        self, reason: str, *, for_good: bool = False, retry_after: float = 0.0, may_have_arrived: bool = False
    ) -> None:
        super().__init__(reason)
        printable = "".join([character if character.isprintable() else " " for character in reason])
        self.reason = " ".join(printable.split())[:_LONGEST_REASON]
        self.for_good = for_good
        self.may_have_arrived = may_have_arrived
        self.retry_after = retry_after


async def find_due_lanes() -> list[Lane]:
    """The lanes of all accounts in which something is to be delivered now."""
    _, rows = await get_connection("default").execute_query("SELECT * FROM due_lanes()")
    return [Lane(row["account_id"], row["webhook_id"]) for row in rows]


async def claim(webhook_id: UUID | None, limit: int) -> Sequence[Claim]:
    """Claim up to ``limit`` due deliveries of the current account's lane.

    Of those about one object only the oldest is claimed; by mail, the oldest to each address.
    """
    lane, values = ("webhook_id IS NULL", []) if webhook_id is None else ("webhook_id = $4", [webhook_id])
    arguments = [tenant.current_account(), limit, LEASE, *values]
    _, rows = await get_connection("default").execute_query(_CLAIM.format(lane=lane), arguments)
    return [Claim(**{**row, "type": EventType(row["type"])}) for row in rows]


# An object's oldest delivery is found by its order, and not by there being no older one: while the table
# grows faster than its statistics, that keeps PostgreSQL from comparing each row with all others.
_CLAIM: Final = f"""
    WITH chosen AS (
        SELECT p.id FROM delivery p
        WHERE p.account_id = $1 AND p.{{lane}} AND p.status = 'PENDING' AND p.due_at <= now() AND p.sequence = (
            SELECT o.sequence FROM delivery o
            WHERE o.account_id = $1 AND o.{{lane}} AND o.status = 'PENDING' AND o.object_id = p.object_id
                AND o.email IS NOT DISTINCT FROM p.email
            ORDER BY o.sequence LIMIT 1)
            AND {STAYS}
        ORDER BY p.due_at LIMIT $2 FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE delivery d SET
            {take("now()", "$3")},
            began_at = CASE WHEN attempts = 0 THEN t.moment ELSE began_at END,
            error = NULL
        FROM chosen c, (SELECT now() AS moment) t
        WHERE d.account_id = $1 AND d.id = c.id
        RETURNING d.id, d.attempts, d.email, d.event_id,
                  extract(epoch FROM t.moment - d.began_at)::float8 AS failing_for
    )
    SELECT c.*, e.type, e.object_id, e.data, e.occurred_at
    FROM claimed c JOIN event e ON e.account_id = $1 AND e.id = c.event_id ORDER BY e.sequence
"""


async def attempt(
    claims: Sequence[Claim], deliver: Callable[[Claim], Awaitable[None]]
) -> list[tuple[Claim, DeliveryFailed]]:
    """Make an attempt at each, all at the same time. Records the successes and returns the failures, to be recorded."""
    outcomes = await asyncio.gather(*[_try(deliver, claim) for claim in claims])
    pairs = list(zip(claims, outcomes, strict=True))
    await record_successes([claim for claim, failure in pairs if failure is None])
    return [(claim, failure) for claim, failure in pairs if failure is not None]


async def _try(deliver: Callable[[Claim], Awaitable[None]], claim: Claim) -> DeliveryFailed | None:
    if claim.attempts > _MOST_ATTEMPTS and RETRIES.is_over(claim.failing_for):
        return DeliveryFailed("no attempt has ended", for_good=True)
    try:
        await deliver(claim)
    except DeliveryFailed as failure:
        return failure
    except Exception as error:  # a defect, too, must end in a reason that people see, and not repeat for good
        log.error("delivery failed unexpectedly", delivery=str(claim.id), exc_info=error)
        return DeliveryFailed(f"unexpected failure: {type(error).__name__}")
    return None


async def record_successes(claims: Sequence[Claim]) -> None:
    if claims:
        held = [[claim.id for claim in claims], [claim.attempts for claim in claims]]
        await get_connection("default").execute_query(_RECORD_SUCCESSES, [tenant.current_account(), *held])


_RECORD_SUCCESSES: Final = """
    UPDATE delivery d SET status = 'DELIVERED', settled_at = now()
    FROM unnest($2::uuid[], $3::int[]) AS held (id, attempts)
    WHERE d.account_id = $1 AND d.id = held.id AND d.attempts = held.attempts AND d.status = 'PENDING'
"""


async def record_failure(claim: Claim, failure: DeliveryFailed) -> bool:
    """Record why, and plan another attempt or give the delivery up; returns whether it was given up."""
    is_over = failure.for_good or RETRIES.is_over(claim.failing_for)
    status = DeliveryStatus.FAILED if is_over else DeliveryStatus.PENDING
    arguments = [tenant.current_account(), claim.id, claim.attempts, failure.reason, status]
    pause = RETRIES.pause(claim.failing_for)
    changed, _ = await get_connection("default").execute_query(_RECORD_FAILURE, [*arguments, pause])
    return changed == 1 and is_over


_RECORD_FAILURE: Final = """
    UPDATE delivery SET
        error = $4,
        status = $5::text,
        settled_at = CASE WHEN $5::text = 'FAILED' THEN t.moment END,
        due_at = now() + make_interval(secs => $6)
    FROM (SELECT now() AS moment) t
    WHERE account_id = $1 AND id = $2 AND attempts = $3 AND status = 'PENDING'
"""
