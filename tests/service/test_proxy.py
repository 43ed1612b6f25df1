"""Istmo behind nginx with docker/nginx.conf."""

import asyncio
import io
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bench.proxy import NGINX, run_nginx, write_configuration
from tests.conftest import skip_or_fail
from tests.service.test_server import VIEWER, Site
from tests.transport.test_rate_limit import key, site_with
from transport.websocket import PROTOCOL

__all__ = ["key"]


@pytest.fixture(scope="module", autouse=True)
def nginx() -> None:
    if NGINX is None:
        skip_or_fail("nginx is not installed (apt-get install nginx-light)")


@pytest.fixture
async def proxied(database_url: str, key: str) -> AsyncIterator[Site]:
    async with site_with(database_url, key, profile="production") as site:
        with run_nginx(site.url.removeprefix("http://")) as url:
            yield Site(url, site.app, site.session, key)


async def open_websocket(site: Site, stack: AsyncExitStack) -> aiohttp.ClientWebSocketResponse:
    return await stack.enter_async_context(site.session.ws_connect(f"{site.url}/graphql", protocols=[PROTOCOL]))


def test_nginx_finds_no_fault_with_the_configuration(tmp_path: Path) -> None:
    checked = subprocess.run([*write_configuration(tmp_path, "127.0.0.1:8000", 8080), "-t"], capture_output=True)
    assert checked.returncode == 0, checked.stderr.decode()
    assert b"warn" not in checked.stderr


async def test_requests_and_websockets_pass(proxied: Site) -> None:
    reply = await proxied.post(VIEWER)
    assert (reply.status, list(reply.json["data"])) == (200, ["viewer"])
    async with AsyncExitStack() as stack:
        socket = await open_websocket(proxied, stack)
        await socket.send_json({"type": "connection_init", "payload": {"Authorization": f"Bearer {proxied.key}"}})
        assert await socket.receive_json() == {"type": "connection_ack"}
        await socket.send_json({"type": "subscribe", "id": "1", "payload": {"query": VIEWER}})
        answer: Any = await socket.receive_json()
        assert (answer["type"], answer["payload"]["data"]) == ("next", reply.json["data"])


async def test_istmo_learns_the_clients_address_and_scheme_from_nginx(proxied: Site) -> None:
    """A client cannot name another address: wrong keys count for the real one."""
    for number in range(202):  # a new minute may begin in between
        headers = {"X-Forwarded-For": f"192.0.2.{number}", "Authorization": f"Bearer istmo_{number:022}{43 * 'x'}"}
        reply = await proxied.request("POST", json={"query": VIEWER}, headers=headers)
        if reply.status != 401:
            break
    assert (reply.status, reply.codes) == (429, ["RATE_LIMITED"])


async def test_a_body_that_is_too_large_is_refused_in_json(proxied: Site) -> None:
    reply = await proxied.request(
        "POST", data=io.BytesIO(b" " * 2_000_000), headers={"Content-Type": "application/json"}
    )
    assert (reply.status, reply.codes) == (413, ["PAYLOAD_TOO_LARGE"])


async def test_an_address_has_so_many_requests_in_progress(proxied: Site) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(64):
            await open_websocket(proxied, stack)
        reply = await proxied.get("/healthz")
        assert (reply.status, reply.codes, reply.headers["Retry-After"]) == (429, ["RATE_LIMITED"], "1")


async def test_without_istmo_the_answer_is_json(tmp_path: Path) -> None:
    with run_nginx("127.0.0.1:1") as url:
        async with aiohttp.ClientSession() as session, session.post(f"{url}/graphql") as response:
            answer = await response.json()
    assert (response.status, response.headers["Retry-After"]) == (503, "2")
    assert answer["errors"][0]["extensions"] == {"code": "UNAVAILABLE"}


async def test_a_request_reaches_istmo_when_all_of_it_has_arrived() -> None:
    reached = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.set()
        await reader.readuntil(b"{}")
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        with run_nginx(f"127.0.0.1:{server.sockets[0].getsockname()[1]}") as url:
            reader, writer = await asyncio.open_connection(*url.removeprefix("http://").split(":"))
            writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{")
            await asyncio.sleep(0.3)
            assert not reached.is_set()
            writer.write(b"}")
            assert (await reader.readline()).startswith(b"HTTP/1.1 204 ")
            writer.close()
