"""The processor time that the server process takes for a request, the kernel's work for it included.

Requests per second depend on what else the machine does, processor time much less.
"""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from bench import dataset
from bench.load import CHECKOUT, Served, Table, istmo
from bench.processes import program_of
from bench.rows.pages import CUSTOMER, PAGE

_REQUESTS: dict[str, tuple[int, str, dict[str, Any]]] = {
    "page of 50 invoices": (350, PAGE, {"first": 50}),
    "page of 10 invoices": (260, PAGE, {"first": 10}),
    "`customer(id)`": (220, CUSTOMER, {"id": str(dataset.row_id(1, 1, 7))}),
    "`{ __typename }`": (150, "{ __typename }", {}),
}


def measure(table: Table, url: str, against: Path | None) -> None:
    """Microseconds for each kind of request; ``against`` is another checkout, measured in turns with this one."""
    checkouts = [CHECKOUT, against.resolve()] if against else [CHECKOUT]
    with ExitStack() as stack:
        services = [stack.enter_context(istmo(url, checkout=checkout)) for checkout in checkouts]
        for what, (wanted, query, variables) in _REQUESTS.items():
            sides = [_microseconds(table, service, query, variables) for service in services]
            for side in sides:
                side()  # warms up
            rounds = [[side() for side in sides] for _ in range(table.rounds)]
            here, *there = [median(figures) for figures in zip(*rounds, strict=True)]
            detail = f"{there[0]:.0f} µs in {against}" if there else "for a request"
            table.add(f"processor time of the process: {what}", f"{here:.0f} µs", f"≤ {wanted} µs", detail)


def _microseconds(table: Table, service: Served, query: str, variables: dict[str, Any]) -> Callable[[], float]:
    target = service.graphql(query, variables)
    target.answer()
    process = psutil.Process(program_of(service.pid, "server"))

    def seconds_used() -> float:
        times = process.cpu_times()
        return float(times.user + times.system)

    def measure() -> float:
        seconds = max(1, round(table.seconds))
        before = seconds_used()
        requests = target.rate(seconds) * seconds
        return (seconds_used() - before) / requests * 1e6

    return measure
