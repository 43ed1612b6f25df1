"""Every adapter against every fault of the sandbox, over HTTP."""

import asyncio
import logging

import aiohttp
import pytest

from lookup.answers import Found, NotFound
from lookup.providers import build_registry
from pac.failures import Reason, Unavailable
from pac.sandbox.faults import Fault, special_ruc
from pac.sandbox.state import Sandbox
from rules.vocabulary import TaxpayerType
from tests.lookup.conftest import CONTRACTS, question
from tests.pac.conftest import Running

EVERY_ADAPTER = pytest.mark.parametrize("name", CONTRACTS)

REASONS = {
    Fault.BAD_TOKEN: Reason.CREDENTIALS,
    Fault.CERTIFICATE: Reason.CERTIFICATE,
    Fault.PROCESSING: Reason.FAILING,
    Fault.DGI: Reason.UPSTREAM,
    Fault.EXPIRED: Reason.CREDENTIALS,
    Fault.LIMITED: Reason.OVERLOADED,
    Fault.BROKEN: Reason.FAILING,
    Fault.OVERLOADED: Reason.OVERLOADED,
    Fault.DROPPED: Reason.CONNECTION,
    Fault.TRUNCATED: Reason.CONNECTION,
    Fault.MALFORMED: Reason.GARBLED,
    Fault.HUGE: Reason.GARBLED,
    Fault.OTHER: Reason.GARBLED,
}
WITH_ANSWER = {Fault.SLOW, Fault.HANGING, Fault.FLAPPING}


def test_every_fault_has_its_test() -> None:
    assert REASONS.keys() | WITH_ANSWER == set(Fault)


@EVERY_ADAPTER
@pytest.mark.parametrize("fault", REASONS)
@pytest.mark.parametrize("for_all", [False, True], ids=["special RUC", "for all"])
async def test_a_fault_has_its_reason(
    running: Running, session: aiohttp.ClientSession, name: str, fault: Fault, for_all: bool
) -> None:
    registry = build_registry(running.provider(name), session)
    running.sandbox.fault = fault if for_all else None
    with pytest.raises(Unavailable) as caught:
        await registry.ask(question("155596713-2-2015" if for_all else special_ruc(fault)))
    assert caught.value.reason is REASONS[fault]
    assert caught.value.retry_after == (2 if fault in (Fault.LIMITED, Fault.OVERLOADED) else None)


@EVERY_ADAPTER
async def test_a_taxpayer_is_found(running: Running, session: aiohttp.ClientSession, name: str) -> None:
    registry = build_registry(running.provider(name), session)
    assert await registry.ask(question("155596713-2-2015")) == Found("59", "EMPRESA DE EJEMPLO S.A.", True)


@EVERY_ADAPTER
async def test_a_dv_of_one_digit_is_padded(running: Running, session: aiohttp.ClientSession, name: str) -> None:
    registry = build_registry(running.provider(name), session)
    assert await registry.ask(question("82-30-15216")) == Found("04", "NESTLE PANAMA", True)


@EVERY_ADAPTER
async def test_accents_and_ampersands_survive(running: Running, session: aiohttp.ClientSession, name: str) -> None:
    registry = build_registry(running.provider(name), session)
    assert await registry.ask(question("25049890-3-2022")) == Found("54", "FUNDACIÓN DE EJEMPLO NIÑEZ & ARTE", False)


@EVERY_ADAPTER
@pytest.mark.parametrize(
    ("number", "taxpayer_type"),
    [("155596714-2-2015", TaxpayerType.JURIDICAL), ("2-221-78", TaxpayerType.NATURAL)],
    ids=["unknown", "wrong type"],
)
async def test_an_unregistered_ruc_is_not_found(
    running: Running, session: aiohttp.ClientSession, name: str, number: str, taxpayer_type: TaxpayerType
) -> None:
    registry = build_registry(running.provider(name), session)
    assert await registry.ask(question(number, taxpayer_type)) == NotFound()


@EVERY_ADAPTER
@pytest.mark.parametrize("credentials", [{"user": "?"}, {"password": "? & <?"}])
async def test_wrong_credentials_are_refused(
    running: Running, session: aiohttp.ClientSession, name: str, credentials: dict[str, str]
) -> None:
    registry = build_registry(running.provider(name, **credentials), session)
    with pytest.raises(Unavailable) as caught:
        await registry.ask(question("155596713-2-2015"))
    assert caught.value.reason is Reason.CREDENTIALS


@EVERY_ADAPTER
async def test_a_slow_answer_is_an_answer(running: Running, session: aiohttp.ClientSession, name: str) -> None:
    registry = build_registry(running.provider(name), session)
    assert isinstance(await registry.ask(question(special_ruc(Fault.SLOW))), Found)


@EVERY_ADAPTER
async def test_a_flapping_provider_answers_every_other_time(
    running: Running, session: aiohttp.ClientSession, name: str
) -> None:
    registry = build_registry(running.provider(name), session)
    with pytest.raises(Unavailable):
        await registry.ask(question(special_ruc(Fault.FLAPPING)))
    assert isinstance(await registry.ask(question(special_ruc(Fault.FLAPPING))), Found)


@EVERY_ADAPTER
async def test_a_call_can_be_given_up(running: Running, session: aiohttp.ClientSession, name: str) -> None:
    registry = build_registry(running.provider(name), session)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await registry.ask(question(special_ruc(Fault.HANGING)))


@EVERY_ADAPTER
async def test_a_closed_port_is_no_connection(session: aiohttp.ClientSession, name: str) -> None:
    # Port 9 is for discarding; nothing listens there.
    nowhere = Running(Sandbox(), "http://127.0.0.1:9")
    registry = build_registry(nowhere.provider(name), session)
    with pytest.raises(Unavailable) as caught:
        await registry.ask(question("155596713-2-2015"))
    assert caught.value.reason is Reason.CONNECTION


async def test_rest_signs_in_once(running: Running, session: aiohttp.ClientSession) -> None:
    registry = build_registry(running.provider("hka-rest"), session)
    await asyncio.gather(*[registry.ask(question("155596713-2-2015")) for _ in range(10)])
    assert running.sandbox.sign_ins == 1


async def test_rest_signs_in_again_when_its_token_is_refused(running: Running, session: aiohttp.ClientSession) -> None:
    registry = build_registry(running.provider("hka-rest"), session)
    await registry.ask(question("155596713-2-2015"))
    running.sandbox.tokens.clear()
    answers = await asyncio.gather(*[registry.ask(question("155596713-2-2015")) for _ in range(10)])
    assert all(isinstance(answer, Found) for answer in answers)
    assert running.sandbox.sign_ins == 2


async def test_rest_signs_in_again_when_its_token_is_old(
    running: Running, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pac.rest.TOKEN_LIFETIME", -1.0)
    registry = build_registry(running.provider("hka-rest"), session)
    for _ in range(2):
        await registry.ask(question("155596713-2-2015"))
    assert running.sandbox.sign_ins == 2


@EVERY_ADAPTER
@pytest.mark.parametrize("fault", [None, *Fault])
async def test_nothing_secret_is_logged_or_raised(
    running: Running,
    session: aiohttp.ClientSession,
    name: str,
    fault: Fault | None,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    secrets = ("s3cr3t-us3r", "s3cr3t-p4ss")
    running.sandbox.user, running.sandbox.password = secrets
    running.sandbox.fault = fault
    provider = running.provider(name, *secrets)
    words = repr(provider)
    with caplog.at_level(logging.DEBUG):
        try:
            async with asyncio.timeout(0.2):
                await build_registry(provider, session).ask(question("155596713-2-2015"))
        except (Unavailable, TimeoutError) as error:
            words += repr(error) + repr(error.__cause__)
    printed = capsys.readouterr()
    words += caplog.text + printed.out + printed.err
    for secret in (*secrets, *running.sandbox.tokens):
        assert secret not in words
