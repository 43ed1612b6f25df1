"""Who is asking: API keys, and sessions, which act as one (``resolvers.sessions``).

A key's secret is 256 random bits, of which only the hash is kept. What a hash stands for is
remembered for a few seconds, so most requests cost no statement; a key revoked by another process
works for that long.
"""

from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_urlsafe
from time import monotonic
from uuid import UUID

from asyncpg import ReadOnlySQLTransactionError
from cachetools import LRUCache, TTLCache
from tortoise.connection import get_connection
from tortoise.timezone import now

from db import account, models
from resolvers.scope import mine
from rules.vocabulary import Scope

PREFIX = "istmo_"
MEMORY = 5.0  # seconds
NOTED_EVERY = 60.0  # seconds between two notes of a key's last use


@dataclass(frozen=True)
class Identity:
    account_id: UUID
    key_id: UUID
    scope: Scope


_known: LRUCache[bytes, tuple[Identity, float]] = LRUCache(maxsize=10_000)  # with the time until which that holds
_noted: TTLCache[UUID, float] = TTLCache(maxsize=10_000, ttl=NOTED_EVERY)


def new_secret() -> str:
    return PREFIX + token_urlsafe(32)


def hashed(secret: str) -> bytes:
    """Random keys need no slow hash: there is nothing to guess."""
    return sha256(secret.encode()).digest()


async def identify(secret: str) -> Identity | None:
    """Whose key this is; None for one that is unknown, revoked or expired."""
    if not secret.startswith(PREFIX):
        return None
    hash_ = hashed(secret)
    identity, until = _known.get(hash_, (None, 0.0))
    if identity is not None and monotonic() < until:
        return identity
    _, rows = await get_connection("default").execute_query("SELECT * FROM account_of_key($1)", [hash_])
    if not rows:
        return None
    row = rows[0]
    identity = Identity(row["account_id"], row["key_id"], Scope(row["scope"]))
    _known[hash_] = identity, monotonic() + MEMORY
    if identity.key_id not in _noted:
        _noted[identity.key_id] = monotonic()
        with account.acting_for(identity.account_id), suppress(ReadOnlySQLTransactionError):
            await mine(models.ApiKey, id=identity.key_id).update(last_used_at=now())
    return identity


def was_good(secret: str) -> bool:
    """Whether this process has found whose key it is, at any time."""
    return hashed(secret) in _known


def forget(key_id: UUID) -> None:
    """Let a revoked key be refused at once by this process."""
    for hash_, (identity, _) in list(_known.items()):
        if identity.key_id == key_id:
            _known[hash_] = identity, 0.0
