"""Measures emission with the sandbox as the provider, and tries whether it holds while everything is killed.

    python -m bench.emission [crash] [--rounds 20] [--seconds 6] [--seed 1] [--broken]
    python -m bench.emission drain [--documents 1000] [--latency 0.3] [--accounts 1] [--calls 4]
    python -m bench.emission dead [--documents 60]
    python -m bench.emission writes [--rounds 5] [--seconds 4] [--worker]
    python -m bench.emission size [--documents 10000] [--pdf-kb 30]
    python -m bench.emission kept [--documents 2000]

What each does stands at the beginning of its file.
"""

import argparse
import asyncio
import sys

from bench.emission import crash, dead, drain, kept, size, writes


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.emission")
    parts = parser.add_subparsers(dest="part")
    for part in ("crash", "writes"):
        options = parts.add_parser(part)
        options.add_argument("--rounds", type=int, default=20 if part == "crash" else 5)
        options.add_argument("--seconds", type=float, default=6 if part == "crash" else 4)
        if part == "crash":
            options.add_argument("--seed", type=int, default=1)
            options.add_argument("--broken", action="store_true", help="a faulty worker, which must be found")
        else:
            options.add_argument("--worker", action="store_true", help="sends what is issued meanwhile")
    options = parts.add_parser("drain")
    options.add_argument("--documents", type=int, default=1000)
    options.add_argument("--latency", type=float, default=0.0, help="seconds before each answer of the sandbox")
    options.add_argument("--accounts", type=int, default=1)
    options.add_argument("--calls", type=int, default=4, help="of an account at once")
    options = parts.add_parser("dead")
    options.add_argument("--documents", type=int, default=60)
    options = parts.add_parser("size")
    options.add_argument("--documents", type=int, default=10_000)
    options.add_argument("--pdf-kb", type=int, default=30)
    options = parts.add_parser("kept")
    options.add_argument("--documents", type=int, default=2000)
    typed = sys.argv[1:]
    has_part = typed[:1] and (typed[0] in parts.choices or typed[0] in ("-h", "--help"))
    arguments = vars(parser.parse_args(typed if has_part else ["crash", *typed]))
    run = {"crash": crash, "drain": drain, "dead": dead, "kept": kept, "size": size, "writes": writes}[
        arguments.pop("part")
    ].run
    print(asyncio.run(run(**arguments)))


if __name__ == "__main__":
    main()
