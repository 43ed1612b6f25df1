"""The socket and the HTTP server on it."""

import asyncio
import socket
from asyncio.events import TimerHandle
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, cast

import click
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from schema.http import refusal
from service.settings import Settings

_HEAD: Final = 65536  # bytes


class GuardedProtocol(HttpToolsProtocol):
    """uvicorn trusts its clients with memory and time. Here there are only so many connections, the head of a request
    has only so many bytes, a request must have arrived in time, and whoever doesn't take an answer is cut.
    """

    def __init__(self, settings: Settings, **given: Any) -> None:
        super().__init__(**given)
        self.max_connections = settings.max_connections
        self.patience = settings.request_timeout
        self.head: int | None = None  # bytes of the one that is being read
        self.is_arriving = False
        self.answering: RequestResponseCycle | None = None
        self.deadline: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self.max_connections:
            self.refuse(503, "There are too many connections. Try again in a moment.")
        else:
            self.deadline = self.loop.call_later(self.patience, self.on_late)

    def connection_lost(self, exc: Exception | None) -> None:
        self.meet_deadline()
        super().connection_lost(exc)
        if self.answering is not None:
            self.answering.disconnected = True
            self.answering.message_event.set()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """uvicorn tells only the last of a connection's requests that the client is gone, which this may not be."""
        self.answering = cycle
        super()._start_asgi_task(cycle, app)

    def data_received(self, data: bytes) -> None:
        if self.head is not None:
            self.head += len(data)
        was_idle = not self.is_arriving
        if self.head is None or self.head <= _HEAD:
            super().data_received(data)
            if was_idle and self.head is not None:
                self.head = len(data)  # all that has come of it
        if self.head is not None and self.head > _HEAD:
            self.refuse(431, f"First line and headers may have at most {_HEAD} bytes.")
            return
        if self.is_arriving and self.deadline is None:  # which it seldom is: most requests come in one piece
            self.deadline = self.loop.call_later(self.patience, self.on_late)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.head = 0
        self.is_arriving = True

    def on_headers_complete(self) -> None:
        self.head = None
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self.is_arriving = False
        self.meet_deadline()
        super().on_message_complete()

    def meet_deadline(self) -> None:
        if self.deadline is not None:
            self.deadline.cancel()
            self.deadline = None

    def on_late(self) -> None:
        self.deadline = None
        current = self.answering
        if current is None or current.response_complete:
            if self.head is None:
                self.transport.close()
            else:
                self.refuse(408, "The request did not arrive in time.")
        elif current is self.cycle and self.head is None and not current.response_started:
            self.refuse(408, "The request did not arrive in time.")
        else:
            current.keep_alive = False  # the connection's end comes with the answer that is on its way

    def refuse(self, status: int, message: str) -> None:
        """Answer in the application's place, and hang up."""
        answer = refusal(status, message)
        head = [STATUS_LINE[status], *(b"%b: %b\r\n" % header for header in answer.raw_headers)]
        self.transport.write(b"".join([*head, b"connection: close\r\n\r\n", answer.body]))
        self.transport.close()

    def send_400_response(self, msg: str) -> None:
        self.refuse(400, msg)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self.expect_reading()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self.expect_reading()

    def pause_writing(self) -> None:
        super().pause_writing()
        self.expect_reading()

    def expect_reading(self, left_before: int = 0) -> None:
        """Cut the client if it takes nothing of what is there for it, else look again later."""
        left = self.transport.get_write_buffer_size()
        if left and left == left_before:
            self.transport.abort()
        elif left:
            self.loop.call_later(self.patience, self.expect_reading, left)


def web_server(app: ASGIApp, settings: Settings) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http=cast(type[asyncio.Protocol], partial(GuardedProtocol, settings)),
            ws_max_size=4 * settings.max_body_size,  # bytes, which so many characters may take
            log_config=None,
            access_log=False,
            server_header=False,
            forwarded_allow_ips=list(settings.forwarded_allow_ips),
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
