"""All that an account knows about a person who is its customer, for an answer under Ley 81."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from tortoise.connection import get_connection

from db import tenant
from resolvers.scope import uuid_of


@dataclass(frozen=True)
class PersonalData:
    """``sections`` are lists of records, by name; that of the customer has one. Amounts are texts."""

    exported_at: datetime
    request: dict[str, Any]
    business: dict[str, Any]
    sections: dict[str, list[dict[str, Any]]]

    def as_json(self) -> bytes:
        plain = {"exportedAt": self.exported_at, "request": self.request, "business": self.business, **self.sections}
        return orjson.dumps(plain, option=orjson.OPT_INDENT_2)


async def read_personal_data(request_id: str) -> PersonalData | None:
    """The data of the customer that a request is about, as it is now; None where there is no such request."""
    values = [tenant.current_account(), uuid_of(request_id)]
    _, rows = await get_connection("default").execute_query(_EXPORT, values)
    if not rows:
        return None
    row = dict(rows[0])
    plain = {name: orjson.loads(row[name]) for name in ("request", "business")}
    sections = {name: orjson.loads(row[name] or b"[]") for name in SECTIONS}
    return PersonalData(row["exported_at"], **plain, sections=sections)


# What each section reads. `ids` are the customer and those that were merged into it.
_PERSON: Final = "{0}.account_id = $1 AND {0}.{1} IN (SELECT id FROM ids)"
_DOCUMENT: Final = "{0}.account_id = $1 AND {0}.{1} IN (SELECT id FROM papers)"

# Columns by which rows are ordered and searched tell nothing more; which others it isn't, nothing of the person.
_KEYS: Final = """
    '{account_id,name_key,identification_key,phone_key,foreign_id_key,email_key,tag_keys,different_from,number_key,
    total_cents,search}'
"""

SECTIONS: Final[dict[str, str]] = {
    "customer": f"SELECT to_jsonb(c) - {_KEYS}::text[] AS row FROM customer c WHERE {_PERSON.format('c', 'id')}",
    "associatedPersons": f"""
        SELECT to_jsonb(p) - {_KEYS}::text[] AS row FROM associated_person p WHERE {_PERSON.format("p", "customer_id")}
        ORDER BY p.customer_id, p.position
    """,
    "documents": f"""
        SELECT to_jsonb(d) - {_KEYS}::text[] || jsonb_build_object(
            'subtotal', d.subtotal::text, 'total', d.total::text, 'itbms_total', d.itbms_total::text,
            'discount_total', d.discount_total::text, 'withholding_amount', d.withholding_amount::text,
            'lines', (
                SELECT jsonb_agg(jsonb_build_object(
                    'description', l.description, 'quantity', l.quantity::text, 'unitPrice', l.unit_price::text,
                    'total', l.total::text) ORDER BY l.position)
                FROM document_line l WHERE l.account_id = $1 AND l.document_id = d.id)) AS row
        FROM document d WHERE {_PERSON.format("d", "customer_id")} ORDER BY d.issue_date, d.id
    """,
    "mails": f"""
        SELECT jsonb_build_object('document_id', m.object_id, 'to', m.email, 'status', m.status, 'at',
            coalesce(m.settled_at, m.began_at)) AS row
        FROM delivery m WHERE {_DOCUMENT.format("m", "object_id")} AND m.webhook_id IS NULL ORDER BY m.sequence, m.email
    """,
    "registryAnswers": f"""
        SELECT to_jsonb(r) - {_KEYS}::text[] AS row FROM registry_answer r
        WHERE r.account_id = $1 AND r.ruc IN (SELECT c.ruc FROM customer c WHERE {_PERSON.format("c", "id")})
        ORDER BY r.asked_at
    """,
    "importedRows": f"""
        SELECT jsonb_build_object('file', i.file_name, 'row', r.number, 'cells', r.cells) AS row
        FROM import_row r JOIN import i ON i.account_id = $1 AND i.id = r.import_id
        WHERE {_PERSON.format("r", "customer_id")} ORDER BY i.created_at, r.number
    """,
    "changes": """
        SELECT jsonb_build_object('at', a.occurred_at, 'action', a.action, 'object', a.object_type,
            'object_id', a.object_id, 'changes', a.changes) AS row
        FROM audit_event a
        WHERE a.account_id = $1 AND (a.object_id IN (SELECT id FROM ids) OR a.object_id IN (SELECT id FROM papers))
        ORDER BY a.occurred_at, a.id
    """,
    "requests": f"""
        SELECT to_jsonb(q) - {_KEYS}::text[] AS row FROM personal_data_request q
        WHERE {_PERSON.format("q", "customer_id")} ORDER BY q.received_on, q.id
    """,
}

_COLUMNS: Final = ", ".join(
    f'(SELECT jsonb_agg(row) FROM ({query}) AS rows)::text AS "{name}"' for name, query in SECTIONS.items()
)
_EXPORT: Final = f"""
    WITH asked AS MATERIALIZED (
        SELECT q.* FROM personal_data_request q WHERE q.account_id = $1 AND q.id = $2 AND q.kind = 'EXPORT'
    ), ids AS MATERIALIZED (
        SELECT c.id FROM customer c, asked
        WHERE c.account_id = $1 AND coalesce(c.merged_into, c.id) = (
            SELECT coalesce(s.merged_into, s.id) FROM customer s WHERE s.account_id = $1 AND s.id = asked.customer_id)
    ), papers AS MATERIALIZED (
        SELECT d.id FROM document d WHERE {_PERSON.format("d", "customer_id")}
    )
    SELECT now() AS exported_at,
        jsonb_build_object('id', asked.id, 'received_on', asked.received_on, 'due_on', asked.due_on)::text AS request,
        (SELECT jsonb_build_object('name', a.name, 'legal_name', a.legal_name, 'ruc', a.ruc, 'dv', a.dv,
            'address', a.address, 'email', a.email, 'phone', a.phone) FROM account a WHERE a.id = $1)::text AS business,
        {_COLUMNS}
    FROM asked
"""
