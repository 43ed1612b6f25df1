"""`server.py serve --processes 2`: whichever process a connection leads to, the answers are the same."""

import asyncio
import os
import re
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import UUID

import aiohttp
import pytest

from db import tenant
from resolvers import accounts
from rules.vocabulary import Scope
from tests.builders import foreigner
from tests.db.test_embedded import is_gone
from tests.service.test_commands import Started, ask, started
from tests.service.test_supervisor import processes_of, until

NAMES = {"server-1", "server-2"}
CONNECTIONS = 16  # that all of them lead to one process happens once in 32,768 times
PROTOCOL = "graphql-transport-ws"


@pytest.fixture(scope="module")
def server(database_url: str) -> Iterator[Started]:
    """Two processes without a worker: what happens is their doing."""
    with started(DATABASE_URL=database_url, PROCESSES="2", WORKER="false", RATE_LIMIT="200") as server:
        yield server


@pytest.fixture(autouse=True)
async def _all_run(server: Started) -> None:
    await until(lambda: processes_of(server.process.pid).keys() == NAMES)


@pytest.fixture
async def account(service: Any, new_account: Any) -> UUID:
    id: UUID = await new_account()
    return id


async def new_key(account: UUID, scope: Scope = Scope.ADMIN) -> tuple[str, str]:
    with tenant.acting_for(account):
        key, secret = await accounts.create_key("Clave", scope, None)
    return str(key.id), secret


class Connection:
    """One connection, and so one process."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = url

    async def ask(self, key: str, query: str, **variables: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {key}"}
        body = {"query": query, "variables": variables}
        async with self.session.post(f"{self.url}/graphql", json=body, headers=headers) as response:
            return response.status, await response.json()


@asynccontextmanager
async def connections(server: Started) -> AsyncIterator[list[Connection]]:
    async with AsyncExitStack() as stack:
        found = []
        for _ in range(CONNECTIONS):
            session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1))
            found.append(Connection(await stack.enter_async_context(session), server.url))
        yield found


async def test_both_processes_answer(server: Started, account: UUID) -> None:
    _, key = await new_key(account)
    before = {name: threads_time(pid) for name, pid in processes_of(server.process.pid).items()}
    async with connections(server) as all_of_them:
        for _ in range(10):
            for each in all_of_them:
                assert (await each.ask(key, "{ viewer { account { name } } }"))[0] == 200
    after = {name: threads_time(pid) for name, pid in processes_of(server.process.pid).items()}
    assert all(after[name] > before[name] for name in NAMES)


def threads_time(pid: int) -> int:
    """Nanoseconds of processor time."""
    with open(f"/proc/{pid}/schedstat") as file:
        return int(file.read().split()[0])


async def test_a_revoked_key_is_refused_by_all_at_once(server: Started, account: UUID) -> None:
    _, admin = await new_key(account)
    id, key = await new_key(account)
    async with connections(server) as all_of_them:
        for each in all_of_them:
            assert (await each.ask(key, "{ __typename }"))[0] == 200
        mutation = "mutation ($id: ID!) { revokeApiKey(id: $id) { userErrors { code } } }"
        assert (await all_of_them[0].ask(admin, mutation, id=id))[0] == 200
        await asyncio.sleep(0.5)  # without the notification it works for five seconds
        assert {(await each.ask(key, "{ __typename }"))[0] for each in all_of_them} == {401}


async def test_all_requests_of_an_account_count_together(server: Started, account: UUID) -> None:
    _, key = await new_key(account)
    if time.time() % 60 > 45:  # the minute must be long enough
        await asyncio.sleep(60 - time.time() % 60)
    statuses = []
    async with connections(server) as all_of_them:
        for number in range(20):
            statuses += [(await each.ask(key, "{ __typename }"))[0] for each in all_of_them]
            await asyncio.sleep(0.2 if number > 5 else 0.0)  # they exchange their counts once a second
    granted = statuses.count(200)
    assert granted + statuses.count(429) == len(statuses)
    assert 200 <= granted < 300


SUBSCRIPTION = "subscription { customerChanged { event { type } } }"


async def test_subscriptions_of_both_hear_of_a_change_at_once_and_without_a_worker(
    server: Started, account: UUID
) -> None:
    _, key = await new_key(account)
    async with AsyncExitStack() as stack:
        sockets = []
        for _ in range(CONNECTIONS):
            session = await stack.enter_async_context(aiohttp.ClientSession())
            socket = await stack.enter_async_context(session.ws_connect(f"{server.url}/graphql", protocols=[PROTOCOL]))
            await socket.send_json({"type": "connection_init", "payload": {"Authorization": f"Bearer {key}"}})
            assert (await socket.receive_json())["type"] == "connection_ack"
            await socket.send_json({"id": "1", "type": "subscribe", "payload": {"query": SUBSCRIPTION}})
            sockets.append(socket)
        await asyncio.sleep(0.5)
        mutation = "mutation ($i: CustomerInput!) { createCustomer(input: $i) { userErrors { code } customer { id } } }"
        begin = time.monotonic()
        status, answer = await ask(server, key, mutation, i=foreigner())
        assert (status, answer["data"]["createCustomer"]["userErrors"]) == (200, [])
        async with asyncio.timeout(5):
            heard = [await socket.receive_json() for socket in sockets]
        assert {event["payload"]["data"]["customerChanged"]["event"]["type"] for event in heard} == {"CUSTOMER_CREATED"}
        assert time.monotonic() - begin < 3


async def test_one_that_was_killed_comes_back_and_no_client_is_refused(server: Started, account: UUID) -> None:
    _, key = await new_key(account)
    pid = processes_of(server.process.pid)["server-1"]
    os.kill(pid, signal.SIGKILL)
    await until(lambda: is_gone(pid))
    async with connections(server) as all_of_them:  # those of the dead process wait for the next one
        answers = await asyncio.gather(*[each.ask(key, "{ __typename }") for each in all_of_them])
    assert {status for status, _ in answers} == {200}
    assert processes_of(server.process.pid)["server-1"] != pid


async def test_the_metrics_are_those_of_all_processes(server: Started, account: UUID) -> None:
    _, key = await new_key(account)

    async def counted(each: Connection) -> float:
        async with each.session.get(f"{server.url}/metrics") as response:
            text = await response.text()
        assert "istmo_websockets 0.0" in text
        (value,) = re.findall(r'^istmo_http_requests_total\{route="/graphql",status="200"\} (.*)$', text, re.M)
        return float(value)

    async with connections(server) as all_of_them:
        await all_of_them[0].ask(key, "{ __typename }")
        before = await counted(all_of_them[0])
        for each in all_of_them:
            await each.ask(key, "{ __typename }")
        assert {await counted(each) for each in all_of_them} == {before + CONNECTIONS}


async def test_all_end_in_order(database_url: str) -> None:
    with started(DATABASE_URL=database_url, PROCESSES="3") as server:
        await until(lambda: len(processes_of(server.process.pid)) == 4)
        pids = list(processes_of(server.process.pid).values())
        assert await asyncio.to_thread(server.stop) in (0, -signal.SIGTERM)
        assert all(map(is_gone, pids))
        assert '"level": "critical"' not in server.log.read_text()


async def test_a_port_that_others_share_is_taken_all_the_same(server: Started, database_url: str) -> None:
    port = server.url.rpartition(":")[2]
    with (
        pytest.raises(AssertionError, match="Can't listen"),
        started(DATABASE_URL=database_url, PROCESSES="2", PORT=port),
    ):
        pass
