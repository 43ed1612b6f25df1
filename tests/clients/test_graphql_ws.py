"""npm's graphql-ws: it listens to one server's process, while a worker in another one dispatches."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from db import tenant
from resolvers import accounts
from rules.vocabulary import Scope
from tests.announcements.conftest import do, void
from tests.builders import create_invoice, customer_id, invoice, taxpayer
from tests.clients.conftest import FOLDER, LIMIT
from tests.conftest import Answer, Api
from tests.service.test_commands import COMMAND, environment, started

INVOICES = "subscription { invoiceChanged { event { type sequence } invoice { number status customer { name } } } }"


class Watcher:
    """A client in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def next(self) -> Answer:
        assert self._process.stdout is not None
        async with asyncio.timeout(LIMIT):
            line = await self._process.stdout.readline()
        assert line, await self._process.stderr.read() if self._process.stderr else None
        said: Answer = json.loads(line)
        return said


@asynccontextmanager
async def process(*command: str, **settings: str) -> AsyncIterator[asyncio.subprocess.Process]:
    pipe = asyncio.subprocess.PIPE
    running = await asyncio.create_subprocess_exec(
        *command, cwd=FOLDER, env=environment({**os.environ, **settings}), stdout=pipe, stderr=pipe
    )
    try:
        yield running
    finally:
        if running.returncode is None:
            running.terminate()
        await running.communicate()


@asynccontextmanager
async def watching(node: str, url: str, key: str, subscription: str) -> AsyncIterator[Watcher]:
    async with process(node, "watch.js", subscription, ISTMO_URL=url, ISTMO_KEY=key) as running:
        watcher = Watcher(running)
        assert await watcher.next() == {"connected": True}
        yield watcher


async def begun(watcher: Watcher, change: Any) -> Answer:
    """The first thing that is told. Things happen until then, since the protocol doesn't say when it has begun."""
    told = asyncio.create_task(watcher.next())
    while not told.done():
        await change()
        await asyncio.wait([told], timeout=0.3)
    return await told


async def test_what_another_process_dispatches_is_told_until_the_key_is_revoked(
    node: str, api: Api, database_url: str, tmp_path: Path
) -> None:
    shared = {"DATABASE_URL": database_url, "REGISTRY_PROVIDERS": "none", "ISTMO_DATA_DIR": str(tmp_path)}
    customer = await customer_id(api, taxpayer())
    with tenant.acting_for(api.account_id):
        key, secret = await accounts.create_key("Key", Scope.READ, None)

    async def draft() -> str:
        id: str = (await create_invoice(api, invoice(issue=False), customerId=customer))["invoice"]["id"]
        return id

    with started(**shared, WORKER="false") as server:
        async with process(*COMMAND, "worker", **shared), watching(node, server.url, secret, INVOICES) as watcher:
            first = (await begun(watcher, draft))["invoiceChanged"]
            assert (first["event"]["type"], first["invoice"]["number"]) == ("INVOICE_CREATED", None)

            id = await draft()
            await do(api, "issueInvoice", id)
            await void(api, id)
            told = [first]
            while told[-1]["event"]["type"] != "INVOICE_VOIDED":
                told.append((await watcher.next())["invoiceChanged"])
            types = [change["event"]["type"] for change in told]
            assert types[-2:] == ["INVOICE_ISSUED", "INVOICE_VOIDED"]
            assert set(types[:-2]) == {"INVOICE_CREATED"}
            assert told[-1]["invoice"] == {
                "number": "0000000001",
                "status": "VOID",
                "customer": {"name": "Hoteles Istmo, S.A."},
            }
            sequences = [change["event"]["sequence"] for change in told]
            assert sequences == list(range(sequences[0], sequences[0] + len(told)))

            with tenant.acting_for(api.account_id):
                await accounts.revoke_key(str(key.id))
            assert await watcher.next() == {"closed": 4403, "reason": "Forbidden"}
