"""Connections to the database as the service, the owner and the administrator."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext

from bench import processes
from db import config
from db.asyncpg_engine import Client
from tests.conftest import IS_DISTRIBUTED, skip_or_fail, with_database

Connection = Any  # asyncpg has no types


@asynccontextmanager
async def tortoise(url: str, **settings: Any) -> AsyncIterator[Client]:
    """A pool as the service has it; models use it within the block."""
    async with TortoiseContext() as context:
        mode = {} if "role" in settings else {"distributed": IS_DISTRIBUTED}
        await context.init(config=config.tortoise(url, **{"role": config.SERVICE_ROLE} | mode | settings))
        client = get_connection("default")
        assert isinstance(client, Client)
        yield client


@asynccontextmanager
async def acting_as(role: str, url: str, account: UUID | None = None) -> AsyncIterator[Connection]:
    """A plain connection of ``role``, as if that could log in."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"SET SESSION AUTHORIZATION {role}")
        await connection.execute("SELECT set_config('istmo.account', $1, false)", str(account or ""))
        yield connection
    finally:
        await connection.close()


@pytest.fixture
async def empty_database(server_url: str) -> AsyncIterator[str]:
    async with database_of(server_url) as url:
        yield url


@pytest.fixture
async def another_empty_database(server_url: str) -> AsyncIterator[str]:
    async with database_of(server_url) as url:
        yield url


@asynccontextmanager
async def database_of(server_url: str) -> AsyncIterator[str]:
    """A new database without anything in it."""
    name = f"istmo_test_{uuid4().hex}"
    admin = await asyncpg.connect(server_url)
    await admin.execute(f"CREATE DATABASE {name}")
    yield with_database(server_url, name)
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


@pytest.fixture
async def admin(database_url: str) -> AsyncIterator[Connection]:
    """The administrator's connection, in a transaction that is rolled back."""
    connection = await asyncpg.connect(database_url)
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


@pytest.fixture
async def accounts(new_account: Callable[..., Awaitable[UUID]]) -> list[UUID]:
    return [await new_account() for _ in range(10)]


def rows_of(account: UUID) -> dict[str, tuple[str, list[Any]]]:
    """What puts a row of ``account`` into each of its tables, in an order that the foreign keys allow."""
    customer, document, event, webhook, import_ = (uuid4() for _ in range(5))
    return {
        "api_key": (
            "INSERT INTO api_key (id, account_id, name, scope, hash) VALUES ($1, $2, 'Key', 'READ', $3)",
            [uuid4(), account, uuid4().bytes],
        ),
        "branch": (
            "INSERT INTO branch (id, account_id, code) VALUES ($1, $2, '0001')",
            [uuid4(), account],
        ),
        "billing_point": (
            "INSERT INTO billing_point (id, account_id, branch, code) VALUES ($1, $2, '0000', '002')",
            [uuid4(), account],
        ),
        "sequence": (
            """INSERT INTO sequence (id, account_id, branch, billing_point, type, last_number)
               VALUES ($1, $2, '0000', '002', 'INVOICE', 0)""",
            [uuid4(), account],
        ),
        "account_logo": (
            """INSERT INTO account_logo (account_id, media_type, width, height, content)
            VALUES ($1, 'image/png', 16, 16, '')""",
            [account],
        ),
        "pac_setting": (
            """INSERT INTO pac_setting (id, account_id, provider, environment, secrets)
               VALUES ($1, $2, 'sandbox', 'TEST', '')""",
            [uuid4(), account],
        ),
        "customer": (
            """INSERT INTO customer (id, account_id, receiver_type, name, status, verification_status, name_key, search)
               VALUES ($1, $2, 'FINAL_CONSUMER', 'Ana', 'ACTIVE', 'UNVERIFIED', 'ana', ' ana')""",
            [customer, account],
        ),
        "customer_merge": (
            """INSERT INTO customer_merge (id, account_id, customer_id, survivor_id, former_status, documents, drafts,
                                           followers, changes)
               VALUES ($1, $2, $3, $3, 'ACTIVE', '{}', '{}', '{}', '{}')""",
            [uuid4(), account, customer],
        ),
        "associated_person": (
            """INSERT INTO associated_person (id, account_id, customer_id, position, name)
               VALUES ($1, $2, $3, 0, 'Eva')""",
            [uuid4(), account, customer],
        ),
        "document": (
            """INSERT INTO document (id, account_id, type, customer_id, branch, billing_point, status, issue_date,
                                     currency, subtotal, discount_total, itbms_total, total, total_cents, search)
               VALUES ($1, $2, 'INVOICE', $3, '0000', '002', 'DRAFT', '2026-11-24', 'PAB', 1, 0, 0, 1, 100, ' ana')""",
            [document, account, customer],
        ),
        "document_line": (
            """INSERT INTO document_line (id, account_id, document_id, position, description, quantity, unit_price,
                                         discount, itbms_rate, net, itbms, total)
               VALUES ($1, $2, $3, 0, 'Café', 1, 1, 0, 'EXEMPT', 1, 0, 1)""",
            [uuid4(), account, document],
        ),
        "personal_data_request": (
            """INSERT INTO personal_data_request (id, account_id, customer_id, kind, received_on, due_on)
               VALUES ($1, $2, $3, 'EXPORT', '2026-11-27', '2026-12-15')""",
            [uuid4(), account, customer],
        ),
        "emission": (
            "INSERT INTO emission (account_id, document_id, environment) VALUES ($1, $2, 'TEST')",
            [account, document],
        ),
        "emission_payload": (
            """INSERT INTO emission_payload (account_id, document_id, number, content, sha256)
               VALUES ($1, $2, 1, 'x', sha256('x'))""",
            [account, document],
        ),
        "emission_attempt": (
            "INSERT INTO emission_attempt (id, account_id, document_id, kind, payload) VALUES ($1, $2, $3, 'SEND', 1)",
            [uuid4(), account, document],
        ),
        "emission_reconciliation": (
            "INSERT INTO emission_reconciliation (account_id, due_at, nightly_at) VALUES ($1, now(), now())",
            [account],
        ),
        "emission_difference": (
            """INSERT INTO emission_difference (account_id, kind, subject, document_id, count, since)
               VALUES ($1, 'NOT_AT_PROVIDER', '0000-001-0000000001', $2, 1, now())""",
            [account, document],
        ),
        "fiscal_file": (
            """INSERT INTO fiscal_file (account_id, document_id, kind, content, sha256, size)
               VALUES ($1, $2, 'XML', 'x', sha256('x'), 1)""",
            [account, document],
        ),
        "idempotency_key": (
            "INSERT INTO idempotency_key (id, account_id, key, request_hash) VALUES ($1, $2, 'key', '')",
            [uuid4(), account],
        ),
        "event": (
            "INSERT INTO event (id, account_id, type, object_id, data) VALUES ($1, $2, 'INVOICE_DELETED', $3, '{}')",
            [event, account, document],
        ),
        "webhook": (
            """INSERT INTO webhook (id, account_id, url, types, secret)
               VALUES ($1, $2, 'https://example.com', '{}', 'whsec_')""",
            [webhook, account],
        ),
        "registry_answer": (
            """INSERT INTO registry_answer (account_id, ruc, taxpayer_type, sandbox, status, asked_at)
               VALUES ($1, '8-1-1', 'NATURAL', false, 'NOT_FOUND', now())""",
            [account],
        ),
        "lookup_count": (
            "INSERT INTO lookup_count (account_id, day, questions) VALUES ($1, '2026-11-24', 1)",
            [account],
        ),
        "audit_event": (  # by triggers, not by the service
            """INSERT INTO audit_event (account_id, action, object_type, object_id, changes)
               VALUES ($1, 'UPDATED', 'CUSTOMER', $2, '{}')""",
            [account, customer],
        ),
        "delivery": (  # by the dispatcher, not by the service
            """INSERT INTO delivery (id, account_id, event_id, object_id, sequence, webhook_id)
               VALUES ($1, $2, $3, $4, 1, $5)""",
            [uuid4(), account, event, document, webhook],
        ),
        "document_link": (
            """INSERT INTO document_link (id, account_id, document_id, hash, expires_at)
               VALUES ($1, $2, $3, 'of a link', now() + interval '1 day')""",
            [uuid4(), account, document],
        ),
        "import": (
            """INSERT INTO import (id, account_id, file_name, file_format, size, header_row, columns, row_count,
                                   keep_until)
               VALUES ($1, $2, 'clientes.csv', 'CSV', 1, 1, '[]', 1, now() + interval '7 days')""",
            [import_, account],
        ),
        "import_row": (
            "INSERT INTO import_row (account_id, import_id, number, cells) VALUES ($1, $2, 2, '{Ana}')",
            [account, import_],
        ),
        "mail_count": (
            "INSERT INTO mail_count (account_id, day, email, mails) VALUES ($1, '2026-11-26', 'ana@example.com', 1)",
            [account],
        ),
    }


@pytest.fixture(scope="session")
def pgbouncer(server_url: str) -> Iterator[Callable[[str], str]]:
    """A PgBouncer that pools by transaction and swallows start-up parameters: from a database's URL to its own."""
    try:
        with processes.pgbouncer(server_url) as own_url:
            yield own_url
    except FileNotFoundError as error:
        skip_or_fail(str(error))
