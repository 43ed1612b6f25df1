"""Look-ups of RUCs: ConsultarRucDV over SOAP, ConsultaRucDv over REST."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final, TypeAlias
from xml.etree.ElementTree import Element

from aiohttp import web

from pac.sandbox.connection import break_off
from pac.sandbox.contracts import write_rest, write_soap
from pac.sandbox.faults import CODES_OF_FAULTS, FAULT_OF_RUC, STATUSES_OF_FAULTS, Fault
from pac.sandbox.knobs import SPECIAL_RECEIVERS
from pac.sandbox.soap import SOAP_FAULT, WEB_PAGE
from pac.sandbox.state import Sandbox
from pac.sandbox.taxpayers import Registry, Taxpayer, invent_company
from pac.soap import local_name
from rules import ruc
from rules.vocabulary import CODES, TaxpayerType

METHOD: Final = "ConsultarRucDV"

Writer: TypeAlias = Callable[[str, Taxpayer | None], str]


async def answer(request: web.Request, sandbox: Sandbox, method: Element) -> web.StreamResponse:
    # Here the tokens stand in the method's object.
    question = {local_name(element): (element.text or "").strip() for element in method.iter()}
    is_known = (question.get("tokenEmpresa"), question.get("tokenPassword")) == (sandbox.user, sandbox.password)
    return await _answer(request, sandbox, question, is_known, write_soap, "text/xml")


async def answer_rest(request: web.Request, sandbox: Sandbox, question: Mapping[str, str]) -> web.StreamResponse:
    """Answer somebody who has signed in."""
    return await _answer(request, sandbox, question, True, write_rest, "application/json")


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
