"""accounts, keys: accounts and their API keys."""

from datetime import datetime
from typing import cast
from uuid import UUID

import click

from db import models, tenant
from db.leases import IS_HERE
from documents.fonts import load_fonts
from resolvers import accounts
from resolvers.scope import mine
from rules.vocabulary import KeyKind
from rules.vocabulary import Scope as KeyScope
from service.commands.base import account_option, known_account, run, span
from service.database import as_owner, connected
from service.settings import read_settings


@click.group("accounts")
def accounts_group() -> None:
    """Accounts: the businesses that invoice."""


@accounts_group.command("create")
@click.option("--name", required=True)
@click.option("--ruc")
@click.option("--dv")
@click.option("--electronic-invoicing", is_flag=True)
def create_account(name: str, ruc: str | None, dv: str | None, electronic_invoicing: bool) -> None:
    """Create an account and print its id."""
    settings = read_settings()
    printable = load_fonts(settings.fonts_dir).printable

    async def work() -> UUID:
        async with connected(settings):
            return await accounts.create(name, ruc, dv, electronic_invoicing=electronic_invoicing, printable=printable)

    click.echo(run(work()))


@accounts_group.command("list")
def list_accounts() -> None:
    """List the accounts that are on this node, the oldest first."""
    settings = read_settings()

    async def work() -> list[models.Account]:
        async with as_owner(settings):
            here = IS_HERE.format("account.id")
            found = models.Account.raw(f"SELECT * FROM account WHERE {here} ORDER BY created_at, id")
            return cast(list[models.Account], await found)

    for row in run(work()):
        ruc = f"RUC {row.ruc} DV {row.dv}" if row.ruc else "no RUC"
        invoicing = "electronic" if row.electronic_invoicing else "commercial"
        click.echo(f"{row.id}  {row.created_at:%F %R}  {invoicing}  {ruc:<32}  {row.name}")


@click.group("keys")
def keys_group() -> None:
    """API keys of an account."""


@keys_group.command("create")
@account_option
@click.option("--scope", type=click.Choice(["read", "write", "admin"]), required=True)
@click.option("--name", default="")
@click.option("--expires", "expires_at", callback=span, help="How long the key is valid: 90d, 12h.")
def create_key(account_id: UUID, scope: str, name: str, expires_at: datetime | None) -> None:
    """Create a key and print its secret. It is not stored and can't be shown again."""
    settings = read_settings()

    async def work() -> str:
        async with connected(settings):
            with tenant.acting_for(account_id):
                await known_account()
                _, secret = await accounts.create_key(name or f"{scope} key", KeyScope(scope.upper()), expires_at)
                return secret

    click.echo(run(work()))


@keys_group.command("list")
@account_option
def list_keys(account_id: UUID) -> None:
    """List an account's keys."""
    settings = read_settings()

    async def work() -> list[models.ApiKey]:
        async with connected(settings):
            with tenant.acting_for(account_id):
                await known_account()
                return await mine(models.ApiKey, kind=KeyKind.KEY)

    for key in run(work()):
        state = "revoked" if key.revoked_at else f"expires {key.expires_at:%F}" if key.expires_at else "active"
        used = f"{key.last_used_at:%F %R}" if key.last_used_at else "never"
        click.echo(f"{key.id}  {key.scope:<5}  {state:<18}  last used {used:<16}  {key.name}")


@keys_group.command("revoke")
@account_option
@click.argument("key_id")
def revoke_key(account_id: UUID, key_id: str) -> None:
    """Revoke a key. Running servers refuse it within 5 seconds."""
    settings = read_settings()

    async def work() -> None:
        async with connected(settings):
            with tenant.acting_for(account_id):
                await known_account()
                await accounts.revoke_key(key_id)

    run(work())
