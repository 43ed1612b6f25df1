"""A statement that stores all that a mutation changes: one round trip, and all of it or nothing.

Each part changes the rows of one table, and is a common table expression that is named after it. An invoice with a new
customer, without the columns::

    WITH customer_1 AS (INSERT INTO customer …),
         sequence_2 AS (INSERT INTO sequence … ON CONFLICT … RETURNING … AS number),
         document_3 AS (INSERT INTO document … (SELECT number FROM sequence_2) …),
         document_line_4 AS (INSERT INTO document_line …),
         event_5 AS (INSERT INTO event …)
    SELECT

PostgreSQL has no order for such parts. So each one has a condition that counts the rows of the one before, and they
run as they were added: locks are taken, and triggers called, in this order. To all parts the tables look as they were
before the statement. So what a part needs of another one's rows, it reads from that part by its name.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from tortoise.connection import get_connection
from tortoise.models import Model

from db import tenant
from db.columns import column_type, columns_of, table_of


class Sql(str):
    """An expression that stands for a value which PostgreSQL computes."""

    __slots__ = ()


Columns = Mapping[str, Any]  # values, or `Sql`, by the names in the database


class WriteStatement:
    """For rows of the current account, whose id is in all parts. Nothing happens before ``run``."""

    def __init__(self) -> None:
        self._values: list[Any] = [tenant.current_account()]
        self._parts: list[str] = []
        self._last: str | None = None

    def bind(self, value: Any) -> Sql:
        """The parameter that stands for the value."""
        self._values.append(value)
        return Sql(f"${len(self._values)}")

    def insert_row(self, row: Model, computed: Columns | None = None) -> None:
        """Insert the row, with columns that PostgreSQL computes."""
        columns = {**columns_of(row), **(computed or {})}
        del columns["account_id"]
        self.insert(table_of(type(row)), columns)

    def insert(self, table: str, columns: Columns, *, on_conflict: str = "", returning: str = "1") -> str:
        """Insert a row of a table; returns the name of the part, which has the columns ``returning``."""
        values = f"SELECT $1, {', '.join(self._terms(columns))}{self._after(' WHERE ')}"
        into = f"{table} (account_id, {', '.join(columns)})"
        return self._add(table, f"INSERT INTO {into} {values} {on_conflict} RETURNING {returning}")

    def insert_rows(self, model: type[Model], shared: Columns, columns: Mapping[str, Sequence[Any]]) -> None:
        """Insert rows without an object for each: ``columns`` have a value for each row, ``shared`` one for all."""
        arrays = [f"{self.bind(list(values))}::{column_type(model, name)}[]" for name, values in columns.items()]
        table = table_of(model)
        values = f"SELECT {', '.join(['$1', *self._terms(shared)])}, new.* FROM unnest({', '.join(arrays)}) AS new"
        into = f"{table} (account_id, {', '.join([*shared, *columns])})"
        self._add(table, f"INSERT INTO {into} {values}{self._after(' WHERE ')} RETURNING 1")

    def insert_records(self, table: str, records: Sequence[Columns]) -> None:
        """Insert rows from JSON, all with the same columns, without an object and a parameter for each value."""
        names = ", ".join(name for name in records[0] if name != "account_id")
        values = self.bind(orjson.dumps(list(records)).decode())
        rows = f"jsonb_populate_recordset(NULL::{table}, {values}::jsonb)"
        select = f"SELECT $1, {names} FROM {rows}{self._after(' WHERE ')}"
        self._add(table, f"INSERT INTO {table} (account_id, {names}) {select} RETURNING 1")

    def update_row(self, row: Model, computed: Columns | None = None) -> None:
        """Set all columns of a stored row."""
        columns = {**columns_of(row), **(computed or {})}
        del columns["account_id"]
        self.update(table_of(type(row)), columns, id=columns.pop("id"))

    def update(self, table: str, columns: Columns, **where: Any) -> None:
        """Set columns of the rows that have these values in others."""
        changes = [f"{name} = {term}" for name, term in zip(columns, self._terms(columns), strict=True)]
        self._add(table, f"UPDATE {table} SET {', '.join(changes)} WHERE {self._condition(where)} RETURNING 1")

    def delete(self, table: str, **where: Any) -> None:
        """Delete the rows that have these values."""
        self._add(table, f"DELETE FROM {table} WHERE {self._condition(where)} RETURNING 1")

    async def run(self) -> None:
        """Send the statement, if it has parts."""
        if self._parts:
            sql = f"WITH {', '.join(self._parts)} SELECT"
            await get_connection("default").execute_query(sql, self._values)

    def _add(self, table: str, sql: str) -> str:
        self._last = f"{table}_{len(self._parts) + 1}"
        self._parts.append(f"{self._last} AS ({sql})")
        return self._last

    def _after(self, keyword: str) -> str:
        """The condition, always true, that makes a part run after the one before."""
        return f"{keyword}(SELECT count(*) FROM {self._last}) >= 0" if self._last else ""

    def _terms(self, columns: Columns) -> list[str]:
        return [value if isinstance(value, Sql) else self.bind(value) for value in columns.values()]

    def _condition(self, where: Columns) -> str:
        equal = [f"{name} = {term}" for name, term in zip(where, self._terms(where), strict=True)]
        return " AND ".join(["account_id = $1", *equal]) + self._after(" AND ")
