"""Istmo's settings, application and command line."""

import asyncio
import csv
import gc
import logging
import os
import re
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import astuple, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TextIO
from uuid import UUID

import asyncpg
import click
import stamina
import structlog
import uvicorn
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from tortoise.context import TortoiseContext
from tortoise.contrib.starlette import RegisterTortoise
from tortoise.exceptions import BaseORMException
from uuid_utils.compat import uuid7
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from db import account, config, embedded, guard, models
from db.errors import UNAVAILABLE
from db.migrate import migrate, pending
from lookup import providers, sandbox
from lookup import settings as lookup_settings
from lookup.service import Consultar
from resolvers import accounts, demo, pdf, verification
from resolvers.announcements import deliveries, feed
from resolvers.announcements import settings as announcements_settings
from resolvers.announcements.worker import Worker
from resolvers.scope import mine
from rules.faults import Fault, Refusal
from rules.vocabulary import DeliveryStatus
from rules.vocabulary import Scope as KeyScope
from schema import schema
from schema.http import GraphQLEndpoint, authenticated, refusal
from schema.websocket import GraphQLWebSocket

CHECKOUT = Path(__file__).resolve().parent
EXAMPLE_ACCOUNT = "Empresa Ejemplar"
NOBODY = "none"

log = structlog.get_logger()


# Settings

_HOST = r"(\[[^]]+\]|[^][/?@:,]*)(:[0-9]+)?"
_POSTGRES_URL = re.compile(rf"postgres(ql)?://([^/?]*@)?{_HOST}(,{_HOST})*([/?].*)?")


def postgres_url(value: str) -> str:
    if not _POSTGRES_URL.fullmatch(value):
        form = "postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
        raise PydanticCustomError("url", f"Must read {form}; in a password % / ? are %25 %2F %3F")
    return value


PostgresUrl = Annotated[str, AfterValidator(postgres_url)]
Lower = BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value)


class Settings(BaseSettings):
    """Read from the environment, and nowhere else; an empty variable is one that is not set."""

    model_config = SettingsConfigDict(env_prefix="", env_ignore_empty=True, extra="ignore", frozen=True)

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on.")
    database_url: PostgresUrl | None = Field(
        None, description="PostgreSQL 15 or newer to use; without it Istmo starts its own in ISTMO_DATA_DIR."
    )
    database_admin_url: PostgresUrl | None = Field(
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
    registry_providers: str | None = Field(
        None,
        description=(
            f"Who is asked about RUCs, in this order: {', '.join(providers.KINDS)}; or none. By default none, but a "
            "sandbox in the server's process with the embedded database."
        ),
    )
    registry_timeout: float = Field(5, gt=0, description="Seconds that a look-up waits for all providers together.")
    registry_found_fresh: float = Field(86400, ge=0, description="Seconds that an answer holds.")
    registry_not_found_fresh: float = Field(3600, ge=0, description="Seconds that an answer without taxpayer holds.")
    registry_stale: float = Field(
        2592000, ge=0, description="Seconds that an answer is worth something while there is no new one."
    )
    registry_attempts: int = Field(3, ge=1, description="How often a provider is asked for one answer.")
    registry_calls: int = Field(8, ge=1, description="The most calls of one provider at once.")
    registry_failures: int = Field(5, ge=1, description="Failures in a row after which a provider is left alone.")
    registry_rest: float = Field(10, gt=0, description="Seconds that it is left alone.")
    worker: bool = Field(
        True, description="Whether the server's process delivers announcements, too; `server.py worker` does only that."
    )
    smtp_host: str | None = Field(
        None, description="Mail server; without it mails are put into the folder mail in ISTMO_DATA_DIR."
    )
    smtp_port: int = Field(587, ge=1, le=65535, description="Its port.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How to encrypt: tls is port 465."
    )
    smtp_user: str | None = Field(None, description="Whom to sign in as, if at all.")
    smtp_password: SecretStr | None = Field(None, description="The password for that.")
    mail_from: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")] | None = Field(
        None, description="Address that mails come from; needed with SMTP_HOST."
    )
    webhook_local: bool = Field(
        False, description="Whether webhooks may be on this machine, and by http there: for development."
    )
    event_retention: float = Field(90, ge=7, description="Days that events and their deliveries are kept.")
    max_body_size: int = Field(1_000_000, gt=0, description="The most bytes of a request's body.")
    playground: bool = Field(True, description="Whether a browser gets GraphiQL at /graphql.")
    log_format: Literal["auto", "console", "json"] = Field(
        "auto", description="How to write logs; auto is console on a terminal."
    )
    log_level: Annotated[Literal["debug", "info", "warning", "error"], Lower] = Field(
        "info", description="The least that is logged."
    )
    graceful_timeout: int = Field(10, ge=0, description="Seconds that open requests get when the server stops.")


def read_settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        faults = [f"{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors()]
        raise click.ClickException("\n".join(faults)) from error


def start_logging(settings: Settings) -> None:
    """Log to standard error, Python's own loggers in the same form. Tracebacks come without the values of variables."""
    stamps: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
    ]
    if settings.log_format == "console" or (settings.log_format == "auto" and sys.stderr.isatty()):
        form: list[Any] = [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    else:
        tracebacks = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        form = [structlog.processors.ExceptionRenderer(tracebacks), structlog.processors.JSONRenderer()]
    structlog.configure(
        processors=[*stamps, *form],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        cache_logger_on_first_use=True,
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*stamps, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *form],
        )
    )
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler])
    for chatty in ("tortoise", "uvicorn.error", "fontTools"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    stamina.instrumentation.set_on_retry_hooks(())  # the metrics count every try


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
    try:
        with embedded.running(folder) as server:
            yield Database(server.url, server.url, True)
    except embedded.EmbeddedError as error:
        raise click.ClickException(str(error)) from error


def tortoise_config(settings: Settings, url: str) -> dict[str, Any]:
    return config.tortoise(
        url,
        role=config.SERVICE_ROLE,
        pool_size=settings.database_pool_size,
        acquire_timeout=settings.database_acquire_timeout,
        statement_timeout=settings.database_statement_timeout,
        transaction_pooler=settings.database_pooler == "transaction",
    )


def registry_settings(settings: Settings) -> lookup_settings.Settings:
    """Who is asked about RUCs, and how."""
    names = settings.registry_providers or NOBODY
    try:
        chosen = () if names == NOBODY else providers.read(names, os.environ)
    except providers.Misconfigured as error:
        raise click.ClickException(f"REGISTRY_PROVIDERS: {error}") from None
    return lookup_settings.Settings(
        providers=chosen,
        timeout=settings.registry_timeout,
        found_fresh=settings.registry_found_fresh,
        not_found_fresh=settings.registry_not_found_fresh,
        stale=settings.registry_stale,
        attempts=settings.registry_attempts,
        calls_under_way=settings.registry_calls,
        failures=settings.registry_failures,
        rest=settings.registry_rest,
    )


def announcement_settings(settings: Settings) -> announcements_settings.Settings:
    """How announcements are delivered."""
    smtp = None
    if settings.smtp_host:
        if settings.mail_from is None:
            raise click.ClickException("MAIL_FROM: Must be set, as SMTP_HOST is")
        smtp = announcements_settings.Smtp(
            settings.smtp_host,
            settings.smtp_port,
            settings.smtp_security,
            settings.smtp_user,
            settings.smtp_password,
        )
    return announcements_settings.Settings(
        mail_folder=(settings.istmo_data_dir or embedded.data_dir(CHECKOUT)) / "mail",
        mail_from=settings.mail_from or "facturas@localhost",
        smtp=smtp,
        local_webhooks=settings.webhook_local,
        retention=settings.event_retention * 24 * 3600,
    )


@asynccontextmanager
async def consulting(settings: Settings, *, embedded: bool) -> AsyncIterator[Consultar]:
    """The look-up. Who tries Istmo out, with its ``embedded`` database and no provider named, gets a sandbox."""
    registry = registry_settings(settings)
    async with AsyncExitStack() as stack:
        if embedded and settings.registry_providers is None:
            address = await stack.enter_async_context(sandbox.running(sandbox.Sandbox()))
            own = providers.read("sandbox", {"SANDBOX_URL": address + providers.SOAP_PATH})
            registry = replace(registry, providers=own)
        yield await stack.enter_async_context(Consultar(registry))


@asynccontextmanager
async def in_background(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def create_app(settings: Settings, url: str, *, embedded: bool = False) -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(
                RegisterTortoise(app, config=tortoise_config(settings, url), _enable_global_fallback=True)
            )
            await guard.check_role()
            consultar = await stack.enter_async_context(consulting(settings, embedded=embedded))
            app.state.consultar = consultar
            if consultar.asks:
                await stack.enter_async_context(in_background(verification.keep_checking(consultar)))
            direct = settings.database_admin_url if settings.database_pooler == "transaction" else url
            await stack.enter_async_context(in_background(feed.listen(direct)))
            if settings.worker:
                await stack.enter_async_context(in_background(Worker(announcement_settings(settings)).run()))
            yield

    return Starlette(
        routes=[
            Route("/graphql", GraphQLEndpoint(playground=settings.playground, max_body_size=settings.max_body_size)),
            WebSocketRoute("/graphql", GraphQLWebSocket(max_size=settings.max_body_size)),
            Route("/invoices/{id}.pdf", invoice_pdf),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
        ],
        lifespan=lifespan,
        middleware=[Middleware(RequestLog)],
        exception_handlers={HTTPException: on_http_exception},
    )


async def invoice_pdf(request: Request) -> Response:
    identity = await authenticated(request)
    try:
        with account.acting_for(identity.account_id):
            document = await pdf.invoice_document(request.path_params["id"])
    except UNAVAILABLE:
        raise HTTPException(503, "The database is not available right now.") from None
    if document is None:
        raise HTTPException(404, "There is no such invoice.")
    # Rendering takes a tenth of a second, a thousand lines half a one: not on the event loop.
    content = await asyncio.to_thread(pdf.render, document)
    headers = {"Content-Disposition": f'inline; filename="{document.filename}"', "Cache-Control": "private, no-cache"}
    return Response(content, headers=headers, media_type="application/pdf")


async def healthz(request: Request) -> Response:
    return JSONResponse({"status": "alive"})


async def readyz(request: Request) -> Response:
    """Ready when the database answers and has every migration."""
    try:
        missing = await pending()
    except Exception as error:
        log.warning("not ready", reason=repr(error))
        return refusal(503, "The database is not available right now.")
    if missing:
        return refusal(503, f"The database lacks migrations: {', '.join(missing)}.")
    return JSONResponse({"status": "ready"})


async def on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return refusal(error.status_code, error.detail, dict(error.headers or {}))


class RequestLog:
    """Gives each request an id, which its log lines and its answer carry, and logs how it ended.

    Here and not in an exception handler of Starlette's, whose answers would leave without the id.
    """

    _WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,64}")

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
        request_id = given if self._WELL_FORMED.fullmatch(given) else str(uuid7())
        status = 0
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
            except Exception as error:
                log.error("surprise", reference=request_id, exc_info=error)
                if status:
                    raise  # the connection has to be closed: half of an answer is out
                surprise = refusal(500, f"Something went wrong on our side. Reference: {request_id}")
                await surprise(scope, receive, send_with_id)
            finally:
                elapsed = round((time.perf_counter() - start) * 1000, 1)
                log.info("request", method=scope["method"], path=scope["path"], status=status, ms=elapsed)


class BoundedHead(HttpToolsProtocol):
    """uvicorn's protocol takes a request's first line and headers of any length, from anybody; this one up to 64 KB."""

    head: int | None = None  # bytes of the one that is being read

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.head = 0

    def on_headers_complete(self) -> None:
        self.head = None
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        if self.head is not None:
            self.head += len(data)
            if self.head > 65536:
                self.transport.write(b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n\r\n")
                self.transport.close()
                return
        super().data_received(data)


def web_server(app: ASGIApp, settings: Settings) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http=BoundedHead,
            log_config=None,
            access_log=False,
            server_header=False,
            reset_contextvars=True,  # else a request may begin in the context, and account, of its connection's last
            timeout_keep_alive=75,  # longer than proxies and clients keep a connection: they don't meet its end
            timeout_graceful_shutdown=settings.graceful_timeout,
        )
    )


# The command line


@click.group()
def main() -> None:
    """Istmo: GraphQL for invoicing in Panama."""


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """The outcome of ``work``; where it fails for a reason that the user can do something about, say it."""
    try:
        return asyncio.run(work)
    except Refusal as refusal_:
        raise click.ClickException("\n".join(map(in_words, refusal_.faults))) from None
    except guard.UnsafeRole as error:
        raise click.ClickException(f"The database is not safe: {error}.") from error
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, BaseORMException) as error:
        raise click.ClickException(trouble(error)) from error


def in_words(fault: Fault) -> str:
    expected = f" Expected: {' or '.join(fault.expected)}." if fault.expected else ""
    return f"{'.'.join(fault.path)}: {fault.message.en}{expected}"


def trouble(error: BaseException) -> str:
    """What is the matter with the database, and what may help."""
    said = str(error).partition("\n")[0]
    match error:
        case BaseORMException(__cause__=BaseException() as cause):
            return trouble(cause)
        case asyncpg.InsufficientPrivilegeError() if "set role" in said:
            return f"The login of DATABASE_URL may not act as {config.SERVICE_ROLE}: GRANT {config.SERVICE_ROLE} TO it."
        case asyncpg.InsufficientPrivilegeError():
            help_ = "Set DATABASE_ADMIN_URL to a login with CREATEROLE that owns the database, or to a superuser's."
            return f"The database login lacks a right: {said}. {help_}"
        case asyncpg.InvalidParameterValueError() | asyncpg.UndefinedTableError() | asyncpg.UndefinedFunctionError():
            return f"The database is not up to date: {said}. Run `server.py migrate`."
        case asyncpg.PostgresError() | asyncpg.InterfaceError():
            return f"The database refuses: {said}."
        case _:
            return f"The database can't be reached: {said or 'no answer in time'}."


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
async def service(settings: Settings) -> AsyncIterator[Database]:
    """``opened``, for commands that work on the data."""
    with database(settings) as where:
        async with opened(settings, where):
            yield where


@main.command()
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


@main.command()
def worker() -> None:
    """Deliver announcements until stopped: events, mails, webhooks. Any number of these may run beside the server."""
    settings = read_settings()
    chosen = announcement_settings(settings)
    start_logging(settings)

    async def work() -> None:
        async with service(settings):
            task = asyncio.create_task(Worker(chosen).run())
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, task.cancel)
            log.info("Istmo delivers announcements")
            with suppress(asyncio.CancelledError):
                await task

    run(work())


@contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """The server's socket. It is there first of all: early clients wait, and a taken port is told at once."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError as error:
            where = f"{settings.host}, port {settings.port}"
            raise click.ClickException(f"Can't listen on {where}: {error.strerror}. Set HOST or PORT.") from error
        listener.listen(2048)
        yield listener


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


@main.command("migrate")
def migrate_command() -> None:
    """Bring the database up to date."""
    settings = read_settings()
    with database(settings) as where:
        run(migrate(where.admin_url))


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
        shown = "" if value is None else without_password(str(value))
        click.echo(f"{name.upper()}={shown}\n    {field.description}")


def without_password(url: str) -> str:
    """The URL of a database, fit to be shown.

    >>> without_password("postgresql://ana:p@ss:w/rd@db/istmo?password=secret&sslmode=require")
    'postgresql://ana:***@db/istmo?password=***&sslmode=require'
    """
    return re.sub(r"(?<=password=)[^&]*", "***", re.sub(r"(?<=://)([^:/?]*):.*@", r"\1:***@", url))


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

    click.echo(run(work()))


@main.group("keys")
def keys_group() -> None:
    """API keys of an account."""


def account_option(command: Any) -> Any:
    return click.option("--account", "account_id", type=click.UUID, required=True, help="The account's id.")(command)


def span(_context: click.Context, _parameter: click.Parameter, value: str | None) -> datetime | None:
    try:
        return datetime.now(UTC) + accounts.lifetime(value) if value is not None else None
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    except OverflowError as error:
        raise click.BadParameter("that is too far away; without the option a key doesn't expire") from error


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

    click.echo(run(work()))


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

    for key in run(work()):
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
                await known_account()
                await accounts.revoke_key(key_id)

    run(work())


@asynccontextmanager
async def as_owner(settings: Settings) -> AsyncIterator[None]:
    """The database with the rows of all accounts, as its owner sees it."""
    with database(settings) as where:
        pooled = settings.database_pooler == "transaction"
        chosen = config.tortoise(where.admin_url, role=config.OWNER_ROLE, pool_size=1, transaction_pooler=pooled)
        async with TortoiseContext() as context:
            await context.init(config=chosen)
            yield


@main.group("outbox")
def outbox_group() -> None:
    """Announcements on their way to webhooks and mailboxes."""


@outbox_group.command("list")
@click.option("--failed", is_flag=True, help="Only what was given up.")
@click.option("--limit", default=100, show_default=True, help="The most lines.")
def list_outbox(failed: bool, limit: int) -> None:
    """List what is not delivered, of all accounts, the oldest first."""
    settings = read_settings()
    statuses = [DeliveryStatus.FAILED] if failed else [DeliveryStatus.FAILED, DeliveryStatus.PENDING]

    async def work() -> tuple[Sequence[deliveries.Unsettled], int]:
        async with as_owner(settings):
            waiting = await models.Event.filter(sequence__isnull=True).count()
            return await deliveries.unsettled(statuses, limit), waiting

    rows, waiting = run(work())
    for row in rows:
        state = f"{row.status.value.lower():<7}  {row.attempts:>3} attempts  since {row.began_at:%F %R}"
        click.echo(f"{row.id}  {state}  {row.type.dotted:<17}  {row.target}  {row.error or ''}".rstrip())
    click.echo(f"{len(rows)} deliveries listed; {waiting} events are not dispatched yet", err=True)


@outbox_group.command("retry")
@click.argument("ids", type=click.UUID, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that was given up.")
def retry_outbox(ids: tuple[UUID, ...], everything: bool) -> None:
    """Deliver once more what was given up."""
    if bool(ids) == everything:
        raise click.UsageError("Name deliveries, or give --all.")
    settings = read_settings()

    async def work() -> int:
        async with as_owner(settings):
            return await deliveries.retry(None if everything else ids)

    click.echo(f"{run(work())} deliveries queued again")


@main.command("seed-demo")
@click.option(
    "--account", "account_id", type=click.UUID, help="The account's id; may be left out if there is just one."
)
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

    run(work())


def past(_context: click.Context, _parameter: click.Parameter, value: str) -> datetime:
    try:
        return datetime.now(UTC) - accounts.lifetime(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    except OverflowError as error:
        raise click.BadParameter("that is too long ago") from error


@main.command("verify-customers")
@account_option
@click.option(
    "--older-than",
    "since",
    callback=past,
    default="1d",
    show_default=True,
    help="Leave those out who were checked within this time: 90d, 12h.",
)
@click.option("--csv", "file", type=click.File("a", encoding="utf-8"), help="File to which the changes are added.")
def verify_customers(account_id: UUID, since: datetime, file: TextIO | None) -> None:
    """Ask the registry again about an account's customers, and tell what has changed.

    It takes its time, so as not to bother the registry. Stopped, it goes on where it was when it is run again.
    """
    settings = read_settings()
    start_logging(settings)

    async def work() -> None:
        async with service(settings) as where, consulting(settings, embedded=where.is_embedded) as consultar:
            if not consultar.asks:
                raise click.ClickException("There is no registry to ask: set REGISTRY_PROVIDERS.")
            with account.acting_for(account_id):
                await known_account()
                ids = await verification.unchecked(since)
                with (
                    reporting(file) as report,
                    click.progressbar(length=len(ids), label="Checking", file=sys.stderr) as bar,
                ):
                    async for changes in verification.check_again(consultar, ids):
                        report(changes)
                        bar.update(1)

    try:
        run(work())
    except verification.NoAnswer:
        message = "The registry has stopped answering. Run this again later: it goes on where it was."
        raise click.ClickException(message) from None


@contextmanager
def reporting(file: TextIO | None) -> Iterator[Callable[[list[verification.Change]], None]]:
    """Takes changes: they go into the file at once, and to standard output in the end, also if that is a sudden one."""
    found: list[verification.Change] = []
    if file and file.tell() == 0:
        csv.writer(file).writerow([field.name for field in fields(verification.Change)])

    def report(changes: list[verification.Change]) -> None:
        found.extend(changes)
        if file:
            csv.writer(file).writerows(map(astuple, changes))
            file.flush()

    try:
        yield report
    finally:
        print_table([("RUC", "CUSTOMER", "WHAT", "BEFORE", "NOW"), *(astuple(change)[1:] for change in found)])


def print_table(rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(map(str.ljust, row, widths)).rstrip())


async def only_account(where: Database) -> UUID:
    connection = await asyncpg.connect(where.admin_url)
    try:
        ids = [row["id"] for row in await connection.fetch("SELECT id FROM account LIMIT 2")]
    finally:
        await connection.close()
    if len(ids) != 1:
        raise click.ClickException("Name the account: --account ID.")
    id: UUID = ids[0]
    return id


async def known_account() -> None:
    if not await models.Account.exists(id=account.current()):
        raise click.ClickException(f"There is no account {account.current()}.")


main.add_command(sandbox.main, "sandbox")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))  # leaves an embedded database in order
    main()
