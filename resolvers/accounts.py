"""Accounts, their billing points and API keys."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection
from tortoise.queryset import QuerySet
from uuid_utils.compat import uuid7

from db import models, tenant
from projection import Many, One
from resolvers.api_keys import hash_secret, new_secret
from resolvers.scope import mine, uuid_of
from resolvers.transactions import atomically
from rules import ruc, text
from rules.faults import Code, Fault, Refusal, Text
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
    """Those of programs; who signs in to the pages has others."""
    return mine(models.ApiKey, kind=KeyKind.KEY)


async def create(name: str, number: str | None, dv: str | None, *, electronic_invoicing: bool) -> UUID:
    """A new account with its head office and billing point 001; raises ``Refusal``. Needs no account in the context."""
    values, faults = _checked({"name": name, "ruc": number, "dv": dv})
    if faults:
        raise Refusal(*faults)
    id = uuid7()
    await get_connection("default").execute_query(
        "SELECT create_account($1, $2, $3, $4, $5, $6, $7)",
        [id, values["name"], values["ruc"], values["dv"], electronic_invoicing, uuid7(), uuid7()],
    )
    return id


async def update(changes: Mapping[str, Any]) -> UUID:
    """Set the given fields of the current account; raises ``Refusal``."""

    async def action() -> UUID:
        settings = await models.Account.select_for_update(no_key=True).get(id=tenant.current_account())
        before = {"name": settings.name, "ruc": settings.ruc, "dv": settings.dv}
        values, faults = _checked({**before, **{name: changes[name] for name in before if name in changes}})
        if faults:
            raise Refusal(*faults).under("input")
        values["electronic_invoicing"] = changes.get("electronic_invoicing", settings.electronic_invoicing)
        settings.update_from_dict(values)
        await settings.save(update_fields=[*values, "updated_at"])
        return settings.id

    return await atomically(action)


def _checked(values: dict[str, str | None]) -> tuple[dict[str, Any], list[Fault]]:
    """Name, RUC and DV of an account as they are stored, and what is wrong with them."""
    name = text.clean(values["name"])
    number = text.clean(values["ruc"])
    dv = text.clean(values["dv"])
    faults = list(text.check(("name",), name, 2, 200))
    if number is None:
        if dv is not None:
            faults.append(
                Fault(("ruc",), Code.REQUIRED, Text("Falta el RUC de este DV.", "The RUC of this DV is missing."))
            )
        return {"name": name, "ruc": None, "dv": None}, faults
    try:
        parsed = ruc.parse(number)
        number = parsed.canonical
        dv = ruc.parse_dv(dv or parsed.written_dv or "")
        match ruc.check_dv(parsed, dv):
            case ruc.Mismatch(expected):
                message = Text("El DV no es el de este RUC.", "The DV is not the one of this RUC.")
                faults.append(Fault(("dv",), Code.DV_MISMATCH, message, tuple(right for _, right in expected)))
    except ruc.InvalidRuc as error:
        faults.append(
            Fault(("ruc",), Code.INVALID_RUC, Text("Esto no es un RUC.", "This is no RUC."), error.suggestions)
        )
    except ruc.InvalidDv:
        message = Text("Escribe el DV, de dos cifras.", "Write the DV, two digits.")
        faults.append(Fault(("dv",), Code.INVALID_VALUE if dv else Code.REQUIRED, message))
    return {"name": name, "ruc": number, "dv": dv}, faults


async def create_billing_point(code: str, name: str | None) -> UUID:
    """A new series of numbers for the current account; raises ``Refusal``."""
    clean_name = text.clean(name)
    faults = list(text.check(("name",), clean_name, 0, 100))
    if not re.fullmatch("[0-9]{3}", code) or code == "000":
        message = Text("El código son tres cifras, de 001 a 999.", "The code is three digits, 001 to 999.")
        faults.insert(0, Fault(("code",), Code.INVALID_VALUE, message))
    if faults:
        raise Refusal(*faults)

    async def action() -> UUID:
        point = models.BillingPoint(id=uuid7(), account_id=tenant.current_account(), code=code, name=clean_name)
        await point.save(force_create=True)
        return point.id

    return await atomically(action)


async def create_key(name: str, scope: Scope, expires_at: datetime | None) -> tuple[models.ApiKey, str]:
    """A new key of the current account, and its secret, which is kept nowhere; raises ``Refusal``."""
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
    """Refuse the key from now on; one that is revoked stays as it is. Raises ``Refusal``."""
    stored = await _keys().get_or_none(id=uuid_of(id))
    if stored is None:
        raise Refusal(Fault(("id",), Code.NOT_FOUND, Text("No existe esta clave.", "There is no such key.")))
    await _keys().filter(id=stored.id, revoked_at__isnull=True).update(revoked_at=datetime.now(UTC))
    return stored.id


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
