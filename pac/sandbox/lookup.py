"""Look-ups of RUCs: ConsultarRucDV, over SOAP and over REST."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from secrets import token_urlsafe
from typing import Final, TypeAlias

from aiohttp import web

from pac.sandbox.connection import break_off
from pac.sandbox.contracts import write_rest, write_soap
from pac.sandbox.faults import CODES_OF_FAULTS, FAULT_OF_RUC, STATUSES_OF_FAULTS, Fault
from pac.sandbox.knobs import SPECIAL_RECEIVERS
from pac.sandbox.soap import SOAP_FAULT, WEB_PAGE, Call
from pac.sandbox.state import Sandbox
from pac.sandbox.taxpayers import Registry, Taxpayer, invent_company
from pac.soap import local_name
from rules import ruc
from rules.vocabulary import CODES, TaxpayerType

METHOD: Final = "ConsultarRucDV"

Writer: TypeAlias = Callable[[str, Taxpayer | None], str]


async def answer(request: web.Request, sandbox: Sandbox, call: Call) -> web.StreamResponse:
    # Here the tokens stand in the method's object.
    question = {local_name(element): (element.text or "").strip() for element in call.element.iter()}
    is_known = (question.get("tokenEmpresa"), question.get("tokenPassword")) == (sandbox.user, sandbox.password)
    return await _answer(request, sandbox, question, is_known, write_soap, "text/xml")


class RestLookup:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/api/Autenticacion", self.sign_in)
        router.add_post("/api/ConsultaRucDv", self.answer)

    async def sign_in(self, request: web.Request) -> web.StreamResponse:
        sandbox = self._sandbox
        credentials = await request.json()
        if (credentials.get("usuario"), credentials.get("clave")) != (sandbox.user, sandbox.password):
            return web.Response(status=401)
        token = f"{token_urlsafe(12)}.{token_urlsafe(24)}.{token_urlsafe(12)}"
        sandbox.sign_ins += 1
        sandbox.tokens.add(token)
        return web.json_response({"token": token})

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self._sandbox.tokens:
            return web.Response(status=401)
        return await _answer(request, self._sandbox, await request.json(), True, write_rest, "application/json")


async def _answer(
    request: web.Request,
    sandbox: Sandbox,
    question: Mapping[str, str],
    is_known: bool,
    write: Writer,
    content_type: str,
) -> web.StreamResponse:
    """Answer a question, or do what its fault says. ``is_known`` is whether the credentials were right."""
    number, taxpayer_type = question.get("ruc", ""), question.get("tipoRuc", "").lstrip("0")
    with suppress(ruc.InvalidRuc):
        number = ruc.parse(number).canonical
    fault = sandbox.count_call(number, taxpayer_type)
    await asyncio.sleep(sandbox.latency)
    match fault:
        case Fault.LIMITED | Fault.OVERLOADED | Fault.EXPIRED | Fault.BROKEN:
            return _refuse(fault, sandbox.retry_after)
        case Fault.SLOW:
            await asyncio.sleep(sandbox.slow)
        case Fault.HANGING:
            await asyncio.sleep(3600)
        case Fault.MALFORMED:
            return web.Response(text=WEB_PAGE, content_type="text/html")
    taxpayer = _find(sandbox.registry, number, taxpayer_type, fault)
    code = CODES_OF_FAULTS.get(fault) if fault else None
    body = write(code or ("100" if not is_known else "200" if taxpayer else "102"), taxpayer).encode()
    match fault:
        case Fault.DROPPED:
            return await break_off(request, b"")
        case Fault.TRUNCATED:
            return await break_off(request, body[: len(body) // 2])
        case Fault.HUGE:
            return await _answer_without_end(request, body)
    return web.Response(body=body, content_type=content_type, charset="utf-8")


def _refuse(fault: Fault, retry_after: int) -> web.Response:
    headers = {"Retry-After": str(retry_after)} if fault in (Fault.LIMITED, Fault.OVERLOADED) else {}
    return web.Response(status=STATUSES_OF_FAULTS[fault], headers=headers, text=SOAP_FAULT, content_type="text/xml")


def _find(registry: Registry, number: str, taxpayer_type: str, fault: Fault | None) -> Taxpayer | None:
    if fault is Fault.OTHER:
        return registry.find_other(number)
    is_special = number in FAULT_OF_RUC or number in SPECIAL_RECEIVERS
    if is_special and taxpayer_type == CODES[TaxpayerType.JURIDICAL]:
        return invent_company(number)
    return registry.find(number, taxpayer_type)


async def _answer_without_end(request: web.Request, body: bytes) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(body)
    with suppress(ConnectionError):
        while True:
            await response.write(b" " * 65536)
    return response
