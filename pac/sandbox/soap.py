"""SOAP calls as the sandbox reads them, and answers as it writes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from pac.soap import local_name

_ANSWER: Final = """<?xml version="1.0" encoding="utf-8"?>
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>
<{method}Response xmlns="http://tempuri.org/"><{method}Result
    xmlns:a="http://schemas.datacontract.org/2004/07/Services.Response"
    xmlns:i="http://www.w3.org/2001/XMLSchema-instance">
{members}
</{method}Result></{method}Response></s:Body></s:Envelope>"""

SOAP_FAULT: Final = """<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>
<faultcode>s:Server</faultcode><faultstring>The server was unable to process the request.</faultstring>
</s:Fault></s:Body></s:Envelope>"""
WEB_PAGE: Final = "<html><body><p>Servicio en mantenimiento<br></body></html>"


class Unreadable(ValueError):
    """The request is not the envelope of a method."""


@dataclass(frozen=True)
class Call:
    """A method that is called: its element, and the whole request."""

    element: Element
    request: bytes

    @property
    def method(self) -> str:
        return local_name(self.element)

    @cached_property
    def texts(self) -> dict[str, str]:
        """The values beside the method's object, which are the tokens and such."""
        return read_texts(self.element)

    def find(self, name: str) -> Element | None:
        """The method's object."""
        return next((each for each in self.element if local_name(each) == name), None)


def read_call(request: bytes) -> Call:
    """The call in a request; raises ``Unreadable``."""
    try:
        root: Element = fromstring(request, forbid_dtd=True)
    # Beyond what it documents, the parser refuses unknown encodings with a LookupError.
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise Unreadable from None
    body = next((element for element in root if local_name(element) == "Body"), None)
    if body is None or not len(body):
        raise Unreadable
    return Call(body[0], request)


def read_texts(element: Element) -> dict[str, str]:
    return {local_name(each): (each.text or "").strip() for each in element}


def write_answer(method: str, members: Mapping[str, str | None]) -> str:
    """
    >>> "<a:codigo>200</a:codigo>" in write_answer("Enviar", {"codigo": "200", "cufe": None})
    True
    """
    written = [
        f'<a:{name} i:nil="true"/>' if value is None else f"<a:{name}>{escape(value)}</a:{name}>"
        for name, value in members.items()
    ]
    return _ANSWER.format(method=method, members="\n".join(written))
