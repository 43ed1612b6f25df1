"""Going through the rows of an import: checking them, storing customers, or deleting those again.

A batch of rows is one transaction: what became of each row is stored with the customers and with the place in the file.
So a worker that is killed leaves nothing half done, and no row is stored twice. The row of the import is locked
meanwhile, so that any number of workers may try.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from tortoise.connection import get_connection
from uuid_utils.compat import uuid7

from db import models, tenant
from db.columns import columns_of, row_of
from db.leases import STAYS
from db.locations import find_code
from db.write_statement import WriteStatement
from resolvers import customers, import_rows, registry
from resolvers.account_settings import AccountSettings, current_settings
from resolvers.customer_preparation import check_with_database
from resolvers.customer_rows import customer_columns, draft_of, persons_of
from resolvers.import_identity import Candidate, Known, duplicate_fault, find_customers, identity_of, same_external_id
from resolvers.import_rows import JudgedRow, StoredRow
from resolvers.imports import KEPT_FOR, begin_pass
from resolvers.outbox import add_events, announce
from resolvers.scope import mine
from resolvers.transactions import atomically, rolled_back
from rules.customer import CustomerDraft, CustomerRecord
from rules.customer_check import CustomerCheck, clean_customer, with_proven_type
from rules.customer_columns import read_row
from rules.faults import Fault, Refusal
from rules.vocabulary import (
    CustomerColumn,
    ErrorPolicy,
    EventType,
    ImportStatus,
    OnDuplicate,
    Outcome,
    VerificationStatus,
)

_BATCH: Final = 250  # rows
_PAUSE: Final = 0.1  # seconds until a batch that met another request is done again
_BREATH: Final = 10  # rows that are checked before others get the processor

_PROGRESS: Final = [
    *("position", "done", "created", "updated", "unchanged", "skipped", "failed", "undone", "updated_at")
]  # the columns that change with each batch
_UNDER_WAY: Final = [status for status in ImportStatus if status.is_under_way]


class _FaultsAfterAll(Exception):
    """Rows that had passed the check have faults now, and nothing may be stored."""


async def advance(id: UUID) -> bool:
    """Do the next batch of rows; False if nothing is under way, or another worker is at it."""

    async def action() -> bool:
        row = await _lock_free(id)
        if row is None:
            return False
        if row.status is ImportStatus.STORING and row.policy is ErrorPolicy.REJECT_ALL:
            await _store_all(row)
        else:
            await _do_batch(row)
        return True

    try:
        return await atomically(action)
    except _FaultsAfterAll:
        await atomically(lambda: _check_again(id))
    except Refusal:
        # Somebody has just stored the same customer, or used one that is to be deleted: next time it is found.
        await asyncio.sleep(_PAUSE)
    return True


async def _lock_free(id: UUID) -> models.Import | None:
    """The import, locked, if it is under way, no other worker has locked it, and its account doesn't move."""
    _, stays = await get_connection("default").execute_query(f"SELECT WHERE {STAYS}", [tenant.current_account()])
    if not stays:
        return None
    rows = mine(models.Import, id=id, status__in=_UNDER_WAY)
    return await rows.select_for_update(skip_locked=True, no_key=True).get_or_none()


async def _store_all(row: models.Import) -> None:
    while row.status is ImportStatus.STORING:
        await _do_batch(row)
        if row.failed:
            raise _FaultsAfterAll


async def _check_again(id: UUID) -> None:
    row = await _lock_free(id)
    if row is not None and row.status is ImportStatus.STORING:
        row.policy = None
        await begin_pass(row, ImportStatus.CHECKING)


async def _do_batch(row: models.Import) -> None:
    if row.status is ImportStatus.UNDOING:
        await _undo_batch(row)
        return
    rows = await import_rows.rows_after(row.id, row.position, _BATCH)
    if not rows:
        await _end_pass(row)
        return
    judged = await _Batch(row, await current_settings()).judge(rows)
    await import_rows.store_outcomes(row.id, judged)
    row.position, row.done = judged[-1].number, row.done + len(judged)
    for each in judged:
        name = each.outcome.lower()
        setattr(row, name, getattr(row, name) + 1)
    await row.save(update_fields=_PROGRESS)


async def _end_pass(row: models.Import) -> None:
    if row.status is ImportStatus.CHECKING and row.policy is ErrorPolicy.REJECT_ALL and not row.failed:
        await begin_pass(row, ImportStatus.STORING)
        return
    row.status = _ENDS[row.status]
    row.keep_until = datetime.now(UTC) + KEPT_FOR
    await row.save()
    await announce((EventType.IMPORT_FINISHED, row))


_ENDS: Final = {
    ImportStatus.CHECKING: ImportStatus.CHECKED,
    ImportStatus.STORING: ImportStatus.FINISHED,
    ImportStatus.UNDOING: ImportStatus.UNDONE,
}


# Checking and storing


class _Batch:
    """Rows that are checked together and, if the import is storing, stored together."""

    def __init__(self, row: models.Import, settings: AccountSettings) -> None:
        self._import = row
        self._settings = settings
        self._stores = row.status is ImportStatus.STORING
        self._columns = [each["target"] and CustomerColumn(each["target"]) for each in row.columns]
        self._new: list[models.Customer] = []

    async def judge(self, rows: Sequence[StoredRow]) -> list[JudgedRow]:
        """What becomes of the first rows: all, or those before one that is the same customer's as another one."""
        candidates = await self._read(rows)
        known = await self._find_known(candidates)
        judged = [await self._judge(candidate, known) for candidate in candidates]
        if self._new:
            statement = WriteStatement()
            records = [{**columns_of(each), "metadata": each.metadata} for each in self._new]
            statement.insert_records("customer", records)
            add_events(statement, EventType.CUSTOMER_CREATED, self._new)
            await statement.run()
        return judged

    async def _read(self, rows: Sequence[StoredRow]) -> list[Candidate]:
        found: list[Candidate] = []
        seen: set[str] = set()
        for index, row in enumerate(rows):
            candidate = await self._check(row)
            if not seen.isdisjoint(candidate.keys):
                break  # the next batch finds the customer of the row before
            seen.update(candidate.keys)
            found.append(candidate)
            if index % _BREATH == 0:
                await asyncio.sleep(0)
        return found

    async def _check(self, row: StoredRow) -> Candidate:
        read = read_row(self._columns, row.cells, find_code)
        clean = with_proven_type(clean_customer(read.draft), electronic=self._settings.electronic_invoicing)
        check = await check_with_database(clean, self._settings)
        faults: dict[tuple[str, ...], Fault] = {}
        for fault in (*read.faults, *check.faults):
            faults.setdefault(fault.path, fault)
        identity = None if faults else identity_of(check, self._import.on_duplicate)
        return Candidate(row.number, read, check, tuple(faults.values()), identity)

    async def _find_known(self, candidates: Sequence[Candidate]) -> dict[str, Known]:
        """The account's customers with the rows' identities and external ids; in a check, also those of rows before."""
        identities = [each.identity for each in candidates if each.identity]
        external_ids = [each.external_id for each in candidates if each.external_id]
        known = await find_customers(candidates)
        if not self._stores and (identities or external_ids):
            first = candidates[0].number
            earlier = await import_rows.earlier_keys(self._import.id, first, identities, external_ids)
            known = {**{key: Known(row=number) for key, number in earlier.items()}, **known}
        return known

    async def _judge(self, candidate: Candidate, known: Mapping[str, Known]) -> JudgedRow:
        outcome, customer_id, faults = await self._decide(candidate, known)
        return JudgedRow(candidate.number, outcome, customer_id, faults, candidate.identity, candidate.external_id)

    async def _decide(
        self, candidate: Candidate, known: Mapping[str, Known]
    ) -> tuple[Outcome, UUID | None, tuple[Fault, ...]]:
        if candidate.read.is_supplier:
            return Outcome.SKIPPED, None, ()
        if candidate.faults:
            return Outcome.FAILED, None, candidate.faults
        same = known.get(f"identity:{candidate.identity}")
        named = known.get(f"external_id:{candidate.external_id}")
        existing = same or named
        if existing is None:
            return Outcome.CREATED, self._add(candidate.check) if self._stores else None, ()
        if self._import.on_duplicate is OnDuplicate.FAIL and same:
            return Outcome.FAILED, None, (duplicate_fault(candidate, same),)
        if named and (self._import.on_duplicate is OnDuplicate.FAIL or named != existing):
            return Outcome.FAILED, None, (same_external_id(named),)
        if existing.id is None or existing.is_archived or self._import.on_duplicate is OnDuplicate.USE_EXISTING:
            return Outcome.UNCHANGED, existing.id, ()
        return await self._fill(existing.id, candidate.check)

    def _add(self, check: CustomerCheck) -> UUID:
        verification = dict(registry.verification_columns(check.derived, None))
        if verification["verification_status"] is VerificationStatus.PENDING:
            # Behind customers that somebody waits for, which have no time yet.
            verification["verification_next_at"] = datetime.now(UTC)
        columns = customer_columns(check.customer)
        customer = models.Customer(id=uuid7(), account_id=self._settings.id, **columns, **verification)
        self._new.append(customer)
        return customer.id

    async def _fill(self, id: UUID, check: CustomerCheck) -> tuple[Outcome, UUID | None, tuple[Fault, ...]]:
        """Give the customer the fields that it lacks; in a check, only for a moment."""
        row = await mine(models.Customer).get(id=id)
        changes = _lacking(draft_of(row, await persons_of(row)), check.derived.as_draft())
        if not changes:
            return Outcome.UNCHANGED, id, ()
        try:
            if self._stores:
                await customers.update(str(id), changes, None)
            else:
                async with rolled_back():
                    await customers.update(str(id), changes, None)
        except Refusal as refusal:
            return Outcome.FAILED, None, tuple(replace(fault, related_id=id) for fault in refusal.faults)
        return Outcome.UPDATED, id, ()


def _lacking(stored: CustomerDraft, other: CustomerDraft) -> dict[str, Any]:
    """The fields that the stored customer lacks, as the other one has them.

    One with another RUC or document, which an external id or a merge has led here, gives none of its own identity.
    """
    identity = stored.ruc, stored.foreign_id
    is_other = any(identity) and identity != (other.ruc, other.foreign_id)
    names = [each.name for each in fields(CustomerRecord) if not (is_other and each.name in _IDENTITY)]
    pairs = {name: (getattr(stored, name), getattr(other, name)) for name in names}
    return {name: new for name, (old, new) in pairs.items() if old in (None, ()) and new not in (None, ())}


_IDENTITY: Final = ("taxpayer_type", "ruc", "dv", "foreign_id")


# Undoing


async def _undo_batch(row: models.Import) -> None:
    rows = await import_rows.rows_after(row.id, row.position, _BATCH, [Outcome.CREATED])
    if not rows:
        await _end_pass(row)
        return
    ids = [each.customer_id for each in rows if each.customer_id]
    _, deleted = await get_connection("default").execute_query(_DELETE_UNUSED, [tenant.current_account(), ids])
    gone = [row_of(models.Customer, dict(each)) for each in deleted]
    statement = WriteStatement()
    add_events(statement, EventType.CUSTOMER_DELETED, gone)
    await statement.run()
    gone_ids = [each.id for each in gone]
    await import_rows.forget_customers(row.id, gone_ids)
    values = [tenant.current_account(), gone_ids]
    await get_connection("default").execute_query("SELECT erase_deleted($1, $2)", values)
    row.position, row.done, row.undone = rows[-1].number, row.done + len(rows), row.undone + len(gone)
    await row.save(update_fields=_PROGRESS)


# Whoever is just issuing an invoice to one of them makes this fail, and the batch is done again.
_DELETE_UNUSED: Final = """
    WITH deleted AS (
        DELETE FROM customer c WHERE c.account_id = $1 AND c.id = ANY ($2) AND c.version = 1 AND c.status = 'ACTIVE'
            AND NOT EXISTS (SELECT FROM document d WHERE d.account_id = $1 AND d.customer_id = c.id)
            AND NOT EXISTS (SELECT FROM customer m WHERE m.account_id = $1 AND m.merged_into = c.id)
            AND NOT EXISTS (SELECT FROM personal_data_request p WHERE p.account_id = $1 AND p.customer_id = c.id)
        RETURNING *
    ) SELECT * FROM deleted
"""
