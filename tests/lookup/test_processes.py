"""Two processes that want to know the same ask once."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path
from typing import Any

from lookup.sandbox import Fault, special_ruc
from tests.lookup.conftest import Running

CHECKOUT = Path(__file__).parents[2]


OUTCOMES = {
    "155596713-2-2015": "FOUND",
    "155596714-2-2015": "NOT_FOUND",
    special_ruc(Fault.CERTIFICATE): "UNAVAILABLE",
}


async def start(*arguments: str) -> Process:
    command = [sys.executable, "-m", "tests.lookup.process", *arguments]
    return await asyncio.create_subprocess_exec(*command, cwd=CHECKOUT, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)


async def line(process: Process) -> str:
    assert process.stdout
    return (await process.stdout.readline()).decode().strip()


async def test_200_look_ups_in_two_processes_are_one_call(database_url: str, admin: Any, running: Running) -> None:
    running.knobs.latency = 0.5
    processes = await asyncio.gather(*[start(database_url, running.provider().url, "100") for _ in range(2)])
    assert await asyncio.gather(*map(line, processes)) == ["ready"] * 2
    for number, status in OUTCOMES.items():
        for process in processes:
            assert process.stdin
            process.stdin.write(f"{number}\n".encode())
        assert await asyncio.gather(*map(line, processes)) == [str({status: 100})] * 2
        assert running.asked(number) == 1
    for process in processes:
        await process.communicate(b"\n")
