"""Who is asking: API keys."""

from dataclasses import dataclass
from hashlib import sha256
from secrets import token_urlsafe
from uuid import UUID

from rules.vocabulary import Scope

PREFIX = "istmo_"


@dataclass(frozen=True)
class Identity:
    account_id: UUID
    key_id: UUID
    scope: Scope


def new_secret() -> str:
    """A key's secret: 256 random bits. Only its hash is kept."""
    return PREFIX + token_urlsafe(32)


def hashed(secret: str) -> bytes:
    """Random keys need no slow hash: there is nothing to guess."""
    return sha256(secret.encode()).digest()
