"""An attacking client, in a process of its own."""

import asyncio
import json
import os
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from itertools import cycle
from multiprocessing.connection import Connection
from typing import Any

import aiohttp

from bench.hostile.answers import judged

CONNECTIONS = 8  # of an attack


def request(query: str, **variables: Any) -> bytes:
    return json.dumps({"query": query, "variables": variables}).encode()


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


Attack = Callable[[Attacker], Awaitable[None]]


def attack(made: Attack, attacker: Attacker, line: Connection) -> None:
    """Tells by the ``line`` that it begins, and in the end what it saw, or what was a surprise."""

    async def together() -> None:
        connections = max(CONNECTIONS, len(attacker.keys))
        await asyncio.gather(*[made(replace(attacker, number=number)) for number in range(connections)])

    os.nice(10)  # a real attacker would use another machine
    line.send("begun")
    attacker.until = time.time() + attacker.seconds
    try:
        asyncio.run(together())
        line.send(attacker.seen)
    except BaseException as error:
        line.send(repr(error))
