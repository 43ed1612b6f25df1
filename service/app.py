"""The application: what it is made of, started and stopped in this order, and its routes."""

from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from tortoise.contrib.starlette import RegisterTortoise

from announcements.dispatcher import Dispatcher
from announcements.feed import LiveFeed
from announcements.results import FiscalResults
from db import guard
from db.background import in_background
from db.fair_thread import FairThread
from db.notifications import REVOKED_KEYS
from db.standby import Standby
from documents.fonts import load_fonts
from documents.render import Renderer
from lookup.service import Consultar
from resolvers.api_keys import KeyCache
from resolvers.pac_connection import PacConnections
from schema.exports import DOCUMENTS
from service.account_files import AccountFiles
from service.archive import ArchiveFile
from service.emission import open_connecting
from service.exports import ListFiles
from service.files import DocumentFiles
from service.import_files import ImportFiles
from service.links import PublicDocuments
from service.metrics import Metrics, keep_observing
from service.pages import DIST, Pages, read_documents
from service.personal_data import PersonalDataFiles
from service.readiness import Readiness, healthz
from service.registry import open_lookup
from service.secrets import pac_cipher
from service.settings import Settings, direct_url, operation_limits, standby_credentials, tortoise_config
from transport.authentication import Authenticator
from transport.errors import response_of
from transport.execution import OperationRunner
from transport.http import GraphQLEndpoint
from transport.limiter import AccountLimiter
from transport.middleware import RequestMiddleware, Shortcut
from transport.outages import Outages
from transport.rate_limit import AccountQuota
from transport.reads import HEADER, Reads
from transport.sessions import SessionEndpoints
from transport.trusted_documents import TrustedDocuments
from transport.websocket import GraphQLWebSocket

# Pages of other sites may use the API with a key of theirs; the session's cookie is only for our own pages.
_CORS: Final[dict[str, Any]] = {
    "allow_methods": ("GET", "POST"),
    "allow_headers": ("Authorization", HEADER, "X-Request-Id"),
    "expose_headers": (HEADER, "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id"),
}

_GRAPHQL: Final = "/graphql"
_ANSWERING: Final = 2.0  # seconds of an operation's time that a wait leaves for the rest of it
_CONNECTION_TEST: Final = 10.0  # seconds for which a request waits for an account's provider
_REST: Final = 3.0  # of an account in the thread for documents and bodies, in lengths of its work (bench/README.md)


@dataclass(frozen=True)
class Parts:
    """What the application is made of while it runs."""

    authenticator: Authenticator
    consultar: Consultar
    feed: LiveFeed
    results: FiscalResults
    connections: PacConnections
    renderer: Renderer
    pdf_limiter: AccountLimiter  # a limiter of its own: PDFs, which may wait for others' PDFs, delay no other request
    link_limiter: AccountLimiter  # of requests by public links, whose visitors delay none of the account's own
    runner: OperationRunner
    outages: Outages
    standby: Standby | None = None


def create_app(settings: Settings, url: str, *, sandbox: str | None = None) -> Starlette:
    """The application on the database at ``url``. Its parts are made when it starts, and end when it stops.

    Look-ups ask the ``sandbox`` at this address, if there is one.
    """
    pages = Pages(DIST)
    shortcuts: dict[str, Route] = {}

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(
                RegisterTortoise(app, config=tortoise_config(settings, url), _enable_global_fallback=True)
            )
            await guard.check_role()
            parts = await stack.enter_async_context(open_parts(settings, sandbox))
            routes = create_routes(settings, pages, parts)
            app.routes.extend(routes)
            shortcuts.update({each.path: each for each in routes if isinstance(each, Route) and each.path == _GRAPHQL})
            for work in background_work(settings, url, parts):
                await stack.enter_async_context(in_background(work))
            yield

    middleware = [Middleware(RequestMiddleware)]
    if settings.cors_origins:
        middleware.append(Middleware(CORSMiddleware, **_CORS, allow_origins=settings.cors_origins))
    middleware.append(Middleware(Shortcut, shortcuts))
    app = Starlette(
        lifespan=lifespan,
        middleware=middleware,
        exception_handlers={HTTPException: on_http_exception},
    )
    app.router.default = pages.serve_before(app.router.default)
    return app


@asynccontextmanager
async def open_parts(settings: Settings, sandbox: str | None) -> AsyncIterator[Parts]:
    limits = operation_limits(settings)
    limiter = AccountLimiter(limits.seconds)
    quota = AccountQuota(settings.rate_limit) if settings.rate_limit else None
    outages = Outages()
    async with AsyncExitStack() as stack:
        renderer = stack.enter_context(Renderer(load_fonts(settings.fonts_dir)))
        thread = stack.enter_context(FairThread("documents and bodies", rest=_REST))
        dispatcher = await stack.enter_async_context(Dispatcher())
        lookup = open_lookup(settings, sandbox, limiter.while_waiting)
        documents = TrustedDocuments({**read_documents(DIST), **DOCUMENTS})
        feed = LiveFeed()
        longest = max(limits.seconds - _ANSWERING, 0.0)
        credentials = standby_credentials(settings)
        standby = Standby(credentials) if credentials else None
        reads = Reads(standby, limits.seconds / 2) if standby else None
        connecting = await stack.enter_async_context(open_connecting(settings, sandbox))
        yield Parts(
            Authenticator(KeyCache(), quota, outages),
            await stack.enter_async_context(lookup),
            feed,
            FiscalResults(feed, limiter.while_waiting, longest),
            PacConnections(connecting, limiter.while_waiting, min(_CONNECTION_TEST, longest)),
            renderer,
            AccountLimiter(limits.seconds),
            AccountLimiter(limits.seconds),
            OperationRunner(limiter, thread, limits, documents, outages=outages, dispatcher=dispatcher, reads=reads),
            outages,
            standby,
        )


def create_routes(settings: Settings, pages: Pages, parts: Parts) -> list[BaseRoute]:
    authenticator, runner = parts.authenticator, parts.runner
    cipher, link_lifetime = pac_cipher(settings), timedelta(days=settings.document_link_days)
    playground = pages.playground if settings.playground and runner.limits.open_schema else None
    graphql = GraphQLEndpoint(
        authenticator,
        parts.consultar,
        parts.renderer.printable,
        runner,
        max_body_size=settings.max_body_size,
        local_webhooks=settings.webhook_local,
        backdating_days=settings.backdating_days,
        link_lifetime=link_lifetime,
        cipher=cipher,
        results=parts.results,
        connections=parts.connections,
        playground=playground,
    )
    websocket = GraphQLWebSocket(
        authenticator,
        parts.consultar,
        parts.feed,
        parts.renderer.printable,
        runner,
        local_webhooks=settings.webhook_local,
        backdating_days=settings.backdating_days,
        link_lifetime=link_lifetime,
        cipher=cipher,
        results=parts.results,
        connections=parts.connections,
        origins=settings.cors_origins,
    )
    sessions = SessionEndpoints(authenticator)
    return [
        Route(_GRAPHQL, graphql),
        WebSocketRoute(_GRAPHQL, websocket),
        *([Route("/playground", playground)] if playground else []),
        Route("/session", sessions.sign_in, methods=["POST"]),
        Route("/session", sessions.sign_out, methods=["DELETE"]),
        *AccountFiles(authenticator, parts.pdf_limiter, parts.renderer).routes(),
        *DocumentFiles(authenticator, parts.pdf_limiter, parts.renderer).routes(),
        *PersonalDataFiles(authenticator, parts.pdf_limiter, parts.renderer).routes(),
        *ImportFiles(authenticator).routes(),
        *ListFiles(authenticator, parts.consultar, parts.renderer.printable, runner, settings.max_body_size).routes(),
        *ArchiveFile(authenticator).routes(),
        *PublicDocuments(authenticator, parts.link_limiter, parts.renderer).routes(),
        Route("/healthz", healthz),
        Route("/readyz", Readiness(parts.outages).answer),
        Route("/metrics", Metrics(settings.metrics_allow_ips).answer),
    ]


def background_work(settings: Settings, url: str, parts: Parts) -> list[Coroutine[Any, Any, None]]:
    """What runs beside the requests, until it is cancelled."""
    keys = parts.authenticator.keys
    work = [parts.feed.listen(direct_url(settings, url), {REVOKED_KEYS: lambda id: keys.forget(UUID(id))})]
    if settings.processes > 1:
        work.append(keep_observing())
    if parts.authenticator.quota:
        work.append(parts.authenticator.quota.keep_sharing())
    if parts.standby:
        work.append(parts.standby.watch())
    return work


async def on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return response_of(error)
