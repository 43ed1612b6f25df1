import importlib.metadata
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import asyncpg
import pytest

from db import embedded
from db.embedded import EmbeddedError, Server, running

LIMIT = 30
CHECKOUT = Path(__file__).parents[2]
HOLDER = """
import sys
from pathlib import Path
from db import embedded

with embedded.running(Path(sys.argv[1]), durable=False):
    print("ready", flush=True)
    sys.stdin.read()
"""

PRIVATE = ("password", "service-password", "guard", "leases")

as_root = os.geteuid() == 0
only_root = pytest.mark.skipif(not as_root, reason="what root alone can do")


@contextmanager
def new_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="istmo-"))
    folder.chmod(0o711)  # the user who runs PostgreSQL for root must get through
    try:
        yield folder
    finally:
        for file in folder.rglob("data/postmaster.pid"):  # a failed test must not leave its server
            with suppress(ProcessLookupError):
                os.kill(int(file.read_text().split()[0]), signal.SIGQUIT)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def folder() -> Iterator[Path]:
    with new_folder() as made:
        yield made


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """For tests that only look at a running server. Its path has what shells and addresses trip over."""
    with new_folder() as made, running(made / "it's a ñandú; 100% (1)", durable=False) as started:
        yield started


@pytest.fixture(scope="module")
def used() -> Iterator[Path]:
    """A folder with a cluster that each test finds and leaves stopped."""
    with new_folder() as made:
        with running(made, durable=False):
            pass
        yield made


@contextmanager
def holder(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that uses the folder until its input ends, at most for LIMIT seconds."""
    command = [sys.executable, "-c", HOLDER, str(folder)]
    with subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        timer = threading.Timer(LIMIT, process.kill)
        timer.start()
        try:
            yield process
        finally:
            timer.cancel()
            process.kill()


def is_ready(process: "subprocess.Popen[str]") -> bool:
    assert process.stdout is not None
    return process.stdout.readline() == "ready\n"


def kill(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.communicate(timeout=LIMIT)


def query(server: Server, sql: str) -> "subprocess.Popen[str]":
    command = [str(server.programs / "psql"), "-X", "-A", "-t", "-c", sql]
    return subprocess.Popen(
        command, env=server.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )


def ask(server: Server, sql: str) -> str:
    with query(server, sql) as process:
        out, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, err
    return out.strip()


def postmaster(folder: Path) -> int:
    return int((folder / "postgres/data/postmaster.pid").read_text().split()[0])


def is_gone(pid: int) -> bool:
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def modes(paths: list[Path]) -> list[tuple[int, int, int]]:
    return [(path.stat().st_mode, path.stat().st_uid, path.stat().st_gid) for path in paths]


# What a running server is like


async def test_url_and_parameters_lead_asyncpg_to_postgresql_18(server: Server) -> None:
    for connection in (
        await asyncpg.connect(server.url, timeout=LIMIT),
        await asyncpg.connect(**server.parameters, timeout=LIMIT),
    ):
        row = await connection.fetchrow("select current_user, current_database(), version()")
        await connection.close()
        assert row[:2] == ("postgres", "istmo")
        assert row[2].startswith("PostgreSQL 18.")


async def test_the_password_is_asked_for_by_scram(server: Server) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(**server.parameters | {"password": "wrong"}, timeout=LIMIT)
    assert ask(server, "select distinct auth_method from pg_hba_file_rules") == "scram-sha-256"
    assert ask(server, "select rolpassword from pg_authid where rolname = 'postgres'").startswith("SCRAM-SHA-256$")


def test_the_settings_suit_a_small_service(server: Server) -> None:
    names = "max_connections,shared_buffers,TimeZone,jit,server_encoding,logging_collector"
    sql = f"select string_agg(current_setting(name), ',') from unnest('{{{names}}}'::text[]) name"
    assert ask(server, sql) == "100,128MB,UTC,off,UTF8,on"


def test_the_extensions_we_use_are_there(server: Server) -> None:
    sql = "select count(*) from pg_available_extensions where name in ('pg_trgm', 'unaccent', 'btree_gin')"
    assert ask(server, sql) == "3"


def test_folders_and_password_are_private(server: Server) -> None:
    assert {(server.home / name).stat().st_mode & 0o777 for name in ("data", "socket", "log")} == {0o700}
    assert {(server.home / name).stat().st_mode & 0o777 for name in PRIVATE} == {0o600}
    assert server.home.stat().st_mode & 0o777 == (0o710 if as_root else 0o700)


# The service's login


async def test_the_services_login_can_do_no_more_than_the_service(server: Server) -> None:
    connection = await asyncpg.connect(server.service_url, server_settings={"role": "istmo_app"}, timeout=LIMIT)
    await connection.execute("SET ROLE NONE")
    assert await connection.fetchval("SELECT current_user") == "istmo_service"
    mighty = "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls FROM pg_roles"
    assert await connection.fetchval(f"{mighty} WHERE rolname = 'istmo_service'") is False
    for statement in (
        "SET ROLE postgres",
        "CREATE TABLE output (line text)",
        "COPY pg_user TO PROGRAM 'cat'",
        "COPY pg_user TO '/tmp/istmo-users'",
        "SELECT pg_read_file('PG_VERSION')",
        "SELECT rolpassword FROM pg_authid",
        "ALTER SYSTEM SET log_statement = 'all'",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    await connection.close()


async def test_a_folder_of_an_earlier_istmo_gets_the_services_login(used: Path) -> None:
    file = used / "postgres/service-password"
    before = file.read_text()
    with running(used, durable=False) as server:
        ask(server, "drop role istmo_service")
        file.unlink()
        with running(used, durable=False) as later:
            assert file.stat().st_mode & 0o777 == 0o600
            assert file.read_text() == later.service_password != before
            connection = await asyncpg.connect(later.service_url, timeout=LIMIT)
            assert await connection.fetchval("SELECT pg_has_role('istmo_app', 'SET')")
            await connection.close()


async def test_a_new_cluster_gets_a_login_of_its_own(folder: Path) -> None:
    (folder / "postgres").mkdir()
    (folder / "postgres/guard").touch()
    (folder / "postgres/service-password").write_text("of a cluster that was taken away")
    with running(folder, durable=False) as server:
        await (await asyncpg.connect(server.service_url, timeout=LIMIT)).close()


def test_nothing_listens_on_the_network(server: Server) -> None:
    assert ask(server, "show listen_addresses") == ""
    descriptors = Path(f"/proc/{postmaster(server.home.parent)}/fd")
    if descriptors.exists():
        ours = {os.readlink(path) for path in descriptors.iterdir()}
        tables = [Path(f"/proc/net/{name}") for name in ("tcp", "tcp6")]
        lines = [line.split() for table in tables if table.exists() for line in table.read_text().splitlines()[1:]]
        assert not ours & {f"socket:[{line[9]}]" for line in lines}


def test_the_terminal_does_not_reach_the_server(server: Server) -> None:
    pid = postmaster(server.home.parent)
    assert os.getsid(pid) == pid


def test_long_paths_and_the_callers_environment_do_no_harm(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("PGHOST", "PGPORT", "PGDATABASE", "PGDATA", "PGOPTIONS", "LC_ALL", "LD_LIBRARY_PATH"):
        monkeypatch.setenv(variable, "/nowhere")
    outside = [folder, *folder.parents, *Path(asyncpg.__file__).parents]
    before = modes(outside)
    with running(folder / "/".join(["deep"] * 30), durable=False) as server:
        assert ask(server, "select datcollate from pg_database where datname = 'istmo'") == "C.UTF-8"
        assert server.home not in server.socket.parents
        assert server.socket.stat().st_mode & 0o777 == 0o700
    assert not server.socket.exists()
    assert modes(outside) == before


def test_two_folders_are_two_databases(server: Server, used: Path) -> None:
    with running(used, durable=False) as other:
        ask(other, "create table only_here()")
        assert ask(other, "select to_regclass('only_here')") == "only_here"
        assert ask(server, "select to_regclass('only_here')") == ""
        assert other.password != server.password


# Starting and stopping


def test_processes_share_a_server_and_the_last_one_stops_it(folder: Path) -> None:
    with holder(folder) as first, holder(folder) as second:  # both at once, in a new folder
        assert is_ready(first)
        assert is_ready(second)
        pid = postmaster(folder)
        with running(folder, durable=False) as third:
            first.communicate(timeout=LIMIT)
            assert ask(third, "select 1") == "1"
        assert second.poll() is None
        with running(folder, durable=False):
            assert postmaster(folder) == pid
        second.communicate(timeout=LIMIT)
    assert (first.returncode, second.returncode) == (0, 0)
    assert is_gone(pid)


def test_a_killed_process_does_not_keep_the_server_from_stopping(used: Path) -> None:
    with holder(used) as process:
        assert is_ready(process)
        kill(process)
    pid = postmaster(used)
    with running(used, durable=False) as server:
        assert ask(server, "select 1") == "1"
        assert postmaster(used) == pid
    assert is_gone(pid)


def test_a_killed_server_comes_back_with_its_data_and_for_all(used: Path) -> None:
    with running(used) as server, holder(used) as process:
        assert is_ready(process)  # or it could find the server killed, and start one without durability
        ask(server, "create table kept as select 1 as one")
        with query(server, "select count(*) from generate_series(1, 3000000)") as busy:  # outlives the postmaster
            seen = "select count(*) from pg_stat_activity where query like '%generate_series(1, 3%'"
            while ask(server, seen) == "1" and busy.poll() is None:
                time.sleep(0.01)
            killed = postmaster(used)
            os.kill(killed, signal.SIGKILL)
            server.start()
            busy.communicate(timeout=LIMIT)
        assert postmaster(used) != killed
        assert ask(server, "select one from kept") == "1"
        process.communicate(timeout=LIMIT)
        assert ask(server, "select one from kept") == "1"
    assert not (used / "postgres/data/postmaster.pid").exists()


def test_a_server_killed_with_its_last_process_recovers_at_the_next_start(used: Path) -> None:
    with holder(used) as process:
        assert is_ready(process)
        os.kill(postmaster(used), signal.SIGKILL)
        kill(process)
    with running(used, durable=False) as server:
        assert ask(server, "select 1") == "1"


def test_the_number_of_a_killed_server_may_belong_to_another_process(used: Path) -> None:
    with running(used, durable=False) as server:
        os.kill(postmaster(used), signal.SIGKILL)
        file = server.home / "data/postmaster.pid"
        user = file.stat().st_uid if as_root else None  # PostgreSQL would take any other user's for dead
        with subprocess.Popen(["sleep", str(LIMIT)], user=user) as bystander:
            file.write_text(f"{bystander.pid}\n{file.read_text().partition(chr(10))[2]}")
            server.start()
            assert ask(server, "select 1") == "1"
            assert bystander.poll() is None
            bystander.kill()


def test_stopping_what_does_not_run_is_quiet(used: Path) -> None:
    server = Server(used, durable=False)
    server.stop()
    server.start()
    pid = postmaster(used)
    os.kill(pid, signal.SIGKILL)
    server.stop()
    server.stop()
    assert is_gone(pid)


def test_a_first_start_that_is_killed_leaves_nothing_half_made(folder: Path) -> None:
    for moment in ("new-*", "new-*/global"):  # while root copies the programs, while initdb works
        with holder(folder) as process:
            while not list(folder.glob(f"postgres/{moment}")) and process.poll() is None:
                time.sleep(0.001)
            kill(process)
        assert not (folder / "postgres/data").exists()
    with running(folder, durable=False) as server:
        assert ask(server, "select current_database()") == "istmo"


def test_a_durable_server_is_durable_and_one_for_tests_is_not_taken_for_it(used: Path) -> None:
    with running(used) as durable:
        sql = "select current_setting('fsync') || current_setting('synchronous_commit')"
        assert ask(durable, sql) == "onon"
    with running(used, durable=False), pytest.raises(EmbeddedError, match="without durability"):
        durable.start()


# What is refused


def test_data_of_another_major_version_is_refused(used: Path) -> None:
    version = used / "postgres/data/PG_VERSION"
    version.write_text("17\n")
    with pytest.raises(EmbeddedError, match=r"PostgreSQL 17, this is 18: make a backup .* restore"):
        Server(used).start()
    version.write_text("18\n")


def test_a_lost_password_is_explained(used: Path) -> None:
    password = used / "postgres/password"
    password.rename(used / "aside")
    with pytest.raises(EmbeddedError, match="password is missing"):
        Server(used).start()
    (used / "aside").rename(password)


def test_a_server_that_cannot_start_says_why(used: Path) -> None:
    conf = used / "postgres/data/postgresql.conf"
    good = conf.read_text()
    conf.write_text(good + "shared_buffers = nonsense\n")
    with pytest.raises(EmbeddedError, match=r"did not start, see .*start.log: .*postgresql.conf.* contains errors"):
        Server(used).start()
    conf.write_text(good)


def test_a_folder_that_cannot_be_made_is_refused(folder: Path) -> None:
    (folder / "file").touch()
    with pytest.raises(EmbeddedError, match="can't run in .*Not a directory"):
        Server(folder / "file").start()


def test_a_folder_with_other_things_is_left_alone(folder: Path) -> None:
    (folder / "postgres").mkdir(mode=0o755)
    (folder / "postgres/mine").touch()
    with pytest.raises(EmbeddedError, match="has other contents"):
        Server(folder).start()
    assert (folder / "postgres").stat().st_mode & 0o777 == 0o755


def test_each_checkout_has_a_folder(folder: Path) -> None:
    one, two = (embedded.data_dir(folder / parent / "my istmo") for parent in ("a", "b"))
    assert one != two
    if as_root:
        assert one.parent == Path("/var/lib/istmo")
        assert one.name.startswith("my-istmo-")
    else:
        assert one == folder / "a/my istmo/.data"


# What concerns root alone


@only_root
def test_root_learns_that_the_servers_user_cannot_enter(folder: Path) -> None:
    (folder / "closed").mkdir(mode=0o700)
    with pytest.raises(EmbeddedError, match="set ISTMO_DATA_DIR to a folder whose parents others may enter"):
        Server(folder / "closed/data").start()
    assert (folder / "closed").stat().st_mode & 0o777 == 0o700


@only_root
def test_a_folder_of_another_user_is_refused(folder: Path) -> None:
    (folder / "postgres").mkdir()
    os.chown(folder / "postgres", 12345, 12345)
    with pytest.raises(EmbeddedError, match="belongs to another user"):
        Server(folder).start()
    assert (folder / "postgres").stat().st_uid == 12345


@only_root
def test_root_runs_no_program_that_the_servers_user_may_change(server: Server) -> None:
    copies = [path.lstat() for path in server.home.glob("programs-*/**/*")]
    assert server.home not in server.programs.parents
    assert {found.st_uid for found in copies} == {0}
    assert not any(found.st_mode & 0o022 for found in copies)


@only_root
def test_a_new_version_of_the_wheel_replaces_the_copy(used: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "18.99.1")
    with running(used, durable=False) as server:
        assert ask(server, "select 1") == "1"
    assert [path.name for path in server.home.glob("programs-*")] == ["programs-18.99.1"]


@only_root
def test_a_missing_useradd_is_explained(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("db.embedded.root.ACCOUNT", "istmo-missing")
    monkeypatch.setenv("PATH", "/nowhere")
    with caplog.at_level(logging.WARNING), pytest.raises(EmbeddedError, match="useradd is not installed"):
        Server(folder).start()
    assert "creating the system user istmo-missing" in caplog.text
