"""An account leaves one installation and comes into another, whole."""

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from tortoise.connection import get_connection

from db import config, models, tenant
from db.archive import MANIFEST, write_archive
from db.archive_import import ArchiveError, import_archive
from db.archive_tables import ARCHIVED, NOT_ARCHIVED, SCHEDULE
from db.migrate import migrate
from resolvers import account_logo, accounts
from rules.vocabulary import DocumentType, Scope
from tests.builders import company, create_customer, create_invoice, foreigner, invoice, line, taxpayer
from tests.conftest import Api
from tests.db.conftest import tortoise
from tests.emission.queueing import add_note, queue
from tests.noting import credited

Content = dict[str, list[dict[str, Any]]]


async def archive_of(account: UUID, path: Path) -> Path:
    with tenant.acting_for(account), path.open("wb") as file:
        async for _ in write_archive(file, account):
            pass
    return path


def manifest_of(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive:
        content: dict[str, Any] = json.loads(archive.read(MANIFEST))
        return content


def content_of(path: Path) -> tuple[Content, dict[str, bytes]]:
    """The rows of each table and the files, after all that the manifest says of them was compared."""
    manifest = manifest_of(path)
    with zipfile.ZipFile(path) as archive:
        rows: Content = {}
        for name, about in manifest["tables"].items():
            data = archive.read(about["file"])
            assert (len(data), hashlib.sha256(data).hexdigest()) == (about["bytes"], about["sha256"])
            rows[name] = [json.loads(text, parse_float=str) for text in data.splitlines()]
            assert len(rows[name]) == about["rows"]
            assert all(row.keys() == {*about["columns"]} for row in rows[name])
        files = {name: archive.read(name) for name in manifest["files"]}
    return rows, files


async def full_account() -> Api:
    """An account with rows in all tables of the archive."""
    api = Api(await accounts.create("Mudanza, S.A.", None, None, electronic_invoicing=False))
    person = {"name": "Luis Peña", "email": "luis@peña.example", "notify": True}
    await create_customer(api, company(associatedPersons=[person], tags=["VIP"], externalId="C-1"))
    await create_customer(api, foreigner())
    twins = [(await create_customer(api, taxpayer(name=name)))["customer"]["id"] for name in ("Gemela", "Gemela, S.A.")]
    await api.ask(
        "mutation ($a: [ID!]!, $b: ID!) { mergeCustomers(from: $a, into: $b) { __typename } }", a=twins[:1], b=twins[1]
    )
    lines = [line(quantity="1.005", unitPrice="3.333333"), line(itbmsRate="EXEMPT")]
    first = await create_invoice(api, invoice(*lines), newCustomer=taxpayer(), issue=True)
    await credited(api, first["invoice"]["id"])
    await create_invoice(api, invoice(), newCustomer=taxpayer(name="Con borrador, S.A."))
    paper = await create_invoice(api, invoice(), newCustomer=taxpayer(name="Autorizada, S.A."), issue=True)
    with tenant.acting_for(api.account_id):
        await ask_for_data(UUID(twins[1]))
        await account_logo.store_logo(b"\x89PNG", "image/png", 1, 1)
        await authorize(UUID(paper["invoice"]["id"]))
        await accounts.create_key("Secreta", Scope.ADMIN, None)
    return api


async def ask_for_data(customer: UUID) -> None:
    await get_connection("default").execute_query(
        "INSERT INTO personal_data_request (id, account_id, customer_id, kind, received_on, due_on)"
        " VALUES (gen_random_uuid(), $1, $2, 'EXPORT', '2026-11-02', '2026-11-16')",
        [tenant.current_account(), customer],
    )


async def authorize(document: UUID) -> None:
    """What is stored of an electronic document that the DGI has authorised."""
    await queue(document)
    run, account = get_connection("default").execute_query, tenant.current_account()
    await run(
        "UPDATE emission SET status = 'AUTHORIZED', cufe = repeat('F', 66), authorized_at = now(), due_at = NULL,"
        " files_due_at = now() WHERE account_id = $1 AND document_id = $2",
        [account, document],
    )
    await run(
        "INSERT INTO emission_payload (account_id, document_id, number, content, sha256)"
        " VALUES ($1, $2, 1, '{}', sha256('{}'))",
        [account, document],
    )
    await run(
        "INSERT INTO emission_attempt (id, account_id, document_id, kind, payload, ended_at, outcome)"
        " VALUES (gen_random_uuid(), $1, $2, 'SEND', 1, now(), 'AUTHORIZED')",
        [account, document],
    )
    await run(
        "INSERT INTO fiscal_file (account_id, document_id, kind, content, sha256, size)"
        " VALUES ($1, $2, 'XML', '<rFE/>', sha256('<rFE/>'), 6)",
        [account, document],
    )


@pytest.fixture
async def other(empty_database: str) -> str:
    """Another installation's database."""
    await migrate(empty_database)
    return empty_database


async def move(path: Path, url: str, **settings: Any) -> UUID:
    """Create an account in the other installation and read the archive into it."""
    async with tortoise(url):
        account = await accounts.create("Nueva", None, None, electronic_invoicing=False)
    await read_into(account, path, url)
    return account


async def read_into(account: UUID, path: Path, url: str) -> dict[str, int]:
    async with tortoise(url, role=config.OWNER_ROLE):
        with tenant.acting_for(account, tenant.COMMAND_LINE):
            return await import_archive(path, account)


async def test_an_account_comes_out_of_another_installation_as_it_went_in(
    service: Any, other: str, tmp_path: Path
) -> None:
    api = await full_account()
    before = await archive_of(api.account_id, tmp_path / "before.zip")
    rows, files = content_of(before)
    assert [name for name in ARCHIVED if not rows[name]] == []
    account = await move(before, other)
    async with tortoise(other):
        after, files_after = content_of(await archive_of(account, tmp_path / "after.zip"))
    trail, trail_after = rows.pop("audit_event"), after.pop("audit_event")
    assert after == rows
    assert files_after == files
    assert set(map(len, files.values())) == {4, 6, 2}
    # The new account has its own beginning in its trail, and that it was imported; nothing else was added.
    added = [entry for entry in trail_after if entry not in trail]
    assert [entry for entry in trail if entry not in trail_after] == []
    assert [list(entry["changes"]) for entry in added if entry["action"] != "CREATED"] == [["imported"]]
    assert {entry["object_type"] for entry in added} == {"ACCOUNT", "BRANCH", "BILLING_POINT"}
    assert (await read_scalar(other, "SELECT count(*) FROM event")) == 0
    assert (await read_scalar(other, "SELECT count(*) FROM delivery")) == 0
    assert (await read_scalar(other, "SELECT count(*) FROM emission WHERE due_at > '-infinity'")) == 0
    assert (await read_scalar(other, "SELECT to_regclass('account_import')::text")) is None


async def read_scalar(url: str, sql: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_numbers_go_on_behind_the_imported_ones(service: Any, other: str, tmp_path: Path) -> None:
    api = await full_account()
    last = await create_invoice(api, invoice(), newCustomer=taxpayer(name="Última, S.A."), issue=True)
    path = await archive_of(api.account_id, tmp_path / "a.zip")
    account = await move(path, other)
    async with tortoise(other):
        moved = Api(account)
        next_one = await create_invoice(moved, invoice(), newCustomer=taxpayer(name="Siguiente, S.A."), issue=True)
        assert int(next_one["invoice"]["number"]) == int(last["invoice"]["number"]) + 1
        refused = await moved.ask(
            'mutation ($id: ID!) { updateInvoice(id: $id, input: {notes: "x"}) { userErrors { code } } }',
            id=last["invoice"]["id"],
        )
        assert refused["updateInvoice"]["userErrors"] == [{"code": "NOT_ALLOWED"}]


async def test_no_secret_leaves_with_an_archive(service: Any, tmp_path: Path) -> None:
    api = await full_account()
    with tenant.acting_for(api.account_id):
        key, _ = await accounts.create_key("Otra", Scope.ADMIN, None)
        await models.Webhook.create(
            account_id=api.account_id, url="https://example.com", types=[], secret="whsec_muysecreto"
        )
    with zipfile.ZipFile(await archive_of(api.account_id, tmp_path / "a.zip")) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
    assert b"whsec_muysecreto" not in content
    assert key.hash.hex().encode() not in content
    assert not {"hash", "secret", "secrets", "old_secret"} & {
        column for about in manifest_of(tmp_path / "a.zip")["tables"].values() for column in about["columns"]
    }


async def test_an_archive_has_nothing_of_another_account(service: Any, tmp_path: Path) -> None:
    await full_account()
    empty = await accounts.create("Vacía, S.A.", None, None, electronic_invoicing=False)
    rows, files = content_of(await archive_of(empty, tmp_path / "a.zip"))
    assert {name for name, found in rows.items() if found} == {"account", "branch", "billing_point", "audit_event"}
    assert files == {}


async def test_every_account_table_is_archived_or_has_a_reason_why_not(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        found = await connection.fetch("SELECT relname FROM pg_class WHERE relrowsecurity AND relkind = 'r'")
        columns = await connection.fetch("SELECT table_name, column_name FROM information_schema.columns")
    finally:
        await connection.close()
    assert sorted((*ARCHIVED, *NOT_ARCHIVED)) == sorted(name for (name,) in found)
    assert {(table, name) for table, names in SCHEDULE.items() for name in names} <= {tuple(row) for row in columns}


async def test_only_an_empty_account_takes_an_archive(service: Any, other: str, tmp_path: Path) -> None:
    api = await full_account()
    path = await archive_of(api.account_id, tmp_path / "a.zip")
    account = await move(path, other)
    with pytest.raises(ArchiveError, match="isn't empty"):
        await read_into(account, path, other)
    with pytest.raises(ArchiveError, match="There is no account"):
        await read_into(UUID(int=1), path, other)
    assert (await read_scalar(other, "SELECT count(*) FROM customer")) == len(content_of(path)[0]["customer"])


async def test_what_is_on_its_way_to_the_dgi_is_not_taken_over(service: Any, other: str, tmp_path: Path) -> None:
    api = await full_account()
    with tenant.acting_for(api.account_id):
        document = await models.Document.filter(
            account_id=api.account_id, type=DocumentType.INVOICE, number__not_isnull=True
        ).first()
        assert document is not None
        await add_note(document.id, DocumentType.DEBIT_NOTE)
    with pytest.raises(ArchiveError, match="1 documents of the archive were on their way"):
        await move(await archive_of(api.account_id, tmp_path / "a.zip"), other)
    assert (await read_scalar(other, "SELECT count(*) FROM customer")) == 0


def rewrite(path: Path, changed: dict[str, bytes]) -> Path:
    """The archive with other contents under these names."""
    target = path.with_name("changed.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, changed.pop(name) if name in changed else old.read(name))
        for name, content in changed.items():
            new.writestr(name, content)
    return target


async def test_a_damaged_or_foreign_archive_is_refused_and_nothing_is_stored(
    service: Any, other: str, tmp_path: Path
) -> None:
    api = await full_account()
    path = await archive_of(api.account_id, tmp_path / "a.zip")
    manifest = manifest_of(path)
    manifest["tables"]["customer"]["columns"].append("shoe_size")
    cases: list[tuple[bytes | dict[str, bytes], str]] = [
        (b"not a zip", "no archive"),
        (path.read_bytes()[:-3000], "no archive"),
        ({"customer.jsonl": b"{}\n"}, "customer.jsonl isn't what the manifest says"),
        ({"more.jsonl": b"{}\n"}, "more.jsonl"),
        ({MANIFEST: b"{}"}, "no archive of an account"),
        ({MANIFEST: json.dumps({**manifest, "version": 2}).encode()}, "version 2"),
        ({MANIFEST: json.dumps(manifest).encode()}, "shoe_size"),
    ]
    for change, words in cases:
        if isinstance(change, bytes):
            file = tmp_path / "bytes.zip"
            file.write_bytes(change)
        else:
            file = rewrite(path, change)
        with pytest.raises(ArchiveError, match=words):
            await move(file, other)
    assert (await read_scalar(other, "SELECT count(*) FROM customer")) == 0
