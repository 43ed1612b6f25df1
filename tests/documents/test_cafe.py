"""The CAFE, the paper of an electronic document: on a letter and on a strip, read back by programs of others."""

import os
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from documents import words
from documents.document import FiscalData, Format, Party, PrintedDocument, Reference
from documents.validators import VALIDATORS
from pac.providers import KINDS, SANDBOXES
from rules.fiscal.cufe import qr_text
from rules.fiscal.document import Export, Instalment, PaymentForm, Withholding
from rules.fiscal.withholding import WITHHOLDINGS
from rules.invoice import LineData
from rules.vocabulary import (
    Currency,
    DocumentType,
    Environment,
    ForeignIdType,
    Incoterm,
    InvoiceStatus,
    ItbmsRate,
    Language,
    PaymentMethod,
    ReceiverType,
    TaxpayerType,
)
from tests.documents.samples import RENDERER, document, sold

CUFE = "FE0120000999999101-2-2026-8100002026112300000000010010122718281827"
XML = '<?xml version="1.0" encoding="UTF-8"?>\n<rFE><dNombRec>Ñandú &amp; Hijos</dNombRec></rFE>\n'.encode()
AUTHORIZED = FiscalData(
    is_test=False,
    emitted_at=datetime(2026, 3, 5, 20, 15, 30, tzinfo=UTC),
    cufe=CUFE,
    consultation_url="https://dgi-fep.mef.gob.pa/Consultas/FacturasPorCUFE",
    protocol="20260000000000000123",
    authorized_at=datetime(2026, 3, 6, 1, 5, 9, tzinfo=UTC),
    qr=qr_text(CUFE, Environment.PRODUCTION, "r+/" * 14 + "w=", f"eyJhbGciOiJIUzI1NiJ9.{'e' * 200}.{'s' * 43}"),
    validator=VALIDATORS["hka-soap"],
    xml=XML,
)
REFERENCE = Reference(
    type=DocumentType.INVOICE,
    billing_point="001",
    number="0000000007",
    issue_date=date(2026, 2, 1),
    cufe=CUFE,
    reason="Mercancía devuelta",
)
FORMATS = pytest.mark.parametrize("format", list(Format))


def needs(program: str) -> pytest.MarkDecorator:
    """With CI set the test fails without the program; elsewhere it is left out."""
    is_missing = shutil.which(program) is None and "CI" not in os.environ
    return pytest.mark.skipif(is_missing, reason=f"{program} isn't installed")


def cafe(*lines: LineData, **fields: Any) -> PrintedDocument:
    """An authorised invoice with all that one may have."""
    goods = [
        replace(sold("Ron añejo, botella", "2", "14.25", ItbmsRate.RATE_10, "1"), code="RON-75"),
        sold("Arroz de primera", "3", "47.50", ItbmsRate.EXEMPT),
        replace(sold("Cemento gris", "1.5", "10"), unit="kg"),
    ]
    usual: dict[str, Any] = {
        "fiscal": AUTHORIZED,
        "issuer": Party(
            name="Ferretería El Ñandú, S.A.",
            identification="RUC 155596713-2-2015 DV 59",
            address="Vía España, edificio Azul",
            contact=("Tel. 223-4567", "cobros@example.com"),
        ),
        "branch": "0003",
        "due_date": date(2026, 4, 4),
        "payment_forms": (
            PaymentForm(method=PaymentMethod.TRANSFER, amount=Decimal("40.00")),
            PaymentForm(method=PaymentMethod.CREDIT, amount=Decimal("147.70")),
        ),
        "instalments": (
            Instalment(due_date=date(2026, 3, 5), amount=Decimal("40.00")),
            Instalment(due_date=date(2026, 4, 4), amount=Decimal("147.70")),
        ),
        "withholding": Withholding(code="2", amount=Decimal("1.85")),
        "purchase_order": "OC-4411",
    }
    return document(*(lines or goods), **{**usual, **fields})


def printed(paper: PrintedDocument, format: Format, tmp_path: Path) -> str:
    """What pdftotext reads, with single blanks."""
    path = tmp_path / "paper.pdf"
    path.write_bytes(RENDERER.compile(paper, format))
    done = subprocess.run(["pdftotext", "-layout", path, "-"], check=True, capture_output=True, text=True)
    return " ".join(done.stdout.split())


def receiver(language: Language, type: ReceiverType, taxpayer: TaxpayerType | None) -> Party:
    kind = words.RECEIVERS[language][type]
    return Party(
        name="Hoteles Güiza & Hijos",
        kind=f"{kind}, {words.TAXPAYERS[language][taxpayer]}" if taxpayer else kind,
        identification="RUC 8-274-125 DV 91",
        address="Calle 50, local 4",
        location="Bella Vista, Panamá, Panamá",
    )


@needs("pdftotext")
@FORMATS
def test_an_authorised_invoice_shows_all_that_the_dgi_wants(format: Format, tmp_path: Path) -> None:
    text = printed(
        cafe(receiver=receiver(Language.ES, ReceiverType.GOVERNMENT, TaxpayerType.JURIDICAL)), format, tmp_path
    )
    for wanted in (
        *("DGI – Dirección General de Ingresos", "Comprobante Auxiliar de Factura", "Factura de operación interna"),
        *(
            "FACTURA",
            "N.º 0000000123",
            "Ferretería El Ñandú, S.A.",
            "RUC 155596713-2-2015 DV 59",
            "Vía España, edificio Azul",
        ),
        *(
            "Tel. 223-4567",
            "cobros@example.com",
            "5 de marzo de 2026, 15:15:30",
            "Sucursal 0003",
            "Punto de facturación 007",
        ),
        *("Gobierno, persona jurídica", "Hoteles Güiza & Hijos", "RUC 8-274-125 DV 91", "Orden de compra OC-4411"),
        *(
            "RON-75",
            "Ron añejo, botella",
            "Arroz de primera",
            "Cemento gris",
            "und",
            "kg",
            "1.00",
            "Exento",
            "10 %",
        ),
        *(
            "Subtotal 184.00",
            "B/. 187.70",
            "Formas de pago",
            "Transferencia o depósito",
            "147.70",
            "4 de abril de 2026",
        ),
        *("Venta de bienes o servicios al Estado, 50 %", "1.85", "usando el CUFE:", "20260000000000000123"),
        *("5 de marzo de 2026, 20:05:09", "The Factory HKA", "155596713-2-2015", "201-9719 de 12 de octubre de 2021"),
    ):
        assert wanted in text
    assert re.search("7 ?%", text)
    assert CUFE in text.replace(" ", "")
    assert "https://dgi-fep.mef.gob.pa/Consultas/FacturasPorCUFE" in text.replace(" ", "")
    assert not re.search("no fiscal|PRUEBA|ANULADA|BORRADOR|�", text)


@needs("pdftotext")
@FORMATS
@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("type", list(DocumentType))
def test_each_type_of_document_in_both_languages(
    type: DocumentType, language: Language, format: Format, tmp_path: Path
) -> None:
    is_note = type in (DocumentType.CREDIT_NOTE, DocumentType.DEBIT_NOTE)
    paper = cafe(type=type, language=language, reference=REFERENCE if is_note else None)
    text = printed(paper, format, tmp_path)
    assert words.TITLES[language][type].upper() in text
    assert words.KINDS[language][type] in text.replace("( ", "(") or words.KINDS[language][type][:20] in text
    assert (REFERENCE.reason in text) is is_note
    assert text.replace(" ", "").count(CUFE) == (2 if is_note else 1)
    if is_note:
        invoice = words.REFERENCE[language].format(
            title=f"{words.TITLES[language][DocumentType.INVOICE]} 001-0000000007",
            day="1 de febrero de 2026" if language is Language.ES else "1 February 2026",
        )
        assert invoice in text
    spanish = re.search("Vencimiento|Moneda|Cliente|Descripción|Formas de pago|Protocolo de|Página|Exento", text)
    english = re.search("Due date|Currency|Customer|Description|Payment|protocol:|Page|Exempt", text)
    assert (bool(spanish), bool(english)) == (language is Language.ES, language is Language.EN)


@needs("pdftotext")
@FORMATS
@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize(
    ("type", "taxpayer"),
    [(type, None) for type in ReceiverType]
    + [(ReceiverType.TAXPAYER, TaxpayerType.NATURAL), (ReceiverType.GOVERNMENT, TaxpayerType.JURIDICAL)],
)
def test_each_type_of_receiver(
    type: ReceiverType, taxpayer: TaxpayerType | None, language: Language, format: Format, tmp_path: Path
) -> None:
    party = receiver(language, type, taxpayer)
    assert party.kind in printed(cafe(receiver=party, language=language), format, tmp_path)


@needs("pdftotext")
@FORMATS
def test_an_export_says_where_it_goes_and_on_what_terms(format: Format, tmp_path: Path) -> None:
    export = Export(country="DE", incoterm=Incoterm.FOB, currency=Currency.USD, port="Balboa")
    text = printed(cafe(type=DocumentType.EXPORT_INVOICE, export=export, currency=Currency.USD), format, tmp_path)
    for wanted in (
        "Dólares (US$)",
        "País de destino Alemania",
        "Condiciones de entrega FOB",
        "Puerto de embarque Balboa",
    ):
        assert wanted in text
    without = printed(cafe(export=replace(export, port=None), language=Language.EN), format, tmp_path)
    assert "Destination Germany" in without
    assert "Port of loading" not in without


@needs("pdftotext")
@FORMATS
def test_before_it_is_authorised_there_is_no_heading_and_no_cufe(format: Format, tmp_path: Path) -> None:
    waiting = FiscalData(is_test=False, emitted_at=AUTHORIZED.emitted_at)
    text = printed(cafe(fiscal=waiting), format, tmp_path)
    assert "Documento no fiscal, pendiente de autorización." in text
    assert not re.search("Comprobante|DGI|CUFE|Protocolo|validado", text)
    given_up = cafe(fiscal=waiting, status=InvoiceStatus.VOID, void_reason="Era otro", voided_on=date(2026, 3, 7))
    text = printed(given_up, format, tmp_path)
    assert "ANULADA el 7 de marzo de 2026" in text
    assert not re.search("pendiente|Comprobante|CUFE", text)


@needs("pdftotext")
@FORMATS
@pytest.mark.parametrize(
    ("language", "mark", "words"),
    [
        (Language.ES, "PRUEBA", "no tiene valor fiscal"),
        (Language.EN, "TEST", "it has no fiscal value"),
    ],
)
def test_tests_are_marked(language: Language, mark: str, words: str, format: Format, tmp_path: Path) -> None:
    text = printed(cafe(fiscal=replace(AUTHORIZED, is_test=True), language=language), format, tmp_path)
    assert text.split().count(mark) >= (
        2 if format is Format.STRIP else 1
    )  # across a letter it stands in letters apart
    assert words in text


@needs("pdftotext")
@FORMATS
@pytest.mark.parametrize("language", list(Language))
def test_void_documents_are_marked(language: Language, format: Format, tmp_path: Path) -> None:
    void = {"status": InvoiceStatus.VOID, "void_reason": "No se realizó", "voided_on": date(2026, 3, 7)}
    text = printed(cafe(language=language, **void), format, tmp_path)
    assert ("ANULADA el 7 de marzo de 2026" if language is Language.ES else "VOIDED on 7 March 2026") in text
    assert "No se realizó" in text
    assert CUFE in text.replace(" ", "")


@needs("pdftoppm")
@needs("zbarimg")
@pytest.mark.parametrize(("format", "resolution"), [(Format.LETTER, 150), (Format.LETTER, 300), (Format.STRIP, 203)])
def test_a_reader_decodes_the_qr_code(format: Format, resolution: int, tmp_path: Path) -> None:
    """203 points an inch are what printers of strips have."""
    (tmp_path / "paper.pdf").write_bytes(RENDERER.compile(cafe(), format))
    draw = ["pdftoppm", "-r", str(resolution), "-mono", "-singlefile", "paper.pdf", "paper"]
    subprocess.run(draw, cwd=tmp_path, check=True)
    read = ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", "paper.pbm"]
    found = subprocess.run(read, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert found.stdout.strip() == AUTHORIZED.qr


@FORMATS
def test_the_authorised_xml_is_within_byte_for_byte(format: Format) -> None:
    reader = PdfReader(BytesIO(RENDERER.compile(cafe(), format)))
    root: Any = reader.root_object
    (file,) = [each.get_object() for each in root["/AF"]]
    assert (file["/AFRelationship"], file["/UF"]) == ("/Source", "factura-007-0000000123.xml")
    content = file["/EF"]["/F"].get_object()
    assert content.get_data() == XML
    assert content["/Subtype"] == "/application/xml"
    assert reader.attachments["factura-007-0000000123.xml"] == [XML]
    declared = root["/Metadata"].get_object().get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in declared
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in declared


def test_without_an_xml_nothing_is_within() -> None:
    for xml in (None, b"", "<a>ñ</a>".encode("utf-16")):
        reader = PdfReader(BytesIO(RENDERER.compile(cafe(fiscal=replace(AUTHORIZED, xml=xml)))))
        assert "/AF" not in reader.root_object


@pytest.mark.parametrize("lines", [1, 30, 1000])
def test_a_strip_is_80_mm_wide_and_no_page_is_too_high_for_readers(lines: int) -> None:
    goods = [sold("Tornillo de acero inoxidable " * (1 + n % 8), str(n + 1)) for n in range(lines)]
    pages = PdfReader(BytesIO(RENDERER.compile(cafe(*goods), Format.STRIP))).pages
    assert {round(float(page.mediabox.width) / 72 * 25.4) for page in pages} == {80}
    assert all(float(page.mediabox.height) <= 14_400 for page in pages)
    assert len(pages) == (1 if lines < 1000 else len(pages))


@needs("pdftotext")
def test_a_strip_of_a_thousand_lines_has_them_all(tmp_path: Path) -> None:
    text = printed(cafe(*[sold(f"Artículo {n}.") for n in range(1000)]), Format.STRIP, tmp_path)
    assert [int(number) for number in re.findall(r"Artículo (\d+)\.", text)] == list(range(1000))
    assert "B/. 10,700.00" in text


@FORMATS
def test_99_instalments_and_long_texts_have_room(format: Format) -> None:
    long = "Consorcio de Construcciones, Asesorías e Inversiones del Pacífico y del Caribe, Sociedad Anónima " * 2
    party = Party(name=long, kind=long, identification="W" * 80, address=long, location=long)
    paper = cafe(
        *[replace(sold("W" * 500), code="W" * 20)] * 3,
        instalments=tuple(Instalment(due_date=date(2026, 4, 4), amount=Decimal("99999999999.99")) for _ in range(99)),
        issuer=party,
        receiver=party,
        reference=replace(REFERENCE, reason=long * 5),
        notes=long * 20,
    )
    assert len(PdfReader(BytesIO(RENDERER.compile(paper, format))).pages) >= 1


def test_every_provider_has_its_words_and_sandboxes_have_none() -> None:
    assert VALIDATORS.keys() == KINDS.keys()
    assert {name for name, validator in VALIDATORS.items() if validator is None} == set(SANDBOXES)


def test_what_is_known_of_a_provider_is_printed() -> None:
    paper = RENDERER.compile(cafe(fiscal=replace(AUTHORIZED, validator=VALIDATORS["ebi-soap"])))
    text = " ".join(PdfReader(BytesIO(paper)).pages[0].extract_text().split())
    assert "validado por EBI, Proveedor Autorizado Calificado, Resolución N.º 201-9721." in text


@pytest.mark.parametrize(
    "table",
    [words.TITLES, words.KINDS, words.FILE_NAMES, words.RECEIVERS, words.TAXPAYERS, words.FOREIGN_IDS, words.LABELS],
)
def test_both_languages_have_the_same_words(table: Any) -> None:
    assert table[Language.ES].keys() == table[Language.EN].keys()


def test_all_kinds_have_words() -> None:
    assert words.TITLES[Language.ES].keys() == set(DocumentType)
    assert words.RECEIVERS[Language.ES].keys() == set(ReceiverType)
    assert words.FOREIGN_IDS[Language.ES].keys() == set(ForeignIdType)
    assert words.WITHHOLDINGS.keys() == WITHHOLDINGS.keys()
