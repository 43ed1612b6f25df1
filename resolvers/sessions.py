"""Signing in to the pages, by a key or by a link that works once, and signing out of them.

A session is a key of its own kind, whose secret is in a browser's cookie, so that ``KeyCache.identify`` serves for
both. It acts as the key that began it, and ends with that key. A session begun by a link acts for itself.
"""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from tortoise.connection import get_connection
from tortoise.queryset import QuerySet
from uuid_utils.compat import uuid7

from db import models, tenant
from projection import Many, One
from resolvers.api_keys import Identity, KeyCache, hash_secret, named_account, new_secret, tell_revoked
from resolvers.scope import fetch_or_refuse, mine
from rules.faults import Text
from rules.vocabulary import KeyKind, Scope

SESSION: Final = timedelta(hours=12)
LINK: Final = timedelta(minutes=15)


# Beginning


async def identify_key(keys: KeyCache, secret: str) -> Identity | None:
    """The identity behind a key. A session is none: it must not prolong itself."""
    identity = await keys.identify(secret)
    return None if identity is None or identity.session_id else identity


async def begin_session(identity: Identity) -> str:
    """The secret of a new session of a key."""
    with tenant.acting_for(identity.account_id, identity.key_id):
        return await _create(KeyKind.SESSION, identity.scope, SESSION, identity.key_id)


async def begin_session_by_link(link: str) -> str | None:
    """The secret of the session that a link begins; None if the link was used or is too old."""
    _, rows = await get_connection("default").execute_query(
        "SELECT * FROM take_link($1, $2)", [hash_secret(link), named_account(link)]
    )
    if not rows:
        return None
    with tenant.acting_for(rows[0]["account_id"]):
        return await _create(KeyKind.SESSION, Scope(rows[0]["scope"]), SESSION)


async def create_link() -> str:
    """The secret of a link for the current account's administrator."""
    return await _create(KeyKind.LINK, Scope.ADMIN, LINK)


# By the database's clock, by which ends are also checked. A session doesn't outlive its key.
_CREATE: Final = """
    INSERT INTO api_key (id, account_id, kind, parent_id, name, scope, hash, expires_at)
    SELECT $1, $2, $3, $4, $5, $6, $7,
        least(now() + $8::interval, (SELECT expires_at FROM api_key WHERE account_id = $2 AND id = $4))
    RETURNING 1
"""


async def _create(kind: KeyKind, scope: Scope, lifetime: timedelta, parent: UUID | None = None) -> str:
    secret = new_secret()
    owner, name = tenant.current_account(), kind.value.capitalize()
    values = [uuid7(), owner, kind.value, parent, name, scope.value, hash_secret(secret), lifetime]
    await get_connection("default").execute_query(_CREATE, values)
    return secret


# Seeing and ending


def sessions(identity: Identity) -> Many:
    """The sessions that one may see, the youngest first: an administrator the account's, others their own."""
    return Many(_visible(identity).order_by("-created_at", "-id"))


def session(id: UUID) -> One:
    return One(mine(models.ApiKey, kind=KeyKind.SESSION, id=id))


async def end_session(keys: KeyCache, secret: str) -> None:
    """Sign out; where there is no such session, there is nothing to do."""
    identity = await keys.identify(secret)
    if identity is not None and identity.session_id is not None:
        with tenant.acting_for(identity.account_id, identity.key_id):
            await _end(keys, mine(models.ApiKey, id=identity.session_id))


async def revoke_session(keys: KeyCache, identity: Identity, id: str) -> UUID:
    """End a session that one may see; raises ``Refusal``."""
    missing = Text("No existe esta sesión, o ya terminó.", "There is no such session, or it has ended.")
    row = await fetch_or_refuse(_visible(identity), id, missing)
    await _end(keys, mine(models.ApiKey, id=row.id))
    return row.id


async def sign_out_everywhere(keys: KeyCache, identity: Identity) -> UUID:
    """End all sessions of one's own; returns the id of their key."""
    await _end(keys, _own(identity))
    return identity.key_id


async def _end(keys: KeyCache, rows: QuerySet[models.ApiKey]) -> None:
    ids = [id async for (id,) in rows.filter(revoked_at__isnull=True).values_list("id")]
    if ids:
        await mine(models.ApiKey, id__in=ids).update(revoked_at=datetime.now(UTC))
        keys.forget(*ids)
        await tell_revoked(ids)


def _visible(identity: Identity) -> QuerySet[models.ApiKey]:
    return _live() if identity.scope.allows(Scope.ADMIN) else _own(identity)


def _own(identity: Identity) -> QuerySet[models.ApiKey]:
    """The sessions that the same key has begun; for one that was begun by a link, all that were begun by links."""
    if identity.session_id == identity.key_id:
        return _live().filter(parent_id__isnull=True)
    return _live().filter(parent_id=identity.key_id)


def _live() -> QuerySet[models.ApiKey]:
    return mine(models.ApiKey, kind=KeyKind.SESSION, revoked_at__isnull=True, expires_at__gt=datetime.now(UTC))
