"""The sandbox's server: its routes, its command line, and running it within another process."""

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Final, TypeAlias
from xml.etree.ElementTree import ParseError

import click
from aiohttp import web
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from pac.providers import SANDBOX_PASSWORD, SANDBOX_USER, SOAP_PATH
from pac.sandbox.contracts import SOAP_FAULT, WEB_PAGE, write_rest, write_soap
from pac.sandbox.faults import CODES_OF_FAULTS, FAULT_OF_RUC, STATUSES_OF_FAULTS, Fault, special_ruc
from pac.sandbox.taxpayers import Registry, Taxpayer, invent_company
from pac.soap import local_name
from rules import ruc
from rules.vocabulary import CODES, TaxpayerType

Writer: TypeAlias = Callable[[str, Taxpayer | None], str]


@dataclass
class Sandbox:
    """How the sandbox behaves, which may be changed while it runs, and what it has been asked.

    ``latency``, ``slow`` and ``retry_after`` are in seconds. ``calls`` counts questions by RUC and
    type, ``sign_ins`` the tokens given out; ``tokens`` are those that are valid.
    """

    fault: Fault | None = None
    latency: float = 0.0
    slow: float = 3.0
    retry_after: int = 2
    user: str = SANDBOX_USER
    password: str = SANDBOX_PASSWORD
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    sign_ins: int = 0
    tokens: set[str] = field(default_factory=set)

    def count_call(self, number: str, taxpayer_type: str) -> Fault | None:
        """Count a question, and return what is to go wrong with it."""
        self.calls[number, taxpayer_type] += 1
        fault = FAULT_OF_RUC.get(number) or self.fault
        if fault is Fault.FLAPPING:
            return Fault.DGI if self.calls[number, taxpayer_type] % 2 else None
        return fault


_SANDBOX: Final = web.AppKey("sandbox", Sandbox)
_REGISTRY: Final = web.AppKey("registry", Registry)


def create_app(sandbox: Sandbox | None = None) -> web.Application:
    app = web.Application()
    app[_SANDBOX] = sandbox or Sandbox()
    app[_REGISTRY] = Registry()
    app.router.add_post(SOAP_PATH, answer_soap)
    app.router.add_post("/api/Autenticacion", sign_in)
    app.router.add_post("/api/ConsultaRucDv", answer_rest)
    return app


@asynccontextmanager
async def run_sandbox(sandbox: Sandbox) -> AsyncIterator[str]:
    """Run the server within this process, on a free port; yields its address."""
    runner = web.AppRunner(create_app(sandbox), handler_cancellation=True, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


def serve_sandbox(listener: socket.socket) -> None:
    """Run the server on this socket until a signal comes."""
    app = create_app()
    web.run_app(app, sock=listener, print=None, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)


async def answer_soap(request: web.Request) -> web.StreamResponse:
    sandbox = request.app[_SANDBOX]
    try:
        root = fromstring(await request.read(), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        return web.Response(status=400)
    question = {local_name(element): (element.text or "").strip() for element in root.iter()}
    is_known = (question.get("tokenEmpresa"), question.get("tokenPassword")) == (sandbox.user, sandbox.password)
    return await _answer(request, question, is_known, write_soap, "text/xml")


async def sign_in(request: web.Request) -> web.StreamResponse:
    sandbox = request.app[_SANDBOX]
    credentials = await request.json()
    if (credentials.get("usuario"), credentials.get("clave")) != (sandbox.user, sandbox.password):
        return web.Response(status=401)
    token = f"{token_urlsafe(12)}.{token_urlsafe(24)}.{token_urlsafe(12)}"
    sandbox.sign_ins += 1
    sandbox.tokens.add(token)
    return web.json_response({"token": token})


async def answer_rest(request: web.Request) -> web.StreamResponse:
    if request.headers.get("Authorization", "").removeprefix("Bearer ") not in request.app[_SANDBOX].tokens:
        return web.Response(status=401)
    return await _answer(request, await request.json(), True, write_rest, "application/json")


async def _answer(
    request: web.Request, question: Mapping[str, str], is_known: bool, write: Writer, content_type: str
) -> web.StreamResponse:
    """Answer a question, or do what its fault says. ``is_known`` is whether the credentials were right."""
    sandbox = request.app[_SANDBOX]
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
    taxpayer = _find(request.app[_REGISTRY], number, taxpayer_type, fault)
    code = CODES_OF_FAULTS.get(fault) if fault else None
    body = write(code or ("100" if not is_known else "200" if taxpayer else "102"), taxpayer)
    if fault in (Fault.DROPPED, Fault.TRUNCATED, Fault.HUGE):
        return await _break_off(request, fault, body.encode())
    return web.Response(text=body, content_type=content_type)


def _refuse(fault: Fault, retry_after: int) -> web.Response:
    headers = {"Retry-After": str(retry_after)} if fault in (Fault.LIMITED, Fault.OVERLOADED) else {}
    return web.Response(status=STATUSES_OF_FAULTS[fault], headers=headers, text=SOAP_FAULT, content_type="text/xml")


def _find(registry: Registry, number: str, taxpayer_type: str, fault: Fault | None) -> Taxpayer | None:
    if fault is Fault.OTHER:
        return registry.find_other(number)
    if number in FAULT_OF_RUC and taxpayer_type == CODES[TaxpayerType.JURIDICAL]:
        return invent_company(number)
    return registry.find(number, taxpayer_type)


async def _break_off(request: web.Request, fault: Fault, body: bytes) -> web.StreamResponse:
    """Close the connection before the answer, in the middle of it, or only when the client closes it."""
    assert request.transport is not None
    response = web.StreamResponse()
    if fault is not Fault.DROPPED:
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
    with suppress(ConnectionError):
        while fault is Fault.HUGE:
            await response.write(b" " * 65536)
    request.transport.close()
    return response


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8090, show_default=True)
@click.option("--latency", default=0.0, show_default=True, help="Seconds before each answer.")
@click.option("--fault", type=click.Choice([fault.value for fault in Fault]), help="What goes wrong with each call.")
def main(host: str, port: int, latency: float, fault: str | None) -> None:
    """Run a server that plays a provider of RUC look-ups, with published and invented taxpayers."""
    click.echo(f"The sandbox listens on http://{host}:{port}; user and password are {SANDBOX_USER!r}.", err=True)
    for each in Fault:
        click.echo(f"  {special_ruc(each)}  {each.value}", err=True)
    sandbox = Sandbox(fault=Fault(fault) if fault else None, latency=latency)
    web.run_app(create_app(sandbox), host=host, port=port, print=None, handler_cancellation=True)
