"""EnvioCorreo and RastreoCorreo: mails with a document's files, which are noted and never go out."""

import re
from typing import Final

from pac.hka.members import EMAIL
from pac.sandbox.access import NOT_FOUND, authenticate, find
from pac.sandbox.call import Call
from pac.sandbox.reply import Declined, Reply
from pac.sandbox.state import Sandbox
from rules.calendar import PANAMA

_EMAIL: Final = re.compile(EMAIL)
_SENT: Final = "enviado"


def send(sandbox: Sandbox, call: Call) -> Reply:
    """Note a mail to each address, or to none."""
    _, document = find(sandbox, call)
    if not call.addresses or not all(map(_EMAIL.fullmatch, call.addresses)):
        raise Declined("109", "El campo [correo] es inválido" if call.addresses else _MISSING)
    for address in call.addresses:
        sandbox.store.add_mail(document, address, sandbox.clock())
    return Reply({"codigo": "200", "resultado": "procesado", "mensaje": "Se envió el documento por correo."})


_MISSING: Final = "El campo [correo] debe ser informado"


def track(sandbox: Sandbox, call: Call) -> Reply:
    """The mails with the document of this CUFE."""
    if not call.texts.get("cufe"):
        authenticate(sandbox, call)
        raise Declined("102", NOT_FOUND)
    _, document = find(sandbox, call)
    listed = [
        {
            "correo": mail.address,
            "creado_en": f"{mail.created_at.astimezone(PANAMA):%Y-%m-%d %H:%M:%S}",
            "estado": _SENT,
            "messageId": f"{mail.id}@sandbox",
        }
        for mail in sandbox.store.list_mails(document)
    ]
    return Reply(
        {
            "codigo": "200",
            "resultado": "procesado",
            "mensaje": "Se retorna el rastreo.",
            "listaRastreo": {"listTracking": listed},
        }
    )
