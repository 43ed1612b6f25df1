"""A key names its account, so that it is looked for there alone; older keys, which name none, keep working."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from db import tenant
from resolvers import accounts, sessions
from resolvers.api_keys import KeyCache, hash_secret, named_account, new_secret
from rules.vocabulary import Scope
from tests.conftest import Api

OLD = "istmo_" + "x" * 41  # with two characters behind, as long as keys were before they named an account


def test_a_key_names_its_account_and_is_not_longer_than_a_line() -> None:
    account = uuid7()
    with tenant.acting_for(account):
        secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert {named_account(secret) for secret in secrets} == {account}
    assert {len(secret) for secret in secrets} == {71}


@given(st.text(max_size=80) | st.text("istmo_-AZ09", min_size=65, max_size=71))
def test_any_text_names_an_account_or_none(text: str) -> None:
    assert isinstance(named_account(text), UUID | None)
    assert isinstance(named_account(f"istmo_{text}"), UUID | None)


async def test_a_key_that_names_another_account_is_none(api: Api, new_account: Callable[[], Awaitable[UUID]]) -> None:
    other = await new_account()
    with tenant.acting_for(api.account_id):
        _, secret = await accounts.create_key("Clave", Scope.READ, None)
    with tenant.acting_for(other):
        forged = new_secret()[:28] + secret[28:]
    identity = await KeyCache().identify(secret)
    assert identity is not None
    assert identity.account_id == api.account_id
    assert await KeyCache().identify(forged) is None


@pytest.mark.parametrize("kind", ["KEY", "SESSION"])
async def test_keys_and_sessions_from_before_keep_working(api: Api, admin: Any, kind: str) -> None:
    secret = f"{OLD}{kind[:2]}"
    await insert(admin, api, kind, secret)
    identity = await KeyCache().identify(secret)
    assert identity is not None
    assert (identity.account_id, identity.scope) == (api.account_id, Scope.ADMIN)
    await admin.execute("DELETE FROM api_key WHERE hash = $1", hash_secret(secret))


async def test_a_link_from_before_works_once(api: Api, admin: Any) -> None:
    await insert(admin, api, "LINK", f"{OLD}LI")
    session = await sessions.begin_session_by_link(f"{OLD}LI")
    assert session is not None
    assert named_account(session) == api.account_id
    assert await sessions.begin_session_by_link(f"{OLD}LI") is None


async def insert(admin: Any, api: Api, kind: str, secret: str) -> None:
    await admin.execute(
        "INSERT INTO api_key (id, account_id, kind, name, scope, hash, expires_at)"
        " VALUES ($1, $2, $3, 'Antes', 'ADMIN', $4, now() + interval '1 hour')",
        *(uuid7(), api.account_id, kind, hash_secret(secret)),
    )


@pytest.fixture
async def admin(database_url: str) -> Any:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()
