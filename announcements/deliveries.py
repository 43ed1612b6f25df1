"""Deliveries: which are due, who holds them, and how they end.

A worker claims a delivery by putting off the time when it is due, and so holds it for the length of
``LEASE`` and no longer: of a killed worker nothing is left to clean up. The number of attempts goes up
with each claim; a worker that comes back late finds another number and changes nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tortoise.connection import get_connection
from tortoise.queryset import QuerySet
from tortoise.timezone import now

from db import models, tenant
from resolvers.scope import mine, uuid_of
from rules.faults import Code, Fault, Refusal, Text
from rules.vocabulary import DeliveryStatus, EventType

LEASE: Final = 120.0  # seconds; longer than any attempt may take
PATIENCE: Final = 3 * 24 * 3600.0  # seconds after which a delivery is given up
_FIRST_PAUSE, _LAST_PAUSE = 5.0, 4 * 3600.0  # seconds between attempts


# Reading and repeating


async def redeliver(id: str) -> UUID:
    """Deliver once more what was delivered or given up; raises ``Refusal``. What is still pending stays so."""
    rows = mine(models.Delivery, id=uuid_of(id))
    row = await rows.first()
    if row is None:
        raise Refusal(Fault(("id",), Code.NOT_FOUND, Text("No existe esta entrega.", "There is no such delivery.")))
    await _again(rows.exclude(status=DeliveryStatus.PENDING))
    return row.id


async def _again(rows: QuerySet[models.Delivery]) -> int:
    moment = now()
    return await rows.update(status=DeliveryStatus.PENDING, began_at=moment, due_at=moment, settled_at=None)


# For the operator, who sees all accounts: as the database's owner


@dataclass(frozen=True)
class Unsettled:
    """A delivery that is pending or given up; ``next_at`` is None if nobody tries, as its webhook is off."""

    id: UUID
    status: DeliveryStatus
    attempts: int
    began_at: datetime
    next_at: datetime | None
    error: str | None
    type: EventType
    target: str


async def unsettled(statuses: Sequence[DeliveryStatus], most: int) -> Sequence[Unsettled]:
    """The deliveries with such a status, those queued first first."""
    _, rows = await get_connection("default").execute_query(_UNSETTLED, [list(statuses), most])
    return [
        Unsettled(**{**row, "status": DeliveryStatus(row["status"]), "type": EventType(row["type"])}) for row in rows
    ]


_UNSETTLED = """
    SELECT d.id, d.status, d.attempts, d.began_at, d.error, e.type, coalesce(w.url, d.email) AS target,
           CASE WHEN d.status = 'PENDING' AND w.disabled_at IS NULL THEN greatest(d.due_at, w.rest_until) END AS next_at
    FROM delivery d
    JOIN event e ON e.account_id = d.account_id AND e.id = d.event_id
    LEFT JOIN webhook w ON w.account_id = d.account_id AND w.id = d.webhook_id
    WHERE d.status = ANY ($1::text[]) ORDER BY d.began_at, d.id LIMIT $2
"""


async def retry(ids: Sequence[UUID] | None) -> int:
    """Deliver what was given up, of these or all, once more; returns how many they are."""
    given_up = models.Delivery.filter(status=DeliveryStatus.FAILED)
    return await _again(given_up if ids is None else given_up.filter(id__in=ids))


# Working


@dataclass(frozen=True)
class Lane:
    """The deliveries of an account to one webhook or, without one, by mail. No lane waits for another."""

    account_id: UUID
    webhook_id: UUID | None


@dataclass(frozen=True)
class Claim:
    """A delivery that this process holds, and the event to be told."""

    id: UUID
    attempts: int
    email: str | None
    event_id: UUID
    type: EventType
    object_id: UUID
    data: str
    occurred_at: datetime


class Undelivered(Exception):
    """An attempt failed, and why; ``for_good`` if another would fail as well.

    ``rest`` is for how many seconds the receiver asks to be left alone.
    """

    def __init__(self, reason: str, *, for_good: bool = False, rest: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.for_good = for_good
        self.rest = rest


async def due() -> list[Lane]:
    """Where something is to be delivered now, in all accounts."""
    _, rows = await get_connection("default").execute_query("SELECT * FROM due_lanes()")
    return [Lane(row["account_id"], row["webhook_id"]) for row in rows]


async def claim(webhook_id: UUID | None, most: int) -> Sequence[Claim]:
    """Hold up to ``most`` due deliveries of the current account's lane: of each object the oldest alone."""
    lane, values = ("webhook_id IS NULL", []) if webhook_id is None else ("webhook_id = $4", [webhook_id])
    arguments = [tenant.current_account(), most, LEASE, *values]
    _, rows = await get_connection("default").execute_query(_CLAIM.format(lane=lane), arguments)
    return [Claim(**{**row, "type": EventType(row["type"])}) for row in rows]


# The oldest one of the object is asked for by its order, and not by there being no older one: while the table
# grows faster than its statistics, that is what keeps PostgreSQL from comparing each row with all others.
_CLAIM = """
    WITH chosen AS (
        SELECT p.id FROM delivery p
        WHERE p.account_id = $1 AND p.{lane} AND p.status = 'PENDING' AND p.due_at <= now() AND p.sequence = (
            SELECT o.sequence FROM delivery o
            WHERE o.account_id = $1 AND o.{lane} AND o.status = 'PENDING' AND o.object_id = p.object_id
            ORDER BY o.sequence LIMIT 1)
        ORDER BY p.due_at LIMIT $2 FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE delivery d SET
            attempts = attempts + 1,
            began_at = CASE attempts WHEN 0 THEN now() ELSE began_at END,
            due_at = now() + make_interval(secs => $3),
            error = NULL
        FROM chosen c WHERE d.account_id = $1 AND d.id = c.id
        RETURNING d.id, d.attempts, d.email, d.event_id
    )
    SELECT c.*, e.type, e.object_id, e.data, e.occurred_at
    FROM claimed c JOIN event e ON e.account_id = $1 AND e.id = c.event_id ORDER BY e.sequence
"""


async def attempt(
    claims: Sequence[Claim], deliver: Callable[[Claim], Awaitable[None]]
) -> list[tuple[Claim, Undelivered]]:
    """Deliver them at once, note which were, and return which were not, and why."""
    outcomes = await asyncio.gather(*[deliver(claim) for claim in claims], return_exceptions=True)
    pairs = list(zip(claims, outcomes, strict=True))
    await delivered([claim for claim, outcome in pairs if outcome is None])
    for outcome in outcomes:
        if outcome is not None and not isinstance(outcome, Undelivered):
            raise outcome
    return [(claim, outcome) for claim, outcome in pairs if isinstance(outcome, Undelivered)]


async def delivered(claims: Sequence[Claim]) -> None:
    if claims:
        held = [[claim.id for claim in claims], [claim.attempts for claim in claims]]
        await get_connection("default").execute_query(_DELIVERED, [tenant.current_account(), *held])


_DELIVERED = """
    UPDATE delivery d SET status = 'DELIVERED', settled_at = now()
    FROM unnest($2::uuid[], $3::int[]) AS held (id, attempts)
    WHERE d.account_id = $1 AND d.id = held.id AND d.attempts = held.attempts AND d.status = 'PENDING'
"""


async def failed(claim: Claim, failure: Undelivered) -> bool:
    """Note why, and try again later, the longer it fails the later; True if it is given up instead."""
    arguments: list[Any] = [tenant.current_account(), claim.id, claim.attempts, failure.reason, failure.for_good]
    arguments += [PATIENCE, _FIRST_PAUSE, _LAST_PAUSE]
    _, rows = await get_connection("default").execute_query(_FAILED, arguments)
    return bool(rows) and rows[0]["status"] == "FAILED"


# The pause is as long as it has failed so far, so each is twice the one before; some random tenths keep
# those that failed together from coming back together.
_FAILED = """
    WITH failed AS (
        UPDATE delivery SET
            error = $4,
            status = CASE WHEN $5 OR now() >= began_at + make_interval(secs => $6) THEN 'FAILED' ELSE 'PENDING' END,
            settled_at = CASE WHEN $5 OR now() >= began_at + make_interval(secs => $6) THEN now() END,
            due_at = now() + (0.9 + 0.2 * random()) * least(
                greatest(now() - began_at, make_interval(secs => $7)), make_interval(secs => $8))
        WHERE account_id = $1 AND id = $2 AND attempts = $3 AND status = 'PENDING'
        RETURNING status
    )
    SELECT status FROM failed
"""
