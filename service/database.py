"""How commands open the database: as the service, or as its owner."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from tortoise.context import TortoiseContext

from db import config, embedded, guard, tenant
from db.migrate import migrate
from service.settings import CHECKOUT, Settings, tortoise_config


@dataclass(frozen=True)
class Database:
    """The addresses of the database, with the service's login and with the administrator's; the embedded server."""

    url: str
    admin_url: str
    server: embedded.Server | None = None

    @property
    def is_embedded(self) -> bool:
        return self.server is not None


def embedded_folder(settings: Settings) -> Path:
    return settings.istmo_data_dir or embedded.data_dir(CHECKOUT)


@contextmanager
def database(settings: Settings) -> Iterator[Database]:
    if settings.database_url:
        yield Database(settings.database_url, settings.database_admin_url or settings.database_url)
        return
    try:
        with embedded.running(embedded_folder(settings)) as server:
            yield Database(server.service_url, server.url, server)
    except embedded.EmbeddedError as error:
        raise click.ClickException(str(error)) from error


@asynccontextmanager
async def opened(settings: Settings, where: Database) -> AsyncIterator[None]:
    """Open the database as the service, migrated first."""
    if settings.migrate_on_start:
        await migrate(where.admin_url)
    async with as_service(settings, where):
        yield


@asynccontextmanager
async def as_service(settings: Settings, where: Database) -> AsyncIterator[None]:
    """Open the database as the service, as it is."""
    async with TortoiseContext() as context:
        await context.init(config=tortoise_config(settings, where.url))
        await guard.check_role()
        yield


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[Database]:
    """``opened`` for commands that change data: the audit trail names the command line as source."""
    tenant.act_from_command_line()
    with database(settings) as where:
        async with opened(settings, where):
            yield where


@asynccontextmanager
async def as_owner(settings: Settings) -> AsyncIterator[None]:
    """Open the database as its owner, with the rows of all accounts."""
    with database(settings) as where:
        pooled = settings.database_pooler == "transaction"
        chosen = config.tortoise(where.admin_url, role=config.OWNER_ROLE, pool_size=1, transaction_pooler=pooled)
        async with TortoiseContext() as context:
            await context.init(config=chosen)
            yield
