"""Connections that send or take a byte a second."""

import asyncio
from contextlib import suppress
from itertools import cycle

from bench.hostile.attacker import Attacker, request


async def slow_clients(attacker: Attacker) -> None:
    """Fifty connections that send a byte a second, or ask for much and take nothing."""
    await asyncio.gather(*[_slowly(attacker, number) for number in range(50)])


async def _slowly(attacker: Attacker, number: int) -> None:
    head = f"POST /graphql HTTP/1.1\r\nHost: istmo\r\nAuthorization: Bearer {attacker.key}\r\n"
    with suppress(ConnectionError):
        _, writer = await attacker.connect(limit=1)
        if number % 2:
            whole = request("{ locations(first: 100) { corregimiento district province } }")
            ask = f"{head}Content-Type: application/json\r\nContent-Length: {len(whole)}\r\n\r\n".encode() + whole
            writer.write(ask * 20)
        for byte in cycle(head.encode()):
            if not attacker.goes_on:
                break
            if not number % 2:
                writer.write(bytes([byte]))
                await writer.drain()
            await asyncio.sleep(1)
        writer.close()
    attacker.seen["slow"] += 1
