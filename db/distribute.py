"""Distributes the tables of a database over the nodes of Citus, once. The rows of an account lie on one of them."""

from typing import Any, Final

import asyncpg

from db import config
from db.errors import MigrationError
from db.migrate import DEFINITION, LOCK

Connection = Any  # asyncpg has no types

# All other tables are accounts', and are distributed by the account.
REFERENCE: Final = ("account_move", "location")  # a copy on each node
LOCAL: Final = ("migration", "request_count", "trusted_document")  # on the coordinator alone

_SETTINGS: Final = (
    # The other nodes don't get these with the connection; a lock is refused as it is on one node.
    f"ALTER ROLE {config.SERVICE_ROLE} SET jit = off",
    f"ALTER ROLE {config.SERVICE_ROLE} SET lock_timeout = '10s'",
    f"SET LOCAL ROLE {config.OWNER_ROLE}",
    "SET LOCAL lock_timeout = '10s'",
    "SET LOCAL citus.multi_shard_modify_mode = 'sequential'",
)


async def distribute(admin_url: str) -> None:
    """Distribute all tables with their rows, in one transaction.

    ``admin_url`` leads to the coordinator, as for ``migrate``. Raises ``MigrationError``, asyncpg's errors and
    ``OSError``; then nothing has changed.
    """
    connection = await asyncpg.connect(admin_url, statement_cache_size=0)
    try:
        async with connection.transaction():
            await connection.execute(f"SELECT pg_advisory_xact_lock({LOCK})")
            await _check(connection)
            for setting in _SETTINGS:
                await connection.execute(setting)
            await _distribute(connection)
    finally:
        await connection.close()


async def _check(connection: Connection) -> None:
    if not await connection.fetchval("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')"):
        raise MigrationError("The database has no Citus: CREATE EXTENSION citus, and add its nodes.")
    if await connection.fetchval("SELECT to_regclass('migration') IS NULL"):
        raise MigrationError("The database is empty. Run `server.py migrate` first.")
    applied = {(row["name"], row["hash"]) for row in await connection.fetch("SELECT name, hash FROM migration")}
    if DEFINITION.expected - applied:
        raise MigrationError("The database is not up to date. Run `server.py migrate` first.")
    if await connection.fetchval(
        "SELECT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'account'::regclass)"
    ):
        raise MigrationError("The database is distributed already.")
    if unknown := await _without_account(connection):
        raise MigrationError(f"Nobody has decided where these tables belong (db/distribute.py): {', '.join(unknown)}.")


async def _distribute(connection: Connection) -> None:
    # Triggers would take the copies for changes. A key to a table that isn't distributed yet would draw that along.
    triggers, keys = await connection.fetch(_TRIGGERS), await connection.fetch(_FOREIGN_KEYS)
    for row in [*triggers, *keys]:
        await connection.execute(row["removal"])
    await connection.execute("GRANT CREATE ON SCHEMA public TO istmo_search")  # its views are made on each node
    for table in REFERENCE:
        await connection.execute(f"SELECT create_reference_table('{table}')")
    for row in await connection.fetch(_ACCOUNT_TABLES, REFERENCE + LOCAL):
        await connection.execute(f"CALL istmo_distribute('{row['name']}')")
    await connection.execute("REVOKE CREATE ON SCHEMA public FROM istmo_search")
    for row in [*keys, *triggers]:
        await connection.execute(row["definition"])


async def _without_account(connection: Connection) -> list[str]:
    return [row["name"] for row in await connection.fetch(_ACCOUNT_TABLES, REFERENCE + LOCAL) if not row["has_account"]]


# The account itself comes first: the others lie where it does.
_ACCOUNT_TABLES: Final = """
    SELECT c.relname AS name, c.relname = 'account' OR EXISTS (
        SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'account_id') AS has_account
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> ALL ($1::text[])
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = c.oid AND deptype = 'e')
    ORDER BY c.relname <> 'account', c.relname
"""

_TRIGGERS: Final = """
    SELECT format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass) AS removal, pg_get_triggerdef(t.oid) AS definition
    FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
    WHERE NOT tgisinternal AND relnamespace = 'public'::regnamespace ORDER BY 1
"""

_FOREIGN_KEYS: Final = """
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS removal,
           format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
               AS definition
    FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace ORDER BY 1
"""
