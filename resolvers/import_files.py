"""Files that go back to people: an empty one to fill in, and the rows that could not be stored."""

from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

from db import models, tenant
from resolvers import import_rows
from rules.customer_columns import TEMPLATE, TEMPLATE_EXAMPLES
from rules.faults import Text
from rules.vocabulary import Language, Outcome
from spreadsheets.writing import MARK, csv_lines, template

_AT_ONCE: Final = 200  # rows


def make_template() -> bytes:
    return template("Clientes", TEMPLATE, "Ejemplos", TEMPLATE_EXAMPLES)


async def rejected_rows(row: models.Import, owner: UUID, language: Language) -> AsyncIterator[str]:
    """The rows with faults as CSV, the reason behind each; the parts may be read after the request has ended."""
    delimiter = row.delimiter or ";"
    headers = [each["header"] for each in row.columns]
    width = len(headers)
    yield MARK + csv_lines([[*headers, *(_say(text, language) for text in (_ROW, _REASON))]], delimiter)
    last = row.header_row
    while True:
        with tenant.acting_for(owner):
            rows = await import_rows.rows_after(row.id, last, _AT_ONCE, [Outcome.FAILED])
        if not rows:
            return
        lines = []
        for each in rows:
            cells = [*each.cells, *[""] * (width - len(each.cells))]
            reasons = dict.fromkeys(_say(fault.message, language) for fault in each.faults)
            lines.append([*cells, str(each.number), " ".join(reasons)])
        yield csv_lines(lines, delimiter)
        last = rows[-1].number


def _say(text: Text, language: Language) -> str:
    return text.en if language is Language.EN else text.es


_ROW: Final = Text("Fila", "Row")
_REASON: Final = Text("Motivo", "Reason")
