"""The sandbox's own data and command line."""

import asyncio
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

import aiohttp
import pytest
from click.testing import CliRunner
from pydantic import SecretStr

from lookup.answers import Found
from lookup.providers import build_registry
from pac.failures import Reason, Unavailable
from pac.providers import SOAP_PATH, Provider
from pac.sandbox.command import main
from pac.sandbox.faults import Fault, special_ruc
from pac.sandbox.knobs import SPECIAL_RECEIVERS, Knobs, special_receiver
from pac.sandbox.taxpayers import read_taxpayers
from rules import ruc
from rules.vocabulary import TaxpayerType
from tests.lookup.conftest import question

CHECKOUT = Path(__file__).parents[3]


def test_its_taxpayers_have_canonical_rucs_and_right_dvs() -> None:
    for taxpayer in read_taxpayers():
        number = ruc.parse(taxpayer.ruc)
        assert number.canonical == taxpayer.ruc
        assert ruc.compute_dv(number, taxpayer.taxpayer_type) == taxpayer.dv


def test_it_invents_every_person() -> None:
    persons = [taxpayer for taxpayer in read_taxpayers() if taxpayer.taxpayer_type is TaxpayerType.NATURAL]
    assert persons
    assert {person.origin for person in persons} == {"invented"}


def test_special_rucs_are_rucs_of_companies() -> None:
    assert len({ruc.parse(special_ruc(fault)).canonical for fault in Fault}) == len(Fault)


async def test_it_runs_from_the_command_line(session: aiohttp.ClientSession) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "pac.sandbox", "--port", str(port), "--latency", "0.01", "--knob", "slow=1"]
    process = await asyncio.create_subprocess_exec(*command, cwd=CHECKOUT, stdout=DEVNULL, stderr=PIPE)
    url = f"http://127.0.0.1:{port}{SOAP_PATH}"
    provider = Provider("sandbox", url, SecretStr("sandbox"), SecretStr("sandbox"), True)
    registry = build_registry(provider, session)
    try:
        async with asyncio.timeout(20):
            while True:
                try:
                    assert isinstance(await registry.ask(question("82-30-15216")), Found)
                    break
                except Unavailable:
                    await asyncio.sleep(0.1)
        assert isinstance(await registry.ask(question(special_receiver(lost=True))), Found)
        with pytest.raises(Unavailable) as caught:
            await registry.ask(question(special_ruc(Fault.DGI)))
        assert caught.value.reason is Reason.UPSTREAM
    finally:
        process.terminate()
        _, said = await process.communicate()
    assert f"{special_ruc(Fault.HUGE)}  huge".encode() in said
    assert f"{special_receiver(duplicate='203')}  duplicate=203".encode() in said


def test_it_tells_its_knobs() -> None:
    told = CliRunner().invoke(main, ["--list-knobs"]).output
    assert [line.split()[0].replace("-", "_") for line in told.splitlines()] == list(Knobs.model_fields)


@pytest.mark.parametrize(
    ("knob", "said"),
    [
        ("slow=soon", "slow: Input should be a valid number"),
        ("slower", "slower: Extra inputs are not permitted"),
        ("drop-every=-1", "drop_every: Input should be greater than or equal to 0"),
    ],
)
def test_a_wrong_knob_is_refused(knob: str, said: str) -> None:
    refused = CliRunner().invoke(main, ["--knob", knob])
    assert refused.exit_code == 2
    assert said in refused.output


def test_special_receivers_are_companies_and_none_is_special_to_look_ups() -> None:
    assert {ruc.parse(number).canonical for number in SPECIAL_RECEIVERS} == set(SPECIAL_RECEIVERS)
    assert not SPECIAL_RECEIVERS.keys() & {special_ruc(fault) for fault in Fault}
