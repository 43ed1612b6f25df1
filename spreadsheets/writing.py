"""Writing tables that a spreadsheet opens: no cell of theirs is taken for a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

import openpyxl
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

Cell = str | Decimal | date | None

MARK: Final = "\ufeff"  # by which Excel knows that a CSV file is in UTF-8

# What spreadsheets take for a formula: with an apostrophe in front it is text, and reading takes that away again.
_FORMULA: Final = re.compile(r"[=+\-@\t\r]")
_TEXT: Final = "@"  # Excel's format of cells whose content stays as it is typed


def neutral(cell: str) -> str:
    """
    >>> neutral("=1+1"), neutral("+507 6677-8899"), neutral("Ana")
    ("'=1+1", "'+507 6677-8899", 'Ana')
    """
    return f"'{cell}" if _FORMULA.match(cell) else cell


def csv_lines(rows: Iterable[Sequence[Cell]], delimiter: str) -> str:
    """The lines of the rows, with the line ends that Excel writes. A negative amount stays a number."""
    file = io.StringIO(newline="")
    written = ([neutral(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    csv.writer(file, delimiter=delimiter).writerows(written)
    return file.getvalue()


def template(title: str, headers: Sequence[str], examples_title: str, examples: Sequence[Sequence[str]]) -> bytes:
    """An XLSX file to be filled in: a sheet with the headers alone, and one that shows how rows look."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    _fill(sheet, [headers])
    _fill(book.create_sheet(examples_title), [headers, *examples])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _fill(sheet: Worksheet, rows: Sequence[Sequence[str]]) -> None:
    for row in rows:
        sheet.append(list(row))
    for index, header in enumerate(rows[0], 1):
        column = sheet.column_dimensions[get_column_letter(index)]
        column.width = max(14, len(header) + 4)
        column.number_format = _TEXT  # otherwise Excel makes dates and numbers of RUCs, codes and phones
        for cell in sheet[get_column_letter(index)]:
            cell.number_format = _TEXT
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True)
    sheet.freeze_panes = "A2"
