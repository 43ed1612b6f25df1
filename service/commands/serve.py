"""serve, worker, sign-in-link: the server, the worker, and the way into the pages."""

import asyncio
import gc
import signal
import sys
from contextlib import suppress
from typing import Final
from uuid import UUID

import asyncpg
import click
import structlog

from announcements.worker import Worker
from db import tenant
from documents.fonts import load_fonts
from documents.render import Renderer
from resolvers import accounts, sessions
from rules.vocabulary import Scope as KeyScope
from service import pages
from service.app import create_app
from service.commands.base import first_accounts, known_account, only_account, run
from service.database import Database, connected, database, opened
from service.listener import http_address, listening, web_server
from service.logs import start_logging
from service.settings import NOBODY, Settings, announcement_settings, read_settings, registry_settings

EXAMPLE_ACCOUNT: Final = "Empresa Ejemplar"

log = structlog.get_logger()


@click.command()
def serve() -> None:
    """Serve the API until stopped."""
    settings = read_settings()
    registry_settings(settings)
    announcement_settings(settings)
    start_logging(settings)
    with listening(settings) as listener, database(settings) as where:
        host, port = listener.getsockname()[:2]
        run(prepare(settings, where, http_address(host, port)))
        server = web_server(create_app(settings, where.url, embedded=where.is_embedded), settings)
        registry = settings.registry_providers or ("a sandbox" if where.is_embedded else NOBODY)
        pages_ = "built" if pages.are_built() else f"not built ({pages.BUILD_COMMAND}): only the API is served"
        log.info(f"Istmo serves {http_address(host, port)}/graphql", registry=registry, pages=pages_)
        _tune()
        try:
            server.run(sockets=[listener])
        except (KeyboardInterrupt, SystemExit):  # uvicorn repeats the signal that it stopped for
            if not server.started:
                raise


def _tune() -> None:
    """Set Python up for one busy event loop."""
    # Seconds that the event loop waits for the interpreter while another thread parses a document or makes a PDF.
    sys.setswitchinterval(0.0005)
    # New objects between two collections: a request makes hundreds, nearly all of which end with it.
    gc.set_threshold(5_000)
    gc.freeze()  # what is loaded by now stays: collections needn't look at it, which takes them 70 ms


@click.command()
def worker() -> None:
    """Deliver announcements (events, mails, webhooks) until stopped. Several workers may run beside the server."""
    settings = read_settings()
    chosen = announcement_settings(settings)
    start_logging(settings)

    async def work(where: Database) -> None:
        async with opened(settings, where):
            task = asyncio.create_task(Worker(chosen, renderer).run())
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, task.cancel)
            log.info("Istmo delivers announcements")
            with suppress(asyncio.CancelledError):
                await task

    with Renderer(load_fonts(settings.fonts_dir)) as renderer, database(settings) as where:
        run(work(where))


@click.command("sign-in-link")
@click.option(
    "--account",
    "account_id",
    type=click.UUID,
    help="The account's id; optional if there is only one account.",
)
@click.option("--url", help="The server's address for browsers; HOST and PORT by default.")
def sign_in_link(account_id: UUID | None, url: str | None) -> None:
    """Print a link that signs a browser in as the account's administrator. It works once, within 15 minutes."""
    settings = read_settings()

    async def work() -> str:
        async with connected(settings) as where:
            with tenant.acting_for(account_id or await only_account(where)):
                await known_account()
                return await link(url or http_address(settings.host, settings.port))

    click.echo(run(work()))


async def link(url: str) -> str:
    # Browsers don't send what follows #, so the token is in no log.
    return f"{url.rstrip('/')}/sign-in#token={await sessions.create_link()}"


async def prepare(settings: Settings, where: Database, url: str) -> None:
    """Check the database before serving, so that a fault ends in a sentence, and print how to sign in."""
    async with opened(settings, where):
        if where.is_embedded:
            await greet(where)
            if pages.are_built():
                (first,) = await first_accounts(where, 1)
                with tenant.acting_for(first):
                    click.echo(f"Sign in, once and within 15 minutes: {await link(url)}")


async def greet(where: Database) -> None:
    """Create an account and a key in a new embedded database, and print them."""
    connection = await asyncpg.connect(where.admin_url)
    try:
        if await connection.fetchval("SELECT EXISTS (SELECT FROM api_key WHERE kind = 'KEY')"):
            return
        # An interrupted first start leaves an account without a key.
        id = await connection.fetchval("SELECT id FROM account WHERE name = $1 LIMIT 1", EXAMPLE_ACCOUNT)
    finally:
        await connection.close()
    id = id or await accounts.create(EXAMPLE_ACCOUNT, None, None, electronic_invoicing=False)
    with tenant.acting_for(id):
        _, secret = await accounts.create_key("First key", KeyScope.ADMIN, None)
    click.echo(f'Account "{EXAMPLE_ACCOUNT}": {id}\nIts API key, shown this once: {secret}')
