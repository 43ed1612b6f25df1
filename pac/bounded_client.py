"""A connector for aiohttp that limits what a server may send before its answer. It is for servers of others.

Any number of interim responses (``102 Processing``) may come before an answer. aiohttp parses all that it has read in
one go and queues each, so a hostile server could keep the event loop busy and fill the memory.
"""

from functools import partial
from typing import Any, Final

import aiohttp
from aiohttp.client_proto import ResponseHandler

_LARGEST_HEAD: Final = 65536  # bytes before the end of the answer's head, interim responses included
_MOST_INTERIM: Final = 1  # responses before the answer, such as 100 Continue
_PIECE: Final = 4096  # bytes that are parsed at once, so that little is parsed beyond the limit
_SWITCHING_PROTOCOLS: Final = 101


class EndlessHead(aiohttp.ClientError):
    """The server sent too much before its answer."""


class BoundedConnector(aiohttp.TCPConnector):
    """Requests over it fail with ``EndlessHead`` where the answer does not begin in time."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        factory: Any = partial(_BoundedResponseHandler, loop=self._loop)
        self._factory = factory


class _BoundedResponseHandler(ResponseHandler):
    """Counts the bytes and the interim responses before the head of each answer has come."""

    _head_size = 0
    _interim = 0
    _has_head = False

    def set_response_params(self, **params: Any) -> None:
        """Begin to wait for an answer."""
        self._head_size, self._interim, self._has_head = 0, 0, False
        super().set_response_params(**params)

    def data_received(self, data: bytes) -> None:
        while data and not self._has_head:
            piece, data = data[:_PIECE], data[_PIECE:]
            self._head_size += len(piece)
            super().data_received(piece)
            if self._interim > _MOST_INTERIM or (self._head_size > _LARGEST_HEAD and not self._has_head):
                self.abort()
                self.set_exception(EndlessHead())
                return
        if data:
            super().data_received(data)

    def feed_data(self, data: Any, size: int = 0) -> None:
        """Take a response whose head has been parsed."""
        is_interim = data[0].code < 200 and data[0].code != _SWITCHING_PROTOCOLS
        self._interim += is_interim
        self._has_head = not is_interim
        super().feed_data(data, size)
