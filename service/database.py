"""The database as commands open it: as the service, or as its owner."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from tortoise.context import TortoiseContext

from db import account, config, embedded, guard
from db.migrate import migrate
from service.settings import CHECKOUT, Settings, tortoise_config


@dataclass(frozen=True)
class Database:
    """Where the database is: the service's login and the administrator's."""

    url: str
    admin_url: str
    is_embedded: bool


def embedded_folder(settings: Settings) -> Path:
    return settings.istmo_data_dir or embedded.data_dir(CHECKOUT)


@contextmanager
def database(settings: Settings) -> Iterator[Database]:
    if settings.database_url:
        yield Database(settings.database_url, settings.database_admin_url or settings.database_url, False)
        return
    try:
        with embedded.running(embedded_folder(settings)) as server:
            yield Database(server.url, server.url, True)
    except embedded.EmbeddedError as error:
        raise click.ClickException(str(error)) from error


@asynccontextmanager
async def opened(settings: Settings, where: Database) -> AsyncIterator[None]:
    """The service's view of the database, brought up to date."""
    if settings.migrate_on_start:
        await migrate(where.admin_url)
    async with TortoiseContext() as context:
        await context.init(config=tortoise_config(settings, where.url))
        await guard.check_role()
        yield


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[Database]:
    """``opened``, for commands that work on the data as somebody wants it."""
    account.act_from_command_line()
    with database(settings) as where:
        async with opened(settings, where):
            yield where


@asynccontextmanager
async def as_owner(settings: Settings) -> AsyncIterator[None]:
    """The database with the rows of all accounts, as its owner sees it."""
    with database(settings) as where:
        pooled = settings.database_pooler == "transaction"
        chosen = config.tortoise(where.admin_url, role=config.OWNER_ROLE, pool_size=1, transaction_pooler=pooled)
        async with TortoiseContext() as context:
            await context.init(config=chosen)
            yield
