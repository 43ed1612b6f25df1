"""What electronic documents take on disk, and how long their backup and restore take.

200 documents with 3 lines are issued and authorised; then their rows are copied in SQL, with new ids, numbers and
CUFEs, until there are so many. The sandbox's PDF is smaller than a real one, so the copies get random bytes instead,
which can't be compressed, as a PDF can't.
"""

import asyncio
import time
from pathlib import Path
from typing import Any

from bench.emission.drain import issue, wait_for_files
from bench.emission.place import LINES, place
from db import backup

SAMPLES = 200
_MILLION = 1_000_000

_OF_A_DOCUMENT = {
    "document and lines": "(SELECT sum(pg_column_size(d)) FROM document d)"
    " + (SELECT sum(pg_column_size(l)) FROM document_line l)",
    "emission": "(SELECT sum(pg_column_size(e)) FROM emission e)",
    "payload": "(SELECT sum(octet_length(content)) FROM emission_payload)",
    "attempts": "(SELECT sum(pg_column_size(a)) FROM emission_attempt a)",
    "XML": "(SELECT sum(size) FROM fiscal_file WHERE kind = 'XML')",
    "PDF of the sandbox": "(SELECT sum(size) FROM fiscal_file WHERE kind = 'PDF')",
    "audit trail": "(SELECT sum(pg_column_size(a)) FROM audit_event a WHERE object_type = 'INVOICE')",
}

# The columns of a copy that differ from the original's; t is the original, c the copy.
_NEW = {
    "document": {"id": "c.id", "number": "c.number", "number_key": "c.number"},
    "document_line": {"id": "uuidv7()", "document_id": "c.id"},
    "emission": {"document_id": "c.id", "cufe": "'FE' || md5(c.number) || md5(c.id::text)"},
    "emission_payload": {"document_id": "c.id"},
    "emission_attempt": {"id": "uuidv7()", "document_id": "c.id"},
    "fiscal_file": {"document_id": "c.id", "content": "f.content", "sha256": "sha256(f.content)", "size": "f.size"},
    "audit_event": {"id": "uuidv7()", "object_id": "c.id"},
}
_ORIGINAL = {"document": "id", "audit_event": "object_id"}

# XML as it is, and a piece of the random bytes for each PDF.
_FILE = """CROSS JOIN LATERAL (
    SELECT CASE t.kind WHEN 'XML' THEN t.content
        ELSE substring(r.content FROM 1 + (random() * (length(r.content) - {size}))::integer FOR {size}) END
    FROM random_bytes r) p (content) CROSS JOIN LATERAL (SELECT p.content, octet_length(p.content)) f (content, size)"""


async def run(documents: int, pdf_kb: int) -> str:
    async with place("size") as there:
        await there.start(there.server)
        await issue(there, SAMPLES, LINES * 3)
        await there.start(there.worker)
        await wait_for_files(there, 60)
        for process in (there.server, there.worker):
            await process.kill()
        rows = [await describe_document(there.admin)]
        empty = await database_size(there.admin)
        begin = time.monotonic()
        await copy(there.admin, documents, pdf_kb * 1024)
        copied = time.monotonic() - begin
        size = await database_size(there.admin) - empty
        await there.admin.close()
        file = there.logs / "backup"
        begin = time.monotonic()
        await asyncio.to_thread(backup.back_up, there.postgres.server, file)
        backed_up = time.monotonic() - begin
        begin = time.monotonic()
        await backup.restore(there.postgres.server, file, replace=True)
        restored = time.monotonic() - begin
        rows += list(describe_all(documents, size, file, copied, backed_up, restored))
        file.unlink()
    return "\n".join(rows)


async def database_size(admin: Any) -> int:
    size: int = await admin.fetchval("SELECT pg_database_size(current_database())")
    return size


async def describe_document(admin: Any) -> str:
    parts = []
    for name, sql in _OF_A_DOCUMENT.items():
        size = await admin.fetchval(f"SELECT (({sql}) / {SAMPLES}.0)::float")
        parts.append(f"{name} {size / 1024:.1f}")
    return f"kB of a document with 3 lines, without indexes: {', '.join(parts)}"


async def copy(admin: Any, documents: int, pdf_size: int) -> None:
    """Copy the documents that there are until there are so many more, without triggers."""
    await admin.execute("SET session_replication_role = replica")
    await admin.execute(
        """CREATE TEMP TABLE random_bytes AS
            SELECT decode(string_agg(md5(random()::text), ''), 'hex') AS content FROM generate_series(1, 300000)"""
    )
    await admin.execute(
        f"""CREATE TEMP TABLE copy AS
            SELECT d.id AS original, uuidv7() AS id, lpad((1000000 + row_number() OVER ())::text, 10, '0') AS number
            FROM generate_series(1, {documents // SAMPLES}), document d WHERE d.electronic"""
    )
    await admin.execute("ANALYZE copy")
    for table, new in _NEW.items():
        columns = await admin.fetch(
            """SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped
                AND attgenerated = ''""",
            table,
        )
        names = [row["attname"] for row in columns]
        values = [new.get(name, f"t.{name}") for name in names]
        more = _FILE.format(size=pdf_size) if table == "fiscal_file" else ""
        await admin.execute(
            f"""INSERT INTO {table} ({", ".join(names)}) SELECT {", ".join(values)}
                FROM {table} t JOIN copy c ON c.original = t.{_ORIGINAL.get(table, "document_id")} {more}""",
            timeout=3600,
        )
    await admin.execute("CHECKPOINT")


def describe_all(documents: int, size: int, file: Path, copied: float, backed_up: float, restored: float) -> list[str]:
    times = _MILLION / documents
    backup_size = file.stat().st_size
    return [
        f"{documents} documents, made in {copied:.0f} s; times {times:.0f} for a million:",
        "| | measured | a million |",
        "|---|---|---|",
        f"| disk, with indexes | {size / 1e6:.0f} MB | {size * times / 1e9:.0f} GB |",
        f"| backup file | {backup_size / 1e6:.0f} MB | {backup_size * times / 1e9:.0f} GB |",
        f"| backup | {backed_up:.1f} s | {backed_up * times / 60:.0f} min |",
        f"| restore | {restored:.1f} s | {restored * times / 60:.0f} min |",
    ]
