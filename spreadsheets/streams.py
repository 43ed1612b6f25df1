"""Tables that are written while they are read: however long one is, only the rows at hand are in memory.

openpyxl gives an XLSX file only once all its rows are there, so here its few parts are written directly.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, Protocol
from xml.sax.saxutils import escape

from spreadsheets.writing import MARK, Cell, csv_lines

MOST_XLSX_ROWS: Final = 1_048_575  # below the header: a sheet has no more


class TooManyRows(Exception):
    """A sheet of an XLSX file can't have so many."""


class TableStream(Protocol):
    """The bytes of a file: of rows as they come, and of its end."""

    def write(self, rows: Iterable[Sequence[Cell]]) -> bytes: ...

    def end(self) -> bytes: ...


class CsvStream:
    """In UTF-8 with the mark by which Excel knows that, and no cell that a spreadsheet takes for a formula."""

    def __init__(self, header: Sequence[str], delimiter: str) -> None:
        self._delimiter = delimiter
        self._begin = MARK + csv_lines([header], delimiter)

    def write(self, rows: Iterable[Sequence[Cell]]) -> bytes:
        begin, self._begin = self._begin, ""
        return (begin + csv_lines(rows, self._delimiter)).encode()

    def end(self) -> bytes:
        return self.write(())


class PackedFiles(io.RawIOBase):
    """What a ZIP archive is written to when its bytes leave as they come: nothing can be written again."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        part = bytes(data)  # type: ignore[call-overload]
        self._parts.append(part)
        return len(part)

    def take(self) -> bytes:
        """What was written since this was called last."""
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


class XlsxStream:
    """A sheet with a header that stays in sight. Texts are texts, whatever they begin with; numbers and days count."""

    def __init__(self, title: str, header: Sequence[str]) -> None:
        self._packed = PackedFiles()
        self._archive = zipfile.ZipFile(self._packed, "w", zipfile.ZIP_DEFLATED)
        for name, content in _parts(title).items():
            self._archive.writestr(name, _DECLARATION + content)
        self._sheet = self._archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True)
        self._sheet.write((_DECLARATION + _SHEET.format(columns=_widths(header))).encode())
        self._sheet.write(_row(header, style=_BOLD).encode())
        self._count = 0

    def write(self, rows: Iterable[Sequence[Cell]]) -> bytes:
        lines = [_row(row) for row in rows]
        self._count += len(lines)
        if self._count > MOST_XLSX_ROWS:
            raise TooManyRows
        self._sheet.write("".join(lines).encode())
        return self._packed.take()

    def end(self) -> bytes:
        self._sheet.write(b"</sheetData></worksheet>")
        self._sheet.close()
        self._archive.close()
        return self._packed.take()


_BOLD, _DAY, _TEXT = 1, 2, 3  # styles by their place in _STYLES
_FIRST_DAY: Final = date(1899, 12, 30)  # from which Excel counts days
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")  # in XML


def _row(cells: Iterable[Cell], style: int = _TEXT) -> str:
    return f"<row>{''.join(_cell(cell, style) for cell in cells)}</row>"


def _cell(cell: Cell, style: int) -> str:
    """
    >>> _cell("=1+1", 0), _cell(Decimal("1.50"), 0), _cell(date(2026, 1, 31), 0)
    ('<c s="0" t="inlineStr"><is><t xml:space="preserve">=1+1</t></is></c>', '<c><v>1.50</v></c>', \
'<c s="2"><v>46053</v></c>')
    """
    match cell:
        case None | "":
            return "<c/>"
        case Decimal():
            return f"<c><v>{cell}</v></c>"
        case date():
            return f'<c s="{_DAY}"><v>{(cell - _FIRST_DAY).days}</v></c>'
    text = escape(_UNWRITABLE.sub("", cell))
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _widths(header: Sequence[str]) -> str:
    return "".join(
        f'<col min="{index}" max="{index}" width="{max(12, len(name) + 3)}" customWidth="1"/>'
        for index, name in enumerate(header, 1)
    )


_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_KIND: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_SHEET: Final = (
    f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" '
    'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>{columns}</cols><sheetData>'
)
_FONT: Final = '<sz val="11"/><name val="Calibri"/>'
_FORMAT: Final = '<xf numFmtId="{number}" fontId="{font}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
_FORMATS: Final = "".join(
    _FORMAT.format(number=number, font=font) for number, font in ((0, 0), (0, 1), (164, 0), (49, 0))
)
_STYLES: Final = (
    f'<styleSheet xmlns="{_MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    f'<fonts count="2"><font>{_FONT}</font><font><b/>{_FONT}</font></fonts><fills count="2"><fill>'
    '<patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1">'
    f'<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="4">{_FORMATS}</cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def _parts(title: str) -> dict[str, str]:
    """All parts of the file but the sheet."""
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name="{escape(title)}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": _STYLES,
    }
