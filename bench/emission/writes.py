"""`createInvoice(newCustomer:)` of an account with electronic invoicing against the same of one without, in turns.

16 clients on 16 billing points, 3 lines, as in bench/rows/writes.py. No worker runs, unless it is asked for: what it
does beside is measured as its own rate.
"""

import asyncio
import time
from itertools import count

import orjson

from bench.emission.place import CREATE, LINES, Account, Place, place
from bench.load import Measure, Table, Target
from bench.processes import must

_CLIENTS = 16
_CUSTOMER = {"receiverType": "TAXPAYER", "taxpayerType": "JURIDICAL", "ruc": "RUC", "name": "Cliente de prueba, S.A."}
_CUSTOMER |= {"locationCode": "8-8-7", "address": "Calle 50, local 4"}
_VARIABLES = {"input": {"billingPoint": "POINT", "lines": LINES * 3}, "customer": _CUSTOMER}
_NEW_CUSTOMERS = """
local n, template = BASE, wrk.body
request = function()
  n = n + 1
  local body = template:gsub("RUC", string.format("%d-2-2024", n)):gsub("POINT", string.format("%03d", n % POINTS + 1))
  return wrk.format("POST", nil, nil, body)
end
"""


async def run(rounds: int, seconds: float, worker: bool) -> str:
    async with place("writes", accounts=2, points=_CLIENTS, DATABASE_POOL_SIZE="16") as there:
        electronic, plain = there.accounts
        await there.admin.execute("UPDATE account SET electronic_invoicing = false WHERE id = $1", plain.id)
        await there.start(there.server, *([there.worker] if worker else []))
        table = Table(rounds, seconds)
        name = "`createInvoice(newCustomer:)`, 3 lines, 16 clients: electronic against not"
        loop = asyncio.get_running_loop()
        bases = count(time.time_ns() // 10**6 % 10**8 * 10, 10**5)
        sides = [measure(there, account, seconds, bases, loop) for account in (electronic, plain)]
        await asyncio.to_thread(table.pair, name + (", a worker beside" if worker else ""), "≥ 0.8 ×", *sides)
        lost = await there.admin.fetchval(_UNQUEUED, electronic.id)
        must(lost == 0, f"{lost} issued documents aren't queued")
    return str(table)


def measure(
    there: Place, account: Account, seconds: float, bases: "count[int]", loop: asyncio.AbstractEventLoop
) -> Measure:
    """Requests per second; each answer must have stored an invoice."""
    body = orjson.dumps({"query": CREATE, "variables": _VARIABLES})
    headers = {"Authorization": f"Bearer {account.key}"}

    def rate() -> float:
        script = _NEW_CUSTOMERS.replace("BASE", str(next(bases))).replace("POINTS", str(_CLIENTS))
        before = asyncio.run_coroutine_threadsafe(stored(there, account), loop).result()
        found = Target(f"{there.url}/graphql", body, headers, script).rate(seconds, _CLIENTS)
        new = asyncio.run_coroutine_threadsafe(stored(there, account), loop).result() - before
        must(new >= found * seconds * 0.95, f"{new} invoices at {found:.0f} answers a second")
        return found

    return rate


_UNQUEUED = """
    SELECT count(*) FROM document d LEFT JOIN emission e ON e.account_id = d.account_id AND e.document_id = d.id
    WHERE d.account_id = $1 AND d.status = 'ISSUED' AND e.document_id IS NULL
"""


async def stored(there: Place, account: Account) -> int:
    number: int = await there.admin.fetchval(
        "SELECT count(*) FROM document WHERE account_id = $1 AND status = 'ISSUED'", account.id
    )
    return number
