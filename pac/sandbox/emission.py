"""Emission: which method is called, and how its answer gets to the client, if it does."""

import asyncio
from collections.abc import Callable
from typing import Final

from aiohttp import web

from pac.sandbox import mails, methods
from pac.sandbox.call import Call
from pac.sandbox.connection import break_off
from pac.sandbox.reply import Declined, Ending, Form, Reply
from pac.sandbox.sending import send
from pac.sandbox.soap import WEB_PAGE
from pac.sandbox.state import Sandbox

METHODS: Final[dict[str, Callable[[Sandbox, Call], Reply]]] = {
    "Enviar": send,
    "EstadoDocumento": methods.tell_state,
    "AnulacionDocumento": methods.void,
    "Anulacion": methods.void,  # the name in the provider's documentation
    "DescargaXML": methods.download_xml,
    "DescargaPDF": methods.download_pdf,
    "FoliosRestantes": methods.count_folios,
    "EnvioCorreo": mails.send,
    "RastreoCorreo": mails.track,
}


async def answer(request: web.Request, sandbox: Sandbox, call: Call, form: Form) -> web.StreamResponse:
    """Do what a method of ``METHODS`` says, store it, and only then answer, in the form of the call's contract."""
    sandbox.emission_calls += 1
    every = sandbox.knobs.drop_every
    is_dropped = every > 0 and sandbox.emission_calls % every == 0
    await asyncio.sleep(sandbox.latency)
    reply = _call(sandbox, call)
    await asyncio.sleep(reply.delay)
    status, body = form.write(call.method, reply.members)
    match Ending.CLOSED if is_dropped else reply.ending:
        case Ending.FAULT:
            return web.Response(status=500, text=form.fault, content_type=form.content_type)
        case Ending.WEB_PAGE:
            return web.Response(status=502, text=WEB_PAGE, content_type="text/html")
        case Ending.EMPTY:
            return web.Response()
        case Ending.CLOSED:
            return await break_off(request, b"")
        case Ending.HALF:
            return await break_off(request, body.encode()[: len(body) // 2])
    return web.Response(status=status, text=body, content_type=form.content_type)


def _call(sandbox: Sandbox, call: Call) -> Reply:
    knobs = sandbox.knobs
    if knobs.http_500:
        return Reply({}, Ending.FAULT)
    if knobs.http_502:
        return Reply({}, Ending.WEB_PAGE)
    try:
        if knobs.bad_token:
            raise Declined("100", "Token inválido")
        return METHODS[call.method](sandbox, call)
    except Declined as declined:
        return Reply({"codigo": declined.code, "resultado": "error", "mensaje": declined.message})
