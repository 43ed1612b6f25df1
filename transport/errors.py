"""Responses to requests that don't get as far as GraphQL: ``{"errors": [{"message", "extensions": {"code"}}]}``."""

from typing import Final

import orjson
from starlette.exceptions import HTTPException
from starlette.responses import Response

from transport.metrics import REFUSED

RETRY_AFTER: Final = "2"  # seconds

_CODES: Final = {
    400: "BAD_REQUEST",
    401: "UNAUTHENTICATED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    406: "NOT_ACCEPTABLE",
    408: "REQUEST_TIMEOUT",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    421: "ACCOUNT_MOVED",
    422: "UNPROCESSABLE",
    429: "RATE_LIMITED",
    431: "HEADERS_TOO_LARGE",
    503: "UNAVAILABLE",
}


def error_response(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    code = _CODES.get(status, "BAD_REQUEST" if status < 500 else "INTERNAL")
    body = {"errors": [{"message": message, "extensions": {"code": code}}]}
    if status == 503:
        headers = {"Retry-After": RETRY_AFTER, **(headers or {})}
    return Response(orjson.dumps(body), status, headers, media_type="application/json; charset=utf-8")


def response_of(error: HTTPException) -> Response:
    return error_response(error.status_code, error.detail, dict(error.headers or {}))


def database_unavailable() -> HTTPException:
    return HTTPException(503, "The database is not available right now.")


def account_moved() -> HTTPException:
    message = "This account is on another server now. The proxy in front of this one leads to it in a moment."
    return HTTPException(421, message, {"Retry-After": RETRY_AFTER})


class TooMany(HTTPException):
    """The client has to wait. ``what`` it sent too many of becomes a label of the metrics."""

    def __init__(self, what: str, seconds: int) -> None:
        super().__init__(429, f"Too many {what}. Try again in {seconds} s.", {"Retry-After": str(seconds)})
        REFUSED.labels(what.replace(" ", "_")).inc()
