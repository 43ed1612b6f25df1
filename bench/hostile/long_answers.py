"""Pages of invoices that have more lines than their cost counts, and slow readers of them."""

import asyncio
from contextlib import suppress

from bench.hostile.attacker import Attacker, request

_LONG_ANSWER = "query ($first: Int) { invoices(first: $first) { edges { node { id lines { description net } } } } }"


async def long_answers(attacker: Attacker) -> None:
    """Pages of invoices that have more lines than their cost counts, just within the largest answer."""
    await attacker.in_turn([request(_LONG_ANSWER, first=first) for first in (14, 15, 16)])


async def too_long_answers(attacker: Attacker) -> None:
    await attacker.in_turn([request(_LONG_ANSWER, first=100)])


async def slow_readers(attacker: Attacker) -> None:
    """Two connections that take long answers by a kilobyte each second."""
    await asyncio.gather(*[_read_slowly(attacker) for _ in range(2)])


async def _read_slowly(attacker: Attacker) -> None:
    body = request(_LONG_ANSWER, first=15)
    head = f"POST /graphql HTTP/1.1\r\nHost: istmo\r\nAuthorization: Bearer {attacker.key}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    while attacker.goes_on:
        with suppress(ConnectionError):
            reader, writer = await attacker.connect(limit=1)
            writer.write(head.encode() + body)
            while attacker.goes_on:
                if not await reader.read(1000):
                    break
                await asyncio.sleep(1)
            writer.transport.abort()
        attacker.seen["slow"] += 1
