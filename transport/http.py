"""GraphQL over HTTP: https://graphql.github.io/graphql-over-http/draft/

Responses are in ``application/json`` or ``application/graphql-response+json``, each with its status codes.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final

import orjson
from graphql import ExecutionResult
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from announcements.results import FiscalResults
from db import tenant
from lookup.service import Consultar
from pac.cipher import Cipher
from resolvers.document_links import LIFETIME
from resolvers.pac_connection import PacConnections
from rules.printing import Printable
from schema.context import Context
from transport.authentication import Authenticator
from transport.bodies import BoundedRequest, parse_json, parse_json_object, read_json_body
from transport.errors import RETRY_AFTER, response_of
from transport.execution import NotAQuery, OperationRunner
from transport.headers import GRAPHQL_RESPONSE, JSON, choose_language, choose_media_type, wants_page
from transport.parameters import GraphQLRequest, Malformed
from transport.reads import HEADER, ClientPosition, read_position

_CONTENT_TYPES: Final = {name: f"{name}; charset=utf-8".encode() for name in (JSON, GRAPHQL_RESPONSE)}
_POSITION: Final = HEADER.lower().encode()
_NEGOTIATED: Final = 32  # values of a header whose meaning is remembered
_PIECE: Final = 262_144  # bytes of a response that are sent at once
_LARGE: Final = 65536  # bytes; parsing such a body takes about a millisecond, so it is done in a thread


class GraphQLEndpoint:
    """``playground`` answers browsers that open the address; without it they get what programs get.

    ``local_webhooks`` allows webhooks on this machine.
    """

    def __init__(
        self,
        authenticator: Authenticator,
        consultar: Consultar,
        printable: Printable,
        runner: OperationRunner,
        *,
        max_body_size: int,
        backdating_days: int,
        cipher: Cipher | None = None,
        results: FiscalResults | None = None,
        connections: PacConnections | None = None,
        link_lifetime: timedelta = LIFETIME,
        local_webhooks: bool = False,
        playground: Callable[[Request], Awaitable[Response]] | None = None,
    ) -> None:
        self.authenticator = authenticator
        self.consultar = consultar
        self.printable = printable
        self.backdating_days = backdating_days
        self.link_lifetime = link_lifetime
        self.cipher = cipher
        self.results = results
        self.connections = connections
        self.runner = runner
        self.max_body_size = max_body_size
        self.local_webhooks = local_webhooks
        self.playground = playground
        # Nearly all clients send the same few values.
        self._choose_media_type = lru_cache(_NEGOTIATED)(choose_media_type)
        self._choose_language = lru_cache(_NEGOTIATED)(choose_language)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.respond(BoundedRequest(scope, receive, self.max_body_size), send)
        except HTTPException as error:
            await response_of(error)(scope, receive, send)

    async def respond(self, request: Request, send: Send) -> None:
        """Raises ``HTTPException`` before anything is sent."""
        if request.method not in ("GET", "POST"):
            raise HTTPException(405, "Send GraphQL requests by GET or POST.", {"Allow": "GET, POST"})
        if self.playground and wants_page(request):
            page = await self.playground(request)
            return await page(request.scope, request.receive, send)
        identity = await self.authenticator.authenticate(request)
        media_type = self._choose_media_type(request.headers.get("accept", ""))
        if media_type is None:
            raise HTTPException(406, f"Responses are in {JSON} or {GRAPHQL_RESPONSE}.")
        language = self._choose_language(request.headers.get("accept-language", ""))
        context = Context(
            identity,
            self.consultar,
            self.authenticator.keys,
            self.printable,
            language,
            local_webhooks=self.local_webhooks,
            backdating_days=self.backdating_days,
            cipher=self.cipher,
            results=self.results,
            connections=self.connections,
            link_lifetime=self.link_lifetime,
        )
        body = b"" if request.method == "GET" else await read_json_body(request)
        client = read_position(request, of_session=identity.session_id is not None) if self.runner.reads else None
        try:
            with tenant.Acting(identity.acting):
                async with self.runner.limiter.admit(identity.account_id):
                    result = await self._run(request, body, context, client)
                    # The response is kept until its client has taken it, so an account has as many as it has permits.
                    status, headers, content = encode_result(result, media_type)
                    if client and client.told:
                        headers.append((_POSITION, client.told.encode()))
                    await send_in_pieces(status, headers, content, send)
        except NotAQuery:
            raise HTTPException(405, "Only queries may be sent by GET.", {"Allow": "POST"}) from None

    async def _run(
        self, request: Request, body: bytes, context: Context, client: ClientPosition | None
    ) -> ExecutionResult:
        if len(body) > _LARGE:
            parameters = await self.runner.thread.run(parse_request, request, body)
        else:
            parameters = parse_request(request, body)
        return await self.runner.run(parameters, context, only_queries=request.method == "GET", client=client)


async def send_in_pieces(status: int, headers: list[tuple[bytes, bytes]], body: bytes, send: Send) -> None:
    """Send a response, the end of a large one only when most of it has been taken."""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    for begin in range(0, len(body) - _PIECE, _PIECE):
        await send({"type": "http.response.body", "body": body[begin : begin + _PIECE], "more_body": True})
    await send({"type": "http.response.body", "body": body[(len(body) - 1) // _PIECE * _PIECE :]})


def parse_request(request: Request, body: bytes) -> GraphQLRequest:
    """The parameters in the query string of a GET or the JSON body of a POST; raises ``HTTPException``."""
    if request.method == "GET":
        data: Any = dict(request.query_params)
        for name in ("variables", "extensions"):
            if data.get(name):
                data[name] = parse_json(data[name])
    else:
        data = parse_json_object(body)
    try:
        return GraphQLRequest.of(data)
    except Malformed as error:
        raise HTTPException(400, str(error)) from None


def encode_result(result: ExecutionResult, media_type: str) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """The response in the media type that the client accepts: its status, headers and body."""
    content: dict[str, Any] = {"data": result.data}
    status = 200
    headers = [(b"content-type", _CONTENT_TYPES[media_type])]
    if result.errors:
        codes = {(error.extensions or {}).get("code") for error in result.errors}
        # An error without a path kept the operation from being executed, or stopped it: then there is no data.
        if result.data is None and all(error.path is None for error in result.errors):
            content = {}
            if media_type == GRAPHQL_RESPONSE:
                status = 500 if "INTERNAL" in codes else 400
        if not codes.isdisjoint(("UNAVAILABLE", "TIMEOUT")):
            status = 503
            headers.append((b"retry-after", RETRY_AFTER.encode()))
        content = {"errors": [error.formatted for error in result.errors], **content}
    if result.extensions:
        content["extensions"] = result.extensions
    body = orjson.dumps(content)
    return status, [(b"content-length", b"%d" % len(body)), *headers], body
