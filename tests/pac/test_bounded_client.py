"""What a server that is not ours may send before its answer."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import aiohttp
import pytest

from pac import http
from pac.bounded_client import BoundedConnector, EndlessHead
from pac.failures import Reason, Unavailable

INTERIM = b"HTTP/1.1 102 Processing\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbien"


@asynccontextmanager
async def serving(*answers: Sequence[bytes]) -> AsyncIterator[str]:
    """A server whose connections answer their first request with the pieces of the first answer, and so on."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            for answer in answers:
                await reader.readuntil(b"\r\n\r\n")
                for piece in answer:
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0)
            await reader.read()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


@asynccontextmanager
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    timeout = aiohttp.ClientTimeout(total=5)
    async with aiohttp.ClientSession(connector=BoundedConnector(), timeout=timeout) as client:
        yield client


@pytest.mark.parametrize(
    "piece", [INTERIM, INTERIM * 10_000, b"HTTP/1.1 103 Hints\r\nLink: " + b"x" * 8000 + b"\r\n\r\n"]
)
async def test_interim_responses_without_end_end_the_request(piece: bytes) -> None:
    async with serving([piece] * 10_000) as url, session() as client:
        began = time.process_time()
        with pytest.raises(EndlessHead):
            await client.get(url)
        assert time.process_time() - began < 1


async def test_a_head_of_many_small_pieces_has_a_largest_size() -> None:
    async with serving([b"HTTP/1.1 103 Hints\r\n", *[b"a: b\r\n"] * 100_000]) as url, session() as client:
        with pytest.raises(aiohttp.ClientError):
            await client.get(url)


@pytest.mark.parametrize(
    "pieces", [[ANSWER], [INTERIM, ANSWER], [INTERIM + ANSWER], [bytes([byte]) for byte in ANSWER]]
)
async def test_an_answer_after_at_most_one_interim_response_is_taken(pieces: list[bytes]) -> None:
    async with serving(pieces, pieces, pieces) as url, session() as client:
        for _ in range(3):  # over one connection
            async with client.get(url) as response:
                assert await response.read() == b"bien"
        assert len(client.connector._conns) == 1  # type: ignore[union-attr]


async def test_a_large_body_is_taken_whole() -> None:
    body = bytes(range(256)) * 10_000
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    async with serving([head + body]) as url, session() as client, client.get(url) as response:
        assert await response.read() == body


async def test_a_provider_that_never_answers_has_sent_nonsense() -> None:
    async with serving([INTERIM * 100] * 10_000) as url:
        client = http.new_session()
        async with client:
            with pytest.raises(Unavailable) as caught:
                await http.post(client, url, b"", {})
    assert caught.value.reason is Reason.GARBLED
