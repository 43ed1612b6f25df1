"""The application: what it is made of, started and stopped in this order, and its routes."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from typing import Any, Final

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from tortoise.contrib.starlette import RegisterTortoise

from announcements.feed import LiveFeed
from announcements.worker import Worker
from db import guard, tenant
from db.errors import UNAVAILABLE
from db.migrate import pending
from documents.fonts import load_fonts
from documents.invoice import read_invoice
from documents.render import Renderer
from lookup.service import Consultar
from pac.providers import SOAP_PATH, read_providers
from pac.sandbox.server import Sandbox, run_sandbox
from resolvers import verification
from resolvers.api_keys import KeyCache
from resolvers.turns import NoTurn, turn
from service.metrics import Metrics
from service.pages import DIST, Pages, read_documents
from service.settings import (
    Settings,
    announcement_settings,
    operation_limits,
    registry_settings,
    tortoise_config,
)
from transport.authentication import Authenticator
from transport.errors import TooMany, database_unavailable, error_response, response_of
from transport.execution import OperationRunner
from transport.http import GraphQLEndpoint
from transport.middleware import RequestMiddleware
from transport.rate_limit import KeyQuota
from transport.sessions import SessionEndpoints
from transport.trusted_documents import TrustedDocuments
from transport.websocket import GraphQLWebSocket

# Pages of other sites may use the API with a key of theirs; the session's cookie is only for our own pages.
_CORS: Final[dict[str, Any]] = {
    "allow_methods": ("GET", "POST"),
    "allow_headers": ("Authorization", "X-Request-Id"),
    "expose_headers": ("RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id"),
}

log = structlog.get_logger()


def create_app(settings: Settings, url: str, *, embedded: bool = False) -> Starlette:
    """The application on the database at ``url``. Its parts are made when it starts, and end when it stops."""
    pages = Pages(DIST)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(
                RegisterTortoise(app, config=tortoise_config(settings, url), _enable_global_fallback=True)
            )
            await guard.check_role()
            consultar = await stack.enter_async_context(open_lookup(settings, embedded=embedded))
            quota = KeyQuota(settings.rate_limit) if settings.rate_limit else None
            feed = LiveFeed()
            renderer = stack.enter_context(Renderer(load_fonts(settings.fonts_dir)))
            app.routes.extend(
                create_routes(settings, pages, consultar, feed, renderer, Authenticator(KeyCache(), quota))
            )
            for work in background_work(settings, url, consultar, feed, renderer, quota):
                await stack.enter_async_context(in_background(work))
            yield

    middleware = [Middleware(RequestMiddleware)]
    if settings.cors_origins:
        middleware.append(Middleware(CORSMiddleware, **_CORS, allow_origins=settings.cors_origins))
    app = Starlette(
        lifespan=lifespan,
        middleware=middleware,
        exception_handlers={HTTPException: on_http_exception},
    )
    app.router.default = pages.serve_before(app.router.default)
    return app


def create_routes(
    settings: Settings,
    pages: Pages,
    consultar: Consultar,
    feed: LiveFeed,
    renderer: Renderer,
    authenticator: Authenticator,
) -> list[BaseRoute]:
    limits = operation_limits(settings)
    runner = OperationRunner(limits, TrustedDocuments(read_documents(DIST)))
    playground = pages.playground if settings.playground and limits.open_schema else None
    graphql = GraphQLEndpoint(
        authenticator,
        consultar,
        renderer.printable,
        runner,
        max_body_size=settings.max_body_size,
        playground=playground,
    )
    websocket = GraphQLWebSocket(
        authenticator, consultar, feed, renderer.printable, runner, origins=settings.cors_origins
    )
    sessions = SessionEndpoints(authenticator)
    return [
        Route("/graphql", graphql),
        WebSocketRoute("/graphql", websocket),
        *([Route("/playground", playground)] if playground else []),
        Route("/session", sessions.sign_in, methods=["POST"]),
        Route("/session", sessions.sign_out, methods=["DELETE"]),
        Route("/invoices/{id}.pdf", InvoiceFiles(authenticator, renderer, limits.seconds).send_pdf),
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", Metrics(settings.metrics_allow_ips).answer),
    ]


def background_work(
    settings: Settings,
    url: str,
    consultar: Consultar,
    feed: LiveFeed,
    renderer: Renderer,
    quota: KeyQuota | None,
) -> list[Coroutine[Any, Any, None]]:
    """What runs beside the requests, until it is cancelled."""
    direct_url = settings.database_admin_url if settings.database_pooler == "transaction" else url
    work = [feed.listen(direct_url)]
    if consultar.asks:
        work.append(verification.keep_checking(consultar))
    if quota:
        work.append(quota.keep_telling())
    if settings.worker:
        work.append(Worker(announcement_settings(settings), renderer).run())
    return work


@asynccontextmanager
async def open_lookup(settings: Settings, *, embedded: bool) -> AsyncIterator[Consultar]:
    """The look-up of RUCs. With the ``embedded`` database and no provider in the settings, it asks a sandbox."""
    registry = registry_settings(settings)
    async with AsyncExitStack() as stack:
        if embedded and settings.registry_providers is None:
            address = await stack.enter_async_context(run_sandbox(Sandbox()))
            own = read_providers("sandbox", {"SANDBOX_URL": address + SOAP_PATH})
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


class InvoiceFiles:
    """The files of an invoice. A request waits for ``patience`` seconds while others of its key are served."""

    def __init__(self, authenticator: Authenticator, renderer: Renderer, patience: float) -> None:
        self._authenticator = authenticator
        self._renderer = renderer
        self._patience = patience

    async def send_pdf(self, request: Request) -> Response:
        identity = await self._authenticator.authenticate(request)
        try:
            async with turn(identity.key_id, self._patience):
                with tenant.acting_for(identity.account_id):
                    document = await read_invoice(request.path_params["id"])
                if document is None:
                    raise HTTPException(404, "There is no such invoice.")
                content = await self._renderer.render(document)
        except NoTurn:
            raise TooMany("requests at once", 1) from None
        except UNAVAILABLE:
            raise database_unavailable() from None
        headers = {
            "Content-Disposition": f'inline; filename="{document.filename}"',
            "Cache-Control": "private, no-cache",
        }
        return Response(content, headers=headers, media_type="application/pdf")


async def healthz(request: Request) -> Response:
    return JSONResponse({"status": "alive"})


async def readyz(request: Request) -> Response:
    """Ready when the database answers and is up to date."""
    try:
        missing = await pending()
    except Exception as error:
        log.warning("not ready", reason=repr(error))
        return response_of(database_unavailable())
    if missing:
        return error_response(503, f"The database is not up to date; it lacks: {', '.join(missing)}.")
    return JSONResponse({"status": "ready"})


async def on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return response_of(error)
