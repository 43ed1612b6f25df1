"""Imports of customers from files: taking a file, starting what is done with it, and looking at how far it is.

The worker does what was started (``resolvers.import_work``).
"""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from tortoise.connection import get_connection
from uuid_utils.compat import uuid7

from db import models, tenant
from db.write_statement import WriteStatement
from projection import One, Order, Page
from resolvers import import_rows
from resolvers.paging import PageArguments, page_of
from resolvers.scope import mine, uuid_of
from resolvers.transactions import Result, atomically, store
from rules import text
from rules.customer_columns import column_faults, guess_columns
from rules.faults import Code, Fault, Refusal, Text
from rules.vocabulary import CustomerColumn, ErrorPolicy, ImportStatus, OnDuplicate
from spreadsheets.reading import Table, read_table
from spreadsheets.table import Row, Unreadable

KEPT_FOR: Final = timedelta(days=7)  # after the end, or after the upload of what is never started

_LOOKED_AT: Final = 30  # rows of the beginning, in which the names of the columns are looked for
_SAMPLES: Final = 3  # values of each column that are shown beside its name
_LONGEST_SAMPLE: Final = 80
_LONGEST_NAME: Final = 255
_MOST_BYTES: Final = 500 * 2**20  # of an account's files whose rows are kept

# Taking a file


async def create(path: Path, file_name: str, size: int) -> UUID:
    """Read the file into rows and guess its columns; all or nothing. Raises ``Unreadable`` and ``Refusal``."""
    await _check_room(size)
    async with read_table(path) as table:
        beginning = [row async for row in _first(table.rows, _LOOKED_AT)]
        if len(beginning) < 2:
            raise Unreadable(_NO_ROWS)
        return await atomically(lambda: _store_file(table, beginning, file_name, size))


def _clean_name(file_name: str) -> str:
    """The name as it is shown; whatever an address may have, control characters included, is no reason to refuse it."""
    visible = "".join(each if each.isprintable() else " " for each in file_name)
    return (text.clean(visible) or "?")[-_LONGEST_NAME:]


async def _check_room(size: int) -> None:
    _, rows = await get_connection("default").execute_query(_KEPT_BYTES, [tenant.current_account()])
    if rows[0]["bytes"] + size > _MOST_BYTES:
        raise Refusal(Fault((), Code.TOO_MANY, _TOO_MANY_FILES))


_KEPT_BYTES: Final = "SELECT coalesce(sum(size), 0)::bigint AS bytes FROM import WHERE account_id = $1"


async def _first(rows: AsyncIterator[Row], most: int) -> AsyncIterator[Row]:
    for _ in range(most):
        row = await anext(rows, None)
        if row is None:
            return
        yield row


async def _store_file(table: Table, beginning: Sequence[Row], file_name: str, size: int) -> UUID:
    place, columns = guess_columns([row.cells for row in beginning])
    header = beginning[place]
    body = beginning[place + 1 :]
    origin = table.origin
    row = models.Import(
        id=uuid7(),
        account_id=tenant.current_account(),
        file_name=_clean_name(file_name),
        file_format=origin.format,
        encoding=origin.encoding,
        delimiter=origin.delimiter,
        sheet=origin.sheet,
        size=size,
        header_row=header.number,
        columns=_describe_columns(header.cells, body, columns),
        row_count=0,
        keep_until=datetime.now(UTC) + KEPT_FOR,
    )
    await row.save(force_create=True)
    count = await import_rows.insert_rows(row.id, _chain(body, table.rows))
    await mine(models.Import, id=row.id).update(row_count=count)
    return row.id


async def _chain(first: Sequence[Row], others: AsyncIterator[Row]) -> AsyncIterator[Row]:
    for row in first:
        yield row
    async for row in others:
        yield row


def _describe_columns(
    headers: Sequence[str], rows: Sequence[Row], guessed: Sequence[CustomerColumn | None]
) -> list[dict[str, object]]:
    width = max(len(headers), *(len(row.cells) for row in rows), 0) if rows else len(headers)
    described: list[dict[str, object]] = []
    for index in range(width):
        values = [row.cells[index] for row in rows if index < len(row.cells) and row.cells[index]]
        described.append(
            {
                "header": headers[index] if index < len(headers) else "",
                "samples": [value[:_LONGEST_SAMPLE] for value in values[:_SAMPLES]],
                "target": guessed[index] if index < len(guessed) else None,
            }
        )
    return described


# Starting


async def start(
    id: str,
    columns: Sequence[CustomerColumn | None] | None,
    policy: ErrorPolicy,
    on_duplicate: OnDuplicate,
    *,
    checks_only: bool,
) -> Result:
    """Let the worker check the rows, and store them unless it ``checks_only``. Raises ``Refusal`` with all faults."""

    async def action() -> Result:
        row = await _lock(id)
        if row.status not in (ImportStatus.UPLOADED, ImportStatus.CHECKED):
            raise Refusal(Fault(("importId",), Code.NOT_ALLOWED, _CANT_START.get(row.status, _UNDER_WAY)))
        if columns is not None:
            _choose_columns(row, columns)
        chosen = [each["target"] and CustomerColumn(each["target"]) for each in row.columns]
        if faults := column_faults(chosen):
            raise Refusal(*faults)
        row.policy, row.on_duplicate = None if checks_only else policy, on_duplicate
        checks_first = checks_only or policy is ErrorPolicy.REJECT_ALL
        await begin_pass(row, ImportStatus.CHECKING if checks_first else ImportStatus.STORING)
        return await store(WriteStatement(), Result(row.id))

    return await atomically(action)


def _choose_columns(row: models.Import, columns: Sequence[CustomerColumn | None]) -> None:
    if len(columns) != len(row.columns):
        message = _OTHER_NUMBER.format(count=len(row.columns))
        raise Refusal(Fault(("columns",), Code.INVALID_VALUE, message))
    row.columns = [{**each, "target": target} for each, target in zip(row.columns, columns, strict=True)]


async def undo(id: str) -> Result:
    """Let the worker delete the customers that the import created and that nobody has used or changed since."""

    async def action() -> Result:
        row = await _lock(id)
        if row.status is not ImportStatus.FINISHED:
            raise Refusal(Fault(("importId",), Code.NOT_ALLOWED, _CANT_UNDO))
        row.status, row.position, row.done, row.undone = ImportStatus.UNDOING, 0, 0, 0
        row.actor = tenant.current().actor
        await row.save()
        return await store(WriteStatement(), Result(row.id))

    return await atomically(action)


async def begin_pass(row: models.Import, status: ImportStatus) -> None:
    """Begin to go through the rows, from the first one."""
    row.status, row.position, row.done = status, 0, 0
    row.created = row.updated = row.unchanged = row.skipped = row.failed = 0
    row.actor = tenant.current().actor
    await row.save()


async def _lock(id: str) -> models.Import:
    row = await mine(models.Import, id=uuid_of(id)).select_for_update(no_key=True).get_or_none()
    if row is None:
        raise Refusal(Fault(("importId",), Code.NOT_FOUND, _NO_SUCH_IMPORT))
    return row


# Looking


def by_id(id: str | UUID) -> One:
    return One(mine(models.Import, id=uuid_of(str(id))))


async def find(id: str | UUID) -> models.Import | None:
    return await mine(models.Import, id=uuid_of(str(id))).get_or_none()


def list_page(page: PageArguments) -> Page:
    """The account's imports, the latest first."""
    return page_of(mine(models.Import), Order("IMPORT_UPDATED_AT", "updated_at", True, datetime.fromisoformat), page)


_NO_SUCH_IMPORT: Final = Text("No existe esta importación.", "There is no such import.")
_NO_ROWS: Final = Text(
    "El archivo no tiene filas debajo de los nombres de las columnas.",
    "The file has no rows beneath the names of its columns.",
)
_TOO_MANY_FILES: Final = Text(
    "Hay demasiados archivos guardados. Espera a que se borren: cada uno se borra a los 7 días.",
    "Too many files are kept. Wait until they are deleted: each one is after 7 days.",
)
_UNDER_WAY: Final = Text(
    "La importación está en marcha. Espera a que termine.", "The import is under way. Wait until it ends."
)
_CANT_START: Final = {
    ImportStatus.FINISHED: Text(
        "Este archivo ya se importó. Sube otro.", "This file was imported already. Send another one."
    ),
    ImportStatus.UNDONE: Text(
        "Esta importación se deshizo. Para importar el archivo otra vez, súbelo de nuevo.",
        "This import was undone. To import the file again, send it again.",
    ),
}
_CANT_UNDO: Final = Text(
    "Solo se puede deshacer una importación terminada.", "Only an import that has finished can be undone."
)
_OTHER_NUMBER: Final = Text(
    "Columnas del archivo: {count}. Indica qué es cada una.", "Columns of the file: {count}. Say what each one is."
)
