"""Imports of customers from files."""

from datetime import datetime
from typing import Self

import strawberry

import projection
from db import models
from projection import Batch, rows
from resolvers import customers
from resolvers.import_rows import StoredRow
from rules.vocabulary import CustomerColumn, ErrorPolicy, ImportStatus, OnDuplicate
from schema.context import Context
from schema.errors import UserError
from schema.types.node import Connection, Edge, Node, PageInfo
from schema.types.row_outcome import RowOutcome

_COLUMNS: str = """
    SELECT c ->> 'header' AS header, c -> 'samples' AS samples, c ->> 'target' AS target
    FROM jsonb_array_elements({row}.columns) WITH ORDINALITY AS each (c, place) ORDER BY place
"""


@strawberry.type(description="A column of an uploaded file.")
class ImportColumn:
    header: str = strawberry.field(description="Its name in the file; empty for none.")
    samples: list[str] = strawberry.field(description="Its first values, up to three and each up to 80 characters.")
    target: CustomerColumn | None = strawberry.field(
        description="What it has, as its name tells or `importCustomers` was told; null if it is left out."
    )


@projection.table(models.Import)
@strawberry.type(description="A file of customers that was uploaded by `POST /imports`, and what became of its rows.")
class Import(Node):
    file_name: str = strawberry.field(description="The file's name.")
    size: int = strawberry.field(description="Bytes of the file.")
    file_format: str = strawberry.field(description="CSV or XLSX.")
    encoding: str | None = strawberry.field(description="How a CSV file writes letters, such as Windows-1252.")
    delimiter: str | None = strawberry.field(description="What stands between the cells of a CSV file.")
    sheet: str | None = strawberry.field(description="The sheet of an XLSX file that was read.")
    columns: list[ImportColumn] = rows(_COLUMNS, description="Its columns, in their order.")
    header_row: int = strawberry.field(description="The row with the names of the columns, from 1.")
    row_count: int = strawberry.field(description="How many rows with something are beneath it.")
    status: ImportStatus = strawberry.field(description="How far it is.")
    policy: ErrorPolicy | None = strawberry.field(
        description="What was asked for, for the good rows where others have faults; null before, or for a mere check."
    )
    on_duplicate: OnDuplicate = strawberry.field(description="What rows of customers do that the account has.")
    done: int = strawberry.field(description="How many rows were done since the present or last work on it began.")
    created: int = strawberry.field(description="Rows that created a customer or, after a check, would.")
    updated: int = strawberry.field(description="Rows that changed a customer or, after a check, would.")
    unchanged: int = strawberry.field(description="Rows of customers that stay as they are.")
    skipped: int = strawberry.field(description="Rows that were left out: their contact is only a supplier.")
    failed: int = strawberry.field(description="Rows with faults.")
    undone: int = strawberry.field(description="Customers that undoing has deleted.")
    created_at: datetime = strawberry.field(description="When the file was uploaded.")
    updated_at: datetime = strawberry.field(description="When something last happened to it.")
    keep_until: datetime = strawberry.field(
        description="When it will be deleted, with its rows: 7 days after the upload or the end of the last work on it."
    )


@strawberry.type(description="A page of imports.")
class ImportConnection(Connection[Import]):
    pass


@strawberry.type(description="A row of an uploaded file.")
class ImportRow:
    number: int = strawberry.field(description="Its place in the sheet, from 1.")
    cells: list[str] = strawberry.field(description="Its cells, without blank ones at the end.")
    result: RowOutcome | None = strawberry.field(
        description="What became of it or, after a check, what would; null before. `index` is `number` less 1."
    )

    @classmethod
    def of(cls, row: StoredRow, found: Batch, context: Context) -> Self:
        result = None
        if row.outcome is not None:
            result = RowOutcome(
                index=row.number - 1,
                outcome=row.outcome,
                customer=found.one(row.customer_id) if row.customer_id else None,
                user_errors=[UserError.of(fault, context) for fault in row.faults],
                warnings=[],
            )
        return cls(number=row.number, cells=row.cells, result=result)


@strawberry.type(description="A page of rows.")
class ImportRowConnection(Connection[ImportRow]):
    @classmethod
    def over(cls, rows: list[StoredRow], size: int, *, total: int, is_first: bool, context: Context) -> Self:
        """The page of ``size`` rows; one more says that there are others."""
        page = rows[:size]
        found = customers.batch([row.customer_id for row in page if row.customer_id])
        edges = [Edge(cursor=str(row.number), node=ImportRow.of(row, found, context)) for row in page]
        info = PageInfo(
            has_next_page=len(rows) > size,
            has_previous_page=not is_first,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        )
        return cls(edges=edges, page_info=info, total_count=total)
