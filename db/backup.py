"""Backup and restore of Istmo's embedded database.

A backup is one file in pg_dump's format with everything but the roles, which ``db.migrate`` creates.
"""

from pathlib import Path

import asyncpg

from db.config import OWNER_ROLE, SERVICE_ROLE
from db.embedded import Server, backup
from db.embedded.backup import back_up
from db.embedded.errors import BackupError
from db.errors import MigrationError
from db.migrate import DEFINITION, migrate, prepare_roles

__all__ = ["BackupError", "back_up", "restore"]


async def restore(server: Server, file: Path, *, replace: bool) -> None:
    """Put the backup in the database's place. A database with data is replaced only if ``replace`` says so.

    Raises ``BackupError``.
    """
    if not replace and await _has_data(server):
        raise BackupError("The database has data, which would be lost. To replace them, add --replace.")
    try:
        await backup.restore(server, file, prepare=_prepare, finish=_update)
    except MigrationError as error:
        raise BackupError(str(error)) from error


async def _has_data(server: Server) -> bool:
    connection = await asyncpg.connect(**server.parameters)
    try:
        if not await connection.fetchval("SELECT to_regclass('account') IS NOT NULL"):
            return False
        return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM account)"))
    finally:
        await connection.close()


async def _prepare(url: str) -> list[str]:
    """Create the roles; returns those that own something in a database of ours."""
    await prepare_roles(url)
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch("SELECT rolname FROM pg_roles WHERE pg_has_role($1, oid, 'MEMBER')", OWNER_ROLE)
        return [SERVICE_ROLE, *(name for (name,) in rows)]
    finally:
        await connection.close()


async def _update(url: str) -> None:
    """Bring a restored database up to date; raises ``BackupError`` if it isn't ours, or is newer than this Istmo."""
    await _check_version(url)
    await migrate(url)


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
