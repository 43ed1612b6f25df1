"""The outbox: events are stored in the transaction of the change that they announce, and dispatched later."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from tortoise.connection import get_connection
from uuid_utils.compat import uuid7

from db import models, tenant
from db.write_statement import Sql, WriteStatement
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


Subject = models.Customer | models.Document | models.Webhook | models.Import | SentInvoice
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
    statement = WriteStatement()
    for type, subject in events:
        add_event(statement, type, subject)
    await statement.run()


def add_event(
    statement: WriteStatement, type: EventType, subject: Subject, computed: Mapping[str, Sql] | None = None
) -> None:
    """Let the statement that makes a change store the event; ``computed`` is what only PostgreSQL knows of its data."""
    if _is_off.get():
        return
    data = statement.bind(orjson.dumps(_data(subject)).decode())
    for name, expression in (computed or {}).items():
        data = Sql(f"{data}::jsonb || jsonb_build_object('{name}', {expression})")
    statement.insert("event", {"id": uuid7(), "type": type, "object_id": subject.id, "data": data})


def add_events(statement: WriteStatement, type: EventType, subjects: Sequence[Subject]) -> None:
    """``add_event`` for many subjects at once."""
    if subjects and not _is_off.get():
        data = [orjson.dumps(_data(subject)).decode() for subject in subjects]
        columns: dict[str, list[Any]] = {
            "id": [uuid7() for _ in subjects],
            "object_id": [subject.id for subject in subjects],
            "data": data,
        }
        statement.insert_rows(models.Event, {"type": type}, columns)


MOST_OF_ACCOUNT: Final = 500  # events of an account that are dispatched by one statement


async def dispatch_account() -> int:
    """Number the current account's new events in its feed and queue their deliveries; returns how many they were.

    ``db/functions/dispatch_events.sql`` does it.
    """
    return await _dispatch(MOST_OF_ACCOUNT, tenant.current_account())


async def dispatch_missed(most: int) -> int:
    """The same for the accounts of the oldest ``most`` events that are not dispatched."""
    return await _dispatch(most, None)


async def _dispatch(most: int, owner: UUID | None) -> int:
    _, rows = await get_connection("default").execute_query("SELECT dispatch_events($1, $2)", [most, owner])
    done: int = rows[0][0]
    return done


def _data(subject: Subject) -> dict[str, Any]:
    """The event's data: its subject as the change left it. Webhooks send it, so its names can't change."""
    match subject:
        case models.Customer():
            survivor = {"mergedInto": str(subject.merged_into_id)} if subject.merged_into_id else {}
            return {
                **_outside_id(subject),
                **survivor,
                "id": str(subject.id),
                "version": subject.version,
                "status": subject.status,
                "name": subject.name,
                "identification": subject.identification,
                "verification": subject.verification_status,
            }
        case models.Document():
            of_invoice = {"invoiceId": str(subject.invoice_id)} if subject.invoice_id else {}
            return {
                **of_invoice,
                **_outside_id(subject),
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
        case models.Import():
            counts = ("created", "updated", "unchanged", "skipped", "failed", "undone")
            return {
                "id": str(subject.id),
                "status": subject.status,
                "fileName": subject.file_name,
                **{name: getattr(subject, name) for name in counts},
            }
        case models.Webhook():
            # Not its address, which may hold a secret: everybody reads events, only administrators see webhooks.
            return {"id": str(subject.id), "reason": subject.disabled_reason}


def _outside_id(subject: models.Customer | models.Document) -> dict[str, str]:
    return {"externalId": subject.external_id} if subject.external_id else {}
