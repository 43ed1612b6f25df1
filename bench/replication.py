"""A PostgreSQL with a standby, both of Debian's PostgreSQL 15 on loopback, for tests and for the fail-over drill."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from bench.processes import free_port

PROGRAMS: Final = Path("/usr/lib/postgresql/15/bin")
_USER: Final = "postgres"
_PASSWORD: Final = "bench"
_TIMEOUT: Final = 60


class Server:
    """One PostgreSQL, in a folder of its own. Its superuser is ``postgres``."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.port = free_port()
        self.data = folder / name
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://{_USER}:{_PASSWORD}@{self.address}/{database}"

    def create(self, *, durable: bool) -> None:
        password = self._folder / "password"
        password.write_text(_PASSWORD)
        access = ["--username", _USER, "--auth=scram-sha-256", f"--pwfile={password}"]
        locale = ["--encoding=UTF8", "--locale=C.UTF-8"]
        self._run("initdb", "-D", self.data, *access, *locale, *([] if durable else ["--no-sync"]))

    def copy(self, primary: "Server") -> None:
        """Become a standby of ``primary``, under the name by which that may wait for it."""
        source = f"host=127.0.0.1 port={primary.port} user={_USER} password={_PASSWORD} application_name={self.name}"
        self._run("pg_basebackup", "-D", self.data, "-d", source, "-R", "-X", "stream", "--checkpoint=fast")

    def start(self, **settings: str) -> None:
        given = {"listen_addresses": "127.0.0.1", "port": str(self.port), "unix_socket_directories": "", **settings}
        options = [f"--{name}={value}" for name, value in given.items()]
        with (self._folder / f"{self.name}.log").open("ab") as log:
            # As our child, not by `pg_ctl start`: when it is killed somebody must take note of its end.
            self._process = subprocess.Popen(
                [PROGRAMS / "postgres", "-D", self.data, *options], stdout=log, stderr=log, **self._options()
            )
        deadline = time.monotonic() + _TIMEOUT
        while self._call("pg_isready", "-h", "127.0.0.1", "-p", str(self.port)).returncode:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self._folder / f"{self.name}.log").read_text()[-2000:])
            time.sleep(0.05)

    def stop(self) -> None:
        if self._process is not None:
            if self._process.poll() is None:
                self._process.send_signal(signal.SIGQUIT)  # at once
            self._process.wait()
            self._process = None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the server and to all its processes."""
        assert self._process is not None
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for each in (pid, *map(int, children)):
            os.kill(each, number)

    def kill(self) -> None:
        """Kill it and all its processes with -9."""
        self.signal(signal.SIGKILL)
        self.stop()

    def promote(self) -> None:
        self._run("pg_ctl", "-D", self.data, "-w", "-t", str(_TIMEOUT), "promote")

    def _run(self, program: str, *arguments: str | Path) -> None:
        done = self._call(program, *arguments)
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stdout.decode(errors='replace')}")

    def _call(self, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
        command = [PROGRAMS / program, *arguments]
        return subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=2 * _TIMEOUT,
            **self._options(),
        )

    def _options(self) -> dict[str, Any]:
        """PostgreSQL refuses to run as root."""
        user: dict[str, Any] = {"user": _USER, "group": _USER, "extra_groups": []} if os.geteuid() == 0 else {}
        return {"stdin": subprocess.DEVNULL, "cwd": self._folder, **user}


@contextmanager
def servers(*names: str) -> Iterator[list[Server]]:
    """Servers that are neither created nor started yet; ``FileNotFoundError`` without PostgreSQL's programs."""
    if not (PROGRAMS / "pg_basebackup").exists():
        raise FileNotFoundError("PostgreSQL 15 is not installed (apt-get install postgresql-15)")
    folder = Path(tempfile.mkdtemp(prefix="istmo-replication-"))
    if os.geteuid() == 0:
        found = pwd.getpwnam(_USER)
        os.chown(folder, found.pw_uid, found.pw_gid)
    made = [Server(folder, name) for name in names]
    try:
        yield made
    finally:
        for server in made:
            server.stop()
        shutil.rmtree(folder)
