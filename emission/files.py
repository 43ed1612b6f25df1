"""The authorised XML and the provider's PDF: fetched by tasks of their own, stored once and never changed.

The provider may lag behind with either, so each that is there is stored, and the other one is fetched again later.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from tortoise.connection import get_connection
from uuid_utils.compat import uuid7

from db import tenant
from db.leases import STAYS
from emission.rows import KEY, evidence_columns, key_of
from emission.settings import Settings
from pac.emission import Evidence, File, FileContents
from rules.fiscal.document import DocumentKey
from rules.vocabulary import Environment

_DAILY: Final = 24 * 3600.0  # seconds between attempts after the first day


class FileKind(StrEnum):
    XML = "XML"
    PDF = "PDF"


@dataclass(frozen=True)
class Missing:
    """A document that lacks files, and since when they could be there."""

    document_id: UUID
    key: DocumentKey
    cufe: str | None
    provider: str | None
    environment: Environment
    payload: int
    due_at: datetime
    since: datetime
    kinds: tuple[FileKind, ...]


@dataclass(frozen=True)
class Fetched:
    """What came of fetching a file."""

    attempt_id: UUID
    kind: FileKind
    evidence: Evidence
    content: bytes | None


async def find_missing(now: datetime, limit: int) -> list[Missing]:
    """The documents of the account whose files are to be fetched now."""
    _, rows = await get_connection("default").execute_query(_FIND, [tenant.current_account(), now, limit])
    return [_missing(row) for row in rows]


def _missing(row: Any) -> Missing:
    kinds = tuple([FileKind(kind) for kind in row["kinds"]])
    since = row["authorized_at"] or row["files_due_at"]
    return Missing(
        document_id=row["document_id"],
        key=key_of(row),
        cufe=row["cufe"],
        provider=row["provider"],
        environment=Environment(row["environment"]),
        payload=row["payload"],
        due_at=row["files_due_at"],
        since=since,
        kinds=kinds,
    )


_FIND: Final = f"""
    SELECT e.document_id, e.cufe, e.provider, e.environment, e.payload, e.files_due_at, e.authorized_at, {KEY}, ARRAY(
        SELECT k.wanted FROM unnest(ARRAY['XML', 'PDF']) k (wanted)
        WHERE NOT EXISTS (
            SELECT FROM fiscal_file f
            WHERE f.account_id = $1 AND f.document_id = e.document_id AND f.kind = k.wanted)
    ) AS kinds
    FROM emission e JOIN document d ON d.account_id = $1 AND d.id = e.document_id
    WHERE e.account_id = $1 AND e.files_due_at <= $2 AND {STAYS}
    ORDER BY e.files_due_at LIMIT $3
"""


async def claim(missing: Missing, now: datetime, settings: Settings) -> dict[FileKind, UUID] | None:
    """Hold a document's files for the length of the lease, with an attempt for each; None if somebody else does."""
    attempts = {kind: uuid7() for kind in missing.kinds}
    until = now + timedelta(seconds=settings.lease)
    arguments = [
        *(tenant.current_account(), missing.document_id, missing.due_at, until),
        *(list(attempts.values()), list(attempts), missing.payload, missing.provider),
    ]
    _, rows = await get_connection("default").execute_query(_CLAIM, arguments)
    return attempts if rows else None


_CLAIM: Final = """
    WITH chosen AS (
        SELECT e.document_id FROM emission e
        WHERE e.account_id = $1 AND e.document_id = $2 AND e.files_due_at = $3 FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE emission e SET files_due_at = $4 FROM chosen c
        WHERE e.account_id = $1 AND e.document_id = c.document_id RETURNING e.document_id
    ), lapsed AS (
        UPDATE emission_attempt a SET ended_at = now(), outcome = 'LEASE_OVER' FROM claimed c
        WHERE a.account_id = $1 AND a.document_id = c.document_id AND a.ended_at IS NULL AND a.kind IN ('XML', 'PDF')
    ), attempt AS (
        INSERT INTO emission_attempt (id, account_id, document_id, kind, payload, provider)
        SELECT w.id, $1, c.document_id, w.kind, $7, $8
        FROM claimed c, unnest($5::uuid[], $6::text[]) AS w (id, kind)
        RETURNING 1
    )
    SELECT document_id FROM claimed
"""


async def store(
    missing: Missing, fetched: list[Fetched], contents: FileContents | None, now: datetime, settings: Settings
) -> None:
    """Store what was fetched, and when the rest is fetched. A file that is there already stays as it is."""
    is_complete = all(each.content is not None for each in fetched)
    due_at = None if is_complete else now + timedelta(seconds=_pause(missing, now, settings))
    evidence = [evidence_columns(each.evidence) for each in fetched]
    arguments = [
        *(tenant.current_account(), missing.document_id, due_at),
        *([each.attempt_id for each in fetched], [each.kind for each in fetched], [each.content for each in fetched]),
        *[[columns[part] for columns in evidence] for part in range(3)],
        *(contents and contents.qr, contents and contents.protocol),
    ]
    await get_connection("default").execute_query(_STORE, arguments)


def _pause(missing: Missing, now: datetime, settings: Settings) -> float:
    failing_for = (now - missing.since).total_seconds()
    return _DAILY if settings.retries.is_over(failing_for) else settings.retries.pause(failing_for)


# The QR and the protocol may be in the XML alone.
_STORE: Final = """
    WITH ended AS (
        SELECT * FROM unnest($4::uuid[], $5::text[], $6::bytea[], $7::text[], $8::text[], $9::text[])
            AS f (id, kind, content, code, message, answer)
    ), attempt AS (
        UPDATE emission_attempt a SET
            ended_at = now(), outcome = CASE WHEN f.content IS NULL THEN 'UNAVAILABLE' ELSE 'FILE' END,
            code = f.code, message = f.message, answer = f.answer
        FROM ended f WHERE a.account_id = $1 AND a.id = f.id
    ), file AS (
        INSERT INTO fiscal_file (account_id, document_id, kind, content, sha256, size)
        SELECT $1, $2, f.kind, f.content, sha256(f.content), octet_length(f.content)
        FROM ended f WHERE f.content IS NOT NULL
        ON CONFLICT DO NOTHING
    )
    UPDATE emission SET
        files_due_at = $3, qr = coalesce(qr, $10), protocol = coalesce(protocol, $11), updated_at = now()
    WHERE account_id = $1 AND document_id = $2
"""


async def read(document_id: UUID, kind: FileKind) -> bytes | None:
    """A stored file of the account; None if it hasn't been fetched."""
    arguments = [tenant.current_account(), document_id, kind]
    _, rows = await get_connection("default").execute_query(_READ, arguments)
    return bytes(rows[0]["content"]) if rows else None


_READ: Final = "SELECT content FROM fiscal_file WHERE account_id = $1 AND document_id = $2 AND kind = $3"


def kept(outcome: File | object) -> bytes | None:
    """The content of a file that came, which is kept; an empty one did not come."""
    return outcome.content or None if isinstance(outcome, File) else None
