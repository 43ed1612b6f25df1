"""The account's logo over HTTP, and a picture of how its papers look."""

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from db import tenant
from db.errors import UNAVAILABLE
from documents.example import read_example
from documents.logo import MOST_BYTES, UnusableLogo
from documents.render import Renderer
from resolvers import account_logo
from resolvers.api_keys import Identity
from rules.vocabulary import Language, Scope
from service.files import read_format
from transport.authentication import Authenticator
from transport.bodies import BoundedRequest
from transport.limiter import AccountLimiter

# A browser that opens the picture by itself runs nothing and asks for nothing.
_PICTURE_HEADERS: Final = {
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}


class AccountFiles:
    """Any key of the account reads them; one with the scope ADMIN sets the logo. ``limiter`` is that of PDFs."""

    def __init__(self, authenticator: Authenticator, limiter: AccountLimiter, renderer: Renderer) -> None:
        self._authenticator = authenticator
        self._limiter = limiter
        self._renderer = renderer

    def routes(self) -> list[Route]:
        return [
            Route("/account/logo", self.send_logo, methods=["GET"]),
            Route("/account/logo", self.take_logo, methods=["PUT"]),
            Route("/account/logo", self.remove_logo, methods=["DELETE"]),
            Route("/account/paper.png", self.send_paper, methods=["GET"]),
        ]

    async def send_logo(self, request: Request) -> Response:
        async def send() -> Response:
            row = await account_logo.read_logo()
            if row is None:
                raise HTTPException(404, "The account has no logo.")
            return Response(row.content, headers=_PICTURE_HEADERS, media_type=row.media_type)

        return await self._run(request, Scope.READ, send)

    async def take_logo(self, request: Request) -> Response:
        async def take() -> Response:
            try:
                content = await BoundedRequest(request.scope, request.receive, MOST_BYTES).body()
            except ClientDisconnect:
                raise HTTPException(400, "The client went away.") from None  # only the log sees this
            try:
                logo = await self._renderer.read_logo(content)
            except UnusableLogo as error:
                raise HTTPException(415 if error.is_other_type else 422, " / ".join(error.message)) from None
            await account_logo.store_logo(logo.content, logo.media_type, logo.width, logo.height)
            return Response(status_code=204)

        return await self._run(request, Scope.ADMIN, take)

    async def remove_logo(self, request: Request) -> Response:
        async def remove() -> Response:
            await account_logo.delete_logo()
            return Response(status_code=204)

        return await self._run(request, Scope.ADMIN, remove)

    async def send_paper(self, request: Request) -> Response:
        format = read_format(request)
        try:
            language = Language(request.query_params.get("language", Language.ES))
        except ValueError:
            raise HTTPException(400, 'The language is "ES" or "EN".') from None

        async def send() -> Response:
            content = await self._renderer.draw(await read_example(language), format)
            return Response(content, headers=_PICTURE_HEADERS, media_type="image/png")

        return await self._run(request, Scope.READ, send)

    async def _run(self, request: Request, scope: Scope, action: Callable[[], Awaitable[Response]]) -> Response:
        identity: Identity = await self._authenticator.authenticate(request)
        if not identity.scope.allows(scope):
            raise HTTPException(403, f"This needs a key with the scope {scope.value}.")
        try:
            with tenant.acting_for(identity.account_id, identity.key_id):
                async with self._limiter.admit(identity.account_id):
                    return await action()
        except UNAVAILABLE as error:
            raise self._authenticator.outages.refusal(error) from None
