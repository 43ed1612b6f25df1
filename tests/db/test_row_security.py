"""An account's rows are its own, and each role can do what it is for and no more."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from db.migrate import migrate
from tests.db.conftest import Connection, acting_as, rows_of

SHARED = {
    "location",
    "request_count",
    "migration",
    "trusted_document",
    "account_move",
}  # tables that belong to no account

ROLES = {  # of which roles they are members
    "istmo_app": [],
    "istmo_audit": [],
    "istmo_auth": [],
    "istmo_dispatch": [],
    "istmo_owner": ["istmo_audit", "istmo_auth", "istmo_dispatch", "istmo_search", "istmo_signup", "istmo_verify"],
    "istmo_search": [],
    "istmo_signup": [],
    "istmo_verify": [],
}

GRANTS = {
    "istmo_app": {
        "account": "SELECT, UPDATE (address, bank_lines, dv, electronic_invoicing, email, legal_name, logo_digest, "
        "mail_link, mail_texts, mobile, name, paper_color, paper_footer, payment_method, payment_term_days, phone, "
        "ruc, sale_type, taxpayer_type, terms, updated_at, version)",
        "account_logo": "DELETE, INSERT, SELECT, UPDATE",
        "account_move": "SELECT",
        "api_key": "INSERT, SELECT, UPDATE (last_used_at, revoked_at)",
        "associated_person": "DELETE, INSERT, SELECT",
        "audit_event": "SELECT",
        "billing_point": "INSERT, SELECT, UPDATE (name, version)",
        "branch": "INSERT, SELECT, UPDATE (address, email, location_code, mobile, name, phone, type, version)",
        "customer": "DELETE, INSERT, SELECT, UPDATE",  # by a policy, only those that an import has created
        "customer_merge": "DELETE, INSERT, SELECT",
        "customer_search": "SELECT",
        "delivery": "SELECT, UPDATE (attempts, began_at, due_at, error, settled_at, status)",
        "district": "SELECT",
        "document": "DELETE, INSERT, SELECT, UPDATE",
        "document_line": "DELETE, INSERT, SELECT",
        "document_link": "INSERT, SELECT, UPDATE (revoked_at)",
        "document_search": "SELECT",
        "emission": "INSERT, SELECT, UPDATE",
        "emission_attempt": "INSERT, SELECT, UPDATE (answer, code, ended_at, message, outcome)",
        "emission_difference": "DELETE, INSERT, SELECT, UPDATE",
        "emission_payload": "INSERT, SELECT",
        "emission_reconciliation": "INSERT, SELECT, UPDATE",
        "event": "INSERT, SELECT",
        "fiscal_file": "INSERT, SELECT",
        "idempotency_key": "DELETE, INSERT, SELECT, UPDATE",
        "import": "INSERT, SELECT, UPDATE",
        "import_row": "INSERT, SELECT, UPDATE",
        "location": "SELECT",
        "lookup_count": "INSERT, SELECT, UPDATE (questions)",
        "mail_count": "DELETE, INSERT, SELECT, UPDATE (mails)",
        "migration": "SELECT",
        "personal_data_request": "INSERT, SELECT, UPDATE (answered_at, reason, status)",
        "pac_setting": "INSERT, SELECT, UPDATE (environment, provider, secrets, updated_at, version)",
        "province": "SELECT",
        "registry_answer": "INSERT, SELECT, UPDATE",
        "request_count": "DELETE, INSERT, SELECT, UPDATE",
        "sequence": "INSERT, SELECT, UPDATE (first_number, last_issue_date, last_number)",
        "trusted_document": "SELECT",
        "webhook": "DELETE, INSERT, SELECT, UPDATE (disabled_at, disabled_reason, failing_since, old_secret, "
        "old_secret_until, rest_until, secret, types, url, version)",
    },
    "istmo_audit": {
        "audit_event": "INSERT, SELECT (account_id, action, object_id, occurred_at)",
        "billing_point": "SELECT (account_id, branch, code, id)",
        "document": "SELECT (account_id, id, type)",
    },
    "istmo_auth": {
        "account_move": "SELECT",
        "api_key": "DELETE, SELECT (account_id, expires_at, hash, id, kind, parent_id, revoked_at, scope)",
        "document_link": "DELETE, SELECT (account_id, document_id, expires_at, hash, id, revoked_at)",
    },
    "istmo_dispatch": {
        "account_move": "SELECT",
        "associated_person": "SELECT (account_id, customer_id, email, notify)",
        "delivery": "INSERT, SELECT",
        "emission": "SELECT (account_id, blocked_reason, document_id, due_at, files_due_at, open_since, status)",
        "emission_attempt": "DELETE, SELECT (account_id, document_id)",
        "emission_difference": "SELECT (account_id, kind)",
        "emission_payload": "DELETE, SELECT (account_id, document_id)",
        "emission_reconciliation": "SELECT (account_id, due_at, failing_since, folios_available, folios_total)",
        "pac_setting": "SELECT (account_id)",
        "fiscal_file": "DELETE, SELECT (account_id, document_id, fetched_at, kind)",
        "event": "DELETE, SELECT, UPDATE (dispatched_at, sequence)",
        "customer_merge": "DELETE, SELECT (account_id, id, merged_at)",
        "import": "DELETE, SELECT (account_id, actor, id, keep_until, status, updated_at)",
        "idempotency_key": "DELETE, SELECT (account_id, created_at, id)",
        "lookup_count": "DELETE, SELECT (day)",
        "registry_answer": "DELETE, SELECT (account_id, asked_at, ruc, sandbox, taxpayer_type)",
        "document": "SELECT (account_id, customer_id, id, notify, receiver_email)",
        "webhook": "SELECT (account_id, disabled_at, id, rest_until, types)",
    },
    "istmo_search": {"customer": "SELECT", "document": "SELECT"},
    "istmo_signup": {"account": "INSERT", "account_move": "SELECT", "billing_point": "INSERT", "branch": "INSERT"},
    "istmo_verify": {
        "account_move": "SELECT",
        "customer": "SELECT (account_id, id, status, verification_next_at, verification_status, verification_tries), "
        "UPDATE (verification_next_at, verification_tries)",
    },
}

VIEWS = {  # whose they are
    "customer_search": "istmo_search",
    "district": "istmo_owner",
    "document_search": "istmo_search",
    "province": "istmo_owner",
}

FUNCTIONS = {  # each runs as a role of its own, for the service
    "account_of_key(bytea,uuid)": "istmo_auth",
    "claim_pending_customer(interval[])": "istmo_verify",
    "create_account(uuid,text,text,text,text,boolean,uuid,uuid)": "istmo_signup",
    "dispatch_events(integer,uuid)": "istmo_dispatch",
    "document_of_link(bytea,uuid)": "istmo_auth",
    "due_emissions(timestamp with time zone)": "istmo_dispatch",
    "due_imports()": "istmo_dispatch",
    "due_lanes()": "istmo_dispatch",
    "due_reconciliations(timestamp with time zone)": "istmo_dispatch",
    "emission_backlog()": "istmo_dispatch",
    "erase_deleted(uuid,uuid[])": "istmo_owner",
    "erase_traces(uuid,uuid[])": "istmo_owner",
    "forget_audit_events(integer,integer)": "istmo_owner",
    "forget_erased_documents(integer,integer)": "istmo_owner",
    "emission_figures()": "istmo_dispatch",
    "forget_fiscal_files(integer,integer)": "istmo_dispatch",
    "outbox_backlog()": "istmo_dispatch",
    "forget_document_links(integer)": "istmo_auth",
    "forget_events(timestamp with time zone,integer)": "istmo_dispatch",
    "forget_idempotency_keys(integer)": "istmo_dispatch",
    "lost_deliveries(uuid[])": "istmo_dispatch",
    "forget_merges(integer)": "istmo_dispatch",
    "forget_imports(integer)": "istmo_dispatch",
    "forget_lookups(interval,integer)": "istmo_dispatch",
    "forget_sessions(integer)": "istmo_auth",
    "take_link(bytea,uuid)": "istmo_auth",
}

TRIGGERS = {  # functions that the service doesn't call, and that run as a role of their own
    "record_change()": "istmo_audit",
    "record_first_number()": "istmo_audit",
    "record_fiscal_status()": "istmo_audit",
    "record_lines()": "istmo_audit",
    "record_new_customer()": "istmo_audit",
    "record_new_document()": "istmo_audit",
    "record_persons()": "istmo_audit",
    "record_sent_invoice()": "istmo_audit",
    "redact_audit(uuid,uuid[])": "istmo_owner",
    "redact_events(uuid,uuid[])": "istmo_owner",
}

INVOKERS = {  # functions that have their caller's rights
    "is_frozen(text)": "istmo_owner",
    "keep_unless_imported()": "istmo_owner",
    "lead_to_survivor()": "istmo_owner",
    "refuse_moved(uuid)": "istmo_owner",
    "refuse_while_moving()": "istmo_owner",
}

CALLERS = {  # of those that others call
    "is_frozen(text)": ["istmo_app", "istmo_auth", "istmo_dispatch", "istmo_signup", "istmo_verify"],
    "refuse_moved(uuid)": ["istmo_auth"],
}

UNCHANGEABLE = {
    *("associated_person", "audit_event", "customer_merge", "document_line", "emission_payload", "event", "fiscal_file")
}  # to the service

FORBIDDEN = [  # to the service
    "CREATE TABLE mine (id int)",
    "CREATE VIEW mine AS SELECT 1",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE SCHEMA mine",
    "CREATE ROLE mine",
    "CREATE EXTENSION hstore",
    "CREATE INDEX ON customer (name)",
    "CREATE POLICY mine ON customer USING (true)",
    "DROP POLICY account_only ON customer",
    "DROP TABLE document_line",
    "ALTER TABLE customer ADD COLUMN mine int",
    "ALTER TABLE customer DISABLE ROW LEVEL SECURITY",
    "ALTER ROLE istmo_app BYPASSRLS",
    "SET ROLE istmo_owner",
    "SET ROLE istmo_search",
    "TRUNCATE document_line",
    "UPDATE event SET data = '{}'",
    "DELETE FROM event",
    "INSERT INTO event (id, account_id, type, object_id, data, sequence, dispatched_at) SELECT gen_random_uuid(), id,"
    " 'INVOICE_ISSUED', id, '{}', 9, now() FROM account",
    "INSERT INTO event (id, account_id, type, object_id, data, occurred_at) SELECT gen_random_uuid(), id,"
    " 'INVOICE_ISSUED', id, '{}', now() - interval '1 day' FROM account",
    "DELETE FROM delivery",
    "UPDATE location SET search = ''",
    "INSERT INTO audit_event (account_id, action, object_type, object_id, changes) VALUES (NULL, '', '', NULL, '{}')",
    "UPDATE audit_event SET source = 'SYSTEM'",
    "DELETE FROM audit_event",
    "TRUNCATE audit_event",
    "ALTER TABLE customer DISABLE TRIGGER audit_updated",
    "DROP TRIGGER audit_updated ON customer",
    "SET session_replication_role = replica",
    "UPDATE document_line SET description = 'Otra cosa'",
    "DELETE FROM migration",
    "CALL istmo_refresh('customer')",
    "INSERT INTO trusted_document (hash, text) VALUES (encode(sha256('x'), 'hex'), 'x')",
    "DELETE FROM trusted_document",
    "COPY customer TO PROGRAM 'cat'",
    "CREATE TEMPORARY TABLE mine (id int)",
    "CREATE DOMAIN pg_temp.uuid AS pg_catalog.uuid",
]

ACCOUNT = "(NULLIF(current_setting('istmo.account'::text, true), ''::text))::uuid"


def owner_column(table: str) -> str:
    """The column that says whose a row is."""
    return "id" if table == "account" else "account_id"


async def account_tables(connection: Connection) -> list[str]:
    rows = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
    )
    return sorted({name for (name,) in rows} - SHARED)


@pytest.fixture
async def tables(admin: Connection) -> list[str]:
    return await account_tables(admin)


@pytest.fixture
async def pair(database_url: str, new_account: Callable[..., Awaitable[UUID]]) -> tuple[UUID, UUID]:
    """Two accounts with rows in every table."""
    mine, theirs = await new_account(), await new_account()
    for account in (mine, theirs):
        async with (
            acting_as("istmo_app", database_url, account) as service,
            acting_as("istmo_owner", database_url) as owner,
        ):
            for table, (insert, values) in rows_of(account).items():
                await (owner if table in ("delivery", "audit_event") else service).execute(insert, *values)
    return mine, theirs


@pytest.fixture
async def app(database_url: str, pair: tuple[UUID, UUID]) -> AsyncIterator[Connection]:
    """The service, working for the first account of the pair."""
    async with acting_as("istmo_app", database_url, pair[0]) as connection:
        yield connection


# Row-level security


async def unprotected(connection: Connection) -> list[str]:
    """The account tables that lack row-level security, its policy, or have more for the service.

    Restrictive policies only narrow what others let pass.
    """
    policies = await connection.fetch(
        """
        SELECT relname, policyname, permissive, roles::text, cmd, qual, coalesce(with_check, qual)
        FROM pg_class JOIN pg_policies ON schemaname = 'public' AND tablename = relname
        WHERE relrowsecurity AND NOT relforcerowsecurity AND permissive = 'PERMISSIVE'
            AND (cmd = 'ALL' OR roles && '{istmo_app, public}')
        """
    )
    return [
        table
        for table in await account_tables(connection)
        if {policy[1:] for policy in map(tuple, policies) if policy[0] == table}
        != {
            ("account_only", "PERMISSIVE", "{istmo_app}", "ALL", *[f"({owner_column(table)} = {ACCOUNT})"] * 2),
        }
    ]


async def test_every_account_table_has_row_level_security(admin: Connection) -> None:
    assert await unprotected(admin) == []


async def test_a_new_table_without_policies_would_be_noticed(admin: Connection) -> None:
    await admin.execute("CREATE TABLE forgotten (id uuid, account_id uuid)")
    assert await unprotected(admin) == ["forgotten"]
    await admin.execute("ALTER TABLE forgotten ENABLE ROW LEVEL SECURITY")
    await admin.execute("CREATE POLICY account_only ON forgotten TO istmo_app USING (true)")
    assert await unprotected(admin) == ["forgotten"]


async def test_the_service_sees_only_the_rows_of_its_account(
    app: Connection, admin: Connection, tables: list[str], pair: tuple[UUID, UUID]
) -> None:
    """In views, too."""
    columns = await admin.fetch(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'account_id'"
    )
    names = {"account"} | {name for (name,) in columns}
    assert names > set(tables)
    for name in names:
        owners = {owner for (owner,) in await app.fetch(f"SELECT {owner_column(name)} FROM {name}")}
        assert owners == {pair[0]}, name
    await app.execute("SET istmo.account = ''")
    for name in names:
        assert await app.fetch(f"SELECT FROM {name}") == [], name


async def test_the_service_can_not_write_rows_of_another_account(
    app: Connection, tables: list[str], pair: tuple[UUID, UUID]
) -> None:
    inserts = rows_of(pair[1]) | {"account": ("INSERT INTO account (id, name) VALUES ($1, 'Ana')", [uuid4()])}
    assert sorted(inserts) == tables
    for insert, values in inserts.values():
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute(insert, *values)
    for table in tables:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute(f"UPDATE {table} SET {owner_column(table)} = $1", pair[1])


async def test_the_service_can_not_change_or_delete_rows_of_another_account(
    app: Connection, admin: Connection, tables: list[str], pair: tuple[UUID, UUID]
) -> None:
    for table in tables:
        columns = await admin.fetch(
            """
            SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0
                AND has_column_privilege('istmo_app', attrelid, attnum, 'UPDATE')
            """,
            table,
        )
        assert bool(columns) == (table not in UNCHANGEABLE), table
        for (column,) in columns:
            update = f"UPDATE {table} SET {column} = {column} WHERE {owner_column(table)} = $1"
            assert await app.execute(update, pair[1]) == "UPDATE 0"
        if await admin.fetchval("SELECT has_table_privilege('istmo_app', $1, 'DELETE')", table):
            assert await app.execute(f"DELETE FROM {table} WHERE account_id = $1", pair[1]) == "DELETE 0"


async def test_no_foreign_key_can_point_into_another_account(admin: Connection, tables: list[str]) -> None:
    """Where both tables belong to accounts, the key has the account on both sides."""
    keys = await admin.fetch(
        """
        SELECT conname, conrelid::regclass::text, confrelid::regclass::text,
               (SELECT attname::text FROM pg_attribute WHERE attrelid = conrelid AND attnum = conkey[1]),
               (SELECT attname::text FROM pg_attribute WHERE attrelid = confrelid AND attnum = confkey[1])
        FROM pg_constraint WHERE contype = 'f'
        """
    )
    assert len(keys) > len(tables)
    for name, table, target, column, target_column in keys:
        if target in tables:
            assert (column, target_column) == (owner_column(table), owner_column(target)), name


async def test_a_row_can_not_point_at_the_customer_of_another_account(
    app: Connection, admin: Connection, pair: tuple[UUID, UUID]
) -> None:
    theirs = await admin.fetchval("SELECT id FROM customer WHERE account_id = $1", pair[1])
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await app.execute("UPDATE document SET customer_id = $1", theirs)
    insert, values = rows_of(pair[0])["associated_person"]
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await app.execute(insert, *values[:2], theirs)


async def test_the_owner_sees_and_changes_all_rows(
    database_url: str, tables: list[str], pair: tuple[UUID, UUID]
) -> None:
    async with acting_as("istmo_owner", database_url) as owner:
        for table in tables:
            column = owner_column(table)
            changed = await owner.execute(f"UPDATE {table} SET {column} = {column} WHERE {column} = ANY ($1)", pair)
            assert int(changed.removeprefix("UPDATE ")) >= 2, table


# Roles and grants


async def test_no_role_can_log_in_and_only_that_of_the_search_may_pass_the_policies(admin: Connection) -> None:
    roles = await admin.fetch(
        """
        SELECT rolname, array(SELECT roleid::regrole::text FROM pg_auth_members WHERE member = r.oid ORDER BY 1),
               rolcanlogin OR rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication
                   OR (rolbypassrls AND rolname <> 'istmo_search')
        FROM pg_roles r
        WHERE rolname LIKE 'istmo%' AND rolname NOT LIKE 'istmo_test%'
            AND rolname <> 'istmo_service'  -- a login, on the embedded server (test_embedded.py)
        """
    )
    assert {name: members for name, members, _ in roles} == ROLES
    assert not any(mighty for _, _, mighty in roles)


async def test_each_role_may_do_what_it_is_for(admin: Connection) -> None:
    grants = await admin.fetch(
        """
        WITH granted AS (
            SELECT relname, grantee, privilege_type AS privilege
            FROM pg_class, aclexplode(relacl) WHERE relnamespace = 'public'::regnamespace AND grantee <> relowner
            UNION ALL
            SELECT relname, grantee, privilege_type || ' (' || string_agg(attname, ', ' ORDER BY attname) || ')'
            FROM pg_class c JOIN pg_attribute ON attrelid = c.oid, aclexplode(attacl)
            WHERE relnamespace = 'public'::regnamespace GROUP BY relname, grantee, privilege_type
        )
        SELECT grantee::regrole::text, relname, string_agg(privilege, ', ' ORDER BY privilege)
        FROM granted GROUP BY 1, 2
        """
    )
    found: dict[str, dict[str, str]] = {}
    for role, table, privileges in grants:
        found.setdefault(role, {})[table] = privileges
    assert found == GRANTS


async def test_a_view_is_read_as_its_owner_so_the_owners_of_views_are_known(admin: Connection) -> None:
    views = await admin.fetch("SELECT viewname, viewowner FROM pg_views WHERE schemaname = 'public'")
    assert dict(views) == VIEWS


async def test_the_service_can_not_change_what_it_stands_on(app: Connection) -> None:
    async def is_refused(statement: str) -> bool:
        try:
            await app.execute(statement)
        except asyncpg.InsufficientPrivilegeError:
            return True
        return False

    assert [statement for statement in FORBIDDEN if not await is_refused(statement)] == []


# Functions for the time before an account is known


async def test_functions_run_as_roles_of_their_own_and_answer_only_the_service(admin: Connection) -> None:
    functions = await admin.fetch(
        """
        SELECT p.oid::regprocedure::text, proowner::regrole::text, prosecdef, proconfig, proacl::text[]
        FROM pg_proc p WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
            AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
        """
    )
    assert {name: owner for name, owner, *_ in functions} == FUNCTIONS | TRIGGERS | INVOKERS
    for name, owner, is_definer, settings, grants in functions:
        assert is_definer == (name not in INVOKERS), name
        assert settings == (None if name == "refuse_while_moving()" else ["search_path=pg_catalog, pg_temp"]), name
        callers = ["istmo_app"] if name in FUNCTIONS else CALLERS.get(name, [])
        assert set(grants) == {f"{role}=X/{owner}" for role in (owner, *callers)}, name


async def test_only_the_owner_calls_the_procedures_that_make_tables(admin: Connection) -> None:
    procedures = await admin.fetch(
        """
        SELECT proname, proowner::regrole::text, prosecdef, proacl::text[] FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND prokind = 'p'
        """
    )
    assert len(procedures) > 5
    for name, owner, is_definer, grants in procedures:
        assert (owner, is_definer, grants) == ("istmo_owner", False, ["istmo_owner=X/istmo_owner"]), name


@pytest.fixture
async def app_with_temporary_objects(empty_database: str) -> AsyncIterator[Connection]:
    """The service in a database whose owner lets it have temporary objects after all."""
    await migrate(empty_database)
    account = uuid4()
    owner = await asyncpg.connect(empty_database)
    await owner.execute("SELECT create_account($1, 'Una', NULL, NULL, NULL, false, $2, $3)", account, uuid4(), uuid4())
    await owner.execute(f"GRANT TEMPORARY ON DATABASE {await owner.fetchval('SELECT current_database()')} TO PUBLIC")
    await owner.close()
    async with acting_as("istmo_app", empty_database, account) as connection:
        yield connection


async def test_the_service_can_not_make_the_triggers_functions_record_what_never_happened(
    app_with_temporary_objects: Connection,
) -> None:
    app = app_with_temporary_objects
    await app.execute("CREATE TEMPORARY TABLE mine (id uuid, account_id uuid, name text)")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await app.execute(
            "CREATE TRIGGER mine AFTER INSERT ON mine FOR EACH ROW EXECUTE FUNCTION record_change('CUSTOMER', '{name}')"
        )


@pytest.mark.parametrize(
    "disguise",
    [
        # TG_ARGV[1]::text[] would have letters, so the columns that are named there would be recorded, secrets too.
        'CREATE DOMAIN pg_temp.text AS pg_catalog."char"',
        # A check of a domain would run as the functions' owner, who may write the trail.
        """
        CREATE FUNCTION pg_temp.evil(given pg_catalog.uuid) RETURNS boolean LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO public.audit_event (account_id, action, object_type, object_id, changes)
            VALUES (given, 'DELETED', 'INVOICE', given, '{}');
            RETURN true;
        END $$;
        CREATE DOMAIN pg_temp.uuid AS pg_catalog.uuid CHECK (pg_temp.evil(VALUE));
        """,
        """
        CREATE TEMPORARY TABLE audit_event (LIKE public.audit_event);
        CREATE TEMPORARY VIEW jsonb AS SELECT 1;
        """,
    ],
)
async def test_types_and_tables_of_the_services_own_do_not_reach_the_audit_trail(
    app_with_temporary_objects: Connection, disguise: str
) -> None:
    app = app_with_temporary_objects
    await app.execute(disguise)
    await app.execute("UPDATE public.account SET name = 'Otra'")
    await app.execute("UPDATE public.billing_point SET name = 'Caja'")
    await app.execute(
        "INSERT INTO public.api_key (id, account_id, name, scope, hash) SELECT $1, id, 'x', 'ADMIN', '' FROM account",
        uuid4(),
    )
    recorded = await app.fetch(
        """
        SELECT action, object_type, ARRAY(SELECT jsonb_object_keys(changes) ORDER BY 1)
        FROM public.audit_event ORDER BY occurred_at OFFSET 3
        """
    )
    assert [tuple(row) for row in recorded] == [
        ("UPDATED", "ACCOUNT", ["name"]),
        ("UPDATED", "BILLING_POINT", ["name"]),
        ("CREATED", "API_KEY", ["name", "scope"]),
    ]


async def test_other_roles_can_not_call_the_functions(database_url: str) -> None:
    async with acting_as("istmo_search", database_url) as connection:
        for call in ("account_of_key('')", "due_lanes()", "dispatch_events(1)", "claim_pending_customer('{}')"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f"SELECT {call}")


async def test_a_key_is_found_by_its_hash_alone_and_only_while_it_works(
    database_url: str, app: Connection, admin: Connection, pair: tuple[UUID, UUID]
) -> None:
    async def found(hash: bytes) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await app.fetch("SELECT * FROM account_of_key($1)", hash)]

    old, new = uuid4(), uuid4()
    id, hash = await admin.fetchrow("SELECT id, hash FROM api_key WHERE account_id = $1", pair[1])
    assert await app.fetch("SELECT FROM api_key WHERE hash = $1", hash) == []
    assert await found(hash) == [(pair[1], id, "READ", None)]
    assert await found(b"") == []
    async with acting_as("istmo_app", database_url, pair[1]) as they:
        await they.execute("UPDATE api_key SET revoked_at = now()")
        assert await found(hash) == []
        await they.execute(
            """
            INSERT INTO api_key (id, account_id, name, scope, hash, expires_at)
            VALUES ($1, $2, 'Old', 'READ', $3, now()), ($4, $2, 'New', 'READ', $5, now() + interval '1 minute')
            """,
            *(old, pair[1], old.bytes, new, new.bytes),
        )
        assert await found(old.bytes) == []
        assert await found(new.bytes) == [(pair[1], new, "READ", None)]
