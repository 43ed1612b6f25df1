"""SOAP calls as the sandbox reads them, and answers as it writes them."""

from collections.abc import Mapping
from functools import partial
from typing import Final
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from pac.hka import walk
from pac.hka.member import Content, Member
from pac.hka.members import DOCUMENTO
from pac.sandbox.call import Call
from pac.sandbox.reply import Form
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


def read_method(request: bytes) -> Element:
    """The element of the method that a request calls; raises ``Unreadable``."""
    try:
        root: Element = fromstring(request, forbid_dtd=True)
    # Beyond what it documents, the parser refuses unknown encodings with a LookupError.
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise Unreadable from None
    body = next((element for element in root if local_name(element) == "Body"), None)
    if body is None or not len(body):
        raise Unreadable
    return body[0]


def read_call(method: Element, request: bytes) -> Call:
    texts = _read_texts(method)
    return Call(
        method=local_name(method),
        user=texts.get("tokenEmpresa", ""),
        password=texts.get("tokenPassword", ""),
        request=request,
        texts=texts,
        key=_read_texts(_find(method, "datosDocumento")),
        read_document=partial(_read_document, _find(method, "documento")),
    )


def _find(method: Element, name: str) -> Element | None:
    return next((each for each in method if local_name(each) == name), None)


def _read_texts(element: Element | None) -> dict[str, str]:
    return {local_name(each): (each.text or "").strip() for each in (element if element is not None else ())}


def _read_document(element: Element | None, in_order: bool) -> Content:
    if element is None:
        return {}
    if not in_order:
        _put_in_order(DOCUMENTO, element)
    return walk.read(element).content


def _put_in_order(member: Member, element: Element) -> None:
    places = {each.name: (place, each) for place, each in enumerate(member.members)}
    if member.item is None:
        element[:] = sorted(element, key=lambda each: places.get(local_name(each), (len(places), member))[0])
    for child in element:
        _, inner = places.get(local_name(child), (0, None))
        if member.item and local_name(child) == member.item:
            inner = Member(name=member.item, presence=member.presence, members=member.members)
        if inner is not None:
            _put_in_order(inner, child)


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


SOAP: Final = Form("text/xml", lambda method, members: (200, write_answer(method, members)), SOAP_FAULT)
