"""The files of a document over HTTP: our PDF, and the provider's PDF and XML as they were stored."""

from collections.abc import Awaitable, Callable
from hashlib import sha256
from pathlib import PurePath
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from db import models, tenant
from db.errors import UNAVAILABLE
from documents.document import Format, file_name
from documents.reading import read_document
from documents.render import Renderer
from emission import files
from emission.files import FileKind
from resolvers.scope import mine, uuid_of
from transport.authentication import Authenticator
from transport.limiter import AccountLimiter


class DocumentFiles:
    """Served to any key of the document's account. ``limiter`` is one of its own: PDFs may wait for others' PDFs."""

    def __init__(self, authenticator: Authenticator, limiter: AccountLimiter, renderer: Renderer) -> None:
        self._authenticator = authenticator
        self._limiter = limiter
        self._renderer = renderer

    def routes(self) -> list[Route]:
        """Under ``/invoices`` as they were before there were other documents."""
        return [
            Route(f"/{place}/{{id}}.{ending}", send)
            for place in ("documents", "invoices")
            for ending, send in (("pdf", self.send_pdf), ("xml", self.send_xml))
        ]

    async def send_pdf(self, request: Request) -> Response:
        source = request.query_params.get("source")
        if source not in (None, "pac"):
            raise HTTPException(400, 'The source of a PDF is "pac", or left out for our own.')
        read_format(request)
        return await self._send(request, self._render if source is None else self._read_pdf)

    async def send_xml(self, request: Request) -> Response:
        return await self._send(request, self._read_xml)

    async def _send(self, request: Request, make: Callable[[Request], Awaitable[Response]]) -> Response:
        identity = await self._authenticator.authenticate(request)
        try:
            with tenant.acting_for(identity.account_id):
                async with self._limiter.admit(identity.account_id):
                    return await make(request)
        except UNAVAILABLE as error:
            raise self._authenticator.outages.refusal(error) from None

    async def _render(self, request: Request) -> Response:
        document = await read_document(request.path_params["id"])
        if document is None:
            raise HTTPException(404, _NO_SUCH_DOCUMENT)
        content = await self._renderer.render(document, read_format(request))
        return Response(content, headers=_headers("inline", document.filename), media_type="application/pdf")

    async def _read_pdf(self, request: Request) -> Response:
        content, name = await _read(request, FileKind.PDF)
        return _stored(request, content, _headers("inline", name), "application/pdf")

    async def _read_xml(self, request: Request) -> Response:
        content, name = await _read(request, FileKind.XML)
        name = str(PurePath(name).with_suffix(".xml"))
        # It is another's document, which a browser must not show as a page of ours.
        return _stored(request, content, _headers("attachment", name), "application/xml")


def read_format(request: Request) -> Format:
    """The paper that a request asks for."""
    try:
        return Format(request.query_params.get("format", Format.LETTER))
    except ValueError:
        raise HTTPException(400, 'The format is "letter" or "strip".') from None


async def _read(request: Request, kind: FileKind) -> tuple[bytes, str]:
    row = await mine(models.Document, id=uuid_of(request.path_params["id"])).get_or_none()
    if row is None:
        raise HTTPException(404, _NO_SUCH_DOCUMENT)
    content = await files.read(row.id, kind)
    if content is None:
        raise HTTPException(404, f"The document has no {kind.value} of a provider, or none yet.")
    return content, file_name(row.type, row.receiver_language, row.billing_point, row.number)


def _stored(request: Request, content: bytes, headers: dict[str, str], media_type: str) -> Response:
    """A file that never changes: whoever has it already isn't sent it again."""
    headers["ETag"] = f'"{sha256(content).hexdigest()}"'
    if headers["ETag"] in request.headers.get("If-None-Match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=media_type)


def _headers(disposition: str, name: str) -> dict[str, str]:
    return {"Content-Disposition": f'{disposition}; filename="{name}"', "Cache-Control": "private, no-cache"}


_NO_SUCH_DOCUMENT: Final = "There is no such document."
