"""The pages in web/, as `npm run build` leaves them in web/dist, and signing in to them."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from db.errors import UNAVAILABLE
from resolvers import sessions
from service.settings import CHECKOUT
from transport.http import COOKIE, BoundedRequest, by_preference, is_from_here, json_object, posted, tried

DIST: Final = CHECKOUT / "web/dist"
HOW: Final = "cd web && npm ci && npm run build"

_APP: Final = "index.html"
_PLAYGROUND: Final = "playground/index.html"
_DOCUMENTS: Final = "persisted-documents.json"
_OURS: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
# The playground's editor writes styles into the page, has fonts within them, and checks what is typed in workers.
_EDITORS: Final = (
    _OURS.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'").replace(
        "font-src 'self'", "font-src 'self' data:"
    )
    + "; worker-src 'self'"
)
_NOT_BUILT: Final = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Istmo</title>'
    f"<p>The pages are not built ({HOW}); the API is served alone, at /graphql.</p></html>"
)


def built(folder: Path = DIST) -> bool:
    return (folder / _APP).is_file()


def documents(folder: Path = DIST) -> dict[str, str]:
    """The documents that the pages send, by their hashes."""
    manifest = folder / _DOCUMENTS
    return orjson.loads(manifest.read_bytes()) if manifest.is_file() else {}


class Pages:
    """The built files, and for a browser at any other address the app, which knows its own.

    Files are stored compressed, too. What is in ``assets`` has a hash in its name and so never changes.
    """

    def __init__(self, folder: Path) -> None:
        self._files = StaticFiles(directory=folder, check_dir=False)

    def before(self, otherwise: ASGIApp) -> ASGIApp:
        """Answers what a browser may ask for; ``otherwise`` answers the rest."""

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            asked = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
            response = await self._found(Request(scope)) if asked else None
            await (response or otherwise)(scope, receive, send)

        return answer

    async def playground(self, request: Request) -> Response:
        return await self._page(request, _PLAYGROUND, _EDITORS)

    async def _found(self, request: Request) -> Response | None:
        path = self._files.get_path(request.scope)
        if not path.endswith(".html") and (file := await self._file(request, path, _OURS)):
            if path.startswith("assets/"):
                file.headers["Cache-Control"] = "public, max-age=31536000, immutable"
            return file
        if "text/html" in request.headers.get("accept", ""):
            return await self._page(request, _APP, _OURS)
        return None

    async def _page(self, request: Request, path: str, policy: str) -> Response:
        if page := await self._file(request, path, policy):
            return page
        return HTMLResponse(_NOT_BUILT, 404, {"Content-Security-Policy": _OURS})

    async def _file(self, request: Request, path: str, policy: str) -> Response | None:
        """The file, compressed as the client likes it best; None if there is none."""
        taken = by_preference(request.headers.get("accept-encoding", ""))
        for encoding, ending in (("br", ".br"), ("gzip", ".gz"), (None, "")):
            if encoding is None or encoding in taken:
                with suppress(HTTPException):
                    file = await self._files.get_response(path + ending, request.scope)
                    file.headers.update(
                        {"Cache-Control": "no-cache", "Content-Security-Policy": policy, "Vary": "Accept-Encoding"}
                    )
                    if encoding:
                        file.headers["Content-Encoding"] = encoding
                    return file
        return None


async def sign_in(request: Request) -> Response:
    """Begin a session with ``{"key": …}`` or the ``{"token": …}`` of a link. Its cookie is all the answer."""
    _keep_strangers_out(request)
    asked = json_object(await posted(BoundedRequest(request.scope, request.receive, max_body_size=1000)))
    begin: Callable[[str], Awaitable[str | None]]
    match asked:
        case {"key": str(given)}:
            refusal, begin = "This key is not valid.", sessions.begin
        case {"token": str(given)}:
            refusal, begin = "This link was used, or is too old.", sessions.begin_by_link
        case _:
            raise HTTPException(400, "Send a `key` or a `token`.")
    try:
        secret = await tried(request, begin, given)
    except UNAVAILABLE:
        raise HTTPException(503, "The database is not available right now.") from None
    if secret is None:
        raise HTTPException(401, refusal, {"WWW-Authenticate": "Bearer"})
    response = Response(status_code=204)
    response.set_cookie(COOKIE, secret, int(sessions.SESSION.total_seconds()), **_cookie(request))
    return response


async def sign_out(request: Request) -> Response:
    """End the session, if there is one."""
    _keep_strangers_out(request)
    try:
        await sessions.end(request.cookies.get(COOKIE, ""))
    except UNAVAILABLE:
        raise HTTPException(503, "The database is not available right now.") from None
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, **_cookie(request))
    return response


def _keep_strangers_out(request: Request) -> None:
    if not is_from_here(request):
        raise HTTPException(403, "Only Istmo's own pages sign in and out.")


def _cookie(request: Request) -> Any:
    return {"secure": request.url.scheme == "https", "httponly": True, "samesite": "strict"}
