"""The command line, mostly in processes of its own."""

import asyncio
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import aiohttp
import asyncpg
import pytest
import structlog
from click.testing import CliRunner

from db import embedded
from service import pages
from service.commands import main
from service.commands.serve import tell_secret, warn_of_a_nameless_proxy
from service.commands.setup import without_password
from service.settings import Settings
from tests.builders import COMPANY, COMPANY_DV
from tests.conftest import CHECKOUT, Answer, with_database
from tests.db.test_embedded import is_gone, new_folder, postmaster

LIMIT = 60
COMMAND = [sys.executable, str(CHECKOUT / "server.py")]
NOBODY = "00000000-0000-7000-8000-000000000000"


def without_ours() -> dict[str, str | None]:
    return {name.upper(): None for name in Settings.model_fields}


def environment(settings: dict[str, str]) -> dict[str, str]:
    return {**{name: value for name, value in os.environ.items() if name not in without_ours()}, **settings}


@dataclass
class Done:
    code: int
    out: str
    err: str


async def istmo(*arguments: str, **settings: str) -> Done:
    """The outcome of a command."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *arguments, env=environment(settings), stdout=pipe, stderr=pipe
    )
    out, err = await asyncio.wait_for(process.communicate(), LIMIT)
    assert process.returncode is not None
    return Done(process.returncode, out.decode(), err.decode())


async def printed(*arguments: str, **settings: str) -> str:
    """The one line that a successful command prints."""
    done = await istmo(*arguments, **settings)
    assert (done.code, done.err) == (0, "")
    (line,) = done.out.splitlines()
    return line


@dataclass
class Started:
    """A server in a process of its own, which has just given its first answer."""

    process: "subprocess.Popen[bytes]"
    url: str
    seconds: float
    output: Path
    log: Path

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(LIMIT)


@contextmanager
def started(**settings: str) -> Iterator[Started]:
    with tempfile.TemporaryDirectory() as folder, subprocess_of(Path(folder), settings) as server:
        yield server


@contextmanager
def subprocess_of(folder: Path, settings: dict[str, str]) -> Iterator[Started]:
    output, log = folder / "out", folder / "err"
    begin = time.monotonic()
    with output.open("wb") as out, log.open("wb") as err:
        environment_ = environment({"PORT": "0", "LOG_FORMAT": "json", **settings})
        process = subprocess.Popen(
            [*COMMAND, "serve"], env=environment_, stdout=out, stderr=err, preexec_fn=_listen_to_ctrl_c
        )
    try:
        while not (serves := re.search(r"Istmo serves (http://[0-9.:]+)", log.read_text())):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() - begin < LIMIT
            time.sleep(0.01)
        with socket.create_connection(("127.0.0.1", urlsplit(serves[1]).port or 0)) as connection:
            connection.sendall(b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert connection.recv(100).startswith(b"HTTP/1.1 200 ")
        yield Started(process, serves[1], time.monotonic() - begin, output, log)
    finally:
        process.terminate()
        process.wait(LIMIT)


def _listen_to_ctrl_c() -> None:
    """What a shell starts in the background ignores it, and so would the server of a suite that runs there."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


async def ask(server: Started, key: str, query: str, **variables: Any) -> tuple[int, Answer]:
    """Status and body of the server's answer; without the cost, of which it tells, too."""
    body = {"query": query, "variables": variables}
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as session,
        session.post(f"{server.url}/graphql", json=body) as response,
    ):
        answer = await response.json()
        answer.pop("extensions", None)
        return response.status, answer


async def scope_of(server: Started, key: str) -> str | int:
    """What the key may do; the status where it is refused."""
    status, answer = await ask(server, key, "{ viewer { scope } }")
    return str(answer["data"]["viewer"]["scope"]) if status == 200 else status


@contextmanager
def own_logging() -> Iterator[None]:
    """What is set up for the log within is gone afterwards, and no logger keeps it."""
    root, before, configure = logging.getLogger(), structlog.get_config(), structlog.configure
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()

    def configure_for_now(**options: Any) -> None:
        configure(**{**options, "cache_logger_on_first_use": False})

    try:
        with patch.object(structlog, "configure", configure_for_now):
            yield
    finally:
        configure(**before)
        root.handlers[:] = handlers
        root.setLevel(level)


def invoke(*arguments: str, **settings: str) -> Done:
    """The outcome of a command within this process: a new process takes a second of processor time."""
    with own_logging():
        result = CliRunner().invoke(main, arguments, env={**without_ours(), **settings}, catch_exceptions=False)
    return Done(result.exit_code, result.stdout, result.stderr)


async def invoke_in_thread(*arguments: str, **settings: str) -> Done:
    """Like ``invoke``, for tests that run in an event loop: each command begins one of its own."""
    return await asyncio.to_thread(invoke, *arguments, **settings)


# Commands on a given database


@asynccontextmanager
async def empty_database(server_url: str) -> AsyncIterator[str]:
    name = f"istmo_test_empty_{os.getpid()}"
    admin = await asyncpg.connect(server_url)
    await admin.execute(f'CREATE DATABASE "{name}"')
    try:
        yield with_database(server_url, name)
    finally:
        await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await admin.close()


async def test_migrate_fills_an_empty_database_also_twice_at_once(server_url: str) -> None:
    async with empty_database(server_url) as url:
        done = await asyncio.gather(*(istmo("migrate", DATABASE_URL=url) for _ in range(2)))
        assert done == [Done(0, "", "")] * 2
        database = await asyncpg.connect(url)
        assert await database.fetchval("SELECT count(*) FROM location") > 600
        assert await database.fetchval("SELECT count(*) FROM account") == 0
        await database.close()


def test_settings_are_shown_without_passwords() -> None:
    url = "postgresql://ana:p@ss:w@db.example:5432/istmo"
    admin_url = f"{url}?password=hidden"
    done = invoke("settings", DATABASE_URL=url, DATABASE_ADMIN_URL=admin_url, PORT="", LOG_LEVEL="INFO")
    assert (done.code, done.err) == (0, "")
    shown = dict(line.split("=", 1) for line in done.out.splitlines() if not line.startswith(" "))
    assert set(shown) == {name.upper() for name in Settings.model_fields}
    assert shown["DATABASE_URL"] == "postgresql://ana:***@db.example:5432/istmo"
    assert shown["DATABASE_ADMIN_URL"] == "postgresql://ana:***@db.example:5432/istmo?password=***"
    assert (shown["PORT"], shown["LOG_LEVEL"]) == ("8000", "info")  # empty is not set


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://db/istmo", "postgresql://db/istmo"),
        ("postgresql://ana@db/istmo", "postgresql://ana@db/istmo"),
        ("postgresql://ana:a:b@c@db/x?sslmode=require", "postgresql://ana:***@db/x?sslmode=require"),
        ("postgresql://:secret@/x?host=%2Ftmp&port=1", "postgresql://:***@/x?host=%2Ftmp&port=1"),
        ("postgres://db/x?password=a%26b&user=ana", "postgres://db/x?password=***&user=ana"),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, shown: str) -> None:
    assert without_password(url) == shown


# What is refused


@pytest.fixture(scope="module")
async def urls(server_url: str, database_url: str) -> AsyncIterator[dict[str, str]]:
    """The test database, one that isn't there, an empty one, and a login that may do nothing."""
    role = f"istmo_test_weak_{os.getpid()}"
    weak = urlsplit(database_url)._replace(netloc=f"{role}:weak@{urlsplit(database_url).netloc.rpartition('@')[2]}")
    admin = await asyncpg.connect(server_url)
    await admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'weak'")
    async with empty_database(server_url) as fresh:
        yield {
            "good": database_url,
            "no such database": with_database(database_url, "no_such"),
            "fresh": fresh,
            "weak": urlunsplit(weak),
            "": database_url,
        }
    await admin.execute(f"DROP ROLE {role}")
    await admin.close()


ACCOUNT = ("accounts", "create", "--name", "Nueva, S.A.")
KEY = ("keys", "create", "--scope", "read", "--account")
ERRORS: list[tuple[tuple[str, ...], dict[str, str], str]] = [
    (("accounts", "create", "--name", "X"), {}, "name: "),
    (("accounts", "create", "--name", "发票 公司"), {}, "name: The invoice's PDF can't show these characters: 发 票 "),
    ((*ACCOUNT, "--ruc", "no es"), {}, "ruc: This is not a RUC"),
    ((*ACCOUNT, "--ruc", COMPANY, "--dv", "58"), {}, f"Expected: {COMPANY_DV}."),
    ((*ACCOUNT, "--dv", "58"), {}, "ruc: "),
    ((*KEY, NOBODY), {}, f"There is no account {NOBODY}."),
    ((*KEY, NOBODY, "--expires", "soon"), {}, "not a span such as 90d or 12h: 'soon'"),
    ((*KEY, NOBODY, "--expires", "9999999999d"), {}, "too far away"),
    ((*KEY, "1"), {}, "'1' is not a valid UUID."),
    (("keys", "list", "--account", NOBODY), {}, f"There is no account {NOBODY}."),
    (("keys", "revoke", "--account", NOBODY, "1"), {}, f"There is no account {NOBODY}."),
    (("sign-in-link", "--account", NOBODY), {}, f"There is no account {NOBODY}."),
    (("settings",), {"PORT": "x"}, "PORT: "),
    (("settings",), {"LOG_LEVEL": "loud"}, "LOG_LEVEL: "),
    (
        ("serve",),
        {"REGISTRY_PROVIDERS": "dgi"},
        "REGISTRY_PROVIDERS: no provider is called 'dgi'; there are hka-soap, ",
    ),
    (
        ("serve",),
        {"REGISTRY_PROVIDERS": "hka-soap"},
        "REGISTRY_PROVIDERS: HKA_SOAP_USER or HKA_SOAP_USER_FILE must be ",
    ),
    (ACCOUNT, {"DATABASE_URL": "mysql://db/x"}, "DATABASE_URL: Must read postgresql://"),
    (ACCOUNT, {"DATABASE_URL": "postgresql://db:x/y"}, "DATABASE_URL: Must read postgresql://"),
    (ACCOUNT, {"DATABASE_URL": "postgresql://127.0.0.1:1/x"}, "The database can't be reached: "),
    (("backup", "x"), {}, "DATABASE_URL names a PostgreSQL of yours: use its own pg_dump "),
    (ACCOUNT, {"DATABASE_URL": "no such database"}, 'database "no_such" does not exist'),
    (ACCOUNT, {"DATABASE_URL": "weak"}, "Set DATABASE_ADMIN_URL to a login with CREATEROLE "),
    (("migrate",), {"DATABASE_URL": "weak"}, "Set DATABASE_ADMIN_URL to a login with CREATEROLE "),
    (ACCOUNT, {"DATABASE_URL": "weak", "DATABASE_ADMIN_URL": ""}, "GRANT istmo_app TO it."),
    (ACCOUNT, {"DATABASE_URL": "fresh", "MIGRATE_ON_START": "false"}, "Run `server.py migrate`."),
]


@pytest.mark.parametrize(("arguments", "settings", "words"), ERRORS)
def test_an_error_is_told_in_a_sentence_on_standard_error(
    arguments: tuple[str, ...], settings: dict[str, str], words: str, urls: dict[str, str]
) -> None:
    where = {name: urls.get(value, value) for name, value in settings.items()}
    done = invoke(*arguments, **{"DATABASE_URL": urls["good"], **where})
    *usage, sentence = done.err.splitlines()
    assert (done.code > 0, done.out) == (True, "")
    assert sentence.startswith("Error: ")
    assert words in sentence
    assert usage == [] or usage[0].startswith("Usage: ")  # where the command line itself is at fault


async def test_a_port_that_is_taken_is_told_before_anything_is_done(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = await istmo("serve", PORT=port, ISTMO_DATA_DIR=str(tmp_path / "data"))
    sentence = f"Error: Can't listen on 127.0.0.1, port {port}: Address already in use. Set HOST or PORT.\n"
    assert done == Done(1, "", sentence)
    assert not (tmp_path / "data").exists()


# A server on a database of its own: started, killed, started again, stopped


@dataclass
class Life:
    """What the first server printed and stored before it was killed, and the second server, which runs."""

    folder: Path
    account: str
    key: str
    customer: str
    first: float
    server: Started


_CREATE = """
    mutation ($name: String!) { createCustomer(input: {receiverType: FINAL_CONSUMER, name: $name}) { customer { id } } }
"""


def without_link(server: Started, folder: Path) -> str:
    """What the server has printed, but for the link's file. There is a link where the pages are built."""
    rest, links = re.subn(
        rf"Sign in, once and within 15 minutes: see {folder}/sign-in-link\n", "", server.output.read_text()
    )
    assert links == pages.are_built()
    if links:
        assert re.fullmatch(
            rf"{server.url}/sign-in#token=istmo_[A-Za-z0-9_-]{{65}}\n", secret_in(folder, "sign-in-link")
        )
    return rest


def secret_in(folder: Path, name: str) -> str:
    assert (folder / name).stat().st_mode & 0o777 == 0o600
    return (folder / name).read_text()


@asynccontextmanager
async def life() -> AsyncIterator[Life]:
    with new_folder() as folder:
        where = {"ISTMO_DATA_DIR": str(folder)}
        with started(**where) as server:
            greeting = without_link(server, folder)
            [account] = re.findall(r'Account "Empresa Ejemplar": (\S+)\n', greeting)
            assert greeting.splitlines()[1:] == [f"Its API key, which is not shown again: see {folder}/first-key"]
            key = secret_in(folder, "first-key").rstrip("\n")
            _, created = await ask(server, key, _CREATE, name="Ana Ñandú")
            server.process.kill()
            server.process.wait(LIMIT)
        with started(**where) as again:
            customer = created["data"]["createCustomer"]["customer"]["id"]
            yield Life(folder, account, key, customer, server.seconds, again)


@pytest.fixture(scope="module")
async def lived() -> AsyncIterator[Life]:
    async with life() as begun:
        yield begun


async def test_only_the_first_start_prints_an_account_with_its_key(lived: Life) -> None:
    assert without_link(lived.server, lived.folder) == ""
    _, answer = await ask(lived.server, lived.key, "{ viewer { scope account { id name } } }")
    viewer = {"scope": "ADMIN", "account": {"id": lived.account, "name": "Empresa Ejemplar"}}
    assert answer == {"data": {"viewer": viewer}}


def test_secrets_are_printed_to_a_terminal_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(istmo_data_dir=tmp_path)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    tell_secret(settings, "The key", "first-key", "istmo_secret")
    assert capsys.readouterr().out == "The key: istmo_secret\n"
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False)
    (tmp_path / "first-key").symlink_to(tmp_path / "elsewhere")
    for _ in range(2):
        tell_secret(settings, "The key", "first-key", "istmo_secret")
        assert capsys.readouterr().out == f"The key: see {tmp_path}/first-key\n"
    assert secret_in(tmp_path, "first-key") == "istmo_secret\n"
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(
    ("chosen", "warns"),
    [
        ({"profile": "production", "host": "0.0.0.0"}, True),
        ({"profile": "production", "host": "0.0.0.0", "forwarded_allow_ips": "10.0.0.1"}, False),
        ({"profile": "production", "host": "127.0.0.1"}, False),
        ({"host": "0.0.0.0"}, False),
    ],
)
def test_a_proxy_without_a_name_is_warned_of(chosen: dict[str, Any], warns: bool) -> None:
    with structlog.testing.capture_logs() as logs:
        warn_of_a_nameless_proxy(Settings(**chosen))
    assert ["FORWARDED_ALLOW_IPS" in entry["event"] for entry in logs] == [True] * warns


async def test_what_was_answered_outlives_the_server_that_was_killed(lived: Life) -> None:
    _, answer = await ask(lived.server, lived.key, "query ($id: ID!) { customer(id: $id) { name } }", id=lived.customer)
    assert answer == {"data": {"customer": {"name": "Ana Ñandú"}}}


async def test_the_embedded_database_comes_with_a_sandbox_registry(lived: Life) -> None:
    _, answer = await ask(lived.server, lived.key, '{ lookupRuc(ruc: "280-134-61098") { status name sandbox } }')
    assert answer == {"data": {"lookupRuc": {"status": "FOUND", "name": "BANCO GENERAL", "sandbox": True}}}
    create = """
        mutation { createCustomer(input: {
            receiverType: TAXPAYER, taxpayerType: JURIDICAL, ruc: "346-266-76470", name: "Farmacia Arrocha"
            locationCode: "8-8-7", address: "Vía España"
        }) { customer { id verification { status } } userErrors { path code } } }
    """
    _, answer = await ask(lived.server, lived.key, create)
    customer = answer["data"]["createCustomer"]["customer"]
    for _ in range(300):
        if customer["verification"]["status"] != "PENDING":
            break
        await asyncio.sleep(0.1)
        query = "query ($id: ID!) { customer(id: $id) { id verification { status } } }"
        _, answer = await ask(lived.server, lived.key, query, id=customer["id"])
        customer = answer["data"]["customer"]
    assert customer["verification"]["status"] == "VERIFIED"


def test_a_server_answers_soon_after_its_start(lived: Life) -> None:
    print(f"start to first answer: {lived.first:.2f} s at first, {lived.server.seconds:.2f} s later")  # noqa: T201
    others = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))  # who want the processors, too
    assert lived.first < 15 * others
    assert lived.server.seconds < 10 * others


def test_the_log_is_lines_of_json_and_the_key_is_in_none(lived: Life) -> None:
    lines = [json.loads(line) for line in lived.server.log.read_text().splitlines()]
    events = [line["event"] for line in lines if not line["event"].startswith("no SMTP server")]
    at_first = [f"Istmo serves {lived.server.url}/graphql", "a sandbox plays the provider"]
    assert events[:3] == [*at_first, "request"]
    assert lived.key not in lived.server.log.read_text()


async def test_commands_work_while_the_server_runs(lived: Life) -> None:
    where = {"ISTMO_DATA_DIR": str(lived.folder)}
    ruc = ("--ruc", COMPANY, "--dv", COMPANY_DV, "--electronic-invoicing")
    id = await printed("accounts", "create", "--name", "Ñandú, S.A.", *ruc, **where)
    assert UUID(id).version == 7
    businesses = [
        line.split(maxsplit=4) for line in (await invoke_in_thread("accounts", "list", **where)).out.splitlines()
    ]
    assert [(row[0], row[3]) for row in businesses] == [(lived.account, "electronic"), (id, "electronic")]
    assert businesses[1][4].split(maxsplit=4) == ["RUC", COMPANY, "DV", COMPANY_DV, "Ñandú, S.A."]

    account = ("--account", id)
    key, other = await asyncio.gather(
        printed("keys", "create", *account, "--scope", "write", **where),
        printed("keys", "create", *account, "--scope", "read", "--name", "Tablero", "--expires", "90d", **where),
    )
    assert all(re.fullmatch("istmo_[A-Za-z0-9_-]{65}", secret) for secret in (key, other))

    listed = (await invoke_in_thread("keys", "list", *account, **where)).out
    rows = {line.split()[1]: line for line in listed.splitlines()}
    assert re.search(r"WRITE  active +last used never +write key$", rows["WRITE"])
    assert re.search(r"READ   expires \d{4}-\d\d-\d\d +last used never +Tablero$", rows["READ"])
    assert not any(secret in listed for secret in (key, other))

    assert await invoke_in_thread("keys", "revoke", *account, rows["READ"].split()[0], **where) == Done(0, "", "")
    assert await scope_of(lived.server, key) == "WRITE"
    assert await scope_of(lived.server, other) == 401
    assert await scope_of(lived.server, lived.key) == "ADMIN"
    listed = (await invoke_in_thread("keys", "list", *account, **where)).out
    assert {line.split()[1]: line.split()[2] for line in listed.splitlines()} == {"READ": "revoked", "WRITE": "active"}


async def test_a_link_signs_in_as_the_administrator_once(lived: Life) -> None:
    where = {"ISTMO_DATA_DIR": str(lived.folder)}
    link = await printed("sign-in-link", "--account", lived.account, "--url", f"{lived.server.url}/", **where)
    address, _, token = link.partition("/sign-in#token=")
    assert address == lived.server.url
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        async with browser.post(f"{address}/session", json={"token": token}) as response:
            assert response.status == 204
        async with browser.post(f"{address}/graphql", json={"query": "{ viewer { scope } }"}) as response:
            assert (await response.json())["data"] == {"viewer": {"scope": "ADMIN"}}
        async with browser.post(f"{address}/session", json={"token": token}) as response:
            assert response.status == 401
    assert token not in lived.server.log.read_text()


async def test_a_backup_is_made_while_the_server_runs_and_brings_another_to_life(lived: Life, tmp_path: Path) -> None:
    file, where = str(tmp_path / "istmo.backup"), {"ISTMO_DATA_DIR": str(lived.folder)}
    assert await istmo("backup", file, **where) == Done(0, "", "")
    sentence = "Error: The database is in use: stop the server and the workers first.\n"
    assert await invoke_in_thread("restore", "--replace", file, **where) == Done(1, "", sentence)
    with new_folder() as folder:
        assert await istmo("restore", file, ISTMO_DATA_DIR=str(folder)) == Done(0, "", "")
        done = await invoke_in_thread("restore", file, ISTMO_DATA_DIR=str(folder))
        assert (done.code, "--replace" in done.err) == (1, True)
        with started(ISTMO_DATA_DIR=str(folder)) as server:
            _, answer = await ask(server, lived.key, "{ viewer { account { id } } }")
            assert answer["data"] == {"viewer": {"account": {"id": lived.account}}}


async def test_what_a_command_changes_is_the_command_lines(lived: Life) -> None:
    where = {"ISTMO_DATA_DIR": str(lived.folder)}
    await printed("keys", "create", "--account", lived.account, "--scope", "read", "--name", "Tablero", **where)
    query = """{ auditEvents(first: 1, filter: {objectType: [API_KEY], source: [COMMAND_LINE]}) {
        edges { node { action keyId changes { field after } } } } }"""
    _, answer = await ask(lived.server, lived.key, query)
    [edge] = answer["data"]["auditEvents"]["edges"]
    changes = [{"field": "name", "after": "Tablero"}, {"field": "scope", "after": "READ"}]
    assert edge["node"] == {"action": "CREATED", "keyId": None, "changes": changes}


async def test_the_server_works_with_a_login_that_is_no_superuser(lived: Life) -> None:
    with embedded.running(lived.folder) as database:
        admin = await asyncpg.connect(database.url)
        logins = await admin.fetch(
            """
            SELECT DISTINCT usename FROM pg_stat_activity
            WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
            """
        )
        await admin.close()
    assert [login for (login,) in logins] == ["istmo_service"]


async def test_a_server_that_is_told_to_stop_finishes_its_requests_and_leaves_nothing_running(lived: Life) -> None:
    rename = 'mutation { updateAccount(input: {name: "Otra, S.A."}) { account { name } } }'
    pid = postmaster(lived.folder)
    with embedded.running(lived.folder) as database:
        other = await asyncpg.connect(database.url)
        async with other.transaction():
            await other.execute("SELECT FROM account WHERE id = $1 FOR UPDATE", UUID(lived.account))
            request = asyncio.create_task(ask(lived.server, lived.key, rename))
            while not await other.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"):
                await other.execute("SELECT pg_sleep(0.01)")
            lived.server.process.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.3)
            with pytest.raises(aiohttp.ClientConnectionError):  # new ones are not taken
                await ask(lived.server, lived.key, rename)
            assert not request.done()
        await other.close()
        assert await request == (200, {"data": {"updateAccount": {"account": {"name": "Otra, S.A."}}}})
        assert lived.server.process.wait(LIMIT) == 0
    assert is_gone(pid)
