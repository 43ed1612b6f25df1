"""Accounts on several nodes behind one nginx, and the commands that move them."""

import asyncio
import shlex
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest

from bench.processes import Process, free_port, until
from bench.proxy import CONFIGURATION, NGINX, Proxy, run_nginx_before_nodes
from db import models, tenant
from db.migrate import migrate
from db.moving.nodes import MoveError, Node, Standing, connect
from pac.cipher import Cipher
from resolvers import accounts, document_links, sessions
from resolvers.api_keys import name_account, named_account, new_secret
from rules.vocabulary import Scope
from service import nodes
from service.nodes import Router, write_map
from tests.builders import create_invoice, invoice, taxpayer
from tests.conftest import Api, skip_or_fail
from tests.db.conftest import database_of
from tests.service.test_commands import Done, environment, invoke_in_thread
from tests.service.test_server import Site, session
from transport.websocket import PROTOCOL

__all__ = ["session"]

VIEWER = "{ viewer { account { id name } scope } }"
RENAME = 'mutation { updateAccount(input: {name: "Otra"}) { account { name } userErrors { code } } }'
CIPHER = Cipher.generate_key()
NODE = '[[node]]\nname = "a"\ndatabase = "postgresql://127.0.0.1:1/y"\naddress = "a"\n'

NewAccount = Callable[..., Awaitable[UUID]]


@dataclass
class Place:
    """Two nodes, each a server on a database of its own, behind nginx."""

    proxy: Proxy
    urls: tuple[str, str]
    nodes_file: Path
    session: aiohttp.ClientSession

    def through(self, key: str) -> Site:
        return Site(self.proxy.url, None, self.session, key)

    def at(self, number: int, key: str) -> Site:
        return Site(self.urls[number], None, self.session, key)

    async def move(self, account: UUID, *arguments: str) -> Done:
        options = ("--map", str(self.proxy.map), "--reload", self.proxy.reload)
        given = {"NODES_FILE": str(self.nodes_file), "PAC_SECRETS_KEY": CIPHER}
        return await invoke_in_thread("accounts", "move", str(account), *arguments, *options, **given)


def write_nodes(file: Path, urls: Sequence[str], addresses: Sequence[str] = ("istmo", "dos")) -> None:
    file.write_text(
        "".join(
            f'[[node]]\nname = "{name}"\ndatabase = "{url}"\naddress = "{address}"\n\n'
            for name, url, address in zip(("uno", "dos", "tres"), urls, addresses, strict=False)
        )
    )


@pytest.fixture(scope="module")
async def other_url(server_url: str) -> AsyncIterator[str]:
    async with database_of(server_url) as url:
        await migrate(url)
        yield url


@pytest.fixture(scope="module")
async def place(
    database_url: str, other_url: str, session: aiohttp.ClientSession, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Place]:
    if NGINX is None:
        skip_or_fail("nginx is not installed (apt-get install nginx-light)")
    folder = tmp_path_factory.mktemp("nodes")
    write_nodes(folder / "nodes.toml", (database_url, other_url))
    servers, addresses = [], []
    for url in (database_url, other_url):
        port = free_port()
        settings = {"DATABASE_URL": url, "PORT": str(port), "WORKER": "false", "MIGRATE_ON_START": "false"}
        servers.append(Process("serve", environment({**settings, "PAC_SECRETS_KEY": CIPHER}), folder / f"{port}.log"))
        addresses.append(f"127.0.0.1:{port}")
    try:
        for server, address in zip(servers, addresses, strict=True):
            await server.start()
            await until(partial(answers, session, address), 60)
        with run_nginx_before_nodes(addresses[0], {"dos": addresses[1]}) as proxy:
            urls = (f"http://{addresses[0]}", f"http://{addresses[1]}")
            yield Place(proxy, urls, folder / "nodes.toml", session)
    finally:
        for server in servers:
            await server.kill()


async def answers(session: aiohttp.ClientSession, address: str) -> bool:
    try:
        async with session.get(f"http://{address}/readyz") as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False


async def new_key(account: UUID) -> str:
    with tenant.acting_for(account):
        return (await accounts.create_key("Clave", Scope.ADMIN, None))[1]


# The way through the proxy


async def test_an_account_that_has_moved_is_reached_by_all_that_names_it(
    place: Place, api: Api, other_url: str
) -> None:
    account, key = api.account_id, await new_key(api.account_id)
    issued = (await create_invoice(api, invoice(issue=True), newCustomer=taxpayer()))["invoice"]
    with tenant.acting_for(account):
        link = str((await document_links.create(issued["id"], document_links.LIFETIME)).secret)
        token, used = await sessions.create_link(), await sessions.create_link()
    old_session = await sessions.begin_session_by_link(used)
    assert (await place.move(account, "--to", "dos")).code == 0
    async with connect(Node("dos", other_url, "dos")) as there:
        await there.execute("UPDATE account SET name = 'En el nodo dos' WHERE id = $1", account)

    async def name(**options: Any) -> str:
        async with place.session.post(f"{place.proxy.url}/graphql", json={"query": VIEWER}, **options) as response:
            assert response.status == 200, await response.text()
            return str((await response.json())["data"]["viewer"]["account"]["name"])

    assert await name(headers={"Authorization": f"Bearer {key}"}) == "En el nodo dos"
    assert await name(headers={"Authorization": f"bearer  {key}"}) == "En el nodo dos"
    assert await name(headers={"Cookie": f"a=b; istmo_session={old_session}"}) == "En el nodo dos"
    for suffix in ("", ".pdf"):
        assert (await place.through(key).get(f"/d/{link}{suffix}")).status == 200
        assert (await place.at(0, key).get(f"/d/{link}{suffix}")).status == 421
    for secret in ({"token": token}, {"key": key}):
        path = f"{place.proxy.url}/session?account={name_account(account)}"
        async with place.session.post(path, json=secret) as response:
            assert response.status == 204
            begun = response.cookies["istmo_session"].value
        assert await name(headers={"Cookie": f"istmo_session={begun}"}) == "En el nodo dos"
    sockets: list[tuple[str, dict[str, str], dict[str, str]]] = [
        ("", {"Authorization": f"Bearer {key}"}, {}),
        (f"?account={name_account(account)}", {}, {"Authorization": f"Bearer {key}"}),
    ]
    for arguments, headers, payload in sockets:
        address = f"{place.proxy.url}/graphql{arguments}"
        async with place.session.ws_connect(address, protocols=[PROTOCOL], headers=headers) as socket:
            await socket.send_json({"type": "connection_init", "payload": payload})
            assert await socket.receive_json() == {"type": "connection_ack"}


def test_what_the_proxy_reads_is_what_secrets_name() -> None:
    account = uuid4()
    with tenant.acting_for(account):
        secret = new_secret()
    assert named_account(secret) == account
    assert secret[6:28] == name_account(account)


async def test_others_and_keys_that_name_no_account_stay_on_the_first_node(
    place: Place, new_account: NewAccount
) -> None:
    account = await new_account("Se queda, S.A.")
    reply = await place.through(await new_key(account)).post(VIEWER)
    assert reply.data["viewer"]["account"]["name"] == "Se queda, S.A."
    reply = await place.through("istmo_old").post(VIEWER)
    assert (reply.status, reply.codes) == (401, ["UNAUTHENTICATED"])


# What the old node answers


async def test_the_old_node_refuses_an_account_that_has_moved_and_closes_its_websockets(
    place: Place, new_account: NewAccount, database_url: str, other_url: str
) -> None:
    account = await new_account()
    key = await new_key(account)
    old = place.at(0, key)
    assert (await old.post(VIEWER)).status == 200  # so that the key is remembered
    async with place.session.ws_connect(f"{old.url}/graphql", protocols=[PROTOCOL]) as socket:
        await socket.send_json({"type": "connection_init", "payload": {"Authorization": f"Bearer {key}"}})
        assert await socket.receive_json() == {"type": "connection_ack"}
        done = await place.move(account, "--to", "dos")
        assert done.code == 0, done.err
        message = await socket.receive(timeout=15)
        assert (message.type, socket.close_code) == (aiohttp.WSMsgType.CLOSE, 4421)
    reply = await old.post(VIEWER)
    assert (reply.status, reply.codes, reply.headers["Retry-After"]) == (421, ["ACCOUNT_MOVED"], "2")
    assert (await old.request("DELETE", "/session", headers={"Cookie": f"istmo_session={key}"})).status == 421
    async with place.session.post(f"{old.url}/session", json={"key": key}) as response:
        assert response.status == 421
    async with place.session.ws_connect(f"{old.url}/graphql", protocols=[PROTOCOL]) as socket:
        await socket.send_json({"type": "connection_init", "payload": {"Authorization": f"Bearer {key}"}})
        await socket.receive(timeout=15)
        assert socket.close_code == 4421
    listed = [await invoke_in_thread("accounts", "list", DATABASE_URL=url) for url in (database_url, other_url)]
    assert [str(account) in each.out for each in listed] == [False, True]
    assert (await place.move(account, "--confirm")).code == 0
    assert (await old.post(VIEWER)).status == 421
    assert (await place.through(key).post(RENAME)).data["updateAccount"]["account"] == {"name": "Otra"}


# The commands


async def test_a_mover_that_fails_at_the_proxy_goes_on_and_can_be_given_up(
    place: Place, new_account: NewAccount, tmp_path: Path
) -> None:
    account = await new_account("Va y viene, S.A.")
    site = place.through(await new_key(account))
    refusing = Place(Proxy(place.proxy.url, place.proxy.map, "false"), place.urls, place.nodes_file, place.session)
    done = await refusing.move(account, "--to", "dos")
    assert (done.code, done.err) == (1, "Error: The proxy's command ended with 1.\n")
    assert (await site.post(RENAME)).status == 200  # nothing was begun
    script = tmp_path / "once"
    script.write_text(
        f"#!/bin/sh\ntest -e {tmp_path}/second && exit 3\ntouch {tmp_path}/second\nexec {place.proxy.reload}\n"
    )
    script.chmod(0o700)
    refusing = Place(Proxy(place.proxy.url, place.proxy.map, str(script)), place.urls, place.nodes_file, place.session)
    done = await refusing.move(account, "--to", "dos")
    assert (done.code, done.err) == (1, "Error: The proxy's command ended with 3.\n")
    assert (await site.post(VIEWER)).status == 200
    reply = await site.post(RENAME.replace("Otra", "Tarde"))
    assert (reply.status, reply.codes, reply.headers.get("Retry-After")) == (503, ["UNAVAILABLE"], "2")
    shown = await invoke_in_thread("accounts", "moves", NODES_FILE=str(place.nodes_file))
    assert [line for line in shown.out.splitlines() if str(account) in line and " COPIED " in line and "to dos" in line]
    assert (await place.move(account, "--cancel")).code == 0
    assert (await site.post(RENAME)).status == 200
    assert name_account(account) not in place.proxy.map.read_text()
    assert (await place.move(account, "--to", "dos")).code == 0
    assert name_account(account) in place.proxy.map.read_text()
    assert (await site.post(VIEWER)).data["viewer"]["account"]["name"] == "Otra"
    assert (await place.move(account, "--to", "dos")).code == 0  # again, for nothing


async def end_at_the_proxy(place: Place, account: UUID, folder: Path) -> None:
    """A move that ends when the account is COPIED and the proxy doesn't know yet."""
    script = folder / "once"
    script.write_text(f"#!/bin/sh\ntest -e {folder}/second && exit 3\ntouch {folder}/second\n")
    script.chmod(0o700)
    proxy = Proxy(place.proxy.url, place.proxy.map, str(script))
    done = await replace(place, proxy=proxy).move(account, "--to", "dos")
    assert done.err == "Error: The proxy's command ended with 3.\n"


DEAD = "postgresql://127.0.0.1:1/y"


async def test_a_third_node_that_is_away_keeps_no_account_read_only(
    place: Place, new_account: NewAccount, database_url: str, other_url: str, tmp_path: Path
) -> None:
    given_up, going_on, later = [await new_account() for _ in range(3)]
    file = tmp_path / "three.toml"
    write_nodes(file, (database_url, other_url, DEAD), ("istmo", "dos", "127.0.0.1:1"))
    three = replace(place, nodes_file=file)
    for number, account in enumerate((given_up, going_on)):
        folder = tmp_path / str(number)
        folder.mkdir()
        await end_at_the_proxy(place, account, folder)
    away = f"{name_account(uuid4())} 127.0.0.1:1;\n"
    place.proxy.map.write_text(place.proxy.map.read_text() + away)

    done = await three.move(given_up, "--cancel")
    assert done.code == 0, done.err
    assert (await place.through(await new_key(given_up)).post(RENAME)).status == 200
    done = await three.move(going_on, "--to", "dos")
    assert done.code == 0, done.err
    done = await three.move(going_on, "--confirm")
    assert done.code == 0, done.err
    lines = place.proxy.map.read_text()
    assert away in lines
    assert f"{name_account(going_on)} dos;\n" in lines
    assert name_account(given_up) not in lines

    done = await three.move(later, "--to", "dos")
    assert (done.code, done.err[:42]) == (1, "Error: The database of node tres can't be ")
    assert (await place.through(await new_key(later)).post(RENAME)).status == 200
    shown = await invoke_in_thread("accounts", "moves", NODES_FILE=str(file))
    assert (shown.code, shown.err[:35]) == (0, "The database of node tres can't be ")
    assert str(going_on) in shown.out


async def test_a_move_to_a_node_that_is_away_can_be_given_up(
    place: Place, new_account: NewAccount, database_url: str, tmp_path: Path
) -> None:
    account = await new_account()
    site = place.through(await new_key(account))
    await end_at_the_proxy(place, account, tmp_path)
    assert (await site.post(RENAME)).status == 503
    file = tmp_path / "dead.toml"
    write_nodes(file, (database_url, DEAD))
    dead = replace(place, nodes_file=file)
    done = await dead.move(account, "--to", "dos")
    assert (done.code, done.err[:41]) == (1, "Error: The database of node dos can't be ")
    done = await dead.move(account, "--cancel")
    assert done.code == 0, done.err
    assert "dos keeps what was copied" in done.out
    assert name_account(account) not in place.proxy.map.read_text()
    assert (await site.post(RENAME)).data["updateAccount"]["account"] == {"name": "Otra"}
    assert (await place.move(account, "--to", "dos")).code == 0
    assert (await site.post(VIEWER)).data["viewer"]["account"]["name"] == "Otra"


def test_a_node_that_does_not_answer_keeps_its_lines_of_the_map() -> None:
    first, second = Node("uno", "", "istmo"), Node("dos", "", "dos")
    back, moved = UUID(int=1), UUID(int=2)
    former = "".join(f"{name_account(UUID(int=each))} tres;\n" for each in (1, 2, 3))
    lines = write_map({back: first, moved: second, UUID(int=4): first}, first, former).splitlines()
    assert lines == [f"{name_account(moved)} dos;", f"{name_account(UUID(int=3))} tres;"]


async def test_movers_write_the_map_one_after_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Node("uno", "", "istmo"), Node("dos", "", "dos")
    homes: dict[UUID, Node] = {}
    reading = asyncio.Event()

    async def read_answering(_nodes: Any) -> tuple[list[Standing], list[MoveError]]:
        found = [Standing(node, account, True, None, None, {}) for account, node in homes.items()]
        reading.set()
        await asyncio.sleep(0.3 if len(found) == 1 else 0)  # the mover that reads the older state is the slower one
        return found, []

    monkeypatch.setattr(nodes, "read_answering", read_answering)
    file, log = tmp_path / "accounts.map", tmp_path / "log"
    command = f"sh -c 'cat {file} >>{log}; echo >>{log}'"
    homes[UUID(int=1)] = second
    slow = asyncio.create_task(Router([first, second], file, command).route())
    await reading.wait()
    homes[UUID(int=2)] = second
    await Router([first, second], file, command).route()
    await slow
    names = [f"{name_account(account)} dos;\n" for account in homes]
    assert file.read_text() == "".join(names)
    assert log.read_text() == f"{names[0]}\n{''.join(names)}\n"


async def test_an_account_on_two_nodes_stays_where_it_is_and_keeps_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Node("uno", "", "istmo"), Node("dos", "", "dos")
    twice, other = UUID(int=1), UUID(int=2)
    places = [(first, twice), (second, twice), (second, other)]

    async def read_answering(_nodes: Any) -> tuple[list[Standing], list[MoveError]]:
        return [Standing(node, account, True, None, None, {}) for node, account in places], []

    monkeypatch.setattr(nodes, "read_answering", read_answering)
    file = tmp_path / "accounts.map"
    router = Router([first, second], file, None)
    with pytest.raises(MoveError, match="on two nodes"):
        await router.route()
    file.write_text("")
    await router.route()
    assert file.read_text() == f"{name_account(other)} dos;\n"
    file.write_text(f"{name_account(twice)} dos;\n")
    await router.route()
    assert file.read_text() == f"{name_account(twice)} dos;\n{name_account(other)} dos;\n"


async def test_the_proxy_reads_its_map_again_only_when_that_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Node("uno", "", "istmo"), Node("dos", "", "dos")
    standings: list[Standing] = []

    async def read_answering(_nodes: Any) -> tuple[list[Standing], list[MoveError]]:
        return standings, []

    monkeypatch.setattr(nodes, "read_answering", read_answering)
    file, log = tmp_path / "accounts.map", tmp_path / "log"
    router = Router([first, second], file, f"sh -c 'echo >>{log}'")

    async def reloads() -> int:
        await router.route()
        return len(log.read_text())

    assert [await reloads(), await reloads()] == [1, 1]
    standings.append(Standing(second, UUID(int=1), True, None, None, {}))
    assert [await reloads(), await reloads()] == [2, 2]
    file.write_text("")  # by another mover, which was killed before it told the proxy
    assert [await reloads(), await reloads()] == [3, 3]
    standings.clear()
    file.write_text("")
    assert [await reloads(), await reloads()] == [4, 4]
    router = Router([first, second], file, f"sh -c 'echo >>{log}'")  # the one before it may have been killed
    assert await reloads() == 5


async def test_an_old_worker_of_the_proxy_ends_though_it_has_a_websocket(place: Place, new_account: NewAccount) -> None:
    text = CONFIGURATION.read_text(encoding="utf-8")
    assert "worker_shutdown_timeout 120s;" in text
    key = await new_key(await new_account())
    with fast_proxy(place, text.replace("worker_shutdown_timeout 120s;", "worker_shutdown_timeout 1s;")) as proxy:
        async with place.session.ws_connect(
            f"{proxy.url}/graphql", protocols=[PROTOCOL], headers={"Authorization": f"Bearer {key}"}
        ) as socket:
            await socket.send_json({"type": "connection_init"})
            assert await socket.receive_json() == {"type": "connection_ack"}
            await asyncio.to_thread(subprocess.run, shlex.split(proxy.reload), check=True, capture_output=True)
            message = await socket.receive(timeout=15)
            assert message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSE)


@contextmanager
def fast_proxy(place: Place, text: str) -> Iterator[Proxy]:
    file = place.nodes_file.with_name("nginx.conf")
    file.write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bench.proxy.CONFIGURATION", file)
        with run_nginx_before_nodes(place.urls[0].removeprefix("http://"), {}) as proxy:
            yield proxy


async def test_the_map_and_the_list_of_nodes_come_from_the_databases(place: Place, new_account: NewAccount) -> None:
    account = await new_account()
    assert (await place.move(account, "--to", "dos")).code == 0
    shown = await invoke_in_thread("nodes", "map", NODES_FILE=str(place.nodes_file))
    assert shown.out == place.proxy.map.read_text()
    assert f"{name_account(account)} dos;" in shown.out.splitlines()
    listed = (await invoke_in_thread("nodes", "list", NODES_FILE=str(place.nodes_file))).out.splitlines()
    assert [line.split()[0::3] for line in listed] == [["uno", "istmo"], ["dos", "dos"]]
    assert int(listed[1].split()[1]) == len(shown.out.splitlines())


def test_the_map_has_only_accounts_that_are_not_on_the_first_node() -> None:
    first, second = Node("uno", "", "istmo"), Node("dos", "", "10.0.0.2:8000")
    here, away = UUID(int=0), UUID(int=2**128 - 1)
    assert write_map({here: first, away: second}, first) == "_____________________w 10.0.0.2:8000;\n"


async def test_credentials_of_another_key_keep_the_account_where_it_is(place: Place, electronic: Api) -> None:
    done = await place.move(electronic.account_id, "--to", "dos")
    assert done.code == 1
    assert "must have the same PAC_SECRETS_KEY" in done.err
    with tenant.acting_for(electronic.account_id):
        secrets = Cipher(CIPHER).encrypt({"user": "a", "password": "b"})
        await models.PacSetting.filter(account_id=electronic.account_id).update(secrets=secrets)
    assert (await place.move(electronic.account_id, "--to", "dos")).code == 0


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (("--to", "tres"), "There is no node tres: uno, dos."),
        (("--to", "uno"), "The account is on uno."),
        (("--cancel",), "The account doesn't move."),
        (("--confirm",), "The account doesn't move."),
        ((), "Give --to NODE, --confirm or --cancel."),
        (("--to", "dos", "--cancel"), "Give --to NODE, --confirm or --cancel."),
    ],
)
async def test_what_is_not_possible_is_said(
    place: Place, new_account: NewAccount, arguments: tuple[str, ...], fault: str
) -> None:
    done = await place.move(await new_account(), *arguments)
    assert done.code != 0
    assert done.err.splitlines()[-1] == f"Error: {fault}"


async def test_an_account_that_moves_from_two_nodes_is_left_alone(
    place: Place, new_account: NewAccount, database_url: str, other_url: str
) -> None:
    account = await new_account()
    both = [Node("uno", database_url, ""), Node("dos", other_url, "")]
    for node in both:
        async with connect(node) as connection:
            await connection.execute("INSERT INTO account_move VALUES ($1, 'dos', 'SWITCHED')", account)
    done = await place.move(account, "--confirm")
    assert done.err == "Error: The account moves from more than one node: uno, dos.\n"
    for node in both:
        async with connect(node) as connection:
            await connection.execute("DELETE FROM account_move WHERE owner_id = $1", account)


async def test_an_account_that_is_nowhere_is_not_moved(place: Place) -> None:
    done = await place.move(uuid4(), "--to", "dos")
    assert done.err == "Error: The account must be on one node; it is on no node.\n"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (None, "NODES_FILE: Must name the file with the nodes"),
        ("node", "NODES_FILE: Expected '='"),
        ("", "NODES_FILE: node: Field required"),
        ('[[node]]\nname = "A b"\ndatabase = "x"\naddress = "a;b"', "NODES_FILE: node.0.name: "),
        (
            2 * '[[node]]\nname = "a"\ndatabase = "postgresql://x/y"\naddress = "a"\n',
            "NODES_FILE: Two nodes have the same name",
        ),
        (
            '[[node]]\nname = "a"\ndatabase = "postgresql://127.0.0.1:1/y"\naddress = "a"\n',
            "Error: The database of node a can't be",
        ),
    ],
)
async def test_a_file_of_nodes_that_can_not_be_used_is_refused(tmp_path: Path, text: str | None, fault: str) -> None:
    file = tmp_path / "nodes.toml"
    if text is not None:
        file.write_text(text)
    done = await invoke_in_thread("nodes", "list", NODES_FILE="" if text is None else str(file))
    assert done.code == 1
    assert fault in done.err
