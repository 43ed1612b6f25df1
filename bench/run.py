"""Istmo against its peers, and against itself: medians of rounds, printed as a table.

    make bench            all of it, with what it installs
    python -m bench.run [--rounds 5] [--seconds 4] [--requests 200000] [PART …]

Parts are pages, mercurius, processor, creation, writes, processes, search, growth and memory. Each server listens on
loopback only. A round
runs the sides of a comparison one after the other; the figure is the median of the rounds' ratios, since the machine's
speed changes between rounds more than within one.
"""

import argparse
import asyncio
from pathlib import Path

from bench import dataset
from bench.load import Table
from bench.rows import creation, growth, memory, pages, processor, search, server_processes, writes
from db import embedded

PARTS = ["pages", "mercurius", "processor", "creation", "writes", "processes", "search", "growth", "memory"]
BIG_PARTS = {"search", "growth"}  # they need the big accounts


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.run")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4, help="of each side in each round")
    parser.add_argument("--requests", type=int, default=200_000, help="before memory is measured")
    parser.add_argument(
        "--against", type=Path, metavar="CHECKOUT", help="whose processor time is measured, too, over the same database"
    )
    parser.add_argument("parts", nargs="*", default=PARTS, metavar="PART", help=", ".join(PARTS))
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    table = Table(options.rounds, options.seconds)
    with embedded.running(dataset.folder()) as server:
        url = asyncio.run(dataset.build(server.url, big=not BIG_PARTS.isdisjoint(options.parts)))
        measures = {
            "pages": lambda: pages.measure(table, url, server),
            "mercurius": lambda: pages.measure_mercurius(table, url, server),
            "processor": lambda: processor.measure(table, url, options.against),
            "creation": lambda: creation.measure(table, server, options.against),
            "writes": lambda: writes.measure(table, url),
            "processes": lambda: server_processes.measure(table, url),
            "search": lambda: search.measure(table, url),
            "growth": lambda: growth.measure(table, url),
            "memory": lambda: memory.measure(table, url, options.requests),
        }
        for part in options.parts:
            measures[part]()
    print(table)


if __name__ == "__main__":
    main()
