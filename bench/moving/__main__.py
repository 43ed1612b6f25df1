"""Measures moves of accounts between nodes, and tries whether they hold while everything is killed.

    python -m bench.moving [kills] [--rounds 6] [--seed 1] [--broken]
    python -m bench.moving figures [--documents 1000 10000 100000] [--pdf-kb 30]

What each does stands at the beginning of its file.
"""

import argparse
import asyncio
import sys

from bench.moving import figures, kills


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.moving")
    parts = parser.add_subparsers(dest="part")
    options = parts.add_parser("kills")
    options.add_argument("--rounds", type=int, default=6)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--broken", action="store_true", help="copies before it freezes, which must be found")
    options = parts.add_parser("figures")
    options.add_argument("--documents", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    options.add_argument("--pdf-kb", type=int, default=30)
    arguments = vars(parser.parse_args(sys.argv[1:] or ["kills"]))
    if arguments.pop("part") == "figures":
        print(asyncio.run(figures.run(**arguments)))
    else:
        print(asyncio.run(kills.run(**arguments)))


if __name__ == "__main__":
    main()
