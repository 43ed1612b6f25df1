"""A pretended provider: the contracts of ConsultarRucDV, SOAP and REST, over a small registry.

``sandbox.csv`` has companies of the DGI's list of large taxpayers (Resolución 201-3486 of 17 April
2025, Gaceta Oficial 30271-A) and a few State bodies, with the DV that the DGI's rule gives them.
Entries of origin "invented" and every word on affiliation are made up. Nothing here says anything
about a real taxpayer.

As at real providers the DV comes with one digit where it begins with 0, the wrong taxpayer type is
"not registered", and errors come with status 200. What can go wrong is a ``Fault``: for all calls,
or for the RUC of ``special_ruc``, at any time.
"""

import asyncio
import csv
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from secrets import token_urlsafe
from typing import TypeAlias
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import escape

import click
from aiohttp import web
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from lookup.providers import SANDBOX_PASSWORD, SANDBOX_USER, SOAP_PATH
from rules import ruc
from rules.vocabulary import CODES, TaxpayerType


class Fault(StrEnum):
    """What can go wrong with a call."""

    BAD_TOKEN = "bad-token"  # code 100
    CERTIFICATE = "certificate"  # code 101
    PROCESSING = "processing"  # code 201
    DGI = "dgi"  # code 202
    EXPIRED = "expired"  # 401
    LIMITED = "limited"  # 429 with Retry-After
    BROKEN = "broken"  # 500, with a soap Fault
    OVERLOADED = "overloaded"  # 503 with Retry-After
    SLOW = "slow"  # the right answer, late
    HANGING = "hanging"  # no answer
    DROPPED = "dropped"  # the connection is closed before the answer
    TRUNCATED = "truncated"  # and within it
    MALFORMED = "malformed"  # a web page
    HUGE = "huge"  # an answer without end
    OTHER = "other"  # the answer about another RUC
    FLAPPING = "flapping"  # every other call fails with code 202


def special_ruc(fault: Fault) -> str:
    """The RUC that meets this fault: a company's, folio 999999901 and on, of a year it can't be of.

    >>> special_ruc(Fault.BAD_TOKEN), special_ruc(Fault.FLAPPING)
    ('999999901-2-2014', '999999916-2-2014')
    """
    return f"{_FIRST_SPECIAL + list(Fault).index(fault)}-2-2014"


_FIRST_SPECIAL = 999999901
_SPECIAL = {special_ruc(fault): fault for fault in Fault}
_CODES = {Fault.BAD_TOKEN: "100", Fault.CERTIFICATE: "101", Fault.PROCESSING: "201", Fault.DGI: "202"}
_STATUSES = {Fault.EXPIRED: 401, Fault.LIMITED: 429, Fault.BROKEN: 500, Fault.OVERLOADED: 503}
_MESSAGES = {
    "100": "El token del emisor es inválido",
    "101": "Error en el certificado de transmisión",
    "102": "Contribuyente no inscrito",
    "200": "Consulta exitosa",
    "201": "Error al procesar la consulta",
    "202": "Error al recibir la respuesta de la DGI",
}
_SOAP_FAULT = """<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>
<faultcode>s:Server</faultcode><faultstring>The server was unable to process the request.</faultstring>
</s:Fault></s:Body></s:Envelope>"""


@dataclass
class Sandbox:
    """The knobs, which may be turned while it runs, and what it has been asked.

    ``latency``, ``slow`` and ``retry_after`` are in seconds. ``calls`` counts questions by RUC and
    type, ``sign_ins`` tokens given out, ``tokens`` are those that are good.
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


@dataclass(frozen=True)
class Taxpayer:
    ruc: str
    dv: str
    taxpayer_type: TaxpayerType
    name: str
    affiliated: str
    origin: str


def taxpayers() -> list[Taxpayer]:
    with Path(__file__).with_suffix(".csv").open(newline="", encoding="utf-8") as file:
        return [
            Taxpayer(**{**row, "taxpayer_type": TaxpayerType(row["taxpayer_type"])})  # type: ignore[arg-type]
            for row in csv.DictReader(file)
        ]


_REGISTRY = {(each.ruc, CODES[each.taxpayer_type]): each for each in taxpayers()}
_KNOBS = web.AppKey("knobs", Sandbox)


def create_app(knobs: Sandbox | None = None) -> web.Application:
    app = web.Application()
    app[_KNOBS] = knobs or Sandbox()
    app.router.add_post(SOAP_PATH, soap)
    app.router.add_post("/api/Autenticacion", sign_in)
    app.router.add_post("/api/ConsultaRucDv", rest)
    return app


@asynccontextmanager
async def running(knobs: Sandbox) -> AsyncIterator[str]:
    """Run it within this process, on a free port, and give its address."""
    runner = web.AppRunner(create_app(knobs), handler_cancellation=True, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


async def soap(request: web.Request) -> web.StreamResponse:
    knobs = request.app[_KNOBS]
    try:
        root = fromstring(await request.read(), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        return web.Response(status=400)
    said = {element.tag.rpartition("}")[2]: (element.text or "").strip() for element in root.iter()}
    known = (said.get("tokenEmpresa"), said.get("tokenPassword")) == (knobs.user, knobs.password)
    return await _answered(request, said, known, _soap_body, "text/xml")


async def sign_in(request: web.Request) -> web.StreamResponse:
    knobs = request.app[_KNOBS]
    said = await request.json()
    if (said.get("usuario"), said.get("clave")) != (knobs.user, knobs.password):
        return web.Response(status=401)
    token = f"{token_urlsafe(12)}.{token_urlsafe(24)}.{token_urlsafe(12)}"
    knobs.sign_ins += 1
    knobs.tokens.add(token)
    return web.json_response({"token": token})


async def rest(request: web.Request) -> web.StreamResponse:
    knobs = request.app[_KNOBS]
    if request.headers.get("Authorization", "").removeprefix("Bearer ") not in knobs.tokens:
        return web.Response(status=401)
    return await _answered(request, await request.json(), True, _rest_body, "application/json")


Writer: TypeAlias = Callable[[str, Taxpayer | None], str]


async def _answered(
    request: web.Request, said: dict[str, str], known: bool, write: Writer, content_type: str
) -> web.StreamResponse:
    """Answer a question, or do what the fault says. ``known`` is whether the caller may ask."""
    knobs = request.app[_KNOBS]
    number, taxpayer_type = said.get("ruc", ""), said.get("tipoRuc", "").lstrip("0")
    with suppress(ruc.InvalidRuc):
        number = ruc.parse(number).canonical
    knobs.calls[number, taxpayer_type] += 1
    fault = _SPECIAL.get(number) or knobs.fault
    if fault is Fault.FLAPPING:
        fault = Fault.DGI if knobs.calls[number, taxpayer_type] % 2 else None
    await asyncio.sleep(knobs.latency)
    if fault in _STATUSES:
        patience = {"Retry-After": str(knobs.retry_after)} if fault in (Fault.LIMITED, Fault.OVERLOADED) else {}
        return web.Response(status=_STATUSES[fault], headers=patience, text=_SOAP_FAULT, content_type="text/xml")
    if fault in (Fault.SLOW, Fault.HANGING):
        await asyncio.sleep(knobs.slow if fault is Fault.SLOW else 3600)
    if fault is Fault.MALFORMED:
        return web.Response(text="<html><body><p>Servicio en mantenimiento<br></body></html>", content_type="text/html")
    code = _CODES.get(fault) if fault else None
    taxpayer = _find(number, taxpayer_type, fault)
    body = write(code or ("100" if not known else "200" if taxpayer else "102"), taxpayer)
    if fault in (Fault.DROPPED, Fault.TRUNCATED, Fault.HUGE):
        return await _broken_off(request, fault, body.encode())
    return web.Response(text=body, content_type=content_type)


def _find(number: str, taxpayer_type: str, fault: Fault | None) -> Taxpayer | None:
    if fault is Fault.OTHER:
        return next(taxpayer for taxpayer in _REGISTRY.values() if taxpayer.ruc != number)
    if number in _SPECIAL and taxpayer_type == CODES[TaxpayerType.JURIDICAL]:
        dv = ruc.compute_dv(ruc.parse(number), TaxpayerType.JURIDICAL) or ""
        return Taxpayer(number, dv, TaxpayerType.JURIDICAL, "EMPRESA DE PRUEBA S.A.", "SI", "invented")
    return _REGISTRY.get((number, taxpayer_type))


async def _broken_off(request: web.Request, fault: Fault, body: bytes) -> web.StreamResponse:
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


def _info(taxpayer: Taxpayer) -> dict[str, str]:
    return {
        "tipoRuc": CODES[taxpayer.taxpayer_type],
        "ruc": taxpayer.ruc,
        "dv": str(int(taxpayer.dv)),
        "razonSocial": taxpayer.name,
        "afiliadoFE": taxpayer.affiliated,
    }


def _soap_body(code: str, taxpayer: Taxpayer | None) -> str:
    info = '<a:infoRuc i:nil="true"/>'
    if code == "200" and taxpayer:
        fields = "".join(f"<a:{name}>{escape(value)}</a:{name}>" for name, value in _info(taxpayer).items())
        info = f"<a:infoRuc>{fields}</a:infoRuc>"
    return f"""<?xml version="1.0" encoding="utf-8"?>
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>
<ConsultarRucDVResponse xmlns="http://tempuri.org/"><ConsultarRucDVResult
    xmlns:a="http://schemas.datacontract.org/2004/07/Services.Response"
    xmlns:i="http://www.w3.org/2001/XMLSchema-instance">
<a:codigo>{code}</a:codigo>{info}<a:mensaje>{_MESSAGES[code]}</a:mensaje>
<a:resultado>{"Procesado" if code == "200" else "Error"}</a:resultado>
</ConsultarRucDVResult></ConsultarRucDVResponse></s:Body></s:Envelope>"""


def _rest_body(code: str, taxpayer: Taxpayer | None) -> str:
    return json.dumps(
        {
            "codigo": code,
            "infoRuc": _info(taxpayer) if code == "200" and taxpayer else None,
            "mensaje": _MESSAGES[code],
            "resultado": "Procesado" if code == "200" else "Error",
        },
        ensure_ascii=False,
    )


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8090, show_default=True)
@click.option("--latency", default=0.0, show_default=True, help="Seconds before each answer.")
@click.option("--fault", type=click.Choice([fault.value for fault in Fault]), help="What goes wrong with each call.")
def main(host: str, port: int, latency: float, fault: str | None) -> None:
    """Run a pretended provider of RUC look-ups, with made-up and published taxpayers."""
    click.echo(f"The sandbox listens on http://{host}:{port}; user and password are {SANDBOX_USER!r}.", err=True)
    for each in Fault:
        click.echo(f"  {special_ruc(each)}  {each.value}", err=True)
    knobs = Sandbox(fault=Fault(fault) if fault else None, latency=latency)
    web.run_app(create_app(knobs), host=host, port=port, print=None, handler_cancellation=True)


if __name__ == "__main__":
    main()
