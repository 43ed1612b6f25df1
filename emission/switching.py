"""What another provider, or other credentials of an account, mean for its documents on their way.

Each is part of the transaction that sets them.
"""

from typing import Final
from uuid import UUID

from tortoise.connection import get_connection

from db import tenant
from emission.folios import OF_FOLIOS


async def read_present() -> str | None:
    """The account's provider; None if it has none."""
    _, rows = await get_connection("default").execute_query(_PRESENT, [tenant.current_account()])
    return rows[0]["provider"] if rows else None


_PRESENT: Final = "SELECT provider FROM pac_setting WHERE account_id = $1"


async def count_bound(provider: str, *, leaves_blocked: bool = False) -> int:
    """How many documents need this provider: it may have them and nobody knows how they end, or they lack their XML.

    ``leaves_blocked``: those that are blocked don't count.
    """
    arguments = [tenant.current_account(), provider, leaves_blocked]
    _, rows = await get_connection("default").execute_query(_BOUND, arguments)
    count: int = rows[0]["count"]
    return count


# Without sent_until a document was never tried, or the provider hasn't got it for certain. Its XML is the fiscal
# document; a provider that never gives its PDF keeps nobody, since there is our own.
_BOUND: Final = """
    SELECT count(*) FROM emission e
    WHERE account_id = $1 AND provider = $2 AND (
        status IN ('SENDING', 'ACCEPTED', 'VOIDING')
        OR (status IN ('QUEUED', 'CHECKING') AND sent_until IS NOT NULL)
        OR (status = 'BLOCKED' AND sent_until IS NOT NULL AND NOT $3::boolean)
        OR (files_due_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM fiscal_file f WHERE f.account_id = $1 AND f.document_id = e.document_id AND f.kind = 'XML')))
"""


async def leave() -> None:
    """Let what only the provider that the account has left could settle rest, until that one is set again.

    A look that is under way there says nothing any more, so the attempts go up.
    """
    await get_connection("default").execute_query(_LEAVE, [tenant.current_account()])


_LEAVE: Final = """
    UPDATE emission e SET
        due_at = CASE WHEN e.status = 'BLOCKED' THEN NULL ELSE e.due_at END, files_due_at = NULL,
        attempts = e.attempts + 1, updated_at = now()
    FROM pac_setting s
    WHERE e.account_id = $1 AND s.account_id = $1 AND e.provider <> s.provider
        AND (e.status = 'BLOCKED' OR e.files_due_at IS NOT NULL)
"""


async def list_left() -> list[tuple[str, str]]:
    """Number and reason of the documents that are blocked at a provider which the account has left."""
    _, rows = await get_connection("default").execute_query(_LEFT, [tenant.current_account()])
    return [(row["number"], row["blocked_reason"]) for row in rows]


_LEFT: Final = """
    SELECT concat_ws('-', d.branch, d.billing_point, d.number) AS number, e.blocked_reason
    FROM emission e JOIN pac_setting s ON s.account_id = $1
        JOIN document d ON d.account_id = $1 AND d.id = e.document_id
    WHERE e.account_id = $1 AND e.status = 'BLOCKED' AND e.provider <> s.provider
    ORDER BY 1
"""


async def free_absent(document_id: UUID | None = None) -> None:
    """Let documents that a provider which the account has left hasn't got for certain go to the present one.

    They are written anew, in its words. Without ``document_id``, it is about all of the account. The attempts go up:
    a look that is under way at the old provider says nothing about them any more.
    """
    await get_connection("default").execute_query(_FREE, [tenant.current_account(), document_id])


_FREE: Final = """
    UPDATE emission e SET
        provider = NULL, payload = e.payload + 1, attempts = e.attempts + 1, not_found_at = NULL, updated_at = now()
    FROM pac_setting s
    WHERE e.account_id = $1 AND s.account_id = $1 AND ($2::uuid IS NULL OR e.document_id = $2)
        AND e.status IN ('QUEUED', 'CHECKING', 'BLOCKED') AND e.sent_until IS NULL AND e.provider <> s.provider
"""


async def hasten() -> None:
    """Turn at once to all that waits for the account's provider: what it failed for may be mended.

    A look that is under way is made again, by the new credentials; a send is left to its lease. The account is
    reconciled, too; a reconciliation that is under way stores no more, since it asks by the old credentials.
    """
    for statement in (_HASTEN, _HASTEN_RECONCILIATION):
        await get_connection("default").execute_query(statement, [tenant.current_account()])


_HASTEN: Final = """
    UPDATE emission e SET
        due_at = CASE WHEN e.due_at > t.moment AND e.status <> 'SENDING' THEN t.moment ELSE e.due_at END,
        files_due_at = CASE WHEN e.files_due_at > t.moment THEN t.moment ELSE e.files_due_at END,
        updated_at = now()
    FROM pac_setting s, (SELECT now() AS moment) t
    WHERE e.account_id = $1 AND s.account_id = $1 AND (e.provider IS NULL OR e.provider = s.provider)
        AND ((e.due_at > now() AND e.status <> 'SENDING') OR e.files_due_at > now())
"""

_HASTEN_RECONCILIATION: Final = """
    UPDATE emission_reconciliation SET due_at = now(), attempts = attempts + 1 WHERE account_id = $1
"""


async def forget_licence() -> None:
    """Forget the folios and the licence of another provider or user: what they say isn't about the present ones."""
    arguments = [tenant.current_account(), list(OF_FOLIOS)]
    await get_connection("default").execute_query(_FORGET_LICENCE, arguments)


_FORGET_LICENCE: Final = """
    WITH differences AS (
        DELETE FROM emission_difference WHERE account_id = $1 AND kind = ANY ($2)
    )
    UPDATE emission_reconciliation SET
        asked_at = NULL, failing_since = NULL, base_used = NULL, folios_at = NULL, folios_total = NULL,
        folios_used = NULL, folios_available = NULL, licence_until = NULL
    WHERE account_id = $1
"""
