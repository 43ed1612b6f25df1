"""Backup and restore of the embedded database, by PostgreSQL's own programs.

A backup is one file in pg_dump's format with everything but the roles, which ``db.migrate`` makes. It is
consistent, whoever works on the database meanwhile. A restore makes a new database beside the present one
and takes its place only when it is complete and up to date.
"""

import os
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import asyncpg

from db.embedded import Server
from db.errors import MigrationError
from db.migrate import DEFINITION, migrate, prepare_roles

_NEW, _OLD = "istmo_restored", "istmo_replaced"


class BackupError(Exception):
    """It can't be backed up or restored; the message says why. Nothing was changed."""


def back_up(server: Server, file: Path) -> None:
    """Write a backup: the whole file or none, readable by its owner alone."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    except OSError as error:
        raise BackupError(f"{file.parent} can't be written to: {error.strerror}.") from error
    new = Path(name)
    try:
        with open(handle, "wb") as output:
            _run(server, "pg_dump", "--format=custom", "--no-password", output=output)
            os.fsync(output.fileno())
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)


async def restore(server: Server, file: Path, *, replace: bool) -> None:
    """Put the backup in the database's place; with data in it only if ``replace`` says so."""
    _check(server, file)
    admin = await asyncpg.connect(**{**server.parameters, "database": "postgres"})
    try:
        if not replace and await _has_data(server):
            raise BackupError("The database has data, which would be lost: say --replace if it may be.")
        await _check_unused(admin, server)
        for leftover in (_NEW, _OLD):  # of a restore that was killed
            await admin.execute(f"DROP DATABASE IF EXISTS {leftover}")
        await admin.execute(f"CREATE DATABASE {_NEW}")
        try:
            url = server.url_of(_NEW)
            await prepare_roles(url)
            _run(server, "pg_restore", "--exit-on-error", "--single-transaction", f"--dbname={_NEW}", file)
            await _check_version(url)
            await migrate(url)
            await _take_place(admin, server)
        except BaseException as error:
            await admin.execute(f"DROP DATABASE IF EXISTS {_NEW}")
            if isinstance(error, MigrationError):
                raise BackupError(str(error)) from error
            raise
        await admin.execute(f"DROP DATABASE IF EXISTS {_OLD}")
    finally:
        await admin.close()


def _check(server: Server, file: Path) -> None:
    """That it is a backup, and of a PostgreSQL that this one can follow."""
    if not file.is_file():
        raise BackupError(f"There is no file {file}.")
    head = _run(server, "pg_restore", "--list", file)
    written = re.search(r"Dumped from database version: (\d+)", head)
    if written is None:
        raise BackupError(f"{file} is no backup of Istmo's.")
    if int(written[1]) > server.major:
        raise BackupError(
            f"{file} was written by PostgreSQL {written[1]}, this is {server.major}: restore it with a newer Istmo."
        )


async def _has_data(server: Server) -> bool:
    connection = await asyncpg.connect(**server.parameters)
    try:
        if not await connection.fetchval("SELECT to_regclass('account') IS NOT NULL"):
            return False
        return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM account)"))
    finally:
        await connection.close()


async def _check_unused(admin: Any, server: Server) -> None:
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'"
    if await admin.fetchval(query, server.database):
        raise BackupError("The database is in use: stop the server and the workers first.")


async def _check_version(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        # Before there was the table migration, Tortoise recorded them in a table of its own.
        query = "SELECT to_regclass('migration') IS NOT NULL, to_regclass('tortoise_migrations') IS NOT NULL"
        is_ours, is_old = await connection.fetchrow(query)
        if not is_ours and not is_old:
            raise BackupError("The backup is not of an Istmo database.")
        steps = await connection.fetch("SELECT name FROM migration WHERE name LIKE 'steps/%'") if is_ours else []
    finally:
        await connection.close()
    if newer := {name for (name,) in steps} - DEFINITION.steps:
        raise BackupError(f"The backup was written by a newer Istmo: it has {', '.join(sorted(newer))}.")


async def _take_place(admin: Any, server: Server) -> None:
    """Both names change or neither does; PostgreSQL refuses while somebody is connected."""
    try:
        async with admin.transaction():
            await admin.execute(f"ALTER DATABASE {server.database} RENAME TO {_OLD}")
            await admin.execute(f"ALTER DATABASE {_NEW} RENAME TO {server.database}")
    except asyncpg.ObjectInUseError as error:
        raise BackupError("The database is in use: stop the server and the workers first.") from error


def _run(server: Server, program: str, *arguments: str | Path, output: Any = subprocess.PIPE) -> str:
    done = subprocess.run(
        [server.programs / program, *arguments], env=server.environment, stdout=output, stderr=subprocess.PIPE
    )
    if done.returncode != 0:
        words = done.stderr.decode(errors="replace").strip().split("\n")
        raise BackupError(f"{program} failed: {next((line for line in words if 'error:' in line), words[-1])}")
    return (done.stdout or b"").decode(errors="replace")
