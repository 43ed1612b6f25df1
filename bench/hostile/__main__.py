"""The command; `bench.hostile` describes it."""

import argparse
import asyncio

from bench.hostile.attacks import ATTACKS
from bench.hostile.trial import trial


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.hostile")
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--only", default="", help="run only attacks whose names contain this")
    parser.add_argument("--proxy", choices=["nginx"], help="what stands between clients and the server")
    arguments = parser.parse_args()
    names = [name for name in ATTACKS if arguments.only in name]
    phases = asyncio.run(trial(arguments.seconds, arguments.clients, names, arguments.proxy))
    print("| meanwhile | median, ms | p99, ms | against quiet | PDF, ms | memory, MB | processor, % | attackers got |")
    print("|---|---|---|---|---|---|---|---|")
    for each in phases:
        got = ", ".join(f"{count} {what}" for what, count in each.seen.most_common())
        ratio = each.p99 / phases[0].p99
        times = f"{each.median:.1f} | {each.p99:.1f} | {ratio:.1f} × | {each.pdf:.0f}"
        figures = f"{times} | {each.memory:.0f} | {each.load:.0f}"
        print(f"| {each.name} | {figures} | {got} |")


if __name__ == "__main__":
    main()
