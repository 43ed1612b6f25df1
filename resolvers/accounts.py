"""Accounts, their billing points and API keys."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from tortoise.connection import get_connection
from uuid_utils.compat import uuid7

from db import account, models
from projection import One
from resolvers.auth import hashed, new_secret
from resolvers.scope import mine
from rules import ruc, text
from rules.faults import Code, Fault, Refusal, Text
from rules.vocabulary import Scope


def current() -> One:
    return One(models.Account.filter(id=account.current()))


async def create(name: str, number: str | None, dv: str | None, *, electronic_invoicing: bool) -> UUID:
    """A new account with billing point 001; raises ``Refusal``. Needs no account in the context."""
    clean_name = text.clean(name)
    faults = list(text.check(("name",), clean_name, 2, 200))
    canonical, digits = None, None
    if number is not None:
        try:
            parsed = ruc.parse(number)
            canonical, digits = parsed.canonical, ruc.parse_dv(dv or parsed.written_dv or "")
            if isinstance(ruc.check_dv(parsed, digits), ruc.Mismatch):
                faults.append(
                    Fault(("dv",), Code.DV_MISMATCH, Text("El DV no corresponde al RUC.", "Wrong DV for the RUC."))
                )
        except ruc.InvalidRuc as error:
            message = Text("Esto no es un RUC.", "This is no RUC.")
            faults.append(Fault(("ruc",), Code.INVALID_RUC, message, expected=error.suggestions))
        except ruc.InvalidDv:
            faults.append(
                Fault(("dv",), Code.REQUIRED, Text("Falta el DV de dos cifras.", "The two-digit DV is missing."))
            )
    if faults:
        raise Refusal(*faults)
    id = uuid7()
    await get_connection("default").execute_query(
        "SELECT create_account($1, $2, $3, $4, $5, $6)",
        [id, clean_name, canonical, digits, electronic_invoicing, uuid7()],
    )
    return id


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
        account_id=account.current(),
        name=clean_name,
        scope=scope,
        hash=hashed(secret),
        expires_at=expires_at,
    )
    await key.save(force_create=True)
    return key, secret


async def revoke_key(id: UUID | None) -> bool:
    """Whether there was such a key; a revoked one stays as it is."""
    keys = mine(models.ApiKey).filter(id=id)
    await keys.filter(revoked_at__isnull=True).update(revoked_at=datetime.now(UTC))
    return await keys.exists()


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
