"""The rows of documents on their way: finding, claiming, settling. Each is one statement, so all of it or nothing.

Times are arguments, so that the workers go by one clock, the database's. All of it is about the current account.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from tortoise.connection import get_connection
from tortoise.transactions import in_transaction
from uuid_utils.compat import uuid7

from db import tenant
from db.leases import STAYS, take
from emission import progress, states
from emission.progress import Emission
from emission.rows import CHANGING, KEY, READ, evidence_columns, faults_json, key_of, row_of
from emission.settings import Settings
from emission.states import Act, Due, Event, Step
from pac.emission import Evidence
from rules.fiscal.document import DocumentKey
from rules.vocabulary import FiscalStatus

DUPLICATE: Final = "DUPLICATE"  # the outcome of an attempt that was answered that the number is used

# Finding


@dataclass(frozen=True)
class Waiting:
    """A document that is due, and its key at the provider.

    ``is_written``: its bytes are there already. ``is_used``: the provider has said of these that the number is used.
    """

    row: Emission
    key: DocumentKey
    is_written: bool
    is_used: bool

    @property
    def document_id(self) -> UUID:
        return self.row.document_id


async def find_accounts(now: datetime) -> list[UUID]:
    """The accounts in which something is due."""
    _, rows = await get_connection("default").execute_query("SELECT account_id FROM due_emissions($1)", [now])
    return [row["account_id"] for row in rows]


async def find_due(now: datetime, limit: int) -> list[Waiting]:
    """The documents of the account that are due, those that have waited longest first."""
    _, rows = await get_connection("default").execute_query(_FIND, [tenant.current_account(), now, limit])
    return [Waiting(row_of(row), key_of(row), row["is_written"], row["is_used"]) for row in rows]


async def read_payload(document_id: UUID, number: int) -> bytes:
    """The bytes that are sent for a document."""
    arguments = [tenant.current_account(), document_id, number]
    _, rows = await get_connection("default").execute_query(_PAYLOAD, arguments)
    return bytes(rows[0]["content"])


async def read_earlier_payloads(document_id: UUID, number: int) -> list[bytes]:
    """What was sent for a document before its payload of this number, which a correction has made."""
    arguments = [tenant.current_account(), document_id, number]
    _, rows = await get_connection("default").execute_query(_EARLIER, arguments)
    return [bytes(row["content"]) for row in rows]


_FIND: Final = f"""
    SELECT {READ}, {KEY}, EXISTS (
        SELECT FROM emission_payload p
        WHERE p.account_id = $1 AND p.document_id = e.document_id AND p.number = e.payload) AS is_written,
        EXISTS (
            SELECT FROM emission_attempt a
            WHERE a.account_id = $1 AND a.document_id = e.document_id AND a.kind = 'SEND' AND a.payload = e.payload
                AND a.outcome = '{DUPLICATE}') AS is_used
    FROM emission e JOIN document d ON d.account_id = $1 AND d.id = e.document_id
    WHERE e.account_id = $1 AND e.due_at <= $2 AND {STAYS}
    ORDER BY e.due_at LIMIT $3
"""

_EARLIER: Final = """
    SELECT content FROM emission_payload WHERE account_id = $1 AND document_id = $2 AND number < $3 ORDER BY number
"""

_PAYLOAD: Final = "SELECT content FROM emission_payload WHERE account_id = $1 AND document_id = $2 AND number = $3"


# Claiming


@dataclass(frozen=True)
class Claim:
    """A document that this worker holds until ``until``, and what it does: ``attempt_id`` is the row of evidence."""

    row: Emission
    key: DocumentKey
    is_used: bool
    act: Act
    attempt_id: UUID
    until: datetime
    sent_before: datetime | None  # until when the attempt before this one was sent
    version: int  # of the account's provider and credentials by which the act is done; 0 if it has none


async def claim(
    waiting: Waiting, provider: str | None, version: int, payload: bytes | None, now: datetime, settings: Settings
) -> Claim | None:
    """Hold a document for the length of the lease; None if another worker, or a person, was faster.

    That is so, too, if the account's provider or credentials are of another ``version`` by now. ``payload`` are its
    bytes, where they are to be written. An attempt that never ended is closed.
    """
    before = waiting.row
    row, step = progress.claim(before, provider, now, settings)
    assert step.effects.act is not None
    attempt_id = uuid7()
    arguments = [
        *(tenant.current_account(), row.document_id, before.attempts, before.status, now, settings.lease),
        *(row.status, row.provider, row.sent_until, row.not_found_at, row.void_asked_at, row.void_refusal),
        *(row.payload, payload, attempt_id, step.effects.act.value, version),
    ]
    claimed, rows = await get_connection("default").execute_query(_CLAIM, arguments)
    if not rows:
        return None
    row = replace(row, attempts=before.attempts + 1, due_at=rows[0]["due_at"])
    return Claim(
        row, waiting.key, waiting.is_used, step.effects.act, attempt_id, rows[0]["due_at"], before.sent_until, version
    )


_CLAIM: Final = f"""
    WITH setting AS MATERIALIZED (
        SELECT version FROM pac_setting WHERE account_id = $1 FOR KEY SHARE
    ), chosen AS (
        SELECT e.document_id FROM emission e
        WHERE e.account_id = $1 AND e.document_id = $2 AND e.attempts = $3 AND e.status = $4 AND e.due_at <= $5
            AND coalesce((SELECT version FROM setting), 0) = $17
        FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE emission e SET
            {take("$5::timestamptz", "$6")},
            status = $7, provider = $8, sent_until = $9, not_found_at = $10, void_asked_at = $11, void_refusal = $12,
            updated_at = now()
        FROM chosen c WHERE e.account_id = $1 AND e.document_id = c.document_id
        RETURNING e.document_id, e.due_at
    ), lapsed AS (
        UPDATE emission_attempt a SET ended_at = now(), outcome = 'LEASE_OVER' FROM claimed c
        WHERE a.account_id = $1 AND a.document_id = c.document_id AND a.ended_at IS NULL
            AND a.kind IN ('SEND', 'LOOK', 'VOID')
    ), written AS (
        INSERT INTO emission_payload (account_id, document_id, number, content, sha256)
        SELECT $1, c.document_id, $13, $14, sha256($14::bytea) FROM claimed c WHERE $14::bytea IS NOT NULL
        RETURNING 1
    ), attempt AS (
        INSERT INTO emission_attempt (id, account_id, document_id, kind, payload, provider)
        SELECT $15, $1, c.document_id, $16, $13, $8 FROM claimed c
        RETURNING 1
    )
    SELECT due_at FROM claimed
"""


# Settling


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What is stored with a row's next state: how its attempt ended, and a file that came of it."""

    attempt_id: UUID | None = None
    outcome: str = ""
    evidence: Evidence = Evidence()
    xml: bytes | None = None


class SettingChanged(Exception):
    """The account has another provider or other credentials than those that were refused."""


async def settle(before: Emission, after: Emission, step: Step, settled: Settled, version: int | None = None) -> bool:
    """Store the next state with its evidence, event and files; False if the row isn't held any more.

    Where the document itself becomes void, it is locked first, as those do who change documents. Raises
    ``SettingChanged`` where the state follows from a ``version`` of the account's setting that is out of date.
    """
    if not step.effects.voids and not step.effects.blocks_account and version is None:
        return await _settle(before, after, step, settled)
    async with in_transaction():
        arguments = [tenant.current_account(), before.document_id]
        await get_connection("default").execute_query(_LOCK_DOCUMENT, arguments)
        if version is not None and await _hold_version() != version:
            raise SettingChanged
        is_held = await _settle(before, after, step, settled)
        if is_held and step.effects.blocks_account:
            await _block_account(before.document_id, after)
        return is_held


_LOCK_DOCUMENT: Final = "SELECT FROM document WHERE account_id = $1 AND id = $2 FOR NO KEY UPDATE"


async def _hold_version() -> int:
    """The version of the account's setting, which stays until the transaction ends."""
    _, rows = await get_connection("default").execute_query(_VERSION, [tenant.current_account()])
    return rows[0]["version"] if rows else 0


_VERSION: Final = "SELECT version FROM pac_setting WHERE account_id = $1 FOR KEY SHARE"


async def _settle(before: Emission, after: Emission, step: Step, settled: Settled) -> bool:
    values = [getattr(after, column) for column in CHANGING]
    values[CHANGING.index("faults")] = faults_json(after.faults)
    arguments = [
        *(tenant.current_account(), before.document_id, before.attempts, before.status, settled.attempt_id),
        *(settled.outcome or None, *evidence_columns(settled.evidence), settled.xml),
        *(step.effects.voids, step.effects.tells, uuid7(), step.effects.fetches, *values),
    ]
    _, rows = await get_connection("default").execute_query(_SETTLE, arguments)
    return bool(rows)


# Files may have been fetched since the row was read: what came of that stays where the step says nothing of it.
_KEPT: Final = {
    "qr": "coalesce({new}, e.qr)",
    "protocol": "coalesce({new}, e.protocol)",
    "files_due_at": "CASE WHEN $14::boolean THEN {new} ELSE e.files_due_at END",
}
_SET: Final = ", ".join(
    f"{column} = {_KEPT.get(column, '{new}').format(new=f'${number}')}" for number, column in enumerate(CHANGING, 15)
)

# The data of an event are those of the document's other events (resolvers/outbox.py), and what emission knows.
_DATA: Final = """jsonb_build_object(
    'id', d.id, 'version', coalesce(p.version, d.version), 'status', coalesce(p.status, d.status),
    'customerId', d.customer_id, 'billingPoint', d.billing_point, 'number', d.number, 'issueDate', d.issue_date,
    'currency', d.currency, 'total', d.total::text,
    'fiscalStatus', h.status, 'cufe', h.cufe, 'blockedReason', h.blocked_reason)
    || CASE WHEN d.invoice_id IS NULL THEN '{}' ELSE jsonb_build_object('invoiceId', d.invoice_id) END"""

# The table of states tells what becomes of an invoice; a note's events have its own type in their names.
_EVENT: Final = "CASE WHEN d.type LIKE '%NOTE' THEN replace($12::varchar, 'INVOICE', d.type) ELSE $12::varchar END"

_SETTLE: Final = f"""
    WITH held AS (
        UPDATE emission e SET {_SET}, updated_at = now()
        WHERE e.account_id = $1 AND e.document_id = $2 AND e.attempts = $3 AND e.status = $4
        RETURNING e.document_id, e.status, e.cufe, e.blocked_reason, e.void_reason, e.voided_at
    ), attempt AS (
        UPDATE emission_attempt a SET ended_at = now(), outcome = $6, code = $7, message = $8, answer = $9
        FROM held h WHERE a.account_id = $1 AND a.id = $5
    ), file AS (
        INSERT INTO fiscal_file (account_id, document_id, kind, content, sha256, size)
        SELECT $1, h.document_id, 'XML', $10, sha256($10::bytea), octet_length($10::bytea) FROM held h
        WHERE $10::bytea IS NOT NULL
        ON CONFLICT DO NOTHING
    ), paper AS (
        UPDATE document d SET
            status = 'VOID', void_reason = h.void_reason, voided_at = h.voided_at, version = d.version + 1,
            updated_at = now()
        FROM held h WHERE d.account_id = $1 AND d.id = h.document_id AND d.status = 'ISSUED' AND $11::boolean
        RETURNING d.status, d.version
    ), told AS (
        INSERT INTO event (id, account_id, type, object_id, data)
        SELECT $13, $1, {_EVENT}, d.id, {_DATA}
        FROM held h JOIN document d ON d.account_id = $1 AND d.id = h.document_id LEFT JOIN paper p ON true
        WHERE $12::varchar IS NOT NULL
        RETURNING 1
    )
    SELECT document_id FROM held
"""


async def _block_account(except_id: UUID, blocked: Emission) -> None:
    """Block the account's other documents that are queued for this provider: they would be refused alike."""
    step = states.step(FiscalStatus.QUEUED, Event.ACCOUNT_BLOCKED)
    arguments = [
        *(tenant.current_account(), except_id, step.status, step.effects.reason),
        *(blocked.blocked_message, step.effects.tells, blocked.provider),
    ]
    await get_connection("default").execute_query(_BLOCK, arguments)


_BLOCK: Final = f"""
    WITH chosen AS (
        SELECT e.document_id FROM emission e
        WHERE e.account_id = $1 AND e.status = 'QUEUED' AND e.document_id <> $2
            AND (e.provider IS NULL OR e.provider = $7)  -- those never tried go to the same
        FOR UPDATE SKIP LOCKED
    ), h AS (
        UPDATE emission e SET
            status = $3, due_at = NULL, failing_since = NULL, sent_until = NULL, blocked_reason = $4,
            blocked_message = $5, updated_at = now()
        FROM chosen c WHERE e.account_id = $1 AND e.document_id = c.document_id
        RETURNING e.document_id, e.status, e.cufe, e.blocked_reason
    )
    INSERT INTO event (id, account_id, type, object_id, data)
    SELECT gen_random_uuid(), $1, $6, d.id, {_DATA}
    FROM h JOIN document d ON d.account_id = $1 AND d.id = h.document_id
        LEFT JOIN (SELECT NULL::text AS status, NULL::integer AS version) p ON true
    RETURNING 1
"""


async def settle_late(
    claim: Claim, event: Event | None, settled: Settled, now: datetime, settings: Settings
) -> Step | None:
    """Keep what a worker was answered after its lease, and let the document be looked for: it may have arrived.

    The attempts go up, so that a worker that holds it now comes too late as well: what it knows is out of date.
    """
    async with in_transaction():
        await _close_attempt(settled)
        if event is None:
            return None
        row = await lock(claim.row.document_id)
        after, step = progress.advance(row, event, now, settings)
        if step.effects.due is not Due.UNCHANGED:
            await _settle(row, after, step, Settled())
            sql = "UPDATE emission SET attempts = attempts + 1 WHERE account_id = $1 AND document_id = $2"
            await get_connection("default").execute_query(sql, [tenant.current_account(), row.document_id])
        return step


async def _close_attempt(settled: Settled) -> None:
    arguments = [
        tenant.current_account(),
        settled.attempt_id,
        settled.outcome,
        *evidence_columns(settled.evidence),
    ]
    await get_connection("default").execute_query(_CLOSE, arguments)


_CLOSE: Final = """
    UPDATE emission_attempt SET ended_at = now(), outcome = $3, code = $4, message = $5, answer = $6
    WHERE account_id = $1 AND id = $2
"""


async def lock(document_id: UUID) -> Emission:
    """The row, locked until the transaction ends; raises ``LookupError`` for a document that isn't electronic."""
    _, rows = await get_connection("default").execute_query(_LOCK, [tenant.current_account(), document_id])
    if not rows:
        raise LookupError(document_id)
    return row_of(rows[0])


_LOCK: Final = f"SELECT {READ} FROM emission e WHERE e.account_id = $1 AND e.document_id = $2 FOR UPDATE"
