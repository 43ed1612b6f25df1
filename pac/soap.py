"""Calling a method of a SOAP service, as The Factory HKA and EBI run them."""

from collections.abc import Mapping
from typing import Final
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

import aiohttp
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from pac import http
from pac.failures import Reason, Unavailable
from pac.providers import Provider

_ENVELOPE: Final = """<?xml version="1.0" encoding="utf-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:tem="http://tempuri.org/"
    xmlns:ser="{namespace}">
  <soapenv:Body><tem:{method}>{request}</tem:{method}></soapenv:Body>
</soapenv:Envelope>
"""


_API_REST: Final = "http://schemas.datacontract.org/2004/07/Services.ApiRest"


class SoapService:
    """A provider's service. ``tokens`` are our credentials; where they stand in a request differs by method."""

    def __init__(self, provider: Provider, session: aiohttp.ClientSession) -> None:
        self._provider = provider
        self._session = session

    @property
    def tokens(self) -> dict[str, str]:
        return {
            "tokenEmpresa": self._provider.user.get_secret_value(),
            "tokenPassword": self._provider.password.get_secret_value(),
        }

    async def call(self, method: str, request: str) -> Element:
        """Call a method with a request in XML, whose prefixes are ``tem`` and ``ser``; raises ``Unavailable``."""
        response = await self.exchange(method, request)
        response.check()
        return read_result(method, response.body)

    async def exchange(
        self,
        method: str,
        request: str,
        *,
        namespace: str = _API_REST,
        largest: int = http.LARGEST_ANSWER,
        connect_seconds: float | None = None,
    ) -> http.Response:
        """Call a method and return its answer as it came; raises ``Unavailable`` where none came.

        ``namespace`` is that of ``ser``; the others are as in ``http.exchange``.
        """
        headers = {
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": f'"http://tempuri.org/IService/{method}"',
        }
        envelope = _ENVELOPE.format(method=method, request=request, namespace=namespace).encode()
        return await http.exchange(
            self._session, self._provider.url, envelope, headers, largest=largest, connect_seconds=connect_seconds
        )


def write_fields(prefix: str, values: Mapping[str, str]) -> str:
    """The values as elements, escaped.

    >>> write_fields("ser", {"ruc": "8-123-456", "nombre": "A & B"})
    '<ser:ruc>8-123-456</ser:ruc><ser:nombre>A &amp; B</ser:nombre>'
    """
    return "".join(f"<{prefix}:{name}>{escape(value)}</{prefix}:{name}>" for name, value in values.items())


def read_result(method: str, body: bytes) -> Element:
    """The result in the body of a method's answer; raises ``Unavailable``."""
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    # Beyond what it documents, the parser refuses unknown encodings with a LookupError.
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise Unavailable(Reason.GARBLED) from None
    result = next((element for element in root.iter() if local_name(element) == f"{method}Result"), None)
    if result is None:
        raise Unavailable(Reason.GARBLED)
    return result


def local_name(element: Element) -> str:
    """The name without its namespace: prefixes and versions differ by server."""
    return element.tag.rpartition("}")[2]
