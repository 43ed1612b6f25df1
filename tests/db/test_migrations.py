"""The database has what the models and these lists say, and migrating it is safe at any moment."""

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from tortoise.context import TortoiseContext
from tortoise.fields import Field

from db import embedded, guard, models
from db import migrate as migration
from db.errors import UNAVAILABLE
from db.migrate import migrate, pending
from tests.conftest import skip_or_fail, with_database
from tests.db.conftest import Connection, tortoise
from tests.db.test_embedded import ask

DEBIAN = Path("/usr/lib/postgresql/15/bin")
ALL = sorted(name for name, _ in migration.DEFINITION.expected)

CONSTRAINTS = {
    "account": """
        account_legal_name_check account_mail_texts_check account_name_check account_paper_color_check
        account_payment_method_check
        account_payment_term_check account_pkey
        account_sale_type_check account_taxpayer_type_check
    """,
    "api_key": """
        api_key_account_fkey api_key_ends_check api_key_finite_check api_key_hash_unique api_key_kind_check
        api_key_name_check api_key_parent_check api_key_parent_fkey api_key_pkey api_key_scope_check
    """,
    "associated_person": """
        associated_person_account_fkey associated_person_customer_fkey associated_person_pkey
        associated_person_position_unique
    """,
    "audit_event": """
        audit_event_action_check audit_event_key_check audit_event_object_type_check audit_event_pkey
        audit_event_source_check
    """,
    "billing_point": """
        billing_point_account_fkey billing_point_branch_fkey billing_point_code_check billing_point_code_unique
        billing_point_pkey
    """,
    "branch": """
        branch_account_fkey branch_code_check branch_code_unique branch_location_fkey branch_pkey branch_type_check
    """,
    "customer": """
        customer_account_fkey customer_dv_check customer_foreign_check customer_foreign_id_check
        customer_foreign_id_type_check customer_language_check customer_location_fkey customer_merged_check
        customer_merged_into_fkey customer_metadata_check customer_name_check customer_payment_term_check customer_pkey
        customer_receiver_type_check customer_status_check customer_taxpayer_type_check
        customer_verification_status_check
    """,
    "customer_merge": """
        customer_merge_account_fkey customer_merge_customer_fkey customer_merge_customer_unique
        customer_merge_former_status_check customer_merge_pkey customer_merge_survivor_fkey
    """,
    "import": """
        import_account_fkey import_file_format_check import_finite_check import_on_duplicate_check import_pkey
        import_policy_check import_status_check
    """,
    "import_row": "import_row_account_fkey import_row_import_fkey import_row_outcome_check import_row_pkey",
    "delivery": """
        delivery_account_fkey delivery_email_unique delivery_event_fkey delivery_pkey delivery_settled_check
        delivery_status_check delivery_target_check delivery_webhook_fkey delivery_webhook_unique
    """,
    "document": """
        document_account_fkey document_billing_point_fkey document_currency_check document_customer_fkey
        document_dates_check document_draft_check document_due_date_check document_electronic_check
        document_export_check
        document_invoice_fkey document_issue_date_open_check document_issuer_check document_metadata_check
        document_note_check
        document_number_check document_number_unique
        document_payment_check document_pkey document_receiver_location_fkey document_status_check
        document_total_check document_type_check document_void_check document_withholding_check
    """,
    "document_line": """
        document_line_account_fkey document_line_cpbs_check document_line_discount_check
        document_line_document_fkey document_line_itbms_rate_check document_line_pkey document_line_position_unique
        document_line_quantity_check document_line_total_check
    """,
    "emission": """
        emission_account_fkey emission_authorized_check emission_blocked_check emission_blocked_reason_check
        emission_document_fkey emission_due_check emission_environment_check emission_pkey emission_status_check
        emission_void_check
    """,
    "emission_difference": """
        emission_difference_account_fkey emission_difference_document_fkey emission_difference_kind_check
        emission_difference_pkey
    """,
    "emission_reconciliation": "emission_reconciliation_account_fkey emission_reconciliation_pkey",
    "emission_attempt": """
        emission_attempt_account_fkey emission_attempt_answer_check emission_attempt_emission_fkey
        emission_attempt_ended_check emission_attempt_kind_check emission_attempt_pkey
    """,
    "document_link": """
        document_link_account_fkey document_link_document_fkey document_link_finite_check document_link_hash_unique
        document_link_pkey
    """,
    "emission_payload": """
        emission_payload_account_fkey emission_payload_emission_fkey emission_payload_hash_check emission_payload_pkey
    """,
    "fiscal_file": """
        fiscal_file_account_fkey fiscal_file_content_check fiscal_file_emission_fkey fiscal_file_kind_check
        fiscal_file_pkey
    """,
    "event": "event_account_fkey event_dispatched_check event_pkey event_sequence_unique event_type_check",
    "idempotency_key": "idempotency_key_account_fkey idempotency_key_pkey idempotency_key_unique",
    "location": "location_pkey",
    "mail_count": "mail_count_account_fkey mail_count_mails_check mail_count_pkey",
    "migration": "migration_pkey",
    "account_move": "account_move_pkey account_move_state_check",
    "lookup_count": "lookup_count_account_fkey lookup_count_pkey",
    "account_logo": "account_logo_account_fkey account_logo_media_type_check account_logo_pkey",
    "personal_data_request": """
        personal_data_request_account_fkey personal_data_request_answer_check personal_data_request_customer_fkey
        personal_data_request_dates_check personal_data_request_kind_check personal_data_request_pkey
        personal_data_request_status_check
    """,
    "pac_setting": "pac_setting_account_fkey pac_setting_environment_check pac_setting_pkey pac_setting_unique",
    "registry_answer": """
        registry_answer_account_fkey registry_answer_dv_check registry_answer_found_check
        registry_answer_name_check registry_answer_pkey registry_answer_receiver_type_check
        registry_answer_status_check registry_answer_taxpayer_type_check
    """,
    "request_count": "request_count_pkey request_count_requests_check",
    "sequence": """
        sequence_account_fkey sequence_billing_point_fkey sequence_first_number_check sequence_last_number_check
        sequence_pkey sequence_type_check sequence_unique
    """,
    "trusted_document": "trusted_document_hash_check trusted_document_pkey",
    "webhook": "webhook_account_fkey webhook_disabled_check webhook_old_secret_check webhook_pkey",
}

INDEXES = {  # beside those of constraints
    "audit_event": "audit_event_object_idx",
    "api_key": "api_key_ends_idx api_key_parent_idx",
    "customer": """
        customer_created_at_idx customer_email_idx customer_erased_idx customer_external_id_unique
        customer_foreign_id_unique
        customer_identification_idx customer_location_idx customer_merged_foreign_id_idx
        customer_merged_into_idx customer_merged_ruc_idx customer_metadata_idx
        customer_name_idx customer_phone_idx customer_ruc_digits_idx customer_ruc_unique customer_search_idx
        customer_tags_idx customer_updated_at_idx customer_verification_idx
    """,
    "import": "import_keep_until_idx import_under_way_idx import_updated_at_idx",
    "import_row": """
        import_row_customer_idx import_row_external_id_idx import_row_identity_idx import_row_outcome_idx
    """,
    "customer_merge": "customer_merge_old_idx customer_merge_survivor_idx customer_merge_time_idx",
    "delivery": "delivery_due_idx delivery_due_mail_idx delivery_mail_idx delivery_object_idx delivery_webhook_idx",
    "document": """
        document_created_at_idx document_customer_idx document_due_idx document_external_id_unique document_invoice_idx
        document_issue_date_idx document_metadata_idx document_number_idx document_sales_idx document_search_idx
        document_tags_idx document_total_idx document_updated_at_idx
    """,
    "document_link": "document_link_document_idx document_link_ends_idx",
    "emission": """
        emission_blocked_idx emission_cufe_idx emission_due_idx emission_files_due_idx emission_rejected_idx
        emission_status_idx
    """,
    "emission_attempt": "emission_attempt_document_idx",
    "fiscal_file": "fiscal_file_fetched_at_idx",
    "event": "event_dispatched_at_idx event_undispatched_account_idx event_undispatched_idx",
    "idempotency_key": "idempotency_key_created_at_idx",
    "location": "location_district_idx location_province_idx",
    "personal_data_request": "personal_data_request_customer_idx personal_data_request_due_idx",
    "registry_answer": "registry_answer_asked_at_idx",
}

POLICIES = {
    "account": "account_only create_any",
    "api_key": "account_only find_any forget_any",
    "associated_person": "account_only dispatch_any",
    "audit_event": "account_only record_any see_any",
    "billing_point": "account_only create_any see_any",
    "branch": "account_only create_any",
    "customer": "account_only claim_pending put_off_pending search_any",
    "customer_merge": "account_only forget_old see_old",
    "import": "account_only find_any forget_any",
    "import_row": "account_only",
    "delivery": "account_only dispatch_any queue_any",
    "document": "account_only dispatch_any search_any see_any",
    "document_line": "account_only",
    "document_link": "account_only find_any forget_any",
    "emission": "account_only dispatch_any",
    "emission_difference": "account_only dispatch_any",
    "emission_reconciliation": "account_only dispatch_any",
    "emission_attempt": "account_only forget_any see_any",
    "emission_payload": "account_only forget_any see_any",
    "fiscal_file": "account_only forget_any see_any",
    "event": "account_only dispatch_any forget_any new_only number_any",
    "idempotency_key": "account_only forget_old see_old",
    "mail_count": "account_only",
    "lookup_count": "account_only forget_any see_any",
    "account_logo": "account_only",
    "pac_setting": "account_only dispatch_any",
    "personal_data_request": "account_only",
    "registry_answer": "account_only forget_any see_any",
    "sequence": "account_only",
    "webhook": "account_only dispatch_any",
}

TYPES = {  # of the models' fields, as the database calls them
    "BIGINT": "bigint",
    "BOOL": "boolean",
    "BYTEA": "bytea",
    "DATE": "date",
    "DECIMAL": "numeric",
    "INT": "integer",
    "JSONB": "jsonb",
    "TEXT": "text",
    "TEXT[]": "text[]",
    "UUID[]": "uuid[]",
    "TIMESTAMPTZ": "timestamp with time zone",
    "UUID": "uuid",
    "VARCHAR": "character varying",
}

PROVINCES = [  # and comarcas, in the order of the DGI's codes
    "Bocas del Toro",
    "Coclé",
    "Colón",
    "Chiriquí",
    "Darién",
    "Herrera",
    "Los Santos",
    "Panamá",
    "Veraguas",
    "Comarca Kuna Yala",
    "Comarca Emberá-Wounaan",
    "Comarca Ngäbe-Buglé",
    "Panamá Oeste",
]


# What a migrated database has


async def names(connection: Connection, query: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for table, name in await connection.fetch(query):
        found.setdefault(table, []).append(name)
    return {table: sorted(listed) for table, listed in found.items()}


def split(lists: dict[str, str]) -> dict[str, list[str]]:
    return {table: sorted(text.split()) for table, text in lists.items()}


async def test_constraints_are_as_listed(admin: Connection) -> None:
    found = await names(
        admin,
        """
        SELECT conrelid::regclass::text, conname FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
        """,
    )
    assert found == split(CONSTRAINTS)


async def test_indexes_are_as_listed(admin: Connection) -> None:
    found = await names(
        admin,
        """
        SELECT indrelid::regclass::text, relname FROM pg_index JOIN pg_class c ON c.oid = indexrelid
        WHERE relnamespace = 'public'::regnamespace AND indisvalid
            AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND conrelid = indrelid)
        """,
    )
    assert found == split(INDEXES)


async def test_policies_are_as_listed(admin: Connection) -> None:
    assert await names(admin, "SELECT polrelid::regclass::text, polname FROM pg_policy") == split(POLICIES)


async def test_models_and_tables_have_the_same_columns(service: TortoiseContext, admin: Connection) -> None:
    assert service.apps
    for model in service.apps["models"].values():
        table = model._meta.db_table
        columns = await admin.fetch(
            """
            SELECT attname, format_type(atttypid, atttypmod), NOT attnotnull, relkind = 'v'
            FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
            WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped
            """,
            table,
        )
        fields = {column: model._meta.fields_map[name] for name, column in model._meta.fields_db_projection.items()}
        assert {name for name, *_ in columns} == set(fields), table
        for name, type, is_nullable, is_of_view in columns:
            wanted = database_type(fields[name])
            assert type == wanted or (wanted == "text" and type.startswith("character varying")), f"{table}.{name}"
            assert is_of_view or is_nullable == fields[name].null, f"{table}.{name}"


def database_type(field: Field[Any]) -> str:
    declared: str = field.get_for_dialect("postgres", "SQL_TYPE")
    name, bracket, size = declared.partition("(")
    return TYPES[name] + bracket + size


async def test_all_locations_of_the_dgi_are_there_with_their_accents(service: TortoiseContext) -> None:
    locations = await models.Location.all()
    assert len(locations) == 651
    names = {text for place in locations for text in (place.corregimiento, place.district_name, place.province_name)}
    assert names > {"Coclé", "Comarca Ngäbe-Buglé", "Ñürüm", "Güibale", "Cañaveral", "Unión Santeña", "Jädaberi"}


async def test_provinces_and_districts_are_views_over_the_locations(service: TortoiseContext) -> None:
    provinces = await models.Province.all().prefetch_related("districts__corregimientos")
    assert [province.name for province in provinces] == PROVINCES
    districts = [district for province in provinces for district in province.districts]
    assert len(districts) == 81
    assert sum(len(district.corregimientos) for district in districts) == 651


# How it comes about


async def applied(url: str) -> list[str]:
    """What has been applied to a database that is whole; nothing to one that is empty."""
    connection = await asyncpg.connect(url)
    try:
        relations = await connection.fetchval(
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        )
        if relations == 0:
            return []
        assert await connection.fetchval("SELECT count(*) FROM location") == 651
        return sorted([name for (name,) in await connection.fetch("SELECT name FROM migration")])
    finally:
        await connection.close()


@contextmanager
def debian_15(folder: Path) -> Iterator[str]:
    """A PostgreSQL 15 of Debian's."""
    if not DEBIAN.exists():
        skip_or_fail("PostgreSQL 15 is not installed (apt-get install postgresql-15)")
    user: dict[str, Any] = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    if user:
        shutil.chown(folder, **user)
    data = folder / "data"

    def run(*command: str | Path) -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **user)

    run(DEBIAN / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
    run(DEBIAN / "pg_ctl", "start", "-w", "-D", data, "-l", folder / "log", "-o", options)
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        run(DEBIAN / "pg_ctl", "stop", "-w", "-m", "immediate", "-D", data)


@contextmanager
def embedded_18(folder: Path) -> Iterator[str]:
    folder.chmod(0o711)
    with embedded.running(folder, durable=False) as server:
        ask(server, "drop role istmo_service; drop role istmo_app")  # which only an embedded server has from its start
        yield server.url


@pytest.fixture(params=[embedded_18, debian_15])
def new_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server that has never seen Istmo."""
    folder = Path(tempfile.mkdtemp(prefix="istmo-"))
    try:
        with request.param(folder) as url:
            yield url
    finally:
        shutil.rmtree(folder)


def with_login(url: str, name: str, password: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{name}:{password}@{parts.netloc.rpartition('@')[2]}"))


async def test_nobody_needs_to_be_a_superuser_and_databases_can_be_prepared_at_the_same_time(new_server: str) -> None:
    names = ["one", "two"]
    admin = await asyncpg.connect(new_server)
    await admin.execute("CREATE ROLE landlord LOGIN CREATEROLE PASSWORD 'secret'")
    await admin.execute("CREATE ROLE tenant LOGIN PASSWORD 'secret'")
    for name in names:
        await admin.execute(f"CREATE DATABASE {name} OWNER landlord")
    await asyncio.gather(
        *[migrate(with_login(with_database(new_server, name), "landlord", "secret")) for name in names]
    )
    await admin.execute("ALTER ROLE istmo_search NOBYPASSRLS")
    await asyncio.gather(*[migrate(with_database(new_server, name)) for name in names])
    assert await admin.fetchval("SELECT rolbypassrls FROM pg_roles WHERE rolname = 'istmo_search'")
    await admin.execute("GRANT istmo_app TO tenant")
    await admin.close()
    for name in names:
        landlord, tenant = (
            with_login(with_database(new_server, name), login, "secret") for login in ("landlord", "tenant")
        )
        await migrate(landlord)
        for login in (landlord, tenant):
            async with tortoise(login):
                await guard.check_role()
                assert await pending() == []
                assert await models.Location.all().count() == 651


async def test_the_services_connections_are_the_service_whatever_their_login(database_url: str) -> None:
    login = await asyncpg.connect(database_url)
    assert await login.fetchval("SELECT current_user") != "istmo_app"
    await login.close()
    async with tortoise(database_url) as client:
        _, rows = await client.execute_query("SELECT current_user, pg_has_role('istmo_owner', 'MEMBER')")
        assert tuple(rows[0]) == ("istmo_app", False)


async def test_migrating_again_changes_nothing(empty_database: str) -> None:
    async def state() -> dict[str, Any]:
        return {
            "relations": await connection.fetch(
                "SELECT oid, relname, relfilenode FROM pg_class WHERE oid > 16384 ORDER BY 1"
            ),
            "applied": await connection.fetch("SELECT xmin, * FROM migration ORDER BY name"),
            "locations": await connection.fetch("SELECT xmin, * FROM location ORDER BY code"),
        }

    await migrate(empty_database)
    connection = await asyncpg.connect(empty_database)
    before = await state()
    await migrate(empty_database)
    assert await state() == before
    await connection.close()


async def test_two_migrators_wait_in_line_longer_than_for_any_other_lock(
    empty_database: str,
) -> None:
    before_them = await asyncpg.connect(empty_database)
    await before_them.execute(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET lock_timeout = 50', current_database()); END $$"
    )
    await before_them.execute(f"SELECT pg_advisory_lock({migration.LOCK})")
    both = asyncio.gather(migrate(empty_database), migrate(empty_database))
    await asyncio.sleep(0.5)
    assert not both.done()
    await before_them.close()
    await both
    assert await applied(empty_database) == ALL


async def test_a_pooler_that_swallows_the_role_does_not_make_the_login_an_owner(
    empty_database: str, pgbouncer: Callable[[str], str]
) -> None:
    await migrate(pgbouncer(empty_database))
    connection = await asyncpg.connect(empty_database)
    owner = await connection.fetchval("SELECT relowner::regrole::text FROM pg_class WHERE relname = 'customer'")
    assert owner == "istmo_owner"
    await connection.close()


@pytest.mark.parametrize("death", ["GRANT", "CREATE TABLE", "ALTER FUNCTION"])
async def test_a_migrator_that_is_killed_leaves_nothing_and_the_next_one_succeeds(
    empty_database: str, death: str
) -> None:
    connection = await asyncpg.connect(empty_database)
    await connection.execute(
        f"""
        CREATE FUNCTION pg_catalog.die() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
        BEGIN
            PERFORM pg_terminate_backend(pg_backend_pid());
        END $$;
        CREATE EVENT TRIGGER deadly ON ddl_command_end WHEN TAG IN ('{death}') EXECUTE FUNCTION pg_catalog.die();
        """
    )
    with pytest.raises(UNAVAILABLE):
        await migrate(empty_database)
    await connection.execute("DROP EVENT TRIGGER deadly")
    await connection.close()
    assert await applied(empty_database) == []
    await migrate(empty_database)
    assert await applied(empty_database) == ALL


async def test_a_migrator_cancelled_at_any_moment_leaves_nothing_and_the_next_one_succeeds(empty_database: str) -> None:
    for moment in range(6):
        task = asyncio.create_task(migrate(empty_database))
        await asyncio.sleep(moment * 0.06)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert await applied(empty_database) in ([], ALL)
    await migrate(empty_database)
    assert await applied(empty_database) == ALL
