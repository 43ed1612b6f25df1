"""pac: an account's provider of electronic documents."""

import os
from collections.abc import Iterator
from uuid import UUID

import click

from db import models, tenant
from emission import switching
from emission.checks import Check, Verdict, check_provider, judge_issuer
from pac.adapters import EMITTING
from pac.cipher import Cipher, Undecryptable
from pac.providers import SANDBOXES
from resolvers import pac_settings
from resolvers.account_settings import AccountSettings, current_settings
from resolvers.pac_settings import Connection, NewCredentials
from rules.fiscal import electronic
from service.commands.base import account_option, in_english, known_account, run
from service.database import as_owner, connected
from service.emission import new_adapters, provider_addresses
from service.registry import own_sandbox
from service.secrets import pac_cipher
from service.settings import read_settings

_SECONDS = 30.0


@click.group("pac")
def pac_group() -> None:
    """The provider (PAC) through which an account's electronic invoices go to the DGI."""


@pac_group.command("key")
def new_key() -> None:
    """Print a new key for PAC_SECRETS_KEY. Put it before the old ones, separated by a comma: these still decrypt."""
    click.echo(Cipher.generate_key())


@pac_group.command("set")
@account_option
@click.option("--provider", type=click.Choice(EMITTING), required=True)
@click.option(
    "--user",
    envvar="PAC_USER",
    help="tokenEmpresa, or usuario over REST; asked for if it is neither here nor in PAC_USER.",
)
@click.option(
    "--leave-blocked",
    is_flag=True,
    help="Leave the former provider though it may have invoices that are blocked. These stay as they are, and are "
    "listed: only that provider can settle them, once it is set again.",
)
def set_provider(account_id: UUID, provider: str, user: str | None, leave_blocked: bool) -> None:
    """Set an account's provider and its credentials there. The password is asked for, or read from PAC_PASSWORD."""
    settings = read_settings()
    cipher = pac_cipher(settings)
    password = os.environ.get("PAC_PASSWORD")
    if provider not in SANDBOXES:
        user = user or click.prompt("tokenEmpresa or usuario", hide_input=True)
        password = password or click.prompt("tokenPassword or clave", hide_input=True)

    async def work() -> list[tuple[str, str]]:
        async with connected(settings):
            with tenant.acting_for(account_id):
                await known_account()
                typed = NewCredentials(provider=provider, user=user, password=password)
                await pac_settings.set_credentials(typed, cipher, leaves_blocked=leave_blocked)
                return await switching.list_left() if leave_blocked else []

    for number, reason in run(work()):
        click.echo(f"{number}  BLOCKED {reason}  stays at the former provider")


@pac_group.command("show")
@account_option
def show(account_id: UUID) -> None:
    """Show an account's provider, without its credentials."""
    settings = read_settings()

    async def work() -> models.PacSetting | None:
        async with connected(settings):
            with tenant.acting_for(account_id):
                await known_account()
                return await models.PacSetting.get_or_none(account_id=account_id)

    row = run(work())
    click.echo(_describe(row) if row else "no provider")


@pac_group.command("list")
def list_providers() -> None:
    """List the providers of all accounts."""
    settings = read_settings()

    async def work() -> list[models.PacSetting]:
        async with as_owner(settings):
            return await models.PacSetting.all().order_by("updated_at")

    for row in run(work()):
        click.echo(f"{row.account_id}  {_describe(row)}")


def _describe(row: models.PacSetting) -> str:
    return f"{row.provider:<16}  {row.environment:<10}  set {row.updated_at:%F %R}"


@pac_group.command("test")
@account_option
def test(account_id: UUID) -> None:
    """Ask the provider all that can be asked without changing anything there, and compare it with what Istmo expects.

    First it says what the account itself lacks. It fails where something is lacking, and where an answer is another
    one than Istmo can work with.
    """
    settings = read_settings()

    async def work() -> set[Verdict]:
        async with connected(settings) as where, own_sandbox(settings, embedded=where.is_embedded) as sandbox:
            with tenant.acting_for(account_id):
                await known_account()
                cipher = pac_cipher(settings)
                connection = await pac_settings.read_connection(cipher) if cipher else None
                if connection is None:
                    raise click.ClickException("The account has no provider: see `server.py pac set`.")
                return await _test_provider(account_id, connection, sandbox)

    try:
        verdicts = run(work())
    except Undecryptable as error:
        raise click.ClickException(str(error)) from None
    if Verdict.UNEXPECTED in verdicts:
        raise click.ClickException("The provider doesn't answer as Istmo expects: see docs/emission.md.")
    if Verdict.LACKING in verdicts:
        raise click.ClickException("The account can't issue electronic invoices yet: see docs/emission.md.")


async def _test_provider(account_id: UUID, connection: Connection, sandbox: str | None) -> set[Verdict]:
    """What the checks found. Each is printed when its answer comes."""
    url = provider_addresses(sandbox)[connection.provider]
    issuer = judge_issuer(_lacking(await current_settings()))
    click.echo(_write_check(issuer))
    verdicts = {issuer.verdict}
    async with new_adapters() as adapters:
        adapter = adapters.make(account_id, connection.provider, connection.credentials, url)
        async for check in check_provider(adapter, connection.provider, _SECONDS):
            click.echo(_write_check(check))
            verdicts.add(check.verdict)
    return verdicts


def _lacking(settings: AccountSettings) -> Iterator[str]:
    """What the account needs yet, in sentences."""
    faults = electronic.check_issuer(settings.ruc, settings.dv, settings.taxpayer_type, settings.provider)
    yield from map(in_english, faults)
    if not settings.electronic_invoicing:
        yield "electronicInvoicing is off, so its invoices don't go to the DGI."


def _write_check(check: Check) -> str:
    return f"{check.verdict.value:<10}  {check.name:<27}  {check.found}"
