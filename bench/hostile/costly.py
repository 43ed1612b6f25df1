"""Requests within all limits that cost much."""

import random

from bench.hostile.attacker import Attacker, request

LONG_LINE = {"description": "x" * 450, "quantity": "3", "unitPrice": "5.55", "itbmsRate": "RATE_7"}
LONG_INVOICE = """
    mutation ($input: InvoiceInput!, $customerId: ID!, $dryRun: Boolean) {
        createInvoice(input: $input, customerId: $customerId, dryRun: $dryRun) { invoice { id } userErrors { code } }
    }
"""


async def costly(attacker: Attacker) -> None:
    """Queries with a cost just within the limit."""
    page = '{ customers(first: %d, search: "a") { totalCount edges { node { invoiceCount invoices(first: 90) {'
    page += " edges { node { lines { total } } } } } } } }"
    await attacker.in_turn([request(page % size) for size in (3, 4, 5)])


async def searches(attacker: Attacker) -> None:
    page = '{ customers(first: 100, search: "%s") { totalCount edges { node { invoiceCount } } } }'
    await attacker.in_turn([request(page % word) for word in ("cliente", "c", "0")])


async def dry_runs(attacker: Attacker) -> None:
    lines = [LONG_LINE] * 1000
    await attacker.in_turn([request(LONG_INVOICE, input={"lines": lines}, customerId=attacker.customer, dryRun=True)])


async def pdfs(attacker: Attacker) -> None:
    headers = {"Authorization": f"Bearer {attacker.key}"}
    async with attacker.new_session() as session:
        page = request("{ invoices(first: 40) { edges { node { id } } } }")
        async with session.post(
            f"{attacker.url}/graphql", data=page, headers={**headers, "Content-Type": "application/json"}
        ) as response:
            edges = (await response.json())["data"]["invoices"]["edges"]
        while attacker.goes_on:
            id = random.choice(edges)["node"]["id"]
            async with session.get(f"{attacker.url}/invoices/{id}.pdf", headers=headers) as response:
                await response.read()
                attacker.seen[f"PDF {response.status}"] += 1
