"""Calls a sandbox over HTTP."""

from typing import Any

import aiohttp
from defusedxml.ElementTree import fromstring

from pac.hka import walk
from pac.hka.member import Content
from pac.providers import SOAP_PATH
from pac.soap import local_name

ISSUER = {
    "tokenEmpresa": "empresa",
    "tokenPassword": "clave",
    "ruc": "999999101-2-2026",
    "dv": "81",
    "taxpayerType": "JURIDICAL",
    "branches": ["0000"],
    "points": ["001", "002"],
}
KEY = {
    "codigoSucursalEmisor": "0000",
    "numeroDocumentoFiscal": "0000000001",
    "puntoFacturacionFiscal": "001",
    "tipoDocumento": "01",
    "tipoEmision": "01",
}


class Pac:
    """A running sandbox, called as a client would."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session

    async def post(self, path: str, **body: Any) -> tuple[int, str]:
        async with self.session.post(self.url + path, json=body) as response:
            return response.status, await response.text()

    async def register(self, **changes: Any) -> None:
        status, text = await self.post("/sandbox/issuers", **{**ISSUER, **changes})
        assert status == 200, text

    async def turn(self, **knobs: Any) -> None:
        status, text = await self.post("/sandbox/knobs", **knobs)
        assert status == 200, text

    async def documents(self) -> list[dict[str, Any]]:
        async with self.session.get(f"{self.url}/sandbox/documents") as response:
            documents: list[dict[str, Any]] = (await response.json())["documents"]
            return documents

    async def call_raw(self, method: str, inner: str) -> tuple[int, str]:
        envelope = (
            '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:tem="http://tempuri.org/" '
            'xmlns:ser="http://schemas.datacontract.org/2004/07/Services.Model">'
            f"<s:Body><tem:{method}>{inner}</tem:{method}></s:Body></s:Envelope>"
        )
        headers = {"Content-Type": "text/xml", "SOAPAction": f'"http://tempuri.org/IService/{method}"'}
        async with self.session.post(self.url + SOAP_PATH, data=envelope.encode(), headers=headers) as response:
            return response.status, await response.text()

    async def call(
        self, method: str, inner: str = "", *, user: str = "empresa", password: str = "clave"
    ) -> dict[str, str]:
        tokens = f"<tem:tokenEmpresa>{user}</tem:tokenEmpresa><tem:tokenPassword>{password}</tem:tokenPassword>"
        status, text = await self.call_raw(method, tokens + inner)
        assert status == 200, text
        result = next(each for each in fromstring(text).iter() if local_name(each) == f"{method}Result")
        return {local_name(each): each.text or "" for each in result}

    async def send(self, document: Content, **tokens: str) -> dict[str, str]:
        return await self.call("Enviar", walk.write(document).decode(), **tokens)

    async def ask(
        self, method: str = "EstadoDocumento", *, user: str = "empresa", before: str = "", **changes: str
    ) -> dict[str, str]:
        """Call a method about the document with ``KEY``."""
        members = "".join(f"<ser:{name}>{value}</ser:{name}>" for name, value in {**KEY, **changes}.items())
        return await self.call(method, f"{before}<tem:datosDocumento>{members}</tem:datosDocumento>", user=user)

    async def void(self, reason: str = "La venta no se concretó", **changes: str) -> dict[str, str]:
        before = f"<tem:motivoAnulacion>{reason}</tem:motivoAnulacion>"
        return await self.ask("AnulacionDocumento", before=before, **changes)
