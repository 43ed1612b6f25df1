"""Accounts, their billing points and API keys."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection
from tortoise.queryset import QuerySet
from uuid_utils.compat import uuid7

from db import models, tenant
from projection import Many, One
from resolvers.api_keys import hash_secret, new_secret
from resolvers.scope import fetch_or_refuse, mine
from resolvers.transactions import atomically
from rules import text
from rules.account import AccountIdentity, check_account, check_billing_point
from rules.faults import Code, Fault, Refusal, Text
from rules.printing import Printable
from rules.vocabulary import KeyKind, Scope


def current() -> One:
    return One(models.Account.filter(id=tenant.current_account()))


def billing_point(id: UUID) -> One:
    return One(mine(models.BillingPoint, id=id))


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
    identity = check_account(AccountIdentity(name, number, dv), printable)
    id = uuid7()
    await get_connection("default").execute_query(
        "SELECT create_account($1, $2, $3, $4, $5, $6, $7)",
        [id, identity.name, identity.ruc, identity.dv, electronic_invoicing, uuid7(), uuid7()],
    )
    return id


async def update(changes: Mapping[str, Any], printable: Printable) -> UUID:
    """Set some fields of the current account; raises ``Refusal`` with all faults."""

    async def action() -> UUID:
        row = await models.Account.select_for_update(no_key=True).get(id=tenant.current_account())
        before = {"name": row.name, "ruc": row.ruc, "dv": row.dv}
        identity = check_account(
            AccountIdentity(**{**before, **{name: changes[name] for name in before if name in changes}}),
            printable if "name" in changes else None,
        )
        electronic_invoicing = changes.get("electronic_invoicing", row.electronic_invoicing)
        values = {**asdict(identity), "electronic_invoicing": electronic_invoicing}
        row.update_from_dict(values)
        await row.save(update_fields=[*values, "updated_at"])
        return row.id

    return await atomically(action)


async def create_billing_point(code: str, name: str | None) -> UUID:
    """A new series of numbers for the current account; raises ``Refusal``."""
    clean_name = text.clean(name)
    if faults := check_billing_point(code, clean_name):
        raise Refusal(*faults)

    async def action() -> UUID:
        point = models.BillingPoint(id=uuid7(), account_id=tenant.current_account(), code=code, name=clean_name)
        await point.save(force_create=True)
        return point.id

    return await atomically(action)


async def create_key(name: str, scope: Scope, expires_at: datetime | None) -> tuple[models.ApiKey, str]:
    """A new key of the current account, and its secret, which is stored nowhere; raises ``Refusal``."""
    clean_name = text.clean(name)
    faults = list(text.check(("name",), clean_name, 1, 200))
    if expires_at is not None and expires_at <= datetime.now(UTC):
        message = Text("El vencimiento ya pasó.", "The expiry is in the past.")
        faults.append(Fault(("expiresAt",), Code.OUT_OF_RANGE, message))
    if faults:
        raise Refusal(*faults)
    secret = new_secret()
    key = models.ApiKey(
        id=uuid7(),
        account_id=tenant.current_account(),
        name=clean_name,
        scope=scope,
        hash=hash_secret(secret),
        expires_at=expires_at,
    )
    await key.save(force_create=True)
    return key, secret


async def revoke_key(id: str) -> UUID:
    """Refuse the key from now on; a revoked key stays as it is. Raises ``Refusal``."""
    row = await fetch_or_refuse(_keys(), id, Text("No existe esta clave.", "There is no such key."))
    await _keys().filter(id=row.id, revoked_at__isnull=True).update(revoked_at=datetime.now(UTC))
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
