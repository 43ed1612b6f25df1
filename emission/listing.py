"""What operators see of documents and differences, of one account or, as the database's owner, of all."""

from typing import Any, Final
from uuid import UUID

from tortoise.connection import get_connection

from db.leases import IS_HERE
from emission.rows import NAME

OPEN: Final = ("QUEUED", "SENDING", "CHECKING", "ACCEPTED", "VOIDING")


async def list_documents(statuses: list[str], account_id: UUID | None, most: int) -> list[dict[str, Any]]:
    """Those that have waited longest first."""
    return await get_connection("default").execute_query_dict(DOCUMENTS, [statuses, account_id, most])


DOCUMENTS: Final = f"""
    SELECT e.account_id, e.document_id, {NAME} AS number, e.status,
        e.open_since, e.due_at, e.attempts, e.blocked_reason,
        coalesce(CASE WHEN e.status = 'REJECTED' THEN e.faults -> 0 ->> 'message' END, e.blocked_message) AS message
    FROM emission e JOIN document d ON d.account_id = e.account_id AND d.id = e.document_id
    WHERE e.status = ANY ($1) AND e.account_id = coalesce($2::uuid, e.account_id) AND {IS_HERE.format("e.account_id")}
    ORDER BY e.open_since LIMIT $3
"""


async def list_differences(account_id: UUID | None, most: int) -> list[dict[str, Any]]:
    return await get_connection("default").execute_query_dict(DIFFERENCES, [account_id, most])


DIFFERENCES: Final = f"""
    SELECT account_id, kind, subject, document_id, count, detail, since FROM emission_difference
    WHERE account_id = coalesce($1::uuid, account_id) AND {IS_HERE.format("account_id")}
    ORDER BY since, account_id, kind, subject LIMIT $2
"""


async def find_document(document_id: UUID) -> dict[str, Any] | None:
    """A document as emission has it; None if it isn't electronic."""
    rows = await get_connection("default").execute_query_dict(_DOCUMENT, [document_id])
    return rows[0] if rows else None


_DOCUMENT: Final = f"""
    SELECT e.*, {NAME} AS number, d.issued_at,
        ARRAY(SELECT f.kind::text FROM fiscal_file f
              WHERE f.account_id = e.account_id AND f.document_id = e.document_id ORDER BY 1) AS files
    FROM emission e JOIN document d ON d.account_id = e.account_id AND d.id = e.document_id
    WHERE e.document_id = $1
"""


async def list_attempts(account_id: UUID, document_id: UUID) -> list[dict[str, Any]]:
    sql = """
        SELECT kind, provider, started_at, ended_at, outcome, code, message FROM emission_attempt
        WHERE account_id = $1 AND document_id = $2 ORDER BY id
    """
    return await get_connection("default").execute_query_dict(sql, [account_id, document_id])


async def find_blocked(account_id: UUID, reason: str) -> list[UUID]:
    sql = """
        SELECT document_id FROM emission WHERE account_id = $1 AND status = 'BLOCKED' AND blocked_reason = $2
        ORDER BY document_id
    """
    rows = await get_connection("default").execute_query_dict(sql, [account_id, reason])
    return [row["document_id"] for row in rows]
