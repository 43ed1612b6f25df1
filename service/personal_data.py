"""What an account knows about a person, over HTTP: files that are made when they are fetched, and kept nowhere."""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from db import tenant
from db.errors import UNAVAILABLE
from documents.render import Renderer
from resolvers.personal_data_export import PersonalData, read_personal_data
from rules.vocabulary import Scope
from transport.authentication import Authenticator
from transport.limiter import AccountLimiter

_TYPES: Final = {"json": "application/json", "pdf": "application/pdf"}


class PersonalDataFiles:
    """Served to keys with the scope ADMIN, by the id of a request. ``limiter`` is that of PDFs."""

    def __init__(self, authenticator: Authenticator, limiter: AccountLimiter, renderer: Renderer) -> None:
        self._authenticator = authenticator
        self._limiter = limiter
        self._renderer = renderer

    def routes(self) -> list[Route]:
        return [Route(f"/personal-data/{{id}}.{ending}", self.send) for ending in _TYPES]

    async def send(self, request: Request) -> Response:
        identity = await self._authenticator.authenticate(request)
        if not identity.scope.allows(Scope.ADMIN):
            raise HTTPException(403, f"This needs a key with the scope {Scope.ADMIN.value}.")
        try:
            with tenant.acting_for(identity.account_id, identity.key_id):
                async with self._limiter.admit(identity.account_id):
                    data = await read_personal_data(request.path_params["id"])
                    if data is None:
                        raise HTTPException(404, "There is no such request for an export.")
                    return await self._write(data, request.url.path.rpartition(".")[2])
        except UNAVAILABLE as error:
            raise self._authenticator.outages.refusal(error) from None

    async def _write(self, data: PersonalData, ending: str) -> Response:
        content = data.as_json() if ending == "json" else await self._renderer.render_personal_data(data)
        headers = {
            "Content-Disposition": f'attachment; filename="datos-personales.{ending}"',
            "Cache-Control": "private, no-store",
        }
        return Response(content, headers=headers, media_type=_TYPES[ending])
