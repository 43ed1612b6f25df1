"""The PDF of an invoice: what is printed where."""

import pickle
import re
import subprocess
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from documents.document import FiscalData, Party
from rules.invoice import MOST_TEXT_LINES
from rules.text import clean
from rules.vocabulary import Currency, InvoiceStatus, ItbmsRate
from tests.conftest import CHECKOUT, FONTS
from tests.documents.samples import amount, document, pages, render, sold, words


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
    head = ("N.º", "Descripción", "Cantidad", "Precio", "Desc. unit.", "ITBMS", "Monto", "Total")
    start = rows.index(head) + 1
    assert rows[start : start + 5] == [
        ("1", "Cemento gris", "1,500", "9.85", "—", "7 %", "14,775.00", "15,809.25"),
        ("2", "Cable", "125.5", "0.685", "0.085", "7 %", "75.30", "80.57"),
        ("3", "Arroz", "3", "47.50", "—", "Exento", "142.50", "142.50"),
        ("4", "Ron", "2", "14.25", "—", "10 %", "28.50", "31.35"),
        ("5", "Puros", "0.000001", "999,999,999.999999", "—", "15 %", "1,000.00", "1,150.00"),
    ]
    assert set(rows[start + 5 :]) == {
        # The ITBMS by rate on the left, the totals on the right
        ("ITBMS", "Base", "Impuesto", "Subtotal", "16,021.30"),
        ("Exento", "142.50", "0.00", "ITBMS", "1,192.37"),
        ("7 %", "14,850.30", "1,039.52"),
        ("10 %", "28.50", "2.85"),
        ("Total", "B/. 17,213.67"),
        ("15 %", "1,000.00", "150.00", "Descuentos ya aplicados", "10.67"),
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
        ("ITBMS", "Base", "Impuesto", "Subtotal", "1.11"),
        ("7 %", "5.55", "6.66", "ITBMS", "2.22"),
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
    assert [row for row in first if row[0].startswith(("Motivo:", "se factura"))] == [
        ("Motivo: Precio equivocado;",),
        ("se factura de nuevo",),
    ]
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
        assert ("N.º", "Descripción", "Cantidad", "Precio", "ITBMS", "Monto", "Total") in rows
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
        "import sys, pickle; from documents.fonts import load_fonts; from documents.render import Renderer;"
        "sys.stdout.buffer.write(Renderer(load_fonts()).compile(pickle.load(sys.stdin.buffer)))"
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


def test_the_pdf_is_for_archives_and_screen_readers() -> None:
    """PDF/A-3a: it says so, has all fonts within, and tags that tell a reading program what is what."""
    reader = PdfReader(BytesIO(render(document(*[sold()] * 60, status=InvoiceStatus.VOID, void_reason="Repetida"))))
    root: Any = reader.root_object
    declared = root["/Metadata"].get_object().get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in declared
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in declared
    assert root["/MarkInfo"]["/Marked"]
    assert "/OutputIntents" in root
    kinds = [element["/S"] for element in elements(root["/StructTreeRoot"])]
    assert (kinds.count("/Table"), kinds.count("/TR"), kinds.count("/TH")) == (2, 2 + 60 + 2, 2 * 7)
    for page in reader.pages:
        resources: Any = page["/Resources"]
        for font in resources["/Font"].values():
            (descendant,) = font["/DescendantFonts"]
            descriptor = descendant.get_object()["/FontDescriptor"]
            assert descriptor.keys() & {"/FontFile2", "/FontFile3"}
            assert "/ToUnicode" in font


def elements(element: Any) -> Iterator[Any]:
    """The elements of a tagged document's tree below one."""
    children = element.get("/K", [])
    for child in children if isinstance(children, list) else [children]:
        child = child.get_object()
        if isinstance(child, dict) and "/S" in child:
            yield child
            yield from elements(child)


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
    ("❤\ufe0f", "❤"),
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
    party = Party(name=text, identification=text, address=text, location=text, contact=(text,))
    content = render(document(sold(text), issuer=party, receiver=party, notes=text, terms=text))
    assert [found for rows in pages(content) for row in rows for found in row].count(printed) == 11


MARKUP = [
    *("#panic()", "#set text(red)", "*negrita* _cursiva_", "`code`", "$x^2$", "@cita", "<etiqueta>", "// comentario"),
    *("/* comentario */", "= Título", "- punto", "+ uno", "/ término: texto", "\\u{41} \\ fin", "~ -- --- ... -?"),
    *("https://example.com", "'uno' \"dos\"", "[contenido] {código}", "#", "\\", "1. uno"),
]


@pytest.mark.parametrize("text", MARKUP)
def test_marks_of_the_template_language_mean_nothing_in_a_text(text: str) -> None:
    party = Party(name=text, identification=text, address=text, location=text, contact=(text,))
    content = render(document(sold(text), issuer=party, receiver=party, notes=text, terms=text))
    assert [found for rows in pages(content) for row in rows for found in row].count(text) == 11
    metadata = PdfReader(BytesIO(content)).metadata
    assert metadata is not None
    assert metadata.author == text


@pytest.mark.parametrize(
    "text", ["≥ 5 → ☐ ™ €", "⅓ ⅔ ⅛ ½", "Ελληνικά", "Привет, мир", "Ñandú – «café» № 7", "Việt Nam", "m² µg 20 ℃"]
)
def test_the_bundled_fonts_show_symbols_greek_cyrillic_and_fractions(text: str) -> None:
    assert FONTS.printable.missing(text) == ""
    assert words(render(document(sold(text)))).count(text) == 1


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=12))
def test_any_text_of_unicode_is_printed_letter_by_letter(texts: list[str]) -> None:
    lines = [sold(f"x{text}") for text in texts]
    printed = words(render(document(*lines, receiver=Party(name="Ana"))))
    wanted = "".join(FONTS.printable.replace(clean(line.description) or "") for line in lines)
    for letter, count in Counter(spread(wanted)).items():
        assert spread(printed).count(letter) >= count
    assert spread(printed).count("�") == spread(wanted).count("�")


def spread(text: str) -> str:
    """The letters and marks of a text each by itself, without blanks, since fonts join some of them."""
    return "".join(unicodedata.normalize("NFKD", text).replace("\N{ZERO WIDTH SPACE}", "").split())


@pytest.mark.parametrize("text", ["W" * 500, "⸻" * 500, "palabra " * 62, "\u0301" * 60, "\u200b" * 500])
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


def test_a_description_and_an_address_keep_their_lines() -> None:
    receiver = Party(name="Ana", address="Edificio Azul\nPiso 3\nApto. 3-A")
    [printed] = pages(
        render(document(sold("Consultoría\n· horas extra\n\n· viáticos"), sold("Café"), receiver=receiver))
    )
    texts = [text for row in printed for text in row]
    for lines in (["Edificio Azul", "Piso 3", "Apto. 3-A"], ["Consultoría", "· horas extra", "· viáticos", "Café"]):
        assert [text for text in texts if text in lines] == lines


def test_the_most_lines_of_each_text_fit_on_their_pages() -> None:
    lines = "\n".join(f"renglón {n}" for n in range(MOST_TEXT_LINES))
    content = render(
        document(
            *[sold(f"{lines} de {n}") for n in range(5)],
            receiver=Party(name="Ana " * 50, address="A\nB\nC\nD", location="x" * 100),
            status=InvoiceStatus.VOID,
            void_reason=lines,
            voided_on=date(2026, 3, 7),
        )
    )
    printed = [text for rows in pages(content) for row in rows for text in row]
    assert printed.count("renglón 0") == 6 - 1
    assert printed.count("renglón 5") == 6
    assert "B/. 53.50" in printed


def test_a_draft_whose_day_is_open_says_so() -> None:
    draft = document(status=InvoiceStatus.DRAFT, number=None, issue_date=None)
    assert "Fecha de emisión Al emitirla" in words(render(draft))


def test_the_widest_figures_leave_room_for_the_description() -> None:
    widest = "999999999.999999"
    line = sold("Dragado de la bahía", "1", widest, discount="888888888.888888")
    content = render(document(line, total=Decimal("99999999999.99"), subtotal=Decimal("99999999999.99")))
    assert [row[1] for (rows) in pages(content) for row in rows if row[0] == "1"] == ["Dragado de la bahía"]


@pytest.mark.parametrize("status", [InvoiceStatus.ISSUED, InvoiceStatus.VOID])
def test_no_page_lacks_its_table_however_many_lines_there_are(status: InvoiceStatus) -> None:
    """With all rates and discounts the totals are as high as they get."""
    goods = [sold("Tornillo de acero " * (1 + n % 5), rate=list(ItbmsRate)[n % 4], discount="1") for n in range(60)]
    for count in range(20, 60, 2):
        reason: dict[str, Any] = {"void_reason": "Precio equivocado " * count, "voided_on": date(2026, 3, 7)}
        printed = pages(render(document(*goods[:count], status=status, **reason)))
        titles = [row for rows in printed for row in rows if row[:2] == ("N.º", "Descripción")]
        carried = [
            row[0] for rows in printed for row in rows if row[0] in ("Suma y sigue", "Viene de la página anterior")
        ]
        assert len(titles) == len(printed)
        assert carried == ["Suma y sigue", "Viene de la página anterior"] * (len(printed) - 1)
        assert any(row[0] == "Total" for row in printed[-1])


# Electronic invoices


CUFE = "FE0120000999999101-2-2026-8100002026112300000000010010122718281827"
GROUPS = "FE0120 000999 999101 -2-202 6-8100 002026 112300 000000 010010 122718 281827"
AUTHORIZED = FiscalData(
    is_test=False,
    cufe=CUFE,
    protocol="20260000000000000123",
    authorized_at=datetime(2026, 3, 6, 1, 5, 9, tzinfo=UTC),
    qr=f"https://dgi-fep.mef.gob.pa/Consultas/FacturasPorQR?chFE={CUFE}&iAmb=1&digestValue=" + "a" * 300,
)


def test_an_electronic_invoice_waits_for_its_authorisation() -> None:
    printed = words(render(document(fiscal=FiscalData(is_test=False))))
    assert "Documento no fiscal, pendiente de autorización." in printed
    assert not re.search("CUFE|Protocolo|PRUEBA", printed)


def test_an_authorised_invoice_shows_cufe_protocol_and_qr_code() -> None:
    content = render(document(fiscal=AUTHORIZED))
    printed = words(content)
    for text in (GROUPS, "Protocolo de autorización", "20260000000000000123", "5 de marzo de 2026, 20:05:09"):
        assert text in printed
    assert not re.search("no fiscal|PRUEBA", printed)
    without = render(document(fiscal=replace(AUTHORIZED, qr=None)))
    assert GROUPS in words(without)
    assert len(content) > len(without) + 1000


def test_tests_are_marked_authorised_or_not() -> None:
    for fiscal in (FiscalData(is_test=True), replace(AUTHORIZED, is_test=True)):
        assert "Emitida en el ambiente de pruebas: no tiene valor fiscal." in words(render(document(fiscal=fiscal)))
    authorized = words(render(document(fiscal=replace(AUTHORIZED, is_test=True))))
    assert "Documento de prueba, sin valor fiscal." in authorized


def test_a_void_electronic_invoice_says_so() -> None:
    void = {"status": InvoiceStatus.VOID, "void_reason": "No se realizó", "voided_on": date(2026, 3, 7)}
    printed = words(render(document(fiscal=AUTHORIZED, **void)))
    assert "ANULADA el 7 de marzo de 2026" in printed
    assert GROUPS in printed


def test_a_text_that_no_qr_code_holds_is_left_out() -> None:
    assert GROUPS in words(render(document(fiscal=replace(AUTHORIZED, qr="x" * 5000))))
