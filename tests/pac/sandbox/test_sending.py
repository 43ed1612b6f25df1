"""Enviar: what is authorised, and the order of the checks."""

import asyncio
import base64
import hashlib
import hmac
import json
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from defusedxml.ElementTree import fromstring
from pypdf import PdfReader

from pac.hka import walk
from pac.soap import local_name
from rules.fiscal import cufe
from tests.pac.sandbox.conftest import OwnPac
from tests.pac.sandbox.documents import document, numbered

T, C, L, S = "datosTransaccion", "datosTransaccion__cliente", "listaItems__1", "totalesSubTotales"
PREFIX = "FE0120000999999101-2-2026-810000202611230000000001001012"  # of the vectors


async def folios_used(pac: OwnPac) -> int:
    return int((await pac.call("FoliosRestantes"))["foliosUtilizadosCiclo"])


async def test_a_right_document_is_authorised(pac: OwnPac) -> None:
    answer = await pac.send(document("a"))
    assert (answer["codigo"], answer["resultado"]) == ("200", "procesado")
    assert cufe.is_ours(answer["cufe"], PREFIX)
    assert answer["nroProtocoloAutorizacion"] == "20260000000000000001"
    assert answer["fechaRecepcionDGI"] == "2026-11-23T10:15:03-05:00"
    [listed] = await pac.documents()
    assert listed == {
        "issuer": "empresa",
        "key": "0000-001-0000000001-01-01",
        "cufe": answer["cufe"],
        "status": "AUTHORIZED",
        "total": "35.68",
        "receiver": "999999102-2-2026",
        "sends": 1,
        "mails": [],
    }


async def test_the_security_code_follows_the_seed(pac: OwnPac) -> None:
    assert (await pac.send(document("a")))["cufe"][56:65] == "144272510"


async def test_the_qr_is_of_the_test_host_and_signed_with_a_public_word(pac: OwnPac) -> None:
    answer = await pac.send(document("a"))
    address = urlsplit(answer["qr"])
    assert address.hostname == "dgi-fep-test.mef.gob.pa"
    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert (query["chFE"], query["iAmb"]) == (answer["cufe"], "2")
    assert len(base64.b64decode(query["digestValue"])) == hashlib.sha256().digest_size
    head, claims, signature = query["jwt"].split(".")
    expected = hmac.digest(b"sandbox", f"{head}.{claims}".encode(), "sha256")
    assert base64.urlsafe_b64decode(signature + "=") == expected
    claimed = json.loads(base64.urlsafe_b64decode(claims + "=="))
    assert claimed == {name: query[name] for name in ("chFE", "iAmb", "digestValue")}


async def test_the_xml_has_the_document_and_its_authorisation(pac: OwnPac) -> None:
    answer = await pac.send(document("a"))
    downloaded = base64.b64decode((await pac.ask("DescargaXML"))["documento"])
    assert b"DOCUMENTO DE PRUEBA SIN VALOR FISCAL" in downloaded
    root = fromstring(downloaded)
    texts = [(local_name(each), each.text) for each in root.iter()]
    assert root.tag == "{http://dgi-fep.mef.gob.pa/wsdl/FeRecepFE}rContFe"
    for expected in (
        ("dId", answer["cufe"]),
        ("dQRCode", answer["qr"]),
        ("dProtAut", answer["nroProtocoloAutorizacion"]),
        ("dVTot", "35.68"),
        ("dRuc", "999999102-2-2026"),
        ("dNombRec", "Ejemplo & Hijos, S.A."),
        ("iAmb", "2"),
        ("dFecItPlazo", "2027-01-22T00:00:00-05:00"),
    ):
        assert expected in texts
    assert [name for name, _ in texts].count("gItem") == 2
    assert all(text or name[0] in "rgx" for name, text in texts), "what is empty is left out"


async def test_the_pdf_says_that_it_is_a_test(pac: OwnPac) -> None:
    answer = await pac.send(document("a"))
    pdf = base64.b64decode((await pac.ask("DescargaPDF"))["documento"])
    [page] = PdfReader(BytesIO(pdf), strict=True).pages
    text = page.extract_text()
    assert text.startswith("DOCUMENTO DE PRUEBA SIN VALOR FISCAL\n")
    assert "punto 001, número 0000000001\n" in text
    assert answer["cufe"] in text.replace("\n", "")


# In their order: code and beginning of the message, and by which change or knob a document fails the check. The key is
# taken, and the tax of an item is wrong in each of them.
Check = tuple[str, str, dict[str, Any], dict[str, bool]]
CHECKS: list[Check] = [
    ("109", "El campo [codigoSucursalEmisor] es inválido", {"codigoSucursalEmisor": "0009"}, {}),
    ("109", "El campo [puntoFacturacionFiscal] es inválido", {f"{T}__puntoFacturacionFiscal": "009"}, {}),
    ("201", "Error al procesar solicitud.", {f"{C}__tipoClienteFE": "04"}, {}),
    ("109", "En la ocurrencia [2] de Item: El campo [precioItem] debe", {f"{L}__precioItem": None}, {}),
    ("101", "Error en el certificado: ha vencido", {}, {"certificate_expired": True}),
    ("119", "No hay folios disponibles", {}, {"no_folios": True}),
    ("102", "Documento duplicado", {}, {}),
]


@pytest.mark.parametrize("place", range(len(CHECKS)))
async def test_the_first_check_that_fails_answers(pac: OwnPac, place: int) -> None:
    """The document of a case also fails all checks after it."""
    await pac.send(document("a"))
    changes: dict[str, Any] = {f"{L}__valorITBMS": "9.99"}
    knobs: dict[str, bool] = {}
    for _, _, change, knob in CHECKS[place:]:
        changes |= change
        knobs |= knob
    await pac.turn(**knobs)
    answer = await pac.send(document("a", **changes))
    code, message, _, _ = CHECKS[place]
    assert (answer["codigo"], answer["mensaje"][: len(message)]) == (code, message)
    assert (answer["resultado"], answer["cufe"]) == ("error", "")
    assert await folios_used(pac) == 1


async def test_tokens_are_checked_first(pac: OwnPac) -> None:
    for tokens in ({"password": "otra"}, {"user": "otra"}):
        answer = await pac.send(document("a", codigoSucursalEmisor=None), **tokens)
        assert (answer["codigo"], answer["mensaje"]) == ("100", "Token inválido")
    for method in ("EstadoDocumento", "AnulacionDocumento", "DescargaXML", "DescargaPDF", "FoliosRestantes"):
        assert (await pac.call(method, password="otra"))["codigo"] == "100"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({f"{L}__unidadMedida": "x" * 21}, "En la ocurrencia [2] de Item: El campo [unidadMedida] es inválido"),
        ({f"{C}__direccion": None}, "El campo [direccion] debe ser informado"),
        ({f"{S}__totalISC": "0.00"}, "El campo [totalISC] no debe ser informado"),
        ({f"{S}__totalFactura": "35.6"}, "El campo [totalFactura] es inválido"),
        ({f"{T}__fechaEmision": "2026-11-23T10:15:00Z"}, "El campo [fechaEmision] es inválido"),
        ({f"{T}__fechaEmision": "2026-04-31T10:15:00-05:00"}, "El campo [fechaEmision] es inválido"),
        (
            {f"{S}__listaPagoPlazo__1__fechaVenceCuota": "2027-01-22T24:61:00-05:00"},
            "El campo [fechaVenceCuota] es inválido",
        ),
        ({S: None}, "El campo [totalesSubTotales] debe ser informado"),
    ],
)
async def test_a_wrong_member_is_named(pac: OwnPac, changes: dict[str, Any], message: str) -> None:
    answer = await pac.send(document("a", **changes))
    assert (answer["codigo"], answer["mensaje"]) == ("109", message)


async def test_without_a_document_a_member_is_missing(pac: OwnPac) -> None:
    assert (await pac.call("Enviar"))["codigo"] == "109"


async def test_all_broken_rules_are_told_at_once(pac: OwnPac) -> None:
    wrong = {f"{L}__valorITBMS": "2.13", f"{C}__provincia": "COLON"}
    answer = await pac.send(document("a", **wrong))
    assert answer["codigo"] == "203"
    assert [each[:4] for each in answer["mensaje"].split(" | ")] == ["1609", "2056", "2152", "2501", "2503"]
    assert "2152-Item 2: " in answer["mensaje"]


async def test_a_notice_alone_does_not_reject(pac: OwnPac) -> None:
    answer = await pac.send(document("a", **{f"{T}__fechaEmision": "2026-10-20T10:15:00-05:00"}))
    assert answer["codigo"] == "200"
    assert answer["mensaje"].endswith(" | 1519-Fecha de emisión muy antigua")


async def test_a_rejected_number_is_not_burnt(pac: OwnPac) -> None:
    assert (await pac.send(document("a", **{f"{C}__provincia": "COLON"})))["codigo"] == "203"
    assert (await pac.send(document("a")))["codigo"] == "200"
    assert [each["sends"] for each in await pac.documents()] == [2]
    assert await folios_used(pac) == 1


async def test_of_two_sends_of_a_key_at_the_same_time_one_is_authorised(pac: OwnPac) -> None:
    for number in range(1, 6):
        answers = await asyncio.gather(*[pac.send(numbered(number)) for _ in range(4)])
        assert sorted(answer["codigo"] for answer in answers) == ["102", "102", "102", "200"]
    assert [each["sends"] for each in await pac.documents()] == [4] * 5
    assert await folios_used(pac) == 5


async def test_the_parts_of_the_key_make_different_documents(pac: OwnPac) -> None:
    changes: list[dict[str, Any]] = [{}, {f"{T}__puntoFacturacionFiscal": "002"}]
    changes += [{f"{T}__numeroDocumentoFiscal": "0000000002"}]
    await pac.register(branches=["0000", "0001"])
    changes += [{"codigoSucursalEmisor": "0001"}]
    cufes = {(await pac.send(document("a", **each)))["cufe"] for each in changes}
    assert len(cufes - {""}) == len(changes)


async def test_the_last_folio_can_be_used(pac: OwnPac) -> None:
    await pac.register(folios=2)
    assert [(await pac.send(numbered(number)))["codigo"] for number in range(1, 4)] == ["200", "200", "119"]
    left = await pac.call("FoliosRestantes")
    assert (left["foliosUtilizadosCiclo"], left["foliosDisponibleCiclo"]) == ("2", "0")


async def test_members_out_of_order_are_dropped_unless_the_knob_says_otherwise(pac: OwnPac) -> None:
    written = walk.write(document("a")).decode()
    branch = "<ser:codigoSucursalEmisor>0000</ser:codigoSucursalEmisor>"
    moved = written.replace(branch, "").replace("</ser:datosTransaccion>", f"</ser:datosTransaccion>{branch}")
    net = "<ser:precioItem>30.00</ser:precioItem>"
    late = written.replace(net, "").replace("<ser:valorITBMS>2.10", f"{net}<ser:valorITBMS>2.10")
    dropped = await pac.call("Enviar", moved)
    assert (dropped["codigo"], dropped["mensaje"]) == ("109", "El campo [codigoSucursalEmisor] debe ser informado")
    dropped = await pac.call("Enviar", late)
    assert dropped["mensaje"] == "En la ocurrencia [2] de Item: El campo [precioItem] debe ser informado"
    await pac.turn(strict_order=False)
    assert (await pac.call("Enviar", moved))["codigo"] == "200"
    assert (await pac.call("Enviar", late.replace("0000000001", "0000000002")))["codigo"] == "200"


async def test_a_request_that_is_none_is_a_client_error(pac: OwnPac) -> None:
    for body in (b"", b"<", b"{}", b"<a/>", b'<!DOCTYPE a [<!ENTITY b "c">]><a><Body>&b;</Body></a>'):
        async with pac.session.post(f"{pac.url}/ws/obj/v1.0/Service.svc", data=body) as response:
            assert response.status == 400
    status, text = await pac.call_raw("Inventado", "")
    assert status == 500
    assert "Fault" in text
