"""An account's provider of electronic documents, and its credentials there.

They belong to one RUC. Nothing that answers, logs or records says what they are.
"""

from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid7

from db import models, tenant
from emission import switching
from emission.requests import retry_refused
from pac.adapters import EMITTING
from pac.cipher import Cipher, Undecryptable
from pac.emission import Credentials
from pac.providers import KINDS, SANDBOXES
from pac.sandbox.registration import Business
from projection import One
from resolvers.account_settings import current_settings
from resolvers.accounts import save_changes
from resolvers.scope import check_version, mine
from resolvers.transactions import atomically
from rules import text
from rules.faults import Code, Fault, Refusal, Text
from rules.vocabulary import Environment

# What a provider says is kept without our credentials. A shorter one would be part of codes and numbers, too.
CREDENTIAL_SHORTEST: Final = 6
CREDENTIAL_LONGEST: Final = 500


def by_id(id: UUID) -> One:
    return One(mine(models.PacSetting, id=id))


def current() -> One:
    return One(mine(models.PacSetting))


@dataclass(frozen=True, kw_only=True)
class NewCredentials:
    """The provider to set, and what it calls tokenEmpresa and tokenPassword or, over REST, usuario and clave.

    The sandbox needs none.
    """

    provider: str
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)


async def set_credentials(
    typed: NewCredentials, cipher: Cipher | None, version: int | None = None, *, leaves_blocked: bool = False
) -> UUID:
    """Set the account's provider and its credentials there; raises ``Refusal`` with all faults.

    Documents that the old credentials have blocked are tried again, and all that waits is due at once. With
    ``leaves_blocked``, blocked ones that the former provider may have stay behind.
    """
    user, password = text.clean(typed.user), text.clean(typed.password)
    if typed.provider in SANDBOXES and user is None and password is None:
        # The user stays, since the sandbox keeps the account's documents under it.
        user, password = str(tenant.current_account()), token_urlsafe()
    faults = [] if typed.provider in EMITTING else [Fault(("provider",), Code.INVALID_VALUE, _UNKNOWN, EMITTING)]
    for name, typed_text in (("user", user), ("password", password)):
        faults += text.check(("credentials", name), typed_text, CREDENTIAL_SHORTEST, CREDENTIAL_LONGEST)
    if cipher is None:
        faults.append(Fault((), Code.NOT_ALLOWED, _NO_KEY))
    if faults or cipher is None or user is None or password is None:
        raise Refusal(*faults)
    credentials = {"user": user, "password": password}
    return await _store(typed.provider, credentials, cipher, version, leaves_blocked=leaves_blocked)


async def _store(
    provider: str, credentials: Credentials, cipher: Cipher, version: int | None, *, leaves_blocked: bool
) -> UUID:
    environment = Environment.TEST if KINDS[provider].sandbox else Environment.PRODUCTION

    async def action() -> UUID:
        await models.Account.select_for_update(no_key=True).get(id=tenant.current_account())
        row = await mine(models.PacSetting).select_for_update().get_or_none()  # no claim is made meanwhile
        check_version(row.version if row else 0, version)
        columns = {"provider": provider, "environment": environment}
        if row is None:
            id, secrets = uuid7(), cipher.encrypt(credentials)
            new = models.PacSetting(id=id, account_id=tenant.current_account(), secrets=secrets, **columns)
            await new.save(force_create=True)
            return new.id
        if row.environment is not environment and await mine(models.Document, electronic=True).exists():
            raise Refusal(Fault(("provider",), Code.NOT_ALLOWED, _FIXED.format(environment=row.environment)))
        if row.provider != provider:
            await _refuse_bound(row.provider, leaves_blocked)
        before = _decrypted(cipher, row.secrets)
        if row.provider != provider or before != credentials:
            is_other = row.provider != provider or before is None or before["user"] != credentials["user"]
            await save_changes(row, {**columns, "secrets": cipher.encrypt(credentials)})
            await retry_refused()
            if is_other:
                await switching.forget_licence()
            await switching.leave()
            await switching.hasten()
        return row.id

    return await atomically(action)


async def _refuse_bound(provider: str, leaves_blocked: bool) -> None:
    """Raise ``Refusal`` while documents need the account's provider."""
    if count := await switching.count_bound(provider, leaves_blocked=leaves_blocked):
        raise Refusal(Fault(("provider",), Code.NOT_ALLOWED, _BOUND.format(count=count, provider=provider)))


def _decrypted(cipher: Cipher, secrets: bytes) -> Credentials | None:
    try:
        return cipher.decrypt(secrets)
    except Undecryptable:
        return None


@dataclass(frozen=True)
class Connection:
    provider: str
    environment: Environment
    credentials: Credentials = field(repr=False)
    version: int


async def read_connection(cipher: Cipher) -> Connection | None:
    """The current account's provider and credentials, to be used; None without. Raises ``Undecryptable``."""
    row = await mine(models.PacSetting).get_or_none()
    return Connection(row.provider, row.environment, cipher.decrypt(row.secrets), row.version) if row else None


async def describe_business() -> Business | None:
    """The current account as a sandbox knows issuers; None while it lacks RUC, DV or taxpayer type."""
    settings = await current_settings()
    if settings.ruc is None or settings.dv is None or settings.taxpayer_type is None:
        return None
    return Business(
        name=settings.legal_name or settings.name,
        ruc=settings.ruc,
        dv=settings.dv,
        taxpayer_type=settings.taxpayer_type,
        branches=tuple(settings.branches),
        points=tuple(sorted({point.code for point in settings.points})),
    )


_UNKNOWN: Final = Text("No conocemos este proveedor.", "There is no such provider.")
_NO_KEY: Final = Text(
    "Este servidor no tiene PAC_SECRETS_KEY, la clave con que se guardan las credenciales. Defínela primero.",
    "This server has no PAC_SECRETS_KEY, the key by which credentials are stored. Set it first.",
)
_BOUND: Final = Text(
    "Facturas que aún dependen de {provider}: {count}. No se sabe si la DGI las tiene, se están anulando o les falta "
    "el XML, y solo ese proveedor lo resuelve. Espera a que terminen, o arregla lo que las detiene, y después cambia "
    "de proveedor.",
    "Invoices that still depend on {provider}: {count}. It isn't known whether the DGI has them, they are being voided "
    "or they lack their XML, and only that provider can settle it. Wait until they are done, or mend what blocks them, "
    "and then change the provider.",
)
_FIXED: Final = Text(
    "La cuenta ya emitió facturas electrónicas en el ambiente {environment}, que no cambia. Para el otro ambiente crea "
    "otra cuenta.",
    "The account has issued electronic invoices in the environment {environment}, which stays. For the other one "
    "create another account.",
)
