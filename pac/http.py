"""One HTTP request to a provider: a bounded answer, or ``Unavailable`` with the reason.

A request is never repeated here, and aiohttp repeats none with POST; one with GET changes nothing. No exception of
aiohttp leaves this module, since they carry the request's headers.
"""

from dataclasses import dataclass
from typing import Final

import aiohttp

from pac.bounded_client import BoundedConnector
from pac.failures import Reason, Unavailable
from rules.retry import read_retry_after

LARGEST_ANSWER: Final = 64 * 1024  # bytes; a real one has less than 1 kB

# The first that fits counts.
_REASONS: Final[tuple[tuple[type[Exception], Reason], ...]] = (
    (aiohttp.ClientSSLError, Reason.CERTIFICATE),
    (TimeoutError, Reason.TIMEOUT),
    (aiohttp.ClientConnectionError, Reason.CONNECTION),
    (aiohttp.ClientPayloadError, Reason.CONNECTION),
    (OSError, Reason.CONNECTION),
    (aiohttp.ClientError, Reason.GARBLED),
)
# With these, no connection was made, so nothing was sent.
_NOT_CONNECTED: Final = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


@dataclass(frozen=True)
class Response:
    """An answer of any status. ``retry_after``, in seconds, is what the provider asked for."""

    status: int
    body: bytes
    retry_after: float | None = None

    def check(self) -> None:
        """Raise ``Unavailable`` unless the status is 200."""
        if self.status != 200:
            raise Unavailable(_reason(self.status), self.retry_after)


def new_session(*, reuse_connections: bool = True) -> aiohttp.ClientSession:
    """A session for all providers. ``pac.client`` limits how long calls take and how many there are at once.

    A connection that is used again may be one that the provider is just closing: then nobody knows whether the request
    arrived. Where that matters more than speed, each request has a connection of its own.
    """
    return aiohttp.ClientSession(
        connector=BoundedConnector(limit=0, force_close=not reuse_connections),
        timeout=aiohttp.ClientTimeout(total=None),
        cookie_jar=aiohttp.DummyCookieJar(),
        # A small compressed answer can unpack to a huge one.
        auto_decompress=False,
        headers={"Accept-Encoding": "identity", "User-Agent": "Istmo"},
    )


async def post(session: aiohttp.ClientSession, url: str, body: bytes, headers: dict[str, str]) -> bytes:
    """Return the body of the answer, which must have status 200; raises ``Unavailable``."""
    response = await exchange(session, url, body, headers)
    response.check()
    return response.body


async def exchange(
    session: aiohttp.ClientSession,
    url: str,
    body: bytes | None,
    headers: dict[str, str],
    *,
    largest: int = LARGEST_ANSWER,
    connect_seconds: float | None = None,
) -> Response:
    """Post the body, or get without one, and return the answer, whatever its status; raises ``Unavailable``.

    ``largest`` bounds the answer in bytes. ``connect_seconds`` bounds making the connection by itself, so that a host
    that can't be reached is known as such. Redirections are not followed: they could lead anywhere.
    """
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=connect_seconds)
    try:
        method = "GET" if body is None else "POST"
        async with session.request(
            method, url, data=body, headers=headers, allow_redirects=False, timeout=timeout
        ) as response:
            retry_after = read_retry_after(response.headers.get("Retry-After"))
            return Response(response.status, await _read(response, largest), retry_after)
    except (aiohttp.ClientError, OSError) as error:
        reason = next(reason for kind, reason in _REASONS if isinstance(error, kind))
        raise Unavailable(reason, may_have_arrived=not isinstance(error, _NOT_CONNECTED)) from None


async def _read(response: aiohttp.ClientResponse, largest: int) -> bytes:
    answer = bytearray()
    async for chunk in response.content.iter_any():
        answer += chunk
        if len(answer) > largest:
            if response.status == 200:
                raise Unavailable(Reason.GARBLED)
            break  # of an error, the beginning says enough
    return bytes(answer[:largest])


def _reason(status: int) -> Reason:
    match status:
        case 401 | 403:
            return Reason.CREDENTIALS
        case 429 | 503:
            return Reason.OVERLOADED
    return Reason.FAILING if status >= 500 else Reason.GARBLED
