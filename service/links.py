"""Documents by their public links: a page, the PDF and the XML, for whoever has the link."""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import PurePath
from typing import Final, TypeAlias

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from db import tenant
from db.errors import UNAVAILABLE
from documents.document import Format, PrintedDocument
from documents.page import POLICY, write_missing, write_page
from documents.reading import read_document
from documents.render import Renderer
from resolvers import document_links
from resolvers.document_links import LinkedDocument
from rules.vocabulary import Language
from service.files import read_format
from transport.authentication import Authenticator
from transport.errors import TooMany
from transport.headers import choose_language
from transport.limiter import AccountLimiter
from transport.rate_limit import Visits

# Nobody keeps or finds what a link leads to: neither caches nor search engines, nor the next page by its referrer.
_HEADERS: Final = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Content-Security-Policy": POLICY,
}

Make: TypeAlias = Callable[[PrintedDocument, str], Awaitable[Response | None]]


class PublicDocuments:
    """``limiter`` is one of its own: visitors wait for each other, and delay nothing that the account does itself.

    A wrong link counts as a wrong key of its address.
    """

    def __init__(self, authenticator: Authenticator, limiter: AccountLimiter, renderer: Renderer) -> None:
        self._authenticator = authenticator
        self._limiter = limiter
        self._renderer = renderer
        self._visits = Visits()

    def routes(self) -> list[Route]:
        return [
            Route("/d/{secret}.pdf", self.send_pdf),
            Route("/d/{secret}.xml", self.send_xml),
            Route("/d/{secret}", self.send_page),
        ]

    async def send_page(self, request: Request) -> Response:
        return await self._send(request, self._write_page)

    async def send_pdf(self, request: Request) -> Response:
        return await self._send(request, partial(self._render, read_format(request)))

    async def send_xml(self, request: Request) -> Response:
        return await self._send(request, self._write_xml)

    async def _send(self, request: Request, make: Make) -> Response:
        secret = request.path_params["secret"]
        address = request.client.host if request.client else ""
        if seconds := self._visits.seconds_to_wait(address):
            raise TooMany("visits", seconds)
        try:
            link = await self._authenticator.try_secret(request, document_links.find, secret)
            response = await self._answer(link, secret, make) if link else None
        except UNAVAILABLE as error:
            raise self._authenticator.outages.refusal(error) from None
        return response or _missing(request)

    async def _answer(self, link: LinkedDocument, secret: str, make: Make) -> Response | None:
        with tenant.acting_for(link.account_id):
            async with self._limiter.admit(link.account_id):
                document = await read_document(str(link.document_id))
                return await make(document, secret) if document else None

    async def _write_page(self, document: PrintedDocument, secret: str) -> Response:
        path = document_links.path_of(secret)
        return HTMLResponse(write_page(document, f"{path}.pdf", f"{path}.xml"), headers=_HEADERS)

    async def _render(self, format: Format, document: PrintedDocument, _: str) -> Response:
        content = await self._renderer.render(document, format)
        return Response(content, headers=_file_headers("inline", document.filename), media_type="application/pdf")

    async def _write_xml(self, document: PrintedDocument, _: str) -> Response | None:
        if document.fiscal is None or document.fiscal.xml is None:
            return None
        name = str(PurePath(document.filename).with_suffix(".xml"))
        return Response(document.fiscal.xml, headers=_file_headers("attachment", name), media_type="application/xml")


def _file_headers(disposition: str, name: str) -> dict[str, str]:
    return {**_HEADERS, "Content-Disposition": f'{disposition}; filename="{name}"'}


def _missing(request: Request) -> Response:
    """The same answer whether the link never was one, was revoked or has ended."""
    language = Language(choose_language(request.headers.get("accept-language", "")).upper())
    return HTMLResponse(write_missing(language), 404, _HEADERS)
