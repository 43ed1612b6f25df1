"""Measures `overview`, the figures of the start page, for an account of 100,000 documents.

    python -m bench.overview [--requests 100] [--documents 100000]

All documents are of the last twelve months, which is what the page counts: 94 in 100 are invoices, 5 credit notes and
one a debit note. A fifth is in US dollars; of the invoices seven tenths are due 30 days after their issue, and none is
paid. They are electronic and went to 20,000 customers; some are rejected or blocked. The data is made once, in a
database of its own. Measured are the statement with the service's connection, and requests to a server.
"""

import argparse
import asyncio
import http.client
import os
import statistics
import time
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import orjson
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext

from bench import dataset, load
from db import config, embedded, tenant
from db.migrate import migrate
from resolvers import overview
from rules import calendar

# Another name wherever the data changes: a database that is there is not changed.
DATABASE = "istmo_overview"
ACCOUNT = 1
CUSTOMERS = 20_000
# What the page asks for.
QUERY = """query { overview {
    today overdue incomplete
    currencies {
        currency
        months { month invoices debitNotes creditNotes total itbms net }
        overdue { fromDays toDays count total }
        bestCustomers { id name total }
    }
} }"""

_NOTES = """
    UPDATE document SET currency = CASE WHEN n / 100 % 5 = 0 THEN 'USD' ELSE 'PAB' END, issue_date = day,
        type = CASE WHEN NOT is_note THEN 'INVOICE' WHEN n % 100 = 6 THEN 'DEBIT_NOTE' ELSE 'CREDIT_NOTE' END,
        note_reason = CASE WHEN is_note THEN 'Mercancía devuelta' END,
        invoice_id = CASE WHEN is_note THEN (
            SELECT i.id FROM document i
            WHERE i.account_id = document.account_id AND i.number = lpad((n + 10)::text, 10, '0')) END,
        due_date = CASE WHEN NOT is_note AND n % 10 < 7 THEN day + 30 END
    FROM (SELECT id AS numbered_id, number::integer AS n, number::integer % 100 BETWEEN 1 AND 6 AS is_note,
            $1::date - 364 + ((number::bigint - 1) * 365 / count(*) OVER ())::integer AS day FROM document) numbered
    WHERE id = numbered_id
"""
_EMISSIONS = """
    INSERT INTO emission (account_id, document_id, environment, due_at, status, cufe, authorized_at, blocked_reason)
    SELECT account_id, id, 'TEST', NULL, status, CASE status WHEN 'AUTHORIZED' THEN rpad('FE', 66, id::text) END,
        CASE status WHEN 'AUTHORIZED' THEN now() END, CASE status WHEN 'BLOCKED' THEN 'FOLIOS' END
    FROM (SELECT account_id, id, CASE number::bigint % 1000
        WHEN 7 THEN 'REJECTED' WHEN 8 THEN 'BLOCKED' ELSE 'AUTHORIZED' END AS status FROM document) d
"""
_CUSTOMERS = """
    UPDATE customer SET email = CASE WHEN abs(hashtext(id::text)) % 7 > 0 THEN email END, verification_status =
        (ARRAY['VERIFIED', 'VERIFIED', 'VERIFIED', 'NOT_FOUND', 'MISMATCH'])[1 + abs(hashtext(id::text)) % 5]
"""


async def build(server_url: str, documents: int) -> str:
    """The URL of a database with the data."""
    name = f"{DATABASE}_{documents}_{calendar.today():%Y%m%d}"
    url = server_url.replace("/istmo?", f"/{name}?")
    server = await asyncpg.connect(server_url)
    exists = await server.fetchval("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name)
    if not exists:
        await server.execute(f"CREATE DATABASE {name}")
    await server.close()
    await migrate(url)
    if exists:
        return url
    connection = await asyncpg.connect(url)
    locations = [row["code"] for row in await connection.fetch("SELECT code FROM location ORDER BY position")]
    async with connection.transaction(), dataset.indexed_afterwards(connection):
        await dataset.load(connection, ACCOUNT, CUSTOMERS, documents, locations)
        await connection.execute(_NOTES, calendar.today())
        await connection.execute(_EMISSIONS)
        await connection.execute(_CUSTOMERS)
    await connection.execute("VACUUM (FULL) document, customer")
    await connection.execute("VACUUM ANALYZE")
    await connection.close()
    return url


async def measure_statement(url: str, requests: int) -> tuple[list[float], float]:
    """Milliseconds of each, with row-level security; and of the processor, PostgreSQL's and this process's together."""
    times = []
    async with TortoiseContext() as context:
        await context.init(config=config.tortoise(url, role=config.SERVICE_ROLE, pool_size=1))
        with tenant.acting_for(dataset.account_id(ACCOUNT)):
            rows = await get_connection("default").execute_query_dict("SELECT pg_backend_pid() AS pid")
            await overview.read_overview()
            worked = _processor_time(rows[0]["pid"])
            for _ in range(requests):
                started = time.perf_counter()
                await overview.read_overview()
                times.append((time.perf_counter() - started) * 1000)
            worked = _processor_time(rows[0]["pid"]) - worked
    return times, worked / requests * 1000


def _processor_time(backend: int) -> float:
    """Seconds that a backend of PostgreSQL on this machine, and this process, have worked so far."""
    fields = Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") + time.process_time()


def measure_requests(url: str, requests: int) -> list[float]:
    """Milliseconds of each, one after the other, over one connection to a server."""
    times = []
    with load.istmo(url) as served:
        address = urlsplit(served.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port)
        body = orjson.dumps({"query": QUERY})
        headers = {"Authorization": f"Bearer {dataset.secret(ACCOUNT)}", "Content-Type": "application/json"}
        for _ in range(requests):
            started = time.perf_counter()
            connection.request("POST", "/graphql", body, headers)
            answer = orjson.loads(connection.getresponse().read())
            times.append((time.perf_counter() - started) * 1000)
            assert "errors" not in answer, answer
        connection.close()
    return times


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.overview")
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--documents", type=int, default=100_000)
    options = parser.parse_args()
    with embedded.running(dataset.folder()) as server:
        url = asyncio.run(build(server.url, options.documents))
        statements, worked = asyncio.run(measure_statement(url, options.requests))
        print("| what | best | median | worst |\n|---|---|---|---|")
        for what, times in (
            ("the statement, and reading its answer", statements),
            ("the page's request", measure_requests(url, options.requests)),
        ):
            print(f"| {what} | {min(times):.0f} ms | {statistics.median(times):.0f} ms | {max(times):.0f} ms |")
        print(f"\nProcessor time of the statement, PostgreSQL's and Python's: {worked:.0f} ms on average.")


if __name__ == "__main__":
    main()
