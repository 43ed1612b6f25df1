"""The settings of an account that the rules for its customers and invoices depend on."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from tortoise.connection import get_connection

from db import tenant


@dataclass(frozen=True)
class AccountSettings:
    """``billing_points`` are the codes of all its billing points, in their order."""

    id: UUID
    name: str
    ruc: str | None
    dv: str | None
    electronic_invoicing: bool
    billing_points: tuple[str, ...]


async def current_settings() -> AccountSettings:
    """The settings of the current account, by one statement."""
    _, rows = await get_connection("default").execute_query(_SETTINGS, [tenant.current_account()])
    row = rows[0]
    return AccountSettings(
        id=row["id"],
        name=row["name"],
        ruc=row["ruc"],
        dv=row["dv"],
        electronic_invoicing=row["electronic_invoicing"],
        billing_points=tuple(row["billing_points"]),
    )


_SETTINGS: Final = """
    SELECT id, name, ruc, dv, electronic_invoicing,
           ARRAY(SELECT code::text FROM billing_point p WHERE p.account_id = a.id ORDER BY code) AS billing_points
    FROM account a WHERE id = $1
"""
