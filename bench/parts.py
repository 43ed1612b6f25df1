"""Where the processor time of a request goes: the service's parts, put together one after the other.

    python -m bench.parts [--rounds 60]

Bytes of HTTP go into uvicorn's protocol and come out of it without a socket, in one process and thread, so this is
Python's time without the kernel's for HTTP and for the log. The parts are measured in turns, fifty requests each time.
"""

import argparse
import asyncio
import copy
import os
import sys
import time
from statistics import median
from types import SimpleNamespace
from typing import Any, cast

import uvloop
from graphql import ExecutionResult
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.server import ServerState

from bench import dataset
from bench.load import Served
from bench.rows.pages import CUSTOMER, PAGE
from db import embedded
from service.app import create_app
from service.commands.serve import tune
from service.listener import web_server
from service.logs import start_logging
from service.settings import Settings
from transport.http import GraphQLEndpoint
from transport.middleware import RequestMiddleware

_AT_ONCE = 50  # requests
_BODY = b'{"data":{"__typename":"Query"},"extensions":{"cost":{"requested":0,"maximum":10000}}}'


async def constant(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    headers = [(b"content-length", b"%d" % len(_BODY)), (b"content-type", b"application/json; charset=utf-8")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": _BODY})


def without_log(app: ASGIApp) -> RequestMiddleware:
    middleware = RequestMiddleware(app)
    middleware.log = SimpleNamespace(info=lambda *_, **__: None)
    return middleware


def without_operation(endpoint: GraphQLEndpoint) -> GraphQLEndpoint:
    """The endpoint with an operation that costs nothing."""

    async def run(*_: Any, **__: Any) -> ExecutionResult:
        return ExecutionResult({"__typename": "Query"}, None, {"cost": {"requested": 0, "maximum": 10000}})

    changed = copy.copy(endpoint)
    changed.runner = copy.copy(endpoint.runner)
    changed.runner.run = run  # type: ignore[method-assign]
    return changed


class _Wire(asyncio.Transport):
    """The end of a connection; what is written to it is kept until it is taken."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 80)})
        self.written: list[bytes] = []

    def write(self, data: Any) -> None:
        self.written.append(data)

    def is_closing(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return 0

    def resume_reading(self) -> None:
        pass


class Part:
    """An application, and the request that it is asked."""

    def __init__(self, app: ASGIApp, settings: Settings, query: str, variables: dict[str, Any]) -> None:
        target = Served("http://bench", 0).graphql(query, variables)
        headers = {"Host": "bench", "Content-Length": str(len(target.body)), **target.headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._request = f"POST /graphql HTTP/1.1\r\n{head}\r\n".encode() + target.body
        config = web_server(app, settings).config
        config.load()
        self._state, self._wire = ServerState(), _Wire()
        self._protocol: Any = config.http_protocol_class(config=config, server_state=self._state, app_state={})
        self._protocol.connection_made(self._wire)
        self.figures: list[float] = []

    async def answer(self) -> bytes:
        self._wire.written.clear()
        self._protocol.data_received(self._request)
        for task in list(self._state.tasks):
            await task
        return b"".join(self._wire.written)

    async def measure(self) -> None:
        before = time.process_time()
        for _ in range(_AT_ONCE):
            await self.answer()
        self.figures.append((time.process_time() - before) / _AT_ONCE * 1e6)


async def measure(url: str, rounds: int) -> None:
    settings = Settings(database_url=url, rate_limit=10**9, log_format="json")
    start_logging(settings)
    app = create_app(settings, url)
    async with app.router.lifespan_context(app):
        tune()
        endpoint = cast(GraphQLEndpoint, next(each.app for each in app.routes if isinstance(each, Route)))
        nothing: tuple[str, dict[str, Any]] = ("{ __typename }", {})
        parts = {
            "uvicorn with its protocol, an application that answers a constant": Part(constant, settings, *nothing),
            "… and the request's id, headers, metrics": Part(without_log(constant), settings, *nothing),
            "… and the line in the log": Part(RequestMiddleware(constant), settings, *nothing),
            "… and key, quota, permit, body, response": Part(
                RequestMiddleware(without_operation(endpoint)), settings, *nothing
            ),
            "… and `{ __typename }`, all of it": Part(app, settings, *nothing),
            "`customer(id)`": Part(app, settings, CUSTOMER, {"id": str(dataset.row_id(1, 1, 7))}),
            "page of 10 invoices": Part(app, settings, PAGE, {"first": 10}),
            "page of 50 invoices": Part(app, settings, PAGE, {"first": 50}),
        }
        for part in parts.values():
            for _ in range(_AT_ONCE):
                answer = await part.answer()
                assert b"200 OK" in answer
                assert b'"errors"' not in answer
        for _ in range(rounds):
            for part in parts.values():
                await part.measure()
        print("| part | median, µs | best, µs |\n|---|---|---|")
        for what, part in parts.items():
            print(f"| {what} | {median(part.figures):.0f} | {min(part.figures):.0f} |")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.parts")
    parser.add_argument("--rounds", type=int, default=60)
    options = parser.parse_args()
    with embedded.running(dataset.folder()) as server, open(os.devnull, "w") as nowhere:
        url = asyncio.run(dataset.build(server.url, big=False))
        sys.stderr = nowhere  # the log
        uvloop.run(measure(url, options.rounds))


if __name__ == "__main__":
    main()
