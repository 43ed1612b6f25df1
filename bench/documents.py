"""How long a PDF takes: processor time, each invoice with texts and figures of its own.

``--write FOLDER`` makes one PDF of each kind instead, to look at after a change of the template.
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

from documents.document import Party, PrintedDocument
from documents.fonts import load_fonts
from documents.render import Renderer
from rules.invoice import LineData, compute
from rules.vocabulary import Currency, InvoiceStatus, ItbmsRate

_GOODS = ("Cemento gris, saco 42.5 kg", "Hora de consultoría", "Cable eléctrico n.º 12, metro", "Ron añejo, botella")
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


def measure(renderer: Renderer, lines: int, repeats: int) -> str:
    documents = invoices(lines)
    times = []
    size = 0
    for _ in range(repeats):
        document = next(documents)
        started = time.process_time()
        size = len(renderer.compile(document))
        times.append(time.process_time() - started)
    best, median = min(times) * 1000, statistics.median(times) * 1000
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return f"| {lines:,} | {best:.1f} ms | {median:.1f} ms | {size // 1024:,} KB | {memory} MB |"


def examples() -> dict[str, PrintedDocument]:
    one, five, thirty, thousand = (next(invoices(lines)) for lines in (1, 5, 30, 1000))
    long = Party(name=_LONG, identification="Pasaporte AB123456 (CO)", address=_LONG, location="")
    return {
        "one": replace(one, notes="Entrega el lunes.\n\nGracias por su compra."),
        "five": five,
        "thirty": thirty,
        "thousand": thousand,
        "draft": replace(thirty, status=InvoiceStatus.DRAFT, number=None),
        "void": replace(five, status=InvoiceStatus.VOID, void_reason="Repetida", voided_on=date(2026, 3, 7)),
        "consumer": replace(five, receiver=Party(name="Consumidor final"), currency=Currency.USD),
        "long": replace(five, issuer=long, receiver=long, notes=_LONG * 10),
    }


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
                (arguments.write / f"{name}.pdf").write_bytes(renderer.compile(document))
            return
        print(f"Fonts and compiler: {(time.process_time() - started) * 1000:.0f} ms\n")
        print("| lines | best | median | size | memory so far |\n|---|---|---|---|---|")
        for lines, repeats in ((1, 200), (3, 200), (5, 200), (30, 50), (1000, 10), (3, 200)):
            print(measure(renderer, lines, repeats), flush=True)


if __name__ == "__main__":
    main()
