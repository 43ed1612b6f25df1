"""One HTTP request to a provider: a bounded answer, or ``Unavailable`` with the reason.

No exception of aiohttp leaves this module, since they carry the request's headers.
"""

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


def new_session() -> aiohttp.ClientSession:
    """A session for all providers. ``pac.client`` limits how long calls take and how many there are at once."""
    return aiohttp.ClientSession(
        connector=BoundedConnector(limit=0),
        timeout=aiohttp.ClientTimeout(total=None),
        cookie_jar=aiohttp.DummyCookieJar(),
        # A small compressed answer can unpack to a huge one.
        auto_decompress=False,
        headers={"Accept-Encoding": "identity", "User-Agent": "Istmo"},
    )


async def post(session: aiohttp.ClientSession, url: str, body: bytes, headers: dict[str, str]) -> bytes:
    """Return the body of the answer, which must have status 200; raises ``Unavailable``.

    Redirections are not followed: they could lead anywhere.
    """
    try:
        async with session.post(url, data=body, headers=headers, allow_redirects=False) as response:
            if response.status != 200:
                raise Unavailable(_reason(response.status), read_retry_after(response.headers.get("Retry-After")))
            answer = b""
            async for chunk in response.content.iter_any():
                answer += chunk
                if len(answer) > LARGEST_ANSWER:
                    raise Unavailable(Reason.GARBLED)
            return answer
    except (aiohttp.ClientError, OSError) as error:
        raise Unavailable(next(reason for kind, reason in _REASONS if isinstance(error, kind))) from None


def _reason(status: int) -> Reason:
    match status:
        case 401 | 403:
            return Reason.CREDENTIALS
        case 429 | 503:
            return Reason.OVERLOADED
    return Reason.FAILING if status >= 500 else Reason.GARBLED
