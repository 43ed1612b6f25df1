"""Writing: invoices with new customers, against the same statements by hand."""

import sys
import time
from itertools import count

import orjson

from bench import dataset
from bench.load import Measure, Served, Table, Target, istmo, serving

CREATE = """mutation Create($input: InvoiceInput!, $customer: CustomerInput!) {
  createInvoice(input: $input, newCustomer: $customer) { invoice { id number total } userErrors { code } } }"""
_LINE = {"description": "Café", "quantity": "3", "unitPrice": "5.55", "itbmsRate": "RATE_7"}
_CUSTOMER = {"receiverType": "TAXPAYER", "ruc": "RUC", "name": "Cliente de prueba, S.A.", "locationCode": "8-8-7"}
_VARIABLES = {"input": {"billingPoint": "POINT", "lines": [_LINE] * 3}, "customer": _CUSTOMER}
_NEW_CUSTOMERS = """
local n, template = BASE, wrk.body
request = function()
  n = n + 1
  local body = template:gsub("RUC", string.format("%d-2-2024", n)):gsub("POINT", string.format("%03d", n % POINTS + 1))
  return wrk.format("POST", nil, nil, body)
end
"""


class Writes:
    """Measures that store invoices, with a RUC that no other has."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._bases = count(time.time_ns() // 10**6 % 10**9 * 10, 10**6)

    def rate(self, target: Target, points: int, clients: int) -> Measure:
        """``clients`` at once, their invoices on ``points`` billing points in turn."""

        def measure() -> float:
            script = _NEW_CUSTOMERS.replace("BASE", str(next(self._bases))).replace("POINTS", str(points))
            return Target(target.url, target.body, target.headers, script).rate(self.seconds, clients)

        return measure

    def check(self, target: Target) -> None:
        """Raise an error unless an invoice is stored."""
        body = target.body.replace(b"RUC", b"%d-2-2024" % next(self._bases)).replace(b"POINT", b"001")
        answer = orjson.dumps(Target(target.url, body, target.headers).answer())
        if b'"total":"53.46"' not in answer:
            raise RuntimeError(f"{target.url} answers {answer!r}")


def creation(ours: Served, account: int) -> Target:
    return ours.graphql(CREATE, _VARIABLES, account)


def measure(table: Table, url: str) -> None:
    writes = Writes(table.seconds)
    account = dataset.account_id(2)
    with (
        istmo(url, DATABASE_POOL_SIZE="16") as ours,
        serving([sys.executable, "-m", "bench.peers.handwritten"], {"DATABASE_URL": url}) as handwritten,
    ):
        create = creation(ours, 2)
        by_hand = Target(f"{handwritten.url}/create?account={account}", b'{"ruc": "RUC", "billingPoint": "POINT"}')
        writes.check(create)
        writes.check(by_hand)
        for what, points, clients, wanted in (
            ("16 clients on 16 billing points", 16, 16, "≥ 0.65 ×, aim 0.8"),
            ("16 clients on one billing point", 1, 16, "≥ 1.2 ×"),
            ("one client", 16, 1, "≥ 0.65 ×"),
        ):
            name = f"`createInvoice(newCustomer:)`, 3 lines, {what}: against asyncpg by hand"
            table.pair(name, wanted, writes.rate(create, points, clients), writes.rate(by_hand, points, clients))
