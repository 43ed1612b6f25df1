"""Limits of requests per account, and of wrong keys per address."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from secrets import token_urlsafe
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest
from asyncpg import PostgresConnectionError
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext

from db import tenant
from resolvers import accounts, api_keys
from rules.vocabulary import Scope
from service.app import create_app
from service.settings import Settings
from tests.service.test_commands import started
from tests.service.test_server import Site, serving, soon
from transport import rate_limit as quotas
from transport.rate_limit import AccountQuota, Standing, Window, WrongKeys
from transport.websocket import PROTOCOL

QUOTA = 5
MARK = "AA"
WRONG = f"istmo_wrong{MARK}-"  # a key with this mark
NAME = {"query": "{ __typename }"}


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 600.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(quotas, "time", made)
    return made


# Counting


def test_a_client_has_its_quota_in_each_minute(clock: Clock) -> None:
    window = Window[str](2)
    assert window.take("a") == Standing(True, 1, 60)
    clock.now += 20.5
    assert window.take("a") == Standing(True, 0, 40)
    assert window.take("a") == Standing(False, 0, 40)
    assert window.take("b") == Standing(True, 1, 40)
    clock.now += 39.4
    assert window.take("a") == Standing(False, 0, 1)
    clock.now += 0.1
    assert window.take("a") == Standing(True, 1, 60)


def test_a_clock_that_is_set_back_begins_a_window(clock: Clock) -> None:
    window = Window[str](1)
    window.take("a")
    clock.now -= 3600
    assert window.take("a") == Standing(True, 0, 60)


def test_old_counts_are_not_kept(clock: Clock) -> None:
    window = Window[int](1)
    for client in range(1000):
        window.take(client)
    clock.now += 60
    window.take(0)
    assert len(window.counts) == 1


async def test_processes_count_together(service: TortoiseContext, clock: Clock) -> None:
    clock.now = 6e9
    one, other, third = AccountQuota(10), AccountQuota(10), AccountQuota(10)
    key, another = uuid4(), uuid4()
    for quota, requests in ((one, 4), (other, 3)):
        for _ in range(requests):
            assert quota.take(key).granted
    one.take(another)
    await one.share_counts()
    await other.share_counts()
    assert other.take(key).left == 2  # 4 + 3 + 1
    assert one.take(key).left == 5  # it shared before the other did
    await one.share_counts()
    assert one.take(key).left == 1  # 5 + 3 + 1
    await other.share_counts()
    await one.share_counts()
    assert [one.take(key).left, one.take(key).granted] == [0, False]
    assert third.take(another).left == 9  # it has nothing to share, so it read nothing
    await third.share_counts()
    assert third.take(another).left == 7


async def test_sharing_twice_counts_once(service: TortoiseContext, clock: Clock) -> None:
    clock.now = 6e9 + 60
    one, other = AccountQuota(10), AccountQuota(10)
    key = uuid4()
    one.take(key)
    await one.share_counts()
    one.counts[key].shared = 0  # as when the answer was lost
    await one.share_counts()
    other.take(key)
    await other.share_counts()
    assert other.take(key).left == 7


async def stored_counts(key: UUID) -> list[int]:
    """What stands in the database."""
    query = "SELECT requests FROM request_count WHERE owner_id = $1"
    _, rows = await get_connection("default").execute_query(query, [key])
    return [row["requests"] for row in rows]


async def test_a_request_during_the_exchange_is_counted(
    service: TortoiseContext, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.now = 6e9 + 120
    quota, key = AccountQuota(10), uuid4()
    quota.take(key)
    sharing = asyncio.create_task(quota.share_counts())
    await asyncio.sleep(0)
    quota.take(key)
    await sharing
    assert quota.counts[key].shared == 1
    await quota.share_counts()
    _, rows = await get_connection("default").execute_query(
        "SELECT requests FROM request_count WHERE owner_id = $1", [key]
    )
    assert [row["requests"] for row in rows] == [2]


async def test_rows_of_past_minutes_are_swept(service: TortoiseContext, clock: Clock) -> None:
    clock.now = 5e9
    quota, key = AccountQuota(10), uuid4()
    for minute in (1, 2, 3):
        for _ in range(minute):
            quota.take(key)
        await quota.share_counts()
        clock.now += 60
    assert await stored_counts(key) == [3]


async def test_without_the_database_each_process_counts_for_itself(
    service: TortoiseContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = 0
    tried = asyncio.Event()

    async def away(self: Any, *_: Any) -> Any:
        nonlocal tries
        tries += 1
        if tries == 3:
            tried.set()
        raise PostgresConnectionError if tries == 1 else RuntimeError("a surprise")

    monkeypatch.setattr(quotas, "_SHARE_EVERY", 0.001)
    quota, key = AccountQuota(2), uuid4()
    with monkeypatch.context() as patch:
        patch.setattr("db.asyncpg_engine.Client.execute_query", away)
        quota.take(key)
        sharing = asyncio.create_task(quota.keep_sharing())
        await tried.wait()
        assert [quota.take(key).granted for _ in range(2)] == [True, False]

    async def has_shared() -> bool:
        return quota.counts[key].shared == 2

    assert await soon(has_shared)  # it goes on by itself
    sharing.cancel()
    await asyncio.gather(sharing, return_exceptions=True)


def test_counting_costs_next_to_nothing() -> None:
    quota, keys = AccountQuota(1_000_000), [uuid4() for _ in range(100)]
    began = time.process_time()
    for key in keys * 1000:
        quota.take(key)
    assert (time.process_time() - began) / 100_000 < 20e-6


def test_wrong_keys_are_counted_by_address(clock: Clock) -> None:
    wrong = WrongKeys()
    for _ in range(quotas.MOST_WRONG_KEYS):
        assert wrong.seconds_to_wait("192.0.2.1", WRONG) == 0
        wrong.count("192.0.2.1", WRONG)
    assert (wrong.seconds_to_wait("192.0.2.1", WRONG), wrong.seconds_to_wait("192.0.2.2", WRONG)) == (60, 0)
    clock.now += 59.5
    assert wrong.seconds_to_wait("192.0.2.1", WRONG) == 1
    clock.now += 1
    assert wrong.seconds_to_wait("192.0.2.1", WRONG) == 0


def test_too_many_wrong_keys_say_nothing_about_one_with_another_mark(clock: Clock) -> None:
    wrong = WrongKeys()
    for _ in range(quotas.MOST_WRONG_KEYS):
        wrong.count("192.0.2.1", WRONG)
    assert wrong.seconds_to_wait("192.0.2.1", "istmo_otherAA-") == 60
    assert wrong.seconds_to_wait("192.0.2.1", "istmo_otherAB-") == 0
    wrong.count("192.0.2.1", "istmo_otherAB-")
    assert wrong.seconds_to_wait("192.0.2.1", "istmo_ABAB-") == 60
    clock.now += 60
    wrong.count("192.0.2.1", WRONG)  # in the next minute all may be tried again
    for _ in range(quotas.MOST_WRONG_KEYS):
        wrong.count("192.0.2.1", WRONG)
    assert wrong.seconds_to_wait("192.0.2.1", "istmo_ABAB-") == 0


def test_addresses_of_one_network_of_ipv6_count_as_one() -> None:
    wrong = WrongKeys()
    for number in range(quotas.MOST_WRONG_KEYS):
        wrong.count(f"2001:db8:0:1::{number:x}", WRONG)
    assert wrong.seconds_to_wait("2001:db8:0:1:ffff::1", WRONG) > 0
    assert wrong.seconds_to_wait("2001:db8:0:2::1", WRONG) == 0
    assert wrong.seconds_to_wait("fe80::1%eth0", WRONG) == wrong.seconds_to_wait("unknown", WRONG) == 0


def test_addresses_without_number_take_no_memory_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotas, "_MOST_ADDRESSES", 100)
    wrong = WrongKeys()
    for number in range(1000):
        wrong.count(f"192.0.{number // 256}.{number % 256}", WRONG)
    assert len(wrong.counts) <= 100
    for number in range(1000):
        wrong.count("192.0.2.1", f"istmo_{number:03}")
    assert len(wrong._marks) <= 101


# Over HTTP


@asynccontextmanager
async def site_with(url: str, key: str, **chosen: Any) -> AsyncIterator[Site]:
    """A server with these settings, and a client of it."""
    settings = Settings(worker=False, registry_providers="none", **chosen)
    app = create_app(settings, url)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(30)) as session:
        with serving(app, settings) as address:
            yield Site(address, app, session, key)


@pytest.fixture
async def key(new_account: Callable[..., Awaitable[UUID]]) -> str:
    with tenant.acting_for(await new_account()):
        return (await accounts.create_key("Clave", Scope.ADMIN, None))[1]


async def account_of(site: Site) -> UUID:
    """The account of the site's key."""
    identity = await api_keys.KeyCache().identify(site.key)
    assert identity is not None
    return identity.account_id


@pytest.fixture
async def narrow(database_url: str, key: str) -> AsyncIterator[Site]:
    """A server where an account has five requests a minute, at the beginning of one."""
    if time.time() % 60 > 50:
        await asyncio.sleep(60 - time.time() % 60)
    async with site_with(database_url, key, rate_limit=QUOTA) as site:
        yield site


def limits(headers: Mapping[str, str]) -> tuple[str, int, int]:
    """The policy, what is left and the seconds until it is whole again."""
    form = re.fullmatch(r'"account";r=([0-9]+);t=([0-9]+)', headers["RateLimit"])
    assert form
    return headers["RateLimit-Policy"], int(form[1]), int(form[2])


async def test_every_response_says_what_is_left_to_the_account(narrow: Site) -> None:
    replies = [
        await narrow.post("{ __typename }"),
        await narrow.post("{ nothing }"),
        await narrow.request("POST", data=b"{", headers={"Content-Type": "application/json"}),
        await narrow.request("GET", "/invoices/x.pdf"),
        await narrow.request("POST", data=b"x"),
    ]
    assert [reply.status for reply in replies] == [200, 200, 400, 404, 415]
    assert [limits(reply.headers)[:2] for reply in replies] == [
        ('"account";q=5;w=60', left) for left in (4, 3, 2, 1, 0)
    ]
    assert all(0 < limits(reply.headers)[2] <= 60 for reply in replies)
    assert "RateLimit" not in (await narrow.get("/healthz")).headers


async def test_an_account_that_asks_too_often_is_told_when_to_go_on_with_each_of_its_keys(
    narrow: Site, new_account: Any
) -> None:
    for _ in range(QUOTA):
        assert (await narrow.post("{ __typename }")).status == 200
    for path in ("/graphql", "/invoices/x.pdf"):
        reply = await narrow.request("GET", path, params={"query": "{ __typename }"})
        assert (reply.status, reply.codes, limits(reply.headers)[1]) == (429, ["RATE_LIMITED"], 0)
        assert 0 < int(reply.headers["Retry-After"]) <= 60
    with tenant.acting_for(await account_of(narrow)):
        _, another = await accounts.create_key("Clave", Scope.READ, None)
    assert (await narrow.post("{ __typename }", key=another)).status == 429
    with tenant.acting_for(await new_account()):
        _, other = await accounts.create_key("Clave", Scope.READ, None)
    assert (await narrow.post("{ __typename }", key=other)).status == 200


async def test_operations_over_a_websocket_count_too(narrow: Site) -> None:
    init = {"type": "connection_init", "payload": {"Authorization": f"Bearer {narrow.key}"}}
    url = narrow.url + "/graphql"
    async with narrow.session.ws_connect(url, protocols=[PROTOCOL]) as socket:
        await socket.send_json(init)
        assert await socket.receive_json() == {"type": "connection_ack"}
        for number in range(QUOTA - 1):
            await socket.send_json({"type": "subscribe", "id": str(number), "payload": NAME})
            assert [(await socket.receive_json())["type"] for _ in range(2)] == ["next", "complete"]
        await socket.send_json({"type": "subscribe", "id": "x", "payload": NAME})
        refused = await socket.receive_json()
        assert (refused["type"], refused["id"]) == ("error", "x")
        assert [error["extensions"]["code"] for error in refused["payload"]] == ["RATE_LIMITED"]
    async with narrow.session.ws_connect(url, protocols=[PROTOCOL]) as socket:
        await socket.send_json(init)
        assert (await socket.receive()).data == 1013
    assert (await narrow.post("{ __typename }")).status == 429


async def test_servers_of_one_database_count_together(narrow: Site, database_url: str) -> None:
    with started(DATABASE_URL=database_url, RATE_LIMIT=str(QUOTA), WORKER="false") as running:
        second = Site(running.url, None, narrow.session, narrow.key)
        if time.time() % 60 > 50:  # the minute must be long enough
            await asyncio.sleep(60 - time.time() % 60)
        for _ in range(QUOTA - 1):
            assert (await narrow.post("{ __typename }")).status == 200
        await asyncio.sleep(1.5)
        assert (await second.post("{ __typename }")).status == 200  # its own first one, with which it asks the others
        await asyncio.sleep(1.5)
        assert (await second.post("{ __typename }")).status == 429


async def test_there_may_be_no_limit(database_url: str, key: str) -> None:
    async with site_with(database_url, key, rate_limit=0) as site:
        assert "RateLimit" not in (await site.post("{ __typename }")).headers


def guess() -> str:
    return f"istmo_{token_urlsafe(31)}{MARK}-"


async def new_secret(new_account: Any) -> str:
    with tenant.acting_for(await new_account()):
        return (await accounts.create_key("Clave", Scope.ADMIN, None))[1]


async def test_an_address_that_guesses_keys_is_refused_before_they_are_looked_up(
    database_url: str, key: str, new_account: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up = 0
    identify = api_keys.KeyCache.identify

    async def counted(cache: Any, secret: str) -> Any:
        nonlocal looked_up
        looked_up += 1
        return await identify(cache, secret)

    monkeypatch.setattr(api_keys.KeyCache, "identify", counted)
    async with site_with(database_url, key) as site:
        assert (await site.post("{ __typename }")).status == 200
        statuses = [(await site.post("{ __typename }", key=guess())).status for _ in range(300)]
        assert (statuses.count(401), statuses.count(429)) in ((100, 200), (200, 100))  # a minute may begin meanwhile
        assert looked_up <= 201
        last = await site.post("{ __typename }", key=guess())
        assert (last.status, last.codes) == (429, ["RATE_LIMITED"])
        assert int(last.headers["Retry-After"]) > 0
        sign_in = await site.request("POST", "/session", json={"key": guess()})
        assert (sign_in.status, sign_in.codes) == (429, ["RATE_LIMITED"])
        async with site.session.ws_connect(site.url + "/graphql", protocols=[PROTOCOL]) as socket:
            payload = {"Authorization": f"Bearer {guess()}"}
            await socket.send_json({"type": "connection_init", "payload": payload})
            assert (await socket.receive()).data == 1013
        assert (await site.post("{ __typename }")).status == 200  # a known key at the same address
        while (secret := await new_secret(new_account))[-2] == MARK[-1]:  # one character is compared
            pass
        assert (await site.post("{ __typename }", key=secret)).status == 200  # a valid one that was never seen here


async def test_requests_without_a_key_are_no_guesses(database_url: str, key: str) -> None:
    async with site_with(database_url, key) as site:
        for _ in range(150):
            assert (await site.get("/graphql?query={__typename}")).status == 401
        assert (await site.post("{ __typename }")).status == 200
