"""What a document takes in each table and of each processor, and what is left of it when each retention is over.

Electronic invoices with 3 lines are issued by the service, mailed and told to a webhook, and authorised by the sandbox
with their files. Then the worker's functions delete what is old, as if 90 days, and then five years, had passed. The
sizes are those after a VACUUM FULL, so that a young database compares with an old one.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import uuid4

from aiohttp import web
from tortoise.context import TortoiseContext

from bench.emission.place import LINES, Place, place
from bench.processes import must, processor_seconds, until
from db import config, tenant
from resolvers import webhooks

_DOCUMENTS_OF_A_CUSTOMER: Final = 10
_CLIENTS: Final = 4

_CREATE: Final = """mutation ($input: InvoiceInput!, $id: ID, $customer: CustomerInput, $key: String!) {
    createInvoice(input: $input, customerId: $id, newCustomer: $customer, idempotencyKey: $key) {
        invoice { customer { id } } userErrors { path code message } } }"""
_SIZES: Final = """
    SELECT c.relname, pg_relation_size(c.oid) + coalesce(pg_relation_size(c.reltoastrelid), 0) AS rows,
        pg_indexes_size(c.oid) + coalesce(pg_indexes_size(c.reltoastrelid), 0) AS indexes
    FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
"""
_OPEN: Final = """SELECT EXISTS (SELECT FROM emission WHERE due_at IS NOT NULL OR files_due_at IS NOT NULL)
    OR EXISTS (SELECT FROM event WHERE sequence IS NULL) OR EXISTS (SELECT FROM delivery WHERE settled_at IS NULL)"""
_WEEK: Final = "UPDATE idempotency_key SET created_at = now() - interval '8 days'"
_RETENTIONS: Final = {
    "after 90 days": (_WEEK, "SELECT forget_idempotency_keys(1000)", "SELECT forget_events(now(), 1000)"),
    "after five years": (
        "UPDATE fiscal_file SET fetched_at = now() - interval '6 years'",
        "SELECT forget_fiscal_files(5, 1000)",
    ),
}


Sizes = dict[str, tuple[int, int]]  # of each table, its rows and their indexes, in bytes


async def run(documents: int) -> str:
    async with place("kept", WEBHOOK_LOCAL="true") as there:
        receiver = await _receive()
        await _create_webhook(there, receiver)
        empty = await _measure(there.admin)
        await there.start(there.server, there.worker)
        at_first = dict(_processor_time(there))
        log = await there.admin.fetchval("SELECT pg_current_wal_lsn()::text")
        await _issue(there, documents)
        await until(lambda: _is_settled(there.admin), 600 + documents)
        used = [(name, seconds - at_first[name]) for name, seconds in _processor_time(there)]
        wal = await there.admin.fetchval("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), $1::text::pg_lsn)::float", log)
        await receiver.cleanup()
        authorized = await there.admin.fetchval("SELECT count(*) FROM emission WHERE status = 'AUTHORIZED'")
        must(authorized == documents, f"{authorized} of {documents} are authorised")
        for process in (there.server, there.worker):
            await process.kill()
        grown = await _measure(there.admin)
        counts = {name: await there.admin.fetchval(f"SELECT count(*) FROM {name}") for name in grown}
        stages = {"at first": await _measure(there.admin, "VACUUM FULL")}
        for name, (*ages, forget) in _RETENTIONS.items():
            for age in ages:
                await there.admin.execute(age)
            while await there.admin.fetchval(forget):
                pass
            stages[name] = await _measure(there.admin, "VACUUM FULL")
    lines = [f"{name}: {seconds / documents * 1000:.1f} ms of processor time a document" for name, seconds in used]
    lines.append(f"WAL: {wal / documents / 1000:.1f} kB a document")
    return "\n".join([*lines, *_describe(documents, empty, grown, stages, counts)])


def _processor_time(there: Place) -> list[tuple[str, float]]:
    """What each has taken so far."""
    processes = {"server": there.server.process, "worker": there.worker.process}
    used = [(name, processor_seconds(process.pid)) for name, process in processes.items() if process is not None]
    return [*used, ("PostgreSQL", processor_seconds(there.postgres.pid))]


async def _receive() -> web.AppRunner:
    """A receiver of webhooks that takes all it gets."""

    async def take(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner


async def _create_webhook(there: Place, receiver: web.AppRunner) -> None:
    port = receiver.addresses[0][1]
    async with TortoiseContext() as context:
        await context.init(config=config.tortoise(there.postgres.server.url, role=config.SERVICE_ROLE))
        with tenant.acting_for(there.accounts[0].id):
            await webhooks.create(f"http://127.0.0.1:{port}/", None, local=True)


async def _issue(there: Place, documents: int) -> None:
    """Issue so many documents, of which each customer gets some."""
    client, numbers = there.client(there.accounts[0]), iter(range(documents))

    async def keep_issuing() -> None:
        id = None
        for turn, number in enumerate(numbers):
            is_new = turn % _DOCUMENTS_OF_A_CUSTOMER == 0
            data = await client.ask(
                _CREATE,
                input={"lines": LINES * 3, "paymentForms": [{"method": "CASH"}]},
                id=None if is_new else id,
                customer=_customer(number) if is_new else None,
                key=str(uuid4()),
            )
            must(data is not None and not data["createInvoice"]["userErrors"], f"not issued: {data}")
            id = data["createInvoice"]["invoice"]["customer"]["id"]

    async with asyncio.TaskGroup() as clients:
        for _ in range(_CLIENTS):
            clients.create_task(keep_issuing())


def _customer(number: int) -> dict[str, str]:
    return {
        **{"receiverType": "TAXPAYER", "taxpayerType": "JURIDICAL", "ruc": f"{155700001 + number}-2-2021"},
        **{"name": f"Distribuidora del Istmo {number}, S.A.", "locationCode": "8-8-7", "address": "Calle 50, local 4"},
        **{"email": f"compras{number}@example.com", "phone": "6677-8899"},
    }


async def _is_settled(admin: Any) -> bool:
    return not await admin.fetchval(_OPEN)


async def _measure(admin: Any, clean: str = "VACUUM") -> Sizes:
    await admin.execute(clean)
    return {row["relname"]: (row["rows"], row["indexes"]) for row in await admin.fetch(_SIZES)}


def _describe(
    documents: int, empty: Sizes, grown: Sizes, stages: Mapping[str, Sizes], counts: Mapping[str, int]
) -> Iterator[str]:
    def kilobytes(size: int) -> str:
        return f"{size / documents / 1000:.2f}"

    def added(sizes: Sizes, table: str) -> tuple[int, int]:
        rows, indexes = sizes[table]
        rows_before, indexes_before = empty[table]
        return max(rows - rows_before, 0), max(indexes - indexes_before, 0)

    yield f"{documents} documents of {counts['customer']} customers, kB a document"
    yield f"| table | rows a document | rows | indexes | {' | '.join(stages)} |"
    yield f"|---|---|---|---|{'---|' * len(stages)}"
    totals = Counter[str]()
    first = stages["at first"]
    for table in sorted(first, key=lambda table: -sum(added(first, table))):
        if sum(added(first, table)) < documents:  # less than a byte a document
            continue
        rows, indexes = added(first, table)
        sums = {name: sum(added(sizes, table)) for name, sizes in stages.items()}
        cells = [f"{counts[table] / documents:.2f}", *map(kilobytes, (rows, indexes, *sums.values()))]
        yield f"| {table} | {' | '.join(cells)} |"
        totals += Counter({"rows": rows, "indexes": indexes, **sums})
    yield f"| **all** | | {' | '.join(kilobytes(totals[name]) for name in ('rows', 'indexes', *stages))} |"
    yield f"As it has grown, without VACUUM FULL: {kilobytes(sum(sum(added(grown, table)) for table in grown))} kB"
