"""What people ask for about a document on its way: to void it, to try again, to send it corrected or renumbered.

Each is part of the caller's transaction, which has locked the document, and locks the row. It raises ``Refusal`` where
the state doesn't allow it.
"""

from typing import Final
from uuid import UUID

from tortoise.connection import get_connection

from db import tenant
from emission import progress, states, store
from emission.clock import read_now
from emission.progress import Emission
from emission.rows import READ, row_of
from emission.settings import Settings
from emission.states import Event
from emission.store import Settled
from emission.switching import free_absent, read_present
from rules.faults import Code, Fault, Refusal, Text
from rules.fiscal.windows import VoidWindow
from rules.vocabulary import BlockedReason, FiscalStatus


async def request_void(document_id: UUID, reason: str, window: VoidWindow = VoidWindow.OPEN) -> FiscalStatus:
    """Have an authorised document voided at the provider: ``VOIDING`` until that is confirmed.

    One that was never tried, was rejected, or is blocked and isn't at the provider for certain, becomes void at once,
    without the provider: ``WITHDRAWN``. To ask again for the same reason changes nothing.
    """
    row = await store.lock(document_id)
    if row.status is FiscalStatus.VOIDING and row.void_reason == reason:
        return row.status
    if row.status is FiscalStatus.AUTHORIZED and window is VoidWindow.CLOSED:
        raise Refusal(_TOO_LATE)
    if row.status is FiscalStatus.AUTHORIZED and await read_present() not in (None, row.provider):
        raise Refusal(Fault(("id",), Code.NOT_ALLOWED, _ELSEWHERE.format(provider=row.provider)))
    event = Event.VOID if row.sent_until is not None else Event.VOID_UNTRIED
    if row.status is FiscalStatus.AUTHORIZED:
        event = Event.VOID
    return await _apply(row, event, reason)


async def retry(document_id: UUID) -> FiscalStatus:
    """Try a blocked document again, beginning with a look: at its provider, unless that hasn't got it for certain."""
    await free_absent(document_id)
    return await _apply(await store.lock(document_id), Event.RETRY)


async def requeue_corrected(document_id: UUID) -> FiscalStatus:
    """Send a rejected document, which was corrected in this transaction, under its number."""
    return await _apply(await store.lock(document_id), Event.CORRECT)


async def renumber(document_id: UUID) -> FiscalStatus:
    """Send a document under the number that this transaction then gives it, since another system has used its own.

    The old number is kept, with the attempts that were made under it.
    """
    row = await store.lock(document_id)
    if row.blocked_reason is not BlockedReason.NUMBER_TAKEN:
        raise Refusal(_NOT_TAKEN)
    status = await _apply(row, Event.RENUMBER)
    await get_connection("default").execute_query(_KEEP_NUMBER, [tenant.current_account(), document_id])
    return status


_KEEP_NUMBER: Final = """
    UPDATE emission e SET former_numbers = e.former_numbers || d.number::text FROM document d
    WHERE e.account_id = $1 AND e.document_id = $2 AND d.account_id = $1 AND d.id = $2
"""


async def retry_refused() -> int:
    """Try the documents again that wrong credentials have blocked, after the account's provider was set.

    Those that another provider may have stay blocked. Returns how many are tried.
    """
    await free_absent()
    arguments = [tenant.current_account(), BlockedReason.CREDENTIALS, await read_present()]
    _, rows = await get_connection("default").execute_query(_BLOCKED, arguments)
    for row in rows:
        await _apply(row_of(row), Event.RETRY)
    return len(rows)


_BLOCKED: Final = f"""
    SELECT {READ} FROM emission e
    WHERE e.account_id = $1 AND e.status = 'BLOCKED' AND e.blocked_reason = $2
        AND (e.provider IS NULL OR e.provider = $3)
    ORDER BY e.document_id FOR UPDATE
"""


async def _apply(row: Emission, event: Event, text: str = "") -> FiscalStatus:
    try:
        after, step = progress.advance(row, event, await read_now(), Settings(), text=text)
    except states.NotNow as refused:
        raise Refusal(_fault_of(row, event, refused)) from refused
    is_held = await store.settle(row, after, step, Settled())
    assert is_held  # it is locked
    return after.status


def _fault_of(row: Emission, event: Event, refused: states.NotNow) -> Fault:
    if row.status is FiscalStatus.BLOCKED and row.blocked_reason is not None:
        code = Code.EMISSION_PENDING if event is Event.VOID else Code.NOT_ALLOWED
        return Fault(("id",), code, _WHILE_BLOCKED[row.blocked_reason])
    if row.status is FiscalStatus.VOIDING:
        return _VOIDING
    return _PENDING if refused.is_pending else _NOT_ALLOWED


_PENDING: Final = Fault(
    ("id",),
    Code.EMISSION_PENDING,
    Text(
        "Aún no se sabe si la DGI tiene el documento. Inténtalo cuando el proveedor haya respondido.",
        "It isn't known yet whether the DGI has the document. Try again when the provider has answered.",
    ),
)
_VOIDING: Final = Fault(
    ("id",),
    Code.EMISSION_PENDING,
    Text(
        "La DGI tiene el documento y su anulación ya se pidió, por el motivo que se dio primero. Espera a que el "
        "proveedor la confirme o la rechace.",
        "The DGI has the document and its void was asked for already, for the reason that was given first. Wait until "
        "the provider has confirmed or refused it.",
    ),
)
# What can be done about a blocked document where what was asked for can't.
_WHILE_BLOCKED: Final = {
    BlockedReason.CREDENTIALS: Text(
        "El documento está detenido: el proveedor no acepta las credenciales de la cuenta. Se enviará cuando se "
        "definan de nuevo, con una clave ADMIN o en la página Cuenta; o anúlalo y emite otro.",
        "The document is blocked: the provider doesn't accept the account's credentials. It will be sent when they are "
        "set anew, by a key with ADMIN scope or on the page Account; or void it and issue another one.",
    ),
    BlockedReason.ISSUER: Text(
        "El documento está detenido: la DGI o el proveedor no aceptan al emisor. Registra el negocio y reintenta, o "
        "anúlalo y emite otro.",
        "The document is blocked: the DGI or the provider doesn't accept the issuer. Register the business and retry, "
        "or void it and issue another one.",
    ),
    BlockedReason.NUMBER_TAKEN: Text(
        "El documento está detenido: otro sistema usó su número. Con una clave ADMIN se le da otro número "
        "(renumberDocument); o anúlalo y emite otro.",
        "The document is blocked: another system has used its number. A key with ADMIN scope gives it another one "
        "(renumberDocument); or void it and issue another one.",
    ),
    BlockedReason.FOLIOS: Text(
        "El documento está detenido: a la cuenta no le quedan folios o venció su licencia. Compra folios o renueva la "
        "licencia y se enviará solo. Para anularlo, espera unos minutos: primero se comprueba que el proveedor no lo "
        "tiene.",
        "The document is blocked: the account has no folios left or its licence has expired. Buy folios or renew the "
        "licence and it will be sent by itself. To void it, wait some minutes: it is made sure first that the provider "
        "hasn't got it.",
    ),
    BlockedReason.CERTIFICATE: Text(
        "El documento está detenido: el certificado de firma falta o venció. Renuévalo y se enviará solo. Para "
        "anularlo, espera unos minutos: primero se comprueba que el proveedor no lo tiene.",
        "The document is blocked: the signing certificate is missing or expired. Renew it and it will be sent by "
        "itself. To void it, wait some minutes: it is made sure first that the provider hasn't got it.",
    ),
    BlockedReason.TECHNICAL: Text(
        "El documento está detenido por un problema técnico. Reintenta: primero se busca en el proveedor, y se "
        "envía de nuevo solo si no está.",
        "The document is blocked by a technical problem. Retry: it is looked for at the provider first, and sent again "
        "only if it isn't there.",
    ),
}
_ELSEWHERE: Final = Text(
    "El documento se autorizó por medio de {provider}, que ya no es el proveedor de la cuenta. Anúlalo en el portal "
    "de {provider}, o define de nuevo ese proveedor y anúlalo aquí.",
    "The document was authorised through {provider}, which isn't the account's provider any more. Void it in the "
    "portal of {provider}, or set that provider again and void it here.",
)
_TOO_LATE: Final = Fault(
    ("id",),
    Code.WINDOW_CLOSED,
    Text(
        "El plazo para anular un documento electrónico, 182 horas desde su emisión, ya venció.",
        "The time in which an electronic document can be voided, 182 hours from its emission, is over.",
    ),
)
_NOT_ALLOWED: Final = Fault(
    ("id",),
    Code.NOT_ALLOWED,
    Text(
        "El estado del documento electrónico no lo permite.", "The state of the electronic document doesn't allow it."
    ),
)
_NOT_TAKEN: Final = Fault(
    ("id",),
    Code.NOT_ALLOWED,
    Text(
        "Solo cambia de número un documento cuyo número usó otro sistema.",
        "Only a document whose number another system has used gets a new one.",
    ),
)
