"""Headers of every answer, CORS and sessions in browsers, logs and metrics."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from announcements import dispatcher
from resolvers import api_keys, locations
from service.metrics import Metrics
from service.settings import read_settings
from tests.conftest import CHECKOUT
from tests.service.test_server import Site
from tests.transport.test_rate_limit import key, site_with
from transport.websocket import PROTOCOL

__all__ = ["key"]

FRIEND = "https://amiga.example"
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@pytest.fixture
async def site(database_url: str, key: str) -> AsyncIterator[Site]:
    async with site_with(database_url, key, cors_origins=(FRIEND,)) as made:
        yield made


# Headers


async def test_every_answer_is_safe_in_browsers(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(cache: Any, secret: str) -> None:
        raise RuntimeError

    replies = [
        await site.post("{ __typename }"),
        await site.post("{ nothing }", headers={"Accept": "application/graphql-response+json"}),
        await site.request("PUT"),
        await site.get("/graphql"),
        await site.get("/nowhere"),
        await site.get("/healthz"),
        await site.get("/metrics"),
    ]
    monkeypatch.setattr(api_keys.KeyCache, "find_known", broken)
    replies.append(await site.post("{ __typename }"))
    assert [reply.status for reply in replies] == [200, 400, 405, 401, 404, 200, 200, 500]
    for reply in replies:
        assert {name: reply.headers.get(name) for name in SAFE} == SAFE
        assert "Strict-Transport-Security" not in reply.headers
        assert len(reply.headers.getall("X-Request-Id")) == 1  # type: ignore[attr-defined]


async def test_an_answer_may_say_otherwise_itself(site: Site) -> None:
    page = await site.get("/", Accept="text/html")
    assert page.headers["Content-Security-Policy"] != SAFE["Content-Security-Policy"]
    assert len(page.headers.getall("Content-Security-Policy")) == 1  # type: ignore[attr-defined]
    assert page.headers["Cross-Origin-Resource-Policy"] == "same-origin"


async def test_what_came_by_tls_shall_go_on_by_tls(site: Site) -> None:
    reply = await site.get("/healthz", **{"X-Forwarded-Proto": "https"})
    assert "max-age=" in reply.headers["Strict-Transport-Security"]


async def test_a_proxy_is_believed_only_where_it_is_named(database_url: str, key: str) -> None:
    async with site_with(database_url, key, forwarded_allow_ips=("192.0.2.0/24",)) as site:
        reply = await site.get("/metrics", **{"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.7"})
        assert "Strict-Transport-Security" not in reply.headers
        assert reply.status == 200


# Pages of other sites


async def test_pages_of_a_named_site_may_use_the_api(site: Site) -> None:
    asked = {"Origin": FRIEND, "Access-Control-Request-Method": "POST"}
    wanted = "authorization,content-type,x-request-id,accept-language"
    before = await site.request("OPTIONS", headers={**asked, "Access-Control-Request-Headers": wanted})
    assert (before.status, before.headers["Access-Control-Allow-Origin"]) == (200, FRIEND)
    assert "POST" in before.headers["Access-Control-Allow-Methods"]
    reply = await site.post("{ __typename }", headers={"Origin": FRIEND, "Sec-Fetch-Site": "cross-site"})
    assert (reply.status, reply.headers["Access-Control-Allow-Origin"]) == (200, FRIEND)
    told = reply.headers["Access-Control-Expose-Headers"]
    assert {"RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id"} <= set(told.split(", "))
    for answer in (before, reply):
        assert "Access-Control-Allow-Credentials" not in answer.headers


async def test_pages_of_other_sites_may_not(site: Site) -> None:
    other = "https://ajena.example"
    asked = {"Origin": other, "Access-Control-Request-Method": "POST"}
    before = await site.request("OPTIONS", headers=asked)
    reply = await site.post("{ __typename }", headers={"Origin": other})
    assert before.status == 400
    for answer in (before, reply):
        assert "Access-Control-Allow-Origin" not in answer.headers


async def test_without_the_setting_no_site_is_named(database_url: str, key: str) -> None:
    async with site_with(database_url, key) as site:
        asked = {"Origin": FRIEND, "Access-Control-Request-Method": "POST"}
        before = await site.request("OPTIONS", headers=asked)
        assert (before.status, before.codes) == (405, ["METHOD_NOT_ALLOWED"])
        assert "Access-Control-Allow-Origin" not in (await site.post("{ __typename }", headers=asked)).headers


async def test_any_site_may_be_let_in_though_without_cookies(database_url: str, key: str) -> None:
    async with site_with(database_url, key, cors_origins=("*",)) as site:
        reply = await site.post("{ __typename }", headers={"Origin": "https://ajena.example"})
        assert reply.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in reply.headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "{own}"}, 200),
        ({"Origin": "{own}", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Origin": "https://ajena.example"}, 401),
        ({"Origin": FRIEND}, 401),
        ({"Origin": "null"}, 401),
        ({"Origin": "{own}.ajena.example"}, 401),
        ({"Sec-Fetch-Site": "cross-site"}, 401),
        ({"Sec-Fetch-Site": "same-site"}, 401),
    ],
)
async def test_a_session_serves_our_own_pages_only(site: Site, headers: dict[str, str], status: int) -> None:
    signed_in = await site.request("POST", "/session", json={"key": site.key})
    assert signed_in.status == 204
    cookie = signed_in.headers["Set-Cookie"].partition(";")[0]
    given = {name: value.format(own=site.url) for name, value in headers.items()}
    async with aiohttp.ClientSession() as browser:  # without the client's own cookies
        body = {"query": "{ __typename }"}
        url = site.url + "/graphql"
        async with browser.post(url, json=body, headers={"Cookie": cookie, **given}) as response:
            assert response.status == status


@pytest.mark.parametrize(
    ("origin", "welcome"),
    [(None, True), ("{own}", True), (FRIEND, True), ("https://ajena.example", False), ("null", False)],
)
async def test_a_websocket_is_opened_for_our_own_pages_and_named_sites(
    site: Site, origin: str | None, welcome: bool
) -> None:
    given = {"Origin": origin.format(own=site.url)} if origin else {}
    url = site.url + "/graphql"
    if not welcome:
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await site.session.ws_connect(url, protocols=[PROTOCOL], headers=given)
        return
    async with site.session.ws_connect(url, protocols=[PROTOCOL], headers=given) as socket:
        await socket.send_json({"type": "connection_init", "payload": {"Authorization": f"Bearer {site.key}"}})
        assert await socket.receive_json() == {"type": "connection_ack"}


async def test_a_form_of_another_site_is_refused_for_its_content_type(site: Site) -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        body = json.dumps({"query": "mutation { __typename }"})
        reply = await site.request("POST", data=body, headers={"Content-Type": content_type})
        assert reply.status == 415


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CORS_ORIGINS", "https://amiga.example/"),
        ("CORS_ORIGINS", "amiga.example"),
        ("CORS_ORIGINS", "https://amiga.example https://otra.example"),
        ("METRICS_ALLOW_IPS", "10.0.0.1/8"),
        ("FORWARDED_ALLOW_IPS", "proxy"),
        ("RATE_LIMIT", "-1"),
    ],
)
def test_settings_that_make_no_sense_are_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Exception, match=name):
        read_settings()


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORS_ORIGINS", "https://amiga.example, http://localhost:5173")
    monkeypatch.setenv("METRICS_ALLOW_IPS", "10.0.0.0/8,::1")
    settings = read_settings()
    assert settings.cors_origins == ("https://amiga.example", "http://localhost:5173")
    assert settings.metrics_allow_ips == ("10.0.0.0/8", "::1/128")


# Metrics


async def scraped(site: Site) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    reply = await site.get("/metrics")
    assert (reply.status, reply.headers["Content-Type"].partition(";")[0]) == (200, "text/plain")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(reply.body.decode())
        for sample in family.samples
    }


def named(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return name, frozenset(labels.items())


async def test_requests_and_operations_are_counted(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(code: str) -> None:
        raise RuntimeError

    before = await scraped(site)
    await site.post("{ __typename }")
    await site.post("query Named { __typename }")
    await site.post("{ nothing }")
    await site.post("mutation { archiveCustomer(id: 1) { customer { id } } }")
    await site.post("{ customers(first: 101) { totalCount } }")
    monkeypatch.setattr(locations, "by_code", broken)
    await site.post('{ location(code: "8-8-7") { code } }')
    await site.get("/nowhere/1")
    await site.get("/nowhere/2")
    await site.request("GET", "/invoices/x.pdf")
    after = await scraped(site)

    def more(name: str, **labels: str) -> float:
        return after.get(named(name, **labels), 0) - before.get(named(name, **labels), 0)

    assert more("istmo_http_requests_total", route="/graphql", status="200") == 6
    assert more("istmo_http_requests_total", route="other", status="404") == 2
    assert more("istmo_http_requests_total", route="/invoices/{id}.pdf", status="404") == 1
    assert more("istmo_http_requests_total", route="/metrics", status="200") == 1
    assert more("istmo_http_request_seconds_count", route="/graphql") == 6
    assert more("istmo_http_request_seconds_bucket", route="/graphql", le="30.0") == 6
    assert more("istmo_graphql_operations_total", type="query", code="OK") == 2
    assert more("istmo_graphql_operations_total", type="none", code="GRAPHQL_VALIDATION_FAILED") == 1
    assert more("istmo_graphql_operations_total", type="mutation", code="OK") == 1
    assert more("istmo_graphql_operations_total", type="query", code="BAD_USER_INPUT") == 1
    assert more("istmo_graphql_operations_total", type="query", code="INTERNAL") == 1
    assert not any("Named" in str(labels) for _, labels in after)


async def test_the_database_the_outbox_and_the_process_are_told_of(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatcher, "_GATHER", 60.0)
    await site.post("{ viewer { scope } }")
    found = await scraped(site)
    for name in ("process_resident_memory_bytes", "process_open_fds", "process_cpu_seconds_total"):
        assert found[named(name)] > 0
    assert found[named("istmo_database_up")] == 1
    assert found[named("istmo_database_connections", state="most")] == 10
    used, idle = (found[named("istmo_database_connections", state=state)] for state in ("used", "idle"))
    assert used >= 0
    assert used + idle >= 1
    assert found[named("istmo_database_waiting")] == 0
    made = 'mutation { createCustomer(input: {receiverType: FINAL_CONSUMER, name: "Ana"}) { customer { id } } }'
    await site.post(made)
    again = await scraped(site)
    assert again[named("istmo_outbox_events")] == found[named("istmo_outbox_events")] + 1
    assert again[named("istmo_outbox_events_age_seconds")] > 0
    assert again[named("istmo_outbox_deliveries")] >= 0
    assert again[named("istmo_outbox_deliveries_late_seconds")] >= 0


def test_every_metric_is_explained() -> None:
    explained = (CHECKOUT / "docs/http.md").read_text().replace("…", "istmo_outbox")
    ours = {family.name for family in REGISTRY.collect() if family.name.startswith("istmo_")}
    assert {name for name in ours if name not in explained} == set()
    assert len(ours) > 15


async def test_websockets_are_told_of_while_they_are_open(site: Site) -> None:
    before = (await scraped(site))[named("istmo_websockets")]
    async with site.session.ws_connect(site.url + "/graphql", protocols=[PROTOCOL]):
        assert (await scraped(site))[named("istmo_websockets")] == before + 1
    await asyncio.sleep(0.1)
    assert (await scraped(site))[named("istmo_websockets")] == before


async def test_refusals_for_too_many_requests_are_counted(database_url: str, key: str) -> None:
    async with site_with(database_url, key, rate_limit=1) as site:
        before = (await scraped(site)).get(named("istmo_rate_limited_total", too_many="requests"), 0)
        for _ in range(5):
            await site.post("{ __typename }")
        after = (await scraped(site))[named("istmo_rate_limited_total", too_many="requests")]
        assert after - before in (3, 4)  # a minute may begin meanwhile


async def test_metrics_are_for_this_machine_unless_others_are_named(site: Site) -> None:
    from_afar = await site.get("/metrics", **{"X-Forwarded-For": "198.51.100.7"})
    assert (from_afar.status, from_afar.codes) == (403, ["FORBIDDEN"])
    odd = await site.get("/metrics", **{"X-Forwarded-For": "unknown"})
    assert odd.status == 403


@pytest.mark.parametrize(
    ("allowed", "address", "status"),
    [
        (("127.0.0.0/8",), "127.0.0.1", True),
        (("10.0.0.0/8", "::1/128"), "10.1.2.3", True),
        (("10.0.0.0/8", "::1/128"), "::1", True),
        (("10.0.0.0/8",), "11.1.2.3", False),
        (("*",), "11.1.2.3", True),
        ((), "127.0.0.1", False),
    ],
)
def test_addresses_and_networks_can_be_named(allowed: tuple[str, ...], address: str, status: bool) -> None:
    assert Metrics(allowed).is_for(address) == status


async def test_metrics_are_there_while_the_database_is_not(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(self: Any, *_: Any) -> Any:
        raise OSError

    monkeypatch.setattr("db.asyncpg_engine.Client.execute_query", away)
    found = await scraped(site)
    assert found[named("istmo_database_up")] == 0
    assert found[named("istmo_outbox_events")] != found[named("istmo_outbox_events")]  # not a number
