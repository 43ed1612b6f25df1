"""How much a client may send over a WebSocket, before and after it has given a key."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from aiohttp import WSMsgType

from service.settings import Settings
from tests.service.test_server import serving
from transport.websocket import ADMIT, PROTOCOL, GraphQLWebSocket
from transport.websocket_protocol import LimitedConnection

MAX_SIZE = 1_000_000
RECEIVED: list[int] = []  # sizes of the messages that reached the application


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Admits the client at the path /key, and collects the sizes of its messages."""
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    await receive()
    await send({"type": "websocket.accept", "subprotocol": PROTOCOL})
    if scope["path"] == "/key":
        scope["extensions"][ADMIT]()
    while (message := await receive())["type"] == "websocket.receive":
        RECEIVED.append(len(message.get("text") or message.get("bytes") or ""))


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(app, Settings(max_body_size=MAX_SIZE)) as url:
        yield url


@asynccontextmanager
async def connected(url: str, **options: Any) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    RECEIVED.clear()
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, protocols=[PROTOCOL], autoping=False, **options) as socket,
    ):
        yield socket


async def close_code(socket: aiohttp.ClientWebSocketResponse) -> int | None:
    """The code that the server closes with; None if it does not close within a second."""
    try:
        async with asyncio.timeout(1):
            while (await socket.receive()).type not in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.ERROR):
                pass
    except TimeoutError:
        return None
    return socket.close_code


def frame(opcode: int, data: bytes, *, fin: bool = True) -> bytes:
    """A frame as a client sends it, with a mask of zeros."""
    length = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + len(data).to_bytes(2, "big")
    return bytes([0x80 * fin | opcode]) + length + bytes(4) + data


FRAMES = {
    "text": frame(1, b'{"type":"ping"}'),
    "binary": frame(2, b"x"),
    "empty text": frame(1, b""),
    "ping": frame(9, b"x"),
    "pong": frame(10, b""),
    "fragment": frame(0, b"", fin=False),
}


async def send_raw(socket: aiohttp.ClientWebSocketResponse, data: bytes) -> None:
    transport = socket.get_extra_info("socket")
    assert transport is not None
    assert socket._writer.transport is not None
    socket._writer.transport.write(data)


@pytest.mark.parametrize("kind", FRAMES)
@pytest.mark.parametrize(("path", "allowed"), [("/", 8), ("/key", 200)])
async def test_frames_of_every_kind_are_counted(address: str, path: str, allowed: int, kind: str) -> None:
    first = frame(1, b"x", fin=False) if kind == "fragment" else b""
    async with connected(address + path) as socket:
        await asyncio.sleep(0.1)
        await send_raw(socket, first + FRAMES[kind] * (allowed - 1))
        assert await close_code(socket) is None
    async with connected(address + path) as socket:
        await asyncio.sleep(0.1)
        await send_raw(socket, first + FRAMES[kind] * (allowed * 100))
        assert await close_code(socket) == 1008
        assert len(RECEIVED) <= allowed


async def test_without_a_key_a_message_has_at_most_4_kb(address: str) -> None:
    async with connected(address) as socket:
        await socket.send_bytes(b"x" * 4096)
        assert await close_code(socket) is None
        await socket.send_bytes(b"x" * 4097)
        assert await close_code(socket) == 1009
    assert RECEIVED == [4096]


async def test_without_a_key_fragments_together_have_at_most_4_kb(address: str) -> None:
    async with connected(address) as socket:
        await send_raw(socket, frame(1, b"x" * 3000, fin=False) + frame(0, b"x" * 3000))
        assert await close_code(socket) == 1009
    assert RECEIVED == []


async def test_of_a_frame_that_is_too_large_nothing_is_kept(address: str) -> None:
    """The connection ends with the frame's head, before any of its content has come."""
    for path, size in (("/", 5000), ("/key", MAX_SIZE + 1)):
        async with connected(address + path) as socket:
            await asyncio.sleep(0.1)
            await send_raw(socket, b"\x82\xff" + size.to_bytes(8, "big") + bytes(4))
            assert await close_code(socket) == 1009


async def test_with_a_key_a_message_may_be_as_large_as_a_body(address: str) -> None:
    async with connected(f"{address}/key", max_msg_size=0) as socket:
        await asyncio.sleep(0.1)
        await socket.send_bytes(b"x" * MAX_SIZE)
        assert await close_code(socket) is None
        assert RECEIVED == [MAX_SIZE]
        with suppress(ConnectionError):
            for _ in range(5):
                await socket.send_bytes(b"x" * MAX_SIZE)
        assert await close_code(socket) is not None
    assert len(RECEIVED) <= 4


async def test_messages_are_not_compressed(address: str) -> None:
    async with connected(address, compress=15) as socket:
        assert not socket.compress


def test_the_allowance_grows_with_time() -> None:
    def receive(connection: LimitedConnection, count: int) -> bool:
        """Whether so many frames were allowed."""
        connection.receive_data(FRAMES["pong"] * count)
        return connection.parser_exc is None

    def admitted() -> LimitedConnection:
        connection = LimitedConnection(MAX_SIZE, logging.getLogger("test"))
        connection.receive_data(HANDSHAKE)
        [request] = connection.events_received()
        connection.send_response(connection.accept(request))  # type: ignore[arg-type]
        connection.admit(100.0)
        return connection

    connection = admitted()
    assert receive(connection, 200)
    connection.replenish(100.5)
    assert receive(connection, 50)
    connection.replenish(1000.0)
    assert receive(connection, 200)
    connection.replenish(1001.0)
    assert not receive(connection, 101)


HANDSHAKE = (
    b"GET /graphql HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


async def test_other_connections_go_on_between_two_messages() -> None:
    """Messages that have come together are not answered in one go."""
    turns_of_others = 0

    async def others() -> None:
        nonlocal turns_of_others
        while True:
            await asyncio.sleep(0)
            turns_of_others += 1

    messages: list[Any] = [{"type": "websocket.connect"}]
    messages += [{"type": "websocket.receive", "text": json.dumps({"type": "ping"})}] * 100
    messages += [{"type": "websocket.disconnect"}]

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        pass

    task = asyncio.create_task(others())
    scope = {"type": "websocket", "path": "/", "headers": [], "subprotocols": [PROTOCOL]}
    nothing: Any = SimpleNamespace(authenticator=None)
    endpoint = GraphQLWebSocket(nothing, nothing, nothing, nothing, nothing, local_webhooks=False, backdating_days=31)
    await endpoint(scope, receive, send)
    task.cancel()
    assert turns_of_others >= 100
