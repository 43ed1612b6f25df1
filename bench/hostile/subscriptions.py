"""Many subscriptions with long answers."""

import asyncio
import json
import random
from contextlib import AsyncExitStack

from bench.hostile.attacker import Attacker, request
from bench.hostile.websockets import open_websocket, websocket_frame

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


async def subscriptions(attacker: Attacker) -> None:
    """Twenty subscriptions with long answers, and an event each second."""
    async with AsyncExitStack() as stack:
        reading = []
        for number in range(0 if attacker.number else 20):
            reader, writer = await open_websocket(attacker, with_key=True)
            stack.callback(writer.transport.abort)
            query = _SUBSCRIPTION % (f"S{number % 4}", 10)
            payload = {"type": "subscribe", "id": "1", "payload": {"query": query}}
            writer.write(websocket_frame(1, json.dumps(payload).encode()))
            reading.append(asyncio.create_task(_count_bytes(attacker, reader)))
        async with attacker.new_session() as session:
            while attacker.goes_on:
                if not attacker.number:
                    name = f"Cliente {random.random()}"
                    await attacker.post(session, request(_CHANGE_CUSTOMER, id=attacker.customer, name=name))
                await asyncio.sleep(1)
        for each in reading:
            each.cancel()


async def _count_bytes(attacker: Attacker, reader: asyncio.StreamReader) -> None:
    while data := await reader.read(2**20):
        attacker.seen["bytes of events"] += len(data)
