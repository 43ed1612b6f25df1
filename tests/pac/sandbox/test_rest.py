"""The sandbox over REST: signing in, and requests as no adapter of ours would send them."""

import json
from typing import Any

import pytest

from pac.hka import walk
from tests.pac.sandbox.client import ISSUER, KEY
from tests.pac.sandbox.conftest import OwnPac
from tests.pac.sandbox.documents import document

CREDENTIALS = {"usuario": ISSUER["tokenEmpresa"], "clave": ISSUER["tokenPassword"]}


async def sign_in(pac: OwnPac) -> str:
    status, text = await pac.post("/api/Autenticacion", **CREDENTIALS)
    assert status == 200
    token: str = json.loads(text)["token"]
    return token


async def ask(pac: OwnPac, token: str, method: str, body: Any = None, http: str = "POST") -> tuple[int, Any]:
    data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    async with pac.session.request(http, f"{pac.url}/api/{method}", data=data, headers=headers) as response:
        text = await response.text()
        return response.status, json.loads(text) if response.content_type == "application/json" and text else text


async def test_an_issuer_signs_in_with_its_credentials_for_an_hour(pac: OwnPac) -> None:
    assert (await pac.post("/api/Autenticacion", usuario="empresa", clave="otra"))[0] == 401
    token = await sign_in(pac)
    folios = await ask(pac, token, "FoliosRestantes", http="GET")
    assert (folios[0], folios[1]["foliosUtilizadosCiclo"]) == (200, "0")
    pac.clock.advance(minutes=59)
    assert (await ask(pac, token, "FoliosRestantes", http="GET"))[0] == 200
    pac.clock.advance(minutes=1)
    assert (await ask(pac, token, "FoliosRestantes", http="GET"))[0] == 401
    assert (await ask(pac, "", "FoliosRestantes", http="GET"))[0] == 401


async def test_credentials_that_were_replaced_end_a_token(pac: OwnPac) -> None:
    token = await sign_in(pac)
    await pac.register(tokenPassword="nueva")
    assert (await ask(pac, token, "FoliosRestantes", http="GET"))[0] == 401


async def test_a_document_sent_over_rest_is_found_over_soap_and_the_other_way_round(pac: OwnPac) -> None:
    token = await sign_in(pac)
    sent = await ask(pac, token, "Enviar", walk.write_json(document()))
    assert (sent[0], sent[1]["codigo"]) == (200, "200")
    assert (await pac.ask())["cufe"] == sent[1]["cufe"]
    assert (await pac.send(document()))["codigo"] == "102"
    key = {name: value for name, value in KEY.items() if name != "tipoEmision"}
    assert (await ask(pac, token, "EstadoDocumento", key))[1]["cufe"] == sent[1]["cufe"]


@pytest.mark.parametrize("method", ["Enviar", "EstadoDocumento", "Anulacion", "Descarga"])
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
async def test_what_is_no_object_is_400(pac: OwnPac, method: str, body: bytes) -> None:
    assert (await ask(pac, await sign_in(pac), method, body))[0] == 400


@pytest.mark.parametrize("change", [{"listaItems": {}}, {"datosTransaccion": 1}, {"codigoSucursalEmisor": 0}])
async def test_a_document_with_a_value_of_another_kind_is_400(pac: OwnPac, change: dict[str, Any]) -> None:
    body = {"documento": {**document(), **change}}
    assert (await ask(pac, await sign_in(pac), "Enviar", body))[0] == 400
    assert await pac.documents() == []


async def test_a_key_that_is_not_complete_is_named(pac: OwnPac) -> None:
    status, answer = await ask(pac, await sign_in(pac), "EstadoDocumento", {"codigoSucursalEmisor": "0000"})
    assert (status, answer["codigo"]) == (200, "109")
    assert answer["mensaje"] == "El campo [numeroDocumentoFiscal] debe ser informado"


@pytest.mark.parametrize(("knob", "status"), [("http_500", 500), ("http_502", 502), ("bad_token", 401)])
async def test_what_is_turned_on_for_every_method_is_so_over_rest(pac: OwnPac, knob: str, status: int) -> None:
    cufe = (await pac.send(document()))["cufe"]
    token = await sign_in(pac)
    await pac.turn(**{knob: True})
    bodies: dict[str, Any] = {
        "Enviar": {"documento": document()},
        "EstadoDocumento": KEY,
        "Anulacion": {"motivoAnulacion": "La venta no se concretó", "datosDocumento": KEY},
        "Descarga": {"cufe": cufe, "tipoArchivo": "pdf"},
        "EnvioCorreo": {"cufe": cufe, "correos": ["ana@example.com"]},
    }
    for method, body in bodies.items():
        assert (await ask(pac, token, method, body))[0] == status, method
    assert (await ask(pac, token, "FoliosRestantes", http="GET"))[0] == status
    assert [each["status"] for each in await pac.documents()] == ["AUTHORIZED"]


async def test_what_goes_wrong_with_a_file_is_told_in_other_spellings(pac: OwnPac) -> None:
    cufe = (await pac.send(document()))["cufe"]
    token = await sign_in(pac)
    assert "archivo" in (await ask(pac, token, "Descarga", {"cufe": cufe, "tipoArchivo": "xml"}))[1]
    wrong = await ask(pac, token, "Descarga", {"cufe": cufe[:-1], "tipoArchivo": "xml"})
    assert wrong == (200, {"Codigo": 102, "Resultado": "error", "Mensaje": "El documento no existe"})
    assert (await ask(pac, token, "Descarga", {"cufe": cufe, "tipoArchivo": "doc"}))[0] == 400
    assert (await ask(pac, token, "Descarga", {"cufe": cufe}))[0] == 400
