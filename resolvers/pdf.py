"""Invoices on letter paper, as PDF. The same document gives the same bytes, in every process."""

import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Final, NamedTuple

from fpdf import FPDF
from fpdf.fonts import TTFFont
from fpdf.prefs import ViewerPreferences

from resolvers.paper import SYMBOLS, InvoiceDocument, day, money, price, quantity, rate
from rules.invoice import Line
from rules.vocabulary import Currency, InvoiceStatus, ItbmsRate


def draw(document: InvoiceDocument) -> bytes:
    return _Invoice(document).draw()


# The paper

_FONTS: Final = Path(__file__).with_name("fonts")
_WIDTH, _HEIGHT = 612.0, 792.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 48.0, 564.0, 46.0, 738.0
_MIDDLE = 330.0  # where the right half of the page begins

_Color = tuple[int, int, int]
_INK, _MUTED, _HAIRLINE, _SHADE = (24, 32, 44), (105, 115, 128), (218, 223, 229), (244, 246, 248)
_ACCENT, _RED, _AMBER = (22, 66, 110), (178, 34, 34), (150, 95, 0)
_PALE_RED, _PALE_AMBER = (253, 233, 232), (253, 243, 222)


class _Style(NamedTuple):
    size: float
    bold: bool = False
    color: _Color = _INK

    @property
    def leading(self) -> float:
        return self.size * 1.4


_BODY, _BODY_BOLD, _LABEL, _SMALL = _Style(9), _Style(9, True), _Style(7.5, False, _MUTED), _Style(8, False, _MUTED)


class _Letters(dict[int, int | None]):
    """For ``str.translate``: what the font lacks becomes �, what is invisible goes."""

    def __init__(self, font: TTFFont) -> None:
        self.known = font.cmap

    def __missing__(self, code: int) -> int | None:
        letter = chr(code)
        if letter.isspace():
            self[code] = code
        elif unicodedata.category(letter) == "Cf" or unicodedata.name(letter, "").startswith("VARIATION SELECTOR"):
            self[code] = None
        else:
            self[code] = code if code in self.known and letter.isprintable() else 0xFFFD
        return self[code]


class _Paper:
    """Pages that are filled from the top, ``y`` being as far as one has come.

    Nothing is painted before all is laid out: page 1 says how many there are.
    """

    def __init__(self) -> None:
        self.pdf = FPDF(unit="pt", format="letter")
        self.fonts: list[TTFFont] = []
        for style, name in (("", "NotoSans-Regular.ttf"), ("B", "NotoSans-Bold.ttf")):
            self.pdf.add_font("sans", style, _FONTS / name)
            font = self.pdf.fonts[f"sans{style}"]
            assert isinstance(font, TTFFont)
            self.fonts.append(font)
        self.letters = _Letters(self.fonts[0])
        self.style = _Style(0)
        self.pages: list[list[Callable[[], None]]] = []
        self.new_page()

    def new_page(self) -> None:
        self.pages.append([])
        self.y = _TOP

    def clean(self, text: str) -> str:
        return text.translate(self.letters)

    def width(self, text: str, style: _Style) -> float:
        widths = self.fonts[style.bold].cw
        return sum(widths[ord(letter)] for letter in text) * style.size / 1000

    def wrap(self, text: str, style: _Style, width: float) -> list[str]:
        """The text in lines of this width, broken at blanks, and within a word that is longer than a line."""
        widths, limit = self.fonts[style.bold].cw, width * 1000 / style.size
        lines, line, used = [], "", 0.0
        for word in self.clean(text).split():
            ends = list(accumulate(widths[ord(letter)] for letter in word))
            if line and used + widths[32] + ends[-1] <= limit:
                line, used = f"{line} {word}", used + widths[32] + ends[-1]
                continue
            if line:
                lines.append(line)
            start, offset = 0, 0.0
            while ends[-1] - offset > limit:
                stop = max(bisect_right(ends, offset + limit), start + 1)
                lines.append(word[start:stop])
                start, offset = stop, ends[stop - 1]
            line, used = word[start:], ends[-1] - offset
        return [*lines, line] if line else lines

    def fit(self, text: str, style: _Style, width: float) -> str:
        """The text in one line, what is too much of it left out."""
        lines = self.wrap(text, style, width - self.width("…", style)) or [""]
        return lines[0] + ("…" if len(lines) > 1 else "")

    def put(self, text: str, style: _Style, *, left: float = _LEFT, right: float | None = None) -> None:
        """A line of text, from ``left`` or up to ``right``; ``y`` stays where it is."""
        x = left if right is None else right - self.width(text, style)
        self.pages[-1].append(partial(self._text, x, self.y + style.size * 1.05, text, style))

    def rule(self, color: _Color, left: float = _LEFT, right: float = _RIGHT, *, weight: float = 0.5) -> None:
        self.fill(color, weight, left, right)

    def fill(self, color: _Color, height: float, left: float = _LEFT, right: float = _RIGHT) -> None:
        self.pages[-1].append(partial(self._fill, left, self.y, right - left, height, color))

    def paragraph(self, text: str, style: _Style, *, left: float = _LEFT, right: float = _RIGHT) -> None:
        for line in self.wrap(text, style, right - left):
            self.put(line, style, left=left)
            self.y += style.leading

    def paint(self, footer: str, stamp: tuple[str, _Color] | None) -> bytes:
        for number, marks in enumerate(self.pages, 1):
            self.pdf.add_page()
            self.style = _Style(0)
            if stamp:
                self._stamp(*stamp)
            for mark in marks:
                mark()
            page = f"Página {number} de {len(self.pages)}"
            self._fill(_LEFT, _BOTTOM + 10, _RIGHT - _LEFT, 0.5, _HAIRLINE)
            self._text(_LEFT, _BOTTOM + 22, footer, _LABEL)
            self._text(_RIGHT - self.width(page, _LABEL), _BOTTOM + 22, page, _LABEL)
        return bytes(self.pdf.output())

    def _stamp(self, text: str, color: _Color) -> None:
        style = _Style(118, True, color)
        with self.pdf.rotation(52, _WIDTH / 2, _HEIGHT / 2):
            self._text((_WIDTH - self.width(text, style)) / 2, _HEIGHT / 2 + style.size * 0.36, text, style)

    def _text(self, x: float, y: float, text: str, style: _Style) -> None:
        if style != self.style:
            self.pdf.set_font("sans", "B" if style.bold else "", style.size)
            self.pdf.set_text_color(*style.color)
            self.style = style
        self.pdf.text(x, y, text)

    def _fill(self, x: float, y: float, width: float, height: float, color: _Color) -> None:
        self.pdf.set_fill_color(*color)
        self.pdf.rect(x, y, width, height, style="F")


# The invoice

_ZERO: Final = Decimal("0.00")
_CURRENCIES: Final = {Currency.PAB: "Balboas (B/.)", Currency.USD: "Dólares (US$)"}
_SIZES: Final = (8.5, 7.5, 6.5, 5.5)  # of the table: the first that leaves the descriptions enough room
_DESCRIPTION_WIDTH: Final = 150.0
_GAP, _PAD = 12.0, 3.5
_TOTALS_HEIGHT: Final = 95.0
_MOST_LINES_IN_A_ROW: Final = 40  # a longer description goes on in a row of its own

_STAMPS: Final = {
    InvoiceStatus.VOID: ("ANULADA", (251, 219, 217)),
    InvoiceStatus.DRAFT: ("BORRADOR", (233, 237, 241)),
}

_POSITION, _DESCRIPTION, _NET, _TOTAL = "N.º", "Descripción", "Neto", "Total"


class _Invoice(_Paper):
    def __init__(self, document: InvoiceDocument) -> None:
        super().__init__()
        self.document = document
        discounts = any(line.discount for line in document.lines)
        self.cells = [_cells(line, discounts=discounts) for line in document.lines]
        self.net = self.total = _ZERO  # so far
        self.fit_table()

    def draw(self) -> bytes:
        document, pdf = self.document, self.pdf
        pdf.set_title(self.clean(document.title))
        pdf.set_author(self.clean(document.issuer.name))
        pdf.set_creator("Istmo")
        pdf.set_lang("es-PA")
        pdf.set_creation_date(document.created_at)
        pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self.head()
        self.table()
        self.totals()
        self.notes()
        return self.paint("Este documento no es un documento fiscal.", _STAMPS.get(document.status))

    # The first page's head, and the small one of the others

    def head(self) -> None:
        document = self.document
        top = self.y
        self.paragraph(document.issuer.name, _Style(15, True, _ACCENT), right=_MIDDLE)
        self.y += 2
        self.paragraph(document.issuer.identification, _BODY, right=_MIDDLE)
        left_end, self.y = self.y, top
        for text, style in (
            ("FACTURA", _Style(20, True, _ACCENT)),
            (f"N.º {document.number}" if document.number else "BORRADOR", _Style(12, True)),
            ("Documento no fiscal", _SMALL),
        ):
            self.put(self.clean(text), style, right=_RIGHT)
            self.y += style.leading
        self.y = max(self.y, left_end) + 10
        self.rule(_ACCENT, weight=1.5)
        self.y += 14
        self.parties()
        self.notice()

    def parties(self) -> None:
        document, receiver, top = self.document, self.document.receiver, self.y
        self.paragraph("Cliente", _LABEL)
        self.y += 1
        self.paragraph(receiver.name, _Style(11, True), right=_MIDDLE - 20)
        for text in (receiver.identification, receiver.address, receiver.location):
            self.paragraph(text, _BODY, right=_MIDDLE - 20)
        left_end, self.y = self.y, top
        for label, value in (
            ("Fecha de emisión", day(document.issue_date)),
            ("Vencimiento", day(document.due_date) if document.due_date else ""),
            ("Punto de facturación", document.billing_point),
            ("Moneda", _CURRENCIES[document.currency]),
        ):
            if value:
                self.pair(label, value, _BODY)
        self.y = max(self.y, left_end) + 16

    def pair(self, label: str, value: str, style: _Style) -> None:
        """A label and its value in the right half of the page."""
        self.put(label, style._replace(color=_MUTED), left=_MIDDLE)
        self.put(value, style, right=_RIGHT)
        self.y += style.leading + 2

    def notice(self) -> None:
        document = self.document
        if document.status is InvoiceStatus.DRAFT:
            title, text, color, shade = "BORRADOR", "Sin número: no se ha emitido.", _AMBER, _PALE_AMBER
        elif document.status is InvoiceStatus.VOID:
            when = f" el {day(document.voided_on)}" if document.voided_on else ""
            title, text, color, shade = f"ANULADA{when}", f"Motivo: {document.void_reason}", _RED, _PALE_RED
        else:
            return
        style, inner = _Style(9, False, color), _LEFT + 12
        lines = self.wrap(text, style, _RIGHT - inner - 12)
        height = 14 + (1 + len(lines)) * style.leading
        self.fill(shade, height)
        self.fill(color, height, right=_LEFT + 3)
        end, self.y = self.y + height, self.y + 7
        for line, bold in ((title, True), *((line, False) for line in lines)):
            self.put(line, style._replace(bold=bold), left=inner)
            self.y += style.leading
        self.y = end + 16

    def next_page(self) -> None:
        self.new_page()
        title = f"Factura N.º {self.document.number}" if self.document.number else "Factura en BORRADOR"
        title += ", ANULADA" * (self.document.status is InvoiceStatus.VOID)
        self.put(self.clean(title), _SMALL._replace(bold=True), right=_RIGHT)
        self.put(self.fit(self.document.issuer.name, _SMALL, _MIDDLE - _LEFT), _SMALL)
        self.y += _SMALL.leading + 5
        self.rule(_ACCENT, weight=1)
        self.y += 14

    # The table

    def fit_table(self) -> None:
        """Choose the size, and the columns' right ends by the widest figure in each."""
        document = self.document
        sums: dict[str, str] = {_NET: money(document.subtotal), _TOTAL: money(document.total)}
        for size in _SIZES:
            self.row_style, self.title_style = _Style(size), _Style(size - 0.5, True, _ACCENT)
            self.rights, x = dict[str, float](), _RIGHT
            titles = list(self.cells[0]) if self.cells else [_POSITION, _NET, _TOTAL]
            widths = {
                title: max(
                    self.width(title, self.title_style),
                    self.width(sums.get(title, ""), self.title_style),
                    *(self.width(cells[title], self.row_style) for cells in self.cells),
                )
                for title in titles
            }
            self.description_left = _LEFT + widths.pop(_POSITION) + _GAP
            self.rights[_POSITION] = self.description_left - _GAP
            for title, width in reversed(widths.items()):
                self.rights[title] = x
                x -= width + _GAP
            self.description_right = x
            if x - self.description_left >= _DESCRIPTION_WIDTH:
                break

    def rows(self) -> Iterator[tuple[list[str], Mapping[str, str], Line | None]]:
        """The lines of each description, with the figures that stand beside the first one."""
        width = self.description_right - self.description_left
        for line, cells in zip(self.document.lines, self.cells, strict=True):
            texts = self.wrap(line.description, self.row_style, width) or [""]
            yield texts[:_MOST_LINES_IN_A_ROW], cells, line
            for start in range(_MOST_LINES_IN_A_ROW, len(texts), _MOST_LINES_IN_A_ROW):
                yield texts[start : start + _MOST_LINES_IN_A_ROW], {}, None

    def table(self) -> None:
        self.table_head()
        for texts, cells, line in self.rows():
            height = len(texts) * self.row_style.leading + 2 * _PAD
            if self.y + height + self.carry_height > _BOTTOM:
                self.carry_over()
            if line:
                self.net, self.total = self.net + line.net, self.total + line.total
            self.row(texts, cells, self.row_style)
            self.rule(_HAIRLINE)

    def table_head(self) -> None:
        self.row([_DESCRIPTION], {title: title for title in self.rights}, self.title_style)
        self.rule(_ACCENT, weight=1)
        self.y += 1

    @property
    def carry_height(self) -> float:
        return self.title_style.leading + 2 * _PAD

    def carry_over(self) -> None:
        """Go on upon the next page, with the sums so far at the end of this one and at the beginning of that."""
        self.carried("Suma y sigue")
        self.next_page()
        self.table_head()
        self.carried("Viene de la página anterior")

    def carried(self, label: str) -> None:
        self.fill(_SHADE, self.carry_height)
        self.row([label], {_NET: money(self.net), _TOTAL: money(self.total)}, self.title_style._replace(color=_INK))

    def row(self, texts: list[str], cells: Mapping[str, str], style: _Style) -> None:
        self.y += _PAD
        for title, cell in cells.items():
            self.put(cell, style, right=self.rights[title])
        for text in texts:
            self.put(text, style, left=self.description_left)
            self.y += style.leading
        self.y += _PAD

    # Below the table

    def totals(self) -> None:
        document = self.document
        symbol = SYMBOLS[document.currency]
        taxes = [("ITBMS", "Base", "Impuesto")]
        taxes += [(rate(tax.rate), money(tax.base), money(tax.amount)) for tax in document.taxes]
        if self.y + _TOTALS_HEIGHT > _BOTTOM:
            self.carry_over()
        self.y += 14
        top = self.y
        for style, (name, base, amount) in zip((_LABEL, *[_BODY] * len(ItbmsRate)), taxes, strict=False):
            self.put(name, style)
            self.put(base, style, right=_LEFT + 150)
            self.put(amount, style, right=_LEFT + 240)
            self.y += style.leading + 2
        left_end, self.y = self.y, top
        self.pair("Subtotal", money(document.subtotal), _BODY)
        self.pair("ITBMS", money(document.itbms_total), _BODY)
        self.y += 2
        self.rule(_ACCENT, _MIDDLE, weight=1)
        self.y += 5
        self.pair("Total", f"{symbol} {money(document.total)}", _Style(12, True))
        if document.discount_total:
            self.pair("Descuentos ya aplicados", money(document.discount_total), _SMALL)
        self.y = max(self.y, left_end)

    def notes(self) -> None:
        if not self.document.notes:
            return
        self.y += 16
        lines = [
            line for text in self.document.notes.split("\n") for line in self.wrap(text, _BODY, _RIGHT - _LEFT) or [""]
        ]
        for line, style, room in [("Notas", _LABEL, 40), *((line, _BODY, _BODY.leading) for line in lines)]:
            # The heading doesn't stay behind alone.
            if self.y + room > _BOTTOM:
                self.next_page()
            self.put(line, style)
            self.y += style.leading


def _cells(line: Line, *, discounts: bool) -> dict[str, str]:
    """The figures of a line by the titles of their columns."""
    return {
        _POSITION: str(line.position),
        "Cantidad": quantity(line.quantity),
        "Precio": price(line.unit_price),
        **({"Desc. unit.": price(line.discount) if line.discount else "—"} if discounts else {}),
        "ITBMS": rate(line.itbms_rate),
        _NET: money(line.net),
        _TOTAL: money(line.total),
    }
