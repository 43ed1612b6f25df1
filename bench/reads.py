"""What reading from a standby costs, and whether clients always read what they have written.

    python -m bench.reads [--rounds 5] [--requests 300] [--seconds 20] [--clients 8]

One client asks a server without a standby and one with it in turns: for a page of 50 customers, with and without a
position, and for a change. Times are medians, processor times those of the server's process. On one machine the standby
takes nothing off the primary.

Then clients change customers and read them at once, each with the position that it was told.
"""

import argparse
import asyncio
import os
import re
import statistics
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import aiohttp

from bench.processes import Process, free_port, must, prepared, program_of, until
from bench.replication import servers

_PAGE: Final = "{ customers(first: 50) { edges { node { id name email phone createdAt } } } }"
_CREATE: Final = """mutation ($name: String!) {
    createCustomer(input: {receiverType: TAXPAYER, name: $name}) { customer { id } userErrors { code } } }"""
_RENAME: Final = """mutation ($id: ID!, $name: String!) {
    updateCustomer(id: $id, input: {name: $name}) { customer { id } userErrors { code } } }"""
_NAME: Final = "query ($id: ID!) { customer(id: $id) { name } }"
_HEADER: Final = "Istmo-Position"
_TICKS: Final = os.sysconf("SC_CLK_TCK")


class Site:
    """A server and its client."""

    def __init__(self, process: Process, url: str, session: aiohttp.ClientSession, key: str) -> None:
        self.process, self.url, self.session, self.key = process, url, session, key

    async def ask(self, query: str, position: str = "", **variables: Any) -> tuple[Any, str]:
        """The data, and the position that was told."""
        headers = {"Authorization": f"Bearer {self.key}", **({_HEADER: position} if position else {})}
        body = {"query": query, "variables": variables}
        async with self.session.post(f"{self.url}/graphql", json=body, headers=headers) as response:
            answer = await response.json()
            must("errors" not in answer, str(answer))
            return answer["data"], response.headers.get(_HEADER, "")

    async def count_reads(self) -> Counter[str]:
        async with self.session.get(f"{self.url}/metrics") as response:
            found = re.findall(r'istmo_reads_total\{outcome="(\w+)"\} ([0-9.]+)', await response.text())
        return Counter({outcome: int(float(count)) for outcome, count in found})

    def processor_time(self) -> float:
        assert self.process.process is not None
        pid = program_of(self.process.process.pid, "server")
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    async def measure(self, requests: int, query: str, position: str = "") -> tuple[float, float]:
        """The median of the requests' times, and the processor time of each, in ms."""
        times, begin = [], self.processor_time()
        for _ in range(requests):
            start = time.perf_counter()
            await self.ask(query, position, **({"name": f"Cliente {uuid4()}"} if query is _CREATE else {}))
            times.append(time.perf_counter() - start)
        return statistics.median(times) * 1000, (self.processor_time() - begin) / requests * 1000


async def run(rounds: int, requests: int, seconds: float, clients: int) -> str:
    async with AsyncExitStack() as stack:
        primary, standby = stack.enter_context(servers("primary", "standby"))
        await asyncio.to_thread(primary.create, durable=True)
        await asyncio.to_thread(primary.start)
        [(_, key)] = await prepared(primary.url())
        await asyncio.to_thread(standby.copy, primary)
        await asyncio.to_thread(standby.start)
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        logs = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="istmo-reads-")))
        sites = []
        for name, settings in (("alone", {}), ("with", {"READ_DATABASE_URL": standby.url()})):
            environment = {
                "PATH": os.environ["PATH"],
                "DATABASE_URL": primary.url(),
                "PORT": str(port := free_port()),
                "ISTMO_DATA_DIR": str(logs),
                "RATE_LIMIT": "0",
                "WORKER": "false",
                **settings,
            }
            process = Process("serve", environment, logs / name)
            await process.start()
            stack.push_async_callback(process.kill)
            site = Site(process, f"http://127.0.0.1:{port}", session, key)
            await until(lambda site=site: _answers(site), 60)  # type: ignore[misc]
            sites.append(site)
        table = await _compare(*sites, rounds, requests)
        return "\n".join([*table, "", await _write_and_read(sites[1], seconds, clients)])


async def _answers(site: Site) -> bool:
    try:
        await site.ask("{ __typename }")
    except aiohttp.ClientError:
        return False
    return True


async def _compare(alone: Site, site: Site, rounds: int, requests: int) -> list[str]:
    for _ in range(50):
        _, position = await site.ask(_CREATE, name=f"Cliente {uuid4()}")
    await asyncio.sleep(2)
    jobs = {
        "page, no standby": (alone, _PAGE, ""),
        "page, by the primary": (site, _PAGE, ""),
        "page, by the standby": (site, _PAGE, position),
        "change, no standby": (alone, _CREATE, ""),
        "change, position told": (site, _CREATE, ""),
    }
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in jobs}
    before = await site.count_reads()
    for _ in range(rounds):
        for name, (asked, query, brought) in jobs.items():
            found[name].append(await asked.measure(requests, query, brought))
    reads = await site.count_reads() - before
    must(reads["standby"] > 0.95 * rounds * requests, f"the standby did not answer: {dict(reads)}")
    return [
        f"| {name} | {statistics.median(each[0] for each in all_):.2f} ms"
        f" | {statistics.median(each[1] for each in all_):.2f} ms |"
        for name, all_ in found.items()
    ]


async def _write_and_read(site: Site, seconds: float, clients: int) -> str:
    before = await site.count_reads()
    until = time.monotonic() + seconds
    counts: list[int] = await asyncio.gather(*[_keep_writing(site, until, number / 100) for number in range(clients)])
    reads = await site.count_reads() - before
    return f"{sum(counts)} changes, each read at once, never an older state; answered by: {dict(reads)}"


async def _keep_writing(site: Site, until: float, pause: float) -> int:
    """Change a customer and read it; clients pause for different times in between, which the standby has to follow."""
    data, _ = await site.ask(_CREATE, name=f"Cliente {uuid4()}")
    id, count = data["createCustomer"]["customer"]["id"], 0
    while time.monotonic() < until:
        name = f"Cliente {uuid4()}"
        _, position = await site.ask(_RENAME, id=id, name=name)
        for _ in range(4):
            await asyncio.sleep(pause)
            data, _ = await site.ask(_NAME, position, id=id)
            must(data["customer"]["name"] == name, "a client read an older state than its own")
        count += 1
    return count


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.reads")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=300, help="of each kind in a round")
    parser.add_argument("--seconds", type=float, default=20, help="of changing and reading")
    parser.add_argument("--clients", type=int, default=8)
    print(asyncio.run(run(**vars(parser.parse_args()))))


if __name__ == "__main__":
    main()
