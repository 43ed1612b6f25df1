"""Whose a call is, and about which document."""

from typing import Final

from pac.sandbox.call import KEY_MEMBERS, Call
from pac.sandbox.reply import Declined
from pac.sandbox.state import Sandbox
from pac.sandbox.storage import Document, Issuer, Key

NOT_FOUND: Final = "El documento no existe"


def authenticate(sandbox: Sandbox, call: Call) -> Issuer:
    """The issuer whose credentials the call has; raises ``Declined``."""
    issuer = sandbox.store.find_issuer(call.user, call.password)
    if issuer is None:
        raise Declined("100", "Token inválido")
    return issuer


def read_key(call: Call) -> Key:
    """The key in the call's ``datosDocumento``; raises ``Declined``."""
    branch, number, point, _, type_, emission = (call.key.get(name, "") for name in KEY_MEMBERS)
    for name in KEY_MEMBERS:
        if name != "serialDispositivo" and not call.key.get(name):
            raise Declined("109", f"El campo [{name}] debe ser informado")
    return Key(branch, point, number, type_, emission)


def find(sandbox: Sandbox, call: Call) -> tuple[Issuer, Document]:
    """The issuer and the document that the call names, by its CUFE or its key; raises ``Declined``."""
    issuer = authenticate(sandbox, call)
    if number := call.texts.get("cufe"):
        document = sandbox.store.find_cufe(number)
        if document is not None and document.issuer != issuer.user:
            document = None
    else:
        document = sandbox.store.find_document(issuer, read_key(call))
    if document is None or document.found_from > sandbox.clock():
        raise Declined("102", NOT_FOUND)
    return issuer, document
