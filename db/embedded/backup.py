"""Backup and restore of an embedded database, by PostgreSQL's own programs.

A backup is consistent, whatever is written while it is made. A restore makes a new database beside the present
one, which takes its place only when it is complete.
"""

import os
import re
import secrets
import subprocess
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import asyncpg

from db.embedded.errors import BackupError
from db.embedded.server import Server

_RESTORED: Final = "istmo_restored"
_REPLACED: Final = "istmo_replaced"
_LOGIN: Final = "istmo_restore"


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
    prepare: Callable[[str], Awaitable[Sequence[str]]],
    finish: Callable[[str], Awaitable[None]],
) -> None:
    """Put the backup in the database's place; raises ``BackupError``.

    ``prepare`` gets the superuser's URL of the new, empty database, and returns the roles that own what is restored.
    The file is SQL of whoever wrote it, so it is run by a login that only has these roles; with that login's URL
    ``finish`` completes the restored database.
    """
    _check_file(server, file)
    admin = await asyncpg.connect(**{**server.parameters, "database": "postgres"})
    try:
        await _check_unused(admin, server)
        for leftover in (_RESTORED, _REPLACED):  # of a restore that was killed
            await admin.execute(f"DROP DATABASE IF EXISTS {leftover}")
        await admin.execute(f"DROP ROLE IF EXISTS {_LOGIN}")
        await admin.execute(f"CREATE DATABASE {_RESTORED}")
        try:
            roles = await prepare(server.url_of(_RESTORED))
            async with _login_with(roles, server) as password:
                _restore_as_login(server, password, file)
                await finish(server.url_for(_LOGIN, password, _RESTORED))
            await _swap(admin, server)
        except BaseException:
            await admin.execute(f"DROP DATABASE IF EXISTS {_RESTORED}")
            await admin.execute(f"DROP ROLE IF EXISTS {_LOGIN}")
            raise
        await admin.execute(f"DROP DATABASE IF EXISTS {_REPLACED}")
    finally:
        await admin.close()


@asynccontextmanager
async def _login_with(roles: Sequence[str], server: Server) -> AsyncIterator[str]:
    """A login, no superuser, that owns the new database and has these roles, within this block; yields its password."""
    password = secrets.token_urlsafe(24)
    superuser = await asyncpg.connect(server.url_of(_RESTORED))
    try:
        await superuser.execute(f"CREATE ROLE {_LOGIN} LOGIN PASSWORD '{password}'")
        await superuser.execute(f"ALTER DATABASE {_RESTORED} OWNER TO {_LOGIN}")
        # Objects can only be given to a role that may create them.
        without_right = [
            role
            for role in roles
            if not await superuser.fetchval("SELECT has_schema_privilege($1, 'public', 'CREATE')", role)
        ]
        for role in roles:
            await superuser.execute(f"GRANT {role} TO {_LOGIN}")
        for role in without_right:
            await superuser.execute(f"GRANT CREATE ON SCHEMA public TO {role}")
        yield password
        for role in without_right:
            await superuser.execute(f"REVOKE CREATE ON SCHEMA public FROM {role}")
        await superuser.execute(f"ALTER DATABASE {_RESTORED} OWNER TO {server.user}")
        await superuser.execute(f"DROP ROLE {_LOGIN}")
    except asyncpg.DependentObjectsStillExistError as error:
        raise BackupError("The backup has objects that are not of an Istmo database.") from error
    finally:
        await superuser.close()


def _restore_as_login(server: Server, password: str, file: Path) -> None:
    # The extensions and the rights on the schema are there already, and only their owners could change them.
    contents = _run(server, "pg_restore", "--list", file).splitlines(keepends=True)
    with tempfile.NamedTemporaryFile("w", suffix=".list") as list_:
        list_.writelines(line for line in contents if not re.search(r" EXTENSION | ACL - SCHEMA ", line))
        list_.flush()
        options = ("--exit-on-error", "--single-transaction", f"--use-list={list_.name}", f"--dbname={_RESTORED}")
        _run(server, "pg_restore", *options, file, environment={"PGUSER": _LOGIN, "PGPASSWORD": password})


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


def _run(
    server: Server,
    program: str,
    *arguments: str | Path,
    output: Any = subprocess.PIPE,
    environment: Mapping[str, str] | None = None,
) -> str:
    own = {**server.environment, **(environment or {})}
    done = subprocess.run([server.programs / program, *arguments], env=own, stdout=output, stderr=subprocess.PIPE)
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().split("\n")
        raise BackupError(f"{program} failed: {next((line for line in lines if 'error:' in line), lines[-1])}")
    return (done.stdout or b"").decode(errors="replace")
