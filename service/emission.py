"""What sends electronic documents: the providers, with the credentials of each account and the addresses in effect."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Final
from uuid import UUID

import click

from emission.alarms import Alarms
from emission.clock import DatabaseClock
from emission.compose import read_document
from emission.connect import Connecting, Connection
from emission.reconciling import Looks, Reconciling, Turned
from emission.worker import EmissionWorker
from pac.adapters import EMITTING, Adapters, Limits
from pac.cipher import Cipher, Undecryptable
from pac.providers import SOAP_PATH, Misconfigured, read_url
from resolvers import pac_settings
from service.secrets import pac_cipher
from service.settings import Settings, emitting_settings

_CALLS: Final = 1000  # under way at one provider; each account has a limit of its own

Addresses = Mapping[str, str]


def provider_addresses(sandbox: str | None) -> Addresses:
    """The addresses of providers by their names; ``sandbox`` is that of a sandbox of our own."""
    usual = {"SANDBOX_URL": sandbox + SOAP_PATH, "SANDBOX_REST_URL": sandbox} if sandbox else {}
    try:
        return {name: read_url(name, {**usual, **os.environ}) for name in EMITTING}
    except Misconfigured as error:
        raise click.ClickException(str(error)) from None


def new_adapters() -> Adapters:
    return Adapters(Limits(calls_under_way=_CALLS), describe=pac_settings.describe_business)


@asynccontextmanager
async def open_connecting(settings: Settings, sandbox: str | None) -> AsyncIterator[Connecting]:
    """What makes an account's provider, ready to be called."""
    read = partial(_read_connection, pac_cipher(settings))
    async with new_adapters() as adapters:
        yield Connecting(adapters, read, provider_addresses(sandbox))


@asynccontextmanager
async def open_emission(
    settings: Settings, sandbox: str | None, announced: Callable[[UUID], None]
) -> AsyncIterator[EmissionWorker]:
    """The worker that sends documents, to be run. ``announced`` is called with the account of each new event."""
    async with open_connecting(settings, sandbox) as connecting:
        yield EmissionWorker(emitting_settings(settings), connecting, read_document, announced)


@asynccontextmanager
async def open_reconciling(
    settings: Settings, sandbox: str | None
) -> AsyncIterator[Callable[[UUID], Awaitable[Looks | None]]]:
    """What compares the current account with its provider at once; None if the provider doesn't answer."""
    read = partial(_read_connection, pac_cipher(settings))
    clock = DatabaseClock()
    alarms = Alarms(clock)
    async with new_adapters() as adapters:
        connecting = Connecting(adapters, read, provider_addresses(sandbox))
        reconciling = Reconciling(emitting_settings(settings), clock, alarms, alarms.tell)

        async def reconcile(account_id: UUID) -> Looks | None:
            await clock.read()
            provider = await connecting(account_id)
            if provider is None:
                raise click.ClickException("The account has no provider: see `server.py pac set`.")
            looks = Looks()
            turned = await reconciling.handle(provider, at_once=True, looks=looks)
            return looks if turned is Turned.DONE else None

        yield reconcile


async def _read_connection(cipher: Cipher | None) -> Connection | None:
    """Raises ``Undecryptable`` without a key, too: documents wait for it."""
    if cipher is None:
        raise Undecryptable("PAC_SECRETS_KEY isn't set.")
    return await pac_settings.read_connection(cipher)
