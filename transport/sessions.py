"""Signing in to the pages and out of them: ``POST`` and ``DELETE`` of ``/session``."""

from functools import partial
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from db.errors import UNAVAILABLE, AccountMoved
from resolvers import sessions
from transport.authentication import Authenticator, session_cookie
from transport.bodies import BoundedRequest, parse_json_object, read_json_body
from transport.errors import account_moved
from transport.headers import is_encrypted, is_same_origin

_MAX_BODY_SIZE: Final = 1000
_FOREIGN: Final = (
    "Only Istmo's own pages sign in and out. Behind a proxy that ends TLS, FORWARDED_ALLOW_IPS must name the proxy, "
    "and the proxy must set X-Forwarded-Proto."
)


class SessionEndpoints:
    def __init__(self, authenticator: Authenticator) -> None:
        self._authenticator = authenticator

    async def sign_in(self, request: Request) -> Response:
        """Begin a session with ``{"key": …}`` or the ``{"token": …}`` of a link. The response has only its cookie."""
        _check_origin(request)
        body = await read_json_body(BoundedRequest(request.scope, request.receive, _MAX_BODY_SIZE))
        try:
            match parse_json_object(body):
                case {"key": str(secret)}:
                    session = await self._begin_by_key(request, secret)
                case {"token": str(secret)}:
                    session = await self._begin_by_link(request, secret)
                case _:
                    raise HTTPException(400, "Send a `key` or a `token`.")
        except UNAVAILABLE as error:
            raise self._authenticator.outages.refusal(error) from None
        response = Response(status_code=204)
        lifetime = int(sessions.SESSION.total_seconds())
        response.set_cookie(session_cookie(request), session, lifetime, **_cookie_options(request))
        return response

    async def sign_out(self, request: Request) -> Response:
        """End the session, if there is one."""
        _check_origin(request)
        name = session_cookie(request)
        try:
            await sessions.end_session(self._authenticator.keys, request.cookies.get(name, ""))
        except AccountMoved:
            raise account_moved() from None
        except UNAVAILABLE as error:
            raise self._authenticator.outages.refusal(error) from None
        response = Response(status_code=204)
        response.delete_cookie(name, **_cookie_options(request))
        return response

    async def _begin_by_key(self, request: Request, key: str) -> str:
        find = partial(sessions.identify_key, self._authenticator.keys)
        identity = await self._authenticator.try_secret(request, find, key)
        if identity is None:
            raise _refusal("This key is not valid.")
        self._authenticator.count_request(request, identity)
        return await sessions.begin_session(identity)

    async def _begin_by_link(self, request: Request, link: str) -> str:
        session = await self._authenticator.try_secret(request, sessions.begin_session_by_link, link)
        if session is None:
            raise _refusal("This link has been used or has expired.")
        return session


def _refusal(message: str) -> HTTPException:
    return HTTPException(401, message, {"WWW-Authenticate": "Bearer"})


def _check_origin(request: Request) -> None:
    if not is_same_origin(request):
        raise HTTPException(403, _FOREIGN)


def _cookie_options(request: Request) -> Any:
    return {"secure": is_encrypted(request), "httponly": True, "samesite": "strict"}
