"""Istmo against its peers: medians of paired runs, printed as a table.

    make bench            all of it, with what it installs
    python -m bench.run [--rounds 5] [--seconds 4] [pages] [search] [writes] [memory]

Each server is one process on loopback. A round runs both sides of a pair one after the other; the figure
is the median of the rounds' ratios, since the machine's speed changes between rounds more than within one.
"""

import argparse
import asyncio
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from statistics import median
from urllib.request import Request, urlopen

import orjson

from bench import dataset
from bench.processes import program_of
from db import embedded

HERE = Path(__file__).parent
CHECKOUT = HERE.parent
CONNECTIONS = 8

PAGE = """query Page($first: Int!) { invoices(first: $first) { edges { node { id number status issueDate total
  customer { id name ruc location { code corregimiento province } }
  lines { description quantity unitPrice net } } } } }"""
PLAIN_PAGE = """query Page($first: Int!) { invoices(first: $first) { id number status issueDate total
  customer { id name ruc location { code corregimiento province } }
  lines { description quantity unitPrice net } } }"""
GRAPHILE_PAGE = """query Page($first: Int!, $account: UUID!) {
  allDocuments(first: $first, condition: {accountId: $account}, orderBy: [ISSUE_DATE_DESC, ROW_ID_DESC]) { nodes {
    rowId number status issueDate total
    customerByAccountIdAndCustomerId { rowId name ruc locationByLocationCode { code corregimiento provinceName } }
    documentLinesByAccountIdAndDocumentId(orderBy: POSITION_ASC) {
      nodes { description quantity unitPrice net } } } } }"""
LIST = "query List($first: Int!) { customers(first: $first) { edges { node { id name identification phone } } } }"
SEARCH = """query Search($first: Int!, $search: String!) {
  customers(first: $first, search: $search) { edges { node { id name identification phone } } } }"""
CURSORS = """query Page($first: Int!, $after: String) { customers(first: $first, after: $after) {
  edges { node { id name identification phone } } pageInfo { endCursor } } }"""
CUSTOMER = "query Customer($id: ID!) { customer(id: $id) { id name identification phone email } }"
CREATE = """mutation Create($input: InvoiceInput!, $customer: CustomerInput!) {
  createInvoice(input: $input, newCustomer: $customer) { invoice { id number total } userErrors { code } } }"""


# Servers and load


@contextmanager
def serving(command: list[str], port: int, environment: dict[str, str], cwd: Path = CHECKOUT) -> Iterator[int]:
    """Start a server process; yields its pid, and stops it at the end."""
    # Requests are counted as usual, but the limit is never reached.
    env = {**os.environ, "PORT": str(port), "RATE_LIMIT": "1000000000", **environment}
    log = tempfile.TemporaryFile()
    process = subprocess.Popen(command, env=env, cwd=cwd, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).read()
                break
            except OSError as error:
                if hasattr(error, "code"):
                    break  # any answer will do, also 404
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise RuntimeError(log.read().decode()) from error
                time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def post(url: str, body: bytes, headers: dict[str, str]) -> bytes:
    answer: bytes = urlopen(Request(url, body, {"Content-Type": "application/json", **headers}), timeout=60).read()
    return answer


class Target:
    """A request to repeat: its URL, body and headers."""

    def __init__(self, url: str, body: bytes, headers: dict[str, str] | None = None, lua: str = "") -> None:
        self.url, self.body, self.headers, self.lua = url, body, headers or {}, lua

    def check(self, wanted: str) -> None:
        answer = post(self.url, self.body, self.headers).decode()
        if wanted not in answer or '"errors"' in answer:
            raise RuntimeError(f"{self.url} answers {answer[:400]}")

    def rate(self, seconds: float, connections: int = CONNECTIONS) -> float:
        """Requests per second under wrk."""
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
            script.write(f"wrk.method = 'POST'\nwrk.body = [==[{self.body.decode()}]==]\n")
            for name, value in {"Content-Type": "application/json", **self.headers}.items():
                script.write(f"wrk.headers['{name}'] = '{value}'\n")
            script.write(self.lua)
            script.flush()
            command = [
                "wrk",
                "-t1",
                f"-c{connections}",
                f"-d{max(1, round(seconds))}s",
                "--timeout",
                "30s",
                "-s",
                script.name,
                self.url,
            ]
            out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        if "Non-2xx" in out or "Socket errors" in out:
            raise RuntimeError(out)
        return float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])  # type: ignore[index]

    def latency(self, count: int) -> float:
        """Median milliseconds of single requests, one after the other."""
        import http.client
        from urllib.parse import urlsplit

        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
        times = []
        for _ in range(count):
            start = time.perf_counter()
            connection.request(
                "POST", f"{parts.path}?{parts.query}", self.body, {"Content-Type": "application/json", **self.headers}
            )
            connection.getresponse().read()
            times.append((time.perf_counter() - start) * 1000)
        connection.close()
        return median(times)


def graphql(port: int, query: str, variables: dict[str, object], account: int = 1, lua: str = "") -> Target:
    body = orjson.dumps({"query": query, "variables": variables})
    headers = {"Authorization": f"Bearer {dataset.secret(account)}"}
    return Target(f"http://127.0.0.1:{port}/graphql", body, headers, lua)


Measure = Callable[[], float]


class Table:
    def __init__(self, rounds: int) -> None:
        self.rounds = rounds
        self.rows: list[str] = []

    def pair(self, what: str, wanted: str, ours: Measure, theirs: Measure, unit: str) -> None:
        """Measure both sides in each round. The row has the median ratio and both medians."""
        pairs = [(ours(), theirs()) for _ in range(self.rounds)]
        ratio = median(a / b for a, b in pairs)
        left, right = median(a for a, _ in pairs), median(b for _, b in pairs)
        self.add(what, f"{ratio:.2f} ×", wanted, f"{left:,.1f} against {right:,.1f} {unit}")

    def add(self, what: str, figure: str, wanted: str, detail: str) -> None:
        self.rows.append(f"| {what} | {figure} | {wanted} | {detail} |")
        print(self.rows[-1], file=sys.stderr, flush=True)

    def __str__(self) -> str:
        return "\n".join(["| what | measured | wanted | medians |", "|---|---|---|---|", *self.rows])


# The measurements


def pages(table: Table, url: str, server: embedded.Server, seconds: float) -> None:
    account = str(dataset.account_id(1))
    python = sys.executable
    env = {"DATABASE_URL": url}
    node = HERE / "peers/postgraphile"
    pg = {**server.environment, "PGDATABASE": "istmo_bench"}
    with (
        serving([python, "server.py", "serve"], 8101, {**env, "LOG_FORMAT": "json"}),
        serving([python, "-m", "bench.peers.handwritten"], 8102, env),
        serving([python, "-m", "bench.peers.plain"], 8103, env),
        serving([str(node / "node_modules/node/bin/node"), "server.mjs"], 8104, {**pg, "NODE_ENV": "production"}, node),
    ):
        istmo = graphql(8101, PAGE, {"first": 50})
        by_hand = Target(f"http://127.0.0.1:8102/page?account={account}", b"{}")
        plain = Target("http://127.0.0.1:8103/graphql", orjson.dumps({"query": PLAIN_PAGE, "variables": {"first": 50}}))
        variables = {"first": 50, "account": account}
        graphile = Target(
            "http://127.0.0.1:8104/graphql", orjson.dumps({"query": GRAPHILE_PAGE, "variables": variables})
        )
        for target in (istmo, by_hand, plain, graphile):
            target.check("0000010000")
            target.rate(1)

        def rate(target: Target) -> Measure:
            return lambda: target.rate(seconds)

        name = "nested page of 50 invoices: against"
        table.pair(f"{name} PostGraphile 5", "≥ 2.5 ×", rate(istmo), rate(graphile), "requests/s")
        table.pair(f"{name} Starlette + asyncpg by hand", "≥ 0.9 ×", rate(istmo), rate(by_hand), "requests/s")
        script = pgbench_script(asyncio.run(captured(url, istmo)))
        table.pair(f"{name} pgbench, same SQL", "≥ 0.55 ×", rate(istmo), lambda: pgbench(server, script, seconds), "/s")
        table.pair(f"{name} plain Strawberry + Tortoise", "≥ 25 ×", rate(istmo), rate(plain), "requests/s")
        customer = graphql(8101, CUSTOMER, {"id": str(dataset.row_id(1, 1, 7))})
        customer.check("c7@example.com")
        nothing = graphql(8101, "{ __typename }", {})
        table.pair(
            "customer(id) with 5 fields: against { __typename }", "≥ 0.5 ×", rate(customer), rate(nothing), "requests/s"
        )


async def captured(url: str, target: Target) -> tuple[str, list[object]]:
    """The statement that the service sends for a request, with its values."""
    from tortoise.context import TortoiseContext

    from db import config, tenant
    from db.fair_thread import FairThread
    from documents.fonts import load_fonts
    from lookup.service import Consultar
    from lookup.settings import Settings
    from resolvers.api_keys import Identity, KeyCache
    from rules.vocabulary import Scope
    from schema.context import Context
    from transport.execution import OperationRunner
    from transport.limiter import AccountLimiter
    from transport.parameters import GraphQLRequest

    body = orjson.loads(target.body)
    id = dataset.account_id(1)
    sent: list[tuple[str, list[object]]] = []
    async with TortoiseContext() as context:
        await context.init(config=config.tortoise(url, role=config.SERVICE_ROLE))
        client = context.connections.get("default")
        original = client.execute_query

        async def spy(query: str, values: list[object] | None = None) -> object:
            sent.append((query, values or []))
            return await original(query, values)

        client.execute_query = spy  # type: ignore[method-assign, assignment]
        with tenant.acting_for(id):
            identity = Identity(id, id, Scope.READ)
            context = Context(identity, Consultar(Settings()), KeyCache(), load_fonts().printable)
            with FairThread("bench") as thread:
                await OperationRunner(AccountLimiter(10), thread).run(GraphQLRequest.of(body), context)
    return sent[-1]


def pgbench_script(statement: tuple[str, list[object]]) -> str:
    sql, values = statement
    for number in range(len(values), 0, -1):
        value = values[number - 1]
        literal = str(value) if isinstance(value, int) else f"'{value}'"
        sql = sql.replace(f"${number}", literal)
    # pgbench would take a colon for the beginning of a variable.
    return f"set_config('istmo.account', '{dataset.account_id(1)}', false) \\gset\n".join(["SELECT ", f"{sql};\n"])


def pgbench(server: embedded.Server, script: str, seconds: float) -> float:
    with tempfile.NamedTemporaryFile("w", suffix=".sql", delete=False) as file:
        file.write(script.partition("\n")[2])
    Path(file.name).chmod(0o644)
    options = f"-c role=istmo_app -c istmo.account={dataset.account_id(1)}"
    env = {**server.environment, "PGOPTIONS": options, "PGDATABASE": "istmo_bench"}
    command = [str(server.programs / "pgbench"), "-n", "-M", "prepared", "-c", str(CONNECTIONS), "-j", "2"]
    command += ["-T", str(max(1, round(seconds))), "-f", file.name]
    out = subprocess.run(command, check=True, capture_output=True, text=True, env=env).stdout
    return float(re.search(r"tps = ([\d.]+)", out)[1])  # type: ignore[index]


def search(table: Table, url: str, rounds: int) -> None:
    """The same lists in an account of 2,000 customers and in one of 1,000,000: medians of single requests."""
    with serving([sys.executable, "server.py", "serve"], 8101, {"DATABASE_URL": url, "LOG_FORMAT": "json"}):
        searches = {
            "list of 50 customers by name": (None, "≤ 2"),
            "selective search": ("", "≤ 2"),
            "common word": ("hotel", "reported"),
            "two letters": ("ho", "reported"),
            "no hit": ("zqzqzq", "reported"),
        }
        for what, (words, wanted) in searches.items():
            medians = []
            for account in (1, dataset.BIG_ACCOUNT):
                target = graphql(8101, LIST, {"first": 50}, account)
                if words is not None:
                    # A word from one customer's name that few others have.
                    name = next(dataset.customers(account, 1, ["8-8-7"]))[6]
                    target = graphql(8101, SEARCH, {"first": 50, "search": words or name.split()[1]}, account)
                target.check("data")
                medians.append(median(target.latency(20) for _ in range(rounds)))
            small, big = medians
            table.add(
                f"{what}: 1,000,000 against 2,000 customers",
                f"{big / small:.2f} ×",
                wanted,
                f"{big:.2f} against {small:.2f} ms",
            )
        cursor = None
        for _ in range(999):
            page = graphql(8101, CURSORS, {"first": 50, "after": cursor}, dataset.BIG_ACCOUNT)
            cursor = orjson.loads(post(page.url, page.body, page.headers))["data"]["customers"]["pageInfo"]["endCursor"]
        first = graphql(8101, CURSORS, {"first": 50, "after": None}, dataset.BIG_ACCOUNT)
        thousandth = graphql(8101, CURSORS, {"first": 50, "after": cursor}, dataset.BIG_ACCOUNT)
        table.pair(
            "page 1,000 against page 1 by cursor: time",
            "≤ 1.2 ×",
            lambda: thousandth.latency(100),
            lambda: first.latency(100),
            "ms",
        )


def writes(table: Table, url: str, seconds: float) -> None:
    """Invoices with new customers, 16 clients on 16 billing points."""
    env = {"DATABASE_URL": url, "LOG_FORMAT": "json", "DATABASE_POOL_SIZE": "16"}
    account = str(dataset.account_id(2))
    with (
        serving([sys.executable, "server.py", "serve"], 8101, env),
        serving([sys.executable, "-m", "bench.peers.handwritten"], 8102, env),
    ):
        line = {"description": "Café", "quantity": "3", "unitPrice": "5.55", "itbmsRate": "RATE_7"}
        customer = {
            "receiverType": "TAXPAYER",
            "ruc": "RUC",
            "name": "Cliente de prueba, S.A.",
            "locationCode": "8-8-7",
        }
        variables: dict[str, object] = {"input": {"billingPoint": "POINT", "lines": [line] * 3}, "customer": customer}
        istmo = graphql(8101, CREATE, variables, account=2)
        by_hand = Target(f"http://127.0.0.1:8102/create?account={account}", b'{"ruc": "RUC", "billingPoint": "POINT"}')
        numbers = count(time.time_ns() // 10**6 % 10**9 * 10, 10**6)

        def rate(target: Target) -> Measure:
            def measure() -> float:
                target.lua = NEW_CUSTOMERS.replace("BASE", str(next(numbers)))
                return target.rate(seconds, connections=16)

            return measure

        for target in (istmo, by_hand):
            rate(target)()
        name = "createInvoice(newCustomer:), 3 lines, 16 clients: against asyncpg by hand"
        table.pair(name, "≥ 0.5 ×", rate(istmo), rate(by_hand), "requests/s")


NEW_CUSTOMERS = """
local n, template = BASE, wrk.body
request = function()
  n = n + 1
  local body = template:gsub("RUC", string.format("%d-2-2024", n)):gsub("POINT", string.format("%03d", n % 16 + 1))
  return wrk.format("POST", nil, nil, body)
end
"""


def memory(table: Table, url: str) -> None:
    """Resident memory after 100,000 and after 200,000 requests with 500 documents."""
    with serving([sys.executable, "server.py", "serve"], 8101, {"DATABASE_URL": url, "LOG_FORMAT": "json"}) as pid:
        target = graphql(
            8101,
            "query D($id: ID!) { customer(id: $id) { id aNUMBER: name phone } }",
            {"id": str(dataset.row_id(1, 1, 7))},
        )
        target.lua = MANY_DOCUMENTS
        held, sent = [], 0.0
        for goal in (100_000, 200_000):
            while sent < goal:
                sent += target.rate(10) * 10
            status = Path(f"/proc/{program_of(pid, 'server')}/status").read_text()
            held.append(int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024)  # type: ignore[index]
        table.add(
            "memory of one process after 200,000 requests of 500 documents", f"{held[1]:.0f} MB", "≤ 150 MB", "resident"
        )
        table.add("… growth over the last 100,000", f"{held[1] - held[0]:.1f} MB", "≤ 2 MB", f"from {held[0]:.1f} MB")


MANY_DOCUMENTS = """
local n, template = 0, wrk.body
request = function()
  n = n + 1
  return wrk.format("POST", nil, nil, (template:gsub("NUMBER", tostring(n % 500))))
end
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("parts", nargs="*", default=["pages", "writes", "search", "memory"])
    options = parser.parse_args()
    table = Table(options.rounds)
    with embedded.running(dataset.folder()) as server:
        url = asyncio.run(dataset.build(server.url, big="search" in options.parts))
        if "pages" in options.parts:
            pages(table, url, server, options.seconds)
        if "writes" in options.parts:
            writes(table, url, options.seconds)
        if "memory" in options.parts:
            memory(table, url)
        if "search" in options.parts:
            search(table, url, options.rounds)
    print(table)


if __name__ == "__main__":
    main()
