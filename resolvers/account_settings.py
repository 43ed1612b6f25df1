"""The settings of an account that the rules for its customers and invoices depend on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from tortoise.connection import get_connection

from db import tenant


@dataclass(frozen=True)
class AccountSettings:
    """The account as its invoices show it, and what its customers and invoices must have.

    ``billing_points`` are the codes of all its billing points, in their order; ``last_issue_dates`` has the latest
    day of issue for those that have issued invoices.
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
    last_issue_dates: Mapping[str, date] = field(default_factory=dict)


async def current_settings() -> AccountSettings:
    """The settings of the current account, by one statement."""
    _, rows = await get_connection("default").execute_query(_SETTINGS, [tenant.current_account()])
    row = dict(rows[0])
    points, last_days = tuple(row.pop("billing_points")), row.pop("last_days")
    last_issue_dates = {code: day for code, day in zip(points, last_days, strict=True) if day}
    return AccountSettings(**row, billing_points=points, last_issue_dates=last_issue_dates)


_SETTINGS: Final = """
    SELECT id, name, ruc, dv, address, phone, mobile, email, terms, payment_term_days, electronic_invoicing,
           ARRAY(SELECT code::text FROM billing_point p WHERE p.account_id = $1 ORDER BY code) AS billing_points,
           ARRAY(SELECT s.last_issue_date FROM billing_point p
                 LEFT JOIN sequence s ON s.account_id = $1 AND s.branch = p.branch AND s.billing_point = p.code
                     AND s.type = 'INVOICE'
                 WHERE p.account_id = $1 ORDER BY code) AS last_days
    FROM account a WHERE id = $1
"""
