"""The PDF of an invoice: what is printed where, and which data it is made of."""

import pickle
import re
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from itertools import groupby
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PageObject, PdfReader

from db import account, models
from resolvers import invoices, paper, pdf
from resolvers.account_settings import AccountSettings, current_settings
from resolvers.paper import InvoiceDocument, Party, invoice_document, render
from rules.invoice import LineData, compute
from rules.vocabulary import Currency, InvoiceStatus, ItbmsRate
from tests.builders import (
    COMPANY,
    COMPANY_DV,
    change_customer,
    company,
    create_invoice,
    customer_id,
    foreigner,
    invoice,
    line,
    taxpayer,
)
from tests.conftest import CHECKOUT, Api

Rows = list[tuple[str, ...]]


def sold(
    description: str = "Café molido, libra",
    quantity: str = "1",
    unit_price: str = "10",
    rate: ItbmsRate = ItbmsRate.RATE_7,
    discount: str = "0",
) -> LineData:
    return LineData(
        description=description,
        quantity=Decimal(quantity),
        unit_price=Decimal(unit_price),
        discount=Decimal(discount),
        itbms_rate=rate,
    )


def document(*lines: LineData, **fields: Any) -> InvoiceDocument:
    """An issued invoice with one line, unless something else is given."""
    computed, totals = compute(lines or [sold()])
    issued = InvoiceDocument(
        issuer=Party(name="Ferretería El Ñandú, S.A.", identification="RUC 155596713-2-2015 DV 59"),
        receiver=Party(
            name="Hoteles Güiza & Hijos",
            identification="RUC 8-274-125 DV 91",
            address="Calle 50, local 4",
            location="Bella Vista, Panamá, Panamá",
        ),
        status=InvoiceStatus.ISSUED,
        number="0000000123",
        billing_point="007",
        issue_date=date(2026, 3, 5),
        currency=Currency.PAB,
        lines=computed,
        subtotal=totals.subtotal,
        discount_total=totals.discount_total,
        itbms_total=totals.itbms_total,
        total=totals.total,
        created_at=datetime(2026, 3, 5, 20, 15, 30, tzinfo=UTC),
    )
    return replace(issued, **fields)


def pages(content: bytes) -> list[Rows]:
    """The texts of each page by rows from above, in a row from the left."""
    return [list(_rows(page)) for page in PdfReader(BytesIO(content)).pages]


def _rows(page: PageObject) -> Iterator[tuple[str, ...]]:
    found: list[tuple[float, float, str]] = []

    def visit(text: str, matrix: list[float], place: list[float], *_: Any) -> None:
        if text.strip():
            found.append((-place[5], place[4], text.strip()))

    page.extract_text(visitor_text=visit)
    for _, row in groupby(sorted(found), key=lambda item: item[0]):
        yield tuple(text for *_, text in row)


def words(content: bytes) -> str:
    """All that is printed, in one line."""
    return " ".join(text for page in pages(content) for row in page for text in row)


def amount(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def test_an_issued_invoice() -> None:
    notes = "Entrega el lunes.\n\nGracias por su compra."
    printed = words(render(document(due_date=date(2026, 4, 4), notes=notes)))
    for text in (
        *("Ferretería El Ñandú, S.A.", "RUC 155596713-2-2015 DV 59", "FACTURA", "N.º 0000000123"),
        *("Punto de facturación 007", "Fecha de emisión 5 de marzo de 2026", "Vencimiento 4 de abril de 2026"),
        *("Moneda Balboas (B/.)", "Hoteles Güiza & Hijos", "RUC 8-274-125 DV 91", "Calle 50, local 4"),
        *("Bella Vista, Panamá, Panamá", "Subtotal 10.00", "ITBMS 0.70", "Total B/. 10.70"),
        *("Notas Entrega el lunes. Gracias por su compra.", "Página 1 de 1"),
        *("Documento no fiscal", "Este documento no es un documento fiscal."),
    ):
        assert text in re.sub(r"\s+", " ", printed)
    assert not re.search(r"BORRADOR|ANULADA|Suma y sigue|Viene de|Desc\.|Descuentos|�", printed)


def test_what_is_not_there_takes_no_label() -> None:
    bare = document(issuer=Party(name="Ana"), receiver=Party(name="Consumidor final"), currency=Currency.USD)
    printed = words(render(bare))
    assert not re.search("Vencimiento|Notas|RUC", printed)
    assert "Total US$ 10.70" in printed


def test_lines_totals_and_taxes() -> None:
    content = render(
        document(
            sold("Cemento gris", "1500", "9.85"),
            sold("Cable", "125.5", "0.685", discount="0.085"),
            sold("Arroz", "3", "47.50", ItbmsRate.EXEMPT),
            sold("Ron", "2", "14.25", ItbmsRate.RATE_10),
            sold("Puros", "0.000001", "999999999.999999", ItbmsRate.RATE_15),
        )
    )
    (rows,) = pages(content)
    head = ("N.º", "Descripción", "Cantidad", "Precio", "Desc. unit.", "ITBMS", "Neto", "Total")
    start = rows.index(head) + 1
    assert rows[start : start + 5] == [
        ("1", "Cemento gris", "1,500", "9.85", "—", "7 %", "14,775.00", "15,809.25"),
        ("2", "Cable", "125.5", "0.685", "0.085", "7 %", "75.30", "80.57"),
        ("3", "Arroz", "3", "47.50", "—", "Exento", "142.50", "142.50"),
        ("4", "Ron", "2", "14.25", "—", "10 %", "28.50", "31.35"),
        ("5", "Puros", "0.000001", "999,999,999.999999", "—", "15 %", "1,000.00", "1,150.00"),
    ]
    assert set(rows[start + 5 :]) == {
        ("ITBMS", "Base", "Impuesto"),
        ("Exento", "142.50", "0.00"),
        ("7 %", "14,850.30", "1,039.52"),
        ("10 %", "28.50", "2.85"),
        ("15 %", "1,000.00", "150.00"),
        ("Subtotal", "16,021.30"),
        ("ITBMS", "1,192.37"),
        ("Total", "B/. 17,213.67"),
        ("Descuentos ya aplicados", "10.67"),
        ("Este documento no es un documento fiscal.", "Página 1 de 1"),
    }


def test_amounts_are_printed_as_they_are_stored() -> None:
    """Even if the arithmetic of today had another result."""
    stored = document(
        subtotal=Decimal("1.11"), itbms_total=Decimal("2.22"), total=Decimal("3333.33"), discount_total=Decimal("4.44")
    )
    odd = replace(stored.lines[0], net=Decimal("5.55"), itbms=Decimal("6.66"), total=Decimal("7.77"))
    (rows,) = pages(render(replace(stored, lines=(odd,))))
    assert {
        ("1", "Café molido, libra", "1", "10.00", "7 %", "5.55", "7.77"),
        ("7 %", "5.55", "6.66"),
        ("Subtotal", "1.11"),
        ("ITBMS", "2.22"),
        ("Total", "B/. 3,333.33"),
        ("Descuentos ya aplicados", "4.44"),
    } <= set(rows)


def test_a_draft_is_marked_and_has_no_number() -> None:
    content = render(document(*[sold()] * 40, status=InvoiceStatus.DRAFT, number=None))
    first, second = pages(content)
    assert ("BORRADOR",) in first
    assert ("Sin número: no se ha emitido.",) in first
    assert ("Ferretería El Ñandú, S.A.", "Factura en BORRADOR") in second
    assert "0000000123" not in words(content)


def test_a_void_invoice_is_marked_on_each_page() -> None:
    content = render(
        document(
            *[sold()] * 40,
            status=InvoiceStatus.VOID,
            void_reason="Precio equivocado;\nse factura de nuevo",
            voided_on=date(2026, 3, 7),
        )
    )
    first, second = pages(content)
    assert ("ANULADA el 7 de marzo de 2026",) in first
    assert ("Motivo: Precio equivocado; se factura de nuevo",) in first
    assert ("Ferretería El Ñandú, S.A.", "Factura N.º 0000000123, ANULADA") in second
    diagonal = [text for text in words(content).split() if text == "ANULADA"]
    assert len(diagonal) >= 2


THOUSAND = document(
    *[
        sold("Tornillo de acero " * (1 + n % 4), str(n + 1), f"{n * 37 % 1000}.{n % 100:02}", list(ItbmsRate)[n % 4])
        for n in range(1000)
    ]
)


def test_a_thousand_lines_carry_their_sums_from_page_to_page() -> None:
    started = time.process_time()
    content = render(THOUSAND)
    assert time.process_time() - started < 2
    printed = pages(content)
    assert len(printed) > 20
    net = total = Decimal(0)
    positions: list[int] = []
    for number, rows in enumerate(printed, 1):
        assert rows[-1] == ("Este documento no es un documento fiscal.", f"Página {number} de {len(printed)}")
        assert ("N.º", "Descripción", "Cantidad", "Precio", "ITBMS", "Neto", "Total") in rows
        carried_in = [row for row in rows if row[0] == "Viene de la página anterior"]
        assert [(amount(row[1]), amount(row[2])) for row in carried_in] == [(net, total)] * (number > 1)
        lines = [row for row in rows if len(row) == 7 and row[0].isdigit()]
        positions += [int(row[0]) for row in lines]
        net += sum(amount(row[5]) for row in lines)
        total += sum(amount(row[6]) for row in lines)
        carried_out = [row for row in rows if row[0] == "Suma y sigue"]
        assert [(amount(row[1]), amount(row[2])) for row in carried_out] == [(net, total)] * (number < len(printed))
    assert positions == list(range(1, 1001))
    assert (net, total) == (THOUSAND.subtotal, THOUSAND.total)
    assert ("Total", f"B/. {THOUSAND.total:,.2f}") in printed[-1]


@pytest.mark.parametrize("count", [22, 23, 25, 26])
def test_wherever_the_lines_end_the_totals_find_their_place(count: int) -> None:
    printed = pages(render(document(*[sold()] * count)))
    assert ("Total", f"B/. {count * Decimal('10.70'):,.2f}") in printed[-1]
    assert ("Suma y sigue", f"{count * 10:,}.00", f"{count * Decimal('10.70'):,.2f}") not in printed[-1]
    assert all(len(rows) > 5 for rows in printed)


def test_the_same_data_gives_the_same_bytes() -> None:
    """In another process too, where sets have another order."""
    program = (
        "import sys, pickle, resolvers.paper as p; sys.stdout.buffer.write(p.render(pickle.load(sys.stdin.buffer)))"
    )
    elsewhere = subprocess.run(
        [sys.executable, "-c", program],
        input=pickle.dumps(document()),
        env={"PYTHONHASHSEED": "1"},
        cwd=CHECKOUT,
        check=True,
        capture_output=True,
    )
    assert render(document()) == render(document()) == elsewhere.stdout
    assert render(document()) != render(document(billing_point="008"))


def test_metadata() -> None:
    reader = PdfReader(BytesIO(render(document())))
    assert reader.metadata is not None
    assert reader.metadata.title == "Factura 007-0000000123"
    assert reader.metadata.author == "Ferretería El Ñandú, S.A."
    assert reader.metadata.creation_date == datetime(2026, 3, 5, 20, 15, 30, tzinfo=UTC)
    assert str(reader.root_object["/Lang"]) == "es-PA"
    assert reader.viewer_preferences is not None
    assert reader.viewer_preferences.display_doctitle
    assert [float(side) for side in reader.pages[0].mediabox] == [0, 0, 612, 792]
    assert document().filename == "factura-007-0000000123.pdf"
    assert document(number=None).filename == "factura-007-borrador.pdf"


HOSTILE = [
    ("😀 café", "� café"),
    ("日本", "��"),
    ("👨\u200d👩\u200d👧", "���"),
    ("❤\ufe0f", "�"),
    ("a\ud800b", "a�b"),
    ("a\0b\x7fc", "a�b�c"),
    ("\u202efdp.exe", "fdp.exe"),
    ("{nb} **x** __y__ --z--", "{nb} **x** __y__ --z--"),
    ("(paréntesis \\) %PDF <</A>>", "(paréntesis \\) %PDF <</A>>"),
    ("¿Qué? «ñ» “Ü” – n.º ½ €", "¿Qué? «ñ» “Ü” – n.º ½ €"),
    ("\tsangría  doble", "sangría doble"),
]


@pytest.mark.parametrize(("text", "printed"), HOSTILE)
def test_any_text_is_printed_or_visibly_replaced(text: str, printed: str) -> None:
    party = Party(name=text, identification=text, address=text, location=text)
    content = render(document(sold(text), issuer=party, receiver=party, notes=text))
    assert [found for rows in pages(content) for row in rows for found in row].count(printed) == 8


@pytest.mark.parametrize("text", ["W" * 500, "⸻" * 500, "palabra " * 62, "\u0301" * 500, "\u200b" * 500])
def test_long_texts_go_over_lines_and_pages(text: str) -> None:
    party = Party(name=text[:200], identification=text[:80], address=text[:100], location=text[:200])
    content = render(
        document(
            *[sold(text)] * 3,
            issuer=party,
            receiver=party,
            notes=text * 4,
            status=InvoiceStatus.VOID,
            void_reason=text * 2,
            voided_on=date(2026, 3, 7),
        )
    )
    assert ("Total", "B/. 32.10") in [row for rows in pages(content) for row in rows]


def test_notes_go_over_pages_line_by_line() -> None:
    printed = pages(render(document(notes="\n".join(map(str, range(500))))))
    assert len(printed) > 5
    assert [int(row[0]) for rows in printed for row in rows if row[0].isdigit() and len(row) == 1] == list(range(500))


PAPER = pdf._Paper()


@given(st.text(max_size=60), st.floats(20, 200))
def test_wrapping_loses_nothing_and_stays_within_the_width(text: str, width: float) -> None:
    style = pdf._Style(8.5)
    lines = PAPER.wrap(text, style, width)
    assert "".join("".join(lines).split()) == "".join(PAPER.clean(text).split())
    assert all(PAPER.width(line, style) <= width + 1e-6 or len(line) == 1 for line in lines)


def test_the_widest_figures_leave_room_for_the_description() -> None:
    widest = "999999999.999999"
    line = sold("Dragado", "1", widest, discount="888888888.888888")
    drawn = pdf._Invoice(document(line, total=Decimal("99999999999.99"), subtotal=Decimal("99999999999.99")))
    assert drawn.description_right - drawn.description_left >= 100
    assert words(drawn.draw()).count("Dragado") == 1


# Reading


async def read(api: Api, id: str) -> InvoiceDocument:
    with account.acting_for(api.account_id):
        found = await invoice_document(id)
    assert found is not None
    return found


async def made(api: Api, *lines: dict[str, Any], **arguments: Any) -> str:
    fields = arguments.pop("input", {})
    payload = await create_invoice(api, invoice(*lines, **fields), **arguments)
    assert payload["userErrors"] == []
    id: str = payload["invoice"]["id"]
    return id


async def test_an_issued_invoice_has_the_receiver_of_that_day(api: Api) -> None:
    id = await made(
        api,
        line(quantity="2.5", unitPrice="19.99", discount="0.99"),
        line(description="Arroz", itbmsRate="EXEMPT"),
        newCustomer=company(),
        input={"issueDate": "2026-03-05", "dueDate": "2026-04-04", "notes": "Gracias", "currency": "USD"},
    )
    answer = (await api.ask("query ($id: ID!) { invoice(id: $id) { customer { id } } }", id=id))["invoice"]
    await change_customer(api, answer["customer"]["id"], name="Otro nombre", address="Otra calle", ruc="1-1-1")
    found = await read(api, id)
    assert found == replace(
        document(
            sold("Consultoría", "2.5", "19.99", discount="0.99"),
            sold("Arroz", "1", "10", ItbmsRate.EXEMPT),
            issuer=Party(name="Prueba, S.A."),
            receiver=Party(
                name="Hoteles Istmo, S.A.",
                identification=f"RUC {COMPANY} DV {COMPANY_DV}",
                address="Calle 50, local 4",
                location=found.receiver.location,
            ),
            number="0000000001",
            billing_point="001",
            due_date=date(2026, 4, 4),
            currency=Currency.USD,
            notes="Gracias",
        ),
        created_at=found.created_at,
    )
    assert re.fullmatch(r"[\w .]+, Panamá, Panamá", found.receiver.location)
    assert "Hoteles Istmo, S.A." in words(render(found))


async def test_an_issued_invoice_has_the_issuer_of_that_day(api: Api) -> None:
    issuing = "query ($id: ID!) { invoice(id: $id) { issuer { name ruc dv } } }"
    rename = """
        mutation ($name: String, $ruc: String) {
            updateAccount(input: {name: $name, ruc: $ruc}) { userErrors { code } }
        }
    """
    customer = await customer_id(api)
    issued = (await create_invoice(api, customerId=customer))["invoice"]["id"]
    draft = (await create_invoice(api, invoice(issue=False), customerId=customer))["invoice"]["id"]
    await api.ask(rename, name="Nueva Prueba, S.A.", ruc=f"{COMPANY} DV {COMPANY_DV}")
    new = {"name": "Nueva Prueba, S.A.", "ruc": COMPANY, "dv": COMPANY_DV}
    assert (await api.ask(issuing, id=issued))["invoice"]["issuer"] == {"name": "Prueba, S.A.", "ruc": None, "dv": None}
    assert (await api.ask(issuing, id=draft))["invoice"]["issuer"] is None
    assert (await read(api, issued)).issuer == Party(name="Prueba, S.A.")
    present = Party(name="Nueva Prueba, S.A.", identification=f"RUC {COMPANY} DV {COMPANY_DV}")
    assert (await read(api, draft)).issuer == present
    await api.ask("mutation ($id: ID!) { issueInvoice(id: $id) { userErrors { code } } }", id=draft)
    assert (await api.ask(issuing, id=draft))["invoice"]["issuer"] == new


async def test_a_draft_has_the_customer_of_now(api: Api) -> None:
    id = await made(api, customerId=await customer_id(api), input={"issue": False})
    with account.acting_for(api.account_id):
        await models.Account.filter(id=api.account_id).update(ruc=COMPANY, dv=COMPANY_DV)
        await models.Customer.all().update(name="Otro nombre", location_id="8-8-7")
    found = await read(api, id)
    assert (found.status, found.number) == (InvoiceStatus.DRAFT, None)
    assert found.issuer.identification == f"RUC {COMPANY} DV {COMPANY_DV}"
    assert (found.receiver.name, found.receiver.identification) == ("Otro nombre", "")
    assert found.receiver.location.endswith(", Panamá, Panamá")


async def test_a_void_invoice_tells_why_and_when_in_panama(api: Api) -> None:
    id = await made(api, newCustomer=foreigner())
    with account.acting_for(api.account_id):
        await invoices.void(id, "Repetida")
        late = datetime(2026, 3, 8, 3, 0, tzinfo=UTC)
        await models.Document.filter(id=id).update(voided_at=late)
    found = await read(api, id)
    assert (found.status, found.void_reason, found.voided_on) == (InvoiceStatus.VOID, "Repetida", date(2026, 3, 7))
    assert found.created_at == late
    assert found.receiver == Party(name="Ana Ríos", identification="Pasaporte AB123456 (CO)")


async def test_only_the_account_reads_its_invoices(api: Api, new_account: Callable[..., Awaitable[UUID]]) -> None:
    id = await made(api, newCustomer=taxpayer())
    with account.acting_for(await new_account()):
        assert await invoice_document(id) is None
    with account.acting_for(api.account_id):
        assert await invoice_document("no-id") is None
        assert await invoice_document(str(UUID(int=7))) is None


async def test_a_draft_that_changes_meanwhile_is_read_again(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    id = await made(api, newCustomer=taxpayer(), input={"issue": False})

    async def settings() -> AccountSettings:
        monkeypatch.undo()
        await invoices.update(id, {"lines": (sold("Té", "3", "5"),)}, None, None)
        return await current_settings()

    with account.acting_for(api.account_id):
        monkeypatch.setattr(paper, "current_settings", settings)
        found = await invoice_document(id)
    assert found is not None
    assert ([line.description for line in found.lines], found.subtotal) == (["Té"], Decimal("15.00"))
