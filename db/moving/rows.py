"""An account's rows in the databases of two nodes: copying, comparing and deleting them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

Connection = Any  # asyncpg has no types

_FILES: Final = ("emission_payload", "fiscal_file")  # tables whose rows are stored once and never change
_AT_ONCE: Final = 5000  # rows that one statement deletes
_PIECES: Final = 16  # of COPY's stream, between the two databases


@dataclass(frozen=True)
class Table:
    """A table that has an account's rows. ``key`` are the columns of its key besides the account. ``position`` is its
    column that each database counts by itself.
    """

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    position: str | None

    @property
    def owner(self) -> str:
        return "id" if self.name == "account" else "account_id"


async def read_tables(connection: Connection) -> list[Table]:
    """All of them, as the database has them: a new one needs nothing to be done here."""
    rows = await connection.fetch(_TABLES)
    return [Table(row["name"], tuple(row["columns"]), tuple(row["key"] or ()), row["position"]) for row in rows]


_TABLES: Final = """
    SELECT c.relname::text AS name,
        array_agg(a.attname::text ORDER BY a.attnum)
            FILTER (WHERE a.attidentity = '' AND a.attgenerated = '') AS columns,
        array_agg(a.attname::text ORDER BY a.attnum)
            FILTER (WHERE a.attnum = ANY (k.conkey) AND a.attname <> 'account_id') AS key,
        max(a.attname::text) FILTER (WHERE a.attidentity <> '') AS position
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND (c.relname = 'account' OR EXISTS (
        SELECT FROM pg_attribute o WHERE o.attrelid = c.oid AND o.attname = 'account_id' AND NOT o.attisdropped))
    GROUP BY c.relname ORDER BY c.relname
"""


async def copy_account(source: Connection, target: Connection, tables: Sequence[Table], account: UUID) -> None:
    """Copy all rows, as the transaction of ``source`` sees them, in place of those that another mover has left. The
    target's triggers must be switched off.
    """
    for table in tables:
        if table.name in _FILES:
            await _copy_missing(source, target, table, account)
        else:
            await delete_account(target, [table], account)
            await _copy_table(source, target, table, account)


async def copy_files(source: Connection, target: Connection, tables: Sequence[Table], account: UUID) -> None:
    """Copy the files that the target lacks. They are most of an account's bytes."""
    for table in tables:
        if table.name in _FILES:
            await _copy_missing(source, target, table, account)


async def _copy_missing(source: Connection, target: Connection, table: Table, account: UUID) -> None:
    """Copy the rows whose keys the target lacks, and delete those that were deleted since."""
    keys = ", ".join(f'"{name}"::text' for name in table.key)
    query = f'SELECT {keys} FROM public."{table.name}" WHERE "{table.owner}" = $1'
    here, there = [{tuple(row) for row in await each.fetch(query, account)} for each in (source, target)]
    delete = f'DELETE FROM public."{table.name}" WHERE "{table.owner}" = $1 AND ({keys}) = ROW({{}})'
    delete = delete.format(", ".join(f"${number}" for number in range(2, len(table.key) + 2)))
    await target.executemany(delete, [(account, *key) for key in there - here])
    if not there:
        await _copy_table(source, target, table, account)
    elif missing := list(here - there):
        arrays = ", ".join(f"${number}::text[]" for number in range(2, len(table.key) + 2))
        condition = f" AND ({keys}) IN (SELECT * FROM unnest({arrays}))"
        await _copy_table(source, target, table, account, condition, *map(list, zip(*missing, strict=True)))


async def _copy_table(
    source: Connection, target: Connection, table: Table, account: UUID, condition: str = "", *values: list[str]
) -> None:
    names = ", ".join(f'"{name}"' for name in table.columns)
    order = f' ORDER BY "{table.position}"' if table.position else ""
    query = f'SELECT {names} FROM public."{table.name}" WHERE "{table.owner}" = $1{condition}{order}'
    pipe: asyncio.Queue[bytes | None] = asyncio.Queue(_PIECES)

    async def read() -> None:
        await source.copy_from_query(query, account, *values, output=pipe.put, format="binary")
        await pipe.put(None)

    async def pieces() -> AsyncIterator[bytes]:
        while (piece := await pipe.get()) is not None:
            yield piece

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(read())
        writing = target.copy_to_table(
            table.name, schema_name="public", columns=table.columns, source=pieces(), format="binary"
        )
        tasks.create_task(writing)


async def delete_account(connection: Connection, tables: Sequence[Table], account: UUID) -> None:
    """Delete all rows, some at a time. Triggers must be switched off: keys of other tables still point to them. The
    account itself is last, so that it is there as long as anything of it is.
    """
    for table in sorted(tables, key=lambda table: table.name == "account"):
        sql = f"""
            DELETE FROM public."{table.name}" WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM public."{table.name}" WHERE "{table.owner}" = $1 LIMIT {_AT_ONCE}))
        """
        while await connection.execute(sql, account) != "DELETE 0":
            pass


# Comparing

Facts = dict[str, list[tuple[Any, ...]]]


async def read_facts(connection: Connection, tables: Sequence[Table], account: UUID) -> Facts:
    """What must be the same in both databases: how many rows each table has, sums of documents, sequences, the feed."""
    counts = " UNION ALL ".join(
        f'SELECT \'{table.name}\', count(*) FROM public."{table.name}" WHERE "{table.owner}" = $1' for table in tables
    )
    queries = {"rows": counts, "documents": _DOCUMENTS, "numbers": _NUMBERS, "feed": _FEED}
    return {
        name: sorted([tuple(row) for row in await connection.fetch(query, account)], key=repr)
        for name, query in queries.items()
    }


_DOCUMENTS: Final = """
    SELECT type, status, currency, count(*), sum(total), sum(itbms_total), min(number), max(number)
    FROM document WHERE account_id = $1 GROUP BY 1, 2, 3
"""

_NUMBERS: Final = """
    SELECT s.branch, s.billing_point, s.type, s.last_number, count(d.number), coalesce(max(d.number::bigint), 0)
    FROM sequence s LEFT JOIN document d ON d.account_id = $1 AND d.branch = s.branch
        AND d.billing_point = s.billing_point AND d.type = s.type AND d.number IS NOT NULL
    WHERE s.account_id = $1 GROUP BY 1, 2, 3, 4
"""

_FEED: Final = """
    SELECT count(sequence), min(sequence), max(sequence), sum(sequence), count(*) FILTER (WHERE sequence IS NULL)
    FROM event WHERE account_id = $1
"""


def find_differences(before: Facts, after: Facts) -> list[str]:
    """What differs between the databases. What is wrong in both of them doesn't keep an account from moving."""
    return [f"{name}: {before[name]} became {after[name]}" for name in before if before[name] != after[name]]
