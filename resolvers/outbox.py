"""The outbox: events are stored in the transaction of the change that they announce, and dispatched later."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from tortoise.connection import get_connection
from uuid_utils.compat import uuid7

from db import models, tenant
from rules.sending import Letter
from rules.vocabulary import EventType


@dataclass(frozen=True)
class SentInvoice:
    """An invoice and the letter that it is sent with."""

    document: models.Document
    letter: Letter

    @property
    def id(self) -> UUID:
        return self.document.id


Subject = models.Customer | models.Document | models.Webhook | SentInvoice
NewEvent = tuple[EventType, Subject]


_is_off: ContextVar[bool] = ContextVar("announcing is off", default=False)


@contextmanager
def without_announcing() -> Iterator[None]:
    """Store no events within this block: demonstration data would mail its invoices."""
    token = _is_off.set(True)
    try:
        yield
    finally:
        _is_off.reset(token)


async def announce(*events: NewEvent) -> None:
    """Store these events in the open transaction, by one statement."""
    if events and not _is_off.get():
        rows = [(uuid7(), type, subject.id, orjson.dumps(_data(subject)).decode()) for type, subject in events]
        await get_connection("default").execute_query(
            _STORE, [tenant.current_account(), *map(list, zip(*rows, strict=True))]
        )


_STORE: Final = """
    INSERT INTO event (id, account_id, type, object_id, data)
    SELECT id, $1, type, object_id, data
    FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::jsonb[]) AS new (id, type, object_id, data)
"""


async def dispatch(most: int) -> int:
    """Number new events in their accounts' feeds and queue their deliveries; returns how many events they were.

    ``db/functions/dispatch_events.sql`` does it, for at most ``most`` events of all accounts.
    """
    _, rows = await get_connection("default").execute_query("SELECT dispatch_events($1)", [most])
    done: int = rows[0][0]
    return done


def _data(subject: Subject) -> dict[str, Any]:
    """The event's data: its subject as the change left it. Webhooks send it, so its names can't change."""
    match subject:
        case models.Customer():
            return {
                "id": str(subject.id),
                "version": subject.version,
                "status": subject.status,
                "name": subject.name,
                "identification": subject.identification,
                "verification": subject.verification_status,
            }
        case models.Document():
            return {
                "id": str(subject.id),
                "version": subject.version,
                "status": subject.status,
                "customerId": str(subject.customer_id),
                "billingPoint": subject.billing_point,
                "number": subject.number,
                "issueDate": None if subject.issue_date_open else str(subject.issue_date),
                "currency": subject.currency,
                "total": f"{subject.total:.2f}",
            }
        case SentInvoice():
            return {**_data(subject.document), "to": subject.letter.to, "message": subject.letter.message}
        case models.Webhook():
            # Not its address, which may hold a secret: everybody reads events, only administrators see webhooks.
            return {"id": str(subject.id), "reason": subject.disabled_reason}
