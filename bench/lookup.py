"""Measures look-ups of RUCs, with the sandbox on loopback and a PostgreSQL of its own.

python -m bench.lookup [SECONDS]
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import structlog
import uvloop
from pydantic import SecretStr
from tortoise.context import TortoiseContext

from db import config, embedded, tenant
from db.migrate import migrate
from lookup.service import Consultar, Lookup, Source, Status
from lookup.settings import Settings
from pac.providers import SOAP_PATH, Provider
from pac.sandbox.faults import Fault
from pac.sandbox.server import run_sandbox
from pac.sandbox.state import Sandbox
from resolvers import accounts
from tests.conftest import with_database

CHECKOUT = Path(__file__).parents[1]
COMPANY = "155596713-2-2015"
CALLERS = 20


async def measure(
    what: str,
    seconds: float,
    callers: int,
    look_up: Callable[[int], Awaitable[Lookup]],
    expected: tuple[Status, Source],
) -> None:
    times: list[float] = []
    end = time.perf_counter() + seconds

    async def caller() -> None:
        while (start := time.perf_counter()) < end:
            lookup = await look_up(len(times))
            times.append(time.perf_counter() - start)
            assert (lookup.status, lookup.source) == expected, lookup

    begun, worked = time.perf_counter(), time.process_time()
    await asyncio.gather(*[caller() for _ in range(callers)])
    rate = len(times) / (time.perf_counter() - begun)
    work = (time.process_time() - worked) / len(times) * 1000
    median, late = statistics.median(times) * 1000, statistics.quantiles(times, n=100)[98] * 1000
    print(
        f"{what:<28} {callers:>3} callers {rate:>6.0f}/s  median {median:>6.2f}  p99 {late:>6.2f}  CPU {work:>5.2f} ms"
    )


async def main(seconds: float) -> None:
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    folder = embedded.data_dir(CHECKOUT)
    with embedded.running(folder.with_name(f"{folder.name}-bench")) as server:
        admin = await asyncpg.connect(server.url)
        await admin.execute("DROP DATABASE IF EXISTS bench_lookup WITH (FORCE)")
        await admin.execute("CREATE DATABASE bench_lookup")
        url = with_database(server.url, "bench_lookup")
        await migrate(url)
        sandbox = Sandbox()
        async with TortoiseContext() as context, run_sandbox(sandbox) as address, AsyncExitStack() as stack:
            await context.init(config=config.tortoise(url, role=config.SERVICE_ROLE))
            provider = Provider("sandbox", address + SOAP_PATH, SecretStr("sandbox"), SecretStr("sandbox"), True)
            account = await accounts.create("Prueba, S.A.", None, None, electronic_invoicing=False)
            settings = Settings((provider,), calls_of_account=CALLERS, rest=300.0, daily_limit=0)
            async with Consultar(settings) as consultar:
                stack.enter_context(tenant.acting_for(account))
                await consultar.look_up(COMPANY)
                for callers in (1, CALLERS):
                    await measure(
                        "kept answer",
                        seconds,
                        callers,
                        lambda _: consultar.look_up(COMPANY),
                        (Status.FOUND, Source.CACHE),
                    )
                await measure(
                    "asked, not registered",
                    seconds,
                    CALLERS,
                    lambda count: consultar.look_up(f"{155000000 + count}-2-2015"),
                    (Status.NOT_FOUND, Source.REGISTRY),
                )
                sandbox.fault = Fault.CERTIFICATE
                for number in range(settings.failures):
                    await consultar.look_up(f"{355000000 + number}-2-2015")
                for callers in (1, CALLERS):
                    await measure(
                        "breaker open",
                        seconds,
                        callers,
                        lambda count: consultar.look_up(f"{255000000 + count}-2-2015"),
                        (Status.UNAVAILABLE, Source.COMPUTED),
                    )
        await admin.close()


if __name__ == "__main__":
    # uvicorn uses uvloop, too.
    uvloop.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 3.0))
