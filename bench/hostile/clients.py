"""The well-behaved clients."""

import asyncio
import random
import time
from dataclasses import dataclass, field

import aiohttp

from bench.hostile.answers import Surprise
from bench.hostile.attacker import request

RATE = 10  # requests a second of each

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
