"""Connecting to the one of several servers that is what the address asks for, such as the one that takes writes."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from db.errors import UNAVAILABLE


def addresses_of(url: str) -> list[str]:
    """The address of each server that an address names.

    >>> addresses_of("postgresql://me:secret@one:5432,two/istmo?target_session_attrs=read-write")[1]
    'postgresql://me:secret@two/istmo?target_session_attrs=read-write'
    >>> addresses_of("postgresql:///istmo?host=/tmp")
    ['postgresql:///istmo?host=/tmp']
    """
    parts = urlsplit(url)
    login, at, hosts = parts.netloc.rpartition("@")
    if "," not in hosts:
        return [url]
    return [urlunsplit(parts._replace(netloc=login + at + host)) for host in hosts.split(",")]


async def connect(url: str, *, patience: float, **options: Any) -> Any:
    """A connection to the first server that answers and is what ``url`` asks for.

    asyncpg gives all of them one time limit together. Then a first one that is silent, as a machine without power
    is, would keep it from ever reaching the others. Here each has its share of ``patience``.
    """
    addresses = addresses_of(url)
    share = patience / (len(addresses) + 1) if len(addresses) > 1 else patience
    for number, address in enumerate(addresses, 1):
        try:
            return await asyncpg.connect(address, timeout=share, **options)
        except UNAVAILABLE:
            if number == len(addresses):
                raise
    raise AssertionError("unreachable")
