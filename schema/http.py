"""GraphQL over HTTP, on top of Strawberry's view.

Strawberry answers everything with 200 ``application/json``; here the specification's media type
``application/graphql-response+json`` is spoken too, with its status codes, and errors outside
GraphQL are JSON as well: ``{"errors": [{"message", "extensions": {"code"}}]}``.
"""

from collections.abc import AsyncGenerator
from typing import Any

import orjson
from cross_web import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse
from strawberry.types import ExecutionResult

from db import account
from db.errors import UNAVAILABLE
from resolvers import auth
from schema import schema
from schema.context import Context

RETRY_AFTER = "2"  # seconds

_GRAPHQL_RESPONSE = "application/graphql-response+json"
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
    return Response(orjson.dumps(body), status, headers, media_type="application/json; charset=utf-8")


class BoundedRequest(Request):
    """A request whose body is read up to a limit. (Starlette's own limit doesn't answer in JSON.)"""

    def __init__(self, scope: Scope, receive: Receive, max_body_size: int) -> None:
        super().__init__(scope, receive)
        self.max_body_size = max_body_size

    async def stream(self) -> AsyncGenerator[bytes, None]:
        size = 0
        async for chunk in super().stream():
            size += len(chunk)
            if size > self.max_body_size:
                raise HTTPException(413, f"The body may have at most {self.max_body_size} bytes.")
            yield chunk


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
            return refusal(503, "The database is not available right now.", {"Retry-After": RETRY_AFTER})
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

    def is_browser(self, request: Request) -> bool:
        return (
            request.method == "GET"
            and "query" not in request.query_params
            and "text/html" in request.headers.get("accept", "")
        )

    def should_render_graphql_ide(self, request: Any) -> bool:
        return False

    async def get_sub_response(self, request: Any) -> Response:
        response: Response = await super().get_sub_response(request)
        request.state.response = response
        return response

    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        data = await super().process_result(request, result)
        response: Response = request.state.response
        errors = result.errors or []
        response.status_code = 200
        if any((error.extensions or {}).get("code") == "UNAVAILABLE" for error in errors):
            response.status_code = 503
            response.headers["Retry-After"] = RETRY_AFTER
        # An error without a path kept the operation from being executed: then there is no data.
        if result.data is None and errors and all(error.path is None for error in errors):
            data.pop("data", None)
            if request.state.media_type == _GRAPHQL_RESPONSE:
                response.status_code = 400
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

    def parse_json(self, data: str | bytes) -> Any:
        value = super().parse_json(data)
        if not isinstance(value, dict):
            raise HTTPException(400, "The request must be a JSON object with a query.")
        return value


def bearer(request: Request) -> str:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def accepted(header: str) -> str | None:
    """The media type to answer in: the first of ours that the Accept header names; JSON where it names none."""
    types = [part.partition(";")[0].strip().lower() for part in header.split(",") if part.strip()]
    if not types:
        return "application/json"
    for type_ in types:
        if type_ == _GRAPHQL_RESPONSE:
            return _GRAPHQL_RESPONSE
        if type_ in ("application/json", "application/*", "*/*"):
            return "application/json"
    return None


def language(header: str) -> str:
    """Spanish, unless English is asked for before it."""
    for part in header.split(","):
        tag = part.partition(";")[0].strip().lower().partition("-")[0]
        if tag in ("es", "en"):
            return tag
    return "es"
