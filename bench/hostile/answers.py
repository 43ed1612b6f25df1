"""What may be answered to an attacker."""

import json

# The codes of errors, and of refusals before GraphQL.
CODES = {
    "BAD_REQUEST",
    "BAD_USER_INPUT",
    "FORBIDDEN",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "HEADERS_TOO_LARGE",
    "LIMIT_EXCEEDED",
    "METHOD_NOT_ALLOWED",
    "NOT_ACCEPTABLE",
    "PAYLOAD_TOO_LARGE",
    "PERSISTED_QUERY_NOT_FOUND",
    "RATE_LIMITED",
    "REQUEST_TIMEOUT",
    "TIMEOUT",
    "UNAUTHENTICATED",
    "UNSUPPORTED_MEDIA_TYPE",
}


class Surprise(AssertionError):
    """An answer that the server must never give."""


def judged(status: int, body: bytes) -> str:
    """The outcome of an answer in one word; raises ``Surprise``."""
    answer = json.loads(body)
    codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
    if codes - CODES or (status >= 500 and codes != {"TIMEOUT"}) or not (codes or answer.get("data")):
        raise Surprise(f"{status} {body[:500]!r}")
    return " ".join(sorted(codes)) or "data"
