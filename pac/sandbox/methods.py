"""The methods about a document that is authorised: its state, its void, its files. And the folios that are left."""

import base64
from datetime import datetime, timedelta
from typing import Final

from pac.sandbox.access import authenticate, find, read_key
from pac.sandbox.call import Call
from pac.sandbox.pdf import write_pdf
from pac.sandbox.reply import Declined, Ending, Reply
from pac.sandbox.state import Sandbox
from pac.sandbox.storage import Acceptance
from rules.calendar import PANAMA

VOID_WINDOW: Final = timedelta(hours=182)

_SHORTEST_REASON: Final = 15
_LONGEST_REASON: Final = 1000


def tell_state(sandbox: Sandbox, call: Call) -> Reply:
    """EstadoDocumento."""
    now = sandbox.clock()
    issuer, key = authenticate(sandbox, call), read_key(call)
    accepted = sandbox.store.find_acceptance(issuer, key)
    is_rejected = accepted is not None and accepted.rejection and sandbox.store.find_document(issuer, key) is None
    if accepted is not None and (now < accepted.decided_at or is_rejected):
        return _tell_accepted(accepted, now)
    _, document = find(sandbox, call)
    is_voided = document.void_found_from is not None and document.void_found_from <= now
    if not is_voided and sandbox.knobs_for(document.receiver).voided_elsewhere:
        sandbox.store.void(document, now, now)
        is_voided = True
    return Reply(
        {
            "codigo": "200",
            "mensaje": "Se retornan datos del documento.",
            "cufe": document.cufe,
            "fechaEmisionDocumento": _write_instant(document.emitted_at),
            "fechaRecepcionDocumento": _write_instant(document.received_at),
            "estatusDocumento": "Anulada" if is_voided else "Autorizada",
            "mensajeDocumento": "Autorizado el uso de la FE",
            "resultado": "procesado",
        }
    )


def _tell_accepted(accepted: Acceptance, now: datetime) -> Reply:
    is_decided = accepted.decided_at <= now
    return Reply(
        {
            "codigo": "200",
            "mensaje": "Se retornan datos del documento.",
            "estatusDocumento": "Rechazada" if is_decided else "Aceptada",
            "mensajeDocumento": accepted.rejection if is_decided else "En espera de la respuesta de la DGI",
            "resultado": "procesado",
        }
    )


def void(sandbox: Sandbox, call: Call) -> Reply:
    """AnulacionDocumento."""
    _, document = find(sandbox, call)
    knobs, now = sandbox.knobs_for(document.receiver), sandbox.clock()
    if not _SHORTEST_REASON <= len(call.texts.get("motivoAnulacion", "")) <= _LONGEST_REASON:
        raise Declined("109", "El campo [motivoAnulacion] es inválido")
    if document.voided_at is not None:
        raise Declined("203", "0622-El documento ya tiene un evento de anulación")
    if now - document.emitted_at > VOID_WINDOW:
        raise Declined("112", "El plazo para anular el documento ha vencido")
    if knobs.void_refused:
        raise Declined("203", "1563-RUC impedido de facturar")
    sandbox.store.void(document, now, now + timedelta(seconds=knobs.void_late))
    if knobs.void_late:
        raise Declined("202", "Error al recibir la respuesta de la DGI")
    members: dict[str, str | None] = {
        "codigo": "200",
        "resultado": "procesado",
        "mensaje": "Proceso de Anulación ejecutado con éxito.",
    }
    return Reply(members, Ending.CLOSED if knobs.void_lost else Ending.WHOLE)


def download_xml(sandbox: Sandbox, call: Call) -> Reply:
    _, document = find(sandbox, call)
    return _file(document.xml.encode())


def download_pdf(sandbox: Sandbox, call: Call) -> Reply:
    _, document = find(sandbox, call)
    if sandbox.store.count_pdf_request(document) <= sandbox.knobs_for(document.receiver).pdf_late:
        raise Declined("201", "El PDF aún no está disponible")
    return _file(write_pdf(document))


def count_folios(sandbox: Sandbox, call: Call) -> Reply:
    """FoliosRestantes. Cycles are months of Panama; the folios are those of the licence, whatever the cycle."""
    issuer = authenticate(sandbox, call)
    today = sandbox.clock().astimezone(PANAMA).date()
    first = today.replace(day=1)
    next_first = (first + timedelta(days=32)).replace(day=1)
    licence_until = first if sandbox.knobs.licence_over else first.replace(year=first.year + 1)
    available = max(issuer.folios - issuer.folios_used, 0)
    if sandbox.knobs.few_folios:
        available = min(available, issuer.folios // 20)
    if sandbox.knobs.no_folios:
        available = 0
    return Reply(
        {
            "codigo": "200",
            "mensaje": "Se retorna Licencia y Disponibilidad",
            "licencia": "SANDBOX",
            "fechaLicencia": f"{licence_until.replace(year=licence_until.year - 1)} / {licence_until}",
            "ciclo": str(today.month),
            "fechaCiclo": f"{first} / {next_first}",
            "foliosTotalesCiclo": str(issuer.folios),
            "foliosUtilizadosCiclo": str(issuer.folios_used),
            "foliosDisponibleCiclo": str(available),
            "foliosTotales": str(issuer.folios),
            "resultado": "procesado",
        }
    )


def _file(content: bytes) -> Reply:
    return Reply(
        {
            "codigo": "200",
            "resultado": "procesado",
            "mensaje": "Se retorna el documento.",
            "documento": base64.b64encode(content).decode(),
        }
    )


def _write_instant(instant: datetime) -> str:
    return f"{instant.astimezone(PANAMA):%Y-%m-%d %H:%M:%S}"
