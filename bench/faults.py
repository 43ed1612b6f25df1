"""Kills must not lose or repeat acknowledged invoices, and a pooler must not show one account's rows to another.

    python -m bench.faults [--rounds 20] [--seconds 3] [--answers 100000] [--seed 1]

Clients create invoices under idempotency keys, and repeat each until it is acknowledged, while in each round the
server and then PostgreSQL are killed with -9 and started again. Afterwards there must be one invoice for each key,
numbered without a gap. Then clients of ten accounts, alternating at random, share the two connections of a PgBouncer
in transaction mode.
"""

import argparse
import asyncio
import os
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp

from bench.processes import (
    Client,
    Postgres,
    Process,
    connected,
    free_port,
    must,
    own_server,
    pgbouncer,
    prepared,
    until,
)

CLIENTS = 6
ACCOUNTS = 10
PATIENCE = 5.0  # seconds from the database's return to the next answer
_LINES = [{"description": "Café", "quantity": "1", "unitPrice": "5.55", "itbmsRate": "RATE_7"}]


@asynccontextmanager
async def serving(**settings: str) -> AsyncIterator[tuple[Process, str, aiohttp.ClientSession]]:
    """The server in its own process, its address, and a client session. A log that contains errors is kept."""
    log = Path(tempfile.mkdtemp(prefix="istmo-faults-")) / "serve"
    port = free_port()
    environment = {"PATH": os.environ["PATH"], "PORT": str(port), "LOG_FORMAT": "json", "RATE_LIMIT": "0", **settings}
    process = Process("serve", environment, log)
    await process.start()
    try:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            yield process, f"http://127.0.0.1:{port}/graphql", session
    finally:
        await process.kill()
        if '"level": "error"' in log.read_text():
            print(f"The server logged an unexpected error, see {log}")
        else:
            shutil.rmtree(log.parent)


# Kills


@dataclass
class Creator(Client):
    """Creates invoices, one after another, each until it is acknowledged."""

    chance: random.Random = field(default_factory=random.Random)
    acknowledged: dict[str, tuple[str, str]] = field(default_factory=dict)  # key to id and number
    repeated: int = 0

    async def create(self, key: str) -> tuple[str, str] | None:
        data = await self.ask(
            "mutation ($input: InvoiceInput!, $customer: CustomerInput!, $key: String!) {"
            " createInvoice(input: $input, newCustomer: $customer, idempotencyKey: $key) {"
            " invoice { id number } userErrors { code message } } }",
            input={"lines": _LINES},
            customer={"receiverType": "TAXPAYER", "name": f"Cliente {key}"},
            key=key,
        )
        if data is None:
            return None
        must(not data["createInvoice"]["userErrors"], f"refused: {data}")
        invoice = data["createInvoice"]["invoice"]
        self.answers["done"] += 1
        return invoice["id"], invoice["number"]

    async def step(self) -> None:
        key = uuid4().hex
        while (answer := await self.create(key)) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        self.acknowledged[key] = answer
        if self.chance.random() < 0.2:
            old = self.chance.choice(list(self.acknowledged))
            again = await self.create(old)
            must(again in (None, self.acknowledged[old]), f"key {old} stood for {self.acknowledged[old]}, now {again}")
            self.repeated += again is not None


@dataclass
class Kills:
    seconds: float
    invoices: int
    repeated: int
    answers: Counter[str]
    after_server: list[float]  # seconds to the next answer
    after_postgres: list[float]

    def __str__(self) -> str:
        return (
            f"{len(self.after_postgres)} rounds in {self.seconds:.0f} s: {self.invoices} invoices, each once, no gap; "
            f"{self.repeated} repeated keys answered the same; answers {dict(self.answers)}\n"
            f"first answer after the server's start {_range(self.after_server)}, "
            f"after the database's return {_range(self.after_postgres)}"
        )


def _range(seconds: list[float]) -> str:
    return f"{min(seconds):.2f} to {max(seconds):.2f} s"


async def kills(rounds: int, seconds: float, seed: int) -> Kills:
    """Raises ``Lost``."""
    chance = random.Random(seed)
    async with AsyncExitStack() as stack:
        server = stack.enter_context(own_server("faults"))
        postgres = Postgres(server)
        await postgres.start()
        [(account_id, key)] = await prepared(server.url)
        process, url, session = await stack.enter_async_context(serving(DATABASE_URL=server.url))
        clients = [Creator(session, url, key, chance=random.Random(chance.random())) for _ in range(CLIENTS)]
        watcher = Client(session, url, key)

        async def answers_again() -> float:
            begin = time.monotonic()
            await until(lambda: watcher.ask("{ viewer { account { name } } }"), 60, pause=0.02)
            return time.monotonic() - begin

        await answers_again()
        begin = time.monotonic()
        after_server, after_postgres = [], []
        ended = asyncio.Event()
        async with asyncio.TaskGroup() as load:
            for client in clients:
                load.create_task(_keep(client.step, ended))
            for _ in range(rounds):
                await asyncio.sleep(seconds * chance.uniform(0.3, 0.7))
                await process.kill()
                await process.start()
                after_server.append(await answers_again())
                await asyncio.sleep(seconds * chance.uniform(0.3, 0.7))
                await postgres.kill()
                await postgres.start()
                after_postgres.append(await answers_again())
            ended.set()
        took = time.monotonic() - begin

        admin = await connected(server.url)
        stack.push_async_callback(admin.close)
        acknowledged = {key: answer for client in clients for key, answer in client.acknowledged.items()}
        await _examine(admin, account_id, acknowledged)
        must(max(after_postgres) <= PATIENCE, f"no answer for {max(after_postgres):.1f} s after the database's return")
        counts = sum((client.answers for client in clients), Counter[str]())
        must(not counts["INTERNAL"], f"surprises: {counts}")
        repeated = sum(client.repeated for client in clients)
        return Kills(took, len(acknowledged), repeated, counts, after_server, after_postgres)


async def _keep(step: Callable[[], Awaitable[None]], ended: asyncio.Event) -> None:
    while not ended.is_set():
        await step()


async def _examine(admin: Any, account_id: UUID, acknowledged: dict[str, tuple[str, str]]) -> None:
    """Every key was acknowledged in the end, so there must be exactly one invoice for each."""
    rows = await admin.fetch(
        """
        SELECT k.key, i.id::text, i.number FROM document i
        LEFT JOIN idempotency_key k ON k.account_id = i.account_id AND k.object_id = i.id
        WHERE i.account_id = $1 ORDER BY i.number
        """,
        account_id,
    )
    must({row["key"]: (row["id"], row["number"]) for row in rows} == acknowledged, "keys and invoices differ")
    must(len(rows) == len(acknowledged), "a key stands for several invoices")
    must([int(row["number"]) for row in rows] == list(range(1, len(rows) + 1)), "the numbers have a gap")
    last = await admin.fetchval("SELECT last_number FROM sequence WHERE account_id = $1", account_id)
    must(last == len(rows), f"the counter says {last}, of {len(rows)}")
    customers = await admin.fetchval("SELECT count(*) FROM customer WHERE account_id = $1", account_id)
    must(customers == len(rows), f"{customers} customers for {len(rows)} invoices")
    told = await admin.fetchval(
        "SELECT count(DISTINCT object_id) FROM audit_event WHERE object_type = 'INVOICE' AND action = 'CREATED'"
    )
    must(told == len(rows), f"the audit trail tells of {told} invoices")


# A pooler


@dataclass
class Pooled:
    seconds: float
    answers: int
    rows: int

    def __str__(self) -> str:
        return (
            f"PgBouncer, 2 connections, {ACCOUNTS} accounts: {self.answers} answers with {self.rows} rows in "
            f"{self.seconds:.0f} s, none of another account"
        )


@dataclass
class Tenant(Client):
    """A client of one account. All names in the account contain the account's mark."""

    mark: str = ""
    rows: int = 0

    async def prepare(self) -> None:
        for number in range(3):
            await self.must_ask(
                "mutation ($input: InvoiceInput!, $customer: CustomerInput!) {"
                " createInvoice(input: $input, newCustomer: $customer) { userErrors { code } } }",
                input={"lines": [{**_LINES[0], "description": self.mark}]},
                customer={"receiverType": "TAXPAYER", "name": f"{self.mark} {number}"},
            )
        await self.must_ask(
            "mutation ($i: AccountInput!) { updateAccount(input: $i) { userErrors { code } } }", i={"name": self.mark}
        )

    async def must_ask(self, query: str, **variables: Any) -> Any:
        """The data of an answer. On a busy machine it may take several attempts."""
        async with asyncio.timeout(120):
            while (data := await self.ask(query, **variables)) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        return data

    async def look(self, chance: random.Random) -> None:
        """Make some request. All names in its answer must be of our account."""
        kind = chance.choice(["plain", "plain", "search", "write"])
        if kind == "write":
            query = "mutation ($i: AccountInput!) { updateAccount(input: $i) { account { name } userErrors { code } } }"
            found = [(await self.must_ask(query, i={"name": self.mark}))["updateAccount"]["account"]["name"]]
        else:
            data = await self.must_ask(
                "query ($search: String) { viewer { account { name } }"
                " customers(search: $search, first: 100) { edges { node { name } } }"
                " invoices(first: 100) { edges { node { receiver { name } lines { description } } } } }",
                search="cuenta" if kind == "search" else None,
            )
            invoices = [edge["node"] for edge in data["invoices"]["edges"]]
            customers = [edge["node"]["name"] for edge in data["customers"]["edges"]]
            must((len(customers), len(invoices)) == (3, 3), f"{self.mark} sees {len(customers)}, {len(invoices)} rows")
            found = [data["viewer"]["account"]["name"], *customers]
            found += [invoice["receiver"]["name"] for invoice in invoices]
            found += [line["description"] for invoice in invoices for line in invoice["lines"]]
        must(all(name.startswith(self.mark) for name in found), f"{self.mark} was shown {found}")
        self.rows += len(found)


async def pooled(answers: int, seed: int) -> Pooled:
    """Raises ``Lost``; ``FileNotFoundError`` without PgBouncer."""
    async with AsyncExitStack() as stack:
        server = stack.enter_context(own_server("pooled"))
        await Postgres(server).start()
        keys = await prepared(server.url, ACCOUNTS)
        own_url = stack.enter_context(pgbouncer(server.url))
        _, url, session = await stack.enter_async_context(
            serving(DATABASE_URL=own_url(server.url), DATABASE_POOLER="transaction", DATABASE_ADMIN_URL=server.url)
        )
        tenants = [Tenant(session, url, key, mark=f"Cuenta<{id}>") for id, key in keys]
        await until(lambda: tenants[0].ask("{ viewer { scope } }"), 60)
        for tenant in tenants:
            await tenant.prepare()
        begin = time.monotonic()
        turns = iter(range(answers))

        async def keep_looking(chance: random.Random) -> None:
            for _ in turns:
                await chance.choice(tenants).look(chance)

        async with asyncio.TaskGroup() as load:
            for number in range(CLIENTS):
                load.create_task(keep_looking(random.Random(seed + number)))
        return Pooled(time.monotonic() - begin, answers, sum(tenant.rows for tenant in tenants))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.faults")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=3, help="of load before each killing")
    parser.add_argument("--answers", type=int, default=100_000, help="through PgBouncer")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.rounds:
        print(asyncio.run(kills(arguments.rounds, arguments.seconds, arguments.seed)))
    if arguments.answers:
        print(asyncio.run(pooled(arguments.answers, arguments.seed)))


if __name__ == "__main__":
    main()
