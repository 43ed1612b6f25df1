"""Processes that trials start, kill and start again, and a client that tolerates missing answers."""

import asyncio
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import UUID

import aiohttp
import asyncpg
from tortoise.context import TortoiseContext

from db import config, embedded, tenant
from db.migrate import migrate
from resolvers import accounts
from rules.vocabulary import Scope

CHECKOUT = Path(__file__).parents[1]


class Lost(AssertionError):
    """Something was lost, invented or out of order."""


def must(holds: bool, what: str) -> None:
    if not holds:
        raise Lost(what)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def program_of(supervisor: int, name: str) -> int:
    """The process that the `server.py serve` of this number runs under a name: server, worker or sandbox."""
    for child in Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split():
        if Path(f"/proc/{child}/comm").read_text().strip() == f"istmo-{name}":
            return int(child)
    raise LookupError(f"no process {name}")


def processor_seconds(pid: int) -> float:
    """The processor time that a process and all that it has started have taken so far."""
    try:
        times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0  # it has just ended, and its time is counted with its parent's
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK") + sum(processor_seconds(int(child)) for child in children)


def resident_memory(pid: int) -> float:
    """The memory of a process, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) / 1024


@dataclass
class Process:
    """A process that can be killed and started again: `server.py NAME`, or another ``program``."""

    name: str
    environment: dict[str, str]
    log: Path
    program: tuple[str, ...] = ("server.py",)
    arguments: tuple[str, ...] = ()
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        command = [sys.executable, *self.program, self.name, *self.arguments]
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *command, cwd=CHECKOUT, env=self.environment, stdout=log, stderr=log
            )

    @property
    def lives(self) -> bool:
        return self.process is not None and self.process.returncode is None

    async def kill(self) -> None:
        assert self.process is not None
        if self.lives:
            self.process.kill()
        await self.process.wait()


@dataclass
class Postgres:
    server: embedded.Server
    name: str = "postgres"

    async def start(self) -> None:
        await asyncio.to_thread(self.server.start)

    @property
    def pid(self) -> int:
        return int((self.server.home / "data" / "postmaster.pid").read_text().split()[0])

    @property
    def lives(self) -> bool:
        return self.server._pid_lives()

    async def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


Victim = Process | Postgres


@contextmanager
def own_server(trial: str) -> Iterator[embedded.Server]:
    """A PostgreSQL for one trial, not started yet. Its files are removed at the end."""
    folder = embedded.data_dir(CHECKOUT)
    folder = folder.with_name(f"{folder.name}-{trial}-{os.getpid()}")
    server = embedded.Server(folder)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def pgbouncer(url: str) -> Iterator[Callable[[str], str]]:
    """A PgBouncer before the server of ``url`` that pools by transaction, two connections to each database, and
    swallows start-up parameters: from a database's URL to its own. ``FileNotFoundError`` without the program.
    """
    program = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        raise FileNotFoundError("the program pgbouncer is not installed (apt-get install pgbouncer)")
    parts = urlsplit(url)
    server = {"host": parts.hostname or "localhost", "port": str(parts.port or 5432)} | dict(parse_qsl(parts.query))
    server["user"] = unquote(parts.username or "postgres")
    if parts.password:
        server["password"] = unquote(parts.password)
    folder = Path(tempfile.mkdtemp(prefix="istmo-"))
    settings = folder / "pgbouncer.ini"
    settings.write_text(f"""
[databases]
* = {" ".join(f"{name}='{value}'" for name, value in server.items())}
[pgbouncer]
listen_addr =
unix_socket_dir = {folder}
auth_type = any
pool_mode = transaction
default_pool_size = 2
query_wait_timeout = 10
server_login_retry = 1
ignore_startup_parameters = role,jit,statement_timeout,lock_timeout,idle_in_transaction_session_timeout
""")
    user = _unprivileged(server["host"], server["port"])
    for path in (folder, settings):
        shutil.chown(path, **user)
    process = subprocess.Popen([program, settings], **user, stderr=subprocess.DEVNULL)
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            deadline = time.monotonic() + 10
            while probe.connect_ex(str(folder / ".s.PGSQL.6432")) != 0:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.01)
        yield lambda url: f"postgresql://anyone@{urlsplit(url).path}?host={folder}&port=6432"
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder)


def _unprivileged(host: str, port: str) -> dict[str, Any]:
    """The user that runs PgBouncer. It refuses to run as root; then it is the user of PostgreSQL's socket."""
    if os.geteuid() != 0:
        return {"user": os.getuid(), "group": os.getgid()}
    if host.startswith("/"):
        server = os.stat(f"{host}/.s.PGSQL.{port}")
        return {"user": server.st_uid, "group": server.st_gid}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid}


@dataclass
class Client:
    """Sends requests over HTTP with a key, and tolerates missing answers."""

    session: aiohttp.ClientSession
    url: str
    key: str
    answers: Counter[str] = field(default_factory=Counter)

    async def ask(self, query: str, **variables: Any) -> Any:
        """The data of an answer, or None without an answer: then the change may or may not have been made."""
        try:
            async with self.session.post(
                self.url,
                json={"query": query, "variables": variables},
                headers={"Authorization": f"Bearer {self.key}"},
                timeout=aiohttp.ClientTimeout(total=5),
            ) as response:
                answer = await response.json(content_type=None)
                if answer is None:
                    raise ValueError("an empty body")
        except (aiohttp.ClientError, OSError, ValueError):
            self.answers["no answer"] += 1
            await asyncio.sleep(0.1)  # leaves the processor to the process that starts
            return None
        if answer.get("errors"):
            self.answers[answer["errors"][0]["extensions"]["code"]] += 1
            return None
        return answer["data"]


async def prepared(url: str, count: int = 1) -> list[tuple[UUID, str]]:
    """A migrated database with accounts, and the secret of a key of each."""
    await migrate(url)
    made = []
    async with TortoiseContext() as context:
        await context.init(config=config.tortoise(url, role=config.SERVICE_ROLE))
        for number in range(count):
            id = await accounts.create(f"Cuenta {number}, S.A.", None, None, electronic_invoicing=False)
            with tenant.acting_for(id):
                _, secret = await accounts.create_key("Key", Scope.ADMIN, None)
            made.append((id, secret))
    return made


async def connected(url: str) -> Any:
    while True:
        with suppress(OSError, asyncpg.PostgresError):
            return await asyncpg.connect(url)
        await asyncio.sleep(0.1)


async def until(condition: Callable[[], Awaitable[Any]], seconds: float, *, pause: float = 0.1) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110
            await asyncio.sleep(pause)
