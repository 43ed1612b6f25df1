"""The whole account in one file: a ZIP archive with a file of JSON lines for each table, the stored files, a manifest.

All of it is of one moment. The rows are read and written in batches, so that memory doesn't grow with the account.
The format is described in docs/archive.md; ``db.archive_import`` reads it.
"""

import asyncio
import zipfile
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, datetime
from hashlib import sha256
from io import RawIOBase
from typing import Any, BinaryIO, Final
from uuid import UUID

import orjson
from tortoise.connection import get_connection

from db import keys
from db.archive_tables import CONTENT, NOT_ARCHIVED, SCHEDULE, Connection, Table, file_name, read_tables
from db.asyncpg_engine import Client

FORMAT: Final = "istmo-account"
VERSION: Final = 1
MANIFEST: Final = "manifest.json"

_ROWS_AT_ONCE: Final = 500
_FILES_AT_ONCE: Final = 10


async def write_archive(target: BinaryIO | RawIOBase, account: UUID) -> AsyncGenerator[str, None]:
    """Write the account's archive; gives the name of its table after each batch, so that the caller can pass it on.

    ``target`` need not be able to seek. The tenant must be the account.
    """
    client = get_connection("default")
    assert isinstance(client, Client)
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "exportedAt": datetime.now(UTC).isoformat(timespec="seconds"),
        "keys": keys.HASH,
        "notArchived": NOT_ARCHIVED,
        "columnsNotArchived": SCHEDULE,
        "tables": {},
        "files": {},
    }
    async with client.snapshot() as connection:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for table in await read_tables(connection):
                writer = _Writer(archive, connection, table, account)
                async for _ in writer.write_rows():
                    yield table.name
                manifest["tables"][table.name] = writer.about
                if table.has_files:
                    async for _ in writer.write_files(manifest["files"]):
                        yield table.name
            archive.writestr(MANIFEST, orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
    yield MANIFEST


class _Writer:
    """Writes a table: its rows first, then the bytes that they have, each a file of its own."""

    def __init__(self, archive: zipfile.ZipFile, connection: Connection, table: Table, account: UUID) -> None:
        self._archive = archive
        self._connection = connection
        self._table = table
        self._account = account
        self.about: dict[str, Any] = {}

    async def write_rows(self) -> AsyncIterator[None]:
        digest, count, size = sha256(), 0, 0
        with self._archive.open(self._table.file, "w", force_zip64=True) as entry:
            async for batch in self._read(self._rows(), _ROWS_AT_ONCE):
                lines = "".join(f"{row['line']}\n" for row in batch).encode()
                digest.update(lines)
                count, size = count + len(batch), size + len(lines)
                await asyncio.to_thread(entry.write, lines)
                yield
        self.about = {
            "file": self._table.file,
            "rows": count,
            "bytes": size,
            "sha256": digest.hexdigest(),
            "columns": self._table.columns,
        }

    async def write_files(self, about: dict[str, Any]) -> AsyncIterator[None]:
        async for batch in self._read(self._files(), _FILES_AT_ONCE):
            for *key, content in batch:
                name = file_name(self._table, key)
                about[name] = {"bytes": len(content), "sha256": sha256(content).hexdigest()}
                await asyncio.to_thread(self._archive.writestr, name, content)
            yield

    def _rows(self) -> str:
        table, key = self._table, ", ".join((self._table.account, *self._table.key))
        return (
            f"SELECT to_jsonb(r)::text AS line FROM (SELECT {', '.join(table.columns)} FROM {table.name}"
            f" WHERE {table.account} = $1 ORDER BY {key}) r"
        )

    def _files(self) -> str:
        table = self._table
        return (
            f"SELECT {', '.join((*table.key, CONTENT))} FROM {table.name} WHERE {table.account} = $1"
            f" ORDER BY {', '.join((table.account, *table.key))}"
        )

    async def _read(self, query: str, at_once: int) -> AsyncIterator[list[Any]]:
        cursor = await self._connection.cursor(query, self._account)
        while batch := await cursor.fetch(at_once):
            yield batch
