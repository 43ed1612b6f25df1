"""Measures well-behaved clients while one attack after the other is made.

    python -m bench.hostile [--seconds 8] [--clients 4] [--only NAME] [--proxy nginx]

A server of its own on loopback serves clients that list, read and write at a steady rate. One attack after the other is
made on it from another process, bounded in time and connections. It prints the clients' latencies, also as ratios to
those without an attack, the answers to the attackers, and the server's memory and processor time. Any answer but data,
coded errors and deliberate refusals ends the run. With ``--proxy nginx`` everything goes through nginx with
docker/nginx.conf. Clients and the connections of an attack have an address each: 127.0.1.1 and on, 127.0.0.2 and on.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import cycle
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import aiohttp
from tortoise.context import TortoiseContext

from bench.processes import free_port, program_of
from bench.proxy import run_nginx
from db import config, embedded, tenant
from db.migrate import migrate
from resolvers import accounts, customers
from resolvers.customer_preparation import NewCustomer
from rules.customer import CustomerDraft
from rules.customer_check import clean_customer
from rules.vocabulary import ReceiverType, Scope

CHECKOUT = Path(__file__).parents[1]
CONNECTIONS = 8  # of an attack
RATE = 10  # requests a second of each well-behaved client
KEYS = 10  # of the attacker's account
LONG_INVOICES = 40  # of the attacker's account, with 1,000 lines of 450 characters

# What may be answered: the codes of errors, and of refusals before GraphQL.
CODES = {
    "BAD_REQUEST",
    "BAD_USER_INPUT",
    "FORBIDDEN",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "HEADERS_TOO_LARGE",
    "LIMIT_EXCEEDED",
    "METHOD_NOT_ALLOWED",
    "NOT_ACCEPTABLE",
    "PAYLOAD_TOO_LARGE",
    "PERSISTED_QUERY_NOT_FOUND",
    "RATE_LIMITED",
    "REQUEST_TIMEOUT",
    "TIMEOUT",
    "UNAUTHENTICATED",
    "UNSUPPORTED_MEDIA_TYPE",
}


# What is sent


def nested(depth: int) -> str:
    """Customers of invoices of customers."""
    level = "customers(first: 1) { edges { node { invoices(first: 1) { edges { node { customer {"
    inner = "invoices(first: 1) { edges { node { customer { "
    return "{" + level + inner * depth + "id" + " }" * (4 * depth) + "}}}}}}}}"


def fragments(count: int, spread: int) -> str:
    """Fragments that each spread the next several times: as many fields as ``spread`` to the power of ``count``."""
    bomb = [f"fragment F{n} on Customer {{ {f'...F{n + 1} ' * spread} }}" for n in range(count)]
    return "\n".join(["{ customers { edges { node { ...F0 } } } }", *bomb, f"fragment F{count} on Customer {{ id }}"])


def conflicting(count: int) -> str:
    """Fields that all have to be compared with each other."""
    fields = " ".join(f"a: customers(first: {n % 100}) {{ totalCount }}" for n in range(count))
    return f"{{ {fields} }}"


def circular_introspection(depth: int) -> str:
    return "{ __schema {" + " types { fields { type {" * depth + " name " + "} } }" * depth + "} }"


DOCUMENTS: dict[str, str] = {
    "no end": "{" * 4000,
    "lists without end": "{ nodes(ids: " + "[" * 20_000,
    "strings without end": '{ customers(search: "' + "a" * 100_000,
    "garbage": "\x00\x01\ufeff}{ query ! $$$ @@@ \u202e",
    "block strings": '{ customers(search: """' + '\\"""' * 20_000 + '""") { totalCount } }',
    "deep": nested(400),
    "deep, just parsed": nested(150),
    "deep input": "{ nodes(ids: " + "[" * 1000 + '"x"' + "]" * 1000 + ") { id } }",
    "deep object": "{ customers(filter: " + "{createdAt: " * 1000 + "1" + "}" * 1000 + ") { totalCount } }",
    "deep types": "query ($a: " + "[" * 1000 + "Int" + "]" * 1000 + ") { __typename }",
    "wide": "{ customers { edges { node {" + " name" * 4900 + " } } } }",
    "wide root": "{" + " provinces { code }" * 1200 + "}",
    "aliases": "{" + " ".join(f"a{n}: __typename" for n in range(1600)) + "}",
    "aliased lists": "{" + " ".join(f"a{n}: customers(first: 100) {{ totalCount }}" for n in range(400)) + "}",
    "aliased mutations": "mutation {"
    + " ".join(f'a{n}: archiveCustomer(id: "{n}") {{ customer {{ id }} }}' for n in range(300))
    + "}",
    "fragment bomb": fragments(25, 20),
    "fragment chain": fragments(1000, 1),
    "fragment cycle": "{ node(id: 1) { ...A } } fragment A on Customer { ...B } fragment B on Customer { ...A }",
    "inline fragments": "{ customers { edges { node " + "{ ... on Customer " * 1000 + "{ id }" + "}" * 1000 + " } } }",
    "directives": "{ __typename " + "@include(if: true) " * 800 + "}",
    "unknown directives": "{ __typename " + "@x " * 2400 + "}",
    "conflicting fields": conflicting(280),
    "overlapping fragments": "{ customers { edges { node {"
    + " ".join(f"...F{n}" for n in range(200))
    + " } } } }"
    + " ".join(f"fragment F{n} on Customer {{ a: name b{n}: id c: identification }}" for n in range(200)),
    "circular introspection": circular_introspection(5),
    "whole introspection, again and again": "{"
    + " ".join(
        f"a{n}: __schema {{ types {{ fields {{ args {{ type {{ ofType {{ name }} }} }} }} }} }}" for n in range(20)
    )
    + "}",
    "cost": "{ customers(first: 100) { edges { node { invoices(first: 100) { edges { node { id } } } } } } }",
    "variables": "query (" + " ".join(f"$v{n}: Int" for n in range(1200)) + ") { __typename }",
    "operations": " ".join(f"query Q{n} {{ __typename }}" for n in range(900)),
    "unknown fields": "{" + " ".join(f"unknown{n}" for n in range(2400)) + "}",
    "unknown arguments": "{ customers(" + " ".join(f"x{n}: 1" for n in range(1500)) + ") { totalCount } }",
    "search of many words": '{ customers(search: "' + "a b c " * 3000 + '") { totalCount } }',
    "search of one long word": '{ customers(search: "' + "ñ" * 50_000 + '") { totalCount } }',
    "numbers": "{ customers(first: " + "9" * 5000 + ") { totalCount } }",
    "decimals": '{ invoices(filter: {total: {from: "1e999999", to: "-1e-999999"}}) { totalCount } }',
    "cursors": '{ customers(after: "' + "A" * 5000 + '") { totalCount } }',
}

_IDS = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
_FILTER = "query ($f: CustomerFilter) { customers(filter: $f) { totalCount } }"
_CREATE = """
    mutation ($input: InvoiceInput!, $customer: CustomerInput) {
        createInvoice(input: $input, newCustomer: $customer) { invoice { id } userErrors { code } }
    }
"""


_LONG_LINE = {"description": "x" * 450, "quantity": "3", "unitPrice": "5.55", "itbmsRate": "RATE_7"}
_LONG_INVOICE = """
    mutation ($input: InvoiceInput!, $customerId: ID!, $dryRun: Boolean) {
        createInvoice(input: $input, customerId: $customerId, dryRun: $dryRun) { invoice { id } userErrors { code } }
    }
"""
_LONG_ANSWER = "query ($first: Int) { invoices(first: $first) { edges { node { id lines { description net } } } } }"
_SUBSCRIPTION = """
    subscription %s {
        customerChanged { customer { invoices(first: %d) { edges { node { number lines { description total } } } } } }
    }
"""
_CHANGE_CUSTOMER = """
    mutation ($id: ID!, $name: String!) {
        updateCustomer(id: $id, input: {name: $name}) { customer { id } userErrors { code } }
    }
"""
_CREATE_WEBHOOK = "mutation ($url: String!) { createWebhook(url: $url) { webhook { id } userErrors { code } } }"
_CREATE_CUSTOMER = """
    mutation ($input: CustomerInput!) { createCustomer(input: $input) { customer { id } userErrors { code } } }
"""


def websocket_frame(opcode: int, data: bytes, *, fin: bool = True) -> bytes:
    """A frame as a client sends it, with a mask of zeros."""
    length = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + len(data).to_bytes(2, "big")
    return bytes([0x80 * fin | opcode]) + length + bytes(4) + data


def request(query: str, **variables: Any) -> bytes:
    return json.dumps({"query": query, "variables": variables}).encode()


BODIES: dict[str, bytes] = {
    "empty": b"",
    "not JSON": b"{'query': 1}",
    "half of it": b'{"query": "{ viewer',
    "not UTF-8": b'{"query": "\xff\xfe\xc0"}',
    "lone surrogate": b'{"query": "{ customers(search: \\"\\ud800\\") { totalCount } }"}',
    "surrogate in a variable": request("query ($s: String) { customers(search: $s) { totalCount } }", s="\ud800"),
    "NUL": request("query ($s: String) { customers(search: $s) { totalCount } }", s="a\x00b"),
    "deep JSON": b'{"query": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep variables": b'{"query": "query ($f: CustomerFilter) { customers(filter: $f) { totalCount } }", '
    b'"variables": {"f": ' + b'{"createdAt": ' * 400 + b"1" + b"}" * 400 + b"}}",
    "list": b"[" + b",".join([request("{ __typename }")] * 1000) + b"]",
    "number": b"1e400",
    "huge integer": b'{"query": "query ($n: Int) { customers(first: $n) { totalCount } }", "variables": {"n": '
    + b"9" * 5000
    + b"}}",
    "same name again": b'{"query": "{ __typename }", ' * 1 + b'"query": 1, ' * 5000 + b'"query": "{ __typename }"}',
    "many names": b'{"query": "{ __typename }", "variables": {'
    + b", ".join(b'"v%d": 1' % n for n in range(60_000))
    + b"}}",
    "many ids": request(_IDS, ids=["x"] * 100_000),
    "many values": request(_FILTER, f={"receiverType": ["TAXPAYER"] * 60_000}),
    "many lines": request(
        _CREATE,
        input={
            "lines": [
                {"description": "x", "quantity": "1", "unitPrice": "1", "itbmsRate": "EXEMPT"} for _ in range(9000)
            ]
        },
        customer={"receiverType": "TAXPAYER", "name": "Larga, S.A."},
    ),
    "wrong lines": request(
        _CREATE,
        input={
            "lines": [
                {"description": "\x07", "quantity": "-1e9", "unitPrice": "x", "itbmsRate": "RATE_99"}
                for _ in range(5000)
            ]
        },
    ),
    "long texts": request(
        _CREATE,
        input={"notes": "ñ" * 300_000, "lines": []},
        customer={"receiverType": "TAXPAYER", "name": "a" * 200_000, "email": "a@" * 50_000},
    ),
}


# Attackers


class Surprise(AssertionError):
    """An answer that the server must never give."""


def judged(status: int, body: bytes) -> str:
    """The outcome of an answer in one word; raises ``Surprise``."""
    answer = json.loads(body)
    codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
    if codes - CODES or (status >= 500 and codes != {"TIMEOUT"}) or not (codes or answer.get("data")):
        raise Surprise(f"{status} {body[:500]!r}")
    return " ".join(sorted(codes)) or "data"


@dataclass
class Attacker:
    """An attacking client, in a process of its own."""

    url: str
    keys: list[str]
    customer: str  # of the attacker's account; it has the long invoices
    seconds: float
    number: int = 0
    until: float = 0
    seen: Counter[str] = field(default_factory=Counter)

    @property
    def key(self) -> str:
        return self.keys[self.number % len(self.keys)]

    @property
    def address(self) -> str:
        return f"127.0.0.{2 + self.number}"

    @property
    def goes_on(self) -> bool:
        return time.time() < self.until

    async def post(self, session: aiohttp.ClientSession, body: Any, key: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {key or self.key}", "Content-Type": "application/json"}
        try:
            async with session.post(f"{self.url}/graphql", data=body, headers=headers) as response:
                self.seen[judged(response.status, await response.read())] += 1
        except (
            aiohttp.ClientConnectionError,
            aiohttp.ClientPayloadError,
        ):  # the server doesn't read the body to its end
            self.seen["hung up"] += 1

    def new_session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(connector=aiohttp.TCPConnector(local_addr=(self.address, 0)))

    async def connect(self, **options: Any) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, port = self.url.removeprefix("http://").split(":")
        return await asyncio.open_connection(host, int(port), local_addr=(self.address, 0), **options)

    async def in_turn(self, bodies: list[bytes]) -> None:
        order = cycle(random.sample(bodies, len(bodies)))
        async with self.new_session() as session:
            while self.goes_on:
                await self.post(session, next(order))

    async def malformed(self) -> None:
        await self.in_turn(list(BODIES.values()))

    async def documents(self) -> None:
        await self.in_turn([request(text) for text in DOCUMENTS.values()])

    async def costly(self) -> None:
        """Queries with a cost just within the limit."""
        page = '{ customers(first: %d, search: "a") { totalCount edges { node { invoiceCount invoices(first: 90) {'
        page += " edges { node { lines { total } } } } } } } }"
        await self.in_turn([request(page % size) for size in (3, 4, 5)])

    async def long_answers(self) -> None:
        """Pages of invoices that have more lines than their cost counts, just within the largest answer."""
        await self.in_turn([request(_LONG_ANSWER, first=first) for first in (14, 15, 16)])

    async def too_long_answers(self) -> None:
        await self.in_turn([request(_LONG_ANSWER, first=100)])

    async def dry_runs(self) -> None:
        lines = [_LONG_LINE] * 1000
        await self.in_turn([request(_LONG_INVOICE, input={"lines": lines}, customerId=self.customer, dryRun=True)])

    async def searches(self) -> None:
        page = '{ customers(first: 100, search: "%s") { totalCount edges { node { invoiceCount } } } }'
        await self.in_turn([request(page % word) for word in ("cliente", "c", "0")])

    async def subscriptions(self) -> None:
        """Twenty subscriptions with long answers, and an event each second."""
        async with AsyncExitStack() as stack:
            reading = []
            for number in range(0 if self.number else 20):
                reader, writer = await self.open_websocket(with_key=True)
                stack.callback(writer.transport.abort)
                query = _SUBSCRIPTION % (f"S{number % 4}", 10)
                payload = {"type": "subscribe", "id": "1", "payload": {"query": query}}
                writer.write(websocket_frame(1, json.dumps(payload).encode()))
                reading.append(asyncio.create_task(self.count_bytes(reader)))
            async with self.new_session() as session:
                while self.goes_on:
                    if not self.number:
                        name = f"Cliente {random.random()}"
                        await self.post(session, request(_CHANGE_CUSTOMER, id=self.customer, name=name))
                    await asyncio.sleep(1)
            for each in reading:
                each.cancel()

    async def count_bytes(self, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(2**20):
            self.seen["bytes of events"] += len(data)

    async def slow_readers(self) -> None:
        """Two connections that take long answers by a kilobyte each second."""
        await asyncio.gather(*[self.read_slowly() for _ in range(2)])

    async def read_slowly(self) -> None:
        body = request(_LONG_ANSWER, first=15)
        head = f"POST /graphql HTTP/1.1\r\nHost: istmo\r\nAuthorization: Bearer {self.key}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        while self.goes_on:
            with suppress(ConnectionError):
                reader, writer = await self.connect(limit=1)
                writer.write(head.encode() + body)
                while self.goes_on:
                    if not await reader.read(1000):
                        break
                    await asyncio.sleep(1)
                writer.transport.abort()
            self.seen["slow"] += 1

    async def pdfs(self) -> None:
        headers = {"Authorization": f"Bearer {self.key}"}
        async with self.new_session() as session:
            page = request("{ invoices(first: 40) { edges { node { id } } } }")
            async with session.post(
                f"{self.url}/graphql", data=page, headers={**headers, "Content-Type": "application/json"}
            ) as response:
                edges = (await response.json())["data"]["invoices"]["edges"]
            while self.goes_on:
                id = random.choice(edges)["node"]["id"]
                async with session.get(f"{self.url}/invoices/{id}.pdf", headers=headers) as response:
                    await response.read()
                    self.seen[f"PDF {response.status}"] += 1

    async def large(self) -> None:
        """10 MB, with and without Content-Length."""

        async def pieces() -> AsyncIterator[bytes]:
            for _ in range(160):
                yield b" " * 65536

        async with self.new_session() as session:
            while self.goes_on:
                await self.post(session, b" " * 10_000_000)
                await self.post(session, pieces())

    async def wrong_keys(self) -> None:
        async with self.new_session() as session:
            for _ in range(10_000 // CONNECTIONS):
                await self.post(session, request("{ viewer { scope } }"), f"istmo_{random.randbytes(24).hex()}")

    async def slow(self) -> None:
        """Fifty connections that send a byte a second, or ask for much and take nothing."""
        await asyncio.gather(*[self.slowly(number) for number in range(50)])

    async def slowly(self, number: int) -> None:
        head = f"POST /graphql HTTP/1.1\r\nHost: istmo\r\nAuthorization: Bearer {self.key}\r\n"
        with suppress(ConnectionError):
            _, writer = await self.connect(limit=1)
            if number % 2:
                whole = request("{ locations(first: 100) { corregimiento district province } }")
                ask = f"{head}Content-Type: application/json\r\nContent-Length: {len(whole)}\r\n\r\n".encode() + whole
                writer.write(ask * 20)
            for byte in cycle(head.encode()):
                if not self.goes_on:
                    break
                if not number % 2:
                    writer.write(bytes([byte]))
                    await writer.drain()
                await asyncio.sleep(1)
            writer.close()
        self.seen["slow"] += 1

    async def websocket_pings(self) -> None:
        """Messages of the application's, without a key."""
        await self.flood_websockets(websocket_frame(1, b'{"type":"ping"}'))

    async def websocket_control_frames(self) -> None:
        """Frames that no application sees, without a key."""
        await self.flood_websockets(websocket_frame(9, b"x") + websocket_frame(10, b""))

    async def websocket_large_frames(self) -> None:
        """The beginnings of messages of 4 MB, without a key."""
        await self.flood_websockets(b"\x81\xff" + (4_000_000).to_bytes(8, "big") + bytes(4) + b" " * 3_900_000)

    async def websocket_pings_with_a_key(self) -> None:
        await self.flood_websockets(websocket_frame(1, b'{"type":"ping"}'), with_key=True)

    async def websocket_control_frames_with_a_key(self) -> None:
        await self.flood_websockets(websocket_frame(9, b"x") + websocket_frame(0, b"", fin=False), with_key=True)

    async def steady_websocket_pings(self) -> None:
        """As many messages with a key as don't close the connection."""
        while self.goes_on:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                reader, writer = await self.open_websocket(with_key=True)
                reading = asyncio.create_task(read_all(reader))
                while self.goes_on and not reading.done():
                    writer.write(websocket_frame(1, b'{"type":"ping"}') * 9)
                    await writer.drain()
                    await asyncio.sleep(0.1)
                    self.seen["messages"] += 9
                writer.transport.abort()
                reading.cancel()

    async def flood_websockets(self, frames: bytes, *, with_key: bool = False) -> None:
        """Send the same frames until the server hangs up, and once more from the beginning."""
        piece = frames * max(1, 65536 // len(frames))
        while self.goes_on:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                reader, writer = await self.open_websocket(with_key=with_key)
                reading = asyncio.create_task(read_all(reader))
                with suppress(ConnectionError):
                    while self.goes_on and not reading.done():
                        writer.write(piece)
                        await writer.drain()
                        await asyncio.sleep(0)
                writer.transport.abort()
                reading.cancel()
            self.seen["hung up"] += 1

    async def open_websocket(self, *, with_key: bool) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await self.connect()
        writer.write(
            b"GET /graphql HTTP/1.1\r\nHost: istmo\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
        )
        if b" 101 " not in await reader.readuntil(b"\r\n\r\n"):
            writer.transport.abort()
            self.seen["refused"] += 1
            raise ConnectionError
        if with_key:
            init = {"type": "connection_init", "payload": {"Authorization": f"Bearer {self.key}"}}
            writer.write(websocket_frame(1, json.dumps(init).encode()))
            await reader.readuntil(b"connection_ack")
        return reader, writer

    async def receiver(self) -> None:
        """A webhook's receiver that sends interim responses without end instead of an answer."""
        server = await asyncio.start_server(self.never_answer, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        async with server, self.new_session() as session:
            await self.post(session, request(_CREATE_WEBHOOK, url=url))
            while self.goes_on:
                name = f"Cliente {random.random()}"
                await self.post(session, request(_CREATE_CUSTOMER, input={"receiverType": "TAXPAYER", "name": name}))
                await asyncio.sleep(0.2)

    async def never_answer(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.seen["deliveries"] += 1
        with suppress(ConnectionError):
            while self.goes_on:
                writer.write(b"HTTP/1.1 102 Processing\r\n\r\n" * 2500)
                await writer.drain()
        writer.transport.abort()


ATTACKS: dict[str, Callable[[Attacker], Any]] = {
    "malformed requests": Attacker.malformed,
    "hostile documents": Attacker.documents,
    "costly queries": Attacker.costly,
    "bodies of 10 MB": Attacker.large,
    "10,000 wrong keys": Attacker.wrong_keys,
    "slow clients": Attacker.slow,
    "WebSocket pings without a key": Attacker.websocket_pings,
    "WebSocket control frames without a key": Attacker.websocket_control_frames,
    "WebSocket messages of 4 MB without a key": Attacker.websocket_large_frames,
    "WebSocket pings with a key": Attacker.websocket_pings_with_a_key,
    "WebSocket control frames with a key": Attacker.websocket_control_frames_with_a_key,
    "WebSocket pings with a key, as many as allowed": Attacker.steady_websocket_pings,
    "long answers": Attacker.long_answers,
    "long answers, ten keys": Attacker.long_answers,
    "too long answers, ten keys": Attacker.too_long_answers,
    "slow readers of long answers, ten keys": Attacker.slow_readers,
    "dry runs of 1,000 lines": Attacker.dry_runs,
    "dry runs of 1,000 lines, ten keys": Attacker.dry_runs,
    "costly searches, ten keys": Attacker.searches,
    "twenty subscriptions with long answers": Attacker.subscriptions,
    "PDFs of 1,000 lines, ten keys": Attacker.pdfs,
    "webhooks' receivers that answer 102 without end": Attacker.receiver,
}


async def read_all(reader: asyncio.StreamReader) -> None:
    with suppress(ConnectionError):
        await reader.read(-1)


def attack(name: str, attacker: Attacker, line: Connection) -> None:
    """Tells by the ``line`` that it begins, and in the end what it saw, or what was a surprise."""

    async def together() -> None:
        keys = attacker.keys if "ten keys" in name else attacker.keys[:1]
        connections = max(CONNECTIONS, len(keys))
        await asyncio.gather(
            *[ATTACKS[name](replace(attacker, keys=keys, number=number)) for number in range(connections)]
        )

    os.nice(10)  # a real attacker would use another machine
    line.send("begun")
    attacker.until = time.time() + attacker.seconds
    try:
        asyncio.run(together())
        line.send(attacker.seen)
    except BaseException as error:
        line.send(repr(error))


# Well-behaved clients


LIST = """
    query ($after: String) {
        customers(first: 20, after: $after) {
            edges { node { id name identification location { province }
                invoices(first: 3) { edges { node { number total } } } } }
            pageInfo { endCursor }
        }
    }
"""
ONE = "query ($id: ID!) { customer(id: $id) { name identification phone email status } }"
WRITE = """
    mutation ($customerId: ID!, $input: InvoiceInput!) {
        createInvoice(customerId: $customerId, input: $input) { invoice { id number total } userErrors { code } }
    }
"""
LINES = [
    {"description": f"Artículo {number}", "quantity": "2", "unitPrice": "5.55", "itbmsRate": "RATE_7"}
    for number in range(3)
]


@dataclass
class Client:
    """Sends requests at a steady rate, however long the answers take."""

    session: aiohttp.ClientSession
    url: str
    key: str
    ids: list[str]
    times: list[float] = field(default_factory=list)
    pdf_times: list[float] = field(default_factory=list)

    async def go(self, seconds: float) -> None:
        begin = time.perf_counter()
        requests = []
        for number in range(int(seconds * RATE)):
            due = begin + (number + random.random()) / RATE
            requests.append(asyncio.create_task(self.one(number, due)))
        await asyncio.gather(*requests)

    async def one(self, number: int, due: float) -> None:
        await asyncio.sleep(due - time.perf_counter())
        customer = random.choice(self.ids)
        if number % 10 == 0:
            body = request(WRITE, customerId=customer, input={"lines": LINES})
        elif number % 10 < 4:
            body = request(ONE, id=customer)
        else:
            body = request(LIST, after=None)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        start = time.perf_counter()
        async with self.session.post(f"{self.url}/graphql", data=body, headers=headers) as response:
            answer = await response.json()
        self.times.append(time.perf_counter() - start)
        if response.status != 200 or "errors" in answer:
            raise Surprise(f"a well-behaved client got {response.status} {answer.get('errors')}")
        if number % 10 == 0:
            await self.read_pdf(answer["data"]["createInvoice"]["invoice"]["id"])

    async def read_pdf(self, id: str) -> None:
        start = time.perf_counter()
        headers = {"Authorization": f"Bearer {self.key}"}
        async with self.session.get(f"{self.url}/invoices/{id}.pdf", headers=headers) as response:
            content = await response.read()
        self.pdf_times.append(time.perf_counter() - start)
        if not content.startswith(b"%PDF"):
            raise Surprise(f"a well-behaved client got {response.status} for a PDF")


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


def memory(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) / 1024


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
        process = multiprocessing.get_context("spawn").Process(target=attack, args=(name, attacker, theirs))
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
    return Phase(name, quantile(times, 0.5), quantile(times, 0.99), pdf, memory(pid), load, seen)


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
        lines = [_LONG_LINE] * 1000
        for _ in range(LONG_INVOICES):
            await attacker.post(session, request(_LONG_INVOICE, input={"lines": lines}, customerId=attacker.customer))
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


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.hostile")
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--only", default="", help="run only attacks whose names contain this")
    parser.add_argument("--proxy", choices=["nginx"], help="what stands between clients and the server")
    arguments = parser.parse_args()
    names = [name for name in ATTACKS if arguments.only in name]
    phases = asyncio.run(trial(arguments.seconds, arguments.clients, names, arguments.proxy))
    print("| meanwhile | median, ms | p99, ms | against quiet | PDF, ms | memory, MB | processor, % | attackers got |")
    print("|---|---|---|---|---|---|---|---|")
    for each in phases:
        got = ", ".join(f"{count} {what}" for what, count in each.seen.most_common())
        ratio = each.p99 / phases[0].p99
        times = f"{each.median:.1f} | {each.p99:.1f} | {ratio:.1f} × | {each.pdf:.0f}"
        figures = f"{times} | {each.memory:.0f} | {each.load:.0f}"
        print(f"| {each.name} | {figures} | {got} |")


if __name__ == "__main__":
    main()
