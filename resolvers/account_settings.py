"""The settings of an account that the rules for its customers and invoices depend on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson
from tortoise.connection import get_connection

from db import models, tenant
from db.columns import column_names, row_of
from resolvers.scope import SURVIVOR
from rules import ruc
from rules.vocabulary import BranchType, CustomerStatus, PaymentMethod, SaleType, TaxpayerType


class Point(NamedTuple):
    """A billing point of a branch, with the latest days of issue if it has issued invoices and exports."""

    branch: str
    code: str
    last_issue_date: date | None
    last_export_date: date | None


@dataclass(frozen=True)
class BranchSettings:
    """A branch as its invoices show it."""

    address: str | None
    phone: str | None
    mobile: str | None
    email: str | None
    type: BranchType | None


@dataclass(frozen=True)
class AccountSettings:
    """The account as its invoices show it, and what its customers and invoices must have.

    ``points`` are all its billing points, by code and branch. ``provider`` is the one through which its documents go
    to the DGI.
    """

    id: UUID
    name: str
    legal_name: str | None
    ruc: str | None
    dv: str | None
    taxpayer_type: TaxpayerType | None
    address: str | None
    phone: str | None
    mobile: str | None
    email: str | None
    terms: str | None
    payment_term_days: int | None
    payment_method: PaymentMethod
    sale_type: SaleType
    electronic_invoicing: bool
    provider: str | None
    points: tuple[Point, ...]
    branches: Mapping[str, BranchSettings]


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
    """The settings, and the account's customer to which this id leads, if there is one."""
    settings, found = await settings_and_customers(f"c.id = {SURVIVOR}", id, lock=lock)
    if found and found[0].status is CustomerStatus.MERGED:  # while this waited for the lock
        return await settings_and_customer(id, lock=lock)
    return settings, found[0] if found else None


def _settings_of(row: Mapping[str, Any]) -> AccountSettings:
    values = {name: row[f"settings_{name}"] for name in _COLUMNS}
    words = {
        "taxpayer_type": _taxpayer_type(values),
        "payment_method": PaymentMethod(values["payment_method"]),
        "sale_type": SaleType(values["sale_type"]),
    }
    points = zip(*[row[f"settings_{name}"] for name in _POINT_ARRAYS], strict=True)
    branches = orjson.loads(row["settings_branches"])
    return AccountSettings(
        **{**values, **words},
        provider=row["settings_provider"],
        points=tuple([Point(*point) for point in points]),
        branches={code: _read_branch(branch) for code, branch in branches.items()},
    )


def _taxpayer_type(row: Mapping[str, Any]) -> TaxpayerType | None:
    """As stored; of accounts whose RUC was set when it wasn't stored yet, as RUC and DV prove it."""
    if row["taxpayer_type"]:
        return TaxpayerType(row["taxpayer_type"])
    number = ruc.read(row["ruc"]) if row["ruc"] and row["electronic_invoicing"] else None
    return ruc.proven_type(number, row["dv"]) if number and row["dv"] else None


def _read_branch(values: Mapping[str, Any]) -> BranchSettings:
    type_ = values["type"]
    return BranchSettings(**{**values, "type": BranchType(type_) if type_ else None})


_POINT_ARRAYS: Final = ("branch_codes", "point_codes", "last_days", "last_export_days")

_POINTS: Final = """
    FROM billing_point p
    LEFT JOIN sequence s ON s.account_id = $1 AND s.branch = p.branch AND s.billing_point = p.code
        AND s.type = '{type}'
    WHERE p.account_id = $1 ORDER BY p.code, p.branch
"""
_INVOICES: Final = _POINTS.format(type="INVOICE")
_EXPORTS: Final = _POINTS.format(type="EXPORT_INVOICE")

_COLUMNS: Final = (
    *("id", "name", "legal_name", "ruc", "dv", "taxpayer_type", "address", "phone", "mobile", "email", "terms"),
    *("payment_term_days", "payment_method", "sale_type", "electronic_invoicing"),
)

_SETTINGS: Final = f"""
    SELECT {", ".join(f"{name} AS settings_{name}" for name in _COLUMNS)},
           (SELECT provider FROM pac_setting WHERE account_id = $1) AS settings_provider,
           ARRAY(SELECT p.branch::text {_INVOICES}) AS settings_branch_codes,
           ARRAY(SELECT p.code::text {_INVOICES}) AS settings_point_codes,
           ARRAY(SELECT s.last_issue_date {_INVOICES}) AS settings_last_days,
           ARRAY(SELECT s.last_issue_date {_EXPORTS}) AS settings_last_export_days,
           (SELECT jsonb_object_agg(b.code, jsonb_build_object('address', b.address, 'phone', b.phone,
                'mobile', b.mobile, 'email', b.email, 'type', b.type))
            FROM branch b WHERE b.account_id = $1)::text AS settings_branches
    FROM account a WHERE id = $1
"""
