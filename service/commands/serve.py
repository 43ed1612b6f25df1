"""serve, worker, sign-in-link: the server, the worker, and the way into the pages."""

import asyncio
import gc
import os
import resource
import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from typing import Final
from uuid import UUID

import asyncpg
import click
import structlog

from announcements.webhooks import MOST as MOST_DELIVERIES
from db import tenant
from pac.providers import SANDBOX
from pac.sandbox.server import serve_sandbox
from resolvers import accounts, pac_settings, sessions
from resolvers.pac_settings import NewCredentials
from rules.vocabulary import Scope as KeyScope
from service import pages
from service.app import create_app
from service.commands.base import first_accounts, known_account, only_account, run
from service.database import Database, as_service, connected, database, embedded_folder, opened
from service.emission import provider_addresses
from service.listener import http_address, listening, web_server
from service.logs import start_logging
from service.metrics import share_metrics
from service.registry import describe_registry, own_sandbox, sandbox_file
from service.secrets import pac_cipher
from service.settings import (
    Settings,
    announcement_settings,
    emitting_settings,
    read_settings,
    registry_settings,
)
from service.supervisor import Part, Program, stop, supervise
from service.worker import work

EXAMPLE_ACCOUNT: Final = "Empresa Ejemplar"
EXAMPLE_RUC: Final = ("999999101-2-2026", "81")  # invented

_GRACE: Final = 15.0  # seconds to end in, beyond those that requests get; a worker ends its deliveries in ten
_OTHER_FILES: Final = 150  # open files of a process beside connections: modules, pipes, look-ups

log = structlog.get_logger()


@click.command()
@click.option("--processes", type=click.IntRange(1, 256), help="Server processes; PROCESSES by default.")
def serve(processes: int | None) -> None:
    """Serve the API until stopped: supervise servers, a worker and what comes with the embedded database."""
    settings = read_settings()
    if processes is not None:
        settings = settings.model_copy(update={"processes": processes})
    if settings.processes > 1:
        share_metrics()
    check_worker(settings)
    start_logging(settings)
    allow_files(settings, max(settings.max_connections, MOST_DELIVERIES if settings.worker else 0))
    warn_of_a_nameless_proxy(settings)
    with listening(settings) as listeners, database(settings) as where:
        host, port = listeners[0].getsockname()[:2]
        run(prepare(settings, where, http_address(host, port)))
        pages_ = "built" if pages.are_built() else f"not built ({pages.BUILD_COMMAND}): only the API is served"
        registry = describe_registry(settings, embedded=where.is_embedded)
        log.info(f"Istmo serves {http_address(host, port)}/graphql", registry=registry, pages=pages_)
        tune()
        with ExitStack() as stack:
            programs = make_programs(settings, where, listeners, stack)
            parts: dict[str, Part] = dict(programs)
            if where.server is not None:
                parts = {"postgresql": where.server, **parts}
            try:
                supervise(parts)
            except (KeyboardInterrupt, SystemExit):  # by SIGINT or SIGTERM
                for listener in listeners:
                    listener.close()  # or connections would wait for a server that doesn't take them any more
                stop(list(programs.values()), settings.graceful_timeout + _GRACE)


def check_worker(settings: Settings) -> None:
    """Refuse at once what the worker can't work with."""
    registry_settings(settings)
    announcement_settings(settings)
    emitting_settings(settings)
    provider_addresses(None)
    if settings.database_url is not None:  # else the key is made when it is needed, in the folder of the database
        pac_cipher(settings)


def warn_of_a_nameless_proxy(settings: Settings) -> None:
    """Say so where a proxy is likely to stand in front and its address is not known."""
    is_set = "forwarded_allow_ips" in settings.model_fields_set
    if settings.profile == "production" and not is_set and settings.host not in ("127.0.0.1", "::1", "localhost"):
        log.warning(
            "FORWARDED_ALLOW_IPS is not set: if there is a proxy in front on another machine, all clients count as one "
            "address, and cookies are not marked Secure"
        )


def make_programs(
    settings: Settings, where: Database, listeners: Sequence[socket.socket], stack: ExitStack
) -> dict[str, Program]:
    """The processes, each by its name. The sockets on which they listen are open here and outlive them."""
    programs = {}
    sandbox = None
    sockets = list(listeners)
    if where.is_embedded:
        socket_ = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        sandbox = http_address(*socket_.getsockname()[:2])
        log.info("a sandbox plays the provider", address=sandbox)
        serving_sandbox = partial(serve_sandbox, socket_, sandbox_file(settings))
        programs["sandbox"] = Program("sandbox", serving_sandbox, others_sockets=listeners)
        sockets.append(socket_)
    for number, listener in enumerate(listeners, 1):
        name = "server" if len(listeners) == 1 else f"server-{number}"
        serving = partial(run_server, settings, where, sandbox, listener)
        programs[name] = Program(name, serving, others_sockets=[each for each in sockets if each is not listener])
    if settings.worker:
        working = partial(run_worker, settings, where, sandbox)
        programs["worker"] = Program("worker", working, others_sockets=sockets)
    return programs


def run_server(settings: Settings, where: Database, sandbox: str | None, listener: socket.socket) -> None:
    server = web_server(create_app(settings, where.url, sandbox=sandbox), settings)
    server.run(sockets=[listener])
    if not server.started:
        raise RuntimeError("the server could not start")


def run_worker(settings: Settings, where: Database, sandbox: str | None) -> None:
    async def work_as_service() -> None:
        async with as_service(settings, where):
            await work(settings, where.url, sandbox)

    asyncio.run(work_as_service())


def tune() -> None:
    """Set Python up for busy event loops, in the processes that are forked from this one."""
    # Seconds that the event loop waits for the interpreter while another thread parses a document or makes a PDF.
    sys.setswitchinterval(0.0005)
    # New objects between two collections: a request makes hundreds, nearly all of which end with it.
    gc.set_threshold(5_000)
    # What is loaded by now stays: collections needn't look at it, which would take 70 ms and copy shared memory.
    gc.collect()
    gc.freeze()


def allow_files(settings: Settings, connections: int) -> None:
    """Allow this process and its children as many open files as they may need, each connection being one."""
    needed = connections + settings.database_pool_size + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise click.ClickException(
            f"{connections} connections need {needed} open files, and this system allows {hard}: raise that limit "
            f"(ulimit -Hn), or lower MAX_CONNECTIONS, which is {settings.max_connections}."
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


@click.command()
def worker() -> None:
    """Send electronic documents, deliver announcements (events, mails, webhooks), verify customers and delete what is
    old until stopped.

    Several workers may run beside the server.
    """
    settings = read_settings()
    check_worker(settings)
    start_logging(settings)
    allow_files(settings, MOST_DELIVERIES)

    async def work_beside(where: Database) -> None:
        async with opened(settings, where), own_sandbox(settings, embedded=where.is_embedded) as sandbox:
            log.info("Istmo sends documents and delivers announcements")
            await work(settings, where.url, sandbox)

    with database(settings) as where:
        run(work_beside(where))


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
            await greet(settings, where)
            if pages.are_built():
                (first,) = await first_accounts(where, 1)
                with tenant.acting_for(first):
                    tell_secret(settings, "Sign in, once and within 15 minutes", "sign-in-link", await link(url))


def tell_secret(settings: Settings, what: str, name: str, secret: str) -> None:
    """Print a secret to a terminal. Other output may be kept for long, by systemd or Docker: there the secret goes into
    a file of this name in the data folder, which only its owner can read, and the file's path is printed.
    """
    if sys.stdout.isatty():
        click.echo(f"{what}: {secret}")
        return
    file = embedded_folder(settings) / name
    file.unlink(missing_ok=True)
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
        output.write(f"{secret}\n")
    click.echo(f"{what}: see {file}")


async def greet(settings: Settings, where: Database) -> None:
    """Create an account and a key in a new embedded database, and tell them. Its invoices go to the sandbox."""
    connection = await asyncpg.connect(where.admin_url)
    try:
        if await connection.fetchval("SELECT EXISTS (SELECT FROM api_key WHERE kind = 'KEY')"):
            return
        # An interrupted first start leaves an account without a key.
        id = await connection.fetchval("SELECT id FROM account WHERE name = $1 LIMIT 1", EXAMPLE_ACCOUNT)
    finally:
        await connection.close()
    id = id or await accounts.create(EXAMPLE_ACCOUNT, *EXAMPLE_RUC, electronic_invoicing=True)
    with tenant.acting_for(id):
        await pac_settings.set_credentials(NewCredentials(provider=SANDBOX), pac_cipher(settings))
        _, secret = await accounts.create_key("Primera clave", KeyScope.ADMIN, None)
    click.echo(f'Account "{EXAMPLE_ACCOUNT}": {id}')
    tell_secret(settings, "Its API key, which is not shown again", "first-key", secret)
