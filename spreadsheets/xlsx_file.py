"""Reading XLSX: what Excel saved of the first sheet that has something. An archive is measured before it is opened."""

import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from rules.faults import Text
from spreadsheets.limits import MOST_PARTS, MOST_UNPACKED
from spreadsheets.table import Origin, Unreadable

_CHUNK: Final = 2**20
_OVERLAP: Final = 512
# A formula whose result nobody has computed: Excel saves results, programs that write files may not.
_NO_RESULT: Final = re.compile(rb"<c ([^>]*)>\s*(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")
# A cell whose formula failed, such as #N/A of a VLOOKUP. The reader has it as blank, which loses a RUC without a word.
_ERROR: Final = re.compile(rb"""<c ([^>]*\bt=["']e["'][^>]*)>""")

_Cell = int | float | str | bool | time | date | datetime | timedelta


def read_xlsx(path: Path) -> tuple[Origin, Iterator[list[str]]]:
    check_archive(path)
    try:
        workbook = CalamineWorkbook.from_path(path)
        sheet = _first_sheet(workbook)
    except PasswordError:
        raise Unreadable(OLD) from None
    except (CalamineError, OSError, ValueError):
        raise Unreadable(_DAMAGED) from None
    if sheet is None:
        raise Unreadable(EMPTY)
    return Origin("XLSX", sheet=sheet.name), _rows(sheet)


def _first_sheet(workbook: CalamineWorkbook) -> CalamineSheet | None:
    for about in workbook.sheets_metadata:
        if about.typ is SheetTypeEnum.WorkSheet and about.visible is SheetVisibleEnum.Visible:
            sheet = workbook.get_sheet_by_name(about.name)
            if sheet.height:
                return sheet
    return None


def _rows(sheet: CalamineSheet) -> Iterator[list[str]]:
    _, first_column = sheet.start or (0, 0)
    for row in sheet.iter_rows():  # from the first row of the sheet, but from the first column that has something
        yield [""] * first_column + [as_text(cell) for cell in row]


def as_text(cell: _Cell) -> str:
    """What a person would type for the cell.

    >>> as_text(66778899.0), as_text(0.07), as_text(1e20), as_text(True), as_text(datetime(2026, 1, 31))
    ('66778899', '0.07', '100000000000000000000', 'TRUE', '2026-01-31')
    """
    match cell:
        case str():
            return cell
        case bool():
            return str(cell).upper()
        case float():
            return format(Decimal(repr(cell)).normalize(), "f") if abs(cell) < 1e50 else repr(cell)
        case datetime():
            return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    return str(cell)


def check_archive(path: Path) -> None:
    """Unpack all of it, once and into nothing: what an archive says of its own size may be a lie."""
    left = MOST_UNPACKED
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if not any(part.filename == "xl/workbook.xml" for part in parts):
                raise Unreadable(_NOT_EXCEL)
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise Unreadable(_BOMB)
            for part in parts:
                left = _unpack(archive, part, left)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
        raise Unreadable(_DAMAGED) from None


def _unpack(archive: zipfile.ZipFile, part: zipfile.ZipInfo, left: int) -> int:
    is_sheet = part.filename.startswith("xl/worksheets/")
    end = b""
    with archive.open(part) as file:
        while chunk := file.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise Unreadable(_BOMB)
            if is_sheet:
                _check_cells(end + chunk)
                end = chunk[-_OVERLAP:]
    return left


def _check_cells(part: bytes) -> None:
    if found := _NO_RESULT.search(part):
        raise Unreadable(_no_result(_place(found[1])))
    if found := _ERROR.search(part):
        raise Unreadable(_error(_place(found[1])))


def _place(attributes: bytes) -> str:
    place = re.search(rb"""\br=["']([A-Z]{1,3}[0-9]{1,7})["']""", attributes)
    return place[1].decode() if place else "?"


def _error(cell: str) -> Text:
    return Text(
        f"La celda {cell} tiene un error de Excel, como #N/A. Corrígela o bórrala y guarda el archivo.",
        f"The cell {cell} has an error of Excel, such as #N/A. Correct or clear it, and save the file.",
    )


def _no_result(cell: str) -> Text:
    return Text(
        f"La celda {cell} tiene una fórmula sin resultado guardado. Abre el archivo en Excel y guárdalo, o pega "
        "solo los valores.",
        f"The cell {cell} has a formula whose result was not saved. Open the file in Excel and save it, or paste "
        "values only.",
    )


OLD: Final = Text(
    "El archivo es de un Excel antiguo (.xls) o tiene contraseña. Guárdalo como .xlsx sin contraseña.",
    "The file is one of an old Excel (.xls) or has a password. Save it as .xlsx without a password.",
)
_DAMAGED: Final = Text(
    "El archivo de Excel está dañado. Ábrelo en Excel y guárdalo de nuevo.",
    "The Excel file is damaged. Open it in Excel and save it again.",
)
_NOT_EXCEL: Final = Text(
    "El archivo no es de Excel. Sube un archivo CSV o de Excel (.xlsx).",
    "The file is not one of Excel. Send a CSV file or one of Excel (.xlsx).",
)
_BOMB: Final = Text(
    f"El archivo ocupa más de {MOST_UNPACKED // 2**20} MB al descomprimirlo. Divídelo en varios.",
    f"The file takes more than {MOST_UNPACKED // 2**20} MB when it is unpacked. Split it into several.",
)
EMPTY: Final = Text("El archivo está vacío.", "The file is empty.")
