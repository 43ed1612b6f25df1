"""Imports of customers over HTTP, by command, and by workers that are killed."""

import asyncio
import io
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import openpyxl
import pytest
from tortoise.context import TortoiseContext

from announcements.worker import forget_imports
from db import models, tenant
from db.background import in_background
from lookup.service import Consultar
from lookup.settings import Settings
from resolvers import import_rows, imports
from resolvers.import_worker import ImportWorker
from resolvers.scope import mine
from rules.customer_columns import TEMPLATE
from rules.vocabulary import AuditSource, ErrorPolicy, ImportStatus, OnDuplicate, Outcome, Scope
from spreadsheets.limits import MOST_BYTES
from tests.service.test_commands import COMMAND, environment, invoke_in_thread
from tests.service.test_processes import PROTOCOL
from tests.service.test_server import Site, keys, new_key, session, site

__all__ = ["keys", "new_key", "session", "site"]  # fixtures

NewKey = Callable[..., Any]

FILE = "Nombre;RUC;Teléfono\nHoteles, S.A.;155596713-2-2015 DV 59;+507 264-1234\n=1+1;no es;@x\n".encode("cp1252")
START = """mutation ($id: ID!, $dryRun: Boolean!) {
    importCustomers(importId: $id, dryRun: $dryRun) { import { status } userErrors { message } } }"""


@asynccontextmanager
async def worker() -> AsyncIterator[None]:
    async with in_background(ImportWorker(Consultar(Settings())).run()):
        yield


async def upload(site: Site, key: str, content: bytes = FILE, name: str = "clientes.csv") -> str:
    reply = await site.request("POST", f"/imports?name={name}", key=key, data=content)
    assert reply.status == 201, reply.body
    id: str = reply.json["id"]
    return id


async def until_ended(account: UUID, id: str) -> models.Import:
    with tenant.acting_for(account):
        while True:
            row = await mine(models.Import).get(id=id)
            if not row.status.is_under_way:
                return row
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("name", "shown"), [("a%00b.csv", "a b.csv"), ("%01%7F", "?"), ("ñandú%0A.csv", "ñandú .csv"), ("", "?")]
)
async def test_a_file_may_have_any_name(site: Site, new_key: NewKey, name: str, shown: str) -> None:
    account, _, key = await new_key()
    id = await upload(site, key, name=name)
    with tenant.acting_for(account):
        assert (await mine(models.Import).get(id=id)).file_name == shown


async def test_a_file_is_uploaded_imported_watched_and_its_bad_rows_come_back(site: Site, new_key: NewKey) -> None:
    account, _, key = await new_key()
    id = await upload(site, key)
    async with worker(), site.session.ws_connect(site.url + "/graphql", protocols=[PROTOCOL]) as socket:
        await socket.send_json({"type": "connection_init", "payload": {"Authorization": f"Bearer {key}"}})
        assert (await socket.receive_json())["type"] == "connection_ack"
        reply = await site.post(START, key=key, id=id, dryRun=False)
        assert reply.data["importCustomers"]["userErrors"] == []
        query = "subscription ($id: ID!) { importChanged(id: $id) { import { status done rowCount created failed } } }"
        await socket.send_json({"id": "1", "type": "subscribe", "payload": {"query": query, "variables": {"id": id}}})
        seen = []
        async with asyncio.timeout(20):
            while (message := await socket.receive_json())["type"] == "next":
                seen.append(message["payload"]["data"]["importChanged"]["import"])
        assert message["type"] == "complete"
    assert seen[-1] == {"status": "FINISHED", "done": 2, "rowCount": 2, "created": 1, "failed": 1}
    rejected = await site.request("GET", f"/imports/{id}/rejected.csv?language=EN", key=key)
    assert rejected.headers["Content-Disposition"] == 'attachment; filename="rechazadas.csv"'
    lines = rejected.body.decode("utf-8-sig").splitlines()
    assert lines[0] == "Nombre;RUC;Teléfono;Row;Reason"
    assert lines[1].startswith("'=1+1;no es;'@x;3;\"The cell has a formula as text.")
    assert "This is not a RUC" in lines[1]
    again = await upload(site, key, rejected.body, "rechazadas.csv")
    with tenant.acting_for(account):
        assert [row.cells[:3] for row in await import_rows.rows_after(UUID(again), 0, 9)] == [["=1+1", "no es", "@x"]]
        trail = await mine(models.AuditEvent, object_type="CUSTOMER")
    assert [row.source for row in trail] == [AuditSource.API]  # the worker acts for whoever has started it


async def test_the_template_is_read_as_it_is_named(site: Site, new_key: NewKey) -> None:
    account, _, key = await new_key()
    reply = await site.get("/imports/template.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(reply.body))
    assert book.sheetnames == ["Clientes", "Ejemplos"]
    assert [cell.value for cell in book["Clientes"][1]] == list(TEMPLATE)
    del book["Clientes"]
    file = io.BytesIO()
    book.save(file)
    async with worker():
        id = await upload(site, key, file.getvalue(), "clientes.xlsx")
        assert (await site.post(START, key=key, id=id, dryRun=False)).data["importCustomers"]["userErrors"] == []
        row = await until_ended(account, id)
    assert (row.created, row.failed) == (3, 0)
    with tenant.acting_for(account):
        hotel = await mine(models.Customer).get(external_id="C-001")
    assert (hotel.location_id, hotel.payment_term_days, hotel.tags) == ("8-8-7", 30, ["Hoteles", "Mayorista"])


async def test_what_is_no_table_is_refused_in_both_languages(site: Site, new_key: NewKey) -> None:
    _, _, key = await new_key()
    for content, sentence in ((b"%PDF\x00", "is no table"), (b"Nombre\n", "has no rows"), (b"", "is empty")):
        reply = await site.request("POST", "/imports", key=key, data=content)
        assert reply.status == 422
        assert sentence in reply.json["errors"][0]["message"]
        assert "archivo" in reply.json["errors"][0]["message"]


async def test_a_file_that_is_too_large_is_refused_whether_or_not_it_says_so(site: Site, new_key: NewKey) -> None:
    _, _, key = await new_key()

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(MOST_BYTES // 2**20 + 1):
            yield bytes(2**20)

    for data in (io.BytesIO(bytes(MOST_BYTES + 1)), chunks()):
        reply = await site.request("POST", "/imports", key=key, data=data)
        assert reply.status == 413
        assert "50 MB" in reply.json["errors"][0]["message"]


async def test_importing_needs_the_right_to_write_and_is_of_one_account(
    site: Site, keys: dict[Scope, str], new_key: NewKey
) -> None:
    assert (await site.request("POST", "/imports", key=keys[Scope.READ], data=FILE)).status == 403
    assert (await site.request("POST", "/imports", key="istmo_nobody", data=FILE)).status == 401
    _, _, key = await new_key()
    id = await upload(site, key)
    assert (await site.request("GET", f"/imports/{id}/rejected.csv", key=key)).status == 200
    assert (await site.request("GET", f"/imports/{id}/rejected.csv", key=keys[Scope.ADMIN])).status == 404
    assert (await site.request("GET", f"/imports/{id}/rejected.csv?language=FR", key=key)).status == 400
    for query, preferred, header in (
        ("", "en-GB", "Row;Reason"),
        ("", "fr", "Fila;Motivo"),
        ("?language=es", "en", "Fila;Motivo"),
        ("?language=EN", "es", "Row;Reason"),
    ):
        path = f"/imports/{id}/rejected.csv{query}"
        told = await site.request("GET", path, key=key, headers={"Accept-Language": preferred})
        assert told.body.decode("utf-8-sig").splitlines()[0].endswith(header)


async def test_a_worker_is_killed_again_and_again_and_every_row_is_stored_once(
    service: TortoiseContext, new_account: Any, database_url: str, tmp_path: Path
) -> None:
    account: UUID = await new_account()
    count = 20_000
    path = tmp_path / "clientes.csv"
    path.write_text(
        "Nombre;Cédula;Código\n" + "".join(f"Cliente {n};8-{n % 900 + 1}-{n + 1};{n}\n" for n in range(count))
    )
    with tenant.acting_for(account):
        id = await imports.create(path, path.name, path.stat().st_size)
        await imports.start(str(id), None, ErrorPolicy.KEEP_GOOD, OnDuplicate.FAIL, checks_only=False)
    settings = environment({"DATABASE_URL": database_url, "ISTMO_DATA_DIR": str(tmp_path), "MIGRATE_ON_START": "false"})
    done = 0
    for _ in range(4):
        process = await asyncio.create_subprocess_exec(*COMMAND, "worker", env=settings, stdout=DEVNULL, stderr=DEVNULL)
        try:
            row = await until_done(account, id, done + 1500)
        finally:
            process.kill()
            await process.wait()
        done = row.done
        assert done < count
    async with worker():
        row = await until_ended(account, str(id))
    assert (row.status, row.created, row.failed, row.done) == (ImportStatus.FINISHED, count, 0, count)
    with tenant.acting_for(account):
        stored = [row["external_id"] for row in await mine(models.Customer).values("external_id")]
        assert sorted(map(int, stored)) == list(range(count))
        assert await mine(models.Event, type="CUSTOMER_CREATED").count() == count
        assert await import_rows.count_rows(id, [Outcome.CREATED]) == count


async def until_done(account: UUID, id: UUID, count: int) -> models.Import:
    with tenant.acting_for(account):
        async with asyncio.timeout(60):
            while True:
                row = await mine(models.Import).get(id=id)
                if row.done >= count:
                    return row
                await asyncio.sleep(0.02)


async def test_the_command_imports_shows_the_columns_and_writes_the_rejected_rows(
    service: TortoiseContext, new_account: Any, database_url: str, tmp_path: Path
) -> None:
    account: UUID = await new_account()
    file, rejected = tmp_path / "clientes.csv", tmp_path / "rechazadas.csv"
    file.write_bytes(FILE)
    command = ("import", str(file), "--account", str(account))

    async def run(*options: str) -> Any:
        return await invoke_in_thread(*command, *options, DATABASE_URL=database_url)

    done = await run("--dry-run")
    assert (done.code, done.out.split(";")[0]) == (0, "Customers that would be created: 1")
    assert "Nombre: NAME\nRUC: RUC\nTeléfono: PHONE\n" in done.err
    done = await run("--all-or-nothing")
    assert done.code == 1
    assert "Nothing was stored" in done.err
    done = await run("--column", "Teléfono=MOBILE", "--rejected", str(rejected))
    assert (done.code, done.out.split(";")[0]) == (0, "Customers that were created: 1")
    assert rejected.read_text(encoding="utf-8-sig").splitlines()[1].startswith("'=1+1;no es;'@x;3;")
    with tenant.acting_for(account):
        assert [row.mobile is not None for row in await mine(models.Customer)] == [True]
    for options, message in (
        (("--column", "Nada=RUC"), "no column Nada"),
        (("--column", "RUC=NADA"), "NADA is none of"),
        (("--column", "Nombre="), "which column has the customer's name"),
    ):
        done = await run(*options)
        assert done.code == 1
        assert message in done.err


async def test_imports_are_deleted_when_they_were_kept_long_enough(
    service: TortoiseContext, new_account: Any, tmp_path: Path, database_url: str
) -> None:
    account: UUID = await new_account()
    path = tmp_path / "clientes.csv"
    path.write_bytes(FILE)
    with tenant.acting_for(account):
        old, new = [await imports.create(path, path.name, len(FILE)) for _ in range(2)]
    admin = await asyncpg.connect(database_url)
    await admin.execute("UPDATE import SET keep_until = now() - interval '1 second' WHERE id = $1", old)
    await forget_imports()
    assert await admin.fetchval("SELECT count(*) FROM import_row WHERE import_id = $1", old) == 0
    assert [row["id"] for row in await admin.fetch("SELECT id FROM import WHERE account_id = $1", account)] == [new]
    await admin.close()
