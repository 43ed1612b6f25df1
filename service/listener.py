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
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from service.settings import Settings
from service.websockets import GuardedWebSocket
from transport.errors import error_response

_HEAD: Final = 65536  # bytes
_GULP: Final = 65536  # bytes that come at once
_REST: Final = 0.04  # seconds after a gulp
_STEP: Final = 0.001  # seconds between two clients


class Door:
    """Lets clients in one by one: those who come by the hundred would keep the event loop from all that are here."""

    def __init__(self) -> None:
        self.is_free_at = 0.0

    def wait(self, now: float) -> float:
        """Seconds until it is the turn of who comes now."""
        self.is_free_at = max(now, self.is_free_at + _STEP)
        return self.is_free_at - now


class _Sipping(FlowControl):
    """Reading that rests after each gulp, lest a large body keep the event loop to itself."""

    is_resting = False

    def rest(self, seconds: float) -> None:
        if not self.is_resting:
            if not self.read_paused:
                self._transport.pause_reading()
            self.is_resting = True
            asyncio.get_running_loop().call_later(seconds, self.go_on)

    def go_on(self) -> None:
        self.is_resting = False
        if not self.read_paused and not self._transport.is_closing():
            self._transport.resume_reading()

    def pause_reading(self) -> None:
        if self.is_resting:
            self.read_paused = True
        else:
            super().pause_reading()

    def resume_reading(self) -> None:
        if self.is_resting:
            self.read_paused = False
        else:
            super().resume_reading()


class GuardedProtocol(HttpToolsProtocol):
    """uvicorn trusts its clients with memory and time. Here there are only so many connections, the head of a request
    has only so many bytes, a request must have arrived in time and is the only one of its connection, and whoever
    doesn't take an answer is cut.
    """

    flow: _Sipping

    def __init__(self, settings: Settings, door: Door, **given: Any) -> None:
        super().__init__(**given)
        self.door = door
        self.max_connections = settings.max_connections
        self.patience = settings.request_timeout
        self.head: int | None = None  # bytes of the one that is being read
        self.is_arriving = False
        self.deadline: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.flow = _Sipping(transport)
        if len(self.connections) > self.max_connections:
            self.refuse(503, "There are too many connections. Try again in a moment.")
            return
        self.deadline = self.loop.call_later(self.patience, self.on_late)
        if wait := self.door.wait(self.loop.time()):
            self.flow.rest(wait)

    def connection_lost(self, exc: Exception | None) -> None:
        self.meet_deadline()
        super().connection_lost(exc)

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
        if len(data) >= _GULP:
            self.flow.rest(_REST)
        if self.is_arriving and self.deadline is None:  # which it seldom is: most requests come in one piece
            self.deadline = self.loop.call_later(self.patience, self.on_late)

    def on_message_begin(self) -> None:
        if self.is_answering:
            raise ValueError("A request before the answer to the last one.")
        super().on_message_begin()
        self.head = 0
        self.is_arriving = True

    @property
    def is_answering(self) -> bool:
        """Whether a request is there as a whole, and its answer isn't yet."""
        return self.cycle is not None and not self.cycle.more_body and not self.cycle.response_complete

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
        if self.head is not None or (self.cycle is not None and not self.cycle.response_started):
            self.refuse(408, "The request did not arrive in time.")
        elif self.cycle is None or self.cycle.response_complete:
            self.transport.close()
        else:
            self.cycle.keep_alive = False  # the connection's end comes with the answer that is on its way

    def refuse(self, status: int, message: str) -> None:
        """Answer in the application's place, and hang up."""
        answer = error_response(status, message)
        head = [STATUS_LINE[status], *(b"%b: %b\r\n" % header for header in answer.raw_headers)]
        self.transport.write(b"".join([*head, b"connection: close\r\n\r\n", answer.body]))
        self.transport.close()

    def send_400_response(self, msg: str) -> None:
        if self.is_answering:
            # Some may send several requests in a row; they get the first answer, and an end with it. Who waits for
            # nothing could else have memory for ten thousand requests with each piece that is read.
            self.cycle.keep_alive = False
            self.flow.pause_reading()
        else:
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
            http=cast(type[asyncio.Protocol], partial(GuardedProtocol, settings, Door())),
            ws=GuardedWebSocket,
            ws_max_size=settings.max_body_size,
            ws_per_message_deflate=False,
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
