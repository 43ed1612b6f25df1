"""Mails that a provider is asked to send."""

import json

import pytest

from tests.pac.sandbox.client import KEY
from tests.pac.sandbox.conftest import OwnPac
from tests.pac.sandbox.documents import document
from tests.pac.sandbox.test_rest import ask, sign_in

ADDRESS = "compras@example.com"


async def mail(pac: OwnPac, address: str = ADDRESS, **changes: str) -> dict[str, str]:
    members = "".join(f"<ser:{name}>{value}</ser:{name}>" for name, value in {**KEY, **changes}.items())
    key = f"<tem:datosDocumento>{members}</tem:datosDocumento>"
    return await pac.call("EnvioCorreo", f"{key}<tem:correo>{address}</tem:correo>")


async def track(pac: OwnPac, cufe: str) -> str:
    tokens = "<tem:tokenEmpresa>empresa</tem:tokenEmpresa><tem:tokenPassword>clave</tem:tokenPassword>"
    return (await pac.call_raw("RastreoCorreo", f"{tokens}<tem:cufe>{cufe}</tem:cufe>"))[1]


async def test_mails_are_noted_and_tracked_in_either_contract(pac: OwnPac) -> None:
    cufe = (await pac.send(document()))["cufe"]
    assert (await mail(pac))["codigo"] == "200"
    pac.clock.advance(minutes=1)
    body = {"cufe": cufe, "correos": ["uno@example.com", "dos@example.com"]}
    assert (await ask(pac, await sign_in(pac), "EnvioCorreo", body))[1]["codigo"] == "200"
    assert [each["mails"] for each in await pac.documents()] == [[ADDRESS, "uno@example.com", "dos@example.com"]]
    told = await track(pac, cufe)
    assert told.count("<a:listTracking>") == 3
    assert f"<a:correo>{ADDRESS}</a:correo>\n<a:creado_en>2026-11-23 10:15:03</a:creado_en>" in told
    assert "<a:estado>enviado</a:estado>\n<a:messageId>3@sandbox</a:messageId>" in told


@pytest.mark.parametrize("address", ["", "nadie", "a@b", "ñandú@example.com", "x" * 40 + "@example.com"])
async def test_an_address_that_the_contract_does_not_take_is_refused(pac: OwnPac, address: str) -> None:
    await pac.send(document())
    refused = await mail(pac, address)
    word = "es inválido" if address else "debe ser informado"
    assert (refused["codigo"], refused["mensaje"]) == ("109", f"El campo [correo] {word}")
    assert [each["mails"] for each in await pac.documents()] == [[]]


async def test_of_several_addresses_one_that_is_wrong_refuses_all(pac: OwnPac) -> None:
    cufe = (await pac.send(document()))["cufe"]
    token = await sign_in(pac)
    refused = await ask(pac, token, "EnvioCorreo", {"cufe": cufe, "correos": [ADDRESS, "nadie"]})
    assert refused[1]["codigo"] == "109"
    for correos in (None, "x", [1]):
        body = {"cufe": cufe, **({"correos": correos} if correos is not None else {})}
        status, answer = await ask(pac, token, "EnvioCorreo", json.loads(json.dumps(body)))
        assert status == 400 or answer["codigo"] == "109"
    assert [each["mails"] for each in await pac.documents()] == [[]]


async def test_mails_of_a_document_that_is_not_there_or_another_issuers(pac: OwnPac) -> None:
    cufe = (await pac.send(document()))["cufe"]
    assert (await mail(pac, numeroDocumentoFiscal="0000000009"))["codigo"] == "102"
    assert "<a:codigo>102</a:codigo>" in await track(pac, cufe[:-1])
    assert "<a:codigo>102</a:codigo>" in await track(pac, "")
    await pac.register(tokenEmpresa="otra")
    assert (await pac.call("RastreoCorreo", f"<tem:cufe>{cufe}</tem:cufe>", user="otra"))["codigo"] == "102"
    assert (await pac.call("RastreoCorreo", "", user="nadie"))["codigo"] == "100"


async def test_parameters_out_of_order_are_not_seen(pac: OwnPac) -> None:
    await pac.send(document())
    address = f"<tem:correo>{ADDRESS}</tem:correo>"
    refused = await pac.ask("EnvioCorreo", before=address)
    assert (refused["codigo"], refused["mensaje"]) == ("109", "El campo [codigoSucursalEmisor] debe ser informado")
    await pac.turn(strict_order=False)
    assert (await pac.ask("EnvioCorreo", before=address))["codigo"] == "200"
