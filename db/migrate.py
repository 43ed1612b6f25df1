"""Brings a database up to date with the SQL files of this folder; ``README.md`` here says how they are organised."""

import re
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import asyncpg
from tortoise.connection import get_connection
from tortoise.exceptions import OperationalError

from db import config, keys, locations, upgrade
from db.errors import MigrationError

HERE: Final = Path(__file__).parent
LOCK: Final = 0x6973746D6F  # "istmo"
BASELINE: Final = "baseline"

Connection = Any  # asyncpg has no types


@dataclass(frozen=True)
class Definition:
    """The SQL files in ``folder`` that define a database."""

    folder: Path

    def read(self, kind: str) -> dict[str, str]:
        """The scripts in the folder ``kind``, by names such as "steps/0001_website", in the order of their names."""
        return {
            f"{kind}/{path.stem}": path.read_text(encoding="utf-8")
            for path in sorted((self.folder / kind).glob("*.sql"))
        }

    @cached_property
    def expected(self) -> set[tuple[str, str]]:
        """Name and hash of everything that an up-to-date database has had applied."""
        scripts = self.read("procedures") | self.read("steps") | self.read("functions")
        return {(BASELINE, ""), (keys.NAME, keys.HASH)} | {(name, _hash(script)) for name, script in scripts.items()}

    @property
    def steps(self) -> set[str]:
        return {name for name, _ in self.expected if name.startswith("steps/")}

    def baseline(self) -> list[str]:
        """The scripts that define an empty database, each after those that its foreign keys point to."""
        folder = self.folder / "schema"
        return [
            (folder / f"{noun}.sql").read_text(encoding="utf-8")
            for noun in (folder / "order.txt").read_text(encoding="utf-8").split()
        ]

    async def apply(self, connection: Connection) -> None:
        """Apply what the database lacks, in the transaction that is open and as the tables' owner."""
        await connection.execute(_MIGRATION_TABLE)
        latest = dict(await connection.fetch(_LATEST))
        if any(name.startswith("steps/") and name not in self.steps for name in latest):
            return  # by a newer Istmo, whose functions this one must not replace with its own
        is_new = BASELINE not in latest
        is_old_shape = is_new and await upgrade.set_old_tables_aside(connection)
        await self._replace(connection, "procedures", latest)
        if is_new:
            for script in self.baseline():
                await _run(connection, script)
            await _record(connection, BASELINE, "")
        await self._take_steps(connection, latest, are_in_baseline=is_new)
        await self._replace(connection, "functions", latest)
        if is_old_shape:
            await upgrade.copy_old_rows(connection)
        if latest.get(keys.NAME) != keys.HASH:
            if not is_new or is_old_shape:
                await keys.rebuild(connection)
            await _record(connection, keys.NAME, keys.HASH)
        await locations.load(connection)

    async def _replace(self, connection: Connection, kind: str, latest: dict[str, str]) -> None:
        """Run the scripts that have changed since they were run last; each may be run at any time."""
        for name, script in self.read(kind).items():
            if latest.get(name) != _hash(script):
                await _run(connection, script)
                await _record(connection, name, _hash(script))

    async def _take_steps(self, connection: Connection, latest: dict[str, str], *, are_in_baseline: bool) -> None:
        for name, script in self.read("steps").items():
            if name not in latest:
                if not are_in_baseline:
                    await _run(connection, script)
                await _record(connection, name, _hash(script))
            elif latest[name] != _hash(script):
                raise MigrationError(f"db/{name}.sql has changed since this database took the step: write a new step.")


DEFINITION: Final = Definition(HERE)


async def migrate(admin_url: str, definition: Definition = DEFINITION) -> None:
    """Apply what is missing, as one transaction; migrators that come at the same time wait in line.

    ``admin_url`` logs in as a superuser, or as a role that has CREATEROLE and owns the database. Raises
    ``MigrationError``, asyncpg's errors and ``OSError``; then nothing has changed.
    """
    await prepare_roles(admin_url)
    connection = await asyncpg.connect(admin_url, statement_cache_size=0)  # it may be a pooler
    try:
        async with connection.transaction():
            # Waiting for other migrators has no limit. Waiting for a table has one: the service would wait behind us.
            await _run(
                connection,
                f"SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock({LOCK});"
                f" SET LOCAL lock_timeout = '10s'; SET LOCAL ROLE {config.OWNER_ROLE}; SET LOCAL TimeZone = 'UTC'",
            )
            await definition.apply(connection)
    finally:
        await connection.close()


async def prepare_roles(admin_url: str) -> None:
    """Create the roles of an Istmo database; they belong to the whole server, and backups lack them."""
    connection = await asyncpg.connect(admin_url)
    try:
        async with connection.transaction():
            await _run(connection, (HERE / "roles.sql").read_text(encoding="utf-8"))
    finally:
        await connection.close()


async def pending() -> list[str]:
    """Names of what the current context's database has not had applied."""
    try:
        _, rows = await get_connection("default").execute_query("SELECT name, hash FROM migration")
    except OperationalError as error:
        if not isinstance(error.__cause__, asyncpg.UndefinedTableError):
            raise
        return [BASELINE]
    return sorted(name for name, _ in DEFINITION.expected - {(row["name"], row["hash"]) for row in rows})


def statements(script: str) -> list[str]:
    """The statements of a script, which has none of PostgreSQL's escapes by a backslash."""
    return [text for match in _STATEMENT.finditer(script) if (text := match[0].strip())]


# Up to a semicolon that stands in no string, name, body of a function or comment.
_STATEMENT: Final = re.compile(
    r"""(?: '[^']*' | "[^"]*" | \$(\w*)\$ .*? \$\1\$ | --[^\n]* | /\*.*?\*/ | [^;] )+""", re.DOTALL | re.VERBOSE
)


async def _run(connection: Connection, script: str) -> None:
    """Run the statements one by one: a distributed database gives its nodes the whole message of a statement."""
    for statement in statements(script):
        await connection.execute(statement)


# Earlier hashes of a script are kept, so that a process with the earlier files doesn't take the database for outdated.
_MIGRATION_TABLE: Final = """
    CREATE TABLE IF NOT EXISTS migration (
        name text,
        hash text,
        applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT migration_pkey PRIMARY KEY (name, hash)
    );
    GRANT SELECT ON migration TO istmo_app;
"""

_LATEST: Final = "SELECT DISTINCT ON (name) name, hash FROM migration ORDER BY name, applied_at DESC"

_RECORD: Final = """
    INSERT INTO migration (name, hash) VALUES ($1, $2)
    ON CONFLICT (name, hash) DO UPDATE SET applied_at = clock_timestamp()
"""


async def _record(connection: Connection, name: str, hash: str) -> None:
    await connection.execute(_RECORD, name, hash)


def _hash(script: str) -> str:
    return sha256(script.encode()).hexdigest()
