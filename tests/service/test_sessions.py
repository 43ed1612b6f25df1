"""Sessions of the pages: only a key or a link begins one, and one's own can be seen and ended."""

import asyncio
import time
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg
import pytest

from db import models, tenant
from resolvers import accounts, sessions
from rules.vocabulary import Scope
from tests.service.test_commands import started
from tests.service.test_pages import NewKey, asked, built, cookie, new_key, sign_in, site
from tests.service.test_server import VIEWER, Site, session

__all__ = ["built", "new_key", "session", "site"]

LIST = "{ sessions { id keyName scope createdAt expiresAt lastUsedAt } viewer { sessionId } }"
REVOKE = "mutation ($id: ID!) { revokeSession(id: $id) { session { id } userErrors { code path } } }"
EVERYWHERE = "mutation { signOutEverywhere { userErrors { code } } }"


async def signed_in(site: Site, secret: str) -> str:
    return cookie(await sign_in(site, key=secret)).value


async def signed_in_by_link(site: Site, account: UUID) -> str:
    with tenant.acting_for(account):
        link = await sessions.create_link()
    return cookie(await sign_in(site, token=link)).value


async def another_key(account: UUID, name: str, scope: Scope) -> str:
    with tenant.acting_for(account):
        _, secret = await accounts.create_key(name, scope, None)
    return secret


async def ask(site: Site, secret: str, query: str, **variables: Any) -> Any:
    headers = {"Cookie": f"istmo_session={secret}"}
    body = {"query": query, "variables": variables}
    async with site.session.post(f"{site.url}/graphql", json=body, headers=headers) as response:
        answer = await response.json()
    assert "errors" not in answer, answer
    return answer["data"]


async def works(site: Site, secret: str) -> bool:
    return (await asked(site, secret)).status == 200


# What begins a session


async def test_a_session_begins_no_other_so_that_it_ends_when_it_should(site: Site, new_key: NewKey) -> None:
    id, _, secret = await new_key()
    for first in (await signed_in(site, secret), await signed_in_by_link(site, id)):
        assert (await sign_in(site, key=first)).codes == ["UNAUTHENTICATED"]
        assert (await sign_in(site, token=first)).codes == ["UNAUTHENTICATED"]
    with tenant.acting_for(id):
        assert await models.ApiKey.filter(kind="SESSION").count() == 2


async def test_sign_ins_count_as_requests(database_url: str, session: aiohttp.ClientSession, new_key: NewKey) -> None:
    id, _, secret = await new_key()
    with started(DATABASE_URL=database_url, RATE_LIMIT="3", WORKER="false") as running:
        if time.time() % 60 > 50:  # the minute must be long enough
            await asyncio.sleep(60 - time.time() % 60)
        replies = [await sign_in(Site(running.url, None, session, ""), key=secret) for _ in range(5)]
    assert sorted(reply.status for reply in replies) == [204, 204, 204, 429, 429]
    assert replies[0].headers["RateLimit"].startswith('"account";r=2;')
    with tenant.acting_for(id):
        assert await models.ApiKey.filter(kind="SESSION").count() == 3


async def test_sessions_and_links_end_by_the_databases_clock_and_not_after_their_key(
    site: Site, new_key: NewKey, database_url: str
) -> None:
    id, key, secret = await new_key()
    await signed_in(site, secret)
    await signed_in_by_link(site, id)
    owner = await asyncpg.connect(database_url)
    query = "SELECT expires_at - created_at FROM api_key WHERE account_id = $1 AND kind = 'SESSION'"
    # The time of creation is the database's; two clocks would not agree to the microsecond.
    assert [span for (span,) in await owner.fetch(query, id)] == [timedelta(hours=12)] * 2
    await owner.execute("UPDATE api_key SET expires_at = now() + interval '1 hour' WHERE id = $1", key.id)
    await signed_in(site, secret)
    spans = [span for (span,) in await owner.fetch(f"{query} ORDER BY 1", id)]
    assert timedelta(minutes=59) < spans[0] < timedelta(hours=1)
    await owner.close()


# Seeing and ending sessions


async def test_an_administrator_sees_the_accounts_sessions_and_others_their_own(site: Site, new_key: NewKey) -> None:
    id, _, admin = await new_key()
    reader = await another_key(id, "Contable", Scope.READ)
    _, _, stranger = await new_key()
    await signed_in(site, stranger)
    by_link = await signed_in_by_link(site, id)
    one, two = await signed_in(site, reader), await signed_in(site, reader)

    seen = await ask(site, by_link, LIST)
    assert [(each["keyName"], each["scope"]) for each in seen["sessions"]] == [
        ("Contable", "READ"),
        ("Contable", "READ"),
        (None, "ADMIN"),
    ]
    assert seen["viewer"]["sessionId"] == seen["sessions"][2]["id"]
    assert seen["sessions"][2]["lastUsedAt"] is not None
    own = await ask(site, one, LIST)
    assert own["sessions"] == [
        seen["sessions"][0],
        {**seen["sessions"][1], "lastUsedAt": own["sessions"][1]["lastUsedAt"]},
    ]
    assert own["viewer"]["sessionId"] == own["sessions"][1]["id"]
    by_key = (await site.post(LIST, key=reader)).data
    assert [each["id"] for each in by_key["sessions"]] == [each["id"] for each in own["sessions"]]
    assert by_key["viewer"]["sessionId"] is None
    assert len((await site.post(LIST, key=admin)).data["sessions"]) == 3
    assert await works(site, two)


async def test_a_session_is_ended_by_whoever_may_see_it(site: Site, new_key: NewKey) -> None:
    id, _, admin = await new_key()
    reader = await another_key(id, "Contable", Scope.READ)
    mine, lost = await signed_in(site, reader), await signed_in(site, reader)
    administrators = await signed_in(site, admin)
    lost_id = (await ask(site, lost, "{ viewer { sessionId } }"))["viewer"]["sessionId"]
    administrators_id = (await ask(site, administrators, "{ viewer { sessionId } }"))["viewer"]["sessionId"]

    for hidden in (administrators_id, str(UUID(int=0)), "x"):
        answer = (await ask(site, mine, REVOKE, id=hidden))["revokeSession"]
        assert answer == {"session": None, "userErrors": [{"code": "NOT_FOUND", "path": ["id"]}]}
    assert await works(site, administrators)
    assert (await ask(site, mine, REVOKE, id=lost_id))["revokeSession"]["session"] == {"id": lost_id}
    assert [await works(site, each) for each in (mine, lost, administrators)] == [True, False, True]
    assert (await ask(site, mine, REVOKE, id=lost_id))["revokeSession"]["userErrors"][0]["code"] == "NOT_FOUND"

    mine_id = (await ask(site, mine, "{ viewer { sessionId } }"))["viewer"]["sessionId"]
    assert (await site.post(REVOKE, key=admin, id=mine_id)).data["revokeSession"]["userErrors"] == []
    assert [await works(site, each) for each in (mine, administrators)] == [False, True]
    assert (await site.post(VIEWER, key=reader)).status == 200  # the key goes on


async def test_signing_out_everywhere_ends_the_sessions_of_the_same_key_or_of_links(
    site: Site, new_key: NewKey
) -> None:
    id, _, admin = await new_key()
    reader = await another_key(id, "Contable", Scope.READ)
    _, _, stranger = await new_key()
    foreign = await signed_in(site, stranger)
    by_admin = await signed_in(site, admin)
    by_reader = [await signed_in(site, reader) for _ in range(3)]
    by_link = [await signed_in_by_link(site, id) for _ in range(2)]

    assert (await ask(site, by_reader[0], EVERYWHERE))["signOutEverywhere"] == {"userErrors": []}
    assert [await works(site, each) for each in by_reader] == [False] * 3
    assert [await works(site, each) for each in (by_admin, *by_link, foreign)] == [True] * 4
    assert (await ask(site, by_link[0], EVERYWHERE))["signOutEverywhere"]["userErrors"] == []
    assert [await works(site, each) for each in (by_admin, *by_link, foreign)] == [True, False, False, True]
    assert (await site.post(EVERYWHERE, key=admin)).data["signOutEverywhere"]["userErrors"] == []
    assert [await works(site, each) for each in (by_admin, foreign)] == [False, True]


async def test_a_revoked_key_has_no_sessions_left_to_list(site: Site, new_key: NewKey) -> None:
    id, _, admin = await new_key()
    reader = await another_key(id, "Contable", Scope.READ)
    await signed_in(site, reader)
    with tenant.acting_for(id):
        key = await models.ApiKey.get(name="Contable")
        await accounts.revoke_key(str(key.id))
    assert (await site.post(LIST, key=admin)).data["sessions"] == []


# The cookie


def named_cookies(headers: Any) -> dict[str, str]:
    return {name: morsel.value for name, morsel in SimpleCookie(headers["Set-Cookie"]).items()}


async def test_over_tls_the_cookie_is_one_that_only_the_host_itself_can_set(site: Site, new_key: NewKey) -> None:
    _, _, secret = await new_key()
    tls = {"X-Forwarded-Proto": "https"}
    reply = await sign_in(site, tls, key=secret)
    [(name, value)] = named_cookies(reply.headers).items()
    assert name == "__Host-istmo_session"
    attributes = {part.strip().lower() for part in reply.headers["Set-Cookie"].split(";")[1:]}
    assert {"secure", "path=/", "httponly", "samesite=strict"} <= attributes
    assert not any(part.startswith("domain") for part in attributes)

    async def status(name: str, headers: dict[str, str]) -> int:
        sent = {"Cookie": f"{name}={value}", **headers}
        async with site.session.post(f"{site.url}/graphql", json={"query": VIEWER}, headers=sent) as response:
            return response.status

    assert await status("__Host-istmo_session", tls) == 200
    # A subdomain could have planted this one.
    assert await status("istmo_session", tls) == 401
    assert await status("__Host-istmo_session", {}) == 401
    async with site.session.delete(f"{site.url}/session", headers={"Cookie": f"{name}={value}", **tls}) as response:
        assert named_cookies(response.headers) == {"__Host-istmo_session": ""}
    assert await status("__Host-istmo_session", tls) == 401


@pytest.mark.parametrize(
    ("scheme", "forwarded", "is_ours"),
    [("http", None, True), ("https", None, False), ("https", "https", True), ("http", "https", False)],
)
async def test_a_page_of_another_scheme_is_another_site(
    site: Site, new_key: NewKey, scheme: str, forwarded: str | None, is_ours: bool
) -> None:
    _, _, secret = await new_key()
    headers = {"Origin": f"{scheme}://{site.url.partition('://')[2]}"}
    headers |= {"X-Forwarded-Proto": forwarded} if forwarded else {}
    assert (await sign_in(site, headers, key=secret)).status == (204 if is_ours else 403)
