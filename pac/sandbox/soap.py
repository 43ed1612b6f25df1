"""SOAP calls as the sandbox reads them, and answers as it writes them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeVar
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from pac.hka import member, walk
from pac.hka.member import Content
from pac.hka.members import DOCUMENTO
from pac.sandbox.call import KEY_MEMBERS, Call
from pac.sandbox.reply import Form, Member, Members
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


# What stands beside each other in a method, in the order in which it is read.
_PARAMETERS: Final = (
    *("tokenEmpresa", "tokenPassword", "motivoAnulacion"),
    *("documento", "datosDocumento", "correo", "cufe"),
)

T = TypeVar("T")


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


def read_call(method: Element, request: bytes, *, in_order: bool) -> Call:
    """The call in a method's element. Where ``in_order``, what comes out of order is dropped, as WCF does."""
    given = {local_name(each): each for each in method}
    if in_order:
        given = take_in_order(given, _PARAMETERS)
    texts = {name: (each.text or "").strip() for name, each in given.items()}
    key = {local_name(each): (each.text or "").strip() for each in given.get("datosDocumento", ())}
    address = texts.get("correo")
    return Call(
        method=local_name(method),
        user=texts.get("tokenEmpresa", ""),
        password=texts.get("tokenPassword", ""),
        request=request,
        texts=texts,
        key=take_in_order(key, KEY_MEMBERS) if in_order else key,
        document=_read_document(given.get("documento"), in_order),
        addresses=(address,) if address else (),
    )


def take_in_order(given: Mapping[str, T], order: Sequence[str]) -> dict[str, T]:
    """Those that come in order.

    >>> take_in_order({"tipoEmision": "01", "tipoDocumento": "01"}, KEY_MEMBERS)
    {'tipoEmision': '01'}
    """
    found: dict[str, T] = {}
    place = 0
    for name, value in given.items():
        if name in order[place:]:
            place = order.index(name) + 1
            found[name] = value
    return found


def _read_document(element: Element | None, in_order: bool) -> Content:
    if element is None:
        return {}
    if not in_order:
        _put_in_order(DOCUMENTO, element)
    return walk.read(element).content


def _put_in_order(group: member.Member, element: Element) -> None:
    places = {each.name: (place, each) for place, each in enumerate(group.members)}
    if group.item is None:
        element[:] = sorted(element, key=lambda each: places.get(local_name(each), (len(places), group))[0])
    for child in element:
        _, inner = places.get(local_name(child), (0, None))
        if group.item and local_name(child) == group.item:
            inner = member.Member(name=group.item, presence=group.presence, members=group.members)
        if inner is not None:
            _put_in_order(inner, child)


def write_answer(method: str, members: Members) -> str:
    """
    >>> "<a:codigo>200</a:codigo>" in write_answer("Enviar", {"codigo": "200", "cufe": None})
    True
    """
    return _ANSWER.format(method=method, members=_write_members(members))


def _write_members(members: Members) -> str:
    return "\n".join(written for name, value in members.items() for written in _write_member(name, value))


def _write_member(name: str, value: Member) -> Iterator[str]:
    match value:
        case None:
            yield f'<a:{name} i:nil="true"/>'
        case str():
            yield f"<a:{name}>{escape(value)}</a:{name}>"
        case Mapping():
            yield f"<a:{name}>{_write_members(value)}</a:{name}>"
        case _:
            yield from (f"<a:{name}>{_write_members(each)}</a:{name}>" for each in value)


SOAP: Final = Form("text/xml", lambda method, members: (200, write_answer(method, members)), SOAP_FAULT)
