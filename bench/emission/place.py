"""A place to try emission: PostgreSQL, the sandbox, a server and a worker, each in a process of its own."""

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
from tortoise.context import TortoiseContext

from bench.processes import Client, Postgres, Process, connected, free_port, own_server, until
from db import config, tenant
from db.migrate import migrate
from pac.cipher import Cipher
from pac.providers import SANDBOX, SOAP_PATH
from resolvers import accounts, billing_points, pac_settings
from resolvers.pac_settings import NewCredentials
from rules import ruc
from rules.vocabulary import Scope, TaxpayerType

LINES = [{"description": "Café", "quantity": "3", "unitPrice": "5.55", "itbmsRate": "RATE_7"}]

CREATE = """mutation ($input: InvoiceInput!, $customer: CustomerInput!, $key: String) {
    createInvoice(input: $input, newCustomer: $customer, idempotencyKey: $key) {
        invoice { id } userErrors { path code message } } }"""


@dataclass
class Account:
    id: UUID
    key: str


@dataclass
class Sandbox(Process):
    """The sandbox in a process of its own, with its state in a file."""

    url: str = ""
    session: aiohttp.ClientSession = field(kw_only=True)

    async def turn(self, **knobs: Any) -> bool:
        """Turn the knobs; False if it doesn't answer. A sandbox that is started again has forgotten them."""
        with suppress(aiohttp.ClientError, OSError):
            async with self.session.post(f"{self.url}/sandbox/knobs", json=knobs) as answer:
                answer.raise_for_status()
                return True
        return False

    async def documents(self) -> list[dict[str, Any]]:
        async with self.session.get(f"{self.url}/sandbox/documents") as answer:
            documents: list[dict[str, Any]] = (await answer.json())["documents"]
            return documents


@dataclass
class Services:
    """All but PostgreSQL."""

    sandbox: Sandbox
    server: Process
    worker: Process
    url: str
    accounts: list[Account]
    session: aiohttp.ClientSession
    admin: Any
    logs: Path

    def client(self, account: Account) -> Client:
        return Client(self.session, f"{self.url}/graphql", account.key)

    async def start(self, *processes: Process) -> None:
        for process in processes:
            await process.start()
        if self.server in processes:
            await until(lambda: self.client(self.accounts[0]).ask("{ viewer { scope } }"), 60)


@dataclass
class Place(Services):
    postgres: Postgres = field(kw_only=True)


@asynccontextmanager
async def place(trial: str, **given: Any) -> AsyncIterator[Place]:
    """PostgreSQL and what ``services`` gives."""
    with own_server(trial) as server:
        postgres = Postgres(server)
        await postgres.start()
        async with services(trial, server.url, **given) as made:
            there = Place(**vars(made), postgres=postgres)
            try:
                yield there
            finally:
                there.admin.terminate()


@asynccontextmanager
async def services(
    trial: str,
    database: str,
    *,
    accounts: int = 1,
    points: int = 1,
    latency: float = 0.0,
    program: tuple[str, ...] = ("server.py",),
    **settings: str,
) -> AsyncIterator[Services]:
    """Electronic accounts in the database, and the sandbox runs; the server and the worker aren't started yet."""
    logs = Path(tempfile.mkdtemp(prefix=f"istmo-{trial}-"))
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        cipher_key = Cipher.generate_key()
        made = await prepare(database, accounts, points, cipher_key)
        port, sandbox_port = free_port(), free_port()
        environment = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": database,
            "PAC_SECRETS_KEY": cipher_key,
            "SANDBOX_URL": f"http://127.0.0.1:{sandbox_port}{SOAP_PATH}",
            "ISTMO_DATA_DIR": str(logs),
            "PORT": str(port),
            "LOG_FORMAT": "json",
            "RATE_LIMIT": "0",
            "MAIL_DAILY_LIMIT": "0",
            "WORKER": "false",
            **settings,
        }
        server, worker = (Process(name, environment, logs / name, program) for name in ("serve", "worker"))
        options = ("--port", str(sandbox_port), "--latency", str(latency), "--file", str(logs / "sandbox.sqlite3"))
        url = f"http://127.0.0.1:{sandbox_port}"
        sandbox = Sandbox("sandbox", environment, logs / "sandbox", arguments=options, url=url, session=session)
        await sandbox.start()
        for process in (sandbox, server, worker):
            stack.push_async_callback(kill, process)
        await until(sandbox.turn, 60)
        admin = await connected(database)
        address = f"http://127.0.0.1:{port}"
        there = Services(sandbox, server, worker, address, made, session, admin, logs)
        try:
            yield there
        finally:
            there.admin.terminate()


async def kill(process: Process) -> None:
    if process.process is not None:
        await process.kill()


async def prepare(url: str, count: int, points: int, cipher_key: str) -> list[Account]:
    """A migrated database with electronic accounts."""
    await migrate(url)
    made = []
    async with TortoiseContext() as context:
        await context.init(config=config.tortoise(url, role=config.SERVICE_ROLE))
        for number in range(count):
            text = f"{155600001 + number}-2-2020"
            dv = ruc.compute_dv(ruc.parse(text), TaxpayerType.JURIDICAL)
            assert dv
            id = await accounts.create(f"Emisora {number}, S.A.", text, dv, electronic_invoicing=True)
            with tenant.acting_for(id):
                _, key = await accounts.create_key("Key", Scope.ADMIN, None)
                await pac_settings.set_credentials(NewCredentials(provider=SANDBOX), Cipher(cipher_key))
                for code in range(2, points + 1):
                    await billing_points.create(f"{code:03d}", None)
            made.append(Account(id, key))
    return made
