"""The server, the accounts, and one phase after the other."""

import asyncio
import multiprocessing
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
from tortoise.context import TortoiseContext

from bench.hostile.answers import Surprise
from bench.hostile.attacker import Attacker, attack, request
from bench.hostile.attacks import ATTACKS
from bench.hostile.clients import Client
from bench.hostile.costly import LONG_INVOICE, LONG_LINE
from bench.processes import CHECKOUT, free_port, program_of, resident_memory
from bench.proxy import run_nginx
from db import config, embedded, tenant
from db.migrate import migrate
from resolvers import accounts, customers
from resolvers.customer_preparation import NewCustomer
from rules.customer import CustomerDraft
from rules.customer_check import clean_customer
from rules.vocabulary import ReceiverType, Scope

KEYS = 10  # of the attacker's account
LONG_INVOICES = 40  # of the attacker's account, with 1,000 lines of 450 characters


@dataclass
class Phase:
    """The clients' latencies during an attack, in milliseconds, and the server's memory after it, in MB."""

    name: str
    median: float
    p99: float
    pdf: float  # median of the clients' PDFs
    memory: float
    load: float  # the server's share of a processor, in per cent
    seen: Counter[str]


def quantile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))] * 1000


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def phase(name: str, clients: list[Client], attacker: Attacker, pid: int) -> Phase:
    for client in clients:
        client.times.clear()
        client.pdf_times.clear()
    seen: Counter[str] = Counter()
    if under_attack := name in ATTACKS:
        ours, theirs = multiprocessing.Pipe()
        keys = attacker.keys if "ten keys" in name else attacker.keys[:1]
        arguments = (ATTACKS[name], replace(attacker, keys=keys), theirs)
        process = multiprocessing.get_context("spawn").Process(target=attack, args=arguments)
        process.start()
        await asyncio.to_thread(ours.recv)
    began, used = time.perf_counter(), processor_seconds(pid)
    await asyncio.gather(*[client.go(attacker.seconds) for client in clients])
    load = 100 * (processor_seconds(pid) - used) / (time.perf_counter() - began)
    if under_attack:
        outcome = await asyncio.to_thread(ours.recv)
        process.join()
        if isinstance(outcome, str):
            raise Surprise(outcome)
        seen = outcome
    times = [each for client in clients for each in client.times]
    pdf = quantile([each for client in clients for each in client.pdf_times], 0.5)
    return Phase(name, quantile(times, 0.5), quantile(times, 0.99), pdf, resident_memory(pid), load, seen)


@contextmanager
def database() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="istmo-hostile-", dir=embedded.data_dir(CHECKOUT).parent) as folder:
        os.chmod(folder, 0o755)
        with embedded.running(Path(folder)) as server:
            yield server.url


@asynccontextmanager
async def serving(url: str, log: Path) -> AsyncIterator[tuple[str, int]]:
    """Address and process id of a server with the settings of production, but for a log of surprises only."""
    port = free_port()
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": url, "PORT": str(port), "LOG_LEVEL": "error"}
    environment |= {"RATE_LIMIT": "0"}  # or attackers with a key would be refused after a while
    environment |= {"WEBHOOK_LOCAL": "true", "ISTMO_DATA_DIR": str(log.parent)}
    with log.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "server.py", "serve", cwd=CHECKOUT, env=environment, stderr=file
        )
    try:
        async with aiohttp.ClientSession() as session:
            ready = False
            while not ready:
                if process.returncode is not None:
                    raise Surprise("the server didn't start")
                with suppress(aiohttp.ClientConnectionError):
                    async with session.get(f"http://127.0.0.1:{port}/readyz") as response:
                        ready = response.status == 200
                await asyncio.sleep(0.1)
        yield f"http://127.0.0.1:{port}", program_of(process.pid, "server")
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def create_accounts(url: str, count: int) -> list[tuple[list[str], list[str]]]:
    """As many accounts: the secrets of ``KEYS`` keys of each, and the ids of its hundred customers."""
    made = []
    await migrate(url)
    async with TortoiseContext() as context:
        await context.init(config=config.tortoise(url, role=config.SERVICE_ROLE))
        for number in range(count):
            account_id = await accounts.create(f"Cuenta {number}, S.A.", None, None, electronic_invoicing=False)
            with tenant.acting_for(account_id):
                secrets = [(await accounts.create_key("Llave", Scope.ADMIN, None))[1] for _ in range(KEYS)]
                ids = []
                for place in range(100):
                    draft = CustomerDraft(receiver_type=ReceiverType.TAXPAYER, name=f"Cliente {place:03}")
                    outcome = await customers.create(NewCustomer(clean=clean_customer(draft)))
                    ids.append(str(outcome.id))
            made.append((secrets, ids))
    return made


async def create_long_invoices(attacker: Attacker) -> None:
    async with attacker.new_session() as session:
        lines = [LONG_LINE] * 1000
        for _ in range(LONG_INVOICES):
            await attacker.post(session, request(LONG_INVOICE, input={"lines": lines}, customerId=attacker.customer))
    assert attacker.seen == {"data": LONG_INVOICES}, attacker.seen
    attacker.seen.clear()


async def trial(seconds: float, clients: int, attacks: list[str], proxy: str | None) -> list[Phase]:
    with database() as url, tempfile.TemporaryDirectory() as folder:
        (hostile, customers_), *good = await create_accounts(url, clients + 1)
        log = Path(folder) / "log"
        async with serving(url, log) as (address, pid), AsyncExitStack() as stack:
            if proxy:
                address = stack.enter_context(run_nginx(address.removeprefix("http://")))
            served = []
            for number, ([key, *_], ids) in enumerate(good, 1):
                connector = aiohttp.TCPConnector(local_addr=(f"127.0.1.{number}", 0))
                session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
                served.append(Client(session, address, key, ids))
            attacker = Attacker(address, hostile, customers_[0], seconds)
            await create_long_invoices(attacker)
            await phase("warming up", served, attacker, pid)
            phases = [await phase(name, served, attacker, pid) for name in ("quiet", *attacks, "quiet again")]
        if surprises := log.read_text():
            raise Surprise(surprises)
    return phases
