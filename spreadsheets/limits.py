"""How large a table may be. What is larger is refused with a sentence that says so."""

from typing import Final

MOST_BYTES: Final = 50 * 2**20  # of a file
MOST_UNPACKED: Final = 500 * 2**20  # bytes of an XLSX file, which is a ZIP archive, once it is unpacked
MOST_PARTS: Final = 1000  # files in the archive
MOST_ROWS: Final = 200_000
MOST_COLUMNS: Final = 100
LONGEST_CELL: Final = 5000  # characters
MOST_TEXT: Final = 200_000_000  # characters of all cells together: an XLSX file names a text once and uses it often

MOST_MEMORY: Final = 2**30  # bytes of the process that reads
MOST_SECONDS: Final = 60  # of a processor, and twice as long by the clock
