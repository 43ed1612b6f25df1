"""Statuses and exceptions of HTTP as reasons why there is no answer."""

import gzip
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from pac import http
from pac.failures import Reason, Unavailable


@asynccontextmanager
async def answering(make: Callable[[], web.Response]) -> AsyncIterator[str]:
    async def answer(request: web.Request) -> web.Response:
        return make()

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app) as server:
        yield str(server.make_url("/"))


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (201, Reason.GARBLED),
        (204, Reason.GARBLED),
        (302, Reason.GARBLED),
        (400, Reason.GARBLED),
        (401, Reason.CREDENTIALS),
        (403, Reason.CREDENTIALS),
        (404, Reason.GARBLED),
        (429, Reason.OVERLOADED),
        (500, Reason.FAILING),
        (502, Reason.FAILING),
        (503, Reason.OVERLOADED),
        (504, Reason.FAILING),
    ],
)
async def test_only_200_is_an_answer(session: aiohttp.ClientSession, status: int, reason: Reason) -> None:
    async with answering(lambda: web.Response(status=status, headers={"Location": "/elsewhere"})) as url:
        with pytest.raises(Unavailable) as caught:
            await http.post(session, url, b"", {})
    assert caught.value.reason is reason


@pytest.mark.parametrize(("size", "fits"), [(http.LARGEST_ANSWER, True), (http.LARGEST_ANSWER + 1, False)])
async def test_an_answer_has_a_largest_size(session: aiohttp.ClientSession, size: int, fits: bool) -> None:
    async with answering(lambda: web.Response(body=b"x" * size)) as url:
        if fits:
            assert len(await http.post(session, url, b"", {})) == size
        else:
            with pytest.raises(Unavailable):
                await http.post(session, url, b"", {})


async def test_a_compressed_answer_stays_so(session: aiohttp.ClientSession) -> None:
    """Nobody asked for one, and what it would become has no bound."""
    body = gzip.compress(b"x" * 10_000_000)
    async with answering(lambda: web.Response(body=body, headers={"Content-Encoding": "gzip"})) as url:
        assert await http.post(session, url, b"", {}) == body


def every(kind: type[BaseException]) -> set[type[BaseException]]:
    return {kind}.union(*[every(child) for child in kind.__subclasses__()])


def test_every_exception_of_aiohttp_has_a_reason() -> None:
    kinds = [kind for kind, _ in http._REASONS]
    client_errors = {kind for kind in every(aiohttp.ClientError) if kind.__module__.startswith("aiohttp")}
    assert len(client_errors) > 20
    for kind in client_errors | {TimeoutError, ConnectionResetError, OSError}:
        assert issubclass(kind, tuple(kinds))


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (aiohttp.ClientConnectorCertificateError, Reason.CERTIFICATE),
        (aiohttp.ClientConnectorSSLError, Reason.CERTIFICATE),
        (aiohttp.ServerTimeoutError, Reason.TIMEOUT),
        (aiohttp.ClientConnectorDNSError, Reason.CONNECTION),
        (aiohttp.ServerDisconnectedError, Reason.CONNECTION),
        (aiohttp.ClientPayloadError, Reason.CONNECTION),
        (aiohttp.ContentTypeError, Reason.GARBLED),
    ],
)
def test_the_first_reason_counts(kind: type[Exception], reason: Reason) -> None:
    assert next(each for base, each in http._REASONS if issubclass(kind, base)) is reason
