"""Reading the headers that a client sends."""

import re
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.types import Scope

JSON: Final = "application/json"
GRAPHQL_RESPONSE: Final = "application/graphql-response+json"

_LONGEST_LIST: Final = 1000  # characters of a list that are read; browsers send up to some 200
_WEIGHT: Final = re.compile(r"q=([01](?:\.[0-9]*)?)")


class IndexedHeaders(Headers):
    """Starlette's headers; one is found in a dictionary instead of by a walk over all of them."""

    def __init__(self, *, scope: Scope) -> None:
        super().__init__(scope=scope)
        self._first = dict(reversed(self._list))  # of several with one name the first counts

    def get(self, name: str, default: Any = None) -> Any:
        value = self._first.get(name.encode("latin-1"))
        return default if value is None else value.decode("latin-1")


def read_media_type(header: str) -> str:
    return header.partition(";")[0].strip().lower()


def read_bearer_token(header: str) -> str:
    """The key in an Authorization header; "" if there is none."""
    scheme, _, secret = header.partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def wants_page(request: Request) -> bool:
    """Whether a browser opens the address, instead of a program sending a query to it."""
    return (
        request.method == "GET"
        and request.query_params.keys().isdisjoint(("query", "documentId", "extensions"))
        and "text/html" in request.headers.get("accept", "")
    )


def is_encrypted(connection: HTTPConnection) -> bool:
    """Whether the client came by TLS, to us or to a proxy whose X-Forwarded-Proto is trusted."""
    return connection.url.scheme in ("https", "wss")


def is_same_origin(connection: HTTPConnection) -> bool:
    """Whether one of our own pages sends this. Programs outside of a browser send no origin and count as ours: they
    have no cookies that a page of another site could abuse.
    """
    origin = connection.headers.get("origin")
    scheme = "https" if is_encrypted(connection) else "http"
    own = origin is None or origin == f"{scheme}://{connection.headers.get('host')}"
    return own and connection.headers.get("sec-fetch-site", "none") in ("same-origin", "none")


def choose_media_type(accept: str) -> str | None:
    """The media type to answer in: the one of ours that the Accept header prefers, or None if it takes none of them."""
    if not accept.strip():
        return JSON
    for name in sort_by_preference(accept):
        if name == GRAPHQL_RESPONSE:
            return GRAPHQL_RESPONSE
        if name in (JSON, "application/*", "*/*"):
            return JSON
    return None


def choose_language(accept_language: str) -> str:
    """Spanish, unless the Accept-Language header prefers English."""
    for name in sort_by_preference(accept_language):
        tag = name.partition("-")[0]
        if tag in ("es", "en"):
            return tag
    return "es"


def read_language(request: Request, given: object = None) -> str:
    """The language of a file, ``es`` or ``en``: the one that is asked for in whatever case, or by the header."""
    if given is None:
        return choose_language(request.headers.get("accept-language", ""))
    language = str(given).lower()
    if language not in ("es", "en"):
        raise HTTPException(400, 'The language is "es" or "en".')
    return language


def sort_by_preference(header: str) -> list[str]:
    """The names in a header such as Accept, the most preferred first; what stands beyond 1,000 characters isn't read.

    >>> sort_by_preference("es;q=0.5, en-GB, fr;q=0")
    ['en-gb', 'es']
    """
    weights: dict[str, float] = {}
    for part in header[:_LONGEST_LIST].lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        weight = next((_WEIGHT.fullmatch(parameter) for parameter in parameters if parameter.startswith("q=")), None)
        weights[name] = float(weight[1]) if weight else 1.0
    return sorted((name for name in weights if name and weights[name]), key=lambda name: -weights[name])
