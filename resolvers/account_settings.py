"""The settings of an account that the rules for its customers and invoices depend on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from tortoise.connection import get_connection

from db import models, tenant
from db.columns import column_names, row_of


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
    return _settings_of(dict(rows[0]))


async def settings_and_customers(
    condition: str, *values: Any, lock: bool = False
) -> tuple[AccountSettings, list[models.Customer]]:
    """The settings, and the account's customers ``c`` for which a condition is true, by one statement.

    The condition's parameters begin with $2. With ``lock`` nobody else changes these customers until the transaction
    ends.
    """
    columns = ", ".join([f"c.{name}" for name in column_names(models.Customer)])
    locking = "FOR NO KEY UPDATE" if lock else ""
    sql = f"""
        SELECT settings.*, customer.* FROM ({_SETTINGS}) AS settings LEFT JOIN (
            SELECT {columns} FROM customer c WHERE c.account_id = $1 AND {condition} {locking}
        ) AS customer ON true
    """
    _, rows = await get_connection("default").execute_query(sql, [tenant.current_account(), *values])
    found = [row_of(models.Customer, dict(row)) for row in rows if row["id"] is not None]
    return _settings_of(dict(rows[0])), found


async def settings_and_customer(
    id: UUID | None, *, lock: bool = False
) -> tuple[AccountSettings, models.Customer | None]:
    """The settings, and the account's customer with this id, if there is one."""
    settings, found = await settings_and_customers("c.id = $2", id, lock=lock)
    return settings, found[0] if found else None


def _settings_of(row: dict[str, Any]) -> AccountSettings:
    points = tuple(row["settings_billing_points"])
    last_days = zip(points, row["settings_last_days"], strict=True)
    return AccountSettings(
        **{name: row[f"settings_{name}"] for name in _COLUMNS},
        billing_points=points,
        last_issue_dates={code: day for code, day in last_days if day},
    )


_COLUMNS: Final = (
    *("id", "name", "ruc", "dv", "address", "phone", "mobile", "email", "terms"),
    *("payment_term_days", "electronic_invoicing"),
)

_SETTINGS: Final = f"""
    SELECT {", ".join(f"{name} AS settings_{name}" for name in _COLUMNS)},
           ARRAY(SELECT code::text FROM billing_point p WHERE p.account_id = $1 ORDER BY code)
               AS settings_billing_points,
           ARRAY(SELECT s.last_issue_date FROM billing_point p
                 LEFT JOIN sequence s ON s.account_id = $1 AND s.branch = p.branch AND s.billing_point = p.code
                     AND s.type = 'INVOICE'
                 WHERE p.account_id = $1 ORDER BY code) AS settings_last_days
    FROM account a WHERE id = $1
"""
