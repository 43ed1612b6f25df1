"""A backup contains all data of one moment, and a restore happens completely or not at all."""

import asyncio
import gzip
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from tortoise.connection import get_connection

from db import guard, models, tenant
from db.backup import BackupError, back_up, restore
from db.embedded import Server, running
from db.migrate import migrate, prepare_roles
from resolvers import accounts
from resolvers.api_keys import KeyCache
from rules.vocabulary import Environment, Scope
from tests.builders import create_invoice, customer_id
from tests.conftest import Api
from tests.db.catalogue import catalogue
from tests.db.conftest import tortoise
from tests.db.test_embedded import new_folder
from tests.db.test_upgrade import VERSION_0_1
from tests.emission.queueing import queue


@pytest.fixture(scope="module")
def source() -> Iterator[Server]:
    with new_folder() as made, running(made, durable=False) as server:
        asyncio.run(migrate(server.url))
        yield server


@pytest.fixture(scope="module")
def target() -> Iterator[Server]:
    """Another machine's server, which has never heard of Istmo."""
    with new_folder() as made, running(made, durable=False) as server:
        yield server


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "istmo.backup"


async def new_api() -> tuple[Api, str]:
    """A client, and the secret of a key of its account."""
    api = Api(await accounts.create("Respaldo, S.A.", None, None, electronic_invoicing=False))
    with tenant.acting_for(api.account_id):
        _, secret = await accounts.create_key("Clave", Scope.ADMIN, None)
    return api, secret


async def content(url: str, account_id: UUID) -> dict[str, list[Any]]:
    """All rows of the account, and the locations."""
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch("SELECT relname FROM pg_class WHERE relrowsecurity AND relkind = 'r'")
        return {
            name: await connection.fetch(
                f"SELECT * FROM {name} t WHERE {'id' if name == 'account' else 'account_id'} = $1 ORDER BY t::text",
                account_id,
            )
            for (name,) in tables
        } | {"location": await connection.fetch("SELECT * FROM location ORDER BY code")}
    finally:
        await connection.close()


async def test_a_backup_of_version_0_1_is_restored_into_todays_tables(file: Path) -> None:
    with new_folder() as made, running(made, durable=False) as old:
        await prepare_roles(old.url)
        connection = await asyncpg.connect(old.url)
        await connection.execute(gzip.decompress(VERSION_0_1.read_bytes()).decode())
        invoices = await connection.fetchval("SELECT count(*) FROM public.invoice")
        await connection.close()
        back_up(old, file)
        await restore(old, file, replace=True)
        connection = await asyncpg.connect(old.url)
        assert await connection.fetchval("SELECT count(*) FROM document") == invoices > 0
        await connection.close()


def files_and_modes(folder: Path) -> list[tuple[str, int]]:
    return [(file.name, stat.S_IMODE(file.stat().st_mode)) for file in folder.iterdir()]


async def databases(server: Server) -> set[str]:
    connection = await asyncpg.connect(server.url)
    try:
        return {name for (name,) in await connection.fetch("SELECT datname FROM pg_database WHERE NOT datistemplate")}
    finally:
        await connection.close()


async def test_what_was_backed_up_under_load_is_restored_elsewhere(source: Server, target: Server, file: Path) -> None:
    some, ended = asyncio.Event(), asyncio.Event()
    answered: list[str] = []

    async def keep_invoicing(api: Api, customer: str) -> None:
        while not ended.is_set():
            answered.append((await create_invoice(api, customerId=customer))["invoice"]["number"])
            if len(answered) == 20:
                some.set()

    async with tortoise(source.url):
        api, secret = await new_api()
        customer = await customer_id(api)
        async with asyncio.TaskGroup() as tasks:
            for _ in range(3):
                tasks.create_task(keep_invoicing(api, customer))
            await some.wait()
            before = len(answered)
            await asyncio.to_thread(back_up, source, file)
            after = len(answered)
            ended.set()
    assert after > before
    assert files_and_modes(file.parent) == [(file.name, 0o600)]

    await restore(target, file, replace=False)
    assert await databases(target) == {"istmo", "postgres"}
    async with tortoise(target.url):
        await guard.check_role()
        identity = await KeyCache().identify(secret)
        assert identity is not None
        assert (identity.account_id, identity.scope) == (api.account_id, Scope.ADMIN)
        assert await models.Document.all().count() == 0  # for no account
        audit = (await api.ask('{ numberingAudit(billingPoint: "001") { lastNumber gaps { first } } }'))[
            "numberingAudit"
        ]
        issued = int(audit["lastNumber"])
        assert before <= issued <= len(answered)
        assert audit["gaps"] == []
        # It goes on where it was, with an audit trail that still can't be written.
        number = (await create_invoice(api, customerId=customer))["invoice"]["number"]
        assert int(number) == issued + 1
        page = await api.ask("{ auditEvents(filter: {objectType: [INVOICE]}) { totalCount } }")
        assert page["auditEvents"]["totalCount"] == issued + 1
    owner = await asyncpg.connect(target.url)
    await owner.execute("SET SESSION AUTHORIZATION istmo_app")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await owner.execute("DELETE FROM audit_event")
    await owner.close()


async def keep_fiscal_file(api: Api, document_id: UUID) -> None:
    with tenant.acting_for(api.account_id):
        await queue(document_id, Environment.TEST)
        await get_connection("default").execute_query(
            "INSERT INTO fiscal_file (account_id, document_id, kind, content, sha256, size)"
            " VALUES ($1, $2, 'XML', '<rFE/>', sha256('<rFE/>'), 6)",
            [api.account_id, document_id],
        )


async def test_every_row_comes_back_as_it_was(source: Server, target: Server, file: Path) -> None:
    async with tortoise(source.url):
        api, _ = await new_api()
        customer = await customer_id(api)
        made = await create_invoice(api, customerId=customer)
        await keep_fiscal_file(api, UUID(made["invoice"]["id"]))
    back_up(source, file)
    await restore(target, file, replace=True)
    rows = await content(source.url, api.account_id)
    assert [bytes(row["content"]) for row in rows["fiscal_file"]] == [b"<rFE/>"]
    assert len(rows["audit_event"]) > 3
    assert await content(target.url, api.account_id) == rows


async def test_data_is_replaced_only_on_demand(source: Server, file: Path) -> None:
    async with tortoise(source.url):
        api, _ = await new_api()
        back_up(source, file)
        later, _ = await new_api()
    with pytest.raises(BackupError, match="--replace"):
        await restore(source, file, replace=False)
    assert (await content(source.url, later.account_id))["account"]
    await restore(source, file, replace=True)
    assert (await content(source.url, api.account_id))["account"]
    assert not (await content(source.url, later.account_id))["account"]


async def test_a_database_in_use_is_left_alone(source: Server, file: Path) -> None:
    back_up(source, file)
    connection = await asyncpg.connect(source.url)
    with pytest.raises(BackupError, match="in use"):
        await restore(source, file, replace=True)
    await connection.close()
    assert await databases(source) == {"istmo", "postgres"}


def spoil(file: Path, damage: str) -> None:
    whole = file.read_bytes()
    half = len(whole) // 2
    match damage:
        case "empty":
            file.write_bytes(b"")
        case "no backup":
            file.write_bytes(b"PK\3\4" + bytes(1000))
        case "cut short":
            file.write_bytes(whole[:half])
        case "spoilt":
            file.write_bytes(whole[:half] + bytes(2000) + whole[half + 2000 :])
        case "missing":
            file.unlink()


@pytest.mark.parametrize(
    "damage", ["empty", "no backup", "cut short", "spoilt", "of something else", "newer", "missing"]
)
async def test_a_damaged_or_foreign_backup_changes_nothing(source: Server, file: Path, damage: str) -> None:
    async with tortoise(source.url):
        api, _ = await new_api()
        await create_invoice(api, customerId=await customer_id(api))
    rows = await content(source.url, api.account_id)
    connection = await asyncpg.connect(source.url)
    if damage == "newer":
        await connection.execute("INSERT INTO migration (name, hash) VALUES ('steps/9999_future', '')")
    if damage == "of something else":
        await connection.execute("ALTER TABLE migration RENAME TO elsewhere")
    back_up(source, file)
    await connection.execute("ALTER TABLE IF EXISTS elsewhere RENAME TO migration")
    await connection.execute("DELETE FROM migration WHERE name = 'steps/9999_future'")
    await connection.close()

    spoil(file, damage)
    with pytest.raises(BackupError):
        await restore(source, file, replace=True)
    assert await databases(source) == {"istmo", "postgres"}
    assert await content(source.url, api.account_id) == rows


def test_a_backup_that_fails_leaves_the_old_one(source: Server, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("the old one")
    monkeypatch.setattr(source, "password", "wrong")
    with pytest.raises(BackupError, match="authentication failed"):
        back_up(source, file)
    with pytest.raises(BackupError, match="can't be written to"):
        back_up(source, file / "nowhere")
    assert file.read_text() == "the old one"
    assert list(file.parent.iterdir()) == [file]


async def test_a_restore_runs_nothing_that_a_file_says_as_a_superuser(
    source: Server, target: Server, file: Path
) -> None:
    """A check of a table calls a function, which would run a program of the operating system."""
    trace = f"/tmp/istmo-{uuid4()}"  # where PostgreSQL's user may write
    connection = await asyncpg.connect(source.url)
    await connection.execute(
        f"""
        CREATE FUNCTION public.evil() RETURNS boolean LANGUAGE plpgsql AS $$
        BEGIN
            IF current_database() <> 'istmo' THEN
                RESET ROLE;
                COPY (SELECT 1) TO PROGRAM 'id > {trace}';
            END IF;
            RETURN true;
        END $$;
        ALTER FUNCTION public.evil OWNER TO istmo_owner;
        ALTER TABLE location ADD CONSTRAINT evil CHECK (public.evil());
        """
    )
    try:
        back_up(source, file)
    finally:
        await connection.execute("ALTER TABLE location DROP CONSTRAINT evil; DROP FUNCTION public.evil")
        await connection.close()
    before = await databases(target)
    with pytest.raises(BackupError, match="permission denied to COPY to or from an external program"):
        await restore(target, file, replace=True)
    assert trace.rpartition("/")[2] not in os.listdir("/tmp")
    assert await databases(target) == before


async def test_a_restore_leaves_no_login_and_no_rights_behind(source: Server, target: Server, file: Path) -> None:
    back_up(source, file)
    await restore(target, file, replace=True)
    assert await catalogue(target.url) == await catalogue(source.url)
    connection = await asyncpg.connect(target.url)
    logins = await connection.fetch("SELECT rolname FROM pg_roles WHERE rolcanlogin ORDER BY 1")
    assert [name for (name,) in logins] == ["istmo_service", "postgres"]
    owner = "SELECT datdba::regrole::text FROM pg_database WHERE datname = current_database()"
    assert await connection.fetchval(owner) == "postgres"
    assert not await connection.fetchval("SELECT has_database_privilege('istmo_app', current_database(), 'TEMPORARY')")
    await connection.close()


async def test_objects_that_are_not_ours_are_refused(source: Server, target: Server, file: Path) -> None:
    connection = await asyncpg.connect(source.url)
    await connection.execute("CREATE TABLE elsewhere (id int)")  # the superuser's
    back_up(source, file)
    await connection.execute("DROP TABLE elsewhere")
    await connection.close()
    with pytest.raises(BackupError):
        await restore(target, file, replace=True)
