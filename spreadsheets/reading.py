"""Reading a file of a table in a process of its own, row by row, however large or hostile the file is."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from rules.faults import Text
from spreadsheets.limits import LONGEST_CELL, MOST_COLUMNS, MOST_SECONDS
from spreadsheets.table import Origin, Row, Unreadable

_ROOT: Final = Path(__file__).parents[1]
_LONGEST_LINE: Final = LONGEST_CELL * MOST_COLUMNS * 6 + 1000  # a control character takes six bytes in JSON


@dataclass(frozen=True)
class Table:
    """A file that is being read. ``rows`` raises ``Unreadable`` where reading fails, perhaps after many rows."""

    origin: Origin
    rows: AsyncIterator[Row]


@asynccontextmanager
async def read_table(path: Path) -> AsyncIterator[Table]:
    """The table of the file at an absolute path, whose process ends with this block. Raises ``Unreadable``."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "spreadsheets", str(path)),
        cwd=_ROOT,
        env={"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=DEVNULL,
        limit=_LONGEST_LINE,
    )
    try:
        async with aclosing(_lines(process)) as lines:
            first = await anext(lines)
            assert isinstance(first, Origin)
            yield Table(first, _rows(lines))
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _rows(lines: AsyncIterator[Origin | Row]) -> AsyncIterator[Row]:
    async for line in lines:
        assert isinstance(line, Row)
        yield line


async def _lines(process: Process) -> AsyncGenerator[Origin | Row, None]:
    assert process.stdout is not None
    while True:
        try:
            async with asyncio.timeout(MOST_SECONDS * 2):
                line = await process.stdout.readline()
        except TimeoutError:
            line = b""
        if not line:
            raise Unreadable(_GAVE_UP)  # it was killed, for its memory or time
        match orjson.loads(line):
            case [int(number), list(cells)]:
                yield Row(number, cells)
            case {"origin": origin}:
                yield Origin(*origin)
            case {"unreadable": [str(es), str(en)]}:
                raise Unreadable(Text(es, en))
            case _:
                return


_GAVE_UP: Final = Text(
    "El archivo necesita demasiada memoria o tiempo para leerse. Divídelo en varios, o guárdalo como CSV UTF-8.",
    "Reading the file takes too much memory or time. Split it into several, or save it as CSV UTF-8.",
)
