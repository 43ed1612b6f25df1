"""The table of members agrees with the published requests, and a request is written, read and checked by it."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring

from pac.hka import walk
from pac.hka.member import Content
from pac.hka.members import DOCUMENTO
from pac.hka.walk import Breach, MemberFault
from tests.pac.hka.samples import INVENTED, PUBLISHED, read_documento

# HKA's own page has this name where all others have totalISC.
MISSPELLED = {"enviar-16-factura-otro-tipo-impuesto": ("totalSC",)}


def content_of(name: str) -> dict[str, Any]:
    return dict(walk.read(read_documento(name)).content)


def faults(content: Content) -> set[tuple[Breach, str]]:
    return {(fault.breach, fault.name) for fault in walk.check(content)}


def changed(content: Content, path: str, value: object) -> dict[str, Any]:
    """A copy in which the member at ``a.b`` is the value; None leaves it out."""
    name, _, rest = path.partition(".")
    copy: dict[str, Any] = dict(content)
    if rest:
        inner = copy[name]
        copy[name] = [changed(inner[0], rest, value)] if isinstance(inner, list) else changed(inner, rest, value)
    elif value is None:
        del copy[name]
    else:
        copy[name] = value
    return copy


def test_all_requests_are_there() -> None:
    assert (len(PUBLISHED), len(INVENTED)) == (17, 5)


@pytest.mark.parametrize("name", PUBLISHED + INVENTED)
def test_the_members_of_a_known_request_are_in_the_tables_order(name: str) -> None:
    assert walk.read(read_documento(name)).skipped == MISSPELLED.get(name, ())


@pytest.mark.parametrize("name", INVENTED)
def test_an_invented_request_breaks_nothing(name: str) -> None:
    assert walk.check(content_of(name)) == ()


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_request_breaks_the_table_only_by_short_numbers_and_empty_members(name: str) -> None:
    known = {(Breach.INVALID, "numeroDocumentoFiscal")}  # without its zeros on the left
    if name.startswith("enviar-01"):
        known |= {(Breach.EMPTY, each) for each in ("tipoVenta", "paisExtranjero", "paisOtro", "codigo")}
        known.add((Breach.MISSING, "cufe"))  # empty
    assert faults(content_of(name)) - known == set()


@pytest.mark.parametrize("name", INVENTED)
def test_a_request_that_was_read_is_written_as_it_was(name: str) -> None:
    content = content_of(name)
    document = fromstring(walk.write(content))
    assert walk.read(document) == walk.Reading(content, ())


@pytest.mark.parametrize("name", PUBLISHED + INVENTED)
def test_a_request_is_the_same_as_json_in_whatever_order(name: str) -> None:
    content = content_of(name)
    written = json.loads(walk.write_json(content))["documento"]
    assert walk.read_json(written).content == json.loads(json.dumps(written))
    assert walk.write(written) == walk.write(content)
    backwards = dict(reversed(written.items()))
    assert walk.read_json(backwards) == walk.read_json(written)
    assert walk.write_json(backwards) == walk.write_json(content)


def test_a_member_that_json_has_beside_the_table_is_not_seen_and_null_is_none() -> None:
    content = content_of(INVENTED[0])
    given = {**content, "other": "x", "codigosucursalemisor": "0001", "tipoSucursal": None}
    assert walk.read_json(given) == walk.Reading(content, ("other", "codigosucursalemisor"))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("codigoSucursalEmisor", 0),
        ("codigoSucursalEmisor", ["0000"]),
        ("datosTransaccion", "x"),
        ("datosTransaccion", []),
        ("listaItems", {"item": {}}),
        ("listaItems", ["x"]),
        ("listaItems.cantidad", 1.5),
        ("datosTransaccion.cliente", True),
    ],
)
def test_a_value_of_another_kind_in_json_is_no_document(path: str, value: object) -> None:
    with pytest.raises(ValueError, match="is no"):
        walk.read_json(changed(content_of(INVENTED[0]), path, value))


@pytest.mark.parametrize("document", [None, "x", [], 1])
def test_what_is_no_object_is_no_document(document: object) -> None:
    with pytest.raises(ValueError, match="is no object"):
        walk.read_json(document)


def test_a_member_out_of_order_is_not_seen() -> None:
    document = read_documento(INVENTED[0])
    document.append(document[0])
    document.remove(document[0])
    reading = walk.read(document)
    assert reading.skipped == ("codigoSucursalEmisor",)
    assert (Breach.MISSING, "codigoSucursalEmisor") in faults(reading.content)


def test_a_member_of_another_namespace_is_not_seen() -> None:
    document = read_documento(INVENTED[0])
    document[0].tag = "{http://tempuri.org/}codigoSucursalEmisor"
    assert walk.read(document).skipped == ("codigoSucursalEmisor",)


def test_a_repeated_member_is_read_once() -> None:
    document = read_documento(INVENTED[0])
    document.insert(1, document[0])
    reading = walk.read(document)
    assert (reading.content, reading.skipped) == (content_of(INVENTED[0]), ("codigoSucursalEmisor",))


def test_members_are_written_in_order_whatever_the_order_they_are_given_in() -> None:
    content = content_of(INVENTED[0])
    backwards = {name: content[name] for name in reversed(content)}
    assert walk.write(backwards) == walk.write(content)


def test_what_has_no_value_is_left_out() -> None:
    written = walk.write({"codigoSucursalEmisor": "0000", "tipoSucursal": "", "datosTransaccion": {"cliente": {}}})
    assert b"tipoSucursal" not in written
    assert b"datosTransaccion" not in written


def test_a_name_that_is_not_in_the_table_is_not_written() -> None:
    with pytest.raises(ValueError, match="documento has no member tokenEmpresa"):
        walk.write({"tokenEmpresa": "secret"})


def test_characters_of_markup_are_escaped_and_control_characters_dropped() -> None:
    written = walk.write({"codigoSucursalEmisor": "<&>\x00\x0b\ufffe\ud800ñ"})
    assert fromstring(written)[0].text == "<&>ñ"


@pytest.mark.parametrize(
    ("path", "value", "breach"),
    [
        ("codigoSucursalEmisor", None, Breach.MISSING),
        ("codigoSucursalEmisor", "000", Breach.INVALID),
        ("datosTransaccion.numeroDocumentoFiscal", "0000000000", Breach.INVALID),
        ("datosTransaccion.puntoFacturacionFiscal", "000", Breach.INVALID),
        ("datosTransaccion.fechaEmision", "2026-11-23T10:15:00Z", Breach.INVALID),
        ("datosTransaccion.fechaEmision", "2026-11-23T10:15:00.123-05:00", Breach.INVALID),
        ("datosTransaccion.motivoContingencia", "Sin conexión de Internet", Breach.FORBIDDEN),
        ("datosTransaccion.tipoVenta", "", Breach.EMPTY),
        ("datosTransaccion.procesoGeneracion", "2", Breach.INVALID),
        ("datosTransaccion.cliente.numeroRUC", None, Breach.MISSING),
        ("datosTransaccion.cliente.digitoVerificadorRUC", "7", Breach.INVALID),
        ("datosTransaccion.cliente.telefono1", "+5072223456", Breach.INVALID),
        ("datosTransaccion.cliente.correoElectronico1", "a+b@example.com", Breach.INVALID),
        ("datosTransaccion.cliente.tipoIdentificacion", "01", Breach.FORBIDDEN),
        ("datosTransaccion.cliente.paisOtro", "Kosovo", Breach.FORBIDDEN),
        ("datosTransaccion.datosFacturaExportacion", {"condicionesEntrega": "FOB"}, Breach.FORBIDDEN),
        ("totalesSubTotales.totalISC", "0.00", Breach.FORBIDDEN),
        ("totalesSubTotales.totalFactura", "35.6", Breach.INVALID),
        ("totalesSubTotales.totalFactura", "-35.68", Breach.INVALID),
        ("totalesSubTotales.totalFactura", "1,035.68", Breach.INVALID),
        ("totalesSubTotales.listaFormaPago", [], Breach.MISSING),
        ("totalesSubTotales.listaFormaPago.descFormaPago", "Con un descuento", Breach.FORBIDDEN),
        ("listaItems.cantidad", "3", Breach.INVALID),
        ("listaItems.cantidad", "٣.00", Breach.INVALID),
        ("listaItems.precioUnitario", "1.1150000", Breach.INVALID),
        ("listaItems.tasaITBMS", "04", Breach.INVALID),
        ("listaItems", [{}] * 1001, Breach.INVALID),
    ],
)
def test_what_breaks_the_table_is_named(path: str, value: object, breach: Breach) -> None:
    content = changed(content_of("enviar-a-contribuyente-plazo.synthetic"), path, value)
    assert (breach, path.rpartition(".")[2]) in faults(content)


@pytest.mark.parametrize(
    ("receiver", "forbidden"),
    [
        ("04", {"tipoContribuyente", "numeroRUC", "digitoVerificadorRUC", "codigoUbicacion", "provincia", "distrito"}),
        ("01", set()),
    ],
)
def test_a_foreigner_has_no_ruc_and_no_location(receiver: str, forbidden: set[str]) -> None:
    content = changed(content_of(INVENTED[0]), "datosTransaccion.cliente.tipoClienteFE", receiver)
    found = {name for breach, name in faults(content) if breach is Breach.FORBIDDEN}
    assert found >= forbidden
    assert bool(found) == bool(forbidden)


def test_dollars_have_no_rate() -> None:
    content = changed(
        content_of("enviar-e-exportacion-usd.synthetic"),
        "datosTransaccion.datosFacturaExportacion.tipoDeCambio",
        "1.00",
    )
    assert faults(content) == {(Breach.FORBIDDEN, "tipoDeCambio")}


def test_a_fault_of_a_line_says_which() -> None:
    content = content_of(INVENTED[0])
    content["listaItems"][1]["precioItem"] = "30"
    assert walk.check(content) == (MemberFault(Breach.INVALID, "precioItem", "item", 2),)


def test_no_two_members_of_a_group_have_one_name_and_each_has_a_format_or_members() -> None:
    def visit(group: Any) -> None:
        names = [member.name for member in group.members]
        assert len(set(names)) == len(names), group.name
        for member in group.members:
            assert bool(member.format) != bool(member.members), member.name
            visit(member)

    visit(DOCUMENTO)
    assert isinstance(content_of(INVENTED[0]), Mapping)
