"""How long a PDF takes: processor time, each invoice with texts and figures of its own.

``--write FOLDER`` makes PDFs of each kind instead, on letters and strips, to look at after a change of a template.
"""

import argparse
import resource
import statistics
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path

from documents.document import FiscalData, Format, Party, PrintedDocument, Reference
from documents.fonts import load_fonts
from documents.render import Renderer
from documents.validators import VALIDATORS
from rules.fiscal.cufe import consultation_url, qr_text
from rules.fiscal.document import Instalment, PaymentForm
from rules.invoice import LineData, compute
from rules.vocabulary import Currency, DocumentType, Environment, InvoiceStatus, ItbmsRate, Language, PaymentMethod

_GOODS = ("Cemento gris, saco 42.5 kg", "Hora de consultoría", "Cable eléctrico n.º 12, metro", "Ron añejo, botella")
_CUFE = "FE0120000999999101-2-2026-8100002026112300000000010010122718281827"
_LONG = "Consorcio de Construcciones, Asesorías e Inversiones del Pacífico y del Caribe, Sociedad Anónima " * 2


def invoices(lines: int) -> Iterator[PrintedDocument]:
    """Invoices of which no two are alike."""
    for number in count(1):
        computed, totals = compute([_line(number, place) for place in range(lines)])
        yield PrintedDocument(
            issuer=Party(name="Ferretería El Ñandú, S.A.", identification="RUC 155596713-2-2015 DV 59"),
            receiver=Party(
                name=f"Hoteles Güiza & Hijos {number}",
                identification="RUC 8-274-125 DV 91",
                address=f"Calle {number}, local 4",
                location="Bella Vista, Panamá, Panamá",
            ),
            status=InvoiceStatus.ISSUED,
            number=f"{lines:05}{number:05}",
            billing_point="007",
            issue_date=date(2026, 3, 5),
            due_date=date(2026, 4, 4),
            currency=Currency.PAB,
            lines=computed,
            subtotal=totals.subtotal,
            discount_total=totals.discount_total,
            itbms_total=totals.itbms_total,
            total=totals.total,
            created_at=datetime(2026, 3, 5, 20, 15, 30, tzinfo=UTC),
        )


def _line(number: int, place: int) -> LineData:
    return LineData(
        description=f"{_GOODS[place % 4]}, lote {number}-{place}" + ", entregado en obra según pedido" * (place % 3),
        quantity=Decimal(place % 97 + 1),
        unit_price=Decimal(number * 7919 + place * 37 % 100_000) / 100,
        itbms_rate=list(ItbmsRate)[place % 4],
    )


def measure(renderer: Renderer, lines: int, repeats: int, format: Format | None = None) -> str:
    """``format`` is that of a CAFE; without one it is a commercial invoice on a letter."""
    documents = map(authorize, invoices(lines)) if format else invoices(lines)
    times = []
    size = 0
    for _ in range(repeats):
        document = next(documents)
        started = time.process_time()
        size = len(renderer.compile(document, format or Format.LETTER))
        times.append(time.process_time() - started)
    best, median = min(times) * 1000, statistics.median(times) * 1000
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    name = f"CAFE, {format}" if format else "commercial, letter"
    return f"| {name} | {lines:,} | {best:.1f} ms | {median:.1f} ms | {size // 1024:,} KB | {memory} MB |"


def examples() -> dict[str, PrintedDocument]:
    one, five, thirty, thousand = (next(invoices(lines)) for lines in (1, 5, 30, 1000))
    long = Party(name=_LONG, identification="Pasaporte AB123456 (Colombia)", address=_LONG, location="")
    void = {"status": InvoiceStatus.VOID, "void_reason": "Repetida", "voided_on": date(2026, 3, 7)}
    authorized = authorize(five)
    note = Reference(
        type=DocumentType.INVOICE,
        billing_point="007",
        number="0000000001",
        issue_date=date(2026, 2, 1),
        cufe=_CUFE,
        reason="Mercancía devuelta",
    )
    return {
        "one": replace(one, notes="Entrega el lunes.\n\nGracias por su compra."),
        "five": five,
        "thirty": thirty,
        "thousand": authorize(thousand),
        "draft": replace(thirty, status=InvoiceStatus.DRAFT, number=None),
        "void": replace(five, **void),
        "consumer": replace(five, receiver=Party(name="Consumidor final"), currency=Currency.USD),
        "long": replace(five, issuer=long, receiver=long, notes=_LONG * 10),
        "cafe": authorized,
        "cafe-english": replace(authorized, language=Language.EN),
        "cafe-thirty": authorize(thirty),
        "cafe-void": replace(authorized, **void),
        "cafe-long": replace(authorize(five), issuer=long, receiver=replace(long, kind="Extranjero")),
        "test": authorize(five, is_test=True),
        "waiting": replace(five, fiscal=FiscalData(is_test=False)),
        "credit-note": replace(authorized, type=DocumentType.CREDIT_NOTE, reference=note),
        "debit-note-english": replace(authorized, type=DocumentType.DEBIT_NOTE, reference=note, language=Language.EN),
    }


def authorize(document: PrintedDocument, *, is_test: bool = False) -> PrintedDocument:
    """The same invoice as the CAFE of one that the DGI has authorised, with an XML of the usual size."""
    environment = Environment.TEST if is_test else Environment.PRODUCTION
    fiscal = FiscalData(
        is_test=is_test,
        emitted_at=document.created_at,
        cufe=_CUFE,
        consultation_url=consultation_url("", environment).rstrip("/"),
        protocol="20260000000000000123",
        authorized_at=document.created_at,
        qr=qr_text(_CUFE, environment, "r+/" * 14 + "w=", f"eyJhbGciOiJIUzI1NiJ9.{'e' * 200}.{'s' * 43}"),
        validator=VALIDATORS["hka-soap"],
        xml=b"<rFE>" + f"<gItem>{document.number}</gItem>".encode() * 150 + b"</rFE>",
    )
    return replace(
        document,
        fiscal=fiscal,
        receiver=replace(document.receiver, kind="Contribuyente, persona jurídica"),
        payment_forms=(PaymentForm(method=PaymentMethod.CREDIT, amount=document.total),),
        instalments=(Instalment(due_date=date(2026, 4, 4), amount=document.total),),
        purchase_order="OC-4411",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, metavar="FOLDER")
    parser.add_argument("--fonts", type=Path, metavar="FOLDER", help="further fonts, as in FONTS_DIR")
    arguments = parser.parse_args()
    started = time.process_time()
    with Renderer(load_fonts(arguments.fonts)) as renderer:
        if arguments.write:
            arguments.write.mkdir(parents=True, exist_ok=True)
            for name, document in examples().items():
                for format in Format:
                    (arguments.write / f"{name}-{format}.pdf").write_bytes(renderer.compile(document, format))
            return
        print(f"Fonts and compiler: {(time.process_time() - started) * 1000:.0f} ms\n")
        print("| paper | lines | best | median | size | memory so far |\n|---|---|---|---|---|---|")
        for format in (None, *Format):
            for lines, repeats in ((1, 200), (3, 200), (5, 200), (30, 50), (1000, 10), (3, 200)):
                print(measure(renderer, lines, repeats, format), flush=True)


if __name__ == "__main__":
    main()
