"""The process that reads a file: it writes the table's origin, its rows and how it ended to its output, a line each.

It has little memory and time, opens no file for writing, and is thrown away afterwards.
"""

import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import orjson

from spreadsheets.csv_file import read_csv
from spreadsheets.limits import MOST_BYTES, MOST_MEMORY, MOST_SECONDS
from spreadsheets.table import TOO_LARGE, Origin, Unreadable, bounded_rows
from spreadsheets.xlsx_file import EMPTY, OLD, read_xlsx

_OLD_EXCEL: Final = bytes.fromhex("d0cf11e0a1b11ae1")  # how files of old Excel begin, and those with a password
_ZIP: Final = b"PK\x03\x04"


def main(path: Path) -> None:
    limits = {
        resource.RLIMIT_AS: MOST_MEMORY,
        resource.RLIMIT_CPU: MOST_SECONDS,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in limits.items():
        resource.setrlimit(kind, (most, most))
    try:
        origin, rows = _open(path)
        _write({"origin": [origin.format, origin.encoding, origin.delimiter, origin.sheet]})
        for row in bounded_rows(rows):
            _write([*row])
        _write({"end": True})
    except Unreadable as error:
        _write({"unreadable": [*error.message]})
    sys.stdout.buffer.flush()


def _open(path: Path) -> tuple[Origin, Iterator[list[str]]]:
    if path.stat().st_size > MOST_BYTES:
        raise Unreadable(TOO_LARGE)
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise Unreadable(EMPTY)
    if start.startswith(_OLD_EXCEL):
        raise Unreadable(OLD)
    return read_xlsx(path) if start.startswith(_ZIP) else read_csv(path)


def _write(value: Any) -> None:
    sys.stdout.buffer.write(orjson.dumps(value) + b"\n")


if __name__ == "__main__":  # a process that only imports this keeps its own limits
    main(Path(sys.argv[1]))
