"""Public links of documents: who has one sees the document, and nothing else of the account, without a key."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from tortoise.connection import get_connection
from tortoise.queryset import QuerySet
from uuid_utils.compat import uuid7

from db import models, tenant
from projection import One
from resolvers.api_keys import hash_secret, named_account, new_secret
from resolvers.scope import fetch_or_refuse, mine
from resolvers.sending import check_can_be_sent
from resolvers.transactions import Result, atomically
from rules.faults import Code, Fault, Refusal, Text

LIFETIME: Final = timedelta(days=30)  # of a link, unless the setting says otherwise
MOST_LINKS: Final = 20  # of a document that are valid at the same time


@dataclass(frozen=True)
class LinkedDocument:
    """What a link leads to."""

    account_id: UUID
    document_id: UUID


def path_of(secret: str) -> str:
    """Where the service shows the document."""
    return f"/d/{secret}"


def by_id(id: UUID) -> One:
    return One(mine(models.DocumentLink, id=id))


async def create(id: str, lifetime: timedelta) -> Result:
    """A link of an issued document, with its secret, which is stored nowhere; raises ``Refusal``."""

    async def action() -> Result:
        row = await fetch_or_refuse(mine(models.Document).select_for_update(no_key=True), id, NO_SUCH_DOCUMENT)
        await check_can_be_sent(row)
        if await _live().filter(document_id=row.id, mailed=False).count() >= MOST_LINKS:
            raise Refusal(Fault(("id",), Code.TOO_MANY, _TOO_MANY))
        return await _create(row.id, lifetime, mailed=False)

    return await atomically(action)


async def create_for_mail(document_id: UUID, lifetime: timedelta) -> Result:
    """A link for a mail with the current account's document. Each attempt has one of its own, since the secret of the
    last one is stored nowhere.
    """
    return await _create(document_id, lifetime, mailed=True)


async def _create(document_id: UUID, lifetime: timedelta, *, mailed: bool) -> Result:
    secret = new_secret("")
    values = [tenant.current_account(), uuid7(), document_id, hash_secret(secret), lifetime, mailed]
    link = await get_connection("default").execute_insert(_CREATE, values)
    return Result(link["id"], secret=secret)


# By the database's clock, by which ends are also checked.
_CREATE: Final = """
    INSERT INTO document_link (account_id, id, document_id, hash, expires_at, mailed)
    VALUES ($1, $2, $3, $4, now() + $5::interval, $6) RETURNING id
"""


async def revoke(id: str) -> UUID:
    """Let a link lead nowhere from now on; a revoked one stays as it is. Raises ``Refusal``."""
    row = await fetch_or_refuse(mine(models.DocumentLink), id, _NO_SUCH_LINK)
    await mine(models.DocumentLink, id=row.id, revoked_at__isnull=True).update(revoked_at=datetime.now(UTC))
    return row.id


async def find(secret: str) -> LinkedDocument | None:
    """The document that a link leads to; None if it is unknown, was revoked or has ended. It needs no account."""
    owner = named_account(secret)
    if owner is None:
        return None
    find = "SELECT * FROM document_of_link($1, $2)"
    _, rows = await get_connection("default").execute_query(find, [hash_secret(secret), owner])
    return LinkedDocument(**rows[0]) if rows else None


def _live() -> QuerySet[models.DocumentLink]:
    return mine(models.DocumentLink, revoked_at__isnull=True, expires_at__gt=datetime.now(UTC))


NO_SUCH_DOCUMENT: Final = Text("No existe este documento.", "There is no such document.")
_NO_SUCH_LINK: Final = Text("No existe este enlace.", "There is no such link.")
_TOO_MANY: Final = Text(
    f"Un documento puede tener como máximo {MOST_LINKS} enlaces vigentes. Revoca primero los que ya no uses.",
    f"A document can have at most {MOST_LINKS} valid links. Revoke those that are no longer used first.",
)
