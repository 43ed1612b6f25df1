"""Measures how many announcements are delivered per second.

    python -m bench.outbox [--events 10000] [--workers 1] [--dead 0]

Writes one event for each of as many customers, then starts workers, and measures until a webhook has received all.
``--dead`` adds webhooks that never answer.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

import asyncpg
from aiohttp import web
from tortoise.context import TortoiseContext
from uuid_utils.compat import uuid7

from db import config, embedded, models, tenant
from db.migrate import migrate
from resolvers import accounts, outbox, webhooks
from rules.vocabulary import CustomerStatus, EventType

CHECKOUT = Path(__file__).parents[1]


async def measure(url: str, events: int, workers: int, dead: int) -> None:
    calls, done = 0, asyncio.Event()

    async def hook(request: web.Request) -> web.Response:
        nonlocal calls
        if request.path != "/alive":
            await asyncio.sleep(3600)
        await request.read()
        calls += 1
        if calls == events:
            done.set()
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/{name}", hook)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]

    await migrate(url)
    async with TortoiseContext() as context:
        await context.init(config=config.tortoise(url, role=config.SERVICE_ROLE))
        id = await accounts.create("Medida, S.A.", None, None, electronic_invoicing=False)
        with tenant.acting_for(id):
            for name in ("alive", *(f"dead{number}" for number in range(dead))):
                await webhooks.create(f"http://127.0.0.1:{port}/{name}", None, local=True)
            for start in range(0, events, 1000):
                size = min(1000, events - start)
                customers = [
                    models.Customer(id=uuid7(), account_id=id, name="Ana", status=CustomerStatus.ACTIVE)
                    for _ in range(size)
                ]
                await outbox.announce(*[(EventType.CUSTOMER_CREATED, customer) for customer in customers])

    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": url, "WEBHOOK_LOCAL": "true", "LOG_LEVEL": "error"}
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, "server.py", "worker", cwd=CHECKOUT, env=environment)
        for _ in range(workers)
    ]
    admin = await asyncpg.connect(url)
    while not await admin.fetchval("SELECT EXISTS (SELECT FROM event WHERE sequence IS NOT NULL)"):  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    begin = time.perf_counter()
    await done.wait()
    seconds = time.perf_counter() - begin
    [dispatching] = await admin.fetchrow(
        "SELECT extract(epoch FROM max(dispatched_at) - min(dispatched_at)) FROM event"
    )
    await admin.close()
    for process in processes:
        process.kill()
        await process.wait()
    await runner.cleanup()
    print(
        f"{events} events, {workers} workers, {dead} dead webhooks beside: {events / seconds:.0f} a second delivered,"
        f" {events / float(dispatching):.0f} a second dispatched"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.outbox")
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--dead", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="istmo-outbox-", dir=embedded.data_dir(CHECKOUT).parent) as folder:
        os.chmod(folder, 0o755)
        with embedded.running(Path(folder)) as server:
            asyncio.run(measure(server.url, arguments.events, arguments.workers, arguments.dead))


if __name__ == "__main__":
    main()
