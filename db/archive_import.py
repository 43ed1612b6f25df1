"""Reading an account's archive into an empty account: all of it or nothing, and nothing is announced or sent.

The rows come in as they were, with their ids, numbers and days; so the sequences go on behind the last number.
"""

import zipfile
from collections.abc import AsyncIterator, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson
from tortoise.transactions import in_transaction

from db import keys
from db.archive import FORMAT, MANIFEST, VERSION
from db.archive_tables import CONTENT, Connection, Table, file_name, read_tables

_CHUNK: Final = 2**20
_LONGEST_LINE: Final = 2**24
_LARGEST_MANIFEST: Final = 2**28
_MADE_WITH_THE_ACCOUNT: Final = ("account", "branch", "billing_point", "audit_event")
_ON_THE_WAY: Final = ("QUEUED", "SENDING", "CHECKING", "ACCEPTED", "VOIDING")


class ArchiveError(Exception):
    """The archive can't be read into the account; the message says why. Nothing was changed."""


async def import_archive(path: Path, account: UUID) -> dict[str, int]:
    """Returns how many rows each table got. The connection must be the owner's, and the tenant the account."""
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = _read_manifest(archive)
            _check_contents(archive, manifest)
            async with in_transaction() as client:
                connection: Connection = client._connection
                tables = await read_tables(connection)
                _check_tables(manifest, tables)
                await _Import(archive, manifest, connection, account).run(tables)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError) as error:
        raise ArchiveError(f"The file is no archive, or a damaged one: {error}.") from error
    return {name: about["rows"] for name, about in manifest["tables"].items()}


def _read_manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        with archive.open(MANIFEST) as file:
            manifest = orjson.loads(file.read(_LARGEST_MANIFEST))
        is_ours = manifest["format"] == FORMAT and isinstance(manifest["tables"], dict)
        version = manifest["version"]
    except (KeyError, TypeError, ValueError):
        is_ours, version = False, None
    if not is_ours:
        raise ArchiveError("The file is no archive of an account.")
    if version != VERSION:
        raise ArchiveError(f"The archive has version {version} of the format; this Istmo reads version {VERSION}.")
    return manifest  # type: ignore[no-any-return]


def _check_contents(archive: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
    """Compare each file with what the manifest says of it."""
    expected = {about["file"]: about for about in manifest["tables"].values()} | manifest["files"]
    names = archive.namelist()
    if sorted(names) != sorted((*expected, MANIFEST)):
        odd = {*names} ^ {*expected, MANIFEST}
        raise ArchiveError(f"The archive has other files than its manifest says: {', '.join(sorted(odd)[:5])}.")
    for name, about in expected.items():
        digest, size = sha256(), 0
        with archive.open(name) as file:
            while (chunk := file.read(_CHUNK)) and size <= about["bytes"]:
                digest.update(chunk)
                size += len(chunk)
        if (size, digest.hexdigest()) != (about["bytes"], about["sha256"]):
            raise ArchiveError(f"{name} isn't what the manifest says: the archive is damaged or was changed.")


def _check_tables(manifest: dict[str, Any], tables: list[Table]) -> None:
    known = {table.name: {*table.columns} for table in tables}
    for name, about in manifest["tables"].items():
        unknown = {name} - known.keys() or {*about["columns"]} - known[name]
        if unknown:
            raise ArchiveError(f"This Istmo doesn't know {min(unknown)} of the archive, which a newer one has made.")


class _Import:
    def __init__(
        self, archive: zipfile.ZipFile, manifest: dict[str, Any], connection: Connection, account: UUID
    ) -> None:
        self._archive = archive
        self._manifest = manifest
        self._connection = connection
        self._account = account

    async def run(self, tables: list[Table]) -> None:
        run = self._connection.execute
        await run("SELECT set_config('statement_timeout', '0', true)")
        # Nobody else adds to the account until this ends: a row that refers to it waits for this lock.
        if not await self._connection.fetchval("SELECT true FROM account WHERE id = $1 FOR UPDATE", self._account):
            raise ArchiveError(f"There is no account {self._account}.")
        await self._check_emptiness(tables)
        began = await self._connection.fetchval("SELECT clock_timestamp()")
        for name in ("billing_point", "branch"):
            await run(f"DELETE FROM {name} WHERE account_id = $1", self._account)
        # All rows of a table are inserted at once, as some refer to others of it.
        await run("CREATE TABLE account_import (line jsonb NOT NULL, content bytea)")
        for table in tables:
            about = self._manifest["tables"].get(table.name)
            if about is None:
                continue
            await self._connection.copy_records_to_table(
                "account_import", records=self._records(table, about), columns=["line", "content"]
            )
            if table.name == "audit_event":  # what the triggers have recorded stands in the archive as it was
                await run("DELETE FROM audit_event WHERE account_id = $1 AND occurred_at >= $2", self._account, began)
            await self._store(table, about["columns"])
            await run("TRUNCATE account_import")
        await run("DROP TABLE account_import")
        await run(_RECORD, self._account, self._manifest["exportedAt"])
        if self._manifest["keys"] != keys.HASH:
            await keys.rebuild(self._connection)

    async def _check_emptiness(self, tables: list[Table]) -> None:
        for table in tables:
            if table.name not in _MADE_WITH_THE_ACCOUNT and await self._connection.fetchval(
                f"SELECT EXISTS (SELECT FROM {table.name} WHERE account_id = $1)", self._account
            ):
                raise ArchiveError(f"The account isn't empty: it has rows in {table.name}. Create another one.")

    async def _records(self, table: Table, about: dict[str, Any]) -> AsyncIterator[tuple[str, bytes | None]]:
        for line in self._lines(about["file"]):
            content = None
            if table.has_files:
                row = orjson.loads(line)
                content = self._archive.read(file_name(table, [row[name] for name in table.key]))
            yield line, content

    def _lines(self, file: str) -> Iterator[str]:
        with self._archive.open(file) as entry:
            while line := entry.readline(_LONGEST_LINE):
                yield line.decode()

    async def _store(self, table: Table, columns: list[str]) -> None:
        names = ", ".join(columns)
        values = ", ".join(f"r.{name}" for name in columns)
        rows = f"account_import i CROSS JOIN LATERAL jsonb_populate_record(NULL::{table.name}, i.line) r"
        if table.name == "account":
            sql = f"UPDATE account SET ({names}) = (SELECT {values} FROM {rows}) WHERE id = $1"
        else:
            if table.name == "emission":
                await self._check_emissions()
            names = ", ".join(("account_id", names, *table.schedule, *([CONTENT] if table.has_files else [])))
            more = [*("NULL" for _ in table.schedule), *(["i.content"] if table.has_files else [])]
            sql = f"INSERT INTO {table.name} ({names}) SELECT {', '.join(('$1', values, *more))} FROM {rows}"
        await self._connection.execute(sql, self._account)

    async def _check_emissions(self) -> None:
        """A document on its way to the DGI belongs to one installation: a second one would send it again."""
        count = await self._connection.fetchval(
            "SELECT count(*) FROM account_import WHERE line ->> 'status' = ANY ($1::text[])", list(_ON_THE_WAY)
        )
        if count:
            raise ArchiveError(
                f"{count} documents of the archive were on their way to the DGI. Wait until all are settled where they"
                " are (Facturación electrónica), then export again."
            )


_RECORD: Final = """
    INSERT INTO audit_event (account_id, action, object_type, object_id, changes)
    VALUES ($1, 'UPDATED', 'ACCOUNT', $1, jsonb_build_object('imported', jsonb_build_array(NULL, $2::text)))
"""
