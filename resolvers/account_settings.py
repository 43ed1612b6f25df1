"""The settings of an account that the rules for its customers and invoices depend on."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from tortoise.connection import get_connection

from db import tenant


@dataclass(frozen=True)
class AccountSettings:
    """The account as its invoices show it, and what its customers and invoices must have.

    ``billing_points`` are the codes of all its billing points, in their order.
    """

    id: UUID
    name: str
    ruc: str | None
    dv: str | None
    address: str | None
    phone: str | None
    mobile: str | None
    email: str | None
    terms: str | None
    payment_term_days: int | None
    electronic_invoicing: bool
    billing_points: tuple[str, ...]


async def current_settings() -> AccountSettings:
    """The settings of the current account, by one statement."""
    _, rows = await get_connection("default").execute_query(_SETTINGS, [tenant.current_account()])
    return AccountSettings(**{**rows[0], "billing_points": tuple(rows[0]["billing_points"])})


_SETTINGS: Final = """
    SELECT id, name, ruc, dv, address, phone, mobile, email, terms, payment_term_days, electronic_invoicing,
           ARRAY(SELECT code::text FROM billing_point p WHERE p.account_id = a.id ORDER BY code) AS billing_points
    FROM account a WHERE id = $1
"""
