"""Backup and restore of an embedded database, by PostgreSQL's own programs.

A backup is consistent, whatever is written while it is made. A restore makes a new database beside the present
one, which takes its place only when it is complete.
"""

import os
import re
import subprocess
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import asyncpg

from db.embedded.errors import BackupError
from db.embedded.server import Server

_RESTORED: Final = "istmo_restored"
_REPLACED: Final = "istmo_replaced"


def back_up(server: Server, file: Path) -> None:
    """Write a backup: the whole file or none, readable by its owner alone. Raises ``BackupError``."""
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


async def restore(
    server: Server,
    file: Path,
    *,
    prepare: Callable[[str], Awaitable[Any]],
    finish: Callable[[str], Awaitable[Any]],
) -> None:
    """Put the backup in the database's place; raises ``BackupError``.

    ``prepare`` and ``finish`` get the new database's URL before and after its contents are restored.
    """
    _check_file(server, file)
    admin = await asyncpg.connect(**{**server.parameters, "database": "postgres"})
    try:
        await _check_unused(admin, server)
        for leftover in (_RESTORED, _REPLACED):  # of a restore that was killed
            await admin.execute(f"DROP DATABASE IF EXISTS {leftover}")
        await admin.execute(f"CREATE DATABASE {_RESTORED}")
        try:
            url = server.url_of(_RESTORED)
            await prepare(url)
            _run(server, "pg_restore", "--exit-on-error", "--single-transaction", f"--dbname={_RESTORED}", file)
            await finish(url)
            await _swap(admin, server)
        except BaseException:
            await admin.execute(f"DROP DATABASE IF EXISTS {_RESTORED}")
            raise
        await admin.execute(f"DROP DATABASE IF EXISTS {_REPLACED}")
    finally:
        await admin.close()


def _check_file(server: Server, file: Path) -> None:
    """Check that it is a backup, and not one of a newer PostgreSQL."""
    if not file.is_file():
        raise BackupError(f"There is no file {file}.")
    head = _run(server, "pg_restore", "--list", file)
    written = re.search(r"Dumped from database version: (\d+)", head)
    if written is None:
        raise BackupError(f"{file} is not a backup made by Istmo.")
    if int(written[1]) > server.major:
        raise BackupError(
            f"{file} was written by PostgreSQL {written[1]}, this is {server.major}: restore it with a newer Istmo."
        )


async def _check_unused(admin: Any, server: Server) -> None:
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'"
    if await admin.fetchval(query, server.database):
        raise BackupError("The database is in use: stop the server and the workers first.")


async def _swap(admin: Any, server: Server) -> None:
    """Change both names or neither; PostgreSQL refuses while there are connections."""
    try:
        async with admin.transaction():
            await admin.execute(f"ALTER DATABASE {server.database} RENAME TO {_REPLACED}")
            await admin.execute(f"ALTER DATABASE {_RESTORED} RENAME TO {server.database}")
    except asyncpg.ObjectInUseError as error:
        raise BackupError("The database is in use: stop the server and the workers first.") from error


def _run(server: Server, program: str, *arguments: str | Path, output: Any = subprocess.PIPE) -> str:
    done = subprocess.run(
        [server.programs / program, *arguments], env=server.environment, stdout=output, stderr=subprocess.PIPE
    )
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().split("\n")
        raise BackupError(f"{program} failed: {next((line for line in lines if 'error:' in line), lines[-1])}")
    return (done.stdout or b"").decode(errors="replace")
