"""The rows of an uploaded file, and what became of each."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from tortoise.connection import get_connection

from db import tenant
from rules.faults import Code, Fault, Text
from rules.vocabulary import Outcome
from spreadsheets.table import Row

_AT_ONCE: Final = 500  # rows that are read or inserted by one statement
_MOST_TEXT: Final = 1_000_000  # characters of the rows that are inserted by one statement


@dataclass(frozen=True)
class JudgedRow:
    """A row of the file, and what became of it or, after a check, what would."""

    number: int
    outcome: Outcome
    customer_id: UUID | None = None
    faults: tuple[Fault, ...] = ()
    identity: str | None = None
    external_id: str | None = None


@dataclass(frozen=True)
class StoredRow:
    """``outcome`` is None until the row was checked."""

    number: int
    cells: list[str]
    outcome: Outcome | None
    customer_id: UUID | None
    faults: tuple[Fault, ...]


# Writing


async def insert_rows(import_id: UUID, rows: AsyncIterator[Row]) -> int:
    """Store the rows in batches; returns how many there were."""
    count, batch, size = 0, list[Row](), 0
    async for row in rows:
        batch.append(row)
        size += sum(map(len, row.cells))
        count += 1
        if len(batch) == _AT_ONCE or size > _MOST_TEXT:
            await _insert(import_id, batch)
            batch, size = [], 0
    await _insert(import_id, batch)
    return count


async def _insert(import_id: UUID, rows: Sequence[Row]) -> None:
    if rows:
        data = orjson.dumps([{"number": row.number, "cells": row.cells} for row in rows]).decode()
        await _query(_INSERT, import_id, data)


_INSERT: Final = """
    INSERT INTO import_row (account_id, import_id, number, cells)
    SELECT $1, $2, new.number, new.cells FROM jsonb_to_recordset($3::jsonb) AS new (number integer, cells text[])
    RETURNING 1
"""


async def store_outcomes(import_id: UUID, rows: Sequence[JudgedRow]) -> None:
    data = [
        {
            "number": row.number,
            "outcome": row.outcome,
            "customer_id": row.customer_id,
            "faults": [_record_of(fault) for fault in row.faults] or None,
            "identity": row.identity,
            "external_id": row.external_id,
        }
        for row in rows
    ]
    await _query(_STORE_OUTCOMES, import_id, orjson.dumps(data, default=str).decode())


_STORE_OUTCOMES: Final = """
    UPDATE import_row r SET outcome = new.outcome, customer_id = new.customer_id, faults = new.faults,
        identity = new.identity, external_id = new.external_id
    FROM jsonb_to_recordset($3::jsonb) AS new (
        number integer, outcome text, customer_id uuid, faults jsonb, identity text, external_id text)
    WHERE r.account_id = $1 AND r.import_id = $2 AND r.number = new.number
"""


async def forget_customers(import_id: UUID, ids: Sequence[UUID]) -> None:
    """The rows no longer name these customers, which are deleted."""
    await _query(_FORGET_CUSTOMERS, import_id, list(ids))


_FORGET_CUSTOMERS: Final = """
    UPDATE import_row SET customer_id = NULL WHERE account_id = $1 AND import_id = $2 AND customer_id = ANY ($3)
"""


# Reading


async def rows_after(
    import_id: UUID, number: int, most: int, outcomes: Iterable[Outcome] | None = None
) -> list[StoredRow]:
    """The next rows behind the one with this number, of these outcomes or of all."""
    if outcomes is None:
        found = await _query(_ROWS, import_id, number, most)
    else:
        found = await _query(_ROWS_OF_OUTCOMES, import_id, number, most, list(outcomes))
    return [_stored(row) for row in found]


_COLUMNS: Final = "SELECT number, cells, outcome, customer_id, faults FROM import_row"
_ROWS: Final = f"{_COLUMNS} WHERE account_id = $1 AND import_id = $2 AND number > $3 ORDER BY number LIMIT $4"
_ROWS_OF_OUTCOMES: Final = f"""
    {_COLUMNS} WHERE account_id = $1 AND import_id = $2 AND number > $3 AND outcome = ANY ($5) ORDER BY number LIMIT $4
"""


async def count_rows(import_id: UUID, outcomes: Iterable[Outcome] | None = None) -> int:
    rows = await _query(_COUNT, import_id, None if outcomes is None else list(outcomes))
    count: int = rows[0]["count"]
    return count


_COUNT: Final = """
    SELECT count(*)::integer AS count FROM import_row
    WHERE account_id = $1 AND import_id = $2 AND ($3::text[] IS NULL OR outcome = ANY ($3))
"""


async def every_row(import_id: UUID, outcomes: Iterable[Outcome]) -> AsyncIterator[StoredRow]:
    """All rows of these outcomes, some at a time."""
    last, wanted = 0, list(outcomes)
    while rows := await rows_after(import_id, last, _AT_ONCE, wanted):
        for row in rows:
            yield row
        last = rows[-1].number


async def earlier_keys(
    import_id: UUID, number: int, identities: Sequence[str], external_ids: Sequence[str]
) -> dict[str, int]:
    """Identities and external ids that rows before this one would create customers with, and the rows' numbers."""
    found = await _query(_EARLIER, import_id, number, list(identities), list(external_ids))
    return {row["key"]: row["number"] for row in found}


_EARLIER: Final = " UNION ALL ".join(
    f"""
    SELECT '{kind}:' || {kind} AS key, number FROM import_row
    WHERE account_id = $1 AND import_id = $2 AND number < $3 AND outcome = 'CREATED' AND {kind} = ANY (${place})
    """
    for kind, place in (("identity", 4), ("external_id", 5))
)


async def _query(sql: str, import_id: UUID, *values: Any) -> Sequence[Mapping[str, Any]]:
    _, rows = await get_connection("default").execute_query(sql, [tenant.current_account(), import_id, *values])
    found: Sequence[Mapping[str, Any]] = rows
    return found


def _stored(row: Mapping[str, Any]) -> StoredRow:
    outcome = row["outcome"] and Outcome(row["outcome"])
    faults = tuple(map(_fault_of, orjson.loads(row["faults"] or "[]")))
    return StoredRow(row["number"], list(row["cells"]), outcome, row["customer_id"], faults)


def _record_of(fault: Fault) -> dict[str, Any]:
    return {
        "path": list(fault.path),
        "code": fault.code,
        "message": list(fault.message),
        "expected": list(fault.expected),
        "related_id": fault.related_id,
    }


def _fault_of(stored: Mapping[str, Any]) -> Fault:
    related = stored["related_id"]
    message = Text(*stored["message"])
    path, expected = tuple(stored["path"]), tuple(stored["expected"])
    return Fault(path, Code(stored["code"]), message, expected, UUID(related) if related else None)
