"""Trusted documents: texts of GraphQL documents that clients send by their hash.

They belong to the service, not to an account. Its operators add them on the command line; those of the pages come
with the pages. An id is the SHA-256 of the text in hexadecimal, with or without ``sha256:`` before it.
"""

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Final

from cachetools import TTLCache

from db import models

PREFIX: Final = "sha256:"
CACHED_FOR: Final = 5.0  # seconds

_HASH: Final = re.compile("[0-9a-f]{64}")
_CACHE_SIZE: Final = 2_000_000  # characters


class TrustedDocuments:
    """The documents of the database, remembered for ``CACHED_FOR`` seconds, and ``own`` ones by their ids.

    A document that is removed from the database works until the cache forgets it.
    """

    def __init__(self, own: Mapping[str, str] | None = None) -> None:
        self._own = {id.removeprefix(PREFIX): text for id, text in (own or {}).items()}
        self._cache: TTLCache[str, str] = TTLCache(_CACHE_SIZE, CACHED_FOR, getsizeof=lambda text: len(text) + 100)

    async def fetch(self, id: str) -> str | None:
        """The text with this id, if there is one."""
        hash_ = id.removeprefix(PREFIX)
        text = self._own.get(hash_) or self._cache.get(hash_)
        if text is None and _HASH.fullmatch(hash_):
            document = await models.TrustedDocument.get_or_none(hash=hash_)
            if document is None:
                return None
            text = document.text
            if len(text) < self._cache.maxsize - 100:
                self._cache[hash_] = text
        return text


def hash_text(text: str) -> str | None:
    """In hexadecimal; None for what PostgreSQL can't store as text."""
    try:
        return None if "\0" in text else sha256(text.encode()).hexdigest()
    except UnicodeEncodeError:
        return None


# For the command line, as the database's owner


async def add_documents(texts: Mapping[str, str]) -> int:
    """Store documents by their hashes; returns how many were not there yet."""
    before = await models.TrustedDocument.filter(hash__in=list(texts)).count()
    rows = [models.TrustedDocument(hash=hash_, text=text) for hash_, text in texts.items()]
    await models.TrustedDocument.bulk_create(rows, ignore_conflicts=True)
    return len(texts) - before


async def list_documents() -> list[models.TrustedDocument]:
    return await models.TrustedDocument.all().order_by("added_at", "hash")


async def remove_documents(ids: Iterable[str]) -> int:
    """Returns how many of them there were."""
    return await models.TrustedDocument.filter(hash__in=[id.removeprefix(PREFIX) for id in ids]).delete()
