"""What was answered holds: after a restart, after ``kill -9``, and for several processes."""

import asyncio
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import aiohttp

from pac.sandbox.container import write_instant
from pac.sandbox.server import run_sandbox
from pac.sandbox.state import Sandbox
from pac.sandbox.storage import Store
from tests.conftest import CHECKOUT
from tests.pac.sandbox.client import Pac
from tests.pac.sandbox.conftest import Clock, OwnPac
from tests.pac.sandbox.documents import document, numbered


async def test_all_is_there_after_a_restart(pac: OwnPac, file: Path) -> None:
    sent = await pac.send(document())
    await pac.turn(pdf_late=2)
    await pac.ask("DescargaPDF")
    await pac.void()
    await pac.turn(dgi_late=60)
    await pac.send(numbered(2))
    before, issuers = await pac.documents(), pac.sandbox.store.list_issuers()
    clock = Clock()
    async with run_sandbox(Sandbox(store=Store(file), clock=clock, random=Random(1))) as url:
        again = Pac(url, pac.session)
        assert await again.documents() == before
        assert (await again.send(document()))["codigo"] == "102"
        found = await again.ask()
        assert (found["cufe"], found["estatusDocumento"]) == (sent["cufe"], "Anulada")
        assert (await again.ask(numeroDocumentoFiscal="0000000002"))["codigo"] == "102"
        clock.advance(seconds=60)
        assert (await again.ask(numeroDocumentoFiscal="0000000002"))["codigo"] == "200"
    store = Store(file)
    assert store.list_issuers() == issuers
    store.close()


@asynccontextmanager
async def process(file: Path, port: int, *options: str) -> AsyncIterator[asyncio.subprocess.Process]:
    command = [sys.executable, "-m", "pac.sandbox", "--port", str(port), "--file", str(file), *options]
    running = await asyncio.create_subprocess_exec(*command, cwd=CHECKOUT, stdout=DEVNULL, stderr=PIPE)
    try:
        yield running
    finally:
        with suppress(ProcessLookupError):
            running.kill()
        await running.communicate()


async def answering(pac: Pac) -> None:
    async with asyncio.timeout(30):
        while True:
            with suppress(aiohttp.ClientConnectionError):
                await pac.documents()
                return
            await asyncio.sleep(0.05)


async def test_what_was_answered_is_there_after_kill_9(file: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    today = write_instant(datetime.now(UTC))
    answered: list[tuple[str, str]] = []
    async with aiohttp.ClientSession() as session:
        pac = Pac(f"http://127.0.0.1:{port}", session)
        async with process(file, port, "--seed", "1") as running:
            await answering(pac)
            await pac.register()
            with suppress(aiohttp.ClientError):
                for number in range(1, 10_000):
                    answer = await pac.send(numbered(number, datosTransaccion__fechaEmision=today))
                    answered.append((f"0000-001-{number:010d}-01-01", answer["cufe"]))
                    if number == 20:
                        asyncio.get_running_loop().call_later(0.003, running.kill)
        assert len(answered) >= 20
        async with process(file, port):
            await answering(pac)
            documents = await pac.documents()
    there = {(each["key"], each["cufe"]) for each in documents}
    assert there >= set(answered)
    assert len(there) <= len(answered) + 1  # the last answer may have been lost


async def test_two_processes_may_share_a_file(pac: OwnPac, file: Path) -> None:
    async with run_sandbox(Sandbox(store=Store(file), clock=pac.clock)) as url:
        other = Pac(url, pac.session)
        for number in range(1, 11):
            answers = await asyncio.gather(*[each.send(numbered(number)) for each in (pac, other)])
            assert sorted(answer["codigo"] for answer in answers) == ["102", "200"]
        assert await other.documents() == await pac.documents()
    store = Store(file)
    assert [issuer.folios_used for issuer in store.list_issuers()] == [10]
    store.close()
