"""Invoices to print, and what stands on their pages."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from itertools import groupby
from typing import Any

from pypdf import PageObject, PdfReader

from documents.document import Party, PrintedDocument
from documents.render import Renderer
from rules.invoice import LineData, compute
from rules.vocabulary import Currency, InvoiceStatus, ItbmsRate
from tests.conftest import FONTS

RENDERER = Renderer(FONTS)

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


def document(*lines: LineData, **fields: Any) -> PrintedDocument:
    """An issued invoice with one line, unless something else is given."""
    computed, totals = compute(lines or [sold()])
    issued = PrintedDocument(
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


def render(document: PrintedDocument) -> bytes:
    return RENDERER.compile(document)


def pages(content: bytes) -> list[Rows]:
    """The texts of each page by rows from above, in a row from the left."""
    return [list(_rows(page)) for page in PdfReader(BytesIO(content)).pages]


def _rows(page: PageObject) -> Iterator[tuple[str, ...]]:
    found: list[tuple[float, float, str]] = []

    def visit(text: str, matrix: list[float], *_: Any) -> None:
        if text.strip():
            found.append((-round(matrix[5], 1), matrix[4], text.strip()))

    page.extract_text(visitor_text=visit)
    for _, row in groupby(sorted(found), key=lambda item: item[0]):
        yield tuple(text for *_, text in row)


def words(content: bytes) -> str:
    """All that is printed, in one line."""
    return " ".join(text for page in pages(content) for row in page for text in row)


def amount(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))
