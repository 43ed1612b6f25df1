"""The columns of keys, by which rows are ordered, searched and told apart: computed anew for the rows that are there.

``rules.keys`` computes them. When it has changed, so may the keys, and the migration calls ``rebuild``.
"""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import structlog

from rules import keys, text

log = structlog.get_logger()

NAME: Final = "keys"
HASH: Final = sha256(b"".join(Path(file).read_bytes() for file in (text.FILE, keys.FILE))).hexdigest()

_AT_ONCE: Final = 1000  # rows of one UPDATE

Connection = Any  # asyncpg has no types


async def rebuild(connection: Connection) -> None:
    """Compute the keys of all customers and documents, and store those that differ; in the transaction that is open."""
    await _rebuild(connection, "customer", _CUSTOMERS, keys.CUSTOMER_KEYS, _customer_keys)
    await _rebuild(connection, "document", _DOCUMENTS, ("search",), _document_keys)
    await _rebuild_foreign_ids(connection)
    for table in ("customer", "document"):
        await _rebuild_tags(connection, table)


async def _rebuild(connection: Connection, table: str, query: str, columns: Sequence[str], compute: Any) -> None:
    changed: list[tuple[Any, ...]] = []
    async for row in connection.cursor(query, prefetch=_AT_ONCE):
        computed = compute(row)
        if any(row[column] != computed[column] for column in columns):
            changed.append((row["account_id"], row["id"], *[computed[column] for column in columns]))
        if len(changed) == _AT_ONCE:
            await _store(connection, table, columns, changed)
            changed = []
    await _store(connection, table, columns, changed)


async def _store(connection: Connection, table: str, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
    if not rows:
        return
    arrays = ", ".join(f"${number}::text[]" for number in range(3, len(columns) + 3))
    await connection.execute(
        f"UPDATE {table} t SET {', '.join(f'{column} = new.{column}' for column in columns)}"
        f" FROM unnest($1::uuid[], $2::uuid[], {arrays}) AS new (account_id, id, {', '.join(columns)})"
        " WHERE t.account_id = new.account_id AND t.id = new.id",
        *map(list, zip(*rows, strict=True)),
    )


_CUSTOMERS: Final = """
    SELECT account_id, id, name, ruc, foreign_id_number, identification, email, phone, mobile,
           name_key, identification_key, phone_key, email_key, search,
           ARRAY(SELECT p.email FROM associated_person p WHERE p.account_id = c.account_id AND p.customer_id = c.id
                 ORDER BY position) AS person_emails
    FROM customer c
"""

# An issued document has its customer's name and numbers as they were, a draft finds them with its customer.
_DOCUMENTS: Final = """
    SELECT d.account_id, d.id, d.number, d.search,
           CASE WHEN number IS NULL THEN c.name ELSE receiver_name END AS name,
           CASE WHEN number IS NULL THEN c.ruc ELSE receiver_ruc END AS ruc,
           CASE WHEN number IS NULL THEN c.foreign_id_number ELSE receiver_foreign_id_number END AS foreign_id_number
    FROM document d JOIN customer c ON c.account_id = d.account_id AND c.id = d.customer_id
"""


def _customer_keys(row: Any) -> dict[str, str | None]:
    return keys.customer_keys(
        name=row["name"],
        ruc_canonical=row["ruc"],
        foreign_id_number=row["foreign_id_number"],
        identification=row["identification"],
        email=row["email"],
        phone=row["phone"],
        mobile=row["mobile"],
        person_emails=row["person_emails"],
    )


def _document_keys(row: Any) -> dict[str, str]:
    words = keys.search_column(row["name"], row["ruc"], row["foreign_id_number"])
    return {"search": (keys.number_words(row["number"]) if row["number"] else "") + words}


_FOREIGN_IDS: Final = """
    SELECT account_id, id, foreign_id_type, foreign_id_number, foreign_id_country, foreign_id_key, status
    FROM customer WHERE foreign_id_number IS NOT NULL ORDER BY account_id, created_at, id
"""


async def _rebuild_foreign_ids(connection: Connection) -> None:
    """The keys that tell foreign documents apart. Of active customers with the same one, the oldest has the key.

    Each of the others gets its own id behind the key, and is named in the log: people may want to archive it.
    """
    changed: list[tuple[UUID, UUID, str]] = []
    owners: dict[tuple[Any, ...], UUID] = {}
    for row in await connection.fetch(_FOREIGN_IDS):
        account, id, key = row["account_id"], row["id"], keys.document_key(row["foreign_id_number"])
        if row["status"] == "ACTIVE":
            document = (account, key, row["foreign_id_country"], row["foreign_id_type"])
            owner = owners.setdefault(document, id)
            if owner != id:
                log.warning("two customers with the same document", account=account, customer=id, other=owner)
                key = f"{key} {id}"
        if row["foreign_id_key"] != key:
            changed.append((account, id, key))
    if changed:
        # Emptied first, so that no key of before stands in the way of a new one.
        await connection.executemany(
            "UPDATE customer SET foreign_id_key = NULL WHERE account_id = $1 AND id = $2",
            [(account, id) for account, id, _ in changed],
        )
        await _store(connection, "customer", ("foreign_id_key",), changed)


async def _rebuild_tags(connection: Connection, table: str) -> None:
    rows = await connection.fetch(f"SELECT account_id, id, tags, tag_keys FROM {table} WHERE tags <> '{{}}'")
    computed = [(row, list(map(keys.tag_key, row["tags"]))) for row in rows]
    await connection.executemany(
        f"UPDATE {table} SET tag_keys = $3 WHERE account_id = $1 AND id = $2",
        [(row["account_id"], row["id"], found) for row, found in computed if row["tag_keys"] != found],
    )
