"""The pages in web/, as `npm run build` leaves them in web/dist."""

from contextlib import suppress
from pathlib import Path
from typing import Final

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from service.settings import CHECKOUT
from transport.headers import sort_by_preference

DIST: Final = CHECKOUT / "web/dist"
BUILD_COMMAND: Final = "cd web && npm ci && npm run build"

_APP: Final = "index.html"
_PLAYGROUND: Final = "playground/index.html"
_DOCUMENTS: Final = "persisted-documents.json"
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
# The playground's editor inserts styles and fonts into the page and checks the text in workers.
_PLAYGROUND_POLICY: Final = (
    _POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'").replace(
        "font-src 'self'", "font-src 'self' data:"
    )
    + "; worker-src 'self'"
)
_NOT_BUILT: Final = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Istmo</title>'
    f"<p>The pages are not built ({BUILD_COMMAND}); only the API is served, at /graphql.</p></html>"
)


def are_built(folder: Path = DIST) -> bool:
    return (folder / _APP).is_file()


def read_documents(folder: Path = DIST) -> dict[str, str]:
    """The GraphQL documents that the pages send, by their hashes."""
    manifest = folder / _DOCUMENTS
    return orjson.loads(manifest.read_bytes()) if manifest.is_file() else {}


class Pages:
    """Serves the built files. A browser at any other address gets the app's page, which has a router of its own.

    Each file is there in compressed form, too. Files in ``assets`` have a hash in their name and so never change.
    """

    def __init__(self, folder: Path) -> None:
        self._files = StaticFiles(directory=folder, check_dir=False)

    def serve_before(self, fallback: ASGIApp) -> ASGIApp:
        """An application that serves the pages, and passes all other requests on to ``fallback``."""

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            is_read = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
            response = await self._find(Request(scope)) if is_read else None
            await (response or fallback)(scope, receive, send)

        return answer

    async def playground(self, request: Request) -> Response:
        return await self._page(request, _PLAYGROUND, _PLAYGROUND_POLICY)

    async def _find(self, request: Request) -> Response | None:
        path = self._files.get_path(request.scope)
        if not path.endswith(".html") and (file := await self._file(request, path, _POLICY)):
            if path.startswith("assets/"):
                file.headers["Cache-Control"] = "public, max-age=31536000, immutable"
            return file
        if "text/html" in request.headers.get("accept", ""):
            return await self._page(request, _APP, _POLICY)
        return None

    async def _page(self, request: Request, path: str, policy: str) -> Response:
        if page := await self._file(request, path, policy):
            return page
        return HTMLResponse(_NOT_BUILT, 404, {"Content-Security-Policy": _POLICY})

    async def _file(self, request: Request, path: str, policy: str) -> Response | None:
        """The file, in the compression that the client prefers; None if there is no such file."""
        accepted = sort_by_preference(request.headers.get("accept-encoding", ""))
        for encoding, ending in (("br", ".br"), ("gzip", ".gz"), (None, "")):
            if encoding is None or encoding in accepted:
                with suppress(HTTPException):
                    file = await self._files.get_response(path + ending, request.scope)
                    file.headers.update(
                        {"Cache-Control": "no-cache", "Content-Security-Policy": policy, "Vary": "Accept-Encoding"}
                    )
                    if encoding:
                        file.headers["Content-Encoding"] = encoding
                    return file
        return None
