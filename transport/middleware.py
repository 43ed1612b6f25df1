"""Give every request an id, a line in the log, its place in the metrics, and headers that keep browsers safe.

This is the outermost middleware and not an exception handler, so that responses of Starlette's own have all of it,
too. ``bench.parts`` measures what it costs.
"""

import re
from collections.abc import Mapping
from time import perf_counter
from typing import Final

import structlog
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, reset_contextvars
from uuid_utils import uuid7

from transport.authentication import RESPONSE_HEADERS
from transport.errors import error_response
from transport.metrics import count_request

_WELL_FORMED: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")

# For responses that don't set their own: data that no page may embed and no cache may keep.
_DEFAULT_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
_SECRET: Final = "/d/…"  # how the log shows a public link
_TLS_HEADER: Final = (b"strict-transport-security", b"max-age=31536000")


class RequestMiddleware:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.log = structlog.get_logger().bind()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"").decode("latin-1")
        request_id = given if _WELL_FORMED.fullmatch(given) else str(uuid7())
        status = 0
        start = perf_counter()

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [
                    *message["headers"],
                    (b"x-request-id", request_id.encode()),
                    *scope.get(RESPONSE_HEADERS, ()),
                ]
                present = {name for name, _ in headers}
                headers += [header for header in _DEFAULT_HEADERS if header[0] not in present]
                if scope.get("scheme") == "https":
                    headers.append(_TLS_HEADER)
                message["headers"] = headers
            await send(message)

        bound = bind_contextvars(request_id=request_id)
        try:
            await self.app(scope, receive, send_with_headers)
        except Exception as error:
            self.log.error("unexpected error", reference=request_id, exc_info=error)
            if status:
                raise  # half of a response is sent, so the connection has to be closed
            response = error_response(500, f"Something went wrong on our side. Reference: {request_id}")
            await response(scope, receive, send_with_headers)
        finally:
            seconds = perf_counter() - start
            count_request(scope.get("route"), status, seconds)
            # The log doesn't show what public links lead to.
            path = _SECRET if scope["path"].startswith(_SECRET[:-1]) else scope["path"]
            self.log.info("request", method=scope["method"], path=path, status=status, ms=round(seconds * 1000, 1))
            reset_contextvars(**bound)


class Shortcut:
    """Leads to ``routes`` by their whole path, before Starlette looks for one and prepares for exceptions.

    It is for endpoints that answer any method and their own exceptions.
    """

    def __init__(self, app: ASGIApp, routes: Mapping[str, Route]) -> None:
        self.app = app
        self.routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self.routes.get(scope["path"]) if scope["type"] == "http" else None
        if route is None:
            await self.app(scope, receive, send)
        else:
            scope["route"] = route
            await route.app(scope, receive, send)
