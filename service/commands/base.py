"""Helpers that several commands use."""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import click
from tortoise.exceptions import BaseORMException

from db import config, guard, models, tenant
from db.errors import MigrationError
from resolvers import accounts
from rules.faults import Fault, Refusal
from service.database import Database


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run ``work`` and return its result. A failure that the user can mend ends the command with a sentence."""
    try:
        return asyncio.run(work)
    except Refusal as refusal:
        raise click.ClickException("\n".join(map(in_english, refusal.faults))) from None
    except MigrationError as error:
        raise click.ClickException(str(error)) from error
    except guard.UnsafeRole as error:
        raise click.ClickException(f"The database is not safe: {error}.") from error
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, BaseORMException) as error:
        raise click.ClickException(explain(error)) from error


def in_english(fault: Fault) -> str:
    expected = f" Expected: {' or '.join(fault.expected)}." if fault.expected else ""
    place = f"{'.'.join(fault.path)}: " if fault.path else ""
    return f"{place}{fault.message.en}{expected}"


def explain(error: BaseException) -> str:
    """A sentence that says what is wrong with the database and what may help."""
    said = str(error).partition("\n")[0]
    match error:
        case BaseORMException(__cause__=BaseException() as cause):
            return explain(cause)
        case asyncpg.InsufficientPrivilegeError() if "set role" in said:
            return f"The login of DATABASE_URL may not act as {config.SERVICE_ROLE}: GRANT {config.SERVICE_ROLE} TO it."
        case asyncpg.InsufficientPrivilegeError():
            help_ = "Set DATABASE_ADMIN_URL to a login with CREATEROLE that owns the database, or to a superuser's."
            if "to grant role" in said:
                roles = f"{config.OWNER_ROLE}, {config.SERVICE_ROLE}"
                help_ += f" Where another login made the roles, it must GRANT {roles} TO this one."
            return f"The database login lacks a right: {said}. {help_}"
        case asyncpg.InvalidParameterValueError() | asyncpg.UndefinedTableError() | asyncpg.UndefinedFunctionError():
            return f"The database is not up to date: {said}. Run `server.py migrate`."
        case asyncpg.PostgresError() | asyncpg.InterfaceError():
            return f"The database refused: {said}."
        case _:
            return f"The database can't be reached: {said or 'no answer in time'}."


def account_option(command: Any) -> Any:
    return click.option("--account", "account_id", type=click.UUID, required=True, help="The account's id.")(command)


def span(_context: click.Context, _parameter: click.Parameter, value: str | None) -> datetime | None:
    try:
        return datetime.now(UTC) + accounts.lifetime(value) if value is not None else None
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    except OverflowError as error:
        raise click.BadParameter("that is too far away; without the option a key doesn't expire") from error


def past(_context: click.Context, _parameter: click.Parameter, value: str) -> datetime:
    try:
        return datetime.now(UTC) - accounts.lifetime(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    except OverflowError as error:
        raise click.BadParameter("that is too long ago") from error


async def only_account(where: Database) -> UUID:
    ids = await first_accounts(where, 2)
    if len(ids) != 1:
        raise click.ClickException("Name the account: --account ID.")
    return ids[0]


async def first_accounts(where: Database, most: int) -> list[UUID]:
    connection = await asyncpg.connect(where.admin_url)
    try:
        rows = await connection.fetch("SELECT id FROM account ORDER BY created_at, id LIMIT $1", most)
    finally:
        await connection.close()
    return [row["id"] for row in rows]


async def known_account() -> None:
    if not await models.Account.exists(id=tenant.current_account()):
        raise click.ClickException(f"There is no account {tenant.current_account()}.")
