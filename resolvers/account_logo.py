"""The picture at the head of the account's papers."""

from hashlib import sha256
from typing import Final

from tortoise.connection import get_connection

from db import models, tenant
from resolvers.accounts import save_changes
from resolvers.scope import mine
from resolvers.transactions import atomically

_STORE: Final = """
    INSERT INTO account_logo (account_id, media_type, width, height, content) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (account_id) DO UPDATE SET
        media_type = excluded.media_type, width = excluded.width, height = excluded.height, content = excluded.content
"""


async def read_logo() -> models.AccountLogo | None:
    return await mine(models.AccountLogo).get_or_none()


async def store_logo(content: bytes, media_type: str, width: int, height: int) -> None:
    """Put a picture in the place of the present one; its hash in the account tells of the change."""

    async def action() -> None:
        account = await _lock_account()
        arguments = [tenant.current_account(), media_type, width, height, content]
        await get_connection("default").execute_query(_STORE, arguments)
        await save_changes(account, {"logo_digest": sha256(content).hexdigest()})

    await atomically(action)


async def delete_logo() -> None:
    async def action() -> None:
        account = await _lock_account()
        await mine(models.AccountLogo).delete()
        await save_changes(account, {"logo_digest": None})

    await atomically(action)


async def _lock_account() -> models.Account:
    return await models.Account.select_for_update(no_key=True).get(id=tenant.current_account())
