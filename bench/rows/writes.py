"""Writing: invoices with new customers, against the same statements by hand."""

import asyncio
import sys
import time
from itertools import count

import asyncpg

from bench import dataset
from bench.load import Measure, Served, Table, Target, istmo, serving

CREATE = """mutation Create($input: InvoiceInput!, $customer: CustomerInput!) {
  createInvoice(input: $input, newCustomer: $customer) { invoice { id number total } userErrors { code } } }"""
ACCOUNT = 2
_LINE = {"description": "Café", "quantity": "3", "unitPrice": "5.55", "itbmsRate": "RATE_7"}
_CUSTOMER = {"receiverType": "TAXPAYER", "ruc": "RUC", "name": "Cliente de prueba, S.A.", "locationCode": "8-8-7"}
VARIABLES = {"input": {"billingPoint": "POINT", "lines": [_LINE] * 3}, "customer": _CUSTOMER}
NEW_CUSTOMERS = """
local n, template = BASE, wrk.body
request = function()
  n = n + 1
  local body = template:gsub("RUC", string.format("%d-2-2024", n)):gsub("POINT", string.format("%03d", n % POINTS + 1))
  return wrk.format("POST", nil, nil, body)
end
"""


class Writes:
    """Measures that store invoices, each for a new customer with a RUC of its own."""

    def __init__(self, database_url: str, seconds: float) -> None:
        self.database_url, self.seconds = database_url, seconds
        self._bases = count(time.time_ns() // 10**6 % 10**9 * 10, 10**6)

    def rate(self, target: Target, account: int, points: int, clients: int) -> Measure:
        """``clients`` at once, their invoices on ``points`` billing points in turn. Each answer must be an invoice."""

        def measure() -> float:
            script = NEW_CUSTOMERS.replace("BASE", str(next(self._bases))).replace("POINTS", str(points))
            before = asyncio.run(issued(self.database_url, account))
            rate = Target(target.url, target.body, target.headers, script).rate(self.seconds, clients)
            stored = asyncio.run(issued(self.database_url, account)) - before
            if stored < rate * self.seconds * 0.98:
                raise RuntimeError(f"{target.url} stored {stored} invoices at {rate:.0f} answers a second")
            return rate

        return measure


async def issued(database_url: str, account: int) -> int:
    """How many invoices an account has issued."""
    connection = await asyncpg.connect(database_url)
    sql = "SELECT sum(last_number) FROM sequence WHERE account_id = $1"
    number: int = await connection.fetchval(sql, dataset.account_id(account))
    await connection.close()
    return number


def creation(ours: Served, account: int) -> Target:
    return ours.graphql(CREATE, VARIABLES, account)


def measure(table: Table, url: str) -> None:
    writes = Writes(url, table.seconds)
    with (
        istmo(url, DATABASE_POOL_SIZE="16") as ours,
        serving([sys.executable, "-m", "bench.peers.handwritten"], {"DATABASE_URL": url}) as handwritten,
    ):
        create = creation(ours, ACCOUNT)
        by_hand = Target(
            f"{handwritten.url}/create?account={dataset.account_id(ACCOUNT)}",
            b'{"ruc": "RUC", "billingPoint": "POINT"}',
        )
        for what, points, clients, wanted in (
            ("16 clients on 16 billing points", 16, 16, "≥ 0.65 ×, aim 0.8"),
            ("16 clients on one billing point", 1, 16, "≥ 1.2 ×"),
            ("one client", 16, 1, "≥ 0.65 ×"),
        ):
            name = f"`createInvoice(newCustomer:)`, 3 lines, {what}: against asyncpg by hand"
            our_rate, their_rate = (writes.rate(target, ACCOUNT, points, clients) for target in (create, by_hand))
            table.pair(name, wanted, our_rate, their_rate)
