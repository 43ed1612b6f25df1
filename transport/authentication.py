"""Finding out whose key or session a connection carries, and counting its requests."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from cachetools import LRUCache
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request

from db.errors import UNAVAILABLE, AccountMoved
from resolvers.api_keys import Identity, KeyCache, hash_secret
from transport.errors import TooMany, account_moved
from transport.headers import is_encrypted, is_same_origin, read_bearer_token
from transport.outages import Outages
from transport.rate_limit import AccountQuota, WrongKeys

_COOKIE: Final = "istmo_session"
# Browsers take a cookie of this name from the host itself by TLS alone: no subdomain and nobody on the way can set it.
_HOST_COOKIE: Final = "__Host-istmo_session"
RESPONSE_HEADERS: Final = (
    "istmo.response_headers"  # where a request's scope holds headers for its response, even for a refusal
)

_PATIENCE: Final = 10.0  # seconds for the database
_MOST_VALID: Final = 10_000  # secrets that were found valid and are remembered as such

Found = TypeVar("Found")


class Authenticator:
    """Holds the known keys, the requests of each account, and the wrong secrets that each address has tried.

    ``quota`` is None where requests aren't limited.
    """

    def __init__(self, keys: KeyCache, quota: AccountQuota | None, outages: Outages | None = None) -> None:
        self.keys = keys
        self.quota = quota
        self.outages = outages or Outages()
        self.wrong_keys = WrongKeys()
        self._valid: LRUCache[bytes, bool] = LRUCache(_MOST_VALID)  # hashes of keys and of links alike

    async def authenticate(self, request: Request) -> Identity:
        """Find out who sends a request and count it against their quota; raises ``HTTPException``."""
        header = request.headers.get("authorization")
        secret = read_session(request) if header is None else read_bearer_token(header)
        identity = self.keys.find_known(secret)
        if identity is None:
            identity = await self._look_up(request, secret)
        self.count_request(request, identity)
        return identity

    async def _look_up(self, request: Request, secret: str) -> Identity:
        try:
            identity = await self.try_secret(request, self.keys.identify, secret)
        except UNAVAILABLE as error:
            raise self.outages.refusal(error) from None
        if identity is None:
            message = "Send a valid API key: Authorization: Bearer KEY"
            raise HTTPException(401, message, {"WWW-Authenticate": "Bearer"})
        return identity

    async def try_secret(
        self, connection: HTTPConnection, find: Callable[[str], Awaitable[Found | None]], secret: str
    ) -> Found | None:
        """What ``find`` returns for the secret. A None is counted as a wrong key of the client's address.

        Raises ``HTTPException`` if the secret's account has moved, and ``TooMany`` if that address has tried too many
        like this one lately, unless this secret was valid before: several clients may share an address.
        """
        address = connection.client.host if connection.client else ""
        seconds = self.wrong_keys.seconds_to_wait(address, secret)
        hash_ = hash_secret(secret)
        if seconds and hash_ not in self._valid:
            raise TooMany("wrong keys", seconds)
        try:
            async with asyncio.timeout(_PATIENCE):
                found = await find(secret)
        except AccountMoved:
            raise account_moved() from None
        if found is not None:
            self._valid[hash_] = True
        elif secret:
            self.wrong_keys.count(address, secret)
        return found

    def count_request(self, connection: HTTPConnection, identity: Identity) -> None:
        """Count a request against the account's quota; raises ``TooMany``."""
        if self.quota is None:
            return
        standing = self.quota.take(identity.account_id)
        connection.scope[RESPONSE_HEADERS] = (
            (b"ratelimit-policy", self.quota.policy),
            (b"ratelimit", b'"account";r=%d;t=%d' % (standing.left, standing.seconds)),
        )
        if not standing.granted:
            raise TooMany("requests", standing.seconds)


def read_session(connection: HTTPConnection) -> str:
    """The session in the cookie, which a page of another site can't use; "" if there is none."""
    return connection.cookies.get(session_cookie(connection), "") if is_same_origin(connection) else ""


def session_cookie(connection: HTTPConnection) -> str:
    """The name of the cookie that holds the session."""
    return _HOST_COOKIE if is_encrypted(connection) else _COOKIE
