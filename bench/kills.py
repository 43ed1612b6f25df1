"""Kills must not lose an announcement, and must not cause one without a change.

    python -m bench.kills [--rounds 20] [--seconds 4] [--seed 1]

Clients change customers and invoices over HTTP while, each round, the server, a worker, PostgreSQL or several
of them are killed with -9 and started again. Afterwards the webhook, the mailbox and the feed's reader must have
received every committed change at least once, no uncommitted change, and the changes of each object in order.
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
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp
from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session

from bench.processes import Client, Postgres, Process, Victim, connected, free_port, must, own_server, prepared, until

CLIENTS = 6

# The same program, but a killed worker's claims are released after seconds instead of minutes.
PROGRAM = """
import sys
from announcements import deliveries
from db.leases import Retries
from rules.retry import Backoff
deliveries.LEASE, deliveries.RETRIES = 3.0, Retries(Backoff(0.3, 60.0), deliveries.PATIENCE)
import server
sys.argv[0] = "server.py"
server.main()
"""


# Receivers


@dataclass
class Told:
    """What arrived, in the order of arrival."""

    calls: list[tuple[str, str, str, int]] = field(default_factory=list)  # id, type, object, version
    mails: list[tuple[str, str]] = field(default_factory=list)  # Message-ID, address
    feed: list[dict[str, Any]] = field(default_factory=list)
    refusals: float = 0.03  # of webhook calls and mails
    chance: random.Random = field(default_factory=random.Random)

    async def call(self, request: web.Request) -> web.Response:
        if self.chance.random() < self.refusals:
            return web.Response(status=503)
        event = await request.json()
        self.calls.append((event["id"], event["type"], event["data"]["id"], event["data"]["version"]))
        return web.Response(status=204)

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:
        if self.chance.random() < self.refusals:
            return "451 later"
        assert isinstance(envelope.content, bytes)
        headers = BytesHeaderParser().parsebytes(envelope.content)
        self.mails.append((headers["Message-ID"], envelope.rcpt_tos[0]))
        return "250 OK"

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[tuple[int, int]]:
        """The ports of the webhook and of the mail server."""
        app = web.Application()
        app.router.add_post("/hook", self.call)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        loop = asyncio.get_running_loop()
        smtp = await loop.create_server(lambda: SMTP(self, loop=loop), "127.0.0.1", 0)
        try:
            yield runner.addresses[0][1], smtp.sockets[0].getsockname()[1]
        finally:
            smtp.close()
            await runner.cleanup()


# Clients that change data


@dataclass
class Changer(Client):
    chance: random.Random = field(default_factory=random.Random)
    acknowledged: dict[str, int] = field(default_factory=dict)  # object to the highest version that was answered
    customers: list[str] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    issued: list[str] = field(default_factory=list)

    async def change(self, field_: str, arguments: str, kind: str, **variables: Any) -> str | None:
        """Make a mutation; returns the object's id if the change was acknowledged."""
        signature = ", ".join(f"${name}: {of}" for name, (of, _) in variables.items())
        declared = f"mutation ({signature})" if variables else "mutation"
        query = f"{declared} {{ {field_}({arguments}) {{ {kind} {{ id version }} userErrors {{ code }} }} }}"
        data = await self.ask(query, **{name: value for name, (_, value) in variables.items()})
        if data is None:
            return None
        if data[field_][kind] is None:
            self.answers["refused"] += 1
            return None
        self.answers["done"] += 1
        found = data[field_][kind]
        self.acknowledged[found["id"]] = max(found["version"], self.acknowledged.get(found["id"], 0))
        id: str = found["id"]
        return id

    async def step(self) -> None:
        action = self.chance.choice(
            [self.new_customer, self.new_invoice, self.new_draft, self.change_customer, self.change_customer]
            + [self.change_draft, self.issue, self.void, self.in_vain]
        )
        await action()

    async def new_customer(self) -> None:
        given = {"receiverType": "TAXPAYER", "name": f"Cliente {uuid4()}"}
        id = await self.change("createCustomer", "input: $input", "customer", input=("CustomerInput!", given))
        if id:
            self.customers.append(id)

    async def new_invoice(self, *, issue: bool = True) -> None:
        persons = [{"name": "Ana", "email": f"ana.{uuid4().hex}@example.com", "notify": True}]
        customer: dict[str, Any] = {"receiverType": "TAXPAYER", "name": "Nuevo", "email": f"{uuid4().hex}@example.com"}
        customer |= {"associatedPersons": persons} if self.chance.random() < 0.3 else {}
        lines = [{"description": "Café", "quantity": "1", "unitPrice": "5.55", "itbmsRate": "RATE_7"}]
        id = await self.change(
            "createInvoice",
            "input: $input, newCustomer: $customer, idempotencyKey: $key",
            "invoice",
            input=("InvoiceInput!", {"lines": lines, "issue": issue}),
            customer=("CustomerInput!", customer),
            key=("String", uuid4().hex),
        )
        if id:
            (self.issued if issue else self.drafts).append(id)

    async def new_draft(self) -> None:
        await self.new_invoice(issue=False)

    async def change_customer(self) -> None:
        if not self.customers:
            return
        id = self.chance.choice(self.customers)
        action = self.chance.choice(["updateCustomer", "archiveCustomer", "restoreCustomer"])
        if action == "updateCustomer":
            patch = ("CustomerPatch!", {"name": f"Cliente {uuid4()}"})
            await self.change(action, "id: $id, input: $input", "customer", id=("ID!", id), input=patch)
        else:
            await self.change(action, "id: $id", "customer", id=("ID!", id))

    async def change_draft(self) -> None:
        if self.drafts:
            patch = ("InvoicePatch!", {"notes": uuid4().hex})
            id = ("ID!", self.chance.choice(self.drafts))
            await self.change("updateInvoice", "id: $id, input: $input", "invoice", id=id, input=patch)

    async def issue(self) -> None:
        if self.drafts:
            id = self.drafts.pop()
            if await self.change("issueInvoice", "id: $id", "invoice", id=("ID!", id)):
                self.issued.append(id)

    async def void(self) -> None:
        if self.issued:
            id = ("ID!", self.issued.pop())
            await self.change("voidInvoice", 'id: $id, reason: "Precio equivocado"', "invoice", id=id)

    async def in_vain(self) -> None:
        """A dry run or a refused mutation, which must leave nothing."""
        given = {"receiverType": "TAXPAYER", "name": f"En vano {uuid4()}"}
        line = {"description": "Café", "unitPrice": "5.55", "itbmsRate": "RATE_7"}
        for quantity, dry in (("1", "true"), ("-1", "false")):
            query = f"""mutation ($i: InvoiceInput!, $c: CustomerInput!) {{
                createInvoice(input: $i, newCustomer: $c, dryRun: {dry}) {{ userErrors {{ code }} }} }}"""
            invoice: dict[str, Any] = {"lines": [{**line, "quantity": quantity}]}
            await self.ask(query, i=invoice, c=given)


FEED = """query ($after: String) { events(first: 100, after: $after) {
    edges { node { id type sequence objectId data } } pageInfo { endCursor } } }"""


async def read_feed(client: Client, told: Told, after: str | None) -> str | None:
    """Read the feed from a cursor on; returns the last cursor."""
    while (data := await client.ask(FEED, after=after)) and data["events"]["edges"]:
        told.feed += [edge["node"] for edge in data["events"]["edges"]]
        after = data["events"]["pageInfo"]["endCursor"]
    return after


# The trial


@dataclass
class Report:
    seconds: float
    kills: Counter[str]
    answers: Counter[str]
    events: int
    calls: int
    mails: int
    repeated_calls: int
    repeated_mails: int
    drained_in: float

    def __str__(self) -> str:
        return (
            f"{self.seconds:.0f} s, kills {dict(self.kills)}, answers {dict(self.answers)}\n"
            f"{self.events} events; webhook {self.calls} calls, {self.repeated_calls} of them repeated; "
            f"{self.mails} mails, {self.repeated_mails} of them repeated; drained {self.drained_in:.1f} s after the end"
        )


async def trial(rounds: int, seconds: float, seed: int) -> Report:
    """Raises ``Lost``."""
    told = Told(chance=random.Random(seed))
    logs = Path(tempfile.mkdtemp(prefix="istmo-kills-"))
    async with AsyncExitStack() as stack:
        server = stack.enter_context(own_server("kills"))
        postgres = Postgres(server)
        await postgres.start()
        [(account_id, key)] = await prepared(server.url)
        hook, smtp = await stack.enter_async_context(told.listening())
        port = free_port()
        environment = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": server.url,
            "PORT": str(port),
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(smtp),
            "SMTP_SECURITY": "none",
            "MAIL_FROM": "facturas@example.com",
            "WEBHOOK_LOCAL": "true",
            "LOG_FORMAT": "json",
            "RATE_LIMIT": "0",
        }
        processes = [Process(name, environment, logs / name, ("-c", PROGRAM)) for name in ("serve", "worker")]
        for process in processes:
            await process.start()
            stack.push_async_callback(process.kill)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        client = Changer(session, f"http://127.0.0.1:{port}/graphql", key, chance=random.Random(seed))
        create = "mutation ($url: String!) { createWebhook(url: $url) { secret } }"
        await until(lambda: client.ask(create, url=f"http://127.0.0.1:{hook}/hook"), 60)

        begin = time.monotonic()
        ended = asyncio.Event()
        load = [asyncio.create_task(keep(client.step, ended)) for _ in range(CLIENTS)]
        reader = asyncio.create_task(keep_reading(client, told, ended))
        victims: list[Victim] = [*processes, postgres]
        kills = await massacre(victims, client, rounds, seconds, random.Random(seed))
        ended.set()
        await asyncio.gather(*load)
        cursor = await reader
        stopped = time.monotonic()

        admin = await connected(server.url)
        stack.push_async_callback(admin.close)
        await until(lambda: settled(admin, victims), 180)
        drained = time.monotonic() - stopped
        await until(lambda: client.ask("{ viewer { scope } }"), 60)
        await read_feed(client, told, cursor)
        events = await admin.fetch(
            "SELECT id::text, type, object_id::text, sequence, (data->>'version')::int AS version FROM event"
            " WHERE account_id = $1 ORDER BY sequence",
            account_id,
        )
        await examine(admin, account_id, [dict(event) for event in events], told, client)
    if client.answers["INTERNAL"]:
        print(f"The server was surprised, see {logs}")
    else:
        shutil.rmtree(logs)
    return Report(
        stopped - begin,
        kills,
        client.answers,
        len(events),
        len(told.calls),
        len(told.mails),
        len(told.calls) - len({id for id, *_ in told.calls}),
        len(told.mails) - len(set(told.mails)),
        drained,
    )


async def massacre(
    victims: list[Victim], client: Client, rounds: int, seconds: float, chance: random.Random
) -> Counter[str]:
    """Each round, kill some of the victims while they work, and start them again."""
    kills: Counter[str] = Counter()
    for _ in range(rounds):
        await asyncio.sleep(seconds * chance.uniform(0.5, 1.0))
        chosen = chance.sample(victims, chance.choice([1, 1, 2, 3]))
        for victim in chosen:
            await victim.kill()
            kills[victim.name] += 1
        await asyncio.sleep(chance.uniform(0, 0.5))
        while not await client.ask("{ viewer { scope } }") or not all(victim.lives for victim in victims):
            await start_again(victims)
            await asyncio.sleep(0.1)
    return kills


async def start_again(victims: list[Victim]) -> None:
    """Start those that ended, as a supervisor does. PostgreSQL first: what doesn't find it at its start ends, too."""
    for victim in reversed(victims):
        if not victim.lives:
            await victim.start()


async def keep(step: Callable[[], Awaitable[None]], ended: asyncio.Event) -> None:
    while not ended.is_set():
        await step()
        await asyncio.sleep(0.01)


async def keep_reading(client: Client, told: Told, ended: asyncio.Event) -> str | None:
    cursor = None
    while not ended.is_set():
        cursor = await read_feed(client, told, cursor)
        await asyncio.sleep(0.1)
    return cursor


async def settled(admin: Any, victims: list[Victim]) -> bool:
    await start_again(victims)
    waiting = "SELECT EXISTS (SELECT FROM event WHERE sequence IS NULL) OR EXISTS (SELECT FROM delivery WHERE {})"
    return not await admin.fetchval(waiting.format("status = 'PENDING'"))


async def examine(admin: Any, account_id: UUID, events: list[dict[str, Any]], told: Told, client: Changer) -> None:
    # Each committed change has its event, and no other has one: versions count the changes of an object.
    versions: dict[str, list[int]] = {}
    for event in events:
        versions.setdefault(event["object_id"], []).append(event["version"])
    stored = {
        row["id"]: row["version"]
        for table in ("customer", "document")
        for row in await admin.fetch(f"SELECT id::text, version FROM {table}")
    }
    must(versions.keys() == stored.keys(), "an object has no event, or an event no object")
    for id, version in stored.items():
        must(versions[id] == list(range(1, version + 1)), f"{id} has version {version} but events {versions[id]}")
        must(version >= client.acknowledged.get(id, 0), f"{id} lost a change that was answered")
    must(client.acknowledged.keys() <= stored.keys(), "an object is gone that was answered")
    vain = await admin.fetchval("SELECT count(*) FROM event WHERE data->>'name' LIKE 'En vano%'")
    must(vain == 0, "something that wasn't done was announced")

    # The feed's reader has every event once, in the order of the numbers, without a gap.
    must([event["sequence"] for event in events] == list(range(1, len(events) + 1)), "the feed's numbers have gaps")
    must([event["id"] for event in told.feed] == [event["id"] for event in events], "the reader missed something")

    # The webhook received all its events, and for each object never an older change after a newer one.
    wanted = {event["id"] for event in events if event["type"] not in ("INVOICE_CREATED", "INVOICE_UPDATED")}
    got = {id for id, *_ in told.calls}
    must(wanted == got, f"the webhook lacks {len(wanted - got)} and invented {len(got - wanted)}")
    last: dict[str, int] = {}
    for _, type, object_id, version in told.calls:
        must(version >= last.get(object_id, 0), f"{type} of {object_id} came out of order")
        last[object_id] = version

    # Every address that should get mail got it, with one Message-ID for each invoice and address, and another one where
    # an invoice that was mailed became void.
    mails = await admin.fetch(
        """
        SELECT i.id, p.email FROM document i JOIN customer c ON c.account_id = i.account_id AND c.id = i.customer_id,
            LATERAL (SELECT i.receiver_email AS email UNION
                     SELECT a.email FROM associated_person a
                     WHERE a.account_id = c.account_id AND a.customer_id = c.id AND a.notify) p
        WHERE i.account_id = $1 AND i.status <> 'DRAFT' AND p.email IS NOT NULL
        UNION ALL
        SELECT d.object_id, d.email FROM delivery d JOIN event e ON e.account_id = d.account_id AND e.id = d.event_id
        WHERE d.account_id = $1 AND e.type = 'INVOICE_VOIDED' AND d.email IS NOT NULL
        """,
        account_id,
    )
    must(len({id for id, _ in told.mails}) == len(mails), "mails are lacking, or have several ids")
    must({to for _, to in told.mails} == {row["email"] for row in mails}, "mail went to others than it should")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.kills")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=4, help="of load before each killing")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    print(asyncio.run(trial(arguments.rounds, arguments.seconds, arguments.seed)))


if __name__ == "__main__":
    main()
