"""The methods about an authorised document."""

import pytest

from tests.pac.sandbox.conftest import OwnPac
from tests.pac.sandbox.documents import document


async def test_a_document_is_found_by_its_key(pac: OwnPac) -> None:
    sent = await pac.send(document())
    assert await pac.ask() == {
        "codigo": "200",
        "mensaje": "Se retornan datos del documento.",
        "cufe": sent["cufe"],
        "fechaEmisionDocumento": "2026-11-23 10:15:00",
        "fechaRecepcionDocumento": "2026-11-23 10:15:03",
        "estatusDocumento": "Autorizada",
        "mensajeDocumento": "Autorizado el uso de la FE",
        "resultado": "procesado",
    }


@pytest.mark.parametrize("method", ["EstadoDocumento", "AnulacionDocumento", "DescargaXML", "DescargaPDF"])
@pytest.mark.parametrize(
    "other",
    [
        {"numeroDocumentoFiscal": "0000000002"},
        {"puntoFacturacionFiscal": "002"},
        {"codigoSucursalEmisor": "0001"},
        {"tipoDocumento": "04"},
        {"tipoEmision": "02"},
    ],
)
async def test_another_key_is_not_found(pac: OwnPac, method: str, other: dict[str, str]) -> None:
    await pac.send(document())
    answer = await pac.ask(method, **other)
    assert (answer["codigo"], answer["mensaje"]) == ("102", "El documento no existe")


async def test_another_issuer_does_not_find_it(pac: OwnPac) -> None:
    await pac.send(document())
    await pac.register(tokenEmpresa="otra")
    assert (await pac.ask(user="otra"))["codigo"] == "102"
    assert (await pac.ask())["codigo"] == "200"


async def test_a_key_is_complete_and_in_order(pac: OwnPac) -> None:
    await pac.send(document())
    answer = await pac.ask(tipoEmision="")
    assert (answer["codigo"], answer["mensaje"]) == ("109", "El campo [tipoEmision] debe ser informado")
    members = (
        "<ser:numeroDocumentoFiscal>0000000001</ser:numeroDocumentoFiscal>"
        "<ser:codigoSucursalEmisor>0000</ser:codigoSucursalEmisor>"
        "<ser:puntoFacturacionFiscal>001</ser:puntoFacturacionFiscal>"
        "<ser:tipoDocumento>01</ser:tipoDocumento><ser:tipoEmision>01</ser:tipoEmision>"
    )
    object_ = f"<tem:datosDocumento>{members}</tem:datosDocumento>"
    answer = await pac.call("EstadoDocumento", object_)
    assert (answer["codigo"], answer["mensaje"]) == ("109", "El campo [codigoSucursalEmisor] debe ser informado")
    await pac.turn(strict_order=False)
    assert (await pac.call("EstadoDocumento", object_))["codigo"] == "200"


@pytest.mark.parametrize("method", ["AnulacionDocumento", "Anulacion"])
async def test_a_void_is_registered_once(pac: OwnPac, method: str) -> None:
    await pac.send(document())
    reason = "<tem:motivoAnulacion>La venta no se concretó</tem:motivoAnulacion>"
    assert (await pac.ask(method, before=reason))["codigo"] == "200"
    again = await pac.ask(method, before=reason)
    assert (again["codigo"], again["mensaje"][:5]) == ("203", "0622-")
    assert (await pac.ask())["estatusDocumento"] == "Anulada"
    assert [each["status"] for each in await pac.documents()] == ["VOIDED"]


async def test_a_void_needs_a_reason(pac: OwnPac) -> None:
    await pac.send(document())
    for reason in ("", "Error", "x" * 1001):
        assert (await pac.void(reason))["mensaje"] == "El campo [motivoAnulacion] es inválido"


async def test_a_document_can_be_voided_for_182_hours_from_its_emission(pac: OwnPac) -> None:
    await pac.send(document())
    pac.clock.advance(hours=182)
    assert (await pac.void())["codigo"] == "112"  # it was emitted three seconds before it was sent
    pac.clock.advance(seconds=-3)
    assert (await pac.void())["codigo"] == "200"


async def test_the_number_of_a_voided_document_stays_taken(pac: OwnPac) -> None:
    await pac.send(document())
    await pac.void()
    assert (await pac.send(document()))["codigo"] == "102"


async def test_folios_are_told(pac: OwnPac) -> None:
    await pac.send(document())
    left = await pac.call("FoliosRestantes")
    assert left["fechaCiclo"] == "2026-11-01 / 2026-12-01"
    assert (left["foliosTotales"], left["foliosUtilizadosCiclo"]) == ("1000000", "1")
    assert left["foliosDisponibleCiclo"] == "999999"
