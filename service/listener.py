"""The socket and the server on it."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import cast

import click
import uvicorn
from starlette.types import ASGIApp

from service.import_files import UPLOADS
from service.settings import Settings
from transport.http_protocol import LimitedHttpProtocol
from transport.websocket_protocol import LimitedWebSocketProtocol


def web_server(app: ASGIApp, settings: Settings) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http=cast(
                type[asyncio.Protocol],
                partial(LimitedHttpProtocol, settings.max_connections, settings.request_timeout, UPLOADS),
            ),
            ws=LimitedWebSocketProtocol,
            ws_max_size=settings.max_body_size,
            ws_per_message_deflate=False,
            log_config=None,
            access_log=False,
            server_header=False,
            forwarded_allow_ips=list(settings.forwarded_allow_ips),
            reset_contextvars=True,  # otherwise a request keeps the account of the previous one on its connection
            timeout_keep_alive=75,  # longer than proxies and clients keep an idle connection, so that they close it
            timeout_graceful_shutdown=settings.graceful_timeout,
        )
    )


def http_address(host: str, port: int) -> str:
    """The address at which a client on this machine finds the server.

    >>> http_address("::1", 8000)
    'http://[::1]:8000'
    >>> http_address("0.0.0.0", 80)
    'http://127.0.0.1:80'
    """
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


@contextmanager
def listening(settings: Settings) -> Iterator[list[socket.socket]]:
    """The sockets of the server's processes, opened before all else: early clients wait, and a taken port is reported
    at once.

    Each process has its own at the same address, and the kernel spreads connections evenly over them: of one socket
    that all share, the process that wakes first takes nearly all. The socket of a process that has ended stays open, so
    that its connections wait for the next one.
    """
    with ExitStack() as stack:
        first = stack.enter_context(_bind(settings, settings.port))
        sockets = [first]
        if settings.processes > 1:
            # It was bound without sharing to find out whether somebody else has the port.
            port = first.getsockname()[1]
            first.close()
            sockets = [stack.enter_context(_bind(settings, port, is_shared=True)) for _ in range(settings.processes)]
        for each in sockets:
            each.listen(2048)
        yield sockets


def _bind(settings: Settings, port: int, *, is_shared: bool = False) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_shared:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind((settings.host, port))
    except OSError as error:
        listener.close()
        where = f"{settings.host}, port {port}"
        raise click.ClickException(f"Can't listen on {where}: {error.strerror}. Set HOST or PORT.") from error
    return listener
