"""Deliveries of events to webhooks and e-mail addresses: reading them, and repeating those that failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from tortoise.connection import get_connection
from tortoise.queryset import QuerySet
from tortoise.timezone import now

from db import models
from projection import Order, Page
from resolvers.paging import PageArguments, page_of
from resolvers.scope import fetch_or_refuse, mine, uuid_of
from rules.faults import Text
from rules.vocabulary import DeliveryStatus, EventType

_ORDER: Final = Order("DELIVERY", "sequence", descending=True, parse=int)


def list_page(webhook_id: str, status: DeliveryStatus | None, page: PageArguments) -> Page:
    """The deliveries to a webhook, the newest first."""
    rows = mine(models.Delivery, webhook_id=uuid_of(webhook_id))
    return page_of(rows if status is None else rows.filter(status=status), _ORDER, page)


async def redeliver(id: str) -> UUID:
    """Queue a delivery again that was made or given up, and leave one that is pending; raises ``Refusal``."""
    missing = Text("No existe esta entrega.", "There is no such delivery.")
    row = await fetch_or_refuse(mine(models.Delivery), id, missing)
    await _queue_again(mine(models.Delivery, id=row.id).exclude(status=DeliveryStatus.PENDING))
    return row.id


async def _queue_again(rows: QuerySet[models.Delivery]) -> int:
    moment = now()
    return await rows.update(status=DeliveryStatus.PENDING, began_at=moment, due_at=moment, settled_at=None)


# For the operator: across all accounts, as the database's owner


@dataclass(frozen=True)
class OpenDelivery:
    """A delivery that is pending or was given up; ``next_at`` is None where no attempt is planned."""

    id: UUID
    status: DeliveryStatus
    attempts: int
    began_at: datetime
    next_at: datetime | None
    error: str | None
    type: EventType
    target: str


async def list_open(statuses: Sequence[DeliveryStatus], limit: int) -> Sequence[OpenDelivery]:
    """The deliveries with one of these statuses, the oldest first."""
    _, rows = await get_connection("default").execute_query(_LIST_OPEN, [list(statuses), limit])
    return [
        OpenDelivery(**{**row, "status": DeliveryStatus(row["status"]), "type": EventType(row["type"])}) for row in rows
    ]


_LIST_OPEN: Final = """
    SELECT d.id, d.status, d.attempts, d.began_at, d.error, e.type, coalesce(w.url, d.email) AS target,
           CASE WHEN d.status = 'PENDING' AND w.disabled_at IS NULL THEN greatest(d.due_at, w.rest_until) END AS next_at
    FROM delivery d
    JOIN event e ON e.account_id = d.account_id AND e.id = d.event_id
    LEFT JOIN webhook w ON w.account_id = d.account_id AND w.id = d.webhook_id
    WHERE d.status = ANY ($1::text[]) ORDER BY d.began_at, d.id LIMIT $2
"""


async def retry_failed(ids: Sequence[UUID] | None) -> int:
    """Queue the failed deliveries again that have these ids, or all without ids; returns how many they are."""
    failed = models.Delivery.filter(status=DeliveryStatus.FAILED)
    return await _queue_again(failed if ids is None else failed.filter(id__in=ids))
