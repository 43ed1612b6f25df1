"""Distributing the tables, on a PostgreSQL that has Citus' functions by their names alone: they note their calls."""

import re
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest
from tortoise.context import TortoiseContext

from db import config, guard, models
from db.distribute import LOCAL, REFERENCE, distribute
from db.errors import MigrationError
from db.migrate import DEFINITION, HERE, migrate, statements
from tests.db.catalogue import catalogue
from tests.db.conftest import Connection, tortoise
from tests.db.test_row_security import account_tables

CITUS = """
    SET allow_system_table_mods = on;
    INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
        SELECT 4000000000, 'citus', 10, oid, false, 'none' FROM pg_namespace WHERE nspname = 'pg_catalog';
    CREATE TABLE pg_catalog.pg_dist_partition (logicalrelid regclass);
    CREATE TABLE pg_catalog.calls (number serial, call text);
    GRANT ALL ON pg_catalog.pg_dist_partition, pg_catalog.calls, pg_catalog.calls_number_seq TO PUBLIC;
    CREATE FUNCTION pg_catalog.create_reference_table(name regclass) RETURNS void BEGIN ATOMIC
        INSERT INTO pg_catalog.pg_dist_partition VALUES (name);
        INSERT INTO pg_catalog.calls (call) VALUES (format('%s on all nodes', name));
    END;
    CREATE FUNCTION pg_catalog.create_distributed_table(name regclass, by text, colocate_with text) RETURNS void
    BEGIN ATOMIC
        INSERT INTO pg_catalog.pg_dist_partition VALUES (name);
        INSERT INTO pg_catalog.calls (call) SELECT format('%s by %s with %s: %s triggers, %s keys',
            name, by, colocate_with, (SELECT count(*) FROM pg_trigger WHERE tgrelid = name AND NOT tgisinternal),
            (SELECT count(*) FROM pg_constraint WHERE conrelid = name AND contype = 'f'));
    END;
    SET allow_system_table_mods = off;
"""

NEW_TABLE = """
    CREATE TABLE payment (account_id uuid REFERENCES account, id uuid, amount int, PRIMARY KEY (account_id, id));
    CALL istmo_account_table('payment', rights => 'SELECT', audit => 'ACCOUNT');
"""


@pytest.fixture
async def migrated(empty_database: str) -> AsyncIterator[Connection]:
    await migrate(empty_database)
    connection = await asyncpg.connect(empty_database)
    yield connection
    await connection.execute("ALTER ROLE istmo_app RESET jit")
    await connection.execute("ALTER ROLE istmo_app RESET lock_timeout")
    await connection.close()


async def calls(connection: Connection) -> list[str]:
    return [call for (call,) in await connection.fetch("SELECT call FROM calls ORDER BY number")]


async def test_each_table_is_distributed_by_its_account_or_on_all_nodes_or_on_the_coordinator(
    migrated: Connection, empty_database: str
) -> None:
    before = await catalogue(empty_database)
    await migrated.execute(CITUS)
    await distribute(empty_database)
    accounts = [name for name in await account_tables(migrated) if name != "account"]
    made = [f"{name} by account_id with account: 0 triggers, 0 keys" for name in sorted(accounts)]
    assert await calls(migrated) == [
        *(f"{name} on all nodes" for name in REFERENCE),
        "account by id with none: 0 triggers, 0 keys",
        *made,
    ]
    tables = await migrated.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    assert sorted(name for (name,) in tables) == sorted(["account", *accounts, *REFERENCE, *LOCAL])
    assert await catalogue(empty_database) == before


async def test_models_have_the_account_where_their_tables_are_distributed_by_it(service: TortoiseContext) -> None:
    tables = [getattr(models, name)._meta for name in models.__all__]
    without = {table.db_table for table in tables if "account_id" not in table.fields_db_projection}
    assert without == {"account", "district", "location", "province", "trusted_document"}
    assert without - {"account", "district", "province"} <= {*REFERENCE, *LOCAL}  # two are views of locations


async def test_it_is_done_once_and_only_where_it_can_be(migrated: Connection, empty_database: str) -> None:
    with pytest.raises(MigrationError, match="has no Citus"):
        await distribute(empty_database)
    await migrated.execute(CITUS)
    await migrated.execute("CREATE TABLE note (id uuid PRIMARY KEY)")
    with pytest.raises(MigrationError, match=r"Nobody has decided .*: note\."):
        await distribute(empty_database)
    await migrated.execute("DROP TABLE note")
    await migrated.execute("UPDATE migration SET hash = 'old' || hash WHERE name = 'functions/take_link'")
    with pytest.raises(MigrationError, match="not up to date"):
        await distribute(empty_database)
    await migrated.execute("UPDATE migration SET hash = substr(hash, 4) WHERE name = 'functions/take_link'")
    await distribute(empty_database)
    with pytest.raises(MigrationError, match="distributed already"):
        await distribute(empty_database)


async def test_an_empty_database_is_told_to_be_migrated_first(empty_database: str) -> None:
    connection = await asyncpg.connect(empty_database)
    await connection.execute(CITUS)
    await connection.close()
    with pytest.raises(MigrationError, match="Run `server.py migrate` first"):
        await distribute(empty_database)


async def test_a_new_account_table_of_a_distributed_database_is_distributed_too(
    migrated: Connection, empty_database: str
) -> None:
    await migrated.execute(CITUS)
    async with migrated.transaction():
        await migrated.execute("SET LOCAL ROLE istmo_owner")
        await migrated.execute(NEW_TABLE)
    assert await calls(migrated) == []
    await migrated.execute("DROP TABLE payment")
    await distribute(empty_database)
    async with migrated.transaction():
        await migrated.execute("SET LOCAL ROLE istmo_owner")
        await migrated.execute(NEW_TABLE)
    assert (await calls(migrated))[-1] == "payment by account_id with account: 0 triggers, 1 keys"


async def test_roles_can_log_in_only_where_citus_connects_its_nodes_as_them(migrated: Connection) -> None:
    logins = (
        "SELECT array_agg(rolname::text ORDER BY rolname) FROM pg_roles WHERE rolname LIKE 'istmo\\_%' AND rolcanlogin"
    )
    roles = (HERE / "roles.sql").read_text(encoding="utf-8")
    ours = [*("istmo_app", "istmo_audit", "istmo_auth", "istmo_dispatch", "istmo_owner", "istmo_search")]
    assert not set(await migrated.fetchval(logins) or []) & set(ours)
    transaction = migrated.transaction()
    await transaction.start()
    await migrated.execute(CITUS)
    await migrated.execute(roles)
    assert set(await migrated.fetchval(logins)) >= {*ours, "istmo_signup", "istmo_verify"}
    await transaction.rollback()


async def test_a_service_that_was_not_told_of_several_nodes_does_not_start(
    migrated: Connection, empty_database: str
) -> None:
    await migrated.execute(CITUS)
    async with tortoise(empty_database, distributed=True):
        await guard.check_role()
    async with tortoise(empty_database, distributed=False):
        with pytest.raises(guard.UnsafeRole, match="DATABASE_MODE=distributed"):
            await guard.check_role()


async def test_nobody_is_erased_by_a_connection_that_would_not_see_all_of_the_transaction(
    migrated: Connection,
) -> None:
    await migrated.execute(CITUS)
    account = uuid4()
    await migrated.execute("SELECT set_config('istmo.account', $1, false)", str(account))
    for function in ("erase_traces", "erase_deleted"):
        with pytest.raises(asyncpg.FeatureNotSupportedError, match="can't be erased"):
            await migrated.execute(f"SELECT {function}($1, '{{}}')", account)


def test_only_the_service_has_connections_for_several_nodes() -> None:
    with pytest.raises(AssertionError):
        config.tortoise("postgresql://localhost", role=config.OWNER_ROLE, distributed=True)


# Migrations


def scripts() -> dict[str, str]:
    found: dict[str, str] = {"roles": (HERE / "roles.sql").read_text(encoding="utf-8")}
    for kind in ("procedures", "schema", "steps", "functions"):
        found |= DEFINITION.read(kind)
    return found


async def test_scripts_are_taken_apart_into_single_statements(admin: Connection) -> None:
    for name, script in scripts().items():
        found = statements(script)
        for statement in found:
            async with admin.transaction():
                try:
                    await admin.prepare(statement)  # PostgreSQL takes no two
                except asyncpg.PostgresSyntaxError as error:
                    raise AssertionError(f"{name}: {error}: {statement}") from error
                except asyncpg.PostgresError:
                    pass


@pytest.mark.parametrize(
    "script",
    [
        "SELECT ';'",
        "SELECT 'it''s; ' || \"a;b\"",
        "DO $$ BEGIN PERFORM 1; PERFORM 2; END $$",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $body$ SELECT $1; SELECT $$;$$; $body$",
        "-- a comment; it's one\nSELECT 1",
        "/* one; two */ SELECT 1",
    ],
)
def test_a_semicolon_within_a_statement_does_not_end_it(script: str) -> None:
    assert statements(f"{script};\n{script};\n") == [script, script]


SINCE = "steps/0200"


def broken_rules(script: str) -> list[str]:
    """What Citus would refuse of a step's statements: it takes one change of a table at a time."""
    found = []
    for statement in statements(script):
        text = re.sub(r"--[^\n]*|\$(\w*)\$.*?\$\1\$", "", statement, flags=re.DOTALL).strip()
        clauses = len(re.findall(r"\b(?:ADD|DROP|ALTER|VALIDATE|RENAME|ENABLE|DISABLE)\s+(?!TABLE)[A-Z]+", text))
        if text.startswith("ALTER TABLE") and "ADD CONSTRAINT" in text and clauses > 1:
            found.append("ADD CONSTRAINT beside another change")
        if re.search(r"ADD COLUMN[^,]*\b(?:CHECK|REFERENCES|UNIQUE|PRIMARY KEY)\b", text):
            found.append("ADD COLUMN with a constraint")
        if re.match(r"DROP [A-Z ]+ (?:IF EXISTS )?\w+\s*(?:\([^)]*\))?\s*,", text):
            found.append("DROP of several objects")
    return found


@pytest.mark.parametrize("name", [name for name in DEFINITION.read("steps") if name >= SINCE])
def test_steps_change_one_thing_at_a_time(name: str) -> None:
    assert broken_rules(DEFINITION.read("steps")[name]) == []


def test_a_step_that_changes_several_things_at_once_is_found() -> None:
    assert broken_rules(
        "ALTER TABLE a ADD CONSTRAINT b CHECK (c > 0), ADD CONSTRAINT d CHECK (e > 0); DROP TABLE f, g;"
        "ALTER TABLE a ADD COLUMN h text CONSTRAINT i CHECK (h <> ''); ALTER TABLE a ADD CONSTRAINT b CHECK (c > 0);"
        "DROP FUNCTION j(text, text); ALTER TABLE a ADD COLUMN k text NOT NULL DEFAULT '', ADD COLUMN l text;"
    ) == ["ADD CONSTRAINT beside another change", "DROP of several objects", "ADD COLUMN with a constraint"]


async def test_policies_look_into_no_table(admin: Connection) -> None:
    policies = await admin.fetch("SELECT policyname, coalesce(qual, '') || coalesce(with_check, '') FROM pg_policies")
    assert len(policies) > 30
    assert [name for name, condition in policies if "SELECT" in condition] == []


async def test_no_function_in_sql_has_parameters(admin: Connection) -> None:
    functions = await admin.fetch(
        """
        SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_language l ON l.oid = prolang
        WHERE pronamespace = 'public'::regnamespace AND lanname = 'sql' AND pronargs > 0
            AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
        """
    )
    assert functions == []


async def test_unique_constraints_and_keys_contain_the_account(admin: Connection) -> None:
    rows = await admin.fetch(
        """
        SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
        WHERE indisunique AND indrelid = ANY ($1::text[]::regclass[])
        """,
        await account_tables(admin),
    )
    assert len(rows) > 30
    without = [name for name, definition in rows if "account_id" not in definition]
    assert without == ["account_pkey"]
