"""`server.py serve` keeps its processes and the embedded PostgreSQL running, and leaves none behind."""

import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import aiohttp
import pytest

from pac.sandbox.container import write_instant
from service.supervisor import _Watch
from tests.conftest import CHECKOUT
from tests.db.test_embedded import is_gone, new_folder, postmaster
from tests.pac.sandbox.client import Pac
from tests.pac.sandbox.documents import document
from tests.service.test_commands import COMMAND, LIMIT, Started, ask, environment, secret_in, started, without_link

NAMES = ("sandbox", "server", "worker")


def processes_of(supervisor: int) -> dict[str, int]:
    """The numbers of the processes that it has started, by name."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            _, name, rest = (folder / "stat").read_text().replace(")", "(").split("(")
            if int(rest.split()[1]) == supervisor and name.startswith("istmo-"):
                found[name.removeprefix("istmo-")] = int(folder.name)
    return found


async def until(condition: Callable[[], bool], seconds: float = 30) -> float:
    begin = time.monotonic()
    while not condition():
        assert time.monotonic() - begin < seconds
        await asyncio.sleep(0.05)
    return time.monotonic() - begin


@dataclass
class House:
    folder: Path
    server: Started
    key: str

    @property
    def processes(self) -> dict[str, int]:
        return processes_of(self.server.process.pid)

    async def replaced(self, name: str, pid: int) -> None:
        await until(lambda: self.processes.get(name, pid) != pid)

    async def answers(self, query: str, seconds: float = 20) -> dict[str, object]:
        """The first answer with data, which must come in so many seconds."""
        begin = time.monotonic()
        while True:
            with suppress(OSError):
                _, answer = await ask(self.server, self.key, query)
                if "errors" not in answer:
                    data: dict[str, object] = answer["data"]
                    return data
            assert time.monotonic() - begin < seconds
            await asyncio.sleep(0.1)


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with new_folder() as folder, started(ISTMO_DATA_DIR=str(folder)) as server:
        without_link(server, folder)
        yield House(folder, server, secret_in(folder, "first-key").strip())


@pytest.fixture(autouse=True)
async def _all_run(request: pytest.FixtureRequest) -> None:
    if "house" in request.fixturenames:
        house: House = request.getfixturevalue("house")
        await until(lambda: house.processes.keys() == set(NAMES))


_CREATE = """
    mutation ($name: String!, $mail: String) {
        createInvoice(
            input: {lines: [{description: "Café", quantity: "1", unitPrice: "2", itbmsRate: EXEMPT}]}
            newCustomer: {receiverType: FINAL_CONSUMER, name: $name, email: $mail}
        ) { invoice { id } userErrors { code } }
    }
"""


async def test_a_server_that_was_killed_comes_back_and_no_client_is_refused_meanwhile(house: House) -> None:
    pid = house.processes["server"]
    os.kill(pid, signal.SIGKILL)
    begin = time.monotonic()
    await until(lambda: is_gone(pid))
    # The supervisor holds the socket: who connects now waits.
    status, answer = await ask(house.server, house.key, "{ viewer { scope } }")
    assert (status, answer) == (200, {"data": {"viewer": {"scope": "ADMIN"}}})
    assert time.monotonic() - begin < 20
    assert house.processes["server"] != pid


async def test_a_worker_that_was_killed_comes_back_and_delivers(house: House) -> None:
    pid = house.processes["worker"]
    os.kill(pid, signal.SIGKILL)
    _, answer = await ask(house.server, house.key, _CREATE, name="Ana", mail="ana@example.com")
    assert answer["data"]["createInvoice"]["userErrors"] == []
    await until(lambda: len(list((house.folder / "mail").glob("*.eml"))) == 1)
    assert house.processes["worker"] != pid


async def test_a_sandbox_that_was_killed_comes_back_at_its_address(house: House) -> None:
    pid = house.processes["sandbox"]
    os.kill(pid, signal.SIGKILL)
    await house.replaced("sandbox", pid)
    data = await house.answers('{ lookupRuc(ruc: "280-134-61098") { status source name } }')
    assert data == {"lookupRuc": {"status": "FOUND", "source": "REGISTRY", "name": "BANCO GENERAL"}}


async def test_a_sandbox_that_was_killed_still_has_its_documents(house: House) -> None:
    logged = map(json.loads, house.server.log.read_text().splitlines())
    [address] = [line["address"] for line in logged if line["event"] == "a sandbox plays the provider"]
    async with aiohttp.ClientSession() as session:
        pac = Pac(address, session)
        await pac.register()
        today = write_instant(datetime.now(UTC))
        sent = await pac.send(document(datosTransaccion__fechaEmision=today))
        assert sent["codigo"] == "200"
        pid = house.processes["sandbox"]
        os.kill(pid, signal.SIGKILL)
        await house.replaced("sandbox", pid)
        assert (await pac.ask())["cufe"] == sent["cufe"]  # its socket is open all the time
        assert [each["sends"] for each in await pac.documents() if each["issuer"] == "empresa"] == [1]
    assert (house.folder / "sandbox.sqlite3").exists()


async def test_a_postgresql_that_was_killed_comes_back(house: House) -> None:
    for _ in range(2):
        pid = postmaster(house.folder)
        os.kill(pid, signal.SIGKILL)
        assert is_gone(pid)
        await until(partial(is_new_postmaster, house.folder, pid))
        await house.answers("{ viewer { account { id } } }")
        _, answer = await ask(house.server, house.key, _CREATE, name="Eva")
        assert answer["data"]["createInvoice"]["userErrors"] == []


def is_new_postmaster(folder: Path, old: int) -> bool:
    with suppress(OSError, IndexError, ValueError):
        pid = postmaster(folder)
        os.kill(pid, 0)
        return pid != old
    return False


async def test_a_second_kill_waits_a_moment(house: House) -> None:
    """What ends again and again is not started again and again without a pause."""
    pids = set()
    begin = time.monotonic()
    while time.monotonic() - begin < 4:
        if pid := house.processes.get("worker"):
            pids.add(pid)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(0.02)
    assert len(pids) <= 4
    await until(lambda: "worker" in house.processes, 40)


async def test_all_end_with_the_supervisor_even_if_it_is_killed() -> None:
    with new_folder() as folder, started(ISTMO_DATA_DIR=str(folder)) as server:
        await until(lambda: processes_of(server.process.pid).keys() == set(NAMES))
        pids = [*processes_of(server.process.pid).values()]
        server.process.kill()
        server.process.wait(LIMIT)
        took = await until(lambda: all(map(is_gone, pids)))
        assert took < 5
        with started(ISTMO_DATA_DIR=str(folder)) as again:  # and it can be started again
            pids = [*processes_of(again.process.pid).values(), postmaster(folder)]
            assert again.stop() == 0
            assert all(map(is_gone, pids))


async def test_ctrl_c_in_a_terminal_ends_all_in_order() -> None:
    with new_folder() as folder, started(ISTMO_DATA_DIR=str(folder)) as server:
        await until(lambda: processes_of(server.process.pid).keys() == set(NAMES))
        pids = [*processes_of(server.process.pid).values(), postmaster(folder)]
        server.process.send_signal(signal.SIGINT)
        assert await asyncio.to_thread(server.process.wait, LIMIT) == 0
        assert all(map(is_gone, pids))
        assert '"level": "critical"' not in server.log.read_text()


async def test_without_a_worker_there_is_none(database_url: str) -> None:
    with started(DATABASE_URL=database_url, WORKER="false") as server:
        await until(lambda: "server" in processes_of(server.process.pid))
        await asyncio.sleep(0.5)
        assert processes_of(server.process.pid).keys() == {"server"}


class Dying:
    """A part that ends as soon as it is started, or can't be started."""

    lives = False

    def __init__(self, error: Exception | None = None) -> None:
        self.starts: list[float] = []
        self.now = 0.0
        self.error = error

    def start(self) -> None:
        self.starts.append(self.now)
        if self.error:
            raise self.error


def watch(part: Dying, seconds: int) -> list[float]:
    each = _Watch("dying", part)
    for quarter in range(seconds * 4):
        part.now = 1000.0 + quarter / 4
        each.look(part.now)
    return part.starts


@pytest.mark.parametrize("error", [None, OSError("no memory")])
def test_what_dies_at_once_is_started_more_and_more_rarely(error: Exception | None) -> None:
    starts = watch(Dying(error), 300)
    pauses = [later - earlier for earlier, later in zip(starts, starts[1:], strict=False)]
    assert 10 <= len(starts) <= 18
    assert max(pauses) <= 31
    assert min(pauses[6:]) >= 29


def test_what_has_worked_for_a_moment_is_started_again_at_once() -> None:
    part = Dying()
    each = _Watch("steady", part)
    for _ in range(5):
        each.look(part.now)  # starts it, or starts it again
        part.lives = True
        for _ in range(11):
            part.now += 1.0
            each.look(part.now)
        part.lives = False
        part.now += 0.25
        each.look(part.now)
        assert part.starts[-1] == part.now


DYING = """
import os
from service.supervisor import Program, supervise
supervise({"dying": Program("dying", lambda: (print("start", flush=True), os._exit(1)))})
"""


def test_a_process_that_dies_at_once_does_not_keep_the_processor_busy() -> None:
    process = subprocess.Popen([sys.executable, "-c", DYING], cwd=CHECKOUT, stdout=subprocess.PIPE)
    time.sleep(5)
    process.terminate()
    out, _ = process.communicate(timeout=LIMIT)
    assert 2 <= out.splitlines().count(b"start") <= 5


# Open files


def serve_with_limit(limit: int, **settings: str) -> tuple[int, str]:
    command = ["bash", "-c", f'ulimit -n {limit} && exec "$@"', "-", *COMMAND, "serve"]
    done = subprocess.run(command, env=environment(settings), capture_output=True, text=True, timeout=LIMIT)
    return done.returncode, done.stderr


def test_too_low_a_limit_on_open_files_is_told_at_the_start(tmp_path: Path) -> None:
    code, said = serve_with_limit(256, ISTMO_DATA_DIR=str(tmp_path / "data"), PORT="0")
    assert code == 1
    assert "1000 connections need 1160 open files, and this system allows 256" in said
    assert not (tmp_path / "data").exists()


async def test_a_soft_limit_is_raised(database_url: str) -> None:
    command = ["bash", "-c", 'ulimit -Sn 256 && exec "$@"', "-", *COMMAND, "serve"]
    environment_ = environment({"DATABASE_URL": database_url, "PORT": "0", "WORKER": "false"})
    process = await asyncio.create_subprocess_exec(*command, env=environment_, stderr=subprocess.DEVNULL)
    try:
        await until(lambda: "server" in processes_of(process.pid))
        allowed = resource.prlimit(processes_of(process.pid)["server"], resource.RLIMIT_NOFILE)
        assert allowed[0] == 1160
    finally:
        process.terminate()
        await process.wait()
