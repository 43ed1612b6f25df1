"""Reading from a standby: a real one, which streams from its primary."""

import asyncio
import shutil
import signal
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg
import click
import pytest
from graphql import ExecutionResult, GraphQLError, OperationType
from hypothesis import given
from hypothesis import strategies as st
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext

from bench.processes import prepared
from bench.replication import Server, servers
from db import config, tenant
from db.background import in_background
from db.connecting import addresses_of
from db.standby import LONGEST_LAG, Position, Standby
from service.app import create_app
from service.settings import Settings, standby_credentials, tortoise_config
from tests.conftest import skip_or_fail
from tests.service.test_server import Reply, Site, serving, session, soon
from transport.metrics import READS
from transport.reads import COOKIE, HEADER, UNKNOWN, ClientPosition, Reads

__all__ = ["session"]  # fixture

RENAME = "mutation ($name: String!) { updateAccount(input: {name: $name}) { account { name } userErrors { code } } }"
NAME = "{ viewer { account { name } } }"
PATIENCE = 2.0  # seconds for the standby
WITHOUT_DURABILITY = {"fsync": "off"}
# What the primary removes is removed at once, whoever reads it.
OF_STANDBY = {**WITHOUT_DURABILITY, "max_standby_streaming_delay": "0"}


@dataclass
class Pair:
    primary: Server
    standby: Server
    account: UUID
    key: str

    async def on_primary(self, sql: str) -> Any:
        return await _fetch(self.primary, sql)

    async def on_standby(self, sql: str) -> Any:
        return await _fetch(self.standby, sql)

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """The standby replays nothing within this block."""
        await self.on_standby("SELECT pg_wal_replay_pause()")
        assert await soon(self._is_paused)
        try:
            yield
        finally:
            await self.on_standby("SELECT pg_wal_replay_resume()")

    async def _is_paused(self) -> bool:
        return bool(await self.on_standby("SELECT pg_get_wal_replay_pause_state() = 'paused'"))

    def renew_standby(self) -> None:
        self.standby.stop()
        shutil.rmtree(self.standby.data, ignore_errors=True)
        self.standby.copy(self.primary)
        self.standby.start(**OF_STANDBY)


async def _fetch(server: Server, sql: str) -> Any:
    connection = await asyncpg.connect(server.url())
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    try:
        with servers("primary", "standby") as (primary, standby):
            primary.create(durable=False)
            primary.start(**WITHOUT_DURABILITY)
            [(account, key)] = asyncio.run(prepared(primary.url()))
            pair = Pair(primary, standby, account, key)
            pair.renew_standby()
            yield pair
    except FileNotFoundError as missing:
        skip_or_fail(str(missing))


@asynccontextmanager
async def site_of(pair: Pair, session: aiohttp.ClientSession, **given: Any) -> AsyncIterator[Site]:
    given = {"read_database_url": pair.standby.url(), "operation_timeout": 2 * PATIENCE, **given}
    settings = Settings(database_pool_size=3, database_mode="single", graceful_timeout=1, worker=False, **given)
    app = create_app(settings, pair.primary.url())
    with serving(app, settings) as url:
        yield Site(url, app, session, pair.key)


@pytest.fixture(scope="module")
async def site(pair: Pair, session: aiohttp.ClientSession) -> AsyncIterator[Site]:
    async with site_of(pair, session) as site:
        yield site


async def rename(site: Site, name: str) -> str:
    """Change the account, and return the position that the response tells."""
    reply = await site.post(RENAME, name=name)
    assert reply.data["updateAccount"]["userErrors"] == []
    return reply.headers[HEADER]


def outcomes() -> Counter[str]:
    samples = [sample for metric in READS.collect() for sample in metric.samples]
    return Counter({each.labels["outcome"]: int(each.value) for each in samples if each.name == "istmo_reads_total"})


async def read(site: Site, position: str | None = None, **headers: str) -> tuple[str, str, Reply]:
    """The account's name, and who answered and why."""
    before = outcomes()
    reply = await site.post(NAME, headers={**headers, **({HEADER: position} if position else {})})
    [outcome] = [name for name, count in outcomes().items() if count > before[name]]
    return reply.data["viewer"]["account"]["name"], outcome, reply


def is_read_from(site: Site, position: str) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return (await read(site, position))[1] == "standby"

    return look


async def test_what_a_client_changed_is_read_at_once_and_then_from_the_standby(site: Site) -> None:
    for number in range(20):
        position = await rename(site, f"Cuenta {number}")
        assert (await read(site, position))[0] == f"Cuenta {number}"
        assert await soon(is_read_from(site, position))
        assert (await read(site, position))[0] == f"Cuenta {number}"


async def test_a_standby_that_has_not_replayed_a_change_is_not_asked_for_it(site: Site, pair: Pair) -> None:
    before = await rename(site, "Antes")
    assert await soon(is_read_from(site, before))
    async with pair.paused():
        after = await rename(site, "Después")
        assert (await read(site, after))[:2] == ("Después", "behind")
        assert (await read(site, before))[:2] == ("Antes", "standby")
    assert await soon(is_read_from(site, after))
    assert (await read(site, before))[0] == "Después"


async def test_a_standby_that_is_far_behind_is_not_read_from(site: Site, pair: Pair) -> None:
    before = await rename(site, "Antes")
    assert await soon(is_read_from(site, before))
    async with pair.paused():
        await rename(site, "Después")
        await asyncio.sleep(LONGEST_LAG + 1)
        assert (await read(site, before))[:2] == ("Después", "behind")
    assert await soon(is_read_from(site, before))


async def test_an_idle_primary_does_not_make_the_standby_old(site: Site) -> None:
    position = await rename(site, "Quieta")
    await asyncio.sleep(LONGEST_LAG + 1)
    assert (await read(site, position))[:2] == ("Quieta", "standby")


async def test_a_client_without_a_position_reads_from_the_primary(site: Site) -> None:
    await rename(site, "Ahora")
    name, outcome, reply = await read(site)
    assert (name, outcome) == ("Ahora", "no_position")
    assert HEADER not in reply.headers


@pytest.mark.parametrize("position", [UNKNOWN, "", "0/16B3748", "-1.5", "1.5e3", "٣.٤", "9" * 99, "1.2", "1.2.3.4"])
async def test_a_client_whose_position_is_none_reads_from_the_primary_and_is_told_one(
    site: Site, position: str
) -> None:
    await rename(site, "Ahora")
    before = outcomes()
    reply = await site.post(NAME, headers={"Cookie": f"{COOKIE}={position}"})
    assert reply.data["viewer"]["account"]["name"] == "Ahora"
    assert outcomes()["no_position"] > before["no_position"]
    assert await soon(is_read_from(site, reply.headers[HEADER]))


async def test_a_position_of_another_log_is_never_reached(site: Site) -> None:
    position = await rename(site, "Aquí")
    assert await soon(is_read_from(site, position))
    known = Position.parse(position)
    assert known is not None
    for other in ({"system": known.system + 1}, {"timeline": known.timeline + 1}, {"written": 10**20 - 1}):
        name, outcome, reply = await read(site, str(known._replace(**other)))
        assert (name, outcome) == ("Aquí", "behind")
        assert (HEADER in reply.headers) == ("written" not in other)  # the log's own position, where it is another log


async def test_the_cookie_is_as_good_as_the_header_which_comes_first(site: Site) -> None:
    position = await rename(site, "Galleta")
    assert await soon(is_read_from(site, position))
    assert (await read(site, Cookie=f"{COOKIE}={position}"))[1] == "standby"
    assert (await read(site, UNKNOWN, Cookie=f"{COOKIE}={position}"))[1] == "no_position"


async def test_a_session_without_a_position_is_told_one(site: Site, pair: Pair) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        async with browser.post(f"{site.url}/session", json={"key": pair.key}) as response:
            assert response.status == 204
        async with browser.post(f"{site.url}/graphql", json={"query": NAME}) as response:
            position = response.headers[HEADER]
        assert await soon(is_read_from(site, position))
        before = outcomes()
        cookies = {COOKIE: position}
        async with browser.post(f"{site.url}/graphql", json={"query": NAME}, cookies=cookies) as response:
            assert HEADER not in response.headers
        assert outcomes()["standby"] == before["standby"] + 1


async def test_exports_are_read_from_the_standby(site: Site) -> None:
    position = await rename(site, "Exporta")
    assert await soon(is_read_from(site, position))
    before = outcomes()
    reply = await site.request("GET", "/exports/customers.csv", headers={"Cookie": f"{COOKIE}={position}"})
    assert reply.status == 200
    assert outcomes()["standby"] == before["standby"] + 1


QUERIES = (
    "{ overview { today overdue currencies { currency } } }",
    '{ numberingAudit(billingPoint: "001") { documentType } }',
    "{ emissionStatus { provider environment } }",
    '{ customers(search: "hoteles istmo", first: 5) { totalCount edges { node { name } } } }',
    '{ customers(search: "ho", filter: {status: ACTIVE}) { edges { node { id invoices(first: 3) { totalCount } } } } }',
    "{ duplicateCandidates { edges { node { __typename } } } }",
    "{ lineSuggestions { description } }",
    "{ documents(first: 5) { totalCount edges { node { __typename } } } }",
    "{ events(first: 5) { edges { node { type } } } auditEvents(first: 5) { edges { node { action } } } }",
    "{ apiKeys { name } webhooks { url } imports(first: 2) { totalCount } viewer { account { name } } }",
    '{ provinces { name } locations(search: "bella", first: 2) { code } units(search: "kilo") { code } }',
)


@pytest.mark.parametrize("query", QUERIES)
async def test_lists_and_reports_are_answered_by_the_standby(site: Site, query: str) -> None:
    position = await rename(site, "Informa")
    assert await soon(is_read_from(site, position))
    before = outcomes()
    reply = await site.post(query, headers={HEADER: position})
    assert reply.data is not None
    assert outcomes()["standby"] == before["standby"] + 1


async def test_an_export_is_told_a_position_once(site: Site, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.exports._PAGE", 1)
    for name in ("Una", "Otra"):
        create = (
            f'mutation {{ createCustomer(input: {{receiverType: TAXPAYER, name: "{name}"}}) {{ customer {{ id }} }} }}'
        )
        await site.post(create)
    before = outcomes()
    reply = await site.request("GET", "/exports/customers.csv", headers={HEADER: UNKNOWN})
    assert Position.parse(reply.headers[HEADER]) is not None
    assert reply.body.count(b"\n") >= 3
    assert outcomes()["no_position"] == before["no_position"] + 1


async def test_a_refused_query_is_refused_by_the_standby_alone(site: Site) -> None:
    position = await rename(site, "Rechaza")
    assert await soon(is_read_from(site, position))
    before = outcomes()
    reply = await site.post('{ customers(first: 1, after: "x") { totalCount } }', headers={HEADER: position})
    assert reply.codes == ["BAD_USER_INPUT"]
    assert outcomes()["standby"] == before["standby"] + 1
    assert (await read(site, position))[1] == "standby"


async def test_a_killed_standby_costs_no_answer_and_is_read_from_when_it_is_back(site: Site, pair: Pair) -> None:
    position = await rename(site, "Muere")
    assert await soon(is_read_from(site, position))
    pair.standby.kill()
    answers = [await read(site, position) for _ in range(20)]
    assert {name for name, *_ in answers} == {"Muere"}
    assert "standby" not in {outcome for _, outcome, _ in answers[5:]}
    pair.standby.start(**OF_STANDBY)
    assert await soon(is_read_from(site, position))


async def test_a_silent_standby_delays_an_answer_for_a_limited_time_and_only_once(site: Site, pair: Pair) -> None:
    position = await rename(site, "Calla")
    assert await soon(is_read_from(site, position))
    pair.standby.send_signal(signal.SIGSTOP)
    try:
        begin = time.monotonic()
        assert (await read(site, position))[:2] == ("Calla", "failed")
        assert PATIENCE <= time.monotonic() - begin < 2 * PATIENCE
        begin = time.monotonic()
        assert (await read(site, position))[:2] == ("Calla", "behind")
        assert time.monotonic() - begin < PATIENCE
    finally:
        pair.standby.send_signal(signal.SIGCONT)
    assert await soon(is_read_from(site, position))


async def test_metrics_have_the_reads_and_how_old_the_standby_is(site: Site, pair: Pair) -> None:
    position = await rename(site, "Mide")
    assert await soon(is_read_from(site, position))
    text = (await site.get("/metrics")).body.decode()
    assert 'istmo_reads_total{outcome="standby"}' in text
    assert 0 <= lag_in(text) < 2
    pair.standby.kill()
    assert await soon(lambda: _lag_is_infinite(site))
    pair.standby.start(**OF_STANDBY)
    assert await soon(is_read_from(site, position))


def lag_in(text: str) -> float:
    [line] = [line for line in text.splitlines() if line.startswith("istmo_standby_lag_seconds ")]
    return float(line.split()[1])


async def _lag_is_infinite(site: Site) -> bool:
    return lag_in((await site.get("/metrics")).body.decode()) == float("inf")


async def test_a_repeated_change_is_not_acknowledged_before_a_synchronous_standby_has_it(
    site: Site, pair: Pair
) -> None:
    create = """mutation { createCustomer(input: {receiverType: TAXPAYER, name: "Sola"}, idempotencyKey: "sola") {
        customer { id } userErrors { code } } }"""
    await pair.on_primary("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
    await pair.on_primary("SELECT pg_reload_conf()")
    pair.standby.kill()
    try:
        assert [(await site.post(create)).codes for _ in range(2)] == [["TIMEOUT"]] * 2
        assert await pair.on_primary("SELECT count(*) FROM customer WHERE name = 'Sola'") == 1
        assert [(await site.post(create)).codes for _ in range(2)] == [["TIMEOUT"]] * 2
    finally:
        pair.standby.start(**OF_STANDBY)
        reply = await site.post(create)
        await pair.on_primary("ALTER SYSTEM RESET synchronous_standby_names")
        await pair.on_primary("SELECT pg_reload_conf()")
    assert reply.data["createCustomer"]["userErrors"] == []
    assert await pair.on_primary("SELECT count(*) FROM customer WHERE name = 'Sola'") == 1


async def test_a_change_is_answered_although_its_position_may_not_be_asked_for(site: Site, pair: Pair) -> None:
    function = "EXECUTE ON FUNCTION pg_control_system()"
    await pair.on_primary(f"REVOKE {function} FROM PUBLIC")
    try:
        assert await rename(site, "Sin permiso") == UNKNOWN
        assert (await read(site, UNKNOWN))[2].headers[HEADER] == UNKNOWN
    finally:
        await pair.on_primary(f"GRANT {function} TO PUBLIC")
    assert await soon(is_read_from(site, await rename(site, "Con permiso")))


async def test_changes_that_do_not_wait_for_the_disk_are_read_at_once(site: Site, pair: Pair) -> None:
    settings = {"synchronous_commit": "off", "wal_writer_delay": "2s"}
    for name, value in settings.items():
        pair.primary.set(name, value)
    try:
        for number in range(6):
            position = await rename(site, f"Sin esperar {number}")
            for _ in range(4):
                assert (await read(site, position))[0] == f"Sin esperar {number}"
                await asyncio.sleep(0.2)
    finally:
        for name in settings:
            await pair.on_primary(f"ALTER SYSTEM RESET {name}")
        await pair.on_primary("SELECT pg_reload_conf()")


async def test_a_promoted_standby_is_a_primary_and_is_not_read_from(site: Site, pair: Pair) -> None:
    position = await rename(site, "Antes")
    assert await soon(is_read_from(site, position))
    pair.standby.promote()
    assert await soon(lambda: _lag_is_infinite(site))
    await rename(site, "Después")
    assert (await read(site, position))[:2] == ("Después", "behind")
    pair.renew_standby()
    assert await soon(is_read_from(site, position))


async def test_a_first_server_that_is_silent_does_not_keep_from_the_one_that_takes_writes(pair: Pair) -> None:
    """As where the old primary's machine has lost its power, after a fail-over."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hosts = f"127.0.0.1:{silent.getsockname()[1]},{pair.standby.address},{pair.primary.address}"
        url = pair.primary.url().replace(pair.primary.address, hosts) + "?target_session_attrs=read-write"
        begin = time.monotonic()
        async with TortoiseContext() as context:
            await context.init(config=tortoise_config(Settings(database_acquire_timeout=4), url))
            _, rows = await get_connection("default").execute_query("SELECT pg_is_in_recovery()")
            assert not rows[0][0]
        assert time.monotonic() - begin < 4


@given(st.lists(st.from_regex(r"[a-z0-9.-]{1,9}(:[0-9]{1,4})?", fullmatch=True), min_size=1, max_size=4))
def test_each_server_of_an_address_is_asked_with_the_same_login_and_options(hosts: list[str]) -> None:
    url = f"postgresql://me:%2C@{','.join(hosts)}/istmo?target_session_attrs=read-write"
    assert addresses_of(url) == [f"postgresql://me:%2C@{host}/istmo?target_session_attrs=read-write" for host in hosts]


# Below the requests


@asynccontextmanager
async def reads_of(
    pair: Pair, url: str | None = None, primary_url: str | None = None
) -> AsyncIterator[tuple[Standby, Reads]]:
    settings = Settings(database_pool_size=2)
    async with TortoiseContext() as context:
        await context.init(config=tortoise_config(settings, primary_url or pair.primary.url()))
        standby = Standby(config.credentials(url or pair.standby.url(), role=config.SERVICE_ROLE))
        with tenant.acting_for(pair.account):
            async with in_background(standby.watch()):
                yield standby, Reads(standby, 30.0)


async def told(reads: Reads) -> ClientPosition:
    """A client with a position."""
    client = ClientPosition()
    await reads.tell_position(client, OperationType.MUTATION)
    return ClientPosition(client.told)


async def reached(standby: Standby, reads: Reads) -> ClientPosition:
    """A client with a position that the standby has reached."""

    async def look() -> bool:
        position = Position.parse((await told(reads)).brought or "")
        return position is not None and standby.has_reached(position)

    assert await soon(look)
    return await told_and_reached(standby, reads)


async def told_and_reached(standby: Standby, reads: Reads) -> ClientPosition:
    client = await told(reads)
    position = Position.parse(client.brought or "")
    assert position is not None

    async def look() -> bool:
        return standby.has_reached(position)

    assert await soon(look)
    return client


def executing(sql: str, done: list[Any]) -> Callable[[], Awaitable[ExecutionResult]]:
    async def execute() -> ExecutionResult:
        try:
            _, rows = await get_connection("default").execute_query(sql)
        except Exception as error:
            done.append(error)
            return ExecutionResult(None, [GraphQLError("", original_error=error)])
        done.append(rows[0][0])
        return ExecutionResult({"value": rows[0][0]}, None)

    return execute


@asynccontextmanager
async def all_connections_taken() -> AsyncIterator[None]:
    async with get_connection("default").acquire_connection(), get_connection("default").acquire_connection():
        yield


@asynccontextmanager
async def silent(server: Server) -> AsyncIterator[None]:
    server.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        server.send_signal(signal.SIGCONT)


@pytest.mark.parametrize("kind", ["a pool without a free connection", "a silent primary"])
async def test_a_response_waits_a_second_at_most_for_its_position(pair: Pair, kind: str) -> None:
    async with reads_of(pair) as (standby, reads):
        await reached(standby, reads)
        async with silent(pair.primary) if kind == "a silent primary" else all_connections_taken():
            begin = time.monotonic()
            assert (await told(reads)).brought == UNKNOWN
            assert time.monotonic() - begin < 2
        await reached(standby, reads)


async def test_what_the_primary_removes_under_a_query_is_read_again_from_the_primary(pair: Pair) -> None:
    await pair.on_primary("CREATE TABLE removed AS SELECT generate_series(1, 1000) AS n")
    await pair.on_primary("GRANT SELECT ON removed TO istmo_app")
    async with reads_of(pair) as (standby, reads):
        client, done = await reached(standby, reads), list[Any]()
        sql = "SELECT pg_is_in_recovery() FROM (SELECT pg_sleep(1)) s, (SELECT count(*) FROM removed) n"
        answering = asyncio.create_task(reads.answer(client, executing(sql, done)))
        await asyncio.sleep(0.3)
        await pair.on_primary("DELETE FROM removed")
        await pair.on_primary("VACUUM removed")
        result = await answering
        assert result.data == {"value": False}
        assert [type(done[0]), *done[1:]] == [asyncpg.SerializationError, False]
        position = Position.parse(client.brought or "")
        assert position is not None
        assert not standby.has_reached(position)  # for a moment
        assert await soon(lambda: _has_reached(standby, position))


async def _has_reached(standby: Standby, position: Position) -> bool:
    return standby.has_reached(position)


async def test_a_query_that_writes_is_executed_by_the_primary_and_the_standby_is_asked_for_the_next(
    pair: Pair,
) -> None:
    async with reads_of(pair) as (standby, reads):
        client, done = await reached(standby, reads), list[Any]()
        result = await reads.answer(client, executing("SELECT pg_notify('x', 'y')::text", done))
        assert result.errors is None
        assert [type(each) for each in done] == [asyncpg.ReadOnlySQLTransactionError, str]
        result = await reads.answer(client, executing("SELECT pg_is_in_recovery()", done))
        assert result.data == {"value": True}


async def test_a_standby_that_was_restarted_counts_as_far_only_as_it_says_itself(pair: Pair) -> None:
    """After a crash it may first show less than it did."""
    async with reads_of(pair) as (standby, reads):
        client = await reached(standby, reads)
        position = Position.parse(client.brought or "")
        assert position is not None
        pair.standby.kill()
        await asyncio.sleep(0.05)
        assert not standby.has_reached(position)
        pair.standby.start(**OF_STANDBY)
        assert await soon(lambda: _has_reached(standby, position))


@pytest.mark.parametrize("kind", ["the primary itself", "a standby of another primary"])
async def test_another_server_than_a_standby_of_the_primary_is_not_read_from(pair: Pair, kind: str) -> None:
    url, stack = pair.primary.url(), None
    if kind != "the primary itself":
        stack = servers("stranger", "copy")
    with stack or servers() as made:
        if made:
            stranger, copy = made
            stranger.create(durable=False)
            stranger.start(**WITHOUT_DURABILITY)
            await _fetch(stranger, "CREATE ROLE istmo_app")
            copy.copy(stranger)
            copy.start(**WITHOUT_DURABILITY)
            url = copy.url()
        async with reads_of(pair, url) as (standby, _):
            await asyncio.sleep(2)
            assert standby.lag == float("inf")


@pytest.fixture
def trio(pair: Pair) -> Iterator[tuple[Pair, Server]]:
    """The primary of a copy of ``pair``, the standby that is read from, and another one."""
    with servers("primary", "standby", "other") as (primary, standby, other):
        primary.copy(pair.primary)
        (primary.data / "standby.signal").unlink()
        primary.start(**WITHOUT_DURABILITY)
        for each in (standby, other):
            each.copy(primary)
            each.start(**WITHOUT_DURABILITY)
        yield Pair(primary, standby, pair.account, pair.key), other


def either_of(*each: Server) -> str:
    """The address of the one of them that takes writes."""
    addresses = ",".join(server.address for server in each)
    return each[0].url().replace(each[0].address, addresses) + "?target_session_attrs=read-write"


async def rename_on(server: Server, name: str) -> None:
    await _fetch(server, f"UPDATE account SET name = '{name}'")


async def read_by(reads: Reads, client: ClientPosition) -> tuple[str, bool]:
    """The account's name, and whether the standby answered."""
    sql = "SELECT ARRAY[name, pg_is_in_recovery()::text] FROM account"
    result = await reads.answer(client, executing(sql, []))
    assert result.data is not None
    name, by_standby = result.data["value"]
    return name, by_standby == "true"


async def told_when_possible(reads: Reads) -> ClientPosition:
    async def is_told() -> bool:
        return (await told(reads)).brought != UNKNOWN

    assert await soon(is_told)
    return await told(reads)


async def test_a_standby_that_does_not_follow_another_that_was_promoted_is_not_read_from(
    trio: tuple[Pair, Server],
) -> None:
    pair, other = trio
    async with reads_of(pair, primary_url=either_of(pair.primary, other)) as (standby, reads):
        other.stop()  # and lacks the end of the log
        await rename_on(pair.primary, "Antes")
        await pair.on_primary("SELECT pg_logical_emit_message(true, 'x', repeat('x', 5000000))")
        before = await reached(standby, reads)
        assert await read_by(reads, before) == ("Antes", True)
        pair.primary.kill()
        other.start(**WITHOUT_DURABILITY)
        other.promote()
        await rename_on(other, "Después")
        own = await told_when_possible(reads)
        for _ in range(20):
            assert await read_by(reads, own) == ("Después", False)
            assert await read_by(reads, before) == ("Después", False)
            await asyncio.sleep(0.1)


async def test_an_idle_standby_has_reached_the_end_of_a_file_of_the_log(pair: Pair) -> None:
    async with reads_of(pair) as (standby, reads):
        await _fetch(pair.primary, "SELECT pg_switch_wal()::text")
        await reached(standby, reads)


async def test_a_standby_that_follows_another_that_was_promoted_is_read_from(trio: tuple[Pair, Server]) -> None:
    pair, other = trio
    async with reads_of(pair, primary_url=either_of(pair.primary, other)) as (standby, reads):
        before = await reached(standby, reads)
        pair.primary.stop()
        other.promote()
        pair.standby.set("primary_conninfo", f"host=127.0.0.1 port={other.port} user=postgres password=bench")
        await rename_on(other, "Después")
        own = await told_when_possible(reads)
        await _fetch(other, "CHECKPOINT")
        assert await soon(lambda: _follows(pair, other))
        await pair.on_standby("CHECKPOINT")
        position = Position.parse(own.brought or "")
        assert position is not None
        assert await soon(lambda: _has_reached(standby, position))
        assert await read_by(reads, own) == ("Después", True)
        assert await read_by(reads, before) == ("Después", False)


async def _follows(pair: Pair, primary: Server) -> bool:
    written = await _fetch(primary, "SELECT pg_current_wal_lsn()::text")
    return bool(await pair.on_standby(f"SELECT pg_last_wal_replay_lsn() >= '{written}'"))


@given(st.builds(Position, st.integers(0, 2**63), st.integers(0, 2**32 - 1), st.integers(0, 2**63)))
def test_a_position_is_read_as_it_is_written(position: Position) -> None:
    assert Position.parse(str(position)) == position


@given(st.text())
def test_any_other_text_is_no_position(text: str) -> None:
    found = Position.parse(text)
    assert found is None or all(part.isdecimal() and part.isascii() for part in text.split("."))


@pytest.mark.parametrize("url", ["postgresql://a:b@one,two/istmo", "postgresql://one:1,two:2/istmo"])
def test_several_standbys_in_one_address_are_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READ_DATABASE_URL", url)
    with pytest.raises(ValueError, match="one server"):
        Settings()


def test_a_distributed_database_has_no_standby_to_read_from() -> None:
    settings = Settings(read_database_url="postgresql://one/istmo", database_mode="distributed")
    with pytest.raises(click.ClickException, match="READ_DATABASE_URL"):
        standby_credentials(settings)
