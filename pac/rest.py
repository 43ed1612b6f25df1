"""Calling a REST service as The Factory HKA runs it: a token is fetched first and sent along.

The token, a JWT, comes as a JSON string, as plain text or as ``{"token": …}``. Clients in use keep
it for 55 minutes; a 401 says that it is out of date.
"""

import asyncio
import re
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeVar

import aiohttp
import orjson

from pac import http
from pac.failures import Reason, Unavailable
from pac.providers import Provider

TOKEN_LIFETIME: Final = 55 * 60.0  # seconds

_KEPT_TOKENS: Final = 4
_UNAUTHORIZED: Final = 401
_TOKEN: Final = re.compile("[A-Za-z0-9._~+/=-]{1,8192}")

T = TypeVar("T")


class RestService:
    def __init__(self, provider: Provider, session: aiohttp.ClientSession) -> None:
        self._provider = provider
        self._session = session
        self._token = ""
        self._token_until = 0.0
        # The latest, so that they can be taken out of what the provider says: calls may be under way with one before.
        self.tokens: deque[str] = deque(maxlen=_KEPT_TOKENS)
        self._signing_in = asyncio.Lock()

    async def call(self, path: str, values: dict[str, str], read: Callable[[dict[str, Any]], T]) -> T:
        """Post the values and read the answer's object; raises ``Unavailable``, as ``read`` may.

        Where either says that our credentials are not taken, it is done once more with a new token.
        """
        token = await self._current_token()
        try:
            return read(read_object(await self._post(path, values, f"Bearer {token}")))
        except Unavailable as error:
            if error.reason is not Reason.CREDENTIALS:
                raise
        token = await self._current_token(refused=token)
        return read(read_object(await self._post(path, values, f"Bearer {token}")))

    async def exchange(
        self,
        path: str,
        body: bytes | None,
        *,
        largest: int = http.LARGEST_ANSWER,
        connect_seconds: float | None = None,
    ) -> http.Response:
        """Post the JSON, or get without one, and return the answer as it came; raises ``Unavailable`` where none came.

        Where it is 401, it is done once more with a new token: then nothing was done with what was sent. Where our
        credentials give no token, the answer is 401, too.
        """
        send = partial(self._exchange, path, body, largest=largest, connect_seconds=connect_seconds)
        try:
            token = await self._current_token()
            response = await send(f"Bearer {token}")
            if response.status == _UNAUTHORIZED:
                response = await send(f"Bearer {await self._current_token(refused=token)}")
        except Unavailable as error:
            if error.reason is not Reason.CREDENTIALS:
                raise
            return http.Response(_UNAUTHORIZED, b"")
        return response

    async def _current_token(self, refused: str = "") -> str:
        """A token other than the refused one. Calls that need a new one at the same time share it."""
        async with self._signing_in:
            if self._token == refused or time.monotonic() > self._token_until:
                self._token = await self._sign_in()
                self.tokens.append(self._token)
                self._token_until = time.monotonic() + TOKEN_LIFETIME
            return self._token

    async def _sign_in(self) -> str:
        """A new token; whatever fails here, nothing of what it is for has been sent."""
        user = self._provider.user.get_secret_value()
        credentials = {"usuario": user, "clave": self._provider.password.get_secret_value()}
        try:
            return read_token(await self._post("/api/Autenticacion", credentials, user))
        except Unavailable as error:
            raise Unavailable(error.reason, error.retry_after, may_have_arrived=False) from None

    async def _post(self, path: str, values: dict[str, str], authorization: str) -> bytes:
        response = await self._exchange(path, orjson.dumps(values), authorization)
        response.check()
        return response.body

    async def _exchange(self, path: str, body: bytes | None, authorization: str, **limits: Any) -> http.Response:
        headers = {"Content-Type": "application/json", "Authorization": authorization}
        return await http.exchange(self._session, self._provider.url + path, body, headers, **limits)


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object that a body holds; raises ``Unavailable``."""
    try:
        fields = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Unavailable(Reason.GARBLED) from None
    if not isinstance(fields, dict):
        raise Unavailable(Reason.GARBLED)
    return fields


def read_token(body: bytes) -> str:
    """The token in the answer to a sign-in; raises ``Unavailable``."""
    try:
        token = orjson.loads(body)
    except orjson.JSONDecodeError:
        token = body.decode("ascii", "replace").strip()
    if isinstance(token, dict):
        token = token.get("token")
        if token is None:
            raise Unavailable(Reason.CREDENTIALS)
    # It goes into a header, so nothing but a token may pass.
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise Unavailable(Reason.GARBLED)
    return token
