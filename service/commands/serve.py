"""serve, worker: what runs until it is stopped."""

import asyncio
import gc
import signal
from contextlib import suppress

import asyncpg
import click
import structlog

from db import account
from resolvers import accounts
from resolvers.announcements.worker import Worker
from rules.vocabulary import Scope as KeyScope
from service.app import create_app
from service.commands.base import run
from service.database import Database, connected, database, opened
from service.listener import listening, web_server
from service.logs import start_logging
from service.settings import NOBODY, Settings, announcement_settings, read_settings, registry_settings

EXAMPLE_ACCOUNT = "Empresa Ejemplar"

log = structlog.get_logger()


@click.command()
def serve() -> None:
    """Serve the API until stopped."""
    settings = read_settings()
    registry_settings(settings)
    announcement_settings(settings)
    start_logging(settings)
    with listening(settings) as listener, database(settings) as where:
        run(prepare(settings, where))
        server = web_server(create_app(settings, where.url, embedded=where.is_embedded), settings)
        host, port = listener.getsockname()[:2]
        registry = settings.registry_providers or ("a sandbox" if where.is_embedded else NOBODY)
        log.info(f"Istmo serves http://{f'[{host}]' if ':' in host else host}:{port}/graphql", registry=registry)
        gc.freeze()  # what is loaded by now stays: collections needn't look at it, which takes them 70 ms
        try:
            server.run(sockets=[listener])
        except (KeyboardInterrupt, SystemExit):  # uvicorn repeats the signal that it stopped for
            if not server.started:
                raise


@click.command()
def worker() -> None:
    """Deliver announcements until stopped: events, mails, webhooks. Any number of these may run beside the server."""
    settings = read_settings()
    chosen = announcement_settings(settings)
    start_logging(settings)

    async def work() -> None:
        async with connected(settings):
            task = asyncio.create_task(Worker(chosen).run())
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, task.cancel)
            log.info("Istmo delivers announcements")
            with suppress(asyncio.CancelledError):
                await task

    run(work())


async def prepare(settings: Settings, where: Database) -> None:
    """Look at the database before serving, so that trouble is told in a sentence, and greet its first user."""
    async with opened(settings, where):
        if where.is_embedded:
            await greet(where)


async def greet(where: Database) -> None:
    """Give the first user of an embedded database an account and a key."""
    connection = await asyncpg.connect(where.admin_url)
    try:
        if await connection.fetchval("SELECT EXISTS (SELECT FROM api_key)"):
            return
        # There is one without a key if the first start was broken off in between.
        id = await connection.fetchval("SELECT id FROM account WHERE name = $1 LIMIT 1", EXAMPLE_ACCOUNT)
    finally:
        await connection.close()
    id = id or await accounts.create(EXAMPLE_ACCOUNT, None, None, electronic_invoicing=False)
    with account.acting_for(id):
        _, secret = await accounts.create_key("First key", KeyScope.ADMIN, None)
    click.echo(f'Account "{EXAMPLE_ACCOUNT}": {id}\nIts API key, shown this once: {secret}')
