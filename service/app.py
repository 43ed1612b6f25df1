"""The application: lifespan and routes."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from tortoise.contrib.starlette import RegisterTortoise

from announcements import feed
from announcements.worker import Worker
from db import account, guard
from db.errors import UNAVAILABLE
from db.migrate import pending
from lookup import providers, sandbox
from lookup.service import Consultar
from resolvers import paper, verification
from service.metrics import Metrics
from service.pages import DIST, Pages, documents, sign_in, sign_out
from service.settings import (
    Settings,
    announcement_settings,
    operation_limits,
    registry_settings,
    tortoise_config,
)
from transport import trusted_documents
from transport.http import GraphQLEndpoint, authenticated, in_turn, refusal
from transport.middleware import EveryRequest
from transport.rate_limit import KeyQuota, WrongKeys
from transport.websocket import GraphQLWebSocket

# Pages of other sites that are named may use the API with a key of theirs; the session's cookie is for our own.
CORS: dict[str, Any] = {
    "allow_methods": ("GET", "POST"),
    "allow_headers": ("Authorization", "X-Request-Id"),
    "expose_headers": ("RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id"),
}

log = structlog.get_logger()


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
            if app.state.key_quota:
                await stack.enter_async_context(in_background(app.state.key_quota.keep_telling()))
            direct = settings.database_admin_url if settings.database_pooler == "transaction" else url
            await stack.enter_async_context(in_background(feed.listen(direct)))
            if settings.worker:
                await stack.enter_async_context(in_background(Worker(announcement_settings(settings)).run()))
            yield

    middleware = [Middleware(EveryRequest)]
    if settings.cors_origins:
        middleware.append(Middleware(CORSMiddleware, **CORS, allow_origins=settings.cors_origins))
    pages = Pages(DIST)
    trusted_documents.trust_own(documents(DIST))
    limits = operation_limits(settings)
    playground = pages.playground if settings.playground and limits.open_schema else None
    app = Starlette(
        routes=[
            Route(
                "/graphql",
                GraphQLEndpoint(playground=playground, max_body_size=settings.max_body_size, limits=limits),
            ),
            WebSocketRoute(
                "/graphql",
                GraphQLWebSocket(max_size=settings.max_body_size, origins=settings.cors_origins, limits=limits),
            ),
            *([Route("/playground", playground)] if playground else []),
            Route("/session", sign_in, methods=["POST"]),
            Route("/session", sign_out, methods=["DELETE"]),
            Route("/invoices/{id}.pdf", invoice_pdf),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", Metrics(settings.metrics_allow_ips).answer),
        ],
        lifespan=lifespan,
        middleware=middleware,
        exception_handlers={HTTPException: on_http_exception},
    )
    app.state.key_quota = KeyQuota(settings.rate_limit) if settings.rate_limit else None
    app.state.wrong_keys = WrongKeys()
    app.state.patience = limits.seconds  # of a request for its turn
    app.router.default = pages.before(app.router.default)
    return app


async def invoice_pdf(request: Request) -> Response:
    identity = await authenticated(request)
    async with in_turn(identity, request.app.state.patience):
        try:
            with account.acting_for(identity.account_id):
                document = await paper.invoice_document(request.path_params["id"])
        except UNAVAILABLE:
            raise HTTPException(503, "The database is not available right now.") from None
        if document is None:
            raise HTTPException(404, "There is no such invoice.")
        content = await paper.rendered(document)
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
