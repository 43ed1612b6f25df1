"""Signing in to the pages, by a key or by a link that works once.

A session is a key of its own kind, whose secret is in a browser's cookie, so that ``KeyCache.identify`` serves for
both. It acts as the key that began it, and ends with that key. A session begun by a link acts for itself.
"""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from tortoise.connection import get_connection
from uuid_utils.compat import uuid7

from db import models, tenant
from resolvers.api_keys import KeyCache, hash_secret, new_secret
from resolvers.scope import mine
from rules.vocabulary import KeyKind, Scope

SESSION: Final = timedelta(hours=12)
LINK: Final = timedelta(minutes=15)


async def begin_session(keys: KeyCache, key: str) -> str | None:
    """The secret of a new session of this key; None if the key isn't valid."""
    identity = await keys.identify(key)
    if identity is None:
        return None
    with tenant.acting_for(identity.account_id, identity.key_id):
        return await _create(KeyKind.SESSION, identity.scope, SESSION, identity.key_id)


async def begin_session_by_link(link: str) -> str | None:
    """The secret of the session that a link begins; None if the link was used or is too old."""
    _, rows = await get_connection("default").execute_query("SELECT * FROM take_link($1)", [hash_secret(link)])
    if not rows:
        return None
    with tenant.acting_for(rows[0]["account_id"]):
        return await _create(KeyKind.SESSION, Scope(rows[0]["scope"]), SESSION)


async def end_session(keys: KeyCache, secret: str) -> None:
    """Sign out; where there is no such session, there is nothing to do."""
    identity = await keys.identify(secret)
    if identity is None:
        return
    with tenant.acting_for(identity.account_id, identity.key_id):
        session = mine(models.ApiKey, hash=hash_secret(secret), kind=KeyKind.SESSION)
        await session.update(revoked_at=datetime.now(UTC))
    keys.forget(identity.key_id)


async def create_link() -> str:
    """The secret of a link for the current account's administrator."""
    return await _create(KeyKind.LINK, Scope.ADMIN, LINK)


async def _create(kind: KeyKind, scope: Scope, lifetime: timedelta, parent: UUID | None = None) -> str:
    secret = new_secret()
    row = models.ApiKey(
        id=uuid7(),
        account_id=tenant.current_account(),
        kind=kind,
        parent_id=parent,
        name=kind.value.capitalize(),
        scope=scope,
        hash=hash_secret(secret),
        expires_at=datetime.now(UTC) + lifetime,
    )
    await row.save(force_create=True)
    return secret
