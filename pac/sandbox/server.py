"""The sandbox's server: its routes, and running it in this process or another."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from aiohttp import web

from pac.providers import SOAP_PATH
from pac.sandbox import emission, lookup
from pac.sandbox.control import Control
from pac.sandbox.page import Page
from pac.sandbox.rest import Rest
from pac.sandbox.soap import SOAP, SOAP_FAULT, Unreadable, read_call, read_method
from pac.sandbox.state import Sandbox
from pac.sandbox.storage import Store
from pac.soap import local_name

_LARGEST_REQUEST: Final = 16 * 1024 * 1024  # bytes; a document of 1,000 items with long texts has some 6 MB


def create_app(sandbox: Sandbox) -> web.Application:
    """The server; the sandbox's state is closed when it ends."""

    async def answer_soap(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        try:
            method = read_method(body)
        except Unreadable:
            return web.Response(status=400)
        if local_name(method) in emission.METHODS:
            call = read_call(method, body, in_order=sandbox.knobs.strict_order)
            return await emission.answer(request, sandbox, call, SOAP)
        if local_name(method) == lookup.METHOD:
            return await lookup.answer(request, sandbox, method)
        return web.Response(status=500, text=SOAP_FAULT, content_type="text/xml")

    async def close(_app: web.Application) -> None:
        sandbox.store.close()

    app = web.Application(client_max_size=_LARGEST_REQUEST)
    app.router.add_post(SOAP_PATH, answer_soap)
    Rest(sandbox).add_routes(app.router)
    Control(sandbox).add_routes(app.router)
    Page(sandbox).add_routes(app.router)
    app.on_cleanup.append(close)
    return app


@asynccontextmanager
async def run_sandbox(sandbox: Sandbox) -> AsyncIterator[str]:
    """Run the server within this process, on a free port; yields its address."""
    runner = web.AppRunner(create_app(sandbox), handler_cancellation=True, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


def serve_sandbox(listener: socket.socket, file: Path) -> None:
    """Run the server on this socket until a signal comes, with its state in this file."""
    app = create_app(Sandbox(store=Store(file)))
    web.run_app(app, sock=listener, print=None, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
