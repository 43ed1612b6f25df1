"""A table as it is read: where it comes from, and its rows one after another."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from rules.faults import Text
from spreadsheets.limits import LONGEST_CELL, MOST_BYTES, MOST_COLUMNS, MOST_ROWS, MOST_TEXT


class Unreadable(Exception):
    """The file can't be read, or must not be; ``message`` tells a person why and what to do."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en)
        self.message = message


@dataclass(frozen=True)
class Origin:
    """How the file was understood. A CSV file has encoding and delimiter, an XLSX file the sheet that was read."""

    format: str  # CSV or XLSX
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None


class Row(NamedTuple):
    number: int  # of the row in its sheet or, in a CSV file, among its records, from 1
    cells: list[str]


def bounded_rows(rows: Iterable[list[str]]) -> Iterator[Row]:
    """The rows that have a text, without blank cells at their ends. Raises ``Unreadable`` for too large a table."""
    found, characters = 0, 0
    for number, row in enumerate(rows, 1):
        cells = [cell.strip() for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        found += 1
        if found > MOST_ROWS:
            raise Unreadable(_TOO_MANY_ROWS)
        if len(cells) > MOST_COLUMNS:
            raise Unreadable(_TOO_MANY_COLUMNS.format(number=number, count=len(cells)))
        longest = max(range(len(cells)), key=lambda index: len(cells[index]))
        if len(cells[longest]) > LONGEST_CELL:
            raise Unreadable(too_long_cell(number, longest + 1))
        characters += sum(map(len, cells))
        if characters > MOST_TEXT:
            raise Unreadable(_TOO_MUCH_TEXT)
        yield Row(number, cells)


def too_long_cell(row: int, column: int | None = None) -> Text:
    where = ("", "") if column is None else (f", columna {column}", f", column {column}")
    return Text(
        f"Fila {row}{where[0]}: una celda tiene más de {LONGEST_CELL} caracteres. En un CSV, quizás falta cerrar "
        "unas comillas.",
        f"Row {row}{where[1]}: a cell has more than {LONGEST_CELL} characters. In a CSV file a quotation mark may not "
        "be closed.",
    )


_TOO_MANY_ROWS: Final = Text(
    f"El archivo tiene más de {MOST_ROWS} filas. Divídelo en varios.",
    f"The file has more than {MOST_ROWS} rows. Split it into several.",
)
_TOO_MANY_COLUMNS: Final = Text(
    f"Columnas de la fila {{number}}: {{count}}. Se leen hasta {MOST_COLUMNS}; borra las que no hacen falta.",
    f"Columns of row {{number}}: {{count}}. At most {MOST_COLUMNS} are read; delete those that aren't needed.",
)
_TOO_MUCH_TEXT: Final = Text(
    "El archivo tiene demasiado texto. Divídelo en varios.", "The file has too much text. Split it into several."
)
TOO_LARGE: Final = Text(
    f"El archivo tiene más de {MOST_BYTES // 2**20} MB. Divídelo en varios.",
    f"The file has more than {MOST_BYTES // 2**20} MB. Split it into several.",
)
