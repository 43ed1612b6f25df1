"""Reading CSV as programs in Panama write it: in any of several encodings, with ``;``, ``,``, tabs or ``|``."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from rules.faults import Text
from spreadsheets.limits import LONGEST_CELL
from spreadsheets.table import Origin, Unreadable, too_long_cell

DELIMITERS: Final = (";", ",", "\t", "|")
_SAMPLE: Final = 64 * 1024
_CHUNK: Final = 2**20

# The longer mark of UTF-32 begins like that of UTF-16.
_MARKS: Final = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_NAMES: Final = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32": "UTF-32",
    "cp1252": "Windows-1252",
    "cp850": "MS-DOS (850)",
}

# The letters of Spanish in the two encodings of Windows that have one byte for each: that of its windows, and that of
# MS-DOS, in which Excel still offers to save. Beside an ASCII letter they tell which of the two it is.
_LETTERS: Final = "áéíóúñüÁÉÍÓÚÑÜ"
_IN_DOS: Final = frozenset(_LETTERS.encode("cp850")) - frozenset("é".encode("cp1252"))  # there it is a rare Ú
_IN_WINDOWS: Final = frozenset(_LETTERS.encode("cp1252"))
# á to ü and Á to Ü in UTF-8, which no word has in another encoding: a file with a few damaged or foreign bytes. Read as
# Windows-1252, all its names would be "JosÃ©".
_UTF_8_LETTER: Final = re.compile(rb"\xc3[\x80-\xbf]")
_BESIDE_A_LETTER: Final = re.compile(rb"(?<=[A-Za-z])[\x80-\xff]|[\x80-\xff](?=[A-Za-z])")

_CONTROLS: Final = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f]")  # \x1a once was the end of a file


def read_csv(path: Path) -> tuple[Origin, Iterator[list[str]]]:
    encoding = find_encoding(path)
    with _open(path, encoding) as file:
        sample = file.read(_SAMPLE)
    if _CONTROLS.search(sample):
        raise Unreadable(_NO_TABLE)
    if sample.lstrip().startswith("<"):
        raise Unreadable(_WEB_PAGE)
    declared = re.match(r'"?sep=([;,|\t])"?[ ;,]*\r?\n', sample, re.IGNORECASE)
    delimiter = declared[1] if declared else find_delimiter(sample)
    rows = _rows(path, encoding, delimiter, skip=1 if declared else 0)
    return Origin("CSV", _NAMES[encoding], delimiter), rows


def _open(path: Path, encoding: str) -> IO[str]:
    return path.open(encoding=encoding, newline="")


def find_encoding(path: Path) -> str:
    """The name of the encoding; raises ``Unreadable`` if the file has none that people use."""
    with path.open("rb") as file:
        start = file.read(_SAMPLE)
    for mark, encoding in _MARKS.items():
        if start.startswith(mark):
            return _checked(path, encoding)
    zeros = [start[0::2].count(0), start[1::2].count(0)]
    if max(zeros) > len(start) / 8:
        encoding = "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
        if not _decodes(path, encoding):
            raise Unreadable(_NO_TABLE)
        return encoding
    if _decodes(path, "utf-8"):
        return "utf-8"
    if any(_UTF_8_LETTER.search(part) for part in _chunks(path)):
        raise Unreadable(_WRONG_ENCODING.format(encoding=_NAMES["utf-8"]))
    beside = Counter(byte for part in _chunks(path) for match in _BESIDE_A_LETTER.findall(part) for byte in match)
    in_dos = sum(count for byte, count in beside.items() if byte in _IN_DOS)
    in_windows = sum(count for byte, count in beside.items() if byte in _IN_WINDOWS)
    return "cp850" if in_dos > in_windows else _checked(path, "cp1252")


def _checked(path: Path, encoding: str) -> str:
    if not _decodes(path, encoding):
        raise Unreadable(_WRONG_ENCODING.format(encoding=_NAMES[encoding]))
    return encoding


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for part in _chunks(path):
            decoder.decode(part)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(_CHUNK):
            yield part


def find_delimiter(sample: str) -> str:
    """What stands between the cells: that which gives most rows the same number of cells, and many of them.

    >>> find_delimiter("Nombre;RUC\\nHoteles, S.A.;155-1-2\\nPanadería, S.A.;8-1-1\\n")
    ';'
    >>> find_delimiter("Nombre\\n")
    ','
    """
    return max((",", *DELIMITERS), key=lambda delimiter: _score(sample, delimiter))


def _score(sample: str, delimiter: str) -> float:
    try:
        rows = [len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if any(row)]
    except csv.Error:
        return 0.0
    if not rows:
        return 0.0
    cells, count = Counter(rows).most_common(1)[0]
    return cells * count / len(rows) if cells > 1 else 0.0


def _rows(path: Path, encoding: str, delimiter: str, skip: int) -> Iterator[list[str]]:
    csv.field_size_limit(LONGEST_CELL * 2)
    number = 0
    with _open(path, encoding) as file:
        for _ in range(skip):
            file.readline()
            yield []  # so that the numbers stay those that a spreadsheet shows
        try:
            for row in csv.reader(file, delimiter=delimiter):
                number += 1
                if any(map(_CONTROLS.search, row)):
                    raise Unreadable(_NO_TABLE)
                yield [_unwrap(cell) for cell in row]
        except csv.Error:
            raise Unreadable(too_long_cell(number + skip + 1)) from None


def _unwrap(cell: str) -> str:
    """The text of a formula that is nothing but a text, and of a formula that is marked as text.

    Programs write so what Excel must not take for a number or a formula.

    >>> _unwrap('="007"'), _unwrap("'+507 6677-8899"), _unwrap('=1+1'), _unwrap(" Ana ")
    ('007', '+507 6677-8899', '=1+1', ' Ana ')
    """
    if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@"):
        return cell[1:]
    if cell.startswith('="') and cell.endswith('"') and len(cell) > 2 and '"' not in cell[2:-1].replace('""', ""):
        return cell[2:-1].replace('""', '"')
    return cell.removesuffix("\x1a")


_NO_TABLE: Final = Text(
    "El archivo no es una tabla. Sube un archivo CSV o de Excel (.xlsx).",
    "The file is no table. Send a CSV file or one of Excel (.xlsx).",
)
_WEB_PAGE: Final = Text(
    "El archivo es una página web o XML, diga lo que diga su nombre. Ábrelo en Excel y guárdalo como .xlsx.",
    "The file is a web page or XML, whatever its name says. Open it in Excel and save it as .xlsx.",
)
_WRONG_ENCODING: Final = Text(
    "El archivo tiene letras dañadas: no es {encoding} válido. Vuelve a guardarlo en Excel como «CSV UTF-8».",
    'The file has damaged letters: it isn\'t valid {encoding}. Save it again in Excel as "CSV UTF-8".',
)
