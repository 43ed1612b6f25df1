"""The socket and the server on it."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import cast

import click
import uvicorn
from starlette.types import ASGIApp

from service.settings import Settings
from transport.http_protocol import LimitedHttpProtocol
from transport.websocket_protocol import LimitedWebSocketProtocol


def web_server(app: ASGIApp, settings: Settings) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http=cast(
                type[asyncio.Protocol], partial(LimitedHttpProtocol, settings.max_connections, settings.request_timeout)
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
def listening(settings: Settings) -> Iterator[socket.socket]:
    """The server's socket, opened before all else: early clients wait, and a taken port is reported at once."""
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
