"""The bodies of answers to look-ups, in both contracts."""

import json
from typing import Final
from xml.sax.saxutils import escape

from pac.sandbox.taxpayers import Taxpayer
from rules.vocabulary import CODES

MESSAGES: Final = {
    "100": "El token del emisor es inválido",
    "101": "Error en el certificado de transmisión",
    "102": "Contribuyente no inscrito",
    "200": "Consulta exitosa",
    "201": "Error al procesar la consulta",
    "202": "Error al recibir la respuesta de la DGI",
}


def write_soap(code: str, taxpayer: Taxpayer | None) -> str:
    info = '<a:infoRuc i:nil="true"/>'
    if code == "200" and taxpayer:
        fields = "".join(f"<a:{name}>{escape(value)}</a:{name}>" for name, value in _fields(taxpayer).items())
        info = f"<a:infoRuc>{fields}</a:infoRuc>"
    return f"""<?xml version="1.0" encoding="utf-8"?>
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>
<ConsultarRucDVResponse xmlns="http://tempuri.org/"><ConsultarRucDVResult
    xmlns:a="http://schemas.datacontract.org/2004/07/Services.Response"
    xmlns:i="http://www.w3.org/2001/XMLSchema-instance">
<a:codigo>{code}</a:codigo>{info}<a:mensaje>{MESSAGES[code]}</a:mensaje>
<a:resultado>{"Procesado" if code == "200" else "Error"}</a:resultado>
</ConsultarRucDVResult></ConsultarRucDVResponse></s:Body></s:Envelope>"""


def write_rest(code: str, taxpayer: Taxpayer | None) -> str:
    return json.dumps(
        {
            "codigo": code,
            "infoRuc": _fields(taxpayer) if code == "200" and taxpayer else None,
            "mensaje": MESSAGES[code],
            "resultado": "Procesado" if code == "200" else "Error",
        },
        ensure_ascii=False,
    )


def _fields(taxpayer: Taxpayer) -> dict[str, str]:
    return {
        "tipoRuc": CODES[taxpayer.taxpayer_type],
        "ruc": taxpayer.ruc,
        "dv": str(int(taxpayer.dv)),
        "razonSocial": taxpayer.name,
        "afiliadoFE": taxpayer.affiliated,
    }
