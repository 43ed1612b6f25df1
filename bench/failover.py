"""A primary that dies under load must not take an acknowledged invoice with it, nor a number be given twice.

    python -m bench.failover [--rounds 5] [--seconds 8] [--clients 8] [--silence 0.5] [--asynchronous]

Clients create electronic invoices while, each round, the primary and all its processes are killed with -9 and the
standby is promoted; the old primary becomes the standby of the new one. The server and the worker run on. Before each
death nothing reaches the standby for a time, as on a network that fails first. With twenty seconds of it requests end
while they wait for the standby, and are repeated.

Afterwards each acknowledged invoice must be there with its number, no number lacking or twice, the feed without a gap,
and each document exactly once at the sandbox. With ``--asynchronous`` the primary doesn't wait for its standby, which
the checks must find.
"""

import argparse
import asyncio
import re
import shutil
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

from bench.emission.crash import wait_until_settled
from bench.emission.outcome import compare, judge_numbers, logged_errors, read_documents
from bench.emission.place import CREATE, LINES, Services, services
from bench.kills import keep
from bench.processes import Client, Lost, connected, must
from bench.replication import Server, servers

POINTS: Final = 4
PATIENCE: Final = 60.0  # seconds until clients are served again
SETTINGS: Final = {"EMISSION_TIMEOUT": "2", "EMISSION_LEASE": "6", "EMISSION_SETTLE": "6", "EMISSION_PAUSES": "0.3,1,2"}
_LONGEST: Final = 900.0  # seconds until all documents are sent
OF_SERVERS: Final = {"synchronous_commit": "on"}
_NUMBERS: Final = re.compile(r"[0-9]+(?:-[0-9]+)+")


@dataclass
class Acknowledged:
    """What all clients together were told."""

    numbers: dict[str, tuple[str, str]] = field(default_factory=dict)  # invoice to its billing point and number
    begun: list[float] = field(default_factory=list)  # when the acknowledged attempts began
    ended: list[float] = field(default_factory=list)


@dataclass
class Issuer(Client):
    point: str = "001"
    told: Acknowledged = field(default_factory=Acknowledged)

    async def step(self) -> None:
        """Issue an invoice under an idempotency key, again until it is acknowledged."""
        key = uuid4().hex
        customer = {"receiverType": "FINAL_CONSUMER", "name": "Ana"}
        given = {"lines": LINES, "issue": True, "billingPoint": self.point}
        while True:
            begin = time.monotonic()
            data = await self.ask(_CREATE, input=given, customer=customer, key=key)
            if data is not None:
                break
            await asyncio.sleep(0.1)
        must(not data["createInvoice"]["userErrors"], f"refused: {data}")
        invoice = data["createInvoice"]["invoice"]
        self.told.numbers[invoice["id"]] = (self.point, invoice["number"])
        self.told.begun.append(begin)
        self.told.ended.append(time.monotonic())


_CREATE: Final = CREATE.replace("invoice { id }", "invoice { id number }")


class Pair:
    """The present primary and its standby."""

    def __init__(self, primary: Server, standby: Server, *, asynchronous: bool) -> None:
        self.primary = primary
        self.standby = standby
        self._asynchronous = asynchronous

    @property
    def url(self) -> str:
        """Leads to the one that takes writes."""
        both = sorted([self.primary, self.standby], key=lambda server: server.name)
        hosts = ",".join(server.address for server in both)
        return self.primary.url("postgres").replace(self.primary.address, hosts) + "?target_session_attrs=read-write"

    async def attach(self) -> None:
        """Make the standby anew, of the primary, and have that wait for it."""
        await asyncio.to_thread(shutil.rmtree, self.standby.data, ignore_errors=True)
        await asyncio.to_thread(self.standby.copy, self.primary)
        await asyncio.to_thread(lambda: self.standby.start(**OF_SERVERS))
        # It has the settings of its primary; once promoted it must not wait for a standby, since it has none yet.
        await asyncio.to_thread(self.standby.set, "synchronous_standby_names", "")
        admin = await connected(self.primary.url())
        try:
            waits_for = "" if self._asynchronous else self.standby.name
            await admin.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{waits_for}'")
            await admin.execute("SELECT pg_reload_conf()")
            async with asyncio.timeout(PATIENCE):
                while not await admin.fetchval(_STREAMS, self.standby.name):  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
        finally:
            await admin.close()

    async def fail_over(self, silence: float) -> tuple[float, float]:
        """Kill the primary and promote the standby; returns the moment of the death and that of the promotion's end."""
        self.primary.signal_process("walsender", signal.SIGSTOP)
        await asyncio.sleep(silence)
        died = time.monotonic()
        self.primary.kill()
        await asyncio.to_thread(self.standby.promote)
        self.primary, self.standby = self.standby, self.primary
        return died, time.monotonic()


_STREAMS: Final = "SELECT state = 'streaming' FROM pg_stat_replication WHERE application_name = $1"


async def run(rounds: int, seconds: float, clients: int, silence: float, asynchronous: bool) -> str:
    """Raises ``Lost``."""
    with servers("one", "two") as (primary, standby):
        await asyncio.to_thread(primary.create, durable=True)
        await asyncio.to_thread(lambda: primary.start(**OF_SERVERS))
        pair = Pair(primary, standby, asynchronous=asynchronous)
        await pair.attach()
        async with services("failover", pair.url, points=POINTS, **SETTINGS) as there:
            await there.start(there.server, there.worker)
            told = Acknowledged()
            issuers = [
                Issuer(there.session, f"{there.url}/graphql", there.accounts[0].key, point=f"{number:03d}", told=told)
                for number in [1 + each % POINTS for each in range(clients)]
            ]
            ended = asyncio.Event()
            load = [asyncio.create_task(keep(issuer.step, ended)) for issuer in issuers]
            outages = [await _round(pair, told, seconds, silence) for _ in range(rounds)]
            await asyncio.sleep(seconds)
            ended.set()
            await asyncio.gather(*load)
            there.admin = await connected(pair.primary.url())
            await wait_until_settled(there, [], _LONGEST)
            faults = [fault async for fault in _judge(there, told)]
            answers = sum((issuer.answers for issuer in issuers), start=Counter[str]())
            errors = logged_errors(there)
            if not faults:
                shutil.rmtree(there.logs)
    lines = [f"{len(told.numbers)} invoices acknowledged; refused meanwhile: {dict(answers)}; logged: {dict(errors)}"]
    lines += [f"seconds until the standby was promoted, and until the first success: {each}" for each in outages]
    if faults:
        kinds = Counter(_NUMBERS.sub("…", fault) for fault in faults)
        found = [f"{count} times: {kind[:200]}" for kind, count in kinds.most_common()]
        raise Lost("\n".join([*lines, f"{len(faults)} faults, logs in {there.logs}:", *found]))
    return "\n".join(lines)


async def _round(pair: Pair, told: Acknowledged, seconds: float, silence: float) -> str:
    """Let the clients work, fail over, and make the old primary a standby; returns how long nobody was served."""
    await asyncio.sleep(seconds)
    died, promoted = await pair.fail_over(silence)
    async with asyncio.timeout(PATIENCE):
        while (served := _first_success(told, died)) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await asyncio.sleep(seconds / 4)
    await pair.attach()
    return f"{promoted - died:.2f}, {served - died:.2f}"


def _first_success(told: Acknowledged, died: float) -> float | None:
    """When the first request was answered that had begun after the death."""
    return min((end for begin, end in zip(told.begun, told.ended, strict=True) if begin > died), default=None)


async def _judge(there: Services, told: Acknowledged) -> Any:
    account = there.accounts[0]
    documents = await read_documents(there, account)
    for fault in (*_judge_numbers(documents, told), *compare(documents, await there.sandbox.documents())):
        yield fault
    for fault in await judge_numbers(there, account):
        yield fault
    sequences = [row[0] for row in await there.admin.fetch(_FEED, account.id)]
    if sequences != list(range(1, len(sequences) + 1)):
        yield "the feed has gaps"


_FEED: Final = "SELECT sequence FROM event WHERE account_id = $1 ORDER BY sequence"


def _judge_numbers(documents: list[dict[str, Any]], told: Acknowledged) -> Iterator[str]:
    """Each acknowledged invoice is there with its number."""
    stored = {document["id"]: document["number"].split("-", 1)[1] for document in documents}
    for id, (point, number) in told.numbers.items():
        if id not in stored:
            yield f"{point}-{number} was acknowledged, and is gone"
        elif stored[id] != f"{point}-{number}":
            yield f"{point}-{number} was acknowledged, and is {stored[id]}"
    if len(set(told.numbers.values())) < len(told.numbers):
        yield "a number was given twice"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.failover")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=8, help="of load before each death")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--silence", type=float, default=0.5, help="seconds without replication before each death")
    parser.add_argument("--asynchronous", action="store_true", help="invoices may be lost, which must be found")
    print(asyncio.run(run(**vars(parser.parse_args()))))


if __name__ == "__main__":
    main()
