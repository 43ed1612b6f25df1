"""The server as its clients meet it: over HTTP, on a loopback port."""

import asyncio
import io
import json
import logging
import re
import socket
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import aiohttp
import asyncpg
import pytest
import structlog
from starlette.applications import Starlette
from starlette.types import ASGIApp
from structlog.testing import capture_logs
from tortoise.context import TortoiseContext

from db import embedded, models, tenant
from db.migrate import migrate
from resolvers import accounts, api_keys, locations
from rules.vocabulary import Scope
from service.app import create_app
from service.listener import web_server
from service.logs import start_logging
from service.settings import Settings, tortoise_config
from tests.conftest import Answer
from tests.db.test_embedded import new_folder
from tests.service.test_commands import own_logging, started
from transport.headers import choose_language, choose_media_type, sort_by_preference

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
VIEWER = "{ viewer { account { id } } }"
RENAME = "mutation ($name: String!) { updateAccount(input: {name: $name}) { account { name } userErrors { code } } }"
POOL_SIZE = 5


@contextmanager
def serving(app: ASGIApp, settings: Settings) -> Iterator[str]:
    """The app's address, in a thread with an event loop of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = web_server(app, settings)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
        thread.start()
        while not running.started:
            assert thread.is_alive()
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            running.should_exit = True
            thread.join()


@dataclass
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Answer:
        answer: Answer = json.loads(self.body)
        return answer

    @property
    def data(self) -> Any:
        """What a request without errors was answered."""
        assert set(self.json) == {"data", "extensions"}
        return self.json["data"]

    @property
    def codes(self) -> list[str]:
        return [error["extensions"]["code"] for error in self.json.get("errors", [])]


async def soon(condition: Callable[[], Awaitable[bool]]) -> bool:
    for _ in range(500):
        if await condition():
            return True
        await asyncio.sleep(0.02)
    return False


class Site:
    """The server and a client of it, which has the key of one account unless told otherwise."""

    def __init__(self, url: str, app: Starlette | None, session: aiohttp.ClientSession, key: str) -> None:
        self.url, self.app, self.session, self.key = url, app, session, key

    async def request(self, method: str, path: str = "/graphql", *, key: str | None = None, **options: Any) -> Reply:
        headers = {"Authorization": f"Bearer {key or self.key}", **options.pop("headers", {})}
        async with self.session.request(method, self.url + path, headers=headers, **options) as response:
            return Reply(response.status, response.headers, await response.read())

    async def post(self, query: str, *, key: str | None = None, headers: Any = None, **variables: Any) -> Reply:
        return await self.request("POST", json={"query": query, "variables": variables}, key=key, headers=headers or {})

    async def get(self, path: str, **headers: str) -> Reply:
        async with self.session.get(self.url + path, headers=headers) as response:
            return Reply(response.status, response.headers, await response.read())

    async def connections_return(self) -> bool:
        """Whether all of the server's database connections are soon idle again."""
        assert self.app is not None
        pool = self.app.state._tortoise_context.connections._get_storage()["default"]._pool

        async def all_idle() -> bool:
            return bool(pool.get_idle_size() == pool.get_size())

        return await soon(all_idle)


@pytest.fixture(scope="session")
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(30)) as made:
        yield made


@pytest.fixture(scope="session")
async def keys(service: TortoiseContext) -> dict[Scope, str]:
    """A key of each scope, all of one account."""
    id = await accounts.create("Servida, S.A.", None, None, electronic_invoicing=False)
    with tenant.acting_for(id):
        return {scope: (await accounts.create_key(scope.value, scope, None))[1] for scope in Scope}


@pytest.fixture(scope="module")  # not longer: in a process there is one at a time
async def site(database_url: str, session: aiohttp.ClientSession, keys: dict[Scope, str]) -> AsyncIterator[Site]:
    settings = Settings(database_pool_size=POOL_SIZE, graceful_timeout=5, worker=False)
    app = create_app(settings, database_url)
    with serving(app, settings) as url:
        yield Site(url, app, session, keys[Scope.ADMIN])


@pytest.fixture
def new_key(new_account: Callable[..., Awaitable[UUID]]) -> Callable[..., Awaitable[tuple[UUID, models.ApiKey, str]]]:
    """A fresh account with a key; the key's row and secret, too."""

    async def create(expires_at: datetime | None = None) -> tuple[UUID, models.ApiKey, str]:
        id = await new_account()
        with tenant.acting_for(id):
            return id, *await accounts.create_key("Clave", Scope.ADMIN, expires_at)

    return create


# What is answered


async def test_queries_come_by_post_and_get(site: Site) -> None:
    query = "query ($code: String!) { location(code: $code) { corregimiento } }"
    by_post = await site.post(query, code="8-8-7")
    by_get = await site.request("GET", params={"query": query, "variables": '{"code": "8-8-7"}'})
    assert by_post.data == by_get.data == {"location": {"corregimiento": "Bella Vista"}}
    assert by_post.headers["Content-Type"] == "application/json; charset=utf-8"


async def test_operation_name_chooses_one_of_several_operations(site: Site) -> None:
    query = "query A { a: __typename } query B { b: __typename }"
    reply = await site.request("POST", json={"query": query, "operationName": "B", "variables": None})
    assert reply.data == {"b": "Query"}


async def test_null_parameters_are_as_good_as_none(site: Site) -> None:
    nulls = {"variables": None, "operationName": None, "extensions": None}
    assert (await site.request("POST", json={"query": "{ __typename }", **nulls})).status == 200
    assert (await site.request("GET", params={"query": "{ __typename }", "variables": "null"})).status == 200


async def test_parameters_that_are_not_known_are_ignored(site: Site) -> None:
    reply = await site.request("POST", json={"query": "{ __typename }", "id": 7, "extensions": {"tracing": True}})
    assert reply.data == {"__typename": "Query"}


def posted(body: Any, content_type: str = JSON, **headers: str) -> dict[str, Any]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return {"method": "POST", "data": io.BytesIO(data), "headers": {"Content-Type": content_type, **headers}}


def got(path: str = "/graphql", **parameters: str) -> dict[str, Any]:
    return {"method": "GET", "path": path, "params": parameters}


BIG = b'{"query": "{ __typename }", "x": "' + b"x" * 2_000_000 + b'"}'
ARCHIVE = "mutation { archiveCustomer(id: 1) { customer { id } } }"
NO_GRAPHQL: dict[str, tuple[int, str, dict[str, Any]]] = {
    "plain text": (415, "UNSUPPORTED_MEDIA_TYPE", posted({}, "text/plain")),
    "another type that begins alike": (415, "UNSUPPORTED_MEDIA_TYPE", posted({}, "application/jsonp")),
    "no content type": (415, "UNSUPPORTED_MEDIA_TYPE", posted({}, "")),
    "a form": (415, "UNSUPPORTED_MEDIA_TYPE", posted(b"query=x", "application/x-www-form-urlencoded")),
    "an upload": (415, "UNSUPPORTED_MEDIA_TYPE", posted(b"--x--", "multipart/form-data; boundary=x")),
    "a compressed body": (415, "UNSUPPORTED_MEDIA_TYPE", posted(b"\x1f\x8b", **{"Content-Encoding": "gzip"})),
    "a body compressed twice": (415, "UNSUPPORTED_MEDIA_TYPE", posted({}, **{"Content-Encoding": "gzip, br"})),
    "no body": (400, "BAD_REQUEST", posted(b"")),
    "broken JSON": (400, "BAD_REQUEST", posted(b"{")),
    "no UTF-8": (400, "BAD_REQUEST", posted(b'{"query": "\xff"}')),
    "half a character": (400, "BAD_REQUEST", posted(b'{"query": "\\ud800"}')),
    "JSON nested deeply": (400, "BAD_REQUEST", posted(b"[" * 100_000)),
    "a string": (400, "BAD_REQUEST", posted("{ __typename }")),
    "null": (400, "BAD_REQUEST", posted(None)),
    "a number": (400, "BAD_REQUEST", posted(1)),
    "a batch": (400, "BAD_REQUEST", posted([{"query": "{ __typename }"}])),
    "no query": (400, "BAD_REQUEST", posted({})),
    "an empty query": (400, "BAD_REQUEST", posted({"query": ""})),
    "a query that is no string": (400, "BAD_REQUEST", posted({"query": ["{ __typename }"]})),
    "variables in a list": (400, "BAD_REQUEST", posted({"query": "{ __typename }", "variables": []})),
    "variables in a string": (400, "BAD_REQUEST", posted({"query": "{ __typename }", "variables": "{}"})),
    "a name that is no string": (400, "BAD_REQUEST", posted({"query": "{ __typename }", "operationName": 1})),
    "extensions in a number": (400, "BAD_REQUEST", posted({"query": "{ __typename }", "extensions": 1})),
    "GET without a query": (400, "BAD_REQUEST", got()),
    "GET with broken variables": (400, "BAD_REQUEST", got(query="{ __typename }", variables="{")),
    "GET with variables in a list": (400, "BAD_REQUEST", got(query="{ __typename }", variables="[]")),
    "too long": (413, "PAYLOAD_TOO_LARGE", posted(BIG)),
    "a mutation by GET": (405, "METHOD_NOT_ALLOWED", got(query=ARCHIVE)),
    "another method": (405, "METHOD_NOT_ALLOWED", {"method": "PUT"}),
    "what browsers ask first": (405, "METHOD_NOT_ALLOWED", {"method": "OPTIONS"}),
    "POST to a page": (405, "METHOD_NOT_ALLOWED", {"method": "POST", "path": "/healthz"}),
    "a wish for CSV": (406, "NOT_ACCEPTABLE", posted({"query": "{ __typename }"}, Accept="text/csv, image/*")),
    "an unknown path": (404, "NOT_FOUND", got("/graphq")),
}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            b'{"query": "{ __typename }", "variables": {"name": "Ana \\ud83c"}}',
            "character 55 of .* is half of an emoji",
        ),
        (b'{"query": "{ __typename }", "variables": {"name": "\\udf89"}}', "character 51 of .* is half of an emoji"),
        (b'{"query": "\xff"}', "not in UTF-8"),
        (b'{"query": }', "not well-formed JSON: see its character 10"),
    ],
)
async def test_a_body_that_is_no_json_is_told_where(site: Site, body: bytes, message: str) -> None:
    reply = await site.request(**posted(body))
    assert reply.status == 400
    assert re.search(message, reply.json["errors"][0]["message"])


async def test_a_byte_order_mark_is_read_over(site: Site) -> None:
    reply = await site.request(**posted(b'\xef\xbb\xbf{"query": "{ __typename }"}'))
    assert reply.data == {"__typename": "Query"}


@pytest.mark.parametrize("case", NO_GRAPHQL)
async def test_what_is_no_graphql_request_is_refused_in_json(site: Site, case: str) -> None:
    status, code, request = NO_GRAPHQL[case]
    reply = await site.request(**request)
    assert (reply.status, reply.codes) == (status, [code])
    assert reply.headers["Content-Type"] == "application/json; charset=utf-8"
    assert set(reply.json) == {"errors"}
    assert reply.json["errors"][0]["message"]


async def in_chunks(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 50_000):
        yield body[start : start + 50_000]


async def test_too_long_a_body_is_refused_even_if_its_length_is_not_told(site: Site) -> None:
    reply = await site.request("POST", data=in_chunks(BIG), headers={"Content-Type": JSON})
    assert (reply.status, reply.codes) == (413, ["PAYLOAD_TOO_LARGE"])


async def test_a_body_up_to_the_limit_is_read(site: Site) -> None:
    frame = len(json.dumps({"query": "{ __typename }", "x": ""}))
    for length, status in ((1_000_000, 200), (1_000_001, 413)):
        reply = await site.request(**posted({"query": "{ __typename }", "x": "x" * (length - frame)}))
        assert reply.status == status


async def test_a_client_that_waits_for_leave_never_sends_too_long_a_body(site: Site) -> None:
    reader, writer = await asyncio.open_connection(*urlsplit(site.url).netloc.split(":"))
    writer.write(
        f"POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {site.key}\r\nContent-Type: {JSON}\r\n"
        "Content-Length: 2000000\r\nExpect: 100-continue\r\n\r\n".encode()
    )
    assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")
    writer.close()


async def test_a_mutation_by_get_is_told_to_come_by_post(site: Site) -> None:
    assert (await site.request(**got(query=ARCHIVE))).headers["Allow"] == "POST"
    assert (await site.request("PUT")).headers["Allow"] == "GET, POST"


# Authentication


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer istmo_" + "A" * 43,
        "Bearer ístmo_ñ",
        "Basic aXN0bW86aXN0bW8=",
        "{key}",
        "Token {key}",
        "Basic {key}",
        "Bearer {key}x",
        "Bearer {key} {key}",
        "Bearer {lower}",
    ],
)
async def test_without_a_good_key_nothing_is_told(site: Site, authorization: str | None) -> None:
    given = authorization and authorization.format(key=site.key, lower=site.key.lower())
    headers = {} if given is None else {"Authorization": given}
    async with site.session.post(site.url + "/graphql", json={"query": VIEWER}, headers=headers) as response:
        assert response.status == 401
        assert response.headers["WWW-Authenticate"] == "Bearer"
        answer = await response.json()
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    assert set(answer) == {"errors"}


async def test_the_word_bearer_may_be_written_in_any_case(site: Site) -> None:
    reply = await site.request("POST", json={"query": VIEWER}, headers={"Authorization": f"bearer  {site.key}"})
    assert reply.status == 200


async def test_a_revoked_key_is_refused_at_once(site: Site, new_key: Callable[..., Any]) -> None:
    id, key, secret = await new_key()
    assert (await site.post(VIEWER, key=secret)).json["data"]["viewer"]["account"]["id"] == str(id)
    revoked = await site.post(
        "mutation ($id: ID!) { revokeApiKey(id: $id) { userErrors { code } } }", key=secret, id=str(key.id)
    )
    assert revoked.status == 200
    assert (await site.post(VIEWER, key=secret)).status == 401


async def test_a_key_revoked_elsewhere_is_refused_when_it_is_looked_up_again(
    site: Site, new_key: Callable[..., Any]
) -> None:
    id, key, secret = await new_key()
    with tenant.acting_for(id):
        await models.ApiKey.filter(id=key.id).update(revoked_at=datetime.now(UTC))
    assert (await site.post(VIEWER, key=secret)).status == 401


async def test_an_expired_key_is_refused(
    site: Site, new_key: Callable[..., Any], database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_keys, "CACHED_FOR", 0)
    _, key, secret = await new_key(datetime.now(UTC) + timedelta(hours=1))
    assert (await site.post(VIEWER, key=secret)).status == 200
    owner = await asyncpg.connect(database_url)
    await owner.execute("UPDATE api_key SET expires_at = now() WHERE id = $1", key.id)
    await owner.close()
    assert (await site.post(VIEWER, key=secret)).status == 401


async def test_a_key_may_do_what_its_scope_says(site: Site, keys: dict[Scope, str]) -> None:
    issue = "mutation { issueInvoice(id: 1) { userErrors { code } } }"
    for scope, query, codes in (
        (Scope.READ, issue, ["FORBIDDEN"]),
        (Scope.WRITE, issue, []),
        (Scope.WRITE, RENAME.replace("$name: String!", '$name: String! = "Otra"'), ["FORBIDDEN"]),
        (Scope.READ, "{ apiKeys { id } }", ["FORBIDDEN"]),
        (Scope.ADMIN, "{ apiKeys { id } }", []),
    ):
        reply = await site.post(query, key=keys[scope])
        assert (reply.status, reply.codes) == (200, codes)
        assert (reply.json["data"] is None) == bool(codes)


# How GraphQL's errors are answered


LOCATION = "query ($code: String!) { location(code: $code) { code } }"
NOT_EXECUTABLE: dict[str, tuple[str, Answer]] = {
    "a syntax error": ("GRAPHQL_PARSE_FAILED", {"query": "{ viewer { "}),
    "a syntax error near the word tokens": ("GRAPHQL_PARSE_FAILED", {"query": "{ tokens: }"}),
    "an unknown field": ("GRAPHQL_VALIDATION_FAILED", {"query": "{ nothing }"}),
    "no selection": ("GRAPHQL_VALIDATION_FAILED", {"query": "{ viewer }"}),
    "a wrong literal": ("GRAPHQL_VALIDATION_FAILED", {"query": "{ location(code: 1) { code } }"}),
    "a missing variable": ("BAD_USER_INPUT", {"query": LOCATION}),
    "a wrong variable": ("BAD_USER_INPUT", {"query": LOCATION, "variables": {"code": 8}}),
    "an unknown operation": ("BAD_USER_INPUT", {"query": "{ __typename }", "operationName": "B"}),
    "several operations": ("BAD_USER_INPUT", {"query": "query A { __typename } query B { __typename }"}),
    "no operation": ("BAD_USER_INPUT", {"query": "fragment F on Query { __typename }"}),
    "too many tokens": ("LIMIT_EXCEEDED", {"query": "{" + " __typename" * 5001 + "}"}),
    "fields nested deeply": ("LIMIT_EXCEEDED", {"query": "{ viewer" * 1600 + "}" * 1600}),
    "costly to validate": ("LIMIT_EXCEEDED", {"query": "{" + " __typename" * 4990 + "}"}),
    "lists nested deeply": ("LIMIT_EXCEEDED", {"query": "{ f(x: " + "[" * 2400 + "]" * 2400 + ") }"}),
}


@pytest.mark.parametrize("case", NOT_EXECUTABLE)
async def test_what_cannot_be_executed_has_no_data(site: Site, case: str) -> None:
    code, body = NOT_EXECUTABLE[case]
    for accept, status in ((JSON, 200), (GRAPHQL, 400)):
        reply = await site.request("POST", json=body, headers={"Accept": accept})
        assert (reply.status, set(reply.codes)) == (status, {code})
        assert set(reply.json) - {"extensions"} == {"errors"}
        assert reply.headers["Content-Type"] == f"{accept}; charset=utf-8"


async def test_an_error_while_executing_leaves_the_data(site: Site) -> None:
    query = '{ customers(first: 101) { totalCount } location(code: "8-8-7") { code } }'
    for accept in (JSON, GRAPHQL):
        reply = await site.request("POST", json={"query": query}, headers={"Accept": accept})
        assert (reply.status, reply.codes) == (200, ["BAD_USER_INPUT"])
        assert "data" in reply.json


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("text/html, */*;q=0.1", JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}; charset=utf-8, {JSON}; charset=utf-8", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", JSON),
        (f"{JSON};q=0.5, {GRAPHQL};q=0.9", GRAPHQL),
        (GRAPHQL.upper(), GRAPHQL),
        (f"{JSON};q=0", None),
        ("text/html", None),
        ("multipart/mixed", None),
    ],
)
def test_the_answer_has_the_media_type_that_the_client_prefers(accept: str, answered: str | None) -> None:
    assert choose_media_type(accept) == answered


@pytest.mark.parametrize(
    ("header", "spoken"),
    [
        ("", "es"),
        ("es", "es"),
        ("en", "en"),
        ("EN-us,en;q=0.9,es;q=0.8", "en"),
        ("es-PA,es;q=0.9,en;q=0.8", "es"),
        ("es;q=0.1, en", "en"),
        ("en;q=0", "es"),
        ("pt-BR, en;q=0.5", "en"),
        ("fr", "es"),
        ("*", "es"),
        ("esperanto", "es"),
        (";;,q=,en;q=x", "en"),
    ],
)
def test_spanish_is_spoken_unless_english_is_preferred(header: str, spoken: str) -> None:
    assert choose_language(header) == spoken


def test_preferences_are_ordered_by_weight_then_place() -> None:
    assert sort_by_preference("es;q=0.5, en-GB, fr;q=0, pt") == ["en-gb", "pt", "es"]


def test_of_a_long_list_in_a_header_only_the_beginning_is_read() -> None:
    """Without a key, a head of 64 KB could keep the event loop busy."""
    names = [f"x{number}" for number in range(10_000)]
    assert sort_by_preference(",".join(names))[:-1] == names[: len(sort_by_preference(",".join(names))) - 1]
    assert len(sort_by_preference(",".join(names))) < 300
    assert choose_language(",".join(names) + ",en") == "es"
    began = time.process_time()
    for _ in range(100):
        sort_by_preference(",".join(names))
    assert (time.process_time() - began) / 100 < 0.002


async def test_refusals_are_in_the_clients_language(site: Site) -> None:
    query = 'mutation { updateAccount(input: {name: "x"}) { userErrors { code message } } }'
    said = {}
    for tag in ("en", "es", "de"):
        reply = await site.post(query, headers={"Accept-Language": tag})
        (error,) = reply.json["data"]["updateAccount"]["userErrors"]
        assert error["code"] == "INVALID_VALUE"
        said[tag] = error["message"]
    assert said["de"] == said["es"] != said["en"]


# Requests and the log


async def test_a_request_has_the_id_that_the_client_gives(site: Site) -> None:
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logged:
        reply = await site.post("{ __typename }", headers={"x-request-id": "partner-42.a_B"})
    assert reply.headers["x-request-id"] == "partner-42.a_B"
    (line,) = logged
    assert line.pop("ms") > 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "POST",
        "path": "/graphql",
        "status": 200,
        "request_id": "partner-42.a_B",
    }


@pytest.mark.parametrize("given", [None, "", "with space", "x" * 65, "ñ", 'x"y', "x;y"])
async def test_a_request_has_an_id_of_ours_where_the_client_gives_none_or_a_bad_one(
    site: Site, given: str | None
) -> None:
    headers = {} if given is None else {"x-request-id": given}
    ids = {(await site.request("GET", "/healthz", headers=headers)).headers["x-request-id"] for _ in range(2)}
    assert len(ids) == 2
    assert all(UUID(id).version == 7 for id in ids)


async def test_refused_requests_have_an_id_too(site: Site) -> None:
    for path in ("/nowhere", "/graphql"):
        assert (await site.get(path, **{"x-request-id": "mine"})).headers["x-request-id"] == "mine"


async def test_a_surprise_in_a_resolver_is_masked_and_its_reference_logged(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(code: str) -> None:
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr(locations, "by_code", broken)
    for accept in (JSON, GRAPHQL):
        with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logged:
            reply = await site.post('{ location(code: "8-8-7") { code } }', headers={"Accept": accept})
        assert (reply.status, reply.codes) == (200, ["INTERNAL"])
        assert b"secret" not in reply.body
        (surprise,) = [line for line in logged if line["event"] == "unexpected error"]
        assert reply.json["errors"][0]["message"].endswith(f" {surprise['reference']}")
        assert str(surprise["exc_info"]) == "the secret is 42"
        assert surprise["request_id"] == reply.headers["x-request-id"]


async def test_a_surprise_outside_graphql_is_masked_too(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(cache: Any, secret: str) -> None:
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr(api_keys.KeyCache, "find_known", broken)
    with capture_logs() as logged:
        reply = await site.post("{ __typename }", headers={"x-request-id": "one"})
    assert (reply.status, reply.codes, reply.headers["x-request-id"]) == (500, ["INTERNAL"], "one")
    assert reply.json["errors"][0]["message"].endswith(" one")
    assert b"secret" not in reply.body
    assert [(line["event"], line.get("reference"), line.get("status")) for line in logged] == [
        ("unexpected error", "one", None),
        ("request", None, 500),
    ]


@contextmanager
def logging_as(**settings: Any) -> Iterator[None]:
    with own_logging():
        start_logging(Settings(**settings))
        yield


def log_a_surprise(log: Any) -> None:
    try:
        key = "istmo_secret"
        raise ValueError(f"a reason of {len(key)} letters")
    except ValueError as error:
        log.error("unexpected error", exc_info=error)


def test_the_log_is_lines_of_json_without_the_values_of_variables(capsys: pytest.CaptureFixture[str]) -> None:
    with logging_as(log_format="json"):
        log_a_surprise(structlog.get_logger())
        log_a_surprise(logging.getLogger("another.library"))
    written = capsys.readouterr()
    ours, theirs = (json.loads(line) for line in written.err.splitlines())
    assert theirs["logger"] == "another.library"
    for line in (ours, theirs):
        assert (line["event"], line["level"]) == ("unexpected error", "error")
        assert datetime.fromisoformat(line["timestamp"]).tzinfo
        assert line["exception"][0]["exc_value"] == "a reason of 12 letters"
    assert "istmo_secret" not in written.err
    assert written.out == ""


def test_whatever_is_logged_becomes_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    values = {"half": "\ud800", "long": 10**30, "keys": {1: "one", None: "none"}, "other": UUID(int=1), "set": {1}}
    with logging_as(log_format="json"):
        for name, value in values.items():
            structlog.get_logger().info("odd", **{name: value})
            logging.getLogger("another.library").warning("odd", extra={name: value})
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == ["odd"] * 10
    assert [next(name for name in values if name in line) for line in lines[::2]] == list(values)
    assert all(datetime.fromisoformat(line["timestamp"]).tzinfo for line in lines)


def test_the_log_for_people_tells_tracebacks_without_the_values_of_variables(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with logging_as(log_format="console", log_level="warning"):
        structlog.get_logger().info("unheard")
        log_a_surprise(structlog.get_logger())
    written = capsys.readouterr().err
    assert "ValueError: a reason of 12 letters" in written
    assert "istmo_secret" not in written
    assert "unheard" not in written


async def test_a_live_server_with_its_database_is_ready(site: Site) -> None:
    assert (await site.get("/healthz")).json == {"status": "alive"}
    ready = await site.get("/readyz")
    assert (ready.status, ready.json["status"]) == (200, "ready")


async def test_a_database_that_lacks_migrations_is_not_ready(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def pending() -> list[str]:
        return ["0009_more"]

    await asyncio.sleep(1)  # for which the last answer is remembered
    monkeypatch.setattr("service.readiness.pending", pending)
    reply = await site.get("/readyz")
    monkeypatch.undo()
    await asyncio.sleep(1)
    assert (reply.status, reply.codes) == (503, ["UNAVAILABLE"])
    assert "0009_more" in reply.json["errors"][0]["message"]


# Many clients, bad clients


async def test_answers_stay_right_under_load(site: Site, new_key: Callable[..., Any]) -> None:
    clients = [(str(id), secret) for id, _, secret in [await new_key() for _ in range(4)]]

    async def ask(number: int) -> None:
        id, secret = clients[number % len(clients)]
        name, code = f"n{number % 7}", f"8-8-{number % 7 + 1}"
        query = f"query ($code: String!) {{ viewer {{ account {{ id }} }} {name}: location(code: $code) {{ code }} }}"
        reply = await site.post(query, key=secret, code=code)
        assert reply.data == {"viewer": {"account": {"id": id}}, name: {"code": code}}

    for number in range(1000):
        await ask(number)
    await asyncio.gather(*(ask(number) for number in range(200)))
    assert await site.connections_return()


async def raw(site: Site, body: bytes, length: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection on which a request with this much of its body was sent, and of whose answer little is read."""
    reader, writer = await asyncio.open_connection(*urlsplit(site.url).netloc.split(":"), limit=2**10)
    head = f"POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {site.key}\r\nContent-Type: {JSON}\r\n"
    writer.write(f"{head}Content-Length: {length}\r\n\r\n".encode() + body)
    await writer.drain()
    return reader, writer


async def test_clients_that_are_slow_or_go_away_keep_no_connection_to_the_database(
    site: Site, database_url: str
) -> None:
    provinces = json.dumps({"query": "{ provinces { districts { corregimientos { code corregimiento } } } }"}).encode()
    rename = json.dumps({"query": RENAME, "variables": {"name": "Paciente, S.A."}}).encode()
    sending = [await raw(site, provinces[:10], len(provinces)) for _ in range(POOL_SIZE + 1)]
    reading = [await raw(site, provinces, len(provinces)) for _ in range(POOL_SIZE + 1)]
    viewer = (await site.post(VIEWER)).json["data"]["viewer"]  # there is a connection for others

    other = await asyncpg.connect(database_url)

    async def somebody_waits() -> bool:
        here = "datname = current_database() AND wait_event_type = 'Lock'"
        return bool(await other.fetchval(f"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE {here})"))

    with capture_logs() as logged:
        async with other.transaction():
            await other.execute("SELECT FROM account WHERE id = $1 FOR UPDATE", UUID(viewer["account"]["id"]))
            waiting = [await raw(site, rename, len(rename)) for _ in range(POOL_SIZE)]
            assert await soon(somebody_waits)
            for _, writer in sending[1:] + reading + waiting:
                writer.transport.abort()
        await other.close()
        reader, writer = sending[0]
        writer.write(provinces[10:])
        assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
        writer.transport.abort()
        assert await site.connections_return()
    assert (await site.post(VIEWER)).status == 200
    assert "unexpected error" not in {line["event"] for line in logged}


async def test_headers_without_end_are_not_kept_in_memory(site: Site) -> None:
    reader, writer = await asyncio.open_connection(*urlsplit(site.url).netloc.split(":"))
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\nx-long: ")
    with suppress(ConnectionError):
        for _ in range(100):
            writer.write(b"x" * 10_000)
            await writer.drain()
            await asyncio.sleep(0.001)
            if reader._buffer:  # type: ignore[attr-defined]
                break
    assert (await reader.readline()).startswith(b"HTTP/1.1 431 ")
    writer.transport.abort()


async def test_headers_of_usual_length_are_read(site: Site) -> None:
    assert (await site.get("/healthz", **{"x-long": "x" * 8000})).status == 200
    assert (await site.request(**got(query="{ __typename }" + " " * 20_000))).status == 200


async def test_a_request_begins_without_the_account_of_the_one_before_it(session: aiohttp.ClientSession) -> None:
    found: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        found.append(tenant.current().setting)
        with tenant.acting_for(UUID(int=1)):
            while (await receive())["more_body"]:  # reading goes on in the context of the request
                pass
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    with serving(app, Settings()) as url:
        for _ in range(2):
            async with session.post(url, data=io.BytesIO(b"x" * 500_000)) as response:
                assert response.status == 204
    assert found == ["", ""]


# The database goes away


async def test_while_the_database_is_away_requests_are_told_to_come_again(session: aiohttp.ClientSession) -> None:
    with new_folder() as folder, embedded.running(folder, durable=False) as database:
        await migrate(database.url)
        async with TortoiseContext() as context:
            await context.init(config=tortoise_config(Settings(), database.url))
            id = await accounts.create("Sola, S.A.", None, None, electronic_invoicing=False)
            with tenant.acting_for(id):
                key, unused = [(await accounts.create_key("Clave", Scope.ADMIN, None))[1] for _ in range(2)]
        with started(DATABASE_URL=database.url, DATABASE_ACQUIRE_TIMEOUT="2") as running:
            site = Site(running.url, None, session, key)
            assert (await site.post(VIEWER)).status == 200
            database.stop()
            for secret in (key, unused):  # one is remembered, the other must be looked up
                for accept in (JSON, GRAPHQL):
                    reply = await site.post(VIEWER, key=secret, headers={"Accept": accept})
                    assert (reply.status, reply.codes) == (503, ["UNAVAILABLE"])
                    assert int(reply.headers["Retry-After"]) > 0
            rename = await site.post(RENAME, name="Otra, S.A.")
            assert (rename.status, rename.codes) == (503, ["UNAVAILABLE"])
            await asyncio.sleep(1)  # for which /readyz remembers that it was ready
            ready = await site.get("/readyz")
            assert (ready.status, ready.codes) == (503, ["UNAVAILABLE"])
            assert (await site.get("/healthz")).status == 200
            database.start()
            for secret in (key, unused):
                reply = await site.post(VIEWER, key=secret)
                assert (reply.status, reply.json["data"]["viewer"]["account"]["id"]) == (200, str(id))

            async def is_ready() -> bool:
                return (await site.get("/readyz")).status == 200

            assert await soon(is_ready)  # not at once: an answer is remembered for a second


async def test_readiness_is_looked_up_once_a_second_whoever_asks(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0

    async def pending() -> list[str]:
        nonlocal looks
        looks += 1
        await asyncio.sleep(0.05)
        return []

    monkeypatch.setattr("service.readiness.pending", pending)
    began = time.monotonic()
    replies = await asyncio.gather(*(site.get("/readyz") for _ in range(200)))
    assert {reply.status for reply in replies} == {200}
    assert looks <= 1 + (time.monotonic() - began)


async def test_an_invoice_is_served_as_a_pdf_to_its_account_only(site: Site, new_key: Callable[..., Any]) -> None:
    made = await site.post(
        """mutation ($input: InvoiceInput!) { createInvoice(input: $input,
             newCustomer: {receiverType: FINAL_CONSUMER, name: "Ñandú"}) { invoice { id } } }""",
        input={"lines": [{"description": "Café", "quantity": "1", "unitPrice": "2", "itbmsRate": "EXEMPT"}]},
    )
    path = f"/invoices/{made.json['data']['createInvoice']['invoice']['id']}.pdf"

    served = await site.request("GET", path)
    _, _, stranger = await new_key()
    foreign = await site.request("GET", path, key=stranger)

    assert (served.status, served.headers["Content-Type"]) == (200, "application/pdf")
    assert served.body.startswith(b"%PDF-")
    assert 'filename="factura-001-' in served.headers["Content-Disposition"]
    assert foreign.status == (await site.request("GET", "/invoices/x.pdf")).status == 404
    assert (await site.get(path)).status == 401


async def store_files(url: str, id: str, **files: bytes) -> None:
    """Let the provider's files of a document have been fetched."""
    admin = await asyncpg.connect(url)
    account = await admin.fetchval("SELECT account_id FROM document WHERE id = $1", id)
    await admin.execute(
        "INSERT INTO emission (account_id, document_id, environment) VALUES ($1, $2, 'TEST')", account, id
    )
    for kind, content in files.items():
        await admin.execute(
            """
            INSERT INTO fiscal_file (account_id, document_id, kind, content, sha256, size)
            VALUES ($1, $2, $3, $4, sha256($4::bytea), octet_length($4::bytea))
            """,
            *(account, id, kind, content),
        )
    await admin.close()


async def test_the_providers_files_are_served_as_they_were_stored(
    site: Site, new_key: Callable[..., Any], database_url: str
) -> None:
    made = await site.post(
        """mutation ($input: InvoiceInput!) { createInvoice(input: $input,
             newCustomer: {receiverType: FINAL_CONSUMER, name: "Ñandú"}) { invoice { id } } }""",
        input={"lines": [{"description": "Café", "quantity": "1", "unitPrice": "2", "itbmsRate": "EXEMPT"}]},
    )
    id = made.json["data"]["createInvoice"]["invoice"]["id"]
    xml, pdf = f"/documents/{id}.xml", f"/documents/{id}.pdf?source=pac"
    for path in (xml, pdf):
        missing = await site.request("GET", path)
        assert (missing.status, missing.json["errors"][0]["extensions"]["code"]) == (404, "NOT_FOUND")
    await store_files(database_url, id, XML=b"<rFE/>", PDF=b"%PDF-of the provider")
    _, _, stranger = await new_key()

    for place in ("documents", "invoices"):
        served = await site.request("GET", f"/{place}/{id}.xml")
        assert (served.status, served.headers["Content-Type"], served.body) == (200, "application/xml", b"<rFE/>")
        assert re.fullmatch(r'attachment; filename="factura-001-\d{10}\.xml"', served.headers["Content-Disposition"])
        assert served.headers["X-Content-Type-Options"] == "nosniff"
        printed = await site.request("GET", f"/{place}/{id}.pdf?source=pac")
        assert (printed.status, printed.headers["Content-Type"]) == (200, "application/pdf")
        assert printed.body == b"%PDF-of the provider"
        assert (await site.request("GET", f"/{place}/{id}.pdf")).body.startswith(b"%PDF-1.7")
    again = await site.request("GET", xml, headers={"If-None-Match": served.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    assert (await site.request("GET", f"/documents/{id}.pdf?source=dgi")).status == 400
    for path in (xml, pdf, "/documents/x.xml"):
        assert (await site.request("GET", path, key=stranger)).status == 404
        assert (await site.get(path)).status == 401
