"""One HTTP request to a provider: a bounded answer, or ``Unavailable`` with the reason.

No exception of aiohttp's leaves this module, since they carry the request's headers.
"""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp

from lookup.bounded_client import BoundedConnector
from lookup.registry import Reason, Unavailable

LARGEST_ANSWER = 64 * 1024  # bytes; a real one has less than 1 kB

# The first that fits counts.
_REASONS: tuple[tuple[type[Exception], Reason], ...] = (
    (aiohttp.ClientSSLError, Reason.CERTIFICATE),
    (TimeoutError, Reason.TIMEOUT),
    (aiohttp.ClientConnectionError, Reason.CONNECTION),
    (aiohttp.ClientPayloadError, Reason.CONNECTION),
    (OSError, Reason.CONNECTION),
    (aiohttp.ClientError, Reason.GARBLED),
)


def new_session() -> aiohttp.ClientSession:
    """A session for all providers. How long and how many at once is for ``lookup.polite`` to say."""
    return aiohttp.ClientSession(
        connector=BoundedConnector(limit=0),
        timeout=aiohttp.ClientTimeout(total=None),
        cookie_jar=aiohttp.DummyCookieJar(),
        # A small compressed answer may be a huge one.
        auto_decompress=False,
        headers={"Accept-Encoding": "identity", "User-Agent": "Istmo"},
    )


async def post(session: aiohttp.ClientSession, url: str, body: bytes, headers: dict[str, str]) -> bytes:
    """The body of the answer, which must be a 200; a redirection is not followed, as it could lead anywhere."""
    try:
        async with session.post(url, data=body, headers=headers, allow_redirects=False) as response:
            if response.status != 200:
                raise Unavailable(_reason(response.status), seconds(response.headers.get("Retry-After")))
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


def seconds(retry_after: str | None) -> float | None:
    """The wait that a Retry-After header asks for, as a number or as a date; None if it makes no sense."""
    if retry_after is None:
        return None
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after)
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
