"""The HTTP protocol of the server, with limits of memory and time."""

import asyncio
from asyncio.events import TimerHandle
from collections.abc import Mapping
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from transport.errors import error_response

_LARGEST_HEAD: Final = 65536  # bytes
_SLOWEST: Final = 50_000  # bytes a second that a client must take of a response


class LimitedHttpProtocol(HttpToolsProtocol):
    """uvicorn's HTTP with limits of memory and time, which uvicorn leaves to a proxy.

    There are at most ``max_connections``. The head of a request has a largest size. A request must have arrived within
    ``timeout`` seconds, one to a path of ``uploads`` within the seconds that it has there; and its response must be
    taken. A connection has one request at a time.
    """

    def __init__(self, max_connections: int, timeout: float, uploads: Mapping[bytes, float], **given: Any) -> None:
        super().__init__(**given)
        self.max_connections = max_connections
        self.timeout = timeout
        self.uploads = uploads
        self.head: int | None = None  # bytes of the head that is being read
        self.is_arriving = False
        self.deadline: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.pace = _Pace(transport, self.timeout)
        if len(self.connections) > self.max_connections:
            self.refuse(503, "There are too many connections. Try again in a moment.")
        else:
            self.deadline = self.loop.call_later(self.timeout, self.on_deadline)

    def connection_lost(self, exc: Exception | None) -> None:
        self.cancel_deadline()
        self.pace.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.head is not None:
            self.head += len(data)
        was_idle = not self.is_arriving
        if self.head is None or self.head <= _LARGEST_HEAD:
            super().data_received(data)
            if was_idle and self.head is not None:
                self.head = len(data)  # a new request began with this data
        if self.head is not None and self.head > _LARGEST_HEAD:
            self.refuse(431, f"The request line and the headers may have at most {_LARGEST_HEAD} bytes.")
            return
        if self.is_arriving and self.deadline is None:  # seldom: most requests arrive in one piece
            self.deadline = self.loop.call_later(self.timeout, self.on_deadline)

    def on_message_begin(self) -> None:
        if self.is_answering:
            raise ValueError("A request arrived before the response to the previous one.")
        super().on_message_begin()
        if not self.flow.write_paused:  # otherwise the last response is still being taken
            self.pace.begin_anew()
        self.head = 0
        self.is_arriving = True

    @property
    def is_answering(self) -> bool:
        """Whether a request has arrived as a whole and its response is not complete."""
        return self.cycle is not None and not self.cycle.more_body and not self.cycle.response_complete

    def on_headers_complete(self) -> None:
        self.head = None
        super().on_headers_complete()
        if longer := self.uploads.get(self.url.partition(b"?")[0]):
            self.cancel_deadline()
            self.deadline = self.loop.call_later(longer, self.on_deadline)

    def on_message_complete(self) -> None:
        self.is_arriving = False
        self.cancel_deadline()
        super().on_message_complete()

    def cancel_deadline(self) -> None:
        if self.deadline is not None:
            self.deadline.cancel()
            self.deadline = None

    def on_deadline(self) -> None:
        self.deadline = None
        if self.head is not None or (self.cycle is not None and not self.cycle.response_started):
            self.refuse(408, "The request did not arrive in time.")
        elif self.cycle is None or self.cycle.response_complete:
            self.transport.close()
        else:
            self.cycle.keep_alive = False  # the connection ends with the response that is being sent

    def refuse(self, status: int, message: str) -> None:
        """Respond without the application, and close the connection."""
        response = error_response(status, message)
        head = [STATUS_LINE[status], *(b"%b: %b\r\n" % header for header in response.raw_headers)]
        self.transport.write(b"".join([*head, b"connection: close\r\n\r\n", response.body]))
        self.transport.close()

    def send_400_response(self, msg: str) -> None:
        if self.is_answering:
            # A client that sends several requests in a row gets the first response, and then the connection ends.
            # uvicorn would read on, and keep ten thousand requests of one piece of data in memory.
            self.cycle.keep_alive = False
            self.flow.pause_reading()
        else:
            self.refuse(400, msg)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self.pace.start()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self.pace.start()

    def pause_writing(self) -> None:
        super().pause_writing()
        self.pace.start()

    def resume_writing(self) -> None:
        super().resume_writing()
        self.pace.stop()


class _Pace:
    """How fast a client takes a response, while the server waits for it; one that is too slow is disconnected.

    A response is kept until it is taken. The server writes a long one in pieces, so what is left of it to be sent at
    two moments says nothing: only what is taken while nothing is written does.
    """

    def __init__(self, transport: asyncio.Transport, patience: float) -> None:
        self._transport = transport
        self._patience = patience
        self._loop = asyncio.get_running_loop()
        self._since = 0.0
        self._left = 0  # to be sent, at that moment
        self._timer: TimerHandle | None = None
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget how the client took the last response."""
        self.cancel()
        self._waited = 0.0
        self._taken = 0

    def start(self) -> None:
        """The server waits for the client from now on."""
        if self._timer is None:
            self._since, self._left = self._loop.time(), self._transport.get_write_buffer_size()
            self._timer = self._loop.call_later(self._patience, self._look)

    def stop(self) -> None:
        if self._timer is not None:
            self.cancel()
            self._judge()

    def cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        self._judge()
        if self._transport.get_write_buffer_size():  # none after the end
            self.start()

    def _judge(self) -> None:
        self._waited += self._loop.time() - self._since
        self._taken += self._left - self._transport.get_write_buffer_size()
        if self._waited >= self._patience and self._taken < self._waited * _SLOWEST:
            self._transport.abort()
