"""Trusted documents: texts of GraphQL documents that clients send by their hash.

They belong to the service, not to an account; those who run it add them by command line. As a hash says what the
text is, a text may be remembered; a document that was removed works for ``MEMORY`` seconds more. Those of the pages
come with the pages (``trust_own``).
"""

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Final

from cachetools import TTLCache

from db import models

PREFIX: Final = "sha256:"
MEMORY: Final = 5.0  # seconds

_HASH: Final = re.compile("[0-9a-f]{64}")

_own: dict[str, str] = {}
_known: TTLCache[str, str] = TTLCache(maxsize=2_000_000, ttl=MEMORY, getsizeof=lambda text: len(text) + 100)


def hash_of(text: str) -> str | None:
    """In hexadecimal; None for what can't be stored as text."""
    try:
        return None if "\0" in text else sha256(text.encode()).hexdigest()
    except UnicodeEncodeError:
        return None


def trust_own(texts: Mapping[str, str]) -> None:
    """Trust the documents, by their ids, as long as this process runs."""
    _own.update({id.removeprefix(PREFIX): text for id, text in texts.items()})


async def text_of(id: str) -> str | None:
    """The document with this id, which is its SHA-256 in hexadecimal, with or without ``sha256:`` before it."""
    hash_ = id.removeprefix(PREFIX)
    text = _own.get(hash_) or _known.get(hash_)
    if text is None and _HASH.fullmatch(hash_):
        document = await models.TrustedDocument.get_or_none(hash=hash_)
        if document is None:
            return None
        text = document.text
        if len(text) < _known.maxsize - 100:
            _known[hash_] = text
    return text


async def add(texts: Mapping[str, str]) -> int:
    """Store documents by their hashes; returns how many were not there yet. As the owner."""
    before = await models.TrustedDocument.filter(hash__in=list(texts)).count()
    rows = [models.TrustedDocument(hash=hash_, text=text) for hash_, text in texts.items()]
    await models.TrustedDocument.bulk_create(rows, ignore_conflicts=True)
    return len(texts) - before


async def listed() -> list[models.TrustedDocument]:
    return await models.TrustedDocument.all().order_by("added_at", "hash")


async def remove(ids: Iterable[str]) -> int:
    """Returns how many there were. As the owner."""
    return await models.TrustedDocument.filter(hash__in=[id.removeprefix(PREFIX) for id in ids]).delete()
