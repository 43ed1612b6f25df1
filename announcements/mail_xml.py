"""The authorised XML of an electronic invoice, which goes with its mails. It may come a little later than these."""

from typing import Final
from uuid import UUID

from tortoise.connection import get_connection

from announcements.deliveries import Claim
from db import tenant

PATIENCE: Final = 600.0  # seconds after the event; then the mail goes without
_AGAIN: Final = 2.0  # seconds


async def read_xml(document_id: UUID) -> bytes | None:
    """The authorised XML of the current account's document, if there is one."""
    _, rows = await get_connection("default").execute_query(_READ, [tenant.current_account(), document_id])
    return bytes(rows[0]["content"]) if rows else None


async def lacks_xml(claim: Claim) -> bool:
    """Whether the mail waits for its XML, which is being fetched. It is then put back, to be due again soon.

    A mail that tells of a void has none.
    """
    if claim.type.tells_of_void:
        return False
    arguments = [tenant.current_account(), claim.id, claim.attempts, claim.object_id, claim.occurred_at, PATIENCE]
    changed, _ = await get_connection("default").execute_query(_POSTPONE, [*arguments, _AGAIN])
    return changed == 1


_READ: Final = "SELECT content FROM fiscal_file WHERE account_id = $1 AND document_id = $2 AND kind = 'XML'"

# The claim itself is no attempt.
_POSTPONE: Final = """
    UPDATE delivery SET attempts = attempts - 1, error = 'waits for the XML', due_at = now() + make_interval(secs => $7)
    WHERE account_id = $1 AND id = $2 AND attempts = $3 AND status = 'PENDING'
        AND $5::timestamptz > now() - make_interval(secs => $6)
        AND EXISTS (
            SELECT FROM emission e WHERE e.account_id = $1 AND e.document_id = $4 AND e.files_due_at IS NOT NULL)
        AND NOT EXISTS (
            SELECT FROM fiscal_file f WHERE f.account_id = $1 AND f.document_id = $4 AND f.kind = 'XML')
"""
