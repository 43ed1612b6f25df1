"""Whose a call is, and about which document."""

from collections.abc import Mapping
from typing import Final

from pac.sandbox.call import Call
from pac.sandbox.reply import Declined
from pac.sandbox.state import Sandbox
from pac.sandbox.storage import Document, Issuer, Key

NOT_FOUND: Final = "El documento no existe"
# In the order in which they are read.
_KEY: Final = (
    "codigoSucursalEmisor",
    "numeroDocumentoFiscal",
    "puntoFacturacionFiscal",
    "serialDispositivo",
    "tipoDocumento",
    "tipoEmision",
)


def authenticate(sandbox: Sandbox, call: Call) -> Issuer:
    """The issuer whose credentials the call has; raises ``Declined``."""
    issuer = sandbox.store.find_issuer(call.user, call.password)
    if issuer is None:
        raise Declined("100", "Token inválido")
    return issuer


def read_key(sandbox: Sandbox, call: Call) -> Key:
    """The key in the call's ``datosDocumento``; raises ``Declined``."""
    members = _in_order(call.key) if call.is_ordered and sandbox.knobs.strict_order else call.key
    branch, number, point, _, type_, emission = (members.get(name, "") for name in _KEY)
    for name in _KEY:
        if name != "serialDispositivo" and not members.get(name):
            raise Declined("109", f"El campo [{name}] debe ser informado")
    return Key(branch, point, number, type_, emission)


def _in_order(given: Mapping[str, str]) -> dict[str, str]:
    """Those that come in order.

    >>> _in_order({"tipoEmision": "01", "tipoDocumento": "01"})
    {'tipoEmision': '01'}
    """
    found: dict[str, str] = {}
    place = 0
    for name, value in given.items():
        if name in _KEY[place:]:
            place = _KEY.index(name) + 1
            found[name] = value
    return found


def find(sandbox: Sandbox, call: Call) -> tuple[Issuer, Document]:
    """The issuer and the document that the call names, by its CUFE or its key; raises ``Declined``."""
    issuer = authenticate(sandbox, call)
    if number := call.texts.get("cufe"):
        document = sandbox.store.find_cufe(number)
        if document is not None and document.issuer != issuer.user:
            document = None
    else:
        document = sandbox.store.find_document(issuer, read_key(sandbox, call))
    if document is None or document.found_from > sandbox.clock():
        raise Declined("102", NOT_FOUND)
    return issuer, document
