"""The listener and clients that are slow, endless, malformed or too many."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from service.settings import Settings
from tests.service.test_server import serving
from transport.websocket import PROTOCOL

PATIENCE = 1.0
MOST = 8
BIG = b"x" * 30_000_000


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the length of what is sent to it; at /big with a lot, at /stream in pieces, at /slow late."""
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
    elif scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": str(len(message["text"]))})
    else:
        length = 0
        while scope["path"] != "/early":
            message = await receive()
            if message["type"] == "http.disconnect":
                ENDED.append(scope["path"])
                return
            length += len(message["body"])
            if not message["more_body"]:
                break
        if scope["path"] == "/slow":
            await asyncio.sleep(2 * PATIENCE)
        body = BIG if scope["path"] == "/big" else str(length).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(2000 if scope["path"] == "/stream" else 0):
            await send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": True})
        await send({"type": "http.response.body", "body": body})
        ENDED.append(scope["path"])


ENDED: list[str] = []  # requests that the app is done with


class Wire:
    """A connection on which bytes are written and read as they come."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, *lines: str, body: str = "") -> None:
        self.writer.write(("\r\n".join(lines) + body).encode())
        await self.writer.drain()

    async def answer(self) -> tuple[int, dict[str, Any]]:
        """The status and the JSON of an answer after which the connection ends."""
        async with asyncio.timeout(20 * PATIENCE):
            head, _, body = (await self.reader.read()).partition(b"\r\n\r\n")
        assert b"connection: close" in head
        return int(head.split()[1]), json.loads(body)

    async def is_closed(self) -> bool:
        """Whether it ends without a further word."""
        async with asyncio.timeout(20 * PATIENCE):
            try:
                return await self.reader.read() == b""
            except ConnectionError:
                return True


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(app, Settings(request_timeout=PATIENCE, max_connections=MOST)) as url:
        yield url


@pytest.fixture
async def wire(address: str) -> AsyncIterator[Wire]:
    async with connected(address) as made:
        yield made


class connected:
    def __init__(self, address: str) -> None:
        self.address = address

    async def __aenter__(self) -> Wire:
        self.wire = Wire(*await asyncio.open_connection(*urlsplit(self.address).netloc.split(":"), limit=2**10))
        return self.wire

    async def __aexit__(self, *_: Any) -> None:
        self.wire.writer.transport.abort()


def code(answer: dict[str, Any]) -> str:
    (error,) = answer["errors"]
    assert error["message"]
    return str(error["extensions"]["code"])


async def test_a_head_that_never_ends_is_answered_in_time(wire: Wire) -> None:
    await wire.send("GET / HTTP/1.1", "Host: x", "")
    for _ in range(3):
        await asyncio.sleep(PATIENCE / 4)
        await wire.send("x-more: x", "")
    status, answer = await wire.answer()
    assert (status, code(answer)) == (408, "REQUEST_TIMEOUT")


async def test_a_body_that_never_ends_is_answered_in_time_and_the_app_is_told(wire: Wire) -> None:
    ENDED.clear()
    await wire.send("POST /body HTTP/1.1", "Host: x", "Content-Length: 1000", "", "x")
    for _ in range(3):
        await asyncio.sleep(PATIENCE / 4)
        await wire.send("x")
    status, answer = await wire.answer()
    assert (status, code(answer)) == (408, "REQUEST_TIMEOUT")
    await asyncio.sleep(0.1)
    assert ENDED == ["/body"]


async def test_a_body_after_its_answer_has_to_end_too(wire: Wire) -> None:
    await wire.send("POST /early HTTP/1.1", "Host: x", "Content-Length: 1000", "", "x")
    assert (await wire.reader.readline()).startswith(b"HTTP/1.1 200 ")
    async with asyncio.timeout(20 * PATIENCE):
        rest = await wire.reader.read()
    assert b"408" not in rest


async def test_a_connection_on_which_nothing_is_sent_is_closed(wire: Wire) -> None:
    assert await wire.is_closed()


async def test_a_request_that_takes_its_time_in_the_app_is_not_late(wire: Wire) -> None:
    for _ in range(2):
        await wire.send("POST /slow HTTP/1.1", "Host: x", "Content-Length: 2", "", "xx")
        assert (await wire.reader.readuntil(b"0\r\n\r\n")).startswith(b"HTTP/1.1 200 ")


async def test_between_requests_a_client_may_rest(wire: Wire) -> None:
    for _ in range(2):
        await wire.send("GET / HTTP/1.1", "Host: x", "", "")
        assert (await wire.reader.readuntil(b"0\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        await asyncio.sleep(2 * PATIENCE)
    await wire.send("GET / HTTP/1.1", "Host: x")
    status, _ = await wire.answer()
    assert status == 408


@pytest.mark.parametrize(
    "late", [["GET / HTTP/1.1", "Host:"], ["POST /body HTTP/1.1", "Host: x", "Content-Length: 9", "", "x"]]
)
async def test_the_answer_before_a_late_request_is_whole(wire: Wire, late: list[str]) -> None:
    await wire.send("GET /slow HTTP/1.1", "Host: x", "", *late)
    async with asyncio.timeout(20 * PATIENCE):
        rest = await wire.reader.read()
    assert rest.startswith(b"HTTP/1.1 200 ")
    assert rest.endswith(b"0\r\n\r\n")
    assert b"408" not in rest


async def test_a_websocket_is_no_late_request(address: str) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(address, protocols=[PROTOCOL]) as socket,
    ):
        await asyncio.sleep(3 * PATIENCE)
        await socket.send_str("four")
        assert await socket.receive_str() == "4"


@pytest.mark.parametrize("headers", [[], ["Connection: close"]])
@pytest.mark.parametrize("path", ["/big", "/stream"])
async def test_whoever_does_not_take_the_answer_is_cut(wire: Wire, path: str, headers: list[str]) -> None:
    ENDED.clear()
    await wire.send(f"GET {path} HTTP/1.1", "Host: x", *headers, "", "")
    assert (await wire.reader.readline()).startswith(b"HTTP/1.1 200 ")
    await asyncio.sleep(5 * PATIENCE)
    assert [path] == ENDED
    taken = 0
    async with asyncio.timeout(20 * PATIENCE):
        with suppress(ConnectionError):
            while piece := await wire.reader.read(2**20):
                taken += len(piece)
    assert taken < len(BIG) / 2


@pytest.mark.parametrize("path", ["/big", "/stream"])
async def test_a_client_that_takes_a_response_drop_by_drop_is_cut(wire: Wire, path: str) -> None:
    ENDED.clear()
    await wire.send(f"GET {path} HTTP/1.1", "Host: x", "", "")
    async with asyncio.timeout(20 * PATIENCE):
        while [path] != ENDED:
            await wire.reader.read(100)
            await asyncio.sleep(PATIENCE / 10)


async def test_a_client_that_takes_a_long_response_steadily_is_not_cut(wire: Wire) -> None:
    """However full the server's buffer is at each look: what is taken from it is filled up again."""
    ENDED.clear()
    await wire.send("GET /stream HTTP/1.1", "Host: x", "", "")
    for _ in range(40):
        assert await wire.reader.readexactly(500_000)
        await asyncio.sleep(PATIENCE / 10)
    assert ENDED == []  # it was under way all the time
    wire.writer.transport.abort()
    await asyncio.sleep(PATIENCE)  # or it would end in the next test
    assert ENDED == ["/stream"]


async def test_a_client_may_go_away_with_several_requests_under_way(address: str) -> None:
    ENDED.clear()
    async with connected(address) as wire:
        await wire.send(*["GET /slow HTTP/1.1", "Host: x", ""] * 3, "")
        await asyncio.sleep(PATIENCE)
    await asyncio.sleep(3 * PATIENCE)
    assert ENDED == ["/slow"]  # without an error, and no other is begun


async def test_requests_in_a_row_get_the_first_answer_and_an_end(wire: Wire) -> None:
    ENDED.clear()
    await wire.send(*["GET /slow HTTP/1.1", "Host: x", ""] * 5000, "")
    answers = b""
    async with asyncio.timeout(20 * PATIENCE):
        # The kernel may end it with a reset, since requests are left unread.
        with suppress(ConnectionResetError):
            while part := await wire.reader.read(65_536):
                answers += part
    assert (answers.count(b"HTTP/1.1 200 "), answers.count(b"HTTP/1.1")) == (1, 1)
    assert answers.endswith(b"0\r\n\r\n")
    assert ENDED == ["/slow"]


async def test_what_comes_before_the_answer_and_is_no_http_spoils_no_answer(wire: Wire) -> None:
    await wire.send("GET /slow HTTP/1.1", "Host: x", "", "HELLO", "", "")
    async with asyncio.timeout(20 * PATIENCE):
        answers = await wire.reader.read()
    assert (answers.count(b"HTTP/1.1 200 "), answers.count(b"HTTP/1.1")) == (1, 1)
    assert answers.endswith(b"0\r\n\r\n")


@pytest.mark.parametrize("length", [10_000, 65_536, 1_000_000, 2_000_001])
async def test_a_large_body_comes_whole_by_and_by(wire: Wire, length: int) -> None:
    for _ in range(2):
        sending = asyncio.create_task(
            wire.send("POST /body HTTP/1.1", "Host: x", f"Content-Length: {length}", "", body="\r\n" + "x" * length)
        )
        async with asyncio.timeout(20 * PATIENCE):
            answer = await wire.reader.readuntil(b"0\r\n\r\n")
        assert str(length).encode() in answer.split(b"\r\n")
        await sending


async def test_a_body_after_its_answer_is_read_and_the_connection_serves_on(wire: Wire) -> None:
    length = 1_000_000
    await wire.send("POST /early HTTP/1.1", "Host: x", f"Content-Length: {length}", "", body="\r\n" + "x" * length)
    assert (await wire.reader.readuntil(b"0\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
    await wire.send("GET / HTTP/1.1", "Host: x", "", "")
    async with asyncio.timeout(20 * PATIENCE):
        assert (await wire.reader.readuntil(b"0\r\n\r\n")).startswith(b"HTTP/1.1 200 ")


async def test_whoever_takes_the_answer_slowly_gets_it(wire: Wire) -> None:
    await wire.send("GET /big HTTP/1.1", "Host: x", "Connection: close", "", "")
    taken = 0
    while piece := await wire.reader.read(2**20):
        if taken // 3_000_000 != (taken + len(piece)) // 3_000_000:
            await asyncio.sleep(PATIENCE / 2)
        taken += len(piece)
    assert taken > len(BIG)


async def test_what_is_no_http_is_refused_in_json(wire: Wire) -> None:
    await wire.send("HELLO", "", "")
    status, answer = await wire.answer()
    assert (status, code(answer)) == (400, "BAD_REQUEST")


async def test_too_long_a_head_is_refused_in_json(wire: Wire) -> None:
    start = "GET / HTTP/1.1\r\nx-long: "
    await wire.send(body=start)
    # One byte too many. Bytes that the server had not read would reset the connection, perhaps before its answer.
    await wire.send(body="x" * (65_537 - len(start)))
    status, answer = await wire.answer()
    assert (status, code(answer)) == (431, "HEADERS_TOO_LARGE")


async def test_connections_that_are_too_many_are_told_to_come_again(address: str) -> None:
    @contextmanager
    def kept(wires: list[Any]) -> Iterator[None]:
        try:
            yield
        finally:
            for each in wires:
                each.writer.transport.abort()

    wires: list[Wire] = []
    with kept(wires):
        for _ in range(MOST):
            wires.append(await connected(address).__aenter__())
            await wires[-1].send("GET / HTTP/1.1", "Host: x", "", "")
            assert (await wires[-1].reader.readuntil(b"0\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        async with connected(address) as another:
            status, answer = await another.answer()
            assert (status, code(answer)) == (503, "UNAVAILABLE")
        await wires[0].send("GET / HTTP/1.1", "Host: x", "", "")
        assert (await wires[0].reader.readuntil(b"0\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
    await asyncio.sleep(0.1)
    async with connected(address) as another:
        await another.send("GET / HTTP/1.1", "Host: x", "", "")
        assert (await another.reader.readline()).startswith(b"HTTP/1.1 200 ")
