"""Small servers that answer a method of HKA's services as a test says, and keep what they were asked."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import orjson
from aiohttp import web
from aiohttp.test_utils import TestServer
from defusedxml.ElementTree import fromstring

from pac.providers import SOAP_PATH
from pac.soap import local_name
from tests.pac.hka.messages import enveloped

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Fake:
    """``answers`` are given out in turn, the last one again and again; ``asked`` are method and body of each call."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.asked: list[tuple[str, str]] = []
        self.url = ""

    def will(self, *answers: Answer) -> None:
        self.answers = [*answers]
        self.asked.clear()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = (await request.read()).decode()
        method = request.headers["SOAPAction"].strip('"').rpartition("/")[2]
        self.asked.append((method, body))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return await answer(request)

    @property
    def methods(self) -> list[str]:
        return [method for method, _ in self.asked]

    def members(self) -> list[tuple[str, str]]:
        """Names and texts in the last call, in order, without namespaces."""
        return [(local_name(each), (each.text or "").strip()) for each in fromstring(self.asked[-1][1]).iter()]


def says(method: str, **fields: str | None) -> Answer:
    return with_body(enveloped(method, **fields))


def with_body(body: bytes, status: int = 200) -> Answer:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=body, status=status, content_type="text/xml")

    return answer


async def closes(request: web.Request) -> web.StreamResponse:
    """Close the connection instead of answering."""
    assert request.transport is not None
    request.transport.close()
    return web.Response()


def breaks_off(body: bytes) -> Answer:
    """Send half of the body, then close the connection."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(len(body))})
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
        assert request.transport is not None
        request.transport.close()
        return response

    return answer


async def hangs(_request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(60)
    return web.Response()


class Asked(NamedTuple):
    """A call over REST; ``body`` is None where there is none."""

    http: str
    path: str
    body: Any
    authorization: str | None


class RestFake:
    """``answers`` are given out in turn, the last one again and again; ``asked`` are the calls but for sign-ins.

    Each sign-in is answered with the next token, unless ``signing_in`` says otherwise.
    """

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.asked: list[Asked] = []
        self.sign_ins: list[Any] = []
        self.signing_in: Answer | None = None
        self.url = ""

    def will(self, *answers: Answer) -> None:
        self.answers = [*answers]
        self.asked.clear()

    async def sign_in(self, request: web.Request) -> web.StreamResponse:
        self.sign_ins.append(await request.json())
        if self.signing_in is not None:
            return await self.signing_in(request)
        return web.json_response({"token": self.token})

    @property
    def token(self) -> str:
        return f"head.token-{len(self.sign_ins)}.tail"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        authorization = request.headers.get("Authorization")
        self.asked.append(Asked(request.method, request.path, orjson.loads(body) if body else None, authorization))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return await answer(request)


def says_json(status: int = 200, /, **fields: Any) -> Answer:
    return with_body(orjson.dumps(fields), status)


@asynccontextmanager
async def run_rest_fake() -> AsyncIterator[RestFake]:
    fake = RestFake()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/api/Autenticacion", fake.sign_in)
    app.router.add_route("*", "/api/{method}", fake.answer)
    server = TestServer(app)
    await server.start_server(shutdown_timeout=0.1)
    try:
        fake.url = str(server.make_url("")).rstrip("/")
        yield fake
    finally:
        await server.close()


@asynccontextmanager
async def run_fake() -> AsyncIterator[Fake]:
    fake = Fake()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post(SOAP_PATH, fake.answer)
    server = TestServer(app)
    await server.start_server(shutdown_timeout=0.1)
    try:
        fake.url = str(server.make_url(SOAP_PATH))
        yield fake
    finally:
        await server.close()
