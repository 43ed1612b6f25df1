"""The REST contract as the sandbox serves it: signing in, look-ups and the methods of emission.

A token lasts an hour and is forgotten when the server ends; without a valid one the answer is 401.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from http import HTTPStatus
from secrets import token_urlsafe
from typing import Any, Final

from aiohttp import web

from pac.hka import walk
from pac.hka.member import Content
from pac.sandbox import emission, lookup
from pac.sandbox.call import Call
from pac.sandbox.reply import Form, Members
from pac.sandbox.state import Sandbox, Session
from rules.fiscal.cufe import NORMAL_EMISSION

_LIFETIME: Final = timedelta(hours=1)
_WRONG_TOKENS: Final = "100"
_FILES: Final = {"xml": "DescargaXML", "pdf": "DescargaPDF"}

Fields = Mapping[str, Any]
Answer = Callable[[web.Request, Session, Fields], Awaitable[web.StreamResponse]]


class Rest:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/api/Autenticacion", self.sign_in)
        router.add_post("/api/ConsultaRucDv", self._for_those_signed_in(self._look_up))
        for name in ("Enviar", "EstadoDocumento", "Anulacion", "Descarga", "EnvioCorreo"):
            router.add_post(f"/api/{name}", self._for_those_signed_in(self._emit))
        router.add_get("/api/FoliosRestantes", self._for_those_signed_in(self._emit))

    async def sign_in(self, request: web.Request) -> web.StreamResponse:
        """Give a token to an issuer, or to the user of look-ups."""
        sandbox = self._sandbox
        given = _read(await request.read())
        user, password = str(given.get("usuario")), str(given.get("clave"))
        is_known = (user, password) == (sandbox.user, sandbox.password) or sandbox.store.find_issuer(user, password)
        if not is_known:
            return web.Response(status=HTTPStatus.UNAUTHORIZED)
        token = f"{token_urlsafe(12)}.{token_urlsafe(24)}.{token_urlsafe(12)}"
        sandbox.sign_ins += 1
        sandbox.tokens[token] = Session(user, password, sandbox.clock() + _LIFETIME)
        return web.json_response({"token": token})

    def _for_those_signed_in(self, answer: Answer) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            session = self._sandbox.tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
            if session is None or session.until <= self._sandbox.clock():
                return web.Response(status=HTTPStatus.UNAUTHORIZED)
            return await answer(request, session, _read(await request.read()) if request.method == "POST" else {})

        return handle

    async def _look_up(self, request: web.Request, session: Session, fields: Fields) -> web.StreamResponse:
        return await lookup.answer_rest(request, self._sandbox, fields)

    async def _emit(self, request: web.Request, session: Session, fields: Fields) -> web.StreamResponse:
        name = request.path.rpartition("/")[2]
        method = _FILES.get(str(fields.get("tipoArchivo")), "") if name == "Descarga" else name
        if not method:
            raise web.HTTPBadRequest
        call = Call(
            method=method,
            user=session.user,
            password=session.password,
            request=await request.read(),
            texts={name: value.strip() for name, value in fields.items() if isinstance(value, str)},
            key=_read_key(fields),
            document=_read_document(fields) if method == "Enviar" else {},
            addresses=_read_addresses(fields),
        )
        return await emission.answer(request, self._sandbox, call, REST)


def _read(body: bytes) -> Fields:
    """The object of a request; raises ``HTTPBadRequest``."""
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        raise web.HTTPBadRequest from None
    if not isinstance(fields, dict):
        raise web.HTTPBadRequest
    return fields


def _read_key(fields: Fields) -> dict[str, str]:
    """The key, which stands in ``datosDocumento`` or, without the type of emission, by itself."""
    inner = fields.get("datosDocumento")
    given = inner if isinstance(inner, dict) else {"tipoEmision": NORMAL_EMISSION, **fields}
    return {name: value.strip() for name, value in given.items() if isinstance(value, str)}


def _read_addresses(fields: Fields) -> tuple[str, ...]:
    given = fields.get("correos", [])
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise web.HTTPBadRequest
    return tuple(given)


def _read_document(fields: Fields) -> Content:
    try:
        return walk.read_json(fields.get("documento")).content
    except ValueError:
        raise web.HTTPBadRequest from None


def _write(method: str, members: Members) -> tuple[int, str]:
    """An answer. Files come as ``archivo``; what goes wrong with them has capitals and a number, as it was seen."""
    if members.get("codigo") == _WRONG_TOKENS:
        return HTTPStatus.UNAUTHORIZED, ""
    written: dict[str, object] = dict(members)
    if method in _FILES.values():
        if "documento" in written:
            written["archivo"] = written.pop("documento")
        else:
            written = {name[:1].upper() + name[1:]: value for name, value in written.items()}
            written["Codigo"] = int(str(members.get("codigo", 0)))
    return HTTPStatus.OK, json.dumps(written, ensure_ascii=False)


REST: Final = Form("application/json", _write, json.dumps({"title": "Internal Server Error", "status": 500}))
