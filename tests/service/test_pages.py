"""The pages as a browser gets them, and signing in to them."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from http.cookies import Morsel, SimpleCookie
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg
import pytest
from starlette.applications import Starlette

from announcements.feed import LiveFeed
from announcements.results import FiscalResults
from announcements.worker import forget_sessions
from db import models, tenant
from db.fair_thread import FairThread
from documents.render import Renderer
from lookup.service import Consultar
from lookup.settings import Settings as LookupSettings
from resolvers import accounts, api_keys, sessions
from resolvers.pac_connection import PacConnections
from rules.vocabulary import KeyKind, Scope
from service import app, pages
from service.settings import Settings, operation_limits
from tests.conftest import FONTS, Api
from tests.service.test_server import VIEWER, Reply, Site, serving, session
from transport.authentication import Authenticator
from transport.execution import OperationRunner
from transport.limiter import AccountLimiter
from transport.outages import Outages
from transport.websocket import PROTOCOL

__all__ = ["session"]

HTML = "text/html,application/xhtml+xml,*/*;q=0.8"
SCRIPT = b"console.log('Istmo')\n" * 100


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    for name, content in {
        "index.html": b"the app",
        "favicon.svg": b"<svg/>",
        "playground/index.html": b"the playground",
        "assets/app-1a2b.js": SCRIPT,
        "assets/app-1a2b.js.gz": gzip.compress(SCRIPT),
        "assets/app-1a2b.js.br": b"brotli, let us say",
        "assets/app-1a2b.css": b"a {}",
    }.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    (folder.parent / "secret.js").write_bytes(b"not for you")
    return folder


@pytest.fixture(scope="module")
async def site(database_url: str, session: aiohttp.ClientSession, built: Path) -> AsyncIterator[Site]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "DIST", built)
        settings = Settings(database_pool_size=5, worker=False)
        with serving(app.create_app(settings, database_url), settings) as url:
            yield Site(url, None, session, "")


NewKey = Callable[..., Awaitable[tuple[UUID, models.ApiKey, str]]]


@pytest.fixture
def new_key(new_account: Callable[..., Awaitable[UUID]]) -> NewKey:
    """A fresh account, and its key with the key's secret."""

    async def create(scope: Scope = Scope.ADMIN, expires_at: datetime | None = None) -> tuple[UUID, models.ApiKey, str]:
        id = await new_account()
        with tenant.acting_for(id):
            return id, *await accounts.create_key("Clave", scope, expires_at)

    return create


# What is served


async def test_a_browser_gets_the_app_at_its_own_addresses(site: Site) -> None:
    for path in ("/", "/clientes", "/facturas/nueva", "/sign-in", "/index.html", "/playground/index.html", "/none.js"):
        reply = await site.get(path, Accept=HTML)
        assert (reply.status, reply.body, reply.headers["Cache-Control"]) == (200, b"the app", "no-cache")
        assert reply.headers["Content-Type"] == "text/html; charset=utf-8"


async def test_a_page_lets_nothing_in_from_elsewhere(site: Site) -> None:
    for path in ("/", "/assets/app-1a2b.js"):
        headers = (await site.get(path, Accept=HTML)).headers
        policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
        assert policy == {
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "img-src": "'self' data:",
            "font-src": "'self'",
            "connect-src": "'self'",
            "frame-ancestors": "'none'",
            "base-uri": "'none'",
            "form-action": "'self'",
        }
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"


async def test_what_has_a_hash_in_its_name_is_kept_for_good(site: Site) -> None:
    asset = await site.get("/assets/app-1a2b.css")
    assert asset.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert asset.headers["Content-Type"] == "text/css; charset=utf-8"
    icon = await site.get("/favicon.svg")
    assert icon.headers["Cache-Control"] == "no-cache"
    assert (await site.get("/favicon.svg", **{"If-None-Match": icon.headers["ETag"]})).status == 304


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("identity", None), ("", None)],
)
async def test_scripts_are_sent_compressed(site: Site, accepted: str, encoding: str | None) -> None:
    url = f"{site.url}/assets/app-1a2b.js"
    async with (
        aiohttp.ClientSession(auto_decompress=False) as plain,
        plain.get(url, headers={"Accept-Encoding": accepted}) as response,
    ):
        body = await response.read()
        assert response.headers.get("Content-Encoding") == encoding
        assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert response.headers["Vary"] == "Accept-Encoding"
    assert (gzip.decompress(body) if encoding == "gzip" else body) == (
        b"brotli, let us say" if encoding == "br" else SCRIPT
    )


async def test_what_is_not_there_is_refused_in_json(site: Site) -> None:
    paths = (
        "/graphq",
        "/assets/app-0000.js",
        "/assets",
        "/..%2fsecret.js",
        "/%2e%2e/secret.js",
        "/%00",
        "/" + "x" * 300,
    )
    for path in paths:
        reply = await site.get(path)
        assert (reply.status, reply.codes) == (404, ["NOT_FOUND"])
    assert (await site.request("POST", "/clientes", headers={"Accept": HTML})).status == 404


async def test_the_playground_has_a_policy_of_its_own(site: Site) -> None:
    for path in ("/playground", "/graphql"):
        reply = await site.get(path, Accept=HTML)
        assert (reply.status, reply.body) == (200, b"the playground")
        assert "style-src 'self' 'unsafe-inline'" in reply.headers["Content-Security-Policy"]
        assert "script-src 'self';" in reply.headers["Content-Security-Policy"]


async def _connect_to_none(_account: object) -> None:
    return None


async def got(folder: Path, path: str, **settings: Any) -> tuple[int, str]:
    """What a browser gets from a service with these pages and settings, without a database."""
    shown = pages.Pages(folder)
    authenticator = Authenticator(api_keys.KeyCache(), quota=None)
    lookup = Consultar(LookupSettings())
    with Renderer(FONTS) as renderer:
        given = Settings(**settings)
        runner = OperationRunner(AccountLimiter(1), FairThread("documents"), operation_limits(given))
        feed = LiveFeed()
        results = FiscalResults(feed)
        connections, limiter = PacConnections(_connect_to_none), AccountLimiter(5.0)
        parts = app.Parts(
            authenticator, lookup, feed, results, connections, renderer, limiter, limiter, runner, Outages()
        )
        service = Starlette(routes=app.create_routes(given, shown, parts))
    service.router.default = shown.serve_before(service.router.default)
    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "scheme": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [(b"accept", HTML.encode())],
    }
    await service(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:]).decode()


async def test_the_playground_can_be_switched_off(built: Path) -> None:
    assert await got(built, "/playground", playground=True) == (200, "the playground")
    assert await got(built, "/graphql", playground=True) == (200, "the playground")
    assert await got(built, "/playground", playground=False) == (200, "the app")
    assert (await got(built, "/graphql", playground=False))[0] == 401


async def test_pages_that_are_not_built_say_how_to_build_them(tmp_path: Path) -> None:
    for path in ("/", "/playground", "/graphql", "/clientes"):
        status, body = await got(tmp_path / "dist", path)
        assert (status, pages.BUILD_COMMAND in body) == (404, True)


# Signing in and out


async def sign_in(site: Site, headers: dict[str, str] | None = None, **given: Any) -> Reply:
    async with site.session.post(f"{site.url}/session", json=given, headers=headers or {}) as response:
        return Reply(response.status, response.headers, await response.read())


def cookie(reply: Reply) -> "Morsel[str]":
    (name, morsel), *others = SimpleCookie(reply.headers["Set-Cookie"]).items()
    assert (name.removeprefix("__Host-"), others) == ("istmo_session", [])
    return morsel


async def asked(site: Site, secret: str, query: str = VIEWER, **headers: str) -> Reply:
    """What a request with the session's cookie is answered."""
    headers = {"Cookie": f"other=1; istmo_session={secret}", **headers}
    async with site.session.post(f"{site.url}/graphql", json={"query": query}, headers=headers) as response:
        return Reply(response.status, response.headers, await response.read())


async def test_a_key_begins_a_session_that_acts_as_the_key(site: Site, new_key: NewKey) -> None:
    id, key, secret = await new_key(Scope.WRITE)
    reply = await sign_in(site, key=secret)
    assert (reply.status, reply.body) == (204, b"")
    morsel = cookie(reply)
    assert (morsel["httponly"], morsel["samesite"], morsel["secure"], morsel["path"]) == (True, "strict", "", "/")
    assert int(morsel["max-age"]) == 12 * 3600
    assert secret not in morsel.value
    viewer = (await asked(site, morsel.value, "{ viewer { scope account { id } } }")).data["viewer"]
    assert viewer == {"scope": "WRITE", "account": {"id": str(id)}}
    identity = await api_keys.KeyCache().identify(morsel.value)
    assert identity is not None
    assert identity.key_id == key.id


async def test_over_https_the_cookie_stays_there(site: Site, new_key: NewKey) -> None:
    _, _, secret = await new_key()
    assert cookie(await sign_in(site, {"X-Forwarded-Proto": "https"}, key=secret))["secure"] is True


async def test_a_link_begins_one_session(site: Site, new_key: NewKey) -> None:
    id, _, _ = await new_key()
    with tenant.acting_for(id):
        link = await sessions.create_link()
    replies = await asyncio.gather(*(sign_in(site, token=link) for _ in range(5)))
    (good,) = (reply for reply in replies if reply.status == 204)
    assert [reply.codes for reply in replies if reply is not good] == [["UNAUTHENTICATED"]] * 4
    viewer = (await asked(site, cookie(good).value, "{ viewer { scope account { id } } }")).data["viewer"]
    assert viewer == {"scope": "ADMIN", "account": {"id": str(id)}}


async def test_a_link_is_no_key_and_a_key_no_link(site: Site, new_key: NewKey) -> None:
    id, _, secret = await new_key()
    with tenant.acting_for(id):
        link = await sessions.create_link()
    assert (await site.post(VIEWER, key=link)).status == 401
    assert (await sign_in(site, key=link)).status == 401
    assert (await sign_in(site, token=secret)).status == 401
    assert (await sign_in(site, token=link)).status == 204


async def test_a_link_is_good_for_a_quarter_of_an_hour(
    site: Site, new_key: NewKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert timedelta(minutes=15) == sessions.LINK
    id, _, _ = await new_key()
    monkeypatch.setattr(sessions, "LINK", timedelta(seconds=-1))
    with tenant.acting_for(id):
        link = await sessions.create_link()
    assert (await sign_in(site, token=link)).codes == ["UNAUTHENTICATED"]


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({}, 400, "BAD_REQUEST"),
        ({"key": None}, 400, "BAD_REQUEST"),
        ({"key": 1}, 400, "BAD_REQUEST"),
        ({"token": ["x"]}, 400, "BAD_REQUEST"),
        ({"key": ""}, 401, "UNAUTHENTICATED"),
        ({"key": "istmo_" + "A" * 43}, 401, "UNAUTHENTICATED"),
        ({"key": "ñ\x00"}, 401, "UNAUTHENTICATED"),
        ({"token": ""}, 401, "UNAUTHENTICATED"),
        ({"key": "x" * 2000}, 413, "PAYLOAD_TOO_LARGE"),
    ],
)
async def test_what_is_no_key_signs_nobody_in(site: Site, given: Any, status: int, code: str) -> None:
    reply = await sign_in(site, **given)
    assert (reply.status, reply.codes) == (status, [code])
    assert "Set-Cookie" not in reply.headers


async def test_signing_in_takes_json_by_post(site: Site) -> None:
    assert (await site.request("POST", "/session", data={"key": "x"})).status == 415
    assert (await site.request("GET", "/session")).status == 405
    assert (await site.request("POST", "/session", json=["key"])).status == 400


async def test_signing_out_ends_the_session_and_no_other(site: Site, new_key: NewKey) -> None:
    _, _, secret = await new_key()
    one, two = [cookie(await sign_in(site, key=secret)).value for _ in range(2)]
    async with site.session.delete(f"{site.url}/session", headers={"Cookie": f"istmo_session={one}"}) as response:
        assert response.status == 204
        assert 'istmo_session=""' in response.headers["Set-Cookie"]
    assert (await asked(site, one)).status == 401
    assert (await asked(site, two)).status == 200
    assert (await site.post(VIEWER, key=secret)).status == 200


@pytest.mark.parametrize("value", ["", "nonsense", "istmo_" + "A" * 43])
async def test_signing_out_of_nothing_is_no_error(site: Site, value: str) -> None:
    async with site.session.delete(f"{site.url}/session", headers={"Cookie": f"istmo_session={value}"}) as response:
        assert response.status == 204


async def test_a_key_in_the_cookie_is_not_revoked_by_signing_out(site: Site, new_key: NewKey) -> None:
    _, _, secret = await new_key()
    async with site.session.delete(f"{site.url}/session", headers={"Cookie": f"istmo_session={secret}"}) as response:
        assert response.status == 204
    assert (await site.post(VIEWER, key=secret)).status == 200


# When a session ends


async def test_a_session_ends_with_its_key(
    site: Site, new_key: NewKey, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_keys, "CACHED_FOR", 0)
    revoke = "mutation ($id: ID!) { revokeApiKey(id: $id) { userErrors { code } } }"
    _, key, secret = await new_key()
    session_ = cookie(await sign_in(site, key=secret)).value
    assert (await asked(site, session_)).status == 200
    assert (await site.post(revoke, key=secret, id=str(key.id))).status == 200
    assert (await asked(site, session_)).status == 401

    _, key, secret = await new_key()
    session_ = cookie(await sign_in(site, key=secret)).value
    owner = await asyncpg.connect(database_url)
    await owner.execute("UPDATE api_key SET expires_at = now() WHERE id = $1", key.id)
    await owner.close()
    assert (await asked(site, session_)).status == 401


async def test_a_session_lasts_twelve_hours(
    site: Site, new_key: NewKey, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_keys, "CACHED_FOR", 0)
    id, key, secret = await new_key()
    session_ = cookie(await sign_in(site, key=secret)).value
    owner = await asyncpg.connect(database_url)
    lasting = await owner.fetchval(
        "UPDATE api_key SET expires_at = now() WHERE parent_id = $1 RETURNING created_at + interval '12 hours'", key.id
    )
    await owner.close()
    assert abs(lasting - datetime.now(lasting.tzinfo) - timedelta(hours=12)) < timedelta(minutes=1)
    assert (await asked(site, session_)).status == 401
    with tenant.acting_for(id):
        await forget_sessions()
        assert [key.kind for key in await models.ApiKey.filter(account_id=id)] == [KeyKind.KEY]


async def test_sessions_and_links_are_no_keys_to_be_listed_or_revoked(site: Site, new_key: NewKey) -> None:
    id, key, secret = await new_key()
    session_ = cookie(await sign_in(site, key=secret)).value
    with tenant.acting_for(id):
        await sessions.create_link()
        hidden = await models.ApiKey.exclude(kind=KeyKind.KEY).values_list("id", flat=True)
    assert len(hidden) == 2
    assert (await asked(site, session_, "{ apiKeys { id } }")).data == {"apiKeys": [{"id": str(key.id)}]}
    revoke = "mutation ($id: ID!) { revokeApiKey(id: $id) { userErrors { code } } }"
    for other in hidden:
        answer = (await site.post(revoke, key=secret, id=str(other))).data
        assert answer["revokeApiKey"]["userErrors"] == [{"code": "NOT_FOUND"}]


# What a session is good for


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "{own}", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Origin": "https://evil.example"}, 401),
        ({"Origin": "null"}, 401),
        ({"Origin": "http://["}, 401),
        ({"Origin": "{own}0"}, 401),
        ({"Sec-Fetch-Site": "same-site"}, 401),
        ({"Sec-Fetch-Site": "cross-site"}, 401),
    ],
)
async def test_a_page_of_another_site_can_not_use_the_session(
    site: Site, new_key: NewKey, headers: dict[str, str], status: int
) -> None:
    _, _, secret = await new_key()
    session_ = cookie(await sign_in(site, key=secret)).value
    sent = {name: value.replace("{own}", site.url) for name, value in headers.items()}
    assert (await asked(site, session_, **sent)).status == status
    # ... nor sign in or out
    refused = (await sign_in(site, sent, key=secret)).status
    assert refused == (204 if status == 200 else 403)
    async with site.session.delete(
        f"{site.url}/session", headers={"Cookie": f"istmo_session={session_}", **sent}
    ) as response:
        assert response.status == refused


async def test_a_key_in_the_headers_goes_before_the_session(site: Site, new_key: NewKey) -> None:
    _, _, one = await new_key()
    other, _, two = await new_key()
    session_ = cookie(await sign_in(site, key=one)).value
    reply = await asked(site, session_, Authorization=f"Bearer {two}")
    assert reply.data["viewer"]["account"]["id"] == str(other)
    assert (await asked(site, session_, Authorization="Bearer wrong")).status == 401


async def test_a_session_shows_the_pdf_of_an_invoice(site: Site, new_key: NewKey) -> None:
    id, _, secret = await new_key()
    session_ = cookie(await sign_in(site, key=secret)).value
    created = await Api(id).ask(
        """
        mutation {
          createInvoice(
            newCustomer: {receiverType: FINAL_CONSUMER, name: "Ana Ñandú"}
            input: {lines: [{description: "Café", quantity: "1", unitPrice: "2", itbmsRate: EXEMPT}]}
          ) { invoice { id } }
        }
        """
    )
    reply = await site.get(
        f"/invoices/{created['createInvoice']['invoice']['id']}.pdf",
        Accept=HTML,
        Cookie=f"istmo_session={session_}",
    )
    assert (reply.status, reply.body[:5]) == (200, b"%PDF-")


async def test_a_session_opens_a_websocket(site: Site, new_key: NewKey) -> None:
    _, _, secret = await new_key()
    session_ = cookie(await sign_in(site, key=secret)).value

    async def opened(**headers: str) -> Any:
        headers = {"Cookie": f"istmo_session={session_}", **headers}
        async with site.session.ws_connect(f"{site.url}/graphql", protocols=[PROTOCOL], headers=headers) as socket:
            await socket.send_json({"type": "connection_init"})
            first = await socket.receive()
            return first.json()["type"] if first.type is aiohttp.WSMsgType.TEXT else first.data

    assert await opened(Origin=site.url) == "connection_ack"
    assert await opened(Cookie="istmo_session=wrong") == 4403
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await opened(Origin="https://evil.example")
