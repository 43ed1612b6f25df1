"""Lists as files over HTTP."""

import asyncio
import csv
import io
import json
import threading
from collections.abc import AsyncGenerator, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from db import tenant
from db.archive import write_archive
from resolvers import accounts
from rules.customer import ForeignId
from rules.customer_columns import guess_columns, read_row
from rules.vocabulary import (
    CustomerColumn,
    CustomerStatus,
    DocumentType,
    FiscalStatus,
    ForeignIdType,
    InvoiceStatus,
    Language,
    ReceiverType,
    Scope,
    TaxpayerType,
    VerificationStatus,
)
from schema import exports
from service import archive
from spreadsheets.csv_file import read_csv
from spreadsheets.xlsx_file import read_xlsx
from tests.builders import (
    COMPANY,
    COMPANY_DV,
    company,
    create_customer,
    create_invoice,
    customer_id,
    foreigner,
    invoice,
    line,
    taxpayer,
)
from tests.conftest import Api
from tests.db.test_archive import content_of
from tests.merging import merged
from tests.noting import credited
from tests.service.test_server import Site, keys, new_key, session, site, soon

__all__ = ["keys", "new_key", "session", "site"]  # fixtures

NewKey = Callable[..., Any]


async def filled(new_key: NewKey) -> tuple[Api, str]:
    """An account with a customer of each kind, an invoice with a note and a draft, and its key."""
    account, _, key = await new_key()
    api = Api(account)
    await create_customer(api, company(name='=cmd|" /C calc"!A1', phone="+507 6677-8899"))
    await create_customer(api, foreigner())
    issued = await create_invoice(
        api, invoice(purchaseOrder="OC-1"), newCustomer=taxpayer(name="Peña; Hijos"), issue=True
    )
    await credited(api, issued["invoice"]["id"])
    await create_invoice(api, invoice(), newCustomer=taxpayer(name="Borrador, S.A."))
    return api, key


def rows_of(body: bytes, delimiter: str = ";") -> list[dict[str, str]]:
    text = body.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


async def test_customers_are_exported_as_they_are_filtered(site: Site, new_key: NewKey) -> None:
    _, key = await filled(new_key)
    reply = await site.request("GET", "/exports/customers.csv", key=key)
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert reply.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''clientes-20")
    assert reply.body.startswith(b"\xef\xbb\xbf")
    rows = rows_of(reply.body)
    assert {row["Nombre o razón social"] for row in rows} == {
        '\'=cmd|" /C calc"!A1',
        "Ana Ríos",
        "Peña; Hijos",
        "Borrador, S.A.",
    }
    [foreign] = [row for row in rows if row["Tipo de receptor"] == "Extranjero"]
    assert (foreign["Identificación extranjera"], foreign["País"]) == ("AB123456", "CO")
    only = {"filter": json.dumps({"receiverType": ["FOREIGN"]}), "delimiter": ",", "language": "en"}
    filtered = await site.request("GET", "/exports/customers.csv", key=key, params=only)
    assert [row["Name"] for row in rows_of(filtered.body, ",")] == ["Ana Ríos"]
    posted = {"search": "ana", "orderBy": {"field": "NAME", "direction": "DESC"}}
    found = await site.request("POST", "/exports/customers.jsonl", key=key, json=posted)
    assert [json.loads(line)["foreignId"]["number"] for line in found.body.splitlines()] == ["AB123456"]


@pytest.mark.parametrize("language", ["es", "en"])
async def test_an_exported_file_of_customers_can_be_imported(
    site: Site, new_key: NewKey, tmp_path: Path, language: str
) -> None:
    _, key = await filled(new_key)
    for format, read in (("csv", read_csv), ("xlsx", read_xlsx)):
        reply = await site.request("GET", f"/exports/customers.{format}?language={language}", key=key)
        file = tmp_path / f"t.{format}"
        file.write_bytes(reply.body)
        header, *rows = read(file)[1]
        _, columns = guess_columns([header])
        drafts = {found.draft.name: found.draft for row in rows if (found := read_row(columns, row, lambda *_: None))}
        ana, hotel = drafts["Ana Ríos"], drafts['=cmd|" /C calc"!A1']
        assert ana.foreign_id == ForeignId(type=ForeignIdType.PASSPORT, number="AB123456", country="CO")
        assert ana.receiver_type is ReceiverType.FOREIGN
        assert (hotel.receiver_type, hotel.taxpayer_type) == (ReceiverType.TAXPAYER, TaxpayerType.JURIDICAL)
        assert (hotel.ruc, hotel.dv, hotel.location_code) == (COMPANY, COMPANY_DV, "8-8-7")
        assert hotel.phone == "6677-8899"


async def test_tags_come_back_as_they_were(site: Site, new_key: NewKey) -> None:
    account, _, key = await new_key()
    tags = [["Colón, Zona Libre"], ["vip", "norte|sur"], ["uno"], []]
    for number, some in enumerate(tags):
        await create_customer(Api(account), taxpayer(name=f"Cliente {number}", tags=some))
    reply = await site.request("GET", "/exports/customers.csv", key=key)
    for row in rows_of(reply.body):
        draft = read_row([CustomerColumn.TAGS], [row["Etiquetas"]], lambda *_: None).draft
        assert list(draft.tags) == tags[int(row["Nombre o razón social"][-1])]


async def test_all_pages_of_a_list_are_in_the_file_in_its_order(site: Site, new_key: NewKey) -> None:
    account, _, key = await new_key()
    for number in range(205):
        await create_customer(Api(account), taxpayer(name=f"Cliente {number:03}"))
    body = {"orderBy": {"field": "NAME", "direction": "DESC"}}
    reply = await site.request("POST", "/exports/customers.jsonl", key=key, json=body)
    names = [json.loads(line)["name"] for line in reply.body.splitlines()]
    assert names == [f"Cliente {number:03}" for number in reversed(range(205))]
    sheet = await site.request("POST", "/exports/customers.xlsx", key=key, json=body)
    book = openpyxl.load_workbook(io.BytesIO(sheet.body))
    assert [cell.value for cell in book["Clientes"]["A"]] == ["Nombre o razón social", *names]
    assert await site.connections_return()


@pytest.mark.parametrize("list", ["invoices", "credit-notes", "documents"])
async def test_documents_are_exported_with_numbers_that_count(site: Site, new_key: NewKey, list: str) -> None:
    _, key = await filled(new_key)
    reply = await site.request("GET", f"/exports/{list}.xlsx", key=key)
    header, *rows = openpyxl.load_workbook(io.BytesIO(reply.body)).worksheets[0].iter_rows(values_only=True)
    found = [dict(zip(header, row, strict=True)) for row in rows]
    types = {"invoices": ["Factura"] * 2, "credit-notes": ["Nota de crédito"]}
    expected = types.get(list, sorted(types["invoices"] + types["credit-notes"]))
    assert sorted(row["Tipo de documento"] for row in found) == expected  # type: ignore[type-var]
    assert {row["Total"] for row in found} == ({10.7, -10.7} if list == "documents" else {10.7})
    lines = await site.request("GET", f"/exports/{list}.jsonl", key=key)
    nodes = [json.loads(line) for line in lines.body.splitlines()]
    assert [node["number"] for node in nodes] == [row["Número"] for row in found]
    assert {line["description"] for node in nodes for line in node["lines"]} == {"Consultoría"}


async def test_amounts_of_all_documents_can_be_added_up(site: Site, new_key: NewKey) -> None:
    api, key = await filled(new_key)
    exempt = await create_invoice(api, invoice(line(itbmsRate="EXEMPT")), newCustomer=taxpayer(name="Otra"), issue=True)
    await credited(api, exempt["invoice"]["id"])
    reply = await site.request("GET", '/exports/documents.csv?filter={"status":["ISSUED"]}', key=key)
    rows = rows_of(reply.body)
    sums = [sum(Decimal(row[name]) for row in rows) for name in ("Subtotal", "ITBMS", "Total")]
    assert [str(each) for each in sums] == ["10.00", "0.70", "10.70"]  # of the one that has no note
    assert [row["ITBMS"] for row in rows if row["Tipo de documento"] == "Nota de crédito"] == ["0.00", "-0.70"]


async def test_lines_of_json_say_where_a_merged_customer_leads(site: Site, new_key: NewKey) -> None:
    account, _, key = await new_key()
    api = Api(account)
    one, other = [await customer_id(api, taxpayer(name=name)) for name in ("Ana", "Anna")]
    await merged(api, other, into=one)
    reply = await site.request("POST", "/exports/customers.jsonl", key=key, json={"filter": {"status": None}})
    nodes = [json.loads(line) for line in reply.body.splitlines()]
    assert {node["id"]: node["mergedInto"] for node in nodes} == {one: None, other: {"id": one}}


async def test_an_account_exports_nothing_of_another(site: Site, new_key: NewKey) -> None:
    await filled(new_key)
    _, _, stranger = await new_key()
    for list in exports.LISTS:
        reply = await site.request("GET", f"/exports/{list}.jsonl", key=stranger)
        assert (reply.status, reply.body) == (200, b"")


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/exports/customers.pdf", 404, "customers, invoices"),
        ("/exports/keys.csv", 404, "customers, invoices"),
        ("/exports/customers.csv?filter=x", 400, "JSON"),
        ('/exports/customers.csv?filter={"color":1}', 400, "color"),
        ("/exports/customers.csv?delimiter=x", 400, "delimiter"),
        ("/exports/customers.csv?language=fr", 400, "language"),
        ("/exports/customers.csv?first=1", 400, "first"),
        ('/exports/invoices.xlsx?filter={"issueDate":{"from":"ayer"}}', 400, "ayer"),
    ],
)
async def test_what_is_asked_wrongly_is_refused_with_the_reason(site: Site, path: str, status: int, words: str) -> None:
    reply = await site.request("GET", path)
    assert reply.status == status
    assert words in reply.json["errors"][0]["message"]


async def test_an_export_needs_a_key(site: Site) -> None:
    assert (await site.get("/exports/customers.csv")).status == 401


async def test_any_key_of_the_account_exports_lists(site: Site, new_key: NewKey) -> None:
    api, _ = await filled(new_key)
    with tenant.acting_for(api.account_id):
        _, reader = await accounts.create_key("Lee", Scope.READ, None)
    assert (await site.request("GET", "/exports/invoices.csv", key=reader)).status == 200


def test_every_value_of_an_enum_has_words() -> None:
    enums = (
        ReceiverType,
        TaxpayerType,
        ForeignIdType,
        Language,
        CustomerStatus,
        VerificationStatus,
        DocumentType,
        InvoiceStatus,
        FiscalStatus,
    )
    for words, enum in zip(exports.WORDS, enums, strict=True):
        assert words.keys() >= {member.value for member in enum} - {"SENDING"}


# The whole account


async def test_an_administrator_exports_the_whole_account(site: Site, new_key: NewKey, tmp_path: Path) -> None:
    api, key = await filled(new_key)
    reply = await site.request("GET", "/account/archive.zip", key=key)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/zip")
    file = tmp_path / "a.zip"
    file.write_bytes(reply.body)
    rows, _ = content_of(file)
    assert len(rows["customer"]) == 4
    assert len(rows["document"]) == 3
    with tenant.acting_for(api.account_id):
        for scope in (Scope.READ, Scope.WRITE):
            _, lesser = await accounts.create_key("Otra", scope, None)
            assert (await site.request("GET", "/account/archive.zip", key=lesser)).status == 403
    assert (await site.get("/account/archive.zip")).status == 401
    assert await site.connections_return()


async def test_an_account_gets_one_archive_at_a_time_and_a_client_that_leaves_frees_the_place(
    site: Site, new_key: NewKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, key = await new_key()
    go_on = threading.Event()

    async def write_slowly(target: Any, account: Any) -> AsyncGenerator[str, None]:
        while not go_on.is_set():
            target.write(b"x")
            yield "customer"
            await asyncio.sleep(0.01)

    monkeypatch.setattr(archive, "write_archive", write_slowly)
    headers = {"Authorization": f"Bearer {key}"}
    async with site.session.get(f"{site.url}/account/archive.zip", headers=headers):
        refused = await site.request("GET", "/account/archive.zip", key=key)
        assert (refused.status, refused.headers["Retry-After"]) == (429, "60")
    go_on_later = asyncio.get_running_loop().call_later(5, go_on.set)  # if it weren't noticed that the client has left

    async def is_free() -> bool:
        monkeypatch.setattr(archive, "write_archive", write_archive)
        return (await site.request("GET", "/account/archive.zip", key=key)).status == 200

    assert await soon(is_free)
    assert not go_on.is_set()
    go_on_later.cancel()
