"""The socket and the HTTP server on it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import click
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from service.settings import Settings


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


def http_address(host: str, port: int) -> str:
    """Where a client on this machine finds the server.

    >>> http_address("::1", 8000)
    'http://[::1]:8000'
    >>> http_address("0.0.0.0", 80)
    'http://127.0.0.1:80'
    """
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


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
