"""GraphQL over HTTP, on top of Strawberry's view.

Strawberry answers everything with 200 ``application/json``; here the specification's media type
``application/graphql-response+json`` is spoken too, with its status codes, and errors outside
GraphQL are JSON as well: ``{"errors": [{"message", "extensions": {"code"}}]}``.
"""

import re
from collections.abc import AsyncGenerator
from typing import Any

import orjson
from cross_web import AsyncHTTPRequestAdapter, HTTPException
from graphql import GraphQLError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.http.parse_content_type import parse_content_type
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult

from db import account
from db.errors import UNAVAILABLE
from resolvers import auth
from schema import schema
from schema.context import Context

RETRY_AFTER = "2"  # seconds

_GRAPHQL_RESPONSE = "application/graphql-response+json"
_PARAMETERS = {"query": str, "operationName": str, "variables": dict, "extensions": dict}
_WEIGHT = re.compile(r"q=([01](?:\.[0-9]*)?)")
_CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHENTICATED",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    406: "NOT_ACCEPTABLE",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    429: "RATE_LIMITED",
    503: "UNAVAILABLE",
}


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


class GraphQLEndpoint(GraphQL[Context, None]):
    def __init__(self, *, playground: bool, max_body_size: int) -> None:
        super().__init__(schema, graphql_ide="graphiql" if playground else None)
        self.max_body_size = max_body_size

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self.respond(BoundedRequest(scope, receive, self.max_body_size))
        await response(scope, receive, send)

    async def respond(self, request: Request) -> Response:
        if request.method not in ("GET", "POST"):
            return refusal(405, "GraphQL takes GET and POST.", {"Allow": "GET, POST"})
        if self.graphql_ide and self.is_browser(request):
            return HTMLResponse(self.graphql_ide_html)
        try:
            identity = await auth.identify(bearer(request))
        except UNAVAILABLE:
            return refusal(503, "The database is not available right now.")
        if identity is None:
            return refusal(401, "Send a valid API key: Authorization: Bearer KEY", {"WWW-Authenticate": "Bearer"})
        media_type = accepted(request.headers.get("accept", ""))
        if media_type is None:
            return refusal(406, f"This answers in application/json and {_GRAPHQL_RESPONSE}.")
        request.state.media_type = media_type
        context = Context(identity, language(request.headers.get("accept-language", "")))
        with account.acting_for(identity.account_id):
            try:
                return await self.run(request, context)
            except HTTPException as error:
                return refusal(error.status_code, error.reason, {"Allow": "POST"} if error.status_code == 405 else None)
            except ClientDisconnect:
                return refusal(400, "The client went away.")  # which nobody reads, but the log

    def is_browser(self, request: Request) -> bool:
        return (
            request.method == "GET"
            and "query" not in request.query_params
            and "text/html" in request.headers.get("accept", "")
        )

    def should_render_graphql_ide(self, request: Any) -> bool:
        return False

    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> GraphQLRequestData:
        if request.method == "GET":
            data = self.parse_query_params(request.query_params)
        elif parse_content_type(request.content_type or "")[0].lower() == "application/json":
            data = self.parse_json(await request.get_body())
        else:
            raise HTTPException(415, "Send the request as application/json.")
        if not isinstance(data, dict):
            raise HTTPException(400, "The request must be one JSON object.")
        for name, type_ in _PARAMETERS.items():
            if not isinstance(data.get(name), type_ | None):
                raise HTTPException(400, f"`{name}` must be {'a string' if type_ is str else 'an object'}.")
        query, operation_name, variables, extensions = (data.get(name) for name in _PARAMETERS)
        if not query:
            raise HTTPException(400, "The request has no `query`.")
        return GraphQLRequestData(query, variables, operation_name, extensions)

    async def execute_single(self, *arguments: Any, **named: Any) -> ExecutionResult:
        try:
            return await super().execute_single(*arguments, **named)
        except HTTPException as error:
            if isinstance(error.__cause__, CannotGetOperationTypeError):
                message = "`operationName` must name one of the document's operations."
                return ExecutionResult(None, [GraphQLError(message, extensions={"code": "BAD_USER_INPUT"})])
            if isinstance(error.__cause__, InvalidOperationTypeError) and named["request_adapter"].method == "GET":
                raise HTTPException(405, "Only queries may be sent by GET.") from None
            raise

    async def get_sub_response(self, request: Any) -> Response:
        response: Response = await super().get_sub_response(request)
        request.state.response = response
        return response

    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        data = await super().process_result(request, result)
        response: Response = request.state.response
        errors = result.errors or []
        codes = {(error.extensions or {}).get("code") for error in errors}
        response.status_code = 200
        # An error without a path kept the operation from being executed: then there is no data.
        if result.data is None and errors and all(error.path is None for error in errors):
            data.pop("data", None)
            if request.state.media_type == _GRAPHQL_RESPONSE:
                response.status_code = 500 if "INTERNAL" in codes else 400
        if "UNAVAILABLE" in codes:
            response.status_code = 503
            response.headers["Retry-After"] = RETRY_AFTER
        response.media_type = request.state.media_type
        return data

    def create_response(self, response_data: Any, sub_response: Response) -> Response:
        return Response(
            self.encode_json(response_data),
            sub_response.status_code,
            dict(sub_response.headers),
            media_type=f"{sub_response.media_type}; charset=utf-8",
        )

    def encode_json(self, data: object) -> bytes:
        return orjson.dumps(data)

    def decode_json(self, data: str | bytes) -> object:
        return orjson.loads(data)


def bearer(request: Request) -> str:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


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
