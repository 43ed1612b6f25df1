"""The steps carry the data of a database in use: nothing is lost, and nothing changes that no step says it changes.

If this fails for a step that changes data on purpose, write the step's name and what it changes into ``CHANGED``.
"""

import json
import shutil
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import pytest

from db import guard
from db.migrate import Definition, migrate, pending
from resolvers.api_keys import KeyCache
from tests.builders import create_invoice, invoice
from tests.conftest import Api
from tests.db import catalogue as files
from tests.db.conftest import Connection, tortoise

ROWS: Final = Path(__file__).parent / "data" / "baseline_rows.sql"
ACCOUNT: Final = UUID("00000000-0000-7000-8000-000000000001")
KEY: Final = "istmo_baseline"

# What steps change on purpose: a column's values, or with "*" a table's rows.
CHANGED: Final = {
    ("request_count", "key_id"): "0001: is owner_id, since requests are counted by account",
    ("event", "data"): "0020: webhooks' addresses are taken out",
    ("registry_answer", "*"): "0021: the account that asked is not known",
}

Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture
async def before(empty_database: str, tmp_path: Path) -> Rows:
    """All rows of a database in use, whose definition is the baseline's."""
    shutil.unpack_archive(files.BASELINE, tmp_path)
    await migrate(empty_database, Definition(tmp_path))
    connection = await asyncpg.connect(empty_database)
    await connection.execute(ROWS.read_text(encoding="utf-8"))
    rows = await rows_of(connection)
    await connection.close()
    return rows


async def rows_of(connection: Connection) -> Rows:
    tables = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
    )
    return {
        table: [json.loads(row) for (row,) in await connection.fetch(f"SELECT to_jsonb(t)::text FROM public.{table} t")]
        for (table,) in tables
    }


def kept(rows: list[dict[str, Any]], columns: set[str]) -> list[str]:
    """The rows with these columns alone, in an order of their own."""
    return sorted(json.dumps({name: row[name] for name in columns}, sort_keys=True) for row in rows)


def test_every_table_of_the_baseline_has_rows(before: Rows) -> None:
    assert [table for table, rows in before.items() if not rows] == []
    assert len(before) > 15


async def test_all_steps_keep_every_row_and_value(before: Rows, empty_database: str) -> None:
    await migrate(empty_database)
    connection = await asyncpg.connect(empty_database)
    after = await rows_of(connection)
    await connection.close()
    del before["migration"]
    for table, rows in before.items():
        if (table, "*") not in CHANGED:
            columns = {name for name in rows[0] if (table, name) not in CHANGED}
            assert columns <= after[table][0].keys(), table
            assert kept(after[table], columns) == kept(rows, columns), table


async def test_the_service_goes_on_where_it_was(before: Rows, empty_database: str) -> None:
    await migrate(empty_database)
    async with tortoise(empty_database):
        await guard.check_role()
        assert await pending() == []
        identity = await KeyCache().identify(KEY)
        assert identity is not None
        assert identity.account_id == ACCOUNT
        api = Api(ACCOUNT)
        found = await api.ask(
            '{ customers { totalCount } invoices { totalCount } numberingAudit(billingPoint: "001") { lastNumber } }'
        )
        assert found["customers"]["totalCount"] == 3
        assert found["invoices"]["totalCount"] == 3
        await api.let_emit()  # which an account that was electronic before can't yet
        customer = "00000000-0000-7000-8000-000000000501"
        made = await create_invoice(api, invoice(billingPoint="001"), customerId=customer)
        assert made["userErrors"] == []
        assert made["invoice"]["number"] == "0000000003"
        assert len(before["document"]) == 3
