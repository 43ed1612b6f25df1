"""Registering issuers, turning knobs and seeing documents: for programs on this machine."""

from ipaddress import ip_address
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request
from aiohttp.web import HTTPForbidden

from pac.sandbox.control import Control
from pac.sandbox.knobs import Knobs
from pac.sandbox.state import Sandbox
from tests.pac.sandbox.client import ISSUER
from tests.pac.sandbox.conftest import OwnPac
from tests.pac.sandbox.documents import document, numbered


async def test_registering_an_issuer_again_changes_it_and_keeps_its_documents(pac: OwnPac) -> None:
    await pac.send(document())
    await pac.register()
    await pac.register(points=["001", "007"], tokenPassword="nueva")
    assert (await pac.send(numbered(2)))["codigo"] == "100"
    later = numbered(2, datosTransaccion__puntoFacturacionFiscal="007")
    assert (await pac.send(later, password="nueva"))["codigo"] == "200"
    left = await pac.call("FoliosRestantes", password="nueva")
    assert left["foliosUtilizadosCiclo"] == "2"
    assert len(pac.sandbox.store.list_issuers()) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ruc": "no"}, "ruc"),
        ({"ruc": "9999999999-9999-999999"}, "ruc"),
        ({"dv": "8"}, "dv"),
        ({"taxpayerType": "2"}, "taxpayerType"),
        ({"branches": ["a"]}, "branches.0"),
        ({"points": "001"}, "points"),
        ({"tokenEmpresa": ""}, "tokenEmpresa"),
        ({"other": 1}, "other"),
    ],
)
async def test_a_wrong_issuer_is_told_what_is_wrong(pac: OwnPac, changes: dict[str, Any], field: str) -> None:
    status, text = await pac.post("/sandbox/issuers", **{**ISSUER, **changes})
    assert (status, text.split(":")[0]) == (400, field)


async def test_knobs_are_turned_as_a_whole(pac: OwnPac) -> None:
    await pac.turn(slow=2.5, no_folios=True)
    assert pac.sandbox.knobs == Knobs(slow=2.5, no_folios=True)
    await pac.turn(lost=True)
    assert pac.sandbox.knobs == Knobs(lost=True)


@pytest.mark.parametrize(
    ("knobs", "field"), [({"slower": 1}, "slower"), ({"slow": -1}, "slow"), ({"reject": "all"}, "reject")]
)
async def test_a_wrong_knob_changes_nothing(pac: OwnPac, knobs: dict[str, Any], field: str) -> None:
    status, text = await pac.post("/sandbox/knobs", **knobs)
    assert (status, text.split(":")[0]) == (400, field)
    assert pac.sandbox.knobs == Knobs()


async def test_what_a_web_page_of_another_site_can_send_is_refused(pac: OwnPac) -> None:
    for path in ("/sandbox/issuers", "/sandbox/knobs"):
        async with pac.session.post(pac.url + path, data="{}", headers={"Content-Type": "text/plain"}) as response:
            assert response.status == 415
        async with pac.session.post(pac.url + path, data="{", headers={"Content-Type": "application/json"}) as response:
            assert response.status == 400


@pytest.mark.parametrize("address", ["192.0.2.7", "10.0.0.1", "::ffff:192.0.2.7"])
async def test_other_machines_are_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    assert not ip_address(address).is_loopback
    sandbox = Sandbox()
    control = Control(sandbox)
    for work in (control.save_issuer, control.set_knobs, control.list_documents):
        request = make_mocked_request("POST", "/sandbox")
        monkeypatch.setattr(type(request), "remote", address)
        with pytest.raises(HTTPForbidden):
            await work(request)
    sandbox.store.close()
