"""What is not a provider's: registering issuers, turning the knobs, and seeing what was authorised.

Only programs on the same machine may call these, by an address that is its own, so that no web page gets here by a name
that leads here. Bodies must be ``application/json``, which a page of another site
can't send.
"""

import ipaddress
from datetime import datetime
from typing import Annotated, Final, TypeVar
from urllib.parse import urlsplit

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pac.sandbox.knobs import Knobs
from pac.sandbox.state import Sandbox
from pac.sandbox.storage import Document, Issuer
from rules import ruc
from rules.vocabulary import HEAD_OFFICE, TaxpayerType

_FOLIOS: Final = 1_000_000
_LONGEST_RUC: Final = 20  # in a CUFE

Branch = Annotated[str, Field(pattern="^[0-9A-Z]{4}$")]
Point = Annotated[str, Field(pattern="^[0-9]{3}$")]
Token = Annotated[str, Field(min_length=1, max_length=200)]

Body = TypeVar("Body", bound=BaseModel)


class IssuerInput(BaseModel):
    """The body of ``POST /sandbox/issuers``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tokenEmpresa: Token
    tokenPassword: Token
    ruc: str
    dv: Annotated[str, Field(pattern="^[0-9]{2}$")]
    taxpayerType: TaxpayerType
    name: str = "Emisor de prueba"
    branches: tuple[Branch, ...] = (HEAD_OFFICE,)
    points: tuple[Point, ...] = ("001",)
    folios: Annotated[int, Field(ge=0)] = _FOLIOS


class Control:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/sandbox/issuers", self.save_issuer)
        router.add_get("/sandbox/documents", self.list_documents)
        router.add_post("/sandbox/knobs", self.set_knobs)

    async def save_issuer(self, request: web.Request) -> web.Response:
        """Register an issuer, or replace what is known of the one with this ``tokenEmpresa``."""
        given = await _read(request, IssuerInput)
        try:
            number = ruc.parse(given.ruc)
        except ruc.InvalidRuc:
            raise web.HTTPBadRequest(text="ruc: not a RUC") from None
        if len(number.dgi) > _LONGEST_RUC:
            raise web.HTTPBadRequest(text=f"ruc: longer than {_LONGEST_RUC} characters")
        self._sandbox.store.save_issuer(
            Issuer(
                user=given.tokenEmpresa,
                password=given.tokenPassword,
                ruc=number.canonical,
                dv=given.dv,
                taxpayer_type=given.taxpayerType,
                name=given.name,
                branches=given.branches,
                points=given.points,
                folios=given.folios,
            )
        )
        return web.json_response({})

    async def list_documents(self, request: web.Request) -> web.Response:
        refuse_others(request)
        store, now = self._sandbox.store, self._sandbox.clock()
        listed = [
            {
                **describe_document(document, now),
                "sends": times,
                "mails": [mail.address for mail in store.list_mails(document)],
            }
            for document, times in store.list_documents()
        ]
        return web.json_response({"documents": listed})

    async def set_knobs(self, request: web.Request) -> web.Response:
        """Turn the knobs: what the body leaves out goes back to its default."""
        self._sandbox.knobs = await _read(request, Knobs)
        return web.json_response(self._sandbox.knobs.model_dump())


def describe_document(document: Document, now: datetime) -> dict[str, str]:
    is_voided = document.void_found_from is not None and document.void_found_from <= now
    return {
        "issuer": document.issuer,
        "key": str(document.key),
        "cufe": document.cufe,
        "status": "PENDING" if document.found_from > now else "VOIDED" if is_voided else "AUTHORIZED",
        "total": document.total,
        "receiver": document.receiver,
    }


async def _read(request: web.Request, model: type[Body]) -> Body:
    refuse_others(request)
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    try:
        return model.model_validate_json(await request.read())
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        raise web.HTTPBadRequest(text="\n".join(faults)) from None


def refuse_others(request: web.Request) -> None:
    """Raise ``HTTPForbidden`` for another machine, and for a name that isn't this machine's own."""
    host = urlsplit(f"//{request.host}").hostname or ""
    if not _is_loopback(request.remote or "") or not (host == "localhost" or _is_loopback(host)):
        raise web.HTTPForbidden


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
