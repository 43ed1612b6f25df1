"""Accounts and their API keys."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tortoise.connection import get_connection
from tortoise.expressions import Q
from tortoise.queryset import QuerySet
from uuid_utils.compat import uuid7

from db import models, tenant
from projection import Many, One
from resolvers.api_keys import hash_secret, new_secret, tell_revoked
from resolvers.scope import check_version, fetch_or_refuse, mine
from resolvers.transactions import atomically
from rules import text
from rules.account import PRINTED, AccountRecord, check_account
from rules.faults import Code, Fault, Record, Refusal, Text
from rules.printing import Printable
from rules.vocabulary import FiscalStatus, KeyKind, Scope

MOST_KEYS: Final = 50  # of an account, valid at the same time; sessions don't count


def current() -> One:
    return One(models.Account.filter(id=tenant.current_account()))


def key(id: UUID) -> One:
    return One(_keys().filter(id=id))


def keys() -> Many:
    return Many(_keys().order_by("created_at", "id"))


def _keys() -> QuerySet[models.ApiKey]:
    """The keys of programs; those with which people sign in to the pages are of other kinds."""
    return mine(models.ApiKey, kind=KeyKind.KEY)


async def create(
    name: str, number: str | None, dv: str | None, *, electronic_invoicing: bool, printable: Printable | None = None
) -> UUID:
    """A new account with its head office and billing point 001; raises ``Refusal``. Needs no account in the context."""
    checked = check_account(AccountRecord(name=name, ruc=number, dv=dv), printable)
    id = uuid7()
    await get_connection("default").execute_query(
        "SELECT create_account($1, $2, $3, $4, $5, $6, $7, $8)",
        [id, checked.name, checked.ruc, checked.dv, checked.taxpayer_type, electronic_invoicing, uuid7(), uuid7()],
    )
    return id


async def update(changes: Mapping[str, Any], printable: Printable, version: int | None = None) -> UUID:
    """Set some fields of the current account; raises ``Refusal`` with all faults."""

    async def action() -> UUID:
        row = await models.Account.select_for_update(no_key=True).get(id=tenant.current_account())
        check_version(row.version, version)
        record = {name: changes.get(name, getattr(row, name)) for name in _RECORD}
        if "taxpayer_type" not in changes and (record["ruc"], record["dv"]) != (row.ruc, row.dv):
            record["taxpayer_type"] = None  # that of another RUC
        checked = check_account(AccountRecord(**record), printable, [name for name in PRINTED if name in changes])
        if (checked.ruc, checked.dv) != (row.ruc, row.dv) and await _has_open_emission():
            raise Refusal(Fault(("ruc",), Code.NOT_ALLOWED, _EMITTING, record=Record.ACCOUNT))
        switches = {name: changes.get(name, getattr(row, name)) for name in _SWITCHES}
        await save_changes(row, {**asdict(checked), **switches})
        return row.id

    return await atomically(action)


async def _has_open_emission() -> bool:
    """Whether a document is on its way to the DGI, under the RUC that the account has."""
    return await mine(models.Emission, status__not_in=_SETTLED).exists()


# Documents that are sent no more.
_SETTLED: Final = (FiscalStatus.AUTHORIZED, FiscalStatus.VOIDED, FiscalStatus.WITHDRAWN)

_EMITTING: Final = Text(
    "Hay facturas electrónicas pendientes con este RUC. Espera a que terminen, o resuelve las que están detenidas.",
    "There are electronic invoices on their way under this RUC. Wait for them, or settle those that are blocked.",
)

_SWITCHES: Final = ("electronic_invoicing", "mail_link")
_RECORD: Final = tuple(field.name for field in fields(AccountRecord))


async def save_changes(
    row: models.Account | models.BillingPoint | models.Branch | models.PacSetting | models.Webhook,
    values: Mapping[str, Any],
    *,
    is_changed: bool = False,
) -> None:
    """Store the values that differ from the locked row's.

    The version goes up if there are some, or if something else that belongs to the row ``is_changed``.
    """
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if changed or is_changed:
        row.update_from_dict({**changed, "version": row.version + 1})
        stamp = ["updated_at"] if isinstance(row, models.Account | models.PacSetting) else []
        await row.save(update_fields=[*changed, "version", *stamp])


_TOO_MANY_KEYS: Final = Text(
    f"Una cuenta puede tener como máximo {MOST_KEYS} claves vigentes. Revoca primero las que ya no uses.",
    f"An account can have at most {MOST_KEYS} valid keys. Revoke those that are no longer used first.",
)


async def create_key(name: str, scope: Scope, expires_at: datetime | None) -> tuple[models.ApiKey, str]:
    """A new key of the current account, and its secret, which is stored nowhere; raises ``Refusal``."""
    clean_name = text.clean(name)
    faults = list(text.check(("name",), clean_name, 1, 200))
    if expires_at is not None and expires_at <= datetime.now(UTC):
        message = Text("El vencimiento ya pasó.", "The expiry is in the past.")
        faults.append(Fault(("expiresAt",), Code.OUT_OF_RANGE, message))
    secret = new_secret()

    async def action() -> models.ApiKey:
        await models.Account.select_for_update(no_key=True).get(id=tenant.current_account())
        is_valid = Q(Q(expires_at__isnull=True) | Q(expires_at__gt=datetime.now(UTC)), revoked_at__isnull=True)
        if await _keys().filter(is_valid).count() >= MOST_KEYS:
            faults.append(Fault((), Code.TOO_MANY, _TOO_MANY_KEYS))
        if faults:
            raise Refusal(*faults)
        key = models.ApiKey(
            id=uuid7(),
            account_id=tenant.current_account(),
            name=clean_name,
            scope=scope,
            hash=hash_secret(secret),
            expires_at=expires_at,
        )
        await key.save(force_create=True)
        return key

    return await atomically(action), secret


async def revoke_key(id: str) -> UUID:
    """Refuse the key and its sessions from now on; a revoked key stays as it is. Raises ``Refusal``."""
    row = await fetch_or_refuse(_keys(), id, Text("No existe esta clave.", "There is no such key."))
    with_sessions = mine(models.ApiKey, Q(id=row.id) | Q(parent_id=row.id), revoked_at__isnull=True)
    await with_sessions.update(revoked_at=datetime.now(UTC))
    await tell_revoked([row.id])
    return row.id


def lifetime(text_: str) -> timedelta:
    """A span such as "90d" or "12h"; raises ``ValueError``.

    >>> lifetime("90d").days
    90
    """
    units = {"d": "days", "h": "hours"}
    number, unit = text_[:-1], text_[-1:]
    if not number.isascii() or not number.isdigit() or unit not in units:
        raise ValueError(f"not a span such as 90d or 12h: {text_!r}")
    return timedelta(**{units[unit]: int(number)})
