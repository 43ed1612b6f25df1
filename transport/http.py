"""GraphQL over HTTP: https://graphql.github.io/graphql-over-http/draft/

Both media types are spoken, ``application/json`` and ``application/graphql-response+json``, each with
its status codes. Errors outside GraphQL are JSON, too: ``{"errors": [{"message", "extensions": {"code"}}]}``.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import orjson
from graphql import ExecutionResult
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from db import account
from db.errors import UNAVAILABLE
from resolvers import auth
from resolvers.turns import NoTurn, hard_work, turn
from schema.context import Context
from transport.execution import NotAQuery, run
from transport.limits import Limits
from transport.metrics import REFUSED
from transport.parameters import GraphQLRequest, Malformed
from transport.rate_limit import KeyQuota, WrongKeys

RETRY_AFTER = "2"  # seconds
ANSWER_HEADERS = "istmo.answer_headers"  # in a request's scope: headers of its answer, whatever that will be
COOKIE = "istmo_session"

_LARGE = 65536  # bytes of a body, which take a millisecond to be read
_PAUSE = 0.02  # seconds before a refusal: it costs a mistaken client nothing, and one that goes on and on much
_GRAPHQL_RESPONSE = "application/graphql-response+json"
_WEIGHT = re.compile(r"q=([01](?:\.[0-9]*)?)")
_CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHENTICATED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    406: "NOT_ACCEPTABLE",
    408: "REQUEST_TIMEOUT",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    429: "RATE_LIMITED",
    431: "HEADERS_TOO_LARGE",
    503: "UNAVAILABLE",
}

Found = TypeVar("Found")


def refusal(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    """An answer to a request that doesn't get as far as GraphQL."""
    body = {"errors": [{"message": message, "extensions": {"code": _CODES.get(status, "INTERNAL")}}]}
    if status == 503:
        headers = {"Retry-After": RETRY_AFTER, **(headers or {})}
    return Response(orjson.dumps(body), status, headers, media_type="application/json; charset=utf-8")


class BoundedRequest(Request):
    """A request whose body is read up to a limit. (Starlette's own limit doesn't answer in JSON.)"""

    def __init__(self, scope: Scope, receive: Receive, max_body_size: int) -> None:
        super().__init__(scope, receive)
        self.max_body_size = max_body_size

    async def stream(self) -> AsyncGenerator[bytes, None]:
        self._check_size(int(self.headers.get("content-length", "0")))  # before the client sends it
        size = 0
        async for chunk in super().stream():
            size += len(chunk)
            self._check_size(size)
            yield chunk

    def _check_size(self, size: int) -> None:
        if size > self.max_body_size:
            raise HTTPException(413, f"The body may have at most {self.max_body_size} bytes.")


def asked(request: Request, body: bytes) -> GraphQLRequest:
    """Read from the query string of a GET or the JSON body of a POST; raises ``HTTPException``."""
    if request.method == "GET":
        data: Any = dict(request.query_params)
        for name in ("variables", "extensions"):
            if data.get(name):
                data[name] = _json(data[name])
    else:
        data = json_object(body)
    try:
        return GraphQLRequest.of(data)
    except Malformed as error:
        raise HTTPException(400, str(error)) from None


async def posted(request: Request) -> bytes:
    """The body of a POST with JSON; raises ``HTTPException``."""
    if _media_type(request.headers.get("content-type", "")) != "application/json":
        raise HTTPException(415, "Send the request as application/json.")
    try:
        return await request.body()
    except ClientDisconnect:
        raise HTTPException(400, "The client went away.") from None  # which nobody reads, but the log


def json_object(body: bytes) -> dict[str, Any]:
    """What a body says; raises ``HTTPException``."""
    data = _json(body)
    if not isinstance(data, dict):
        batch = " Send each operation in a request of its own." if isinstance(data, list) else ""
        raise HTTPException(400, f"The request must be one JSON object.{batch}")
    return data


class GraphQLEndpoint:
    """``playground`` answers the browser of somebody who comes to look."""

    def __init__(
        self, *, playground: Callable[[Request], Awaitable[Response]] | None, max_body_size: int, limits: Limits
    ) -> None:
        self.playground = playground
        self.max_body_size = max_body_size
        self.limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self.respond(BoundedRequest(scope, receive, self.max_body_size))
        except HTTPException as error:
            response = refusal(error.status_code, error.detail, dict(error.headers or {}))
            await asyncio.sleep(_PAUSE)
        await response(scope, receive, send)

    async def respond(self, request: Request) -> Response:
        if request.method not in ("GET", "POST"):
            raise HTTPException(405, "GraphQL takes GET and POST.", {"Allow": "GET, POST"})
        if self.playground and is_browser(request):
            return await self.playground(request)
        identity = await authenticated(request)
        media_type = accepted(request.headers.get("accept", ""))
        if media_type is None:
            raise HTTPException(406, f"This answers in application/json and {_GRAPHQL_RESPONSE}.")
        language_ = language(request.headers.get("accept-language", ""))
        context = Context(identity, request.app.state.consultar, language_)
        body = b"" if request.method == "GET" else await posted(request)
        try:
            with account.acting_for(identity.account_id, identity.key_id):
                async with in_turn(identity, self.limits.seconds):
                    if len(body) > _LARGE:
                        async with hard_work(identity.key_id) as do:
                            sent = await do(asked, request, body)
                    else:
                        sent = asked(request, body)
                    result = await run(sent, context, self.limits, only_queries=request.method == "GET")
                    return encoded(result, media_type)
        except NotAQuery:
            raise HTTPException(405, "Only queries may be sent by GET.", {"Allow": "POST"}) from None


async def authenticated(request: Request) -> auth.Identity:
    """Whose key or session the request bears; raises ``HTTPException``."""
    header = request.headers.get("authorization")
    try:
        identity = await tried(request, auth.identify, session_of(request) if header is None else bearer(header))
    except UNAVAILABLE:
        raise HTTPException(503, "The database is not available right now.") from None
    if identity is None:
        message = "Send a valid API key: Authorization: Bearer KEY"
        raise HTTPException(401, message, {"WWW-Authenticate": "Bearer"})
    count(request, identity)
    return identity


async def tried(
    connection: HTTPConnection, find: Callable[[str], Awaitable[Found | None]], secret: str
) -> Found | None:
    """What ``find`` finds for the secret. Raises ``TooMany`` where the client has tried many wrong ones lately, unless
    this one was good before: others may share its address."""
    wrong_keys: WrongKeys = connection.app.state.wrong_keys
    address = connection.client.host if connection.client else ""
    seconds = wrong_keys.wait(address)
    if seconds and not auth.was_good(secret):
        raise TooMany("wrong keys", seconds)
    found = await find(secret)
    if found is None and secret:
        wrong_keys.note(address)
    return found


def count(connection: HTTPConnection, identity: auth.Identity) -> None:
    """Count a request of the key's; raises ``TooMany``."""
    quota: KeyQuota | None = connection.app.state.key_quota
    if quota is None:
        return
    standing = quota.take(identity.key_id)
    connection.scope[ANSWER_HEADERS] = (
        (b"ratelimit-policy", quota.policy),
        (b"ratelimit", b'"key";r=%d;t=%d' % (standing.left, standing.seconds)),
    )
    if not standing.granted:
        raise TooMany("requests", standing.seconds)


@asynccontextmanager
async def in_turn(identity: auth.Identity, patience: float) -> AsyncIterator[None]:
    """One of the key's turns (``resolvers.turns``); raises ``TooMany``."""
    try:
        async with turn(identity.key_id, patience):
            yield
    except NoTurn:
        raise TooMany("requests at once", 1) from None


class TooMany(HTTPException):
    """The client has to wait."""

    def __init__(self, what: str, seconds: int) -> None:
        super().__init__(429, f"Too many {what}. Go on in {seconds} seconds.", {"Retry-After": str(seconds)})
        REFUSED.labels(what.replace(" ", "_")).inc()


def encoded(result: ExecutionResult, media_type: str) -> Response:
    """The response in the media type that the client accepts, with the status that goes with it."""
    content: dict[str, Any] = {"data": result.data}
    status = 200
    headers = {"Content-Type": f"{media_type}; charset=utf-8"}
    if result.errors:
        codes = {(error.extensions or {}).get("code") for error in result.errors}
        # An error without a path kept the operation from being executed (or broke it off): then there is no data.
        if result.data is None and all(error.path is None for error in result.errors):
            content = {}
            if media_type == _GRAPHQL_RESPONSE:
                status = 500 if "INTERNAL" in codes else 400
        if not codes.isdisjoint(("UNAVAILABLE", "TIMEOUT")):
            status = 503
            headers["Retry-After"] = RETRY_AFTER
        content = {"errors": [error.formatted for error in result.errors], **content}
    if result.extensions:
        content["extensions"] = result.extensions
    return Response(orjson.dumps(content), status, headers)


def _json(text: str | bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise HTTPException(400, "The request is not well-formed JSON.") from None


def _media_type(header: str) -> str:
    return header.partition(";")[0].strip().lower()


def is_browser(request: Request) -> bool:
    return (
        request.method == "GET"
        and request.query_params.keys().isdisjoint(("query", "documentId", "extensions"))
        and "text/html" in request.headers.get("accept", "")
    )


def bearer(header: str) -> str:
    """The key in an Authorization header; "" if there is none."""
    scheme, _, secret = header.partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def session_of(connection: HTTPConnection) -> str:
    """The session in the cookie, which a page of another site can't use; "" if there is none."""
    return connection.cookies.get(COOKIE, "") if is_from_here(connection) else ""


def is_from_here(connection: HTTPConnection) -> bool:
    """Whether a browser sends this for one of our own pages. Other clients don't say, and have no cookies to abuse."""
    origin = connection.headers.get("origin")
    own = origin is None or origin.partition("://")[2] == connection.headers.get("host")
    return own and connection.headers.get("sec-fetch-site", "none") in ("same-origin", "none")


def accepted(header: str) -> str | None:
    """The media type to answer in: the one of ours that the Accept header prefers; JSON where it names none."""
    if not header.strip():
        return "application/json"
    for name in by_preference(header):
        if name == _GRAPHQL_RESPONSE:
            return _GRAPHQL_RESPONSE
        if name in ("application/json", "application/*", "*/*"):
            return "application/json"
    return None


def language(header: str) -> str:
    """Spanish, unless the Accept-Language header prefers English."""
    for name in by_preference(header):
        tag = name.partition("-")[0]
        if tag in ("es", "en"):
            return tag
    return "es"


def by_preference(header: str) -> list[str]:
    """What a header such as Accept asks for, the most wanted first.

    >>> by_preference("es;q=0.5, en-GB, fr;q=0")
    ['en-gb', 'es']
    """
    weights: dict[str, float] = {}
    for part in header.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        given = next((_WEIGHT.fullmatch(parameter) for parameter in parameters if parameter.startswith("q=")), None)
        weights[name] = float(given[1]) if given else 1.0
    return sorted((name for name in weights if name and weights[name]), key=lambda name: -weights[name])
