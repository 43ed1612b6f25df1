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
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.request import Request, urlopen

import orjson

from bench import dataset
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
  allInvoices(first: $first, condition: {accountId: $account}, orderBy: [ISSUE_DATE_DESC, ROW_ID_DESC]) { nodes {
    rowId number status issueDate total
    customerByAccountIdAndCustomerId { rowId name ruc locationByLocationCode { code corregimiento provinceName } }
    invoiceLinesByAccountIdAndInvoiceId(orderBy: POSITION_ASC) { nodes { description quantity unitPrice net } } } } }"""
LIST = "query List($first: Int!) { customers(first: $first) { edges { node { id name identification phone } } } }"
CUSTOMER = "query Customer($id: ID!) { customer(id: $id) { id name identification phone email } }"
CREATE = """mutation Create($input: InvoiceInput!, $customer: CustomerInput!) {
  createInvoice(input: $input, newCustomer: $customer) { invoice { id number total } userErrors { code } } }"""


# Servers and load


@contextmanager
def serving(command: list[str], port: int, environment: dict[str, str], cwd: Path = CHECKOUT) -> Iterator[int]:
    """A server process of ours; its pid. It is stopped at the end."""
    env = {**os.environ, "PORT": str(port), **environment}
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
                    break  # it answers, if only with 404
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
            command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "30s", "-s", script.name, self.url]
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
            connection.request("POST", f"{parts.path}?{parts.query}", self.body, {"Content-Type": "application/json", **self.headers})
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
        """Both sides in each round; the row says the median ratio and both medians."""
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
        table.pair("customer(id) with 5 fields: against { __typename }", "≥ 0.5 ×", rate(customer), rate(nothing), "requests/s")


async def captured(url: str, target: Target) -> tuple[str, list[object]]:
    """The statement that answers a request, with its values: what the service itself sends."""
    from tortoise.context import TortoiseContext

    from db import account, config
    from resolvers.auth import Identity
    from rules.vocabulary import Scope
    from schema import schema
    from schema.context import Context

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
        with account.acting_for(id):
            identity = Identity(id, id, Scope.READ)
            await schema.execute(body["query"], variable_values=body["variables"], context_value=Context(identity))
    return sent[-1]


def pgbench_script(statement: tuple[str, list[object]]) -> str:
    sql, values = statement
    for number in range(len(values), 0, -1):
        value = values[number - 1]
        literal = str(value) if isinstance(value, int) else f"'{value}'"
        sql = sql.replace(f"${number}", literal)
    # A colon in the text would be a variable of pgbench's.
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


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("parts", nargs="*", default=["pages"])
    options = parser.parse_args()
    table = Table(options.rounds)
    with embedded.running(dataset.folder()) as server:
        url = asyncio.run(dataset.build(server.url, big="search" in options.parts))
        if "pages" in options.parts:
            pages(table, url, server, options.seconds)
    print(table)
    print(f"\nThis process used {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024} MB at most in a child.")


if __name__ == "__main__":
    main()
