"""The processor time that the server process takes for a request, in microseconds, its kernel's work included.

    python -m bench.processor [--rounds 3] [--seconds 3] [--against CHECKOUT] [WORDS ...]

Requests per second depend on what else the machine does, processor time much less. With ``--against`` the service of
another checkout is measured in turns with this one's, on the same database. WORDS choose rows by what they contain.
"""

import argparse
import asyncio
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import psutil

from bench import dataset
from bench.processes import free_port, program_of
from bench.run import CHECKOUT, CUSTOMER, LIST, PAGE, Target, graphql, serving
from db import embedded


class Service:
    """A service that runs, and the processor time of its server process."""

    def __init__(self, checkout: Path, url: str, stack: ExitStack) -> None:
        self.port = free_port()
        environment = {"DATABASE_URL": url, "LOG_FORMAT": "json"}
        command = [sys.executable, "server.py", "serve"]
        supervisor = stack.enter_context(serving(command, self.port, environment, checkout))
        self._process = psutil.Process(program_of(supervisor, "server"))

    def measure(self, target: Target, seconds: float) -> float:
        """Microseconds of processor time for one request."""
        before = self._seconds()
        requests = target.rate(seconds) * max(1, round(seconds))
        return (self._seconds() - before) / requests * 1e6

    def _seconds(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)


def targets(port: int) -> dict[str, Target]:
    return {
        "page of 50 invoices": graphql(port, PAGE, {"first": 50}),
        "page of 10 invoices": graphql(port, PAGE, {"first": 10}),
        "list of 50 customers": graphql(port, LIST, {"first": 50}),
        "customer(id)": graphql(port, CUSTOMER, {"id": str(dataset.row_id(1, 1, 7))}),
        "{ __typename }": graphql(port, "{ __typename }", {}),
    }


def measure(services: Mapping[str, Service], what: str, rounds: int, seconds: float) -> list[float]:
    """The medians of the services, measured in turns."""
    pairs = [(service, targets(service.port)[what]) for service in services.values()]
    for _, target in pairs:
        target.check("data")
        target.rate(1)
    found = [[service.measure(target, seconds) for service, target in pairs] for _ in range(rounds)]
    return [median(each) for each in zip(*found, strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--against", type=Path, metavar="CHECKOUT")
    parser.add_argument("words", nargs="*")
    options = parser.parse_args()
    checkouts = {"here": CHECKOUT} | ({"there": options.against.resolve()} if options.against else {})
    with embedded.running(dataset.folder()) as server, ExitStack() as stack:
        url = asyncio.run(dataset.build(server.url, big=False))
        services = {name: Service(checkout, url, stack) for name, checkout in checkouts.items()}
        print(f"| processor time of the process, µs | {' | '.join(services)} |\n|{'---|' * (len(services) + 1)}")
        for what in targets(0):
            if not options.words or any(word in what for word in options.words):
                figures = measure(services, what, options.rounds, options.seconds)
                print(f"| {what} | {' | '.join(f'{each:.0f}' for each in figures)} |", flush=True)


if __name__ == "__main__":
    main()
