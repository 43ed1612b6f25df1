"""The SOAP face of ConsultarRucDV, at The Factory HKA and at EBI.

Other methods of the service have the tokens beside their request; this one has them inside.
"""

from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

import aiohttp
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from lookup import hka, http
from lookup.registry import Answer, Question, Reason, Unavailable
from lookup.settings import Provider
from rules.vocabulary import CODES

_HEADERS = {
    "Content-Type": "text/xml; charset=utf-8",
    "SOAPAction": '"http://tempuri.org/IService/ConsultarRucDV"',
}
_REQUEST = """<?xml version="1.0" encoding="utf-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:tem="http://tempuri.org/"
    xmlns:ser="http://schemas.datacontract.org/2004/07/Services.ApiRest">
  <soapenv:Body><tem:ConsultarRucDV><tem:consultarRucDVRequest>
    <ser:tokenEmpresa>{user}</ser:tokenEmpresa><ser:tokenPassword>{password}</ser:tokenPassword>
    <ser:tipoRuc>{taxpayer_type}</ser:tipoRuc><ser:ruc>{ruc}</ser:ruc>
  </tem:consultarRucDVRequest></tem:ConsultarRucDV></soapenv:Body>
</soapenv:Envelope>
"""


class HkaSoap:
    def __init__(self, provider: Provider, session: aiohttp.ClientSession) -> None:
        self._provider = provider
        self._session = session

    async def ask(self, question: Question) -> Answer:
        request = _REQUEST.format(
            user=escape(self._provider.user.get_secret_value()),
            password=escape(self._provider.password.get_secret_value()),
            taxpayer_type=CODES[question.taxpayer_type],
            ruc=question.ruc.dgi,
        )
        return read(question, await http.post(self._session, self._provider.url, request.encode(), _HEADERS))


def read(question: Question, body: bytes) -> Answer:
    """The outcome of an answer's body; raises ``Unavailable``."""
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    # Beyond what it documents, the parser refuses unknown encodings with a LookupError.
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise Unavailable(Reason.GARBLED) from None
    result = next((element for element in root.iter() if _name(element) == "ConsultarRucDVResult"), None)
    if result is None:
        raise Unavailable(Reason.GARBLED)
    return hka.answer(question, {_name(element): element.text for element in result.iter()})


def _name(element: Element) -> str:
    """The name without its namespace: which prefix or version stands before it differs by server."""
    return element.tag.rpartition("}")[2]
