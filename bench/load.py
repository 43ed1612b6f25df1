"""Servers on loopback, requests that wrk repeats to them, and the table of what was measured."""

import http.client
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import orjson

from bench import dataset
from bench.processes import free_port

CHECKOUT = Path(__file__).parents[1]
CONNECTIONS = 8


@dataclass
class Served:
    """A running server: its address, and the process that was started."""

    url: str
    pid: int

    def graphql(self, query: str, variables: dict[str, Any], account: int = 1) -> "Target":
        """A request to Istmo with an account's key."""
        return self.plain_graphql(query, variables, {"Authorization": f"Bearer {dataset.secret(account)}"})

    def plain_graphql(self, query: str, variables: dict[str, Any], headers: dict[str, str] | None = None) -> "Target":
        """A request to a peer, which knows no keys."""
        return Target(f"{self.url}/graphql", orjson.dumps({"query": query, "variables": variables}), headers or {})


@contextmanager
def serving(command: list[str], environment: dict[str, str], cwd: Path = CHECKOUT) -> Iterator[Served]:
    """Start a server, and stop it at the end."""
    port = free_port()
    # Requests are counted as usual, but the limit is never reached.
    env = {**os.environ, "PORT": str(port), "RATE_LIMIT": "1000000000", **environment}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, env=env, cwd=cwd, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + 60
            while not answers(f"http://127.0.0.1:{port}/healthz"):
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise RuntimeError(log.read().decode())
                time.sleep(0.1)
            yield Served(f"http://127.0.0.1:{port}", process.pid)
        finally:
            process.terminate()
            process.wait(30)


@contextmanager
def istmo(database_url: str, *options: str, checkout: Path = CHECKOUT, **environment: str) -> Iterator[Served]:
    """``serve`` of a checkout over the benchmarks' database."""
    command = [sys.executable, "server.py", "serve", *options]
    environment = {"DATABASE_URL": database_url, "LOG_FORMAT": "json", **environment}
    with serving(command, environment, checkout) as served:
        yield served


def answers(url: str) -> bool:
    """Whether a server answers, with whatever status."""
    try:
        urlopen(url, timeout=1).close()
    except OSError as error:
        return hasattr(error, "code")
    return True


@dataclass
class Target:
    """A request to repeat: its URL, body and headers, and a script for wrk that varies it."""

    url: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    lua: str = ""

    def __post_init__(self) -> None:
        self.headers = {"Content-Type": "application/json", **self.headers}

    def answer(self) -> Any:
        """What is answered to this request, which must not be an error."""
        with urlopen(Request(self.url, self.body, self.headers), timeout=60) as response:
            answer = orjson.loads(response.read())
        if "errors" in answer:
            raise RuntimeError(f"{self.url} answers {answer}")
        return answer

    def rate(self, seconds: float, connections: int = CONNECTIONS) -> float:
        """Requests per second under wrk."""
        whole_seconds = max(1, round(seconds))
        script = [f"wrk.method = 'POST'\nwrk.body = [==[{self.body.decode()}]==]"]
        script += [f"wrk.headers['{name}'] = '{value}'" for name, value in self.headers.items()]
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
            file.write("\n".join([*script, self.lua]))
            file.flush()
            command = ["wrk", "-t1", f"-c{connections}", f"-d{whole_seconds}s", "--timeout", "30s", "-s", file.name]
            result = subprocess.run(
                [*command, self.url], check=True, capture_output=True, text=True, timeout=whole_seconds + 60
            )
        if "Non-2xx" in result.stdout or "Socket errors" in result.stdout:
            raise RuntimeError(result.stdout)
        rate = float(re.findall(r"Requests/sec:\s+([\d.]+)", result.stdout)[0])
        if not rate:
            raise RuntimeError(f"{self.url}: no answer within {whole_seconds} s")
        return rate

    def latency(self, count: int) -> float:
        """Median milliseconds of single requests, one after the other."""
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
        times = []
        for _ in range(count):
            start = time.perf_counter()
            connection.request("POST", parts.path, self.body, self.headers)
            connection.getresponse().read()
            times.append((time.perf_counter() - start) * 1000)
        connection.close()
        return median(times)


Measure = Callable[[], float]


class Table:
    def __init__(self, rounds: int, seconds: float) -> None:
        self.rounds, self.seconds = rounds, seconds
        self.rows: list[str] = []

    def rate(self, target: Target, connections: int = CONNECTIONS) -> Measure:
        """Requests per second for the seconds of a round."""
        return lambda: target.rate(self.seconds, connections)

    def pair(self, what: str, wanted: str, ours: Measure, theirs: Measure, unit: str = "requests/s") -> None:
        """One row: the median of our side's ratio to the other in each round, and both medians."""
        self.sides(wanted, unit, {"": theirs, what: ours})

    def sides(self, wanted: str, unit: str, sides: dict[str, Measure]) -> None:
        """Measure all sides in each round. Each but the first has a row: the median of its ratio to the first."""
        for measure in sides.values():
            measure()  # warms up
        rounds = [[measure() for measure in sides.values()] for _ in range(self.rounds)]
        first, *others = zip(*rounds, strict=True)
        for what, figures in zip(list(sides)[1:], others, strict=True):
            ratio = median(a / b for a, b in zip(figures, first, strict=True))
            self.add(what, f"{ratio:.2f} ×", wanted, f"{median(figures):,.1f} against {median(first):,.1f} {unit}")

    def add(self, what: str, figure: str, wanted: str, detail: str) -> None:
        self.rows.append(f"| {what} | {figure} | {wanted} | {detail} |")
        print(self.rows[-1], file=sys.stderr, flush=True)

    def __str__(self) -> str:
        return "\n".join(["| what | measured | wanted | medians |", "|---|---|---|---|", *self.rows])
