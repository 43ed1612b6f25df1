"""A webhook's receiver that never answers."""

import asyncio
import random
from contextlib import suppress
from functools import partial

from bench.hostile.attacker import Attacker, request

_CREATE_WEBHOOK = "mutation ($url: String!) { createWebhook(url: $url) { webhook { id } userErrors { code } } }"
_CREATE_CUSTOMER = """
    mutation ($input: CustomerInput!) { createCustomer(input: $input) { customer { id } userErrors { code } } }
"""


async def receiver(attacker: Attacker) -> None:
    """A webhook's receiver that sends interim responses without end instead of an answer."""
    server = await asyncio.start_server(partial(_never_answer, attacker), "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with server, attacker.new_session() as session:
        await attacker.post(session, request(_CREATE_WEBHOOK, url=url))
        while attacker.goes_on:
            name = f"Cliente {random.random()}"
            await attacker.post(session, request(_CREATE_CUSTOMER, input={"receiverType": "TAXPAYER", "name": name}))
            await asyncio.sleep(0.2)


async def _never_answer(attacker: Attacker, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    attacker.seen["deliveries"] += 1
    with suppress(ConnectionError):
        while attacker.goes_on:
            writer.write(b"HTTP/1.1 102 Processing\r\n\r\n" * 2500)
            await writer.drain()
    writer.transport.abort()
