"""A database of version 0.1 is carried over by ``server.py migrate``, and nothing is lost.

``data/version_0_1.sql.gz`` was dumped from a server of commit c5c79be after `seed-demo` (40 customers and 120 invoices)
and requests that leave something in every table.
"""

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import pytest

from db import guard, tenant
from db.errors import MigrationError
from db.migrate import migrate, pending, prepare_roles
from resolvers.api_keys import KeyCache
from rules.vocabulary import Scope
from tests.builders import create_invoice, invoice
from tests.conftest import Api
from tests.db.catalogue import catalogue
from tests.db.conftest import Connection, tortoise

VERSION_0_1: Final = Path(__file__).parent / "data" / "version_0_1.sql.gz"

ACCOUNT: Final = UUID("01a21993-8e3d-74a7-8320-8200c85a0734")
SECOND: Final = UUID("01a21994-0d96-7582-9d01-485059291224")
ADMIN_KEY: Final = "istmo_3Z-g7NskzOHhljgVp3Dyf5N7qJ8a1EJMEtHLtmhwMNc"
READ_KEY: Final = "istmo_QGRFpXRIyuZxoHzimht1F-403HLwJsiKCOo8mJyPQLQ"
REVOKED_KEY: Final = "istmo_IjowydMOn4FRRPNfsl4qQyvgBaErBDeY23zK4u_7YGw"

# Each table whose rows last, and how many the dump has.
ROWS: Final = {
    "account": 2,
    "api_key": 10,
    "associated_person": 15,
    "audit_event": 208,
    "billing_point": 3,
    "customer": 44,
    "delivery": 18,
    "event": 16,
    "idempotency_key": 162,
    "invoice": 126,
    "invoice_line": 365,
    "location": 651,
    "trusted_document": 1,
    "webhook": 2,
}
NEW_NAMES: Final = {"invoice": "document", "invoice_line": "document_line"}
_CONTACT: Final = ("address", "phone", "mobile", "email", "terms")
_OUTSIDE: Final[dict[str, Any]] = {"external_id": None, "metadata": {}, "tags": [], "tag_keys": []}
NEW_COLUMNS: Final[dict[str, dict[str, Any]]] = {
    "account": {
        **dict.fromkeys((*_CONTACT, "payment_term_days", "legal_name", "taxpayer_type")),
        **dict.fromkeys(("paper_color", "paper_footer", "bank_lines", "logo_digest")),
        "payment_method": "CASH",
        "sale_type": "ORDINARY",
        "mail_texts": [],
        "mail_link": False,
        "version": 1,
    },
    "audit_event": {"redacted_at": None},
    "billing_point": {"branch": "0000", "version": 1},
    "customer": {"payment_term_days": None, "language": "ES", "merged_into": None, "different_from": [], **_OUTSIDE},
    "idempotency_key": {"changed": None},
    "invoice": {
        "type": "INVOICE",
        "branch": "0000",
        "issue_date_open": False,
        "electronic": False,
        "notify": True,
        **_OUTSIDE,
        **dict.fromkeys(("payment_forms", "instalments", "withholding_code", "withholding_amount", "purchase_order")),
        "receiver_language": None,
        **dict.fromkeys(("issuer_taxpayer_type", "sale_type", "branch_type", "invoice_id", "note_reason")),
        **dict.fromkeys([f"issuer_{name}" for name in _CONTACT]),
        **dict.fromkeys(("export_country", "export_incoterm", "export_port")),
    },
    "invoice_line": {"code": None, "unit": "und", "cpbs": None, "invoice_position": None, "invoice_quantity": None},
    "webhook": {"version": 1},
}
# Computed anew: see test_keys.py.
KEYS: Final = {"search", "name_key", "identification_key", "phone_key", "foreign_id_key", "email_key"}


@pytest.fixture
async def old_database(empty_database: str) -> str:
    await prepare_roles(empty_database)
    connection = await asyncpg.connect(empty_database)
    await connection.execute(gzip.decompress(VERSION_0_1.read_bytes()).decode())
    await connection.close()
    return empty_database


async def rows_of(connection: Connection, table: str) -> list[dict[str, Any]]:
    rows = await connection.fetch(f"SELECT to_jsonb(t)::text FROM public.{table} t")
    values = [{name: value for name, value in json.loads(row).items() if name not in KEYS} for (row,) in rows]
    return sorted(values, key=lambda row: json.dumps(row, sort_keys=True))


def as_today(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """What a row of 0.1 must be today."""
    row = row | NEW_COLUMNS.get(table, {})
    if table == "billing_point":
        del row["last_number"]  # in sequence
    if table == "invoice_line":
        row["document_id"] = row.pop("invoice_id")
    return row


async def test_every_row_and_value_is_there_afterwards(old_database: str, database_url: str) -> None:
    connection = await asyncpg.connect(old_database)
    before = {table: await rows_of(connection, table) for table in ROWS}
    assert {table: len(rows) for table, rows in before.items()} == ROWS

    await migrate(old_database)

    for table, rows in before.items():
        wanted = sorted([as_today(table, row) for row in rows], key=lambda row: json.dumps(row, sort_keys=True))
        assert await rows_of(connection, NEW_NAMES.get(table, table)) == wanted, table
    sequences = await rows_of(connection, "sequence")
    assert {(s["account_id"], s["branch"], s["billing_point"], s["type"], s["last_number"]) for s in sequences} == {
        (p["account_id"], "0000", p["code"], "INVOICE", p["last_number"]) for p in before["billing_point"]
    }
    assert all(s["last_issue_date"] for s in sequences if s["last_number"])
    assert await connection.fetchval("SELECT count(*) FROM customer WHERE email IS NOT NULL AND email_key IS NULL") == 0
    branches = await rows_of(connection, "branch")
    assert Counter((b["account_id"], b["code"], b["name"]) for b in branches) == Counter(
        (a["id"], "0000", None) for a in before["account"]
    )
    await connection.close()
    assert await catalogue(old_database) == await catalogue(database_url)


async def test_the_dump_has_something_of_everything(old_database: str) -> None:
    connection = await asyncpg.connect(old_database)
    for statement in (
        "SELECT FROM public.invoice WHERE status = 'VOID'",
        "SELECT FROM public.invoice WHERE status = 'DRAFT'",
        "SELECT FROM public.customer WHERE status = 'ARCHIVED'",
        "SELECT FROM public.api_key WHERE kind = 'SESSION' AND parent_id IS NOT NULL",
        "SELECT FROM public.api_key WHERE kind = 'LINK'",
        "SELECT FROM public.delivery WHERE status = 'PENDING' AND webhook_id IS NOT NULL",
        "SELECT FROM public.delivery WHERE status = 'DELIVERED' AND email IS NOT NULL",
        "SELECT FROM public.webhook WHERE old_secret IS NOT NULL",
        "SELECT FROM public.audit_event WHERE source = 'API' AND key_id IS NOT NULL",
        "SELECT FROM public.audit_event WHERE source = 'COMMAND_LINE'",
    ):
        assert await connection.fetch(f"{statement} LIMIT 1"), statement
    await connection.close()


async def test_keys_work_and_the_next_invoice_gets_the_next_number(old_database: str) -> None:
    await migrate(old_database)
    await migrate(old_database)  # which changes nothing
    async with tortoise(old_database):
        await guard.check_role()
        assert await pending() == []
        keys = KeyCache()
        admin, reader = await keys.identify(ADMIN_KEY), await keys.identify(READ_KEY)
        assert admin is not None
        assert reader is not None
        assert (admin.account_id, admin.scope) == (ACCOUNT, Scope.ADMIN)
        assert (reader.account_id, reader.scope) == (ACCOUNT, Scope.READ)
        assert await keys.identify(REVOKED_KEY) is None

        api = Api(ACCOUNT)
        for point, last in (("001", 111), ("002", 2)):
            audit = "query ($p: String!) { numberingAudit(billingPoint: $p) { lastNumber gaps { first } } }"
            found = (await api.ask(audit, p=point))["numberingAudit"]
            assert found == {"lastNumber": f"{last:010}", "gaps": []}
            customers = await api.ask('{ customers(first: 1, search: "Hoteles Istmo") { edges { node { id } } } }')
            id = customers["customers"]["edges"][0]["node"]["id"]
            made = await create_invoice(api, invoice(billingPoint=point), customerId=id)
            assert made["userErrors"] == []
            assert made["invoice"]["number"] == f"{last + 1:010}"
            assert (await api.ask(audit, p=point))["numberingAudit"]["gaps"] == []


async def test_feeds_go_on_with_the_next_number(old_database: str) -> None:
    await migrate(old_database)
    connection = await asyncpg.connect(old_database)
    last = await connection.fetchval("SELECT max(sequence) FROM event WHERE account_id = $1", SECOND)
    position = await connection.fetchval("SELECT max(position) FROM event")
    async with tortoise(old_database):
        with tenant.acting_for(SECOND):
            api = Api(SECOND)
            await api.let_emit()  # which an account that was electronic before can't yet
            id = (await api.ask("{ customers(first: 1) { edges { node { id } } } }"))["customers"]["edges"][0]["node"][
                "id"
            ]
            await create_invoice(api, customerId=id)
    await connection.execute("SELECT dispatch_events(100)")
    event = await connection.fetchrow("SELECT sequence, position, type FROM event ORDER BY position DESC LIMIT 1")
    assert tuple(event) == (last + 1, position + 1, "INVOICE_ISSUED")
    await connection.close()


async def test_a_database_of_an_earlier_development_version_stays_as_it_is(old_database: str) -> None:
    connection = await asyncpg.connect(old_database)
    await connection.execute("DELETE FROM public.tortoise_migrations WHERE name = '0011_search_order'")
    before = await catalogue(old_database)
    with pytest.raises(MigrationError, match="0010_housekeeping"):
        await migrate(old_database)
    assert await catalogue(old_database) == before
    await connection.close()
