"""The sandbox's page: what it lists, that its form turns knobs, and that no other site can."""

import re
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from pac.sandbox.knobs import Knobs
from pac.sandbox.page import Page
from pac.sandbox.page_texts import GROUPS
from pac.sandbox.state import Sandbox
from tests.pac.sandbox.conftest import OwnPac
from tests.pac.sandbox.documents import document, numbered


async def show(pac: OwnPac) -> str:
    async with pac.session.get(f"{pac.url}/sandbox") as response:
        assert (response.status, response.content_type) == (200, "text/html")
        assert response.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
        return await response.text()


async def submit(pac: OwnPac, *, origin: str | None = "own", **fields: Any) -> tuple[int, str]:
    headers = {} if origin is None else {"Origin": pac.url if origin == "own" else origin}
    async with pac.session.post(
        f"{pac.url}/sandbox", data={"strict_order": "on", **fields}, headers=headers, allow_redirects=False
    ) as response:
        return response.status, await response.text()


def test_each_knob_has_its_words() -> None:
    named = [name for group in GROUPS.values() for name in group]
    assert sorted(named) == sorted(Knobs.model_fields)


async def test_it_says_that_it_is_a_test_and_lists_documents(pac: OwnPac) -> None:
    page = await show(pac)
    assert "nada de lo que ves aquí tiene valor fiscal" in page
    assert "Todavía no hay documentos" in page
    sent = [await pac.send(numbered(number, letter)) for number, letter in ((1, "a"), (2, "b"))]
    await pac.void()
    page = await show(pac)
    assert page.index("0000-001-0000000002") < page.index("0000-001-0000000001")
    for each in sent:
        link = f'href="https://dgi-fep-test.mef.gob.pa:40001/Consultas/FacturasPorCUFE/{each["cufe"]}"'
        assert link in page
    for words in ("Factura", "999999102-2-2026", "Consumidor final", "B/. 35.68", "Autorizado", "Anulado"):
        assert words in page
    await pac.turn(asynchronous=60)
    await pac.send(numbered(3))
    assert "En espera" in await show(pac)


async def test_each_type_of_document_is_named(pac: OwnPac) -> None:
    sent = await pac.send(document("a"))
    await pac.send(document("e"))
    pac.clock.advance(days=9)
    reference = "datosTransaccion__listaDocsFiscalReferenciados__0__cufeFEReferenciada"
    for code in ("04", "05"):
        answer = await pac.send(document("d", **{reference: sent["cufe"], "datosTransaccion__tipoDocumento": code}))
        assert answer["codigo"] == "200", answer
    named = re.findall(r'<th scope="row" class="number">[0-9-]+<br>([^<]+)</th>', await show(pac))
    assert named == ["Nota de débito", "Nota de crédito", "Factura de exportación", "Factura"]


async def test_what_a_document_says_is_text(pac: OwnPac) -> None:
    foreigner = {"tipoIdentificacion": "99", "nroIdentificacionExtranjero": "<b>&'\""}
    receiver = {"tipoClienteFE": "04", "razonSocial": "Ana", "pais": "PA", **foreigner}
    assert (await pac.send(document("b", datosTransaccion__cliente=receiver)))["codigo"] == "200"
    page = await show(pac)
    assert "&lt;b&gt;&amp;&#x27;&quot;" in page
    assert "<b>" not in page


async def test_its_form_turns_knobs_and_shows_them(pac: OwnPac) -> None:
    fields = {"slow": "2.5", "reject": "2152,1", "duplicate": "203", "pdf_late": "3", "lost": "on", "notice": " "}
    assert (await submit(pac, **fields))[0] == 303
    turned = Knobs(slow=2.5, reject="2152,1", duplicate="203", pdf_late=3, lost=True)
    assert pac.sandbox.knobs == turned
    page = await show(pac)
    words = "Demora: 2.5, Respuesta perdida: sí, Rechazo: 2152,1, Número ocupado: 203, PDF tardío: 3"
    assert f"<strong>{words}</strong>" in page
    for field in ('value="2.5" id="slow"', 'value="2152,1" id="reject"', '<option value="203" selected>'):
        assert field in page
    # A browser that sends what the page shows changes nothing.
    assert (await submit(pac, **{**read_fields(page), "strict_order": "on"}))[0] == 303
    assert pac.sandbox.knobs == turned
    assert (await submit(pac, **fields, **{"todo-bien": "1"}))[0] == 303
    assert pac.sandbox.knobs == Knobs()


def read_fields(page: str) -> dict[str, str]:
    """What a browser would send of the page's form."""
    texts = re.findall(r'<input inputmode="\w+" autocomplete="off" value="([^"]*)" id="\w+" name="(\w+)"', page)
    boxes = re.findall(r'<input type="checkbox" id="\w+" name="(\w+)"[^>]* checked>', page)
    chosen = re.findall(r'<select id="\w+" name="(\w+)".*?<option value="([^"]*)" selected>', page)
    return {**{name: value for value, name in texts}, **dict.fromkeys(boxes, "on"), **dict(chosen)}


@pytest.mark.parametrize(
    "wrong", [{"slow": "<b>"}, {"slow": "-1"}, {"reject": "21"}, {"duplicate": "101"}, {"drop_every": "1.5"}]
)
async def test_a_wrong_value_changes_nothing_and_is_shown_at_its_field(pac: OwnPac, wrong: dict[str, str]) -> None:
    [name] = wrong
    status, page = await submit(pac, lost="on", **wrong)
    assert status == 400
    assert pac.sandbox.knobs == Knobs()
    assert page.count('aria-invalid="true"') == 1
    assert re.search(f'name="{name}" aria-describedby="{name}-hint {name}-error" aria-invalid="true"', page)
    assert "<b>" not in page
    assert 'name="lost" aria-describedby="lost-hint" checked' in page
    assert "No se aplicó nada" in page


@pytest.mark.parametrize("origin", [None, "null", "https://example.com", "http://127.0.0.1:1"])
async def test_no_other_site_turns_knobs(pac: OwnPac, origin: str | None) -> None:
    assert (await submit(pac, origin=origin, lost="on"))[0] == 403
    assert pac.sandbox.knobs == Knobs()


async def test_a_name_that_leads_here_is_not_this_machine(pac: OwnPac) -> None:
    for path in ("/sandbox", "/sandbox/documents"):
        for host, expected in (("example.com", 403), ("localhost", 200), ("127.0.0.1:80", 200), ("[::1]", 200)):
            async with pac.session.get(pac.url + path, headers={"Host": host}) as response:
                assert response.status == expected, host


async def test_other_machines_do_not_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = Sandbox()
    page = Page(sandbox)
    for work in (page.show, page.turn):
        request = make_mocked_request("GET", "/sandbox", headers={"Host": "127.0.0.1"})
        monkeypatch.setattr(type(request), "remote", "192.0.2.7")
        with pytest.raises(web.HTTPForbidden):
            await work(request)
    sandbox.store.close()


async def test_only_the_latest_documents_are_shown(pac: OwnPac, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pac.sandbox.page._MOST_DOCUMENTS", 2)
    for number in (1, 2, 3):
        await pac.send(numbered(number))
    page = await show(pac)
    assert "0000-001-0000000003" in page
    assert "0000-001-0000000001" not in page


async def test_its_style_is_the_one_that_it_allows(pac: OwnPac, session: aiohttp.ClientSession) -> None:
    page = await show(pac)
    assert page.count("<style>") == 1
    assert "style=" not in page
    assert "<script" not in page
