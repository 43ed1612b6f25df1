"""The benchmarks' data, the same for the same seed: 10 accounts, 20,000 customers, 100,000 invoices, 300,000 lines.

    python -m bench.dataset [--big]

``--big`` adds one account of 1,000,000 customers and 3,000,000 invoices. Rows are copied, as
the service would have stored them, into the database ``istmo_bench`` of an embedded server for
benchmarks (or of BENCH_SERVER_URL).
"""

import asyncio
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import asyncpg

from db.migrate import migrate
from resolvers.api_keys import hash_secret
from rules import keys

ACCOUNTS, CUSTOMERS, INVOICES, LINES = 10, 2_000, 10_000, 3
BIG_CUSTOMERS, BIG_INVOICES = 1_000_000, 3_000_000
BIG_ACCOUNT = 11

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


def invoices(account: int, count: int, people: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    random = Random(account)
    for n in range(count):
        customer = random.choice(people)
        number = f"{n + 1:010}"
        net = Decimal(random.randint(100, 100_000)) / 100 * LINES
        itbms = (net * Decimal("0.07")).quantize(Decimal("0.01"))
        total = net + itbms
        yield (
            row_id(account, 2, n),
            account_id(account),
            *("INVOICE", customer[0], "0000", "001", number),
            *("ISSUED", date(2020, 1, 1) + timedelta(days=n * 2000 // count), "PAB"),
            *("TAXPAYER", "JURIDICAL", customer[4], customer[5], customer[13], customer[6], customer[7]),
            *(net, Decimal("0.00"), itbms, total, int(total * 100), number),
            keys.number_words(number) + keys.search_column(customer[6], customer[4]),
            *(_DAY, _DAY, _DAY, account_name(account)),
        )


INVOICE_COLUMNS = (
    "id account_id type customer_id branch billing_point number status issue_date currency receiver_type "
    "receiver_taxpayer_type receiver_ruc receiver_dv receiver_identification receiver_name "
    "receiver_location_code subtotal discount_total itbms_total total total_cents number_key search "
    "issued_at created_at updated_at issuer_name"
).split()


def lines(rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    for n, row in enumerate(rows):
        net = (row[17] / LINES).quantize(Decimal("0.01"))
        for position in range(1, LINES + 1):
            itbms = (net * Decimal("0.07")).quantize(Decimal("0.01"))
            yield (
                UUID(int=row[0].int | (3 << 108) | (position << 70)),
                *(row[1], row[0], position, f"Artículo {n % 977} del catálogo", Decimal(3), net / 3, Decimal(0)),
                *("RATE_7", net, itbms, net + itbms),
            )


LINE_COLUMNS = (
    "id account_id document_id position description quantity unit_price discount itbms_rate net itbms total"
).split()


async def build(server_url: str, *, big: bool) -> str:
    """The URL of a database with the data. A database that has the data is not changed."""
    url = server_url.replace("/istmo?", "/istmo_bench?")
    server = await asyncpg.connect(server_url)
    if not await server.fetchval("SELECT EXISTS (SELECT FROM pg_database WHERE datname = 'istmo_bench')"):
        await server.execute("CREATE DATABASE istmo_bench")
    await server.close()
    await migrate(url)
    connection = await asyncpg.connect(url)
    locations = [row["code"] for row in await connection.fetch("SELECT code FROM location ORDER BY position")]
    stored = {row["id"] for row in await connection.fetch("SELECT id FROM account")}
    wanted = [(number, CUSTOMERS, INVOICES) for number in range(1, ACCOUNTS + 1)]
    if big:
        wanted.append((BIG_ACCOUNT, BIG_CUSTOMERS, BIG_INVOICES))
    for number, customer_count, invoice_count in wanted:
        if account_id(number) in stored:
            continue
        print(f"account {number}: {customer_count:,} customers, {invoice_count:,} invoices", file=sys.stderr)
        async with connection.transaction():
            await load(connection, number, customer_count, invoice_count, locations)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()
    return url


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
    big = number == BIG_ACCOUNT
    if big:
        # Building an index afterwards is faster than filling it row by row.
        await connection.execute("DROP INDEX customer_search_idx, document_search_idx")
    people = list(customers(number, customer_count, locations))
    await connection.copy_records_to_table("customer", records=people, columns=CUSTOMER_COLUMNS)
    rows = invoices(number, invoice_count, people)
    while batch := list(islice(rows, 100_000)):
        await connection.copy_records_to_table("document", records=batch, columns=INVOICE_COLUMNS)
        if not big:
            await connection.copy_records_to_table("document_line", records=lines(iter(batch)), columns=LINE_COLUMNS)
    if big:
        await connection.execute("SET LOCAL maintenance_work_mem = '1GB'")
        await connection.execute(
            "CREATE INDEX customer_search_idx ON customer USING gin (search gin_trgm_ops, account_id)"
        )
        await connection.execute(
            "CREATE INDEX document_search_idx ON document USING gin (search gin_trgm_ops, account_id)"
        )


def folder() -> Path:
    from db import embedded

    default = embedded.data_dir(Path(__file__).parents[1])
    return default.with_name(f"{default.name}-bench")


if __name__ == "__main__":
    from db import embedded

    with embedded.running(folder()) as server:
        print(asyncio.run(build(server.url, big="--big" in sys.argv)))
