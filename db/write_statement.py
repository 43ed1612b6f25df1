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

A distributed database can't send such a statement to the account's node. There each part is a statement of its own, in
one transaction, and what it reads from another one is a parameter.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from tortoise.backends.base.client import TransactionalDBClient
from tortoise.connection import get_connection
from tortoise.models import Model
from tortoise.transactions import in_transaction

from db import tenant
from db.columns import column_type, columns_of, table_of


class Sql(str):
    """An expression that stands for a value which PostgreSQL computes."""

    __slots__ = ()


Columns = Mapping[str, Any]  # values, or `Sql`, by the names in the database

_PARAMETER: Final = re.compile(r"\$(\d+)")
_MOST_PARAMETERS: Final = 32767  # of a statement, in PostgreSQL's protocol


@dataclass(frozen=True)
class _Found:
    """A value that is read before the part that needs it is sent: a column of a part or, without one, of a table."""

    column: str
    source: str


class WriteStatement:
    """For rows of the current account, whose id is in all parts. Nothing happens before ``run``."""

    def __init__(self) -> None:
        client: Any = get_connection("default")
        self._is_distributed: bool = client.is_distributed
        self._values: list[Any] = [tenant.current_account()]
        self._parts: dict[str, str] = {}
        self._last: str | None = None

    def bind(self, value: Any) -> Sql:
        """The parameter that stands for the value."""
        self._values.append(value)
        return Sql(f"${len(self._values)}")

    def read(self, column: str, source: str) -> Sql:
        """The text in a column of a part that returns a row, or of the account's only row in a table."""
        if self._is_distributed:
            return Sql(f"{self.bind(_Found(column, source))}::text")
        return Sql(f"(SELECT {column} FROM {source}{'' if source in self._parts else ' WHERE account_id = $1'})")

    def insert_row(self, row: Model, computed: Columns | None = None) -> None:
        """Insert the row, with columns that PostgreSQL computes."""
        columns = {**columns_of(row), **(computed or {})}
        del columns["account_id"]
        self.insert(table_of(type(row)), columns)

    def insert(self, table: str, columns: Columns, *, on_conflict: str = "", returning: str = "1") -> str:
        """Insert a row of a table; returns the name of the part, which has the columns ``returning``."""
        terms = ", ".join(self._terms(columns))
        values = f"VALUES ($1, {terms})" if self._is_distributed else f"SELECT $1, {terms}{self._after(' WHERE ')}"
        into = f"{table} (account_id, {', '.join(columns)})"
        return self._add(table, f"INSERT INTO {into} {values} {on_conflict} RETURNING {returning}")

    def insert_rows(self, model: type[Model], shared: Columns, columns: Mapping[str, Sequence[Any]]) -> None:
        """Insert rows without an object for each: ``columns`` have a value for each row, ``shared`` one for all."""
        table = table_of(model)
        names = [*shared, *columns]
        if self._is_distributed:
            rows = zip(*columns.values(), strict=True)
            self._insert_values(table, names, [[*shared.values(), *row] for row in rows])
            return
        arrays = [f"{self.bind(list(values))}::{column_type(model, name)}[]" for name, values in columns.items()]
        values = f"SELECT {', '.join(['$1', *self._terms(shared)])}, new.* FROM unnest({', '.join(arrays)}) AS new"
        into = f"{table} (account_id, {', '.join(names)})"
        self._add(table, f"INSERT INTO {into} {values}{self._after(' WHERE ')} RETURNING 1")

    def insert_records(self, table: str, records: Sequence[Columns]) -> None:
        """Insert rows from JSON, all with the same columns, without an object and a parameter for each value."""
        names = [name for name in records[0] if name != "account_id"]
        if self._is_distributed:
            self._insert_values(table, names, [[_as_bound(record[name]) for name in names] for record in records])
            return
        listed = ", ".join(names)
        values = self.bind(orjson.dumps(list(records)).decode())
        rows = f"jsonb_populate_recordset(NULL::{table}, {values}::jsonb)"
        select = f"SELECT $1, {listed} FROM {rows}{self._after(' WHERE ')}"
        self._add(table, f"INSERT INTO {table} (account_id, {listed}) {select} RETURNING 1")

    def _insert_values(self, table: str, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows with a parameter for each value, in as many parts as that takes."""
        most = _MOST_PARAMETERS // (len(names) + 1)
        for first in range(0, len(rows), most):
            values = [f"($1, {', '.join(map(self.bind, row))})" for row in rows[first : first + most]]
            into = f"{table} (account_id, {', '.join(names)})"
            self._add(table, f"INSERT INTO {into} VALUES {', '.join(values)} RETURNING 1")

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
        if not self._parts:
            return
        client = get_connection("default")
        if not self._is_distributed:
            parts = ", ".join(f"{name} AS ({sql})" for name, sql in self._parts.items())
            await client.execute_query(f"WITH {parts} SELECT", self._values)
        elif isinstance(client, TransactionalDBClient):
            await self._run_parts()
        else:
            async with in_transaction():
                await self._run_parts()

    async def _run_parts(self) -> None:
        returned: dict[str, dict[str, Any]] = {}
        for name, sql in self._parts.items():
            text, values = self._alone(sql)
            for place, value in enumerate(values):
                if isinstance(value, _Found):
                    row = returned[value.source] if value.source in returned else await self._only_row(value)
                    values[place] = row[value.column]
            rows = await get_connection("default").execute_query_dict(text, values)
            returned[name] = rows[0] if rows else {}

    def _alone(self, sql: str) -> tuple[str, list[Any]]:
        """A part as a statement of its own, with the values of its parameters."""
        numbers = dict.fromkeys(_PARAMETER.findall(sql))
        places = {number: f"${place}" for place, number in enumerate(numbers, 1)}
        text = _PARAMETER.sub(lambda match: places[match[1]], sql)
        return text, [self._values[int(number) - 1] for number in numbers]

    async def _only_row(self, found: _Found) -> dict[str, Any]:
        sql = f"SELECT {found.column} FROM {found.source} WHERE account_id = $1"
        rows: list[dict[str, Any]] = await get_connection("default").execute_query_dict(sql, self._values[:1])
        return rows[0] if rows else {found.column: None}

    def _add(self, table: str, sql: str) -> str:
        self._last = f"{table}_{len(self._parts) + 1}"
        self._parts[self._last] = sql
        return self._last

    def _after(self, keyword: str) -> str:
        """The condition, always true, that makes a part run after the one before."""
        if self._last is None or self._is_distributed:
            return ""
        return f"{keyword}(SELECT count(*) FROM {self._last}) >= 0"

    def _terms(self, columns: Columns) -> list[str]:
        return [value if isinstance(value, Sql) else self.bind(value) for value in columns.values()]

    def _condition(self, where: Columns) -> str:
        equal = [f"{name} = {term}" for name, term in zip(where, self._terms(where), strict=True)]
        return " AND ".join(["account_id = $1", *equal]) + self._after(" AND ")


def _as_bound(value: Any) -> Any:
    """A value of a record as a parameter: JSON as its text."""
    return orjson.dumps(value).decode() if isinstance(value, dict) else value
