"""Enviar: the checks in a real provider's order, and the authorisation."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from pac.hka.answers import ACCEPTED
from pac.sandbox.access import authenticate
from pac.sandbox.authorisation import authorise, authorise_foreign, key_of
from pac.sandbox.call import Call
from pac.sandbox.container import write_instant
from pac.sandbox.dgi import NOTICES, find_breaches
from pac.sandbox.dgi.submission import Breach, Submission
from pac.sandbox.group import Group
from pac.sandbox.knobs import Knobs
from pac.sandbox.members import check_members
from pac.sandbox.reply import Declined, Ending, Reply
from pac.sandbox.state import Sandbox
from pac.sandbox.storage import Document, Issuer
from rules.fiscal import cufe
from rules.fiscal.codes import RULES

_DUPLICATE: Final = {"102": "Documento duplicado", "203": "1513-Número del documento fiscal duplicado."}


def send(sandbox: Sandbox, call: Call) -> Reply:
    document = Group(call.document)
    knobs = sandbox.knobs_for(document.group("datosTransaccion").group("cliente")["numeroRUC"])
    if knobs.not_arrived:
        return Reply({}, Ending.CLOSED)
    if knobs.http_500:
        return Reply({}, Ending.FAULT)
    if knobs.http_502:
        return Reply({}, Ending.WEB_PAGE)
    with sandbox.store.transaction():
        try:
            return _deliver(_authorise(sandbox, knobs, call, document), knobs)
        except Declined as declined:
            return _deliver(_describe(declined.code, declined.message), knobs)


def _authorise(sandbox: Sandbox, knobs: Knobs, call: Call, document: Group) -> dict[str, str | None]:
    """The answer's members for a document that is authorised; raises ``Declined``."""
    issuer = authenticate(sandbox, call)
    if knobs.bad_token:
        raise Declined("100", "Token inválido")
    key = key_of(document)
    times = sandbox.store.count_sending(issuer, key)
    _check_issuer(issuer, document)
    check_members(document)
    if knobs.processing_error and times == 1:
        raise Declined("201", "Error al procesar solicitud.")
    if knobs.certificate_expired:
        raise Declined("101", "Error en el certificado: ha vencido")
    if knobs.licence_over:
        raise Declined("119", "La licencia ha vencido")
    if knobs.no_folios or issuer.folios_used >= issuer.folios:
        raise Declined("119", "No hay folios disponibles")
    submission = Submission(issuer, document, sandbox.clock(), sandbox.store)
    if knobs.duplicate and sandbox.store.find_document(issuer, key) is None:
        authorise_foreign(sandbox, submission)
    accepted = sandbox.store.find_acceptance(issuer, key)
    is_undecided = accepted is not None and accepted.decided_at > submission.received_at
    if is_undecided or sandbox.store.find_document(issuer, key):
        code = knobs.duplicate or "102"
        raise Declined(code, _DUPLICATE[code])
    if knobs.dgi_down:
        raise Declined("202", "Error al recibir la respuesta de la DGI")
    if knobs.asynchronous:
        return _accept(sandbox, knobs, submission, call.request)
    notices = _check_rules(sandbox, knobs, submission)
    found_from = submission.received_at + timedelta(seconds=knobs.dgi_late)
    authorised = authorise(sandbox, submission, call.request, found_from)
    if knobs.dgi_late:
        return _describe("202", "Error al recibir la respuesta de la DGI")
    return _describe("200", " | ".join(["El documento se envió correctamente.", *notices]), authorised)


def _accept(sandbox: Sandbox, knobs: Knobs, submission: Submission, request: bytes) -> dict[str, str | None]:
    """Take the document; what the DGI says of it is told later."""
    decided_at = submission.received_at + timedelta(seconds=knobs.asynchronous)
    rejection = ""
    try:
        _check_rules(sandbox, knobs, submission)
    except Declined as declined:
        rejection = declined.message
    else:
        authorise(sandbox, replace(submission, received_at=decided_at), request, decided_at)
    sandbox.store.accept(submission.issuer, key_of(submission.document), decided_at, rejection)
    return _describe(ACCEPTED, "El documento fue aceptado y espera la respuesta de la DGI.")


def _check_issuer(issuer: Issuer, document: Group) -> None:
    branch, point = (
        document["codigoSucursalEmisor"],
        document.group("datosTransaccion")["puntoFacturacionFiscal"],
    )
    if branch and branch not in issuer.branches:
        raise Declined("109", "El campo [codigoSucursalEmisor] es inválido")
    if point and point not in issuer.points:
        raise Declined("109", "El campo [puntoFacturacionFiscal] es inválido")


def _check_rules(sandbox: Sandbox, knobs: Knobs, submission: Submission) -> list[str]:
    """The notices, as they are written; raises ``Declined``."""
    breaches = find_breaches(submission)
    if knobs.registered_receivers and not sandbox.is_registered(submission.receiver["numeroRUC"]):
        breaches.append(Breach("1602"))
    if knobs.reject:
        code, _, item = knobs.reject.partition(",")
        breaches.append(Breach(code, int(item) if item else None))
    texts = [_write_breach(breach) for breach in breaches]
    if any(breach.code not in NOTICES for breach in breaches):
        raise Declined("203", " | ".join(texts))
    return [*texts, _write_breach(Breach(knobs.notice))] if knobs.notice else texts


def _write_breach(breach: Breach) -> str:
    """
    >>> _write_breach(Breach("2152", 3))
    '2152-Item 3: Monto del ITBMS del ítem inválido'
    """
    place = f"Item {breach.item}: " if breach.item else ""
    label = RULES[breach.code].label if breach.code in RULES else "regla desconocida"
    return f"{breach.code}-{place}{label}"


def _describe(code: str, message: str, document: Document | None = None) -> dict[str, str | None]:
    return {
        "codigo": code,
        "resultado": "procesado" if code in ("200", ACCEPTED) else "error",
        "mensaje": message,
        "cufe": document.cufe if document else None,
        "qr": document.qr if document else None,
        "fechaRecepcionDGI": write_instant(document.received_at) if document else None,
        "nroProtocoloAutorizacion": document.protocol if document else None,
        "fechaLimite": None,
    }


def _deliver(members: dict[str, str | None], knobs: Knobs) -> Reply:
    if members["cufe"] and knobs.no_cufe:
        members |= {"cufe": None, "qr": None}
    if members["cufe"] and knobs.wrong_cufe:
        members["cufe"] = _cufe_of_another_type(members["cufe"])
    ending = Ending.WHOLE
    if knobs.lost:
        ending = Ending.CLOSED
    elif knobs.half:
        ending = Ending.HALF
    elif knobs.empty:
        ending = Ending.EMPTY
    return Reply(members, ending, knobs.slow)


def _cufe_of_another_type(number: str) -> str:
    other = "09" if number[2:4] != "09" else "08"
    changed = f"FE{other}{number[4:-1]}"
    return changed + cufe.check_digit(changed)
