"""Undoing the merge of a customer, which is possible for 30 days."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from tortoise.connection import get_connection
from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from db import models, tenant
from db.write_statement import WriteStatement
from projection import Order, Page
from resolvers.customer_merging import MOVED
from resolvers.customer_preparation import duplicate_fault, find_duplicate, has_identification
from resolvers.customer_rows import draft_of, persons_of, receiver_search
from resolvers.customers import save_fields
from resolvers.outbox import add_event
from resolvers.paging import PageArguments, page_of
from resolvers.scope import NOBODY, mine, survivor_of, uuid_of
from resolvers.transactions import Result, atomically, store
from rules.customer_check import clean_customer
from rules.customer_merge import read_changes, undo_changes
from rules.faults import Code, Fault, Refusal, Text
from rules.vocabulary import CustomerStatus, EventType

UNDO_FOR: Final = timedelta(days=30)  # as db/functions/forget_merges.sql knows, too


def list_page(customer_id: str | None, page: PageArguments) -> Page:
    """The merges that can be undone, the latest first; of all customers, or into this one."""
    rows = _undoable()
    if customer_id is not None:
        rows = rows.filter(survivor_id=survivor_of(customer_id))
    return page_of(rows, _BY_TIME, page)


def _undoable() -> QuerySet[models.CustomerMerge]:
    return mine(models.CustomerMerge, Q(merged_at__gt=datetime.now(UTC) - UNDO_FOR))


async def undo(id: str) -> Result:
    """Let a customer that was merged stand on its own again, with the documents that it had; raises ``Refusal``.

    ``id`` is that of the merge. What was changed since then stays: fields of the survivor, and drafts that have been
    issued to it.
    """

    async def action() -> Result:
        found, survivor, other = await _lock_merge(id)
        before = draft_of(survivor, await persons_of(survivor))
        changes = read_changes(found.changes)
        after = undo_changes(before, changes)
        statement = WriteStatement()
        if "external_id" in changes:
            statement.update("customer", {"external_id": None}, id=other.id)
            _, other.external_id = changes["external_id"]
        if after != before:
            save_fields(statement, survivor, before, after, clean_customer(after))
        await statement.run()
        await _separate(other, found.former_status)
        values = [
            *(tenant.current_account(), survivor.id, other.id, receiver_search(other)),
            *(found.documents, found.drafts, found.followers, found.id),
        ]
        await get_connection("default").execute_query(_MOVE_BACK, values)
        return await store(WriteStatement(), Result(other.id))

    return await atomically(action)


async def _lock_merge(id: str) -> tuple[models.CustomerMerge, models.Customer, models.Customer]:
    """The merge with its survivor and the merged customer, both locked; raises ``Refusal``."""
    found = await _undoable().get_or_none(id=uuid_of(id) or NOBODY)
    if found is None:
        raise Refusal(Fault(("id",), Code.NOT_FOUND, _NO_SUCH_MERGE))
    ids = (found.survivor_id, found.customer_id)
    locked = await mine(models.Customer, id__in=ids).order_by("id").select_for_update(no_key=True)
    rows = {row.id: row for row in locked}
    if not await _undoable().filter(id=found.id).exists():  # undone while this waited
        raise Refusal(Fault(("id",), Code.NOT_FOUND, _NO_SUCH_MERGE))
    survivor, other = [rows[id] for id in ids]
    if survivor.status is CustomerStatus.MERGED:
        raise Refusal(Fault(("id",), Code.NOT_ALLOWED, _LATER_FIRST, related_id=survivor.id))
    return found, survivor, other


async def _separate(customer: models.Customer, status: CustomerStatus) -> None:
    """Give a merged customer its status back; raises ``Refusal`` if another active one has its RUC by now."""
    if status is CustomerStatus.ACTIVE:
        clean = clean_customer(draft_of(customer))
        other = await find_duplicate(clean)
        if other is not None and has_identification(other, clean):
            raise Refusal(replace(duplicate_fault(clean, other), path=("id",), record=None))
    customer.update_from_dict({"status": status, "merged_into_id": None, "version": customer.version + 1})
    statement = WriteStatement()
    statement.update_row(customer)
    add_event(statement, EventType.CUSTOMER_SEPARATED, customer)
    await statement.run()


# A document that was a draft and is issued by now has the survivor as its receiver. Notes go with their invoice.
_MOVE_BACK: Final = f"""
    WITH moved AS (
        UPDATE document SET customer_id = $3, {MOVED}
        WHERE account_id = $1 AND customer_id = $2
            AND (id = ANY ($5) OR id = ANY ($6) AND status = 'DRAFT' OR invoice_id = ANY ($5))
    ), followers AS (
        UPDATE customer SET merged_into = $3 WHERE account_id = $1 AND merged_into = $2 AND id = ANY ($7)
    )
    DELETE FROM customer_merge WHERE account_id = $1 AND id = $8
"""

_BY_TIME: Final = Order("CUSTOMER_MERGE", "merged_at", descending=True, parse=datetime.fromisoformat)

_NO_SUCH_MERGE: Final = Text(
    "No existe esta unificación, o ya no se puede deshacer.", "There is no such merge, or it can't be undone any more."
)
_LATER_FIRST: Final = Text(
    "El cliente que quedó se unificó después con otro. Deshaz eso primero.",
    "The customer that stayed was merged into another one later. Undo that first.",
)
