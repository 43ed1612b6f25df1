"""Istmo's settings, application and command line."""

import asyncio
import logging
import re
import sys
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import asyncpg
import click
import structlog
import uvicorn
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from tortoise.context import TortoiseContext
from tortoise.contrib.starlette import RegisterTortoise
from uuid_utils.compat import uuid7

from db import account, config, embedded, guard, models
from db.migrate import migrate, pending
from resolvers import accounts, demo
from resolvers.scope import mine
from rules.faults import Refusal
from rules.vocabulary import Scope as KeyScope
from schema import schema
from schema.http import GraphQLEndpoint, refusal

CHECKOUT = Path(__file__).resolve().parent
EXAMPLE_ACCOUNT = "Empresa Ejemplar"

log = structlog.get_logger()


# Settings


class Settings(BaseSettings):
    """Read from the environment, and nowhere else."""

    model_config = SettingsConfigDict(env_prefix="", extra="ignore", frozen=True)

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on.")
    database_url: str | None = Field(
        None, description="PostgreSQL 15 or newer to use; without it Istmo starts its own in ISTMO_DATA_DIR."
    )
    database_admin_url: str | None = Field(
        None, description="Login for migrations, where DATABASE_URL's may only serve; DATABASE_URL by default."
    )
    database_pooler: Literal["none", "transaction"] = Field(
        "none", description="transaction: DATABASE_URL is a PgBouncer that pools by transaction."
    )
    database_pool_size: int = Field(10, ge=1, description="The most connections of one process.")
    database_acquire_timeout: float = Field(10, gt=0, description="Seconds to wait for a connection or a lock.")
    database_statement_timeout: float = Field(10, gt=0, description="Seconds that one statement may take.")
    migrate_on_start: bool = Field(True, description="Whether the server brings the database up to date first.")
    istmo_data_dir: Path | None = Field(
        None, description="Folder of the embedded database; by default .data here, or below /var/lib/istmo for root."
    )
    max_body_size: int = Field(1_000_000, gt=0, description="The most bytes of a request's body.")
    playground: bool = Field(True, description="Whether a browser gets GraphiQL at /graphql.")
    log_format: Literal["auto", "console", "json"] = Field(
        "auto", description="How to write logs; auto is console on a terminal."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="The least that is logged.")
    graceful_timeout: int = Field(10, ge=0, description="Seconds that open requests get when the server stops.")


def read_settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        faults = [f"{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors()]
        raise click.ClickException("\n".join(faults)) from error


def start_logging(settings: Settings) -> None:
    pretty = settings.log_format == "console" or (settings.log_format == "auto" and sys.stderr.isatty())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            *([] if pretty else [structlog.processors.dict_tracebacks]),
            structlog.dev.ConsoleRenderer() if pretty else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=settings.log_level.upper(), format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("tortoise").setLevel(logging.WARNING)


# The application


@dataclass(frozen=True)
class Database:
    """Where the database is: the service's login and the administrator's."""

    url: str
    admin_url: str
    is_embedded: bool


@contextmanager
def database(settings: Settings) -> Iterator[Database]:
    if settings.database_url:
        yield Database(settings.database_url, settings.database_admin_url or settings.database_url, False)
        return
    folder = settings.istmo_data_dir or embedded.data_dir(CHECKOUT)
    with embedded.running(folder) as server:
        yield Database(server.url, server.url, True)


def tortoise_config(settings: Settings, url: str) -> dict[str, Any]:
    return config.tortoise(
        url,
        role=config.SERVICE_ROLE,
        pool_size=settings.database_pool_size,
        acquire_timeout=settings.database_acquire_timeout,
        statement_timeout=settings.database_statement_timeout,
        transaction_pooler=settings.database_pooler == "transaction",
    )


def create_app(settings: Settings, url: str) -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with RegisterTortoise(app, config=tortoise_config(settings, url), _enable_global_fallback=True):
            await guard.check_role()
            yield

    return Starlette(
        routes=[
            Route("/graphql", GraphQLEndpoint(playground=settings.playground, max_body_size=settings.max_body_size)),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
        ],
        lifespan=lifespan,
        middleware=[Middleware(RequestLog)],
        exception_handlers={HTTPException: on_http_exception, Exception: on_surprise},
    )


async def healthz(request: Request) -> Response:
    return JSONResponse({"status": "alive"})


async def readyz(request: Request) -> Response:
    """Ready when the database answers and has every migration."""
    try:
        missing = await pending()
    except Exception as error:
        log.warning("not ready", reason=str(error))
        return JSONResponse({"status": "database unavailable"}, 503)
    if missing:
        return JSONResponse({"status": "migrations missing", "missing": missing}, 503)
    return JSONResponse({"status": "ready"})


async def on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return refusal(error.status_code, error.detail, dict(error.headers or {}))


async def on_surprise(request: Request, error: Exception) -> Response:
    reference = request.scope.get("request_id", "")
    log.error("surprise", reference=reference, exc_info=error)
    return refusal(500, f"Something went wrong on our side. Reference: {reference}")


class RequestLog:
    """Gives each request an id, which its log lines and its answer carry, and logs how it ended."""

    _WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,64}")

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
        request_id = given if self._WELL_FORMED.fullmatch(given) else str(uuid7())
        scope["request_id"] = request_id
        status = 500
        start = time.perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, send_with_id)
            finally:
                elapsed = round((time.perf_counter() - start) * 1000, 1)
                log.info("request", method=scope["method"], path=scope["path"], status=status, ms=elapsed)


# The command line


@click.group()
def main() -> None:
    """Istmo: GraphQL for invoicing in Panama."""


def run(settings: Settings, work: Coroutine[Any, Any, Any]) -> Any:
    try:
        return asyncio.run(work)
    except Refusal as refusal_:
        raise click.ClickException("\n".join(f"{'.'.join(f.path)}: {f.message.en}" for f in refusal_.faults)) from None
    except (OSError, asyncpg.PostgresError, embedded.EmbeddedError) as error:
        raise click.ClickException(str(error)) from error


@asynccontextmanager
async def service(settings: Settings) -> AsyncIterator[Database]:
    """The service's view of an up-to-date database, for commands that work on its data."""
    with database(settings) as where:
        if settings.migrate_on_start:
            await migrate(where.admin_url)
        async with TortoiseContext() as context:
            await context.init(config=tortoise_config(settings, where.url))
            await guard.check_role()
            yield where


@main.command()
def serve() -> None:
    """Serve the API until stopped."""
    settings = read_settings()
    start_logging(settings)
    try:
        with database(settings) as where:
            if settings.migrate_on_start:
                run(settings, migrate(where.admin_url))
            if where.is_embedded:
                run(settings, greet(settings, where))
            click.echo(f"Istmo serves http://{settings.host}:{settings.port}/graphql", err=True)
            uvicorn.run(
                create_app(settings, where.url),
                host=settings.host,
                port=settings.port,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=settings.graceful_timeout,
            )
    except embedded.EmbeddedError as error:
        raise click.ClickException(str(error)) from error


async def greet(settings: Settings, where: Database) -> None:
    """Give the first user of an embedded database an account and a key."""
    connection = await asyncpg.connect(where.admin_url)
    try:
        if await connection.fetchval("SELECT EXISTS (SELECT FROM account)"):
            return
    finally:
        await connection.close()
    async with TortoiseContext() as context:
        await context.init(config=tortoise_config(settings, where.url))
        id = await accounts.create(EXAMPLE_ACCOUNT, None, None, electronic_invoicing=False)
        with account.acting_for(id):
            _, secret = await accounts.create_key("First key", KeyScope.ADMIN, None)
    click.echo(f'Account "{EXAMPLE_ACCOUNT}": {id}\nIts API key, shown this once: {secret}')


@main.command("migrate")
def migrate_command() -> None:
    """Bring the database up to date."""
    settings = read_settings()
    with database(settings) as where:
        run(settings, migrate(where.admin_url))


@main.command("schema")
def schema_command() -> None:
    """Print the API's schema, as it stands in schema.graphql."""
    click.echo(schema.as_str())


@main.command("settings")
def settings_command() -> None:
    """Show all settings, their values and what they are for."""
    settings = read_settings()
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        shown = re.sub(r"(?<=:)[^:@/]+(?=@)", "***", str(value)) if value is not None else ""
        click.echo(f"{name.upper()}={shown}\n    {field.description}")


@main.group("accounts")
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

    async def work() -> UUID:
        async with service(settings):
            return await accounts.create(name, ruc, dv, electronic_invoicing=electronic_invoicing)

    click.echo(run(settings, work()))


@main.group("keys")
def keys_group() -> None:
    """API keys of an account."""


def account_option(command: Any) -> Any:
    return click.option("--account", "account_id", type=click.UUID, required=True, help="The account's id.")(command)


def span(_context: click.Context, _parameter: click.Parameter, value: str | None) -> datetime | None:
    try:
        return datetime.now(UTC) + accounts.lifetime(value) if value else None
    except (ValueError, OverflowError) as error:
        raise click.BadParameter(str(error)) from error


@keys_group.command("create")
@account_option
@click.option("--scope", type=click.Choice(["read", "write", "admin"]), required=True)
@click.option("--name", default="")
@click.option("--expires", "expires_at", callback=span, help="How long it works: 90d, 12h.")
def create_key(account_id: UUID, scope: str, name: str, expires_at: datetime | None) -> None:
    """Create a key and print its secret, which is kept nowhere."""
    settings = read_settings()

    async def work() -> str:
        async with service(settings):
            with account.acting_for(account_id):
                await known_account()
                _, secret = await accounts.create_key(name or f"{scope} key", KeyScope(scope.upper()), expires_at)
                return secret

    click.echo(run(settings, work()))


@keys_group.command("list")
@account_option
def list_keys(account_id: UUID) -> None:
    """List an account's keys."""
    settings = read_settings()

    async def work() -> list[models.ApiKey]:
        async with service(settings):
            with account.acting_for(account_id):
                await known_account()
                return await mine(models.ApiKey)

    for key in run(settings, work()):
        state = "revoked" if key.revoked_at else f"expires {key.expires_at:%F}" if key.expires_at else "active"
        used = f"{key.last_used_at:%F %R}" if key.last_used_at else "never"
        click.echo(f"{key.id}  {key.scope:<5}  {state:<18}  last used {used:<16}  {key.name}")


@keys_group.command("revoke")
@account_option
@click.argument("key_id")
def revoke_key(account_id: UUID, key_id: str) -> None:
    """Revoke a key. The server stops taking it within 5 seconds."""
    settings = read_settings()

    async def work() -> None:
        async with service(settings):
            with account.acting_for(account_id):
                await accounts.revoke_key(key_id)

    run(settings, work())


@main.command("seed-demo")
@click.option("--account", "account_id", type=click.UUID, help="The account's id; may be left out if there is just one.")
@click.option("--seed", default=507, show_default=True, help="Another number makes other data.")
def seed_demo(account_id: UUID | None, seed: int) -> None:
    """Fill an account with 200 customers and 1,000 invoices to try things on."""
    settings = read_settings()

    async def work() -> None:
        async with service(settings) as where:
            with account.acting_for(account_id or await only_account(where)):
                await known_account()
                with click.progressbar(length=demo.CUSTOMERS + demo.INVOICES, label="Seeding", file=sys.stderr) as bar:
                    async for _ in demo.seed(seed):
                        bar.update(1)

    run(settings, work())


async def only_account(where: Database) -> UUID:
    connection = await asyncpg.connect(where.admin_url)
    try:
        ids = [row["id"] for row in await connection.fetch("SELECT id FROM account LIMIT 2")]
    finally:
        await connection.close()
    if len(ids) != 1:
        raise click.ClickException("name the account: --account ID")
    id: UUID = ids[0]
    return id


async def known_account() -> None:
    if not await models.Account.exists(id=account.current()):
        raise click.ClickException(f"no account {account.current()}")


if __name__ == "__main__":
    main()
