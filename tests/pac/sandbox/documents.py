"""Documents to send to a sandbox, made from the invented requests by changing members."""

from typing import Any

from pac.hka import walk
from pac.hka.member import Content
from rules.ruc import compute_dv, parse
from rules.vocabulary import TaxpayerType
from tests.pac.hka.samples import INVENTED, read_documento

NAMES = {name.partition("-")[2][:1]: name for name in INVENTED}


def document(letter: str = "a", **changes: object) -> Content:
    """The invented request of this letter: a taxpayer, b final consumer, c government, d credit note, e export.

    A change is named by the member, or by its group and itself: ``totalesSubTotales__vuelto="1.00"``; a number is the
    place in a list, and None leaves out.
    """
    content = dict(walk.read(read_documento(NAMES[letter])).content)
    for path, value in changes.items():
        content = change(content, path.split("__"), value)
    return content


def change(content: Any, path: list[str], value: object) -> Any:
    name, *rest = path
    if isinstance(content, list):
        place = int(name)
        return [*content[:place], change(content[place], rest, value), *content[place + 1 :]]
    changed = {key: each for key, each in content.items() if key != name or rest or value is not None}
    if rest:
        changed[name] = change(content.get(name, {}), rest, value)
    elif value is not None:
        changed[name] = value
    return changed


def numbered(number: int, letter: str = "a", **changes: object) -> Content:
    return document(letter, datosTransaccion__numeroDocumentoFiscal=f"{number:010d}", **changes)


def to_receiver(ruc: str, number: int = 1) -> Content:
    """An invoice to the company with this RUC."""
    dv = compute_dv(parse(ruc), TaxpayerType.JURIDICAL)
    receiver = "datosTransaccion__cliente"
    changes: dict[str, Any] = {f"{receiver}__numeroRUC": ruc, f"{receiver}__digitoVerificadorRUC": dv}
    return numbered(number, **changes)


def envelope(content: Content) -> bytes:
    """A call of Enviar with the tokens of the tests' issuer."""
    tokens = b"<t:tokenEmpresa>empresa</t:tokenEmpresa><t:tokenPassword>clave</t:tokenPassword>"
    return (
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="http://tempuri.org/"><s:Body>'
        b"<t:Enviar>" + tokens + walk.write(content) + b"</t:Enviar></s:Body></s:Envelope>"
    )
