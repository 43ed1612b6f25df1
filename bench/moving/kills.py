"""Moves under load, with kills.

Two nodes send to one sandbox. Clients create, issue, void and credit invoices of an account, which moves to the other
node and back, round after round. Meanwhile the mover is killed at any moment and run again, and so are servers,
workers, the databases and the sandbox. Then it is checked as after ``bench.emission crash``: no number is lost or used
twice, no document is at the sandbox twice, each one was mailed; and the feed has every event once, without a gap.
``--broken`` copies before it freezes, which the checks must find.
"""

import asyncio
import random
import shutil
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from bench.emission.crash import CLIENTS, LONGEST, POINTS, SETTINGS, Biller, keep_turning
from bench.emission.outcome import examine
from bench.emission.place import Account
from bench.kills import PROGRAM, Told, keep, keep_reading, read_feed, start_again
from bench.moving.nodes import NAMES, Movers, nodes
from bench.processes import Lost, Victim, connected, until

# The account is frozen when it has been copied.
_TOO_LATE = """
from db.moving.move import Move
freeze, copy = Move._freeze, Move._copy
async def do_nothing(self): pass
async def copy_and_freeze(self, tables):
    await copy(self, tables)
    await freeze(self)
Move._freeze, Move._copy = do_nothing, copy_and_freeze
"""


async def keep_killing(
    victims: Sequence[Victim], chance: random.Random, kills: Counter[str], ended: asyncio.Event
) -> None:
    while not ended.is_set():
        await asyncio.sleep(chance.uniform(2.0, 8.0))
        victim = chance.choice(victims)
        if victim.lives:
            kills[victim.name] += 1
            await victim.kill()


async def keep_alive(victims: list[Victim], ended: asyncio.Event) -> None:
    while not ended.is_set():
        with suppress(Exception):  # a database that isn't ready yet
            await start_again(victims)
        await asyncio.sleep(0.3)


async def run(rounds: int, seed: int, *, broken: bool = False, kill_others: bool = True) -> str:
    """Raises ``Lost``."""
    told, chance = Told(chance=random.Random(seed)), random.Random(seed)
    program = ("-c", PROGRAM)
    async with told.listening() as (_, smtp):
        mail = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(smtp), "SMTP_SECURITY": "none"}
        mail |= {"MAIL_FROM": "facturas@example.com"}
        async with nodes("moving", program, points=POINTS, settings={**SETTINGS, **mail}) as there:
            account = there.first.accounts[0]
            for each in (there.first, there.other):
                await each.server.start()
                await each.worker.start()
            await until(lambda: there.client(account).ask("{ viewer { scope } }"), 60)
            client = Biller(there.first.session, f"{there.proxy.url}/graphql", account.key, chance=chance)
            movers = Movers(there, random.Random(seed), ("-c", (_TOO_LATE if broken else "") + PROGRAM))
            begin = time.monotonic()
            ended, calm = asyncio.Event(), asyncio.Event()
            load = [asyncio.create_task(keep(client.step, calm)) for _ in range(CLIENTS)]
            load.append(asyncio.create_task(keep_turning(there.first.sandbox, chance, calm)))
            reader = asyncio.create_task(keep_reading(client, told, calm))
            supervisor = asyncio.create_task(keep_alive(there.victims, ended))
            if kill_others:
                load.append(asyncio.create_task(keep_killing(there.victims, chance, movers.kills, calm)))
            for number in range(rounds):
                await asyncio.sleep(movers.chance.uniform(1.0, 4.0))
                await movers.move("--to", NAMES[(number + 1) % 2], kills=movers.chance.randint(1, 3))
                await movers.move("--confirm", kills=movers.chance.randint(0, 1))
            calm.set()
            await asyncio.gather(*load)
            cursor = await reader
            stopped = time.monotonic()
            await until(there.first.sandbox.turn, 60)
            home = (there.first, there.other)[rounds % 2]
            left = (there.first, there.other)[(rounds + 1) % 2]
            for each in (home, left):  # whose connections ended when PostgreSQL was killed
                each.admin.terminate()
                each.admin = await connected(each.postgres.server.url)
            await until(lambda: is_settled(home.admin), LONGEST, pause=0.5)
            drained = time.monotonic() - stopped
            await until(lambda: there.client(account).ask("{ viewer { scope } }"), 60)
            await read_feed(client, told, cursor)
            ended.set()
            await supervisor
            result = await examine(home, client, told)
            result.faults += await judge_feed(home.admin, account, told)
            result.faults += await judge_leftovers(left.admin, account)
            read_only = await movers.read_only()
            if result.faults:
                print(f"The logs are in {there.first.logs}")
            else:
                shutil.rmtree(there.first.logs)
    head = f"{rounds} moves in {stopped - begin:.0f} s, drained {drained:.0f} s after the end"
    rows = [
        *result.rows(movers.kills, client.answers),
        f"| events | {len(told.feed)}, each once and in order to the feed's reader |",
        f"| read-only, seconds | {', '.join(f'{each:.1f}' for each in read_only)} |",
    ]
    table = "\n".join([head, "", "| | |", "|---|---|", *rows])
    if result.faults:
        raise Lost("\n".join([table, "", f"{len(result.faults)} faults:", *result.faults[:20]]))
    return table


async def is_settled(admin: Any) -> bool:
    return not await admin.fetchval(
        """SELECT EXISTS (SELECT FROM emission WHERE due_at IS NOT NULL OR files_due_at IS NOT NULL)
            OR EXISTS (SELECT FROM event WHERE sequence IS NULL)
            OR EXISTS (SELECT FROM delivery WHERE status = 'PENDING')"""
    )


async def judge_feed(admin: Any, account: Account, told: Told) -> list[str]:
    """The feed's reader had every event once, in the order of numbers, without a gap, from whichever node."""
    events = await admin.fetch(
        "SELECT id::text, sequence FROM event WHERE account_id = $1 ORDER BY sequence", account.id
    )
    faults = []
    if [event["sequence"] for event in events] != list(range(1, len(events) + 1)):
        faults.append("the feed has gaps")
    if [event["id"] for event in events] != [event["id"] for event in told.feed]:
        lost = {event["id"] for event in events} - {event["id"] for event in told.feed}
        faults.append(f"of {len(events)} events the reader was told of {len(told.feed)}, and missed {len(lost)}")
    return faults


async def judge_leftovers(admin: Any, account: Account) -> list[str]:
    """Nothing of the account is left where it isn't, and that it has left is known there."""
    rows = await admin.fetchval("SELECT count(*) FROM document WHERE account_id = $1", account.id)
    state = await admin.fetchval("SELECT state FROM account_move WHERE owner_id = $1", account.id)
    return [] if (rows, state) == (0, "CONFIRMED") else [f"{rows} documents are left, the move is {state}"]
