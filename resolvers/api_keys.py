"""API keys: secrets that stand for an account, with a scope.

A key is shown once, when it is made; only its SHA-256 is stored.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from secrets import token_urlsafe
from time import monotonic
from typing import Final
from uuid import UUID

from asyncpg import ReadOnlySQLTransactionError
from cachetools import LRUCache, TTLCache
from tortoise.connection import get_connection
from tortoise.timezone import now
from tortoise.transactions import in_transaction

from db import models, tenant
from db.notifications import REVOKED_KEYS
from resolvers.scope import mine
from rules.vocabulary import Scope

PREFIX: Final = "istmo_"
CACHED_FOR: Final = 5.0  # seconds
NOTED_EVERY: Final = 60.0  # seconds between two notes of a key's last use

_NAMING: Final = 22 + 43  # characters of a secret that names its account
_MOST: Final = 10_000  # keys that a cache remembers


@dataclass(frozen=True)
class Identity:
    """Whose secret it is. For a session, ``key_id`` is the key that began it, or else the session itself."""

    account_id: UUID
    key_id: UUID
    scope: Scope
    session_id: UUID | None = None

    @cached_property
    def acting(self) -> tenant.Tenant:
        """As whom its requests are carried out."""
        return tenant.Tenant(self.account_id, str(self.account_id), str(self.key_id))


def new_secret(prefix: str = PREFIX) -> str:
    """A secret of the current account. It names the account, so that a key is looked for where the account is."""
    return prefix + name_account(tenant.current_account()) + token_urlsafe(32)


def name_account(account: UUID) -> str:
    """The 22 characters by which secrets name the account. Proxies in front of several nodes know it by them."""
    return urlsafe_b64encode(account.bytes).decode().rstrip("=")


def named_account(secret: str) -> UUID | None:
    """The account that the secret names, which proves nothing; None for secrets from before they named one."""
    named = secret.removeprefix(PREFIX)
    try:
        return UUID(bytes=urlsafe_b64decode(named[:22] + "==")) if len(named) == _NAMING else None
    except ValueError:
        return None


def hash_secret(secret: str) -> bytes:
    """A plain SHA-256: the secret is random, so a slow hash would protect nothing."""
    return sha256(secret.encode()).digest()


async def tell_revoked(ids: Iterable[UUID]) -> None:
    """Have all processes look these keys and sessions up again, at once if they can listen."""
    notify = "SELECT pg_notify($1, id::text) FROM unnest($2::uuid[]) AS revoked (id)"
    await get_connection("default").execute_query(notify, [REVOKED_KEYS, list(ids)])


class KeyCache:
    """Finds whose key a secret is. It remembers each for ``CACHED_FOR`` seconds, so that most requests cost no
    statement. A key that another process revokes works until that is notified, and at most for that long.
    """

    def __init__(self) -> None:
        self._known: LRUCache[bytes, tuple[Identity, float]] = LRUCache(_MOST)  # with the time at which it expires
        self._noted: TTLCache[UUID, float] = TTLCache(_MOST, NOTED_EVERY)

    def find_known(self, secret: str) -> Identity | None:
        """The identity behind the secret if it need not be looked up."""
        identity, until = self._known.get(hash_secret(secret), (None, 0.0))
        return identity if monotonic() < until else None

    async def identify(self, secret: str) -> Identity | None:
        """The identity behind the secret; None if its key is unknown, revoked or expired."""
        if not secret.startswith(PREFIX):
            return None
        if identity := self.find_known(secret):
            return identity
        hash_ = hash_secret(secret)
        _, rows = await get_connection("default").execute_query(
            "SELECT * FROM account_of_key($1, $2)", [hash_, named_account(secret)]
        )
        if not rows:
            return None
        row = rows[0]
        identity = Identity(row["account_id"], row["key_id"], Scope(row["scope"]), row["session_id"])
        self._known[hash_] = identity, monotonic() + CACHED_FOR
        await self._note_use(identity)
        return identity

    async def _note_use(self, identity: Identity) -> None:
        ids = {each for each in (identity.key_id, identity.session_id) if each and each not in self._noted}
        if ids:
            self._noted.update(dict.fromkeys(ids, monotonic()))
            with tenant.acting_for(identity.account_id), suppress(ReadOnlySQLTransactionError):
                async with in_transaction() as transaction:
                    # No request waits for this to reach a standby, which may be away.
                    await transaction.execute_query("SET LOCAL synchronous_commit = local")
                    await mine(models.ApiKey, id__in=list(ids)).update(last_used_at=now())

    def forget(self, *ids: UUID) -> None:
        """Look these keys and sessions up again at their next use, as after they were revoked."""
        for hash_, (identity, _) in list(self._known.items()):
            if not {identity.key_id, identity.session_id}.isdisjoint(ids):
                self._known[hash_] = identity, 0.0
