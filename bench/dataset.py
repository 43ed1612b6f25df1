"""The benchmarks' data, the same each time: 10 accounts, 20,000 customers, 100,000 invoices, 300,000 lines.

    python -m bench.dataset [--big]

``--big`` adds accounts of 10,000, 100,000, 1,000,000 and 3,000,000 invoices. All is stored in the database
``istmo_measured`` of an embedded server for benchmarks, as the service would have stored it but for the audit trail.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import asyncpg

from db import embedded
from db.migrate import migrate
from resolvers.api_keys import hash_secret
from rules import keys

# Another name wherever the data changes: a database that is there is not changed.
DATABASE = "istmo_measured"
LINES = 3  # of each invoice
BIG_ACCOUNT = 11
# The numbers of customers and invoices of each account.
SMALL_ACCOUNTS = dict.fromkeys(range(1, 11), (2_000, 10_000))
BIG_ACCOUNTS = {
    BIG_ACCOUNT: (1_000_000, 3_000_000),
    12: (333_333, 1_000_000),
    13: (33_333, 100_000),
    14: (3_333, 10_000),
}

_TRADES = ("Ferretería Farmacia Panadería Distribuidora Inversiones Constructora Clínica Hotel Taller Almacén").split()
_PLACES = ("Istmo Estrella Ñandú Ancón Barú Chagres Chame Volcán Tablas Taboga Coiba Boquete").split()
_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def account_id(number: int) -> UUID:
    return UUID(int=(number << 96) | 0x7000_8000_0000_0000_0000)


def account_name(number: int) -> str:
    return f"Bench {number}, S.A."


def row_id(account: int, kind: int, number: int) -> UUID:
    """An id like a UUIDv7: of its account and kind, rising with its number."""
    return UUID(int=(account << 112) | (kind << 108) | (number << 80) | (7 << 76) | (2 << 62) | number)


def secret(account: int) -> str:
    return f"istmo_bench-{account}"


def customers(account: int, count: int, locations: list[str]) -> Iterator[tuple[Any, ...]]:
    random = Random(account)
    for n in range(count):
        word = "".join(random.choices("abcdefghilmnoprstuvz", k=5)).capitalize()
        name = f"{random.choice(_TRADES)} {word} {random.choice(_PLACES)}, S.A."
        ruc = f"{155_000_000 + n}-2-{2015 + n % 11}"
        phone = f"+5076{(n * 7919) % 10_000_000:07}"
        yield (
            row_id(account, 1, n),
            account_id(account),
            *("TAXPAYER", "JURIDICAL", ruc, f"{n % 100:02}", name, random.choice(locations), f"Calle {n}"),
            *(f"c{n}@example.com", phone, "ACTIVE", "UNVERIFIED", f"{ruc} DV {n % 100:02}"),
            *(
                keys.sort_key(name),
                keys.sort_key(ruc),
                keys.digits(phone),
                keys.search_column(name, ruc, None, [phone]),
            ),
            *(_DAY, _DAY),
        )


CUSTOMER_COLUMNS = (
    "id account_id receiver_type taxpayer_type ruc dv name location_code address email phone status "
    "verification_status identification name_key identification_key phone_key search created_at "
    "updated_at"
).split()


_ROW_ID = """
    CREATE OR REPLACE FUNCTION pg_temp.row_id(account integer, kind text, number bigint, part integer DEFAULT 0)
    RETURNS uuid LANGUAGE sql IMMUTABLE RETURN (
        lpad(to_hex(account), 4, '0') || kind || lpad(to_hex(number), 7, '0') || '7' || lpad(to_hex(part * 64), 3, '0')
        || '8' || lpad(to_hex(number), 15, '0'))::uuid
"""
# A customer's column ends with its phone, in two spellings, which an invoice's column does not have.
_INVOICES = """
    INSERT INTO document (id, account_id, type, customer_id, branch, billing_point, number, status, issue_date,
        currency, receiver_type, receiver_taxpayer_type, receiver_ruc, receiver_dv, receiver_identification,
        receiver_name, receiver_location_code, subtotal, discount_total, itbms_total, total, total_cents, number_key,
        search, issued_at, created_at, updated_at, issuer_name)
    SELECT pg_temp.row_id($1, '2', n), a.id, 'INVOICE', c.id, '0000', '001', number, 'ISSUED',
        date '2020-01-01' + (n * 2000 / $2)::integer, 'PAB', 'TAXPAYER', 'JURIDICAL', c.ruc, c.dv, c.identification,
        c.name, c.location_code, net, 0, itbms, net + itbms, (net + itbms) * 100, number,
        ' ' || number || ' ' || n + 1 || regexp_replace(c.search, '( [0-9]+){2}$', ''), c.created_at, c.created_at,
        c.updated_at, a.name
    FROM account a CROSS JOIN generate_series(0::bigint, $2::bigint - 1) n
        CROSS JOIN LATERAL (SELECT 3 * (100 + n * 7919 % 99901) / 100.0 AS net) u
        CROSS JOIN LATERAL (SELECT lpad((n + 1)::text, 10, '0') AS number) v
        CROSS JOIN LATERAL (SELECT round(net * 0.07, 2) AS itbms) w
        CROSS JOIN LATERAL (SELECT * FROM customer WHERE account_id = a.id
            AND id = pg_temp.row_id($1, '1', n * 7919 % $3::bigint) OFFSET 0) c
    WHERE a.id = $4
"""
_LINES = """
    INSERT INTO document_line (account_id, document_id, id, position, description, quantity, unit_price, discount,
        itbms_rate, net, itbms, total)
    SELECT $4, pg_temp.row_id($1, '2', n), pg_temp.row_id($1, '3', n, position), position,
        'Artículo ' || n % 977 || ' del catálogo', 3, net / 3, 0, 'RATE_7', net, itbms, net + itbms
    FROM generate_series(0::bigint, $2::bigint - 1) n CROSS JOIN generate_series(1, $3::integer) position
        CROSS JOIN LATERAL (SELECT (100 + n * 7919 % 99901) / 100.0 AS net) v
        CROSS JOIN LATERAL (SELECT round(net * 0.07, 2) AS itbms) w
"""


async def build(server_url: str, *, big: bool) -> str:
    """The URL of a database with the data. A database that has the data is not changed."""
    url = server_url.replace("/istmo?", f"/{DATABASE}?")
    server = await asyncpg.connect(server_url)
    if not await server.fetchval("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", DATABASE):
        await server.execute(f"CREATE DATABASE {DATABASE}")
    await server.close()
    await migrate(url)
    connection = await asyncpg.connect(url)
    locations = [row["code"] for row in await connection.fetch("SELECT code FROM location ORDER BY position")]
    stored = {row["id"] for row in await connection.fetch("SELECT id FROM account")}
    wanted = SMALL_ACCOUNTS | (BIG_ACCOUNTS if big else {})
    if missing := {number: counts for number, counts in wanted.items() if account_id(number) not in stored}:
        async with connection.transaction(), indexed_afterwards(connection):
            for number, (customer_count, invoice_count) in missing.items():
                print(f"account {number}: {customer_count:,} customers, {invoice_count:,} invoices", file=sys.stderr)
                await load(connection, number, customer_count, invoice_count, locations)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()
    return url


@asynccontextmanager
async def indexed_afterwards(connection: Any) -> AsyncIterator[None]:
    """Build the trigram indexes after the rows: that is faster than filling them row by row."""
    indexes = ["customer_search_idx", "document_search_idx"]
    definitions = [await connection.fetchval("SELECT pg_get_indexdef($1::regclass)", index) for index in indexes]
    await connection.execute(f"DROP INDEX {', '.join(indexes)}")
    yield
    await connection.execute("SET LOCAL maintenance_work_mem = '1GB'")
    for definition in definitions:
        await connection.execute(definition)


async def load(connection: Any, number: int, customer_count: int, invoice_count: int, locations: list[str]) -> None:
    id = account_id(number)
    await connection.execute("INSERT INTO account (id, name) VALUES ($1, $2)", id, account_name(number))
    await connection.execute(
        "INSERT INTO branch (id, account_id, code) VALUES ($1, $2, '0000')", row_id(number, 6, 0), id
    )
    points = [(row_id(number, 4, n), id, "0000", f"{n + 1:03}") for n in range(16)]
    await connection.copy_records_to_table(
        "billing_point", records=points, columns=["id", "account_id", "branch", "code"]
    )
    await connection.execute(
        """INSERT INTO sequence (id, account_id, branch, billing_point, type, last_number)
           VALUES ($1, $2, '0000', '001', 'INVOICE', $3)""",
        *(row_id(number, 7, 0), id, invoice_count),
    )
    await connection.execute(
        "INSERT INTO api_key (id, account_id, name, scope, hash) VALUES ($1, $2, 'bench', 'ADMIN', $3)",
        *(row_id(number, 5, 0), id, hash_secret(secret(number))),
    )
    # Neither audit trail nor foreign keys: these rows are right, and it takes a fraction of the time.
    await connection.execute("SET LOCAL session_replication_role = replica")
    await connection.copy_records_to_table(
        "customer", records=customers(number, customer_count, locations), columns=CUSTOMER_COLUMNS
    )
    await connection.execute("ANALYZE customer")
    await connection.execute(_ROW_ID)
    await connection.execute(_INVOICES, number, invoice_count, customer_count, id)
    await connection.execute(_LINES, number, invoice_count, LINES, id)


def folder() -> Path:
    default = embedded.data_dir(Path(__file__).parents[1])
    return default.with_name(f"{default.name}-bench")


if __name__ == "__main__":
    with embedded.running(folder()) as server:
        asyncio.run(build(server.url, big="--big" in sys.argv))
