"""Merging customers that are one, and undoing it.

The documents of a merged customer go to the survivor, and its id leads there. While this happens the customers are
locked so that nobody can give a merged one a further document: whoever writes one waits, and a trigger of the database
then gives it to the survivor.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from tortoise.connection import get_connection
from uuid_utils.compat import uuid7

from db import models, tenant
from db.write_statement import Sql, WriteStatement
from resolvers.account_settings import AccountSettings, current_settings
from resolvers.customer_preparation import check_with_database, verified_dv
from resolvers.customer_rows import draft_of, persons_of, receiver_search
from resolvers.customers import save_fields
from resolvers.outbox import add_event
from resolvers.scope import ERASED, NOBODY, check_version, mine, uuid_of
from resolvers.transactions import Result, atomically, store
from rules.customer import CustomerDraft
from rules.customer_check import clean_customer
from rules.customer_merge import (
    ATTRIBUTES,
    MOST_MERGED,
    MOST_MOVED,
    MergedRecord,
    changes_from,
    merge_records,
    text_of,
    together_with,
)
from rules.faults import Code, Fault, InputWarning, Refusal, Text, WarningCode
from rules.vocabulary import CustomerStatus, EventType


@dataclass(frozen=True, kw_only=True)
class MergeCustomers:
    """``choices`` are fields, as the API spells them, each with the customer that it is taken from."""

    from_ids: Sequence[str]
    into_id: str
    choices: Sequence[tuple[str, str]] = ()
    version: int | None = None


@dataclass(frozen=True, kw_only=True)
class MergedField:
    """A field of the record: the customers that it comes from, and what it has at each customer, as text."""

    name: str
    winners: tuple[UUID, ...]
    values: tuple[tuple[UUID, str | None], ...]


@dataclass(frozen=True, kw_only=True)
class Merged(Result):
    """The survivor, what became of each field, and the ids of the merges. A repeated request doesn't say that again."""

    fields: tuple[MergedField, ...] = ()
    moved: int = 0
    merge_ids: tuple[UUID, ...] = ()


# Merging


async def merge(command: MergeCustomers) -> Merged:
    """Merge customers into another one; raises ``Refusal`` with all faults."""

    async def action() -> Merged:
        survivor, others = await _lock_customers(command)
        check_version(survivor.version, command.version)
        settings = await current_settings()
        rows = [survivor, *others]
        records = [draft_of(row, await persons_of(row)) for row in rows]
        merged = merge_records(records, _places(command, rows), electronic=settings.electronic_invoicing)
        verified = rows[merged.winners["receiver_type"][0]]
        await _check(settings, survivor, records[0], merged.record, verified_dv(verified))
        await _lock_documents([row.id for row in others])
        statuses = [row.status for row in others]
        await _store(survivor, others, records, merged)
        moved, merge_ids = 0, tuple([uuid7() for _ in others])
        for merge_id, other, status in zip(merge_ids, others, statuses, strict=True):
            moved += await _move(merge_id, survivor, other, status, changes_from(rows.index(other), records, merged))
        warnings = (_DIFFERENT,) if _are_different(records) else ()
        fields = _show_fields([row.id for row in rows], records, merged)
        result = Merged(id=survivor.id, fields=fields, moved=moved, merge_ids=merge_ids, warnings=warnings)
        await store(WriteStatement(), result)
        return result

    return await atomically(action)


def _show_fields(
    ids: Sequence[UUID], records: Sequence[CustomerDraft], merged: MergedRecord
) -> tuple[MergedField, ...]:
    return tuple(
        MergedField(
            name=api_name,
            winners=tuple(ids[place] for place in merged.winners[name]),
            values=tuple((id, text_of(getattr(record, name))) for id, record in zip(ids, records, strict=True)),
        )
        for api_name, name in ATTRIBUTES.items()
    )


async def _lock_customers(command: MergeCustomers) -> tuple[models.Customer, list[models.Customer]]:
    """The survivor and the others, whom nobody else changes; raises ``Refusal`` for ids that can't be merged."""
    if not 1 <= len(command.from_ids) <= MOST_MERGED:
        code = Code.TOO_MANY if command.from_ids else Code.REQUIRED
        raise Refusal(Fault(("from",), code, _HOW_MANY.format(most=MOST_MERGED)))
    while True:
        ids = [uuid_of(id) or NOBODY for id in (command.into_id, *command.from_ids)]
        known = await mine(models.Customer, id__in=ids).values_list("id", "merged_into_id")
        leads = {id: survivor or id for id, survivor in known}
        survivors = [leads.get(id) for id in ids]
        # Two merges of the same customers lock them in one order.
        locked = mine(models.Customer, id__in=set(leads.values())).order_by("id").select_for_update(no_key=True)
        rows = {row.id: row for row in await locked}
        if all(row.status is not CustomerStatus.MERGED for row in rows.values()):
            break
    _check_ids(survivors, rows)
    into, *others = [rows[id] for id in dict.fromkeys(survivors) if id is not None]
    return into, others


def _check_ids(survivors: Sequence[UUID | None], rows: Mapping[UUID, models.Customer]) -> None:
    into, *others = survivors
    faults = []
    if into is None:
        faults.append(Fault(("into",), Code.NOT_FOUND, _NO_SUCH_CUSTOMER))
    elif rows[into].status is CustomerStatus.ARCHIVED:
        faults.append(Fault(("into",), Code.NOT_ALLOWED, _ARCHIVED, related_id=into))
    elif rows[into].status is CustomerStatus.ERASED:
        faults.append(Fault(("into",), Code.NOT_ALLOWED, ERASED, related_id=into))
    for index, other in enumerate(others):
        if other is None:
            faults.append(Fault(("from", str(index)), Code.NOT_FOUND, _NO_SUCH_CUSTOMER))
        elif other == into or other in others[:index]:
            faults.append(Fault(("from", str(index)), Code.INVALID_VALUE, _SAME, related_id=other))
        elif rows[other].status is CustomerStatus.ERASED:
            faults.append(Fault(("from", str(index)), Code.NOT_ALLOWED, ERASED, related_id=other))
    if faults:
        raise Refusal(*faults)


def _places(command: MergeCustomers, rows: Sequence[models.Customer]) -> dict[str, int]:
    """The choices as places among the customers; raises ``Refusal`` for those that can't be."""
    given = [uuid_of(id) for id in (command.into_id, *command.from_ids)]
    places = {id: place for place, id in enumerate(given)} | {row.id: place for place, row in enumerate(rows)}
    faults = []
    chosen: dict[str, int] = {}
    for index, (name, id) in enumerate(command.choices):
        attribute, place = ATTRIBUTES.get(name), places.get(uuid_of(id))
        if attribute is None:
            faults.append(Fault(("choices", str(index), "field"), Code.INVALID_VALUE, _NO_SUCH_FIELD))
        elif place is None:
            faults.append(Fault(("choices", str(index), "customerId"), Code.INVALID_VALUE, _NOT_AMONG))
        elif any(chosen.get(other, place) != place for other in together_with(attribute)):
            faults.append(Fault(("choices", str(index), "customerId"), Code.INVALID_VALUE, _TOGETHER))
        else:
            chosen[attribute] = place
    if faults:
        raise Refusal(*faults)
    return chosen


async def _check(
    settings: AccountSettings,
    survivor: models.Customer,
    before: CustomerDraft,
    after: CustomerDraft,
    confirmed_dv: str | None,
) -> None:
    """Raises ``Refusal`` for what would be wrong with the survivor, and wasn't wrong before."""
    if after == before:
        return
    check = await check_with_database(clean_customer(after), settings, confirmed_dv)
    former = await check_with_database(clean_customer(before), settings, verified_dv(survivor))
    known = {(fault.path, fault.code) for fault in former.faults}
    if faults := [fault for fault in check.faults if (fault.path, fault.code) not in known]:
        raise Refusal(*faults)


def _are_different(records: Sequence[CustomerDraft]) -> bool:
    return len({(record.ruc, record.foreign_id) for record in records if record.ruc or record.foreign_id}) > 1


async def _store(
    survivor: models.Customer,
    others: Sequence[models.Customer],
    records: Sequence[CustomerDraft],
    merged: MergedRecord,
) -> None:
    """Change the customers; the others first, since their RUC may become the survivor's."""
    statement = WriteStatement()
    for other in others:
        other.update_from_dict(
            {"status": CustomerStatus.MERGED, "merged_into_id": survivor.id, "version": other.version + 1}
        )
        is_taken = other.external_id is not None and other.external_id == merged.record.external_id
        statement.update_row(other, {"external_id": Sql("NULL")} if is_taken else {})
        add_event(statement, EventType.CUSTOMER_MERGED, other)
    if merged.record != records[0]:
        save_fields(statement, survivor, records[0], merged.record, clean_customer(merged.record))
    await statement.run()
    [giver] = merged.sources["external_id"]
    former = records[0].external_id
    if giver and former is not None:
        # Both ids lead to the survivor: the one that it had, through the customer whose id it took.
        statement = WriteStatement()
        statement.update("customer", {"external_id": former}, id=others[giver - 1].id)
        await statement.run()


# Documents


async def _lock_documents(ids: Sequence[UUID]) -> None:
    """Keep others from changing the customers' documents, and then from giving them new ones.

    In this order: who changes a document may add one for its customer.
    """
    query, account = get_connection("default").execute_query, tenant.current_account()
    count, _ = await query(_LOCK_DOCUMENTS, [account, ids])
    if count > MOST_MOVED:
        raise Refusal(Fault(("from",), Code.TOO_MANY, _TOO_MANY_DOCUMENTS.format(most=f"{MOST_MOVED:,}")))
    await query("SELECT FROM customer WHERE account_id = $1 AND id = ANY ($2) ORDER BY id FOR UPDATE", [account, ids])


async def _move(
    merge_id: UUID,
    survivor: models.Customer,
    other: models.Customer,
    status: CustomerStatus,
    changes: Mapping[str, tuple[Any, Any]],
) -> int:
    """Give the survivor the documents of a merged customer, and remember which; returns how many they were."""
    values = [
        *(tenant.current_account(), other.id, survivor.id, receiver_search(survivor), merge_id, status),
        orjson.dumps(changes).decode(),
    ]
    _, rows = await get_connection("default").execute_query(_MOVE, values)
    moved: int = rows[0]["moved"]
    return moved


_LOCK_DOCUMENTS: Final = f"""
    SELECT id FROM document WHERE account_id = $1 AND customer_id = ANY ($2)
    ORDER BY id LIMIT {MOST_MOVED + 1} FOR NO KEY UPDATE
"""
# Only drafts are searched by their customer as it is now; issued documents by the receiver that they keep.
MOVED: Final = """
    version = version + 1, updated_at = now(), search = CASE WHEN status = 'DRAFT' THEN $4 ELSE search END
"""
_MOVE: Final = f"""
    WITH moved AS (
        UPDATE document SET customer_id = $3, {MOVED} WHERE account_id = $1 AND customer_id = $2 RETURNING id, status
    ), followers AS (
        UPDATE customer SET merged_into = $3 WHERE account_id = $1 AND merged_into = $2 RETURNING id
    ), remembered AS (
        INSERT INTO customer_merge (id, account_id, customer_id, survivor_id, former_status, documents, drafts,
                                    followers, changes)
        SELECT $5, $1, $2, $3, $6, ARRAY(SELECT id FROM moved WHERE status <> 'DRAFT'),
               ARRAY(SELECT id FROM moved WHERE status = 'DRAFT'), ARRAY(SELECT id FROM followers), $7::jsonb
        RETURNING 1
    )
    SELECT count(*)::int AS moved FROM moved
"""


_HOW_MANY: Final = Text("Indica de 1 a {most} clientes.", "Give 1 to {most} customers.")
_NO_SUCH_CUSTOMER: Final = Text("No existe este cliente.", "There is no such customer.")
_ARCHIVED: Final = Text(
    "El cliente que queda está archivado. Restáuralo primero.", "The customer that stays is archived. Restore it first."
)
_SAME: Final = Text("Ya es el mismo cliente.", "This is the same customer already.")
_NO_SUCH_FIELD: Final = Text("Un cliente no tiene este campo.", "A customer has no such field.")
_NOT_AMONG: Final = Text(
    "Este cliente no está entre los que se unifican.", "This customer is not among those that are merged."
)
_TOGETHER: Final = Text(
    "Este campo viene junto con otro que elegiste de otro cliente.",
    "This field comes together with another one, which you chose from another customer.",
)
_TOO_MANY_DOCUMENTS: Final = Text(
    "Tienen más de {most} documentos. Unifica al revés: hacia el cliente que tiene más.",
    "They have more than {most} documents. Merge the other way round: into the customer that has most.",
)
_DIFFERENT: Final = InputWarning(
    ("from",),
    WarningCode.DIFFERENT_IDENTIFICATION,
    Text(
        "Los clientes tienen distinto RUC o identificación. Revisa que sean el mismo.",
        "The customers have different RUCs or documents. Make sure that they are the same.",
    ),
)
