"""The SQL files of db/: complete, repeatable, and the same database by whichever way it came about."""

import re
import shutil
from pathlib import Path

import asyncpg
import pytest

from db.errors import MigrationError
from db.migrate import BASELINE, DEFINITION, Definition, migrate, pending
from tests.db import catalogue as files
from tests.db.catalogue import catalogue
from tests.db.conftest import Connection, tortoise
from tests.db.test_row_security import account_tables, owner_column

NOT_AUDITED = {
    "account_logo": "its digest in the account is",
    "audit_event": "it is the audit trail",
    "customer_merge": "its customers and documents are audited",
    "delivery": "the worker's notes",
    "emission": "record_fiscal_status records its steps with its document",
    "emission_attempt": "it is evidence itself",
    "emission_difference": "what the provider says, beside what Istmo has",
    "emission_payload": "written once",
    "emission_reconciliation": "the worker's notes",
    "fiscal_file": "written once",
    "event": "tells of changes that are audited",
    "idempotency_key": "changes nothing that people see",
    "import_row": "its import and its customers are audited",
    "lookup_count": "counts",
    "mail_count": "the worker's notes",
    "registry_answer": "what others say",
    "sequence": "the documents show which numbers were given",
}

ADD_COLUMN = "ALTER TABLE customer ADD COLUMN test_column text;\n"


# Every account table has what it needs


async def lacking(connection: Connection) -> dict[str, set[str]]:
    """What each account table lacks of rights, ownership, a key that begins with the account, an audit decision."""
    rows = await connection.fetch(
        """
        SELECT relname,
               relowner = 'istmo_owner'::regrole,
               EXISTS (SELECT FROM aclexplode(relacl) WHERE grantee = 'istmo_app'::regrole),
               (SELECT attname FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
                WHERE conrelid = c.oid AND contype = 'p'),
               EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid AND tgname = 'audit_created'),
               EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid AND tgname = 'refuse_while_moving' AND tgtype = 30)
        FROM pg_class c WHERE relname = ANY ($1) AND relnamespace = 'public'::regnamespace
        """,
        await account_tables(connection),
    )
    found: dict[str, set[str]] = {}
    for table, is_owned, has_rights, key, is_audited, is_guarded in rows:
        has = {
            "ownership": is_owned,
            "rights": has_rights,
            "key": key == owner_column(table),
            "audit decision": is_audited != (table in NOT_AUDITED),
            "guard": is_guarded != (table == "audit_event"),
        }
        found[table] = {name for name, is_there in has.items() if not is_there}
    return found


async def test_every_account_table_has_rights_an_owner_a_key_by_account_and_an_audit_decision(
    admin: Connection,
) -> None:
    found = await lacking(admin)
    assert len(found) == 30
    assert {table: what for table, what in found.items() if what} == {}


async def test_a_table_that_lacks_them_would_be_noticed(admin: Connection) -> None:
    await admin.execute("CREATE TABLE forgotten (id uuid PRIMARY KEY, account_id uuid)")
    assert (await lacking(admin))["forgotten"] == {"ownership", "rights", "key", "audit decision", "guard"}


async def test_a_new_account_table_is_one_call(admin: Connection) -> None:
    await admin.execute("SET LOCAL ROLE istmo_owner")
    await admin.execute(
        """
        CREATE TABLE test_table (
            id uuid NOT NULL,
            account_id uuid NOT NULL REFERENCES account,
            amount numeric(13, 2) NOT NULL,
            note_key text NOT NULL DEFAULT '',
            PRIMARY KEY (account_id, id)
        );
        CALL istmo_account_table('test_table', rights => 'SELECT, INSERT, UPDATE (amount)',
            audit => 'INVOICE', not_audited => 'note_key');
        """
    )
    assert (await lacking(admin))["test_table"] == set()
    policies = await admin.fetch("SELECT policyname FROM pg_policies WHERE tablename = 'test_table' ORDER BY 1")
    assert [name for (name,) in policies] == ["account_only"]


async def test_a_key_without_the_account_and_a_secret_in_the_audit_trail_are_refused(admin: Connection) -> None:
    await admin.execute("SET LOCAL ROLE istmo_owner")
    await admin.execute("CREATE TABLE short_key (id uuid PRIMARY KEY, account_id uuid)")
    await admin.execute("CREATE TABLE safe (account_id uuid, id uuid, pin_secret text, PRIMARY KEY (account_id, id))")
    for call, message in (
        ("istmo_account_table('short_key', 'SELECT', NULL)", "must begin with account_id"),
        ("istmo_account_table('safe', 'SELECT', 'ACCOUNT')", "secrets of safe"),
        ("istmo_account_table('safe', 'SELECT', 'ACCOUNT', 'pin_secret, typo')", "no column typo"),
    ):
        savepoint = admin.transaction()
        await savepoint.start()
        with pytest.raises(asyncpg.RaiseError, match=message):
            await admin.execute(f"CALL {call}")
        await savepoint.rollback()


# Views and triggers follow their tables


async def columns_of(connection: Connection, relation: str) -> set[str]:
    rows = await connection.fetch(
        "SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped",
        relation,
    )
    return {name for (name,) in rows}


async def stale_views(connection: Connection) -> list[str]:
    """The search views that lack a column of their table."""
    views = await connection.fetch(
        "SELECT viewname FROM pg_views WHERE schemaname = 'public' AND viewname LIKE '%\\_search'"
    )
    tables = [name.removesuffix("_search") for (name,) in views]
    return [
        table
        for table in sorted(tables)
        if await columns_of(connection, f"{table}_search") != await columns_of(connection, table)
    ]


async def test_search_views_have_all_columns_of_their_tables(admin: Connection) -> None:
    assert "email" in await columns_of(admin, "customer_search")
    assert await stale_views(admin) == []


async def test_a_new_column_is_noticed_until_the_table_is_refreshed(admin: Connection) -> None:
    await admin.execute("SET LOCAL ROLE istmo_owner")
    before = await admin.fetch("SELECT * FROM pg_views WHERE viewname = 'customer_search'")
    for table in ("customer", "document"):
        await admin.execute(f"ALTER TABLE {table} ADD COLUMN test_column text")
    assert await stale_views(admin) == ["customer", "document"]
    for table in ("customer", "document"):
        await admin.execute(f"CALL istmo_refresh('{table}')")
    assert await stale_views(admin) == []
    after = await admin.fetch("SELECT * FROM pg_views WHERE viewname = 'customer_search'")
    assert [row["viewowner"] for row in after] == [row["viewowner"] for row in before] == ["istmo_search"]
    assert await admin.fetchval("SELECT has_table_privilege('istmo_app', 'customer_search', 'SELECT')")
    recorded = await admin.fetchval(
        "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = 'audit_updated' AND tgrelid = $1::text::regclass",
        "customer",
    )
    assert ", test_column ON " in recorded


# The files


def test_the_baseline_has_every_file_of_the_schema() -> None:
    folder = DEFINITION.folder / "schema"
    nouns = (folder / "order.txt").read_text().split()
    assert sorted(nouns) == sorted(path.stem for path in folder.glob("*.sql"))


async def test_functions_and_procedures_can_be_run_again_at_any_time(database_url: str, admin: Connection) -> None:
    before = await catalogue(database_url)
    owner = await asyncpg.connect(database_url, server_settings={"role": "istmo_owner"})
    for script in [*DEFINITION.read("procedures").values(), *DEFINITION.read("functions").values()]:
        await owner.execute(script)
    await owner.close()
    assert await catalogue(database_url) == before


# Steps


@pytest.fixture
def later(tmp_path: Path) -> Definition:
    """A later version of the files, in which customers have a column more."""
    for kind in files.KINDS:
        shutil.copytree(DEFINITION.folder / kind, tmp_path / kind, dirs_exist_ok=True)
    file = tmp_path / "schema" / "customer.sql"
    file.write_text(file.read_text().replace("    address text,\n", "    address text,\n    test_column text,\n", 1))
    (tmp_path / "steps" / "9000_test_column.sql").write_text(f"{ADD_COLUMN}CALL istmo_refresh('customer');\n")
    return Definition(tmp_path)


async def applied(url: str) -> dict[str, str]:
    connection = await asyncpg.connect(url)
    try:
        return dict(await connection.fetch("SELECT name, hash FROM migration ORDER BY applied_at"))
    finally:
        await connection.close()


async def test_steps_lead_to_the_same_database_as_the_files_alone(
    empty_database: str, another_empty_database: str, later: Definition
) -> None:
    await migrate(empty_database)
    await migrate(empty_database, later)
    await migrate(another_empty_database, later)
    assert await catalogue(empty_database) == await catalogue(another_empty_database)
    assert await applied(empty_database) == await applied(another_empty_database)


async def test_a_step_that_forgets_what_the_file_says_is_noticed(
    empty_database: str, another_empty_database: str, later: Definition
) -> None:
    (later.folder / "steps" / "9000_test_column.sql").write_text(ADD_COLUMN)
    await migrate(empty_database)
    await migrate(empty_database, later)
    await migrate(another_empty_database, later)
    by_step, by_files = await catalogue(empty_database), await catalogue(another_empty_database)
    assert {name for name, found in by_step.items() if found != by_files[name]} == {"columns", "triggers", "views"}


async def test_a_step_can_change_what_is_audited(
    empty_database: str, another_empty_database: str, later: Definition
) -> None:
    file = later.folder / "schema" / "customer.sql"
    call = re.search(r"CALL istmo_audit\('customer'.*?;\n", file.read_text(), re.DOTALL)
    assert call is not None
    changed = call[0].replace("'verification_checked_at,", "'test_column, verification_checked_at,")
    assert changed != call[0]
    file.write_text(file.read_text().replace(call[0], changed))
    (later.folder / "steps" / "9000_test_column.sql").write_text(
        f"{ADD_COLUMN}{changed}CALL istmo_refresh('customer');\n"
    )
    await migrate(empty_database)
    await migrate(empty_database, later)
    await migrate(another_empty_database, later)
    assert await catalogue(empty_database) == await catalogue(another_empty_database)


async def test_databases_in_use_become_what_the_files_say(
    database_url: str, empty_database: str, tmp_path: Path
) -> None:
    """If this fails, write a step in db/steps; before a release, ``python -m tests.db.catalogue``."""
    shutil.unpack_archive(files.BASELINE, tmp_path)
    await migrate(empty_database, Definition(tmp_path))
    await migrate(empty_database)
    assert await catalogue(empty_database) == await catalogue(database_url)


async def test_a_step_is_taken_once_and_must_not_change_afterwards(empty_database: str, later: Definition) -> None:
    await migrate(empty_database, later)
    await migrate(empty_database, later)  # a second ADD COLUMN would fail
    before = await applied(empty_database)
    (later.folder / "steps" / "9000_test_column.sql").write_text("SELECT 1;\n")
    with pytest.raises(MigrationError, match="steps/9000_test_column"):
        await migrate(empty_database, Definition(later.folder))
    assert await applied(empty_database) == before


async def test_a_step_that_fails_changes_nothing(empty_database: str, later: Definition) -> None:
    await migrate(empty_database)
    before = await catalogue(empty_database)
    (later.folder / "steps" / "9001_broken.sql").write_text("SELECT 1 / 0;\n")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(empty_database, later)
    assert await catalogue(empty_database) == before
    assert await applied(empty_database) == dict(DEFINITION.expected)


async def test_a_function_is_replaced_when_its_file_has_changed(empty_database: str, later: Definition) -> None:
    await migrate(empty_database)
    file = later.folder / "functions" / "due_lanes.sql"
    file.write_text(file.read_text().replace("d.due_at <= now())", "d.due_at < now())"))
    await migrate(empty_database, later)
    connection = await asyncpg.connect(empty_database)
    source = "SELECT prosrc, proowner::regrole::text FROM pg_proc WHERE proname = 'due_lanes'"
    code, owner = await connection.fetchrow(source)
    assert "d.due_at < now())" in code
    assert owner == "istmo_dispatch"
    await connection.close()


async def test_an_older_istmo_leaves_the_functions_of_a_newer_one_alone(empty_database: str, later: Definition) -> None:
    file = later.folder / "functions" / "due_lanes.sql"
    file.write_text(file.read_text().replace("d.due_at <= now())", "d.due_at < now())"))
    await migrate(empty_database, later)
    before = await catalogue(empty_database)
    await migrate(empty_database)
    assert await catalogue(empty_database) == before


async def test_what_a_database_lacks_is_known(empty_database: str, later: Definition) -> None:
    async with tortoise(empty_database):
        assert await pending() == [BASELINE]
        await migrate(empty_database)
        assert await pending() == []
        connection = await asyncpg.connect(empty_database)
        await connection.execute("UPDATE migration SET hash = 'of an earlier version' WHERE name LIKE '%/due_lanes'")
        assert await pending() == ["functions/due_lanes"]
        await connection.close()
        await migrate(empty_database, later)
        assert await pending() == []
