"""Signing in to the pages and out of them: ``POST`` and ``DELETE`` of ``/session``."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from db.errors import UNAVAILABLE
from resolvers import sessions
from transport.authentication import SESSION_COOKIE, Authenticator
from transport.bodies import BoundedRequest, parse_json_object, read_json_body
from transport.errors import database_unavailable
from transport.headers import is_same_origin

_MAX_BODY_SIZE: Final = 1000


class SessionEndpoints:
    def __init__(self, authenticator: Authenticator) -> None:
        self._authenticator = authenticator

    async def sign_in(self, request: Request) -> Response:
        """Begin a session with ``{"key": …}`` or the ``{"token": …}`` of a link. The response has only its cookie."""
        _check_origin(request)
        body = await read_json_body(BoundedRequest(request.scope, request.receive, _MAX_BODY_SIZE))
        begin: Callable[[str], Awaitable[str | None]]
        match parse_json_object(body):
            case {"key": str(secret)}:
                message, begin = "This key is not valid.", self._begin_by_key
            case {"token": str(secret)}:
                message, begin = "This link has been used or has expired.", sessions.begin_session_by_link
            case _:
                raise HTTPException(400, "Send a `key` or a `token`.")
        try:
            session = await self._authenticator.try_secret(request, begin, secret)
        except UNAVAILABLE:
            raise database_unavailable() from None
        if session is None:
            raise HTTPException(401, message, {"WWW-Authenticate": "Bearer"})
        response = Response(status_code=204)
        response.set_cookie(SESSION_COOKIE, session, int(sessions.SESSION.total_seconds()), **_cookie_options(request))
        return response

    async def sign_out(self, request: Request) -> Response:
        """End the session, if there is one."""
        _check_origin(request)
        try:
            await sessions.end_session(self._authenticator.keys, request.cookies.get(SESSION_COOKIE, ""))
        except UNAVAILABLE:
            raise database_unavailable() from None
        response = Response(status_code=204)
        response.delete_cookie(SESSION_COOKIE, **_cookie_options(request))
        return response

    async def _begin_by_key(self, key: str) -> str | None:
        return await sessions.begin_session(self._authenticator.keys, key)


def _check_origin(request: Request) -> None:
    if not is_same_origin(request):
        raise HTTPException(403, "Only Istmo's own pages sign in and out.")


def _cookie_options(request: Request) -> Any:
    return {"secure": request.url.scheme == "https", "httponly": True, "samesite": "strict"}
