"""Bringing a database up to date: roles, migrations and the DGI's locations."""

import csv
from pathlib import Path

import asyncpg
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget
from tortoise.transactions import in_transaction

from db import config
from rules import text

HERE = Path(__file__).parent
_APPS = {"models": {"models": [config.MODELS], "migrations": config.MIGRATIONS}}
_LATEST = MigrationTarget("models", "__latest__")
_LOCK = 0x6973746D6F  # "istmo"


async def migrate(admin_url: str) -> None:
    """Apply what is missing, as one transaction; migrators that come at the same time wait in line.

    ``admin_url`` logs in as a superuser, or as a role that has CREATEROLE and owns the database.
    Tortoise records a migration after committing it, so a crash in between would need repair by
    hand; inside one transaction of ours both happen or neither.
    """
    await prepare_roles(admin_url)
    # As behind a pooler, should there be one: else the tables would belong to the login.
    settings = config.tortoise(
        admin_url, role=config.OWNER_ROLE, pool_size=1, statement_timeout=0, transaction_pooler=True
    )
    async with TortoiseContext() as context:
        await context.init(config=settings)
        async with in_transaction() as transaction:
            # In line there is no limit; on a table, where the service would queue up behind us, there is.
            await transaction.execute_script(
                f"SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock({_LOCK}); SET LOCAL lock_timeout = '10s'"
            )
            executor = MigrationExecutor(transaction, _APPS)
            # It looks for its table before making it, and a failed query would end the transaction.
            await executor.recorder.ensure_schema(executor._schema_editor(atomic=False))
            await executor.migrate([_LATEST])
            await transaction.execute_query(
                _PUT_LOCATIONS, [list(column) for column in zip(*_locations(), strict=True)]
            )


async def prepare_roles(admin_url: str) -> None:
    """Have the roles of an Istmo database; they belong to the whole server, and backups lack them."""
    connection = await asyncpg.connect(admin_url)
    try:
        await connection.execute((HERE / "roles.sql").read_text())
    finally:
        await connection.close()


def known() -> set[str]:
    """Names of the migrations that there are."""
    return {path.stem for path in (HERE / "migrations").glob("[0-9]*.py")}


async def pending() -> list[str]:
    """Names of the migrations that the current context's database lacks."""
    plan = await MigrationExecutor(get_connection("default"), _APPS).plan([_LATEST])
    return [step.migration.name for step in plan]


_PUT_LOCATIONS = """
    INSERT INTO location (code, corregimiento, district_name, province_name, province_kind, district_code,
                          province_code, position, search)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                         $8::int[], $9::text[])
    ON CONFLICT (code) DO UPDATE SET
        corregimiento = excluded.corregimiento, district_name = excluded.district_name,
        province_name = excluded.province_name, province_kind = excluded.province_kind,
        district_code = excluded.district_code, province_code = excluded.province_code,
        position = excluded.position, search = excluded.search
    WHERE (location.*) IS DISTINCT FROM (excluded.*)
"""


def _locations() -> list[tuple[str, str, str, str, str, str, str, int, str]]:
    """The DGI's codes with INEC's spelling (db/seeds/README.md), in the DGI's order."""
    with (HERE / "seeds" / "locations.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [
        (
            row["code"],
            row["corregimiento"],
            row["district"],
            row["province"],
            row["province_kind"],
            f"{row['province_code']}-{row['district_code']}",
            row["province_code"],
            position,
            text.search_column(f"{row['corregimiento']} {row['district']} {row['province']}"),
        )
        for position, row in enumerate(rows)
    ]
