"""What an operator is told of differences between an account's provider and Istmo, and of what runs out."""

from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

from rules.calendar import today
from rules.faults import Text
from rules.vocabulary import DifferenceKind


class Place(NamedTuple):
    """What a difference is about; the subject is None for all that a kind can be about."""

    kind: DifferenceKind
    subject: str | None


@dataclass(frozen=True)
class Difference:
    """``subject`` is a document's or a sequence's number, or the provider's name."""

    kind: DifferenceKind
    subject: str
    count: int = 1
    detail: str | None = None
    document_id: UUID | None = None


def describe(kind: DifferenceKind, subject: str, count: int, detail: str | None) -> Text:
    """What it is, and what to do. Numbers stand after a colon, so that no word depends on whether they are 1."""
    message = MESSAGES[kind]
    if kind is DifferenceKind.LICENCE_ENDS and _is_past(detail):
        message = _LICENCE_ENDED
    return message.format(subject=subject, count=count, detail=detail or "")


def _is_past(day: str | None) -> bool:
    try:
        return date.fromisoformat(day or "") < today()
    except ValueError:
        return False


_LICENCE_ENDED: Final = Text(
    "La licencia con el proveedor venció el {detail}. Renuévala: sin ella no se autoriza nada.",
    "The licence at the provider ended on {detail}. Renew it: without it, nothing is authorised.",
)
MESSAGES: Final = {
    DifferenceKind.FOLIOS_EXTRA: Text(
        "Folios que descontó el proveedor y que Istmo no usó: {count}. Revisa en su portal si otro sistema emite con "
        "estas credenciales; si ya lo sabes, acepta la cuenta con `server.py emission reconcile --accept-folios`.",
        "Folios that the provider has counted and Istmo hasn't used: {count}. See in its portal whether another system "
        "uses these credentials; once you know, accept the count by `server.py emission reconcile --accept-folios`.",
    ),
    DifferenceKind.FOLIOS_UNUSED: Text(
        "Documentos autorizados en Istmo sin folio descontado por el proveedor: {count}. Busca en su portal los "
        "últimos y avísale si falta alguno; si no falta ninguno, acepta la cuenta con `server.py emission reconcile "
        "--accept-folios`.",
        "Documents authorised in Istmo for which the provider has counted no folio: {count}. Look for the latest "
        "ones in its portal, and tell it if one is missing; if none is, accept the count by `server.py emission "
        "reconcile --accept-folios`.",
    ),
    DifferenceKind.FOLIOS_LOW: Text(
        "Folios que quedan: {count}, menos del 10 %. Compra más antes de que se acaben.",
        "Folios that are left: {count}, less than 10 %. Buy more before they run out.",
    ),
    DifferenceKind.LICENCE_ENDS: Text(
        "La licencia con el proveedor vence el {detail}. Renuévala: sin ella no se autoriza nada.",
        "The licence at the provider ends on {detail}. Renew it: without it, nothing is authorised.",
    ),
    DifferenceKind.NOT_AT_PROVIDER: Text(
        "El proveedor no encuentra el documento {subject}, que está autorizado. Consulta su CUFE en la DGI y reclama "
        "al proveedor.",
        "The provider doesn't find the document {subject}, which is authorised. Look its CUFE up at the DGI, and "
        "complain to the provider.",
    ),
    DifferenceKind.OTHER_DOCUMENT: Text(
        "El proveedor tiene otro documento con el número {subject}: CUFE {detail}. Consulta los dos CUFE en la DGI y "
        "reclama al proveedor.",
        "The provider has another document under the number {subject}: CUFE {detail}. Look both CUFEs up at the DGI, "
        "and complain to the provider.",
    ),
    DifferenceKind.NUMBERS_MISSING: Text(
        "Números sin documento en la secuencia {subject}: {count}. Mira cuáles con `numberingAudit`; puede que se haya "
        "cambiado la base de datos a mano.",
        "Numbers without a document in the sequence {subject}: {count}. See which by `numberingAudit`; perhaps the "
        "database was changed by hand.",
    ),
    DifferenceKind.FILES_MISSING: Text(
        "Documentos autorizados hace más de un día sin el XML o el PDF del proveedor: {count}. Istmo los sigue "
        "pidiendo cada día; si el proveedor no los da, reclámale.",
        "Documents authorised more than a day ago without the provider's XML or PDF: {count}. Istmo goes on asking "
        "each day; if the provider doesn't give them, complain.",
    ),
    DifferenceKind.DEADLINE_NEAR: Text(
        "El documento {subject} no está autorizado y se emitió hace casi 30 días; después ya no se puede corregir ni "
        "renumerar. Resuélvelo antes del {detail}.",
        "The document {subject} isn't authorised and was issued almost 30 days ago; later it can't be corrected nor "
        "renumbered. Settle it before {detail}.",
    ),
}
