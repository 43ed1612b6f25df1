"""Two nodes, each with a PostgreSQL, a server and a worker, behind one nginx, and the mover as a process of its own."""

import asyncio
import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from bench.emission.crash import LONGEST
from bench.emission.place import Account, Place, kill, place
from bench.processes import Client, Postgres, Process, Victim, connected, free_port, own_server
from bench.proxy import Proxy, run_nginx_before_nodes
from db.migrate import migrate

NAMES = ("uno", "dos")


@dataclass
class Nodes:
    """Two nodes. The first one is a bench.emission's ``Place``, with the sandbox of both."""

    first: Place
    other: Place
    proxy: Proxy
    environment: dict[str, str]

    @property
    def victims(self) -> list[Victim]:
        both = [(each.worker, each.server, each.postgres) for each in (self.first, self.other)]
        servers: list[Victim] = [each for node in both for each in node[:2]]
        return [*servers, self.first.sandbox, *[node[2] for node in both]]

    def client(self, account: Account) -> Client:
        return Client(self.first.session, f"{self.proxy.url}/graphql", account.key)


@asynccontextmanager
async def nodes(
    trial: str, program: tuple[str, ...] = ("server.py",), *, points: int = 1, settings: Mapping[str, str] | None = None
) -> AsyncIterator[Nodes]:
    given: dict[str, Any] = dict(settings or {})
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(place(trial, points=points, program=program, **given))
        postgres = Postgres(stack.enter_context(own_server(f"{trial}-other")), "postgres of the other node")
        await postgres.start()
        await migrate(postgres.server.url)
        port = free_port()
        environment = {**first.server.environment, "DATABASE_URL": postgres.server.url, "PORT": str(port)}
        other = Place(
            first.sandbox,
            Process("serve", environment, first.logs / "serve-other", program),
            Process("worker", environment, first.logs / "worker-other", program),
            f"http://127.0.0.1:{port}",
            first.accounts,
            first.session,
            await connected(postgres.server.url),
            first.logs,
            postgres=postgres,
        )
        for process in (other.server, other.worker):
            stack.push_async_callback(kill, process)
        addresses = [each.url.removeprefix("http://") for each in (first, other)]
        proxy = stack.enter_context(run_nginx_before_nodes(addresses[0], {"dos": addresses[1]}))
        file = first.logs / "nodes.toml"
        file.write_text(
            "".join(
                f'[[node]]\nname = "{name}"\ndatabase = "{each.postgres.server.url}"\naddress = "{address}"\n'
                for name, each, address in zip(NAMES, (first, other), ("istmo", "dos"), strict=True)
            )
        )
        try:
            yield Nodes(first, other, proxy, {**first.server.environment, "NODES_FILE": str(file)})
        finally:
            other.admin.terminate()


@dataclass
class Movers:
    """Runs the mover again and again, until it is done."""

    there: Nodes
    chance: random.Random
    program: tuple[str, ...] = ("server.py",)
    kills: Counter[str] = field(default_factory=Counter)

    async def move(self, *arguments: str, kills: int) -> None:
        options = ("--map", str(self.there.proxy.map), "--reload", self.there.proxy.reload)
        account = str(self.there.first.accounts[0].id)
        log = self.there.first.logs / "mover"
        mover = Process("accounts", self.there.environment, log, self.program, ("move", account, *arguments, *options))
        async with asyncio.timeout(LONGEST):
            for _ in range(kills):
                await mover.start()
                assert mover.process is not None
                with suppress(TimeoutError):
                    await asyncio.wait_for(mover.process.wait(), self.chance.uniform(1.0, 5.0))
                self.kills["mover"] += mover.lives
                await mover.kill()
            while True:
                await mover.start()
                assert mover.process is not None
                if await mover.process.wait() == 0:
                    return
                await asyncio.sleep(0.5)  # a database that was killed is about to come back

    async def read_only(self) -> list[float]:
        text = await asyncio.to_thread((self.there.first.logs / "mover").read_text)
        return [float(seconds) for seconds in re.findall(r"read-only for ([0-9.]+) s", text)]
