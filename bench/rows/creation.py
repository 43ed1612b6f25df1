"""The processor time of createInvoice: the server process's and PostgreSQL's, here and in another version.

Each version has a database of its own, since their tables differ, and no worker: nothing but the invoices counts.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from statistics import median

import asyncpg

from bench.load import CHECKOUT, Table, istmo
from bench.processes import Postgres, processor_seconds, program_of
from bench.rows.writes import CREATE, NEW_CUSTOMERS, VARIABLES
from db import embedded

_CLIENTS = 4
Figures = tuple[float, float]  # milliseconds of the server and of PostgreSQL for an invoice


def measure(table: Table, server: embedded.Server, against: Path | None) -> None:
    checkouts = [CHECKOUT, against.resolve()] if against else [CHECKOUT]
    with ExitStack() as stack:
        sides = [stack.enter_context(_creating(table, server, checkout)) for checkout in checkouts]
        for side in sides:
            side()  # warms up
        rounds = [[side() for side in sides] for _ in range(table.rounds)]
    for part, name in enumerate(("the server process", "PostgreSQL")):
        here, *there = [median([figures[part] for figures in side]) for side in zip(*rounds, strict=True)]
        detail = f"{there[0]:.2f} ms in {against}" if there else "for a request"
        table.add(f"processor time of {name}: `createInvoice(newCustomer:)`", f"{here:.2f} ms", "", detail)


@contextmanager
def _creating(table: Table, postgres: embedded.Server, checkout: Path) -> Iterator[Callable[[], Figures]]:
    """What issues invoices in a checkout for the seconds of a round, in a database that is made for it."""
    name = f"istmo_creation_{checkout.name.replace('-', '_')}"
    url = postgres.url_of(name)
    asyncio.run(_create_database(postgres.url, name))
    account = _command(checkout, url, "accounts", "create", "--name", "Medida, S.A.").split()[-1]
    key = _command(checkout, url, "keys", "create", "--account", account, "--scope", "write").split()[-1]
    with istmo(url, checkout=checkout, WORKER="false") as served:
        target = served.plain_graphql(CREATE, VARIABLES, {"Authorization": f"Bearer {key}"})
        bases = count(1_000_000, 1_000_000)

        def create() -> Figures:
            target.lua = NEW_CUSTOMERS.replace("BASE", str(next(bases))).replace("POINTS", "1")
            issued, before = asyncio.run(_issued(url)), _seconds(served.pid, postgres)
            target.rate(table.seconds, _CLIENTS)
            after, done = _seconds(served.pid, postgres), asyncio.run(_issued(url)) - issued
            return (after[0] - before[0]) / done * 1000, (after[1] - before[1]) / done * 1000

        yield create


def _command(checkout: Path, url: str, *arguments: str) -> str:
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": url}
    command = [sys.executable, "server.py", *arguments]
    return subprocess.run(command, cwd=checkout, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


async def _create_database(server_url: str, name: str) -> None:
    connection = await asyncpg.connect(server_url)
    await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()


async def _issued(url: str) -> int:
    connection = await asyncpg.connect(url)
    issued: int = await connection.fetchval("SELECT coalesce(sum(last_number), 0)::bigint FROM sequence")
    await connection.close()
    return issued


def _seconds(supervisor: int, postgres: embedded.Server) -> Figures:
    """The processor time so far of the server process, and of PostgreSQL."""
    return processor_seconds(program_of(supervisor, "server")), processor_seconds(Postgres(postgres).pid)
