"""Queueing a document without an account's provider."""

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import orjson
from tortoise.connection import get_connection
from uuid_utils.compat import uuid7

from db import tenant
from rules.vocabulary import DocumentType, Environment


async def queue(document_id: UUID, environment: Environment = Environment.TEST) -> None:
    """Queue a document that its account has issued on paper."""
    sql = "INSERT INTO emission (account_id, document_id, environment) VALUES ($1, $2, $3)"
    await get_connection("default").execute_query(sql, [tenant.current_account(), document_id, environment])


async def add_note(invoice_id: UUID, type_: DocumentType, number: int = 1) -> UUID:
    """Store a note for all of an invoice, as it would be issued, and queue it."""
    id, account_id = uuid7(), tenant.current_account()
    changes = {"id": id, "type": type_, "number": f"{number:010}", "invoice_id": invoice_id, "note_reason": "Daño"}
    changes |= {"issued_at": datetime.now(UTC)}
    changes |= dict.fromkeys(("due_date", "instalments", "export_country", "export_incoterm", "export_port"))
    execute = get_connection("default").execute_query
    await execute(_COPY, [account_id, invoice_id, orjson.dumps(changes, default=str).decode()])
    await execute(_COPY_LINES, [account_id, invoice_id, id])
    await execute(_COUNT, [uuid7(), account_id, id])
    await queue(id)
    return id


_COPY: Final = """
    INSERT INTO document SELECT n.* FROM document d, jsonb_populate_record(d, $3::jsonb) n
    WHERE d.account_id = $1 AND d.id = $2
"""
_COPY_LINES: Final = """
    INSERT INTO document_line SELECT n.* FROM document_line l, jsonb_populate_record(
        l, jsonb_build_object('id', gen_random_uuid(), 'document_id', $3::uuid, 'invoice_position', l.position)) n
    WHERE l.account_id = $1 AND l.document_id = $2
"""
_COUNT: Final = """
    INSERT INTO sequence (id, account_id, branch, billing_point, type, last_number)
    SELECT $1, account_id, branch, billing_point, type, number::bigint FROM document WHERE account_id = $2 AND id = $3
    ON CONFLICT (account_id, branch, billing_point, type) DO UPDATE SET last_number = excluded.last_number
"""
