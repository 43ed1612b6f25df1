"""The WebSocket protocol of the server, with limits of frames and sizes."""

import logging
from typing import Any, Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import ProtocolError
from websockets.frames import CloseCode, Frame
from websockets.server import ServerProtocol

from transport.websocket import ADMIT

_FRAMES_BEFORE_KEY: Final = 8  # of every kind
_MESSAGE_BEFORE_KEY: Final = 4096  # bytes
_FRAMES_PER_SECOND: Final = 100.0  # averaged
_FRAMES_AT_ONCE: Final = 200.0
_BYTES_OF_A_FRAME: Final = 16384  # a larger frame counts as several


class LimitedConnection(ServerProtocol):
    """Counts the frames of a connection while they are parsed, and ends the connection at the first one too many.

    Control frames count like messages, and a fragment like a whole message. Frames behind the last one allowed are
    not parsed, so one read of the socket costs the event loop no more than the frames that are allowed at once.
    """

    def __init__(self, max_size: int, logger: logging.Logger) -> None:
        super().__init__(max_size=min(max_size, _MESSAGE_BEFORE_KEY), logger=logger)
        self._max_size = max_size
        self._allowed = float(_FRAMES_BEFORE_KEY)
        self._counted_at: float | None = None  # None until the client has given a key

    def admit(self, now: float) -> None:
        """Let a client that has given a key send as much as it may from now on."""
        self.max_message_size = self._max_size
        self._allowed, self._counted_at = _FRAMES_AT_ONCE, now

    def replenish(self, now: float) -> None:
        """Allow the frames of the seconds since the last call."""
        if self._counted_at is not None:
            seconds, self._counted_at = now - self._counted_at, now
            self._allowed = min(_FRAMES_AT_ONCE, self._allowed + seconds * _FRAMES_PER_SECOND)

    def recv_frame(self, frame: Frame) -> None:
        self._allowed -= 1 + len(frame.data) // _BYTES_OF_A_FRAME
        if self._allowed < 0:
            self.fail(CloseCode.POLICY_VIOLATION, "Too many messages")
            self.parser_exc = ProtocolError("too many frames")
        else:
            super().recv_frame(frame)


class LimitedWebSocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket with ``LimitedConnection``. The application calls ``scope["extensions"][ADMIT]`` when a
    client has given a key. Messages are never compressed, since a small one can stand for a huge one.
    """

    conn: LimitedConnection

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.conn = LimitedConnection(self.config.ws_max_size, self.logger)

    def data_received(self, data: bytes) -> None:
        self.conn.replenish(self.loop.time())
        super().data_received(data)

    async def run_asgi(self) -> None:
        extensions: dict[str, Any] = self.scope["extensions"]
        extensions[ADMIT] = lambda: self.conn.admit(self.loop.time())
        await super().run_asgi()
