"""What people ask for about a document on its way: to void it, to try again, to send it corrected or renumbered.

Each is part of the caller's transaction, which has locked the document, and locks the row. It raises ``Refusal`` where
the state doesn't allow it.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from tortoise.connection import get_connection

from db import tenant
from emission import progress, states, store
from emission.progress import Emission
from emission.rows import READ, row_of
from emission.settings import Settings
from emission.states import Event
from emission.store import Settled
from rules.faults import Code, Fault, Refusal, Text
from rules.fiscal.windows import VoidWindow
from rules.vocabulary import BlockedReason, FiscalStatus


async def request_void(document_id: UUID, reason: str, window: VoidWindow = VoidWindow.OPEN) -> FiscalStatus:
    """Have an authorised document voided at the provider: ``VOIDING`` until that is confirmed.

    One that was never tried, or was rejected, becomes void at once, without the provider: ``WITHDRAWN``. To ask again
    for the same reason changes nothing.
    """
    row = await store.lock(document_id)
    if row.status is FiscalStatus.VOIDING and row.void_reason == reason:
        return row.status
    if row.status is FiscalStatus.AUTHORIZED and window is VoidWindow.CLOSED:
        raise Refusal(_TOO_LATE)
    event = Event.VOID if row.sent_until is not None else Event.VOID_UNTRIED
    if row.status is FiscalStatus.AUTHORIZED:
        event = Event.VOID
    return await _apply(row, event, reason)


async def retry(document_id: UUID) -> FiscalStatus:
    """Try a blocked document again, beginning with a look."""
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


async def retry_blocked(reason: BlockedReason) -> int:
    """Try the account's documents again that are blocked for this reason, such as after new credentials were set.

    Returns how many they are.
    """
    arguments = [tenant.current_account(), reason]
    _, rows = await get_connection("default").execute_query(_BLOCKED, arguments)
    for row in rows:
        await _apply(row_of(row), Event.RETRY)
    return len(rows)


_BLOCKED: Final = f"""
    SELECT {READ} FROM emission e
    WHERE e.account_id = $1 AND e.status = 'BLOCKED' AND e.blocked_reason = $2 ORDER BY e.document_id FOR UPDATE
"""


async def _apply(row: Emission, event: Event, text: str = "") -> FiscalStatus:
    try:
        after, step = progress.advance(row, event, await _now(), Settings(), text=text)
    except states.NotNow as refused:
        raise Refusal(_PENDING if refused.is_pending else _NOT_ALLOWED) from refused
    is_held = await store.settle(row, after, step, Settled())
    assert is_held  # it is locked
    return after.status


async def _now() -> datetime:
    _, rows = await get_connection("default").execute_query("SELECT now() AS now")
    now: datetime = rows[0]["now"]
    return now


_PENDING: Final = Fault(
    ("id",),
    Code.EMISSION_PENDING,
    Text(
        "Aún no se sabe si la DGI tiene la factura. Inténtalo cuando el proveedor haya respondido.",
        "It isn't known yet whether the DGI has the invoice. Try again when the provider has answered.",
    ),
)
_TOO_LATE: Final = Fault(
    ("id",),
    Code.WINDOW_CLOSED,
    Text(
        "El plazo para anular una factura electrónica, 182 horas desde su emisión, ya venció.",
        "The time in which an electronic invoice can be voided, 182 hours from its emission, is over.",
    ),
)
_NOT_ALLOWED: Final = Fault(
    ("id",),
    Code.NOT_ALLOWED,
    Text("El estado de la factura electrónica no lo permite.", "The state of the electronic invoice doesn't allow it."),
)
_NOT_TAKEN: Final = Fault(
    ("id",),
    Code.NOT_ALLOWED,
    Text(
        "Solo cambia de número una factura cuyo número usó otro sistema.",
        "Only an invoice whose number another system has used gets a new one.",
    ),
)
