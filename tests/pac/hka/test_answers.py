"""Every answer that is known, and any other, has its outcome."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pac.emission import (
    Authorized,
    Blocked,
    File,
    Folios,
    Found,
    NotFound,
    NotSent,
    Rejected,
    Unavailable,
    Unknown,
    Voided,
    VoidRefusedOrUnknown,
)
from pac.failures import Reason
from pac.failures import Unavailable as NoAnswer
from pac.hka import answer, answers
from pac.hka.answer import Answer, Secrets
from pac.http import Response
from rules.fiscal.codes import RULES
from rules.vocabulary import BlockedReason
from tests.pac.hka.messages import OURS, PREFIX, enveloped
from tests.pac.hka.samples import read_bytes
from tests.rules.fiscal.vectors import VECTORS

NO_SECRETS = Secrets(())


def sample(method: str, name: str, status: int = 200) -> Answer:
    return answer.read(method, Response(status, read_bytes(name)), NO_SECRETS)


def said(method: str, status: int = 200, /, **fields: Any) -> Answer:
    return answer.read(method, Response(status, enveloped(method, **fields)), NO_SECRETS)


def sent(status: int = 200, /, **fields: Any) -> Any:
    return answers.read_send(said("Enviar", status, **fields), PREFIX)


@pytest.mark.parametrize("vector", VECTORS["answers"], ids=lambda each: f"{each['codigo']} {each['mensaje'][:30]}")
def test_the_vectors_have_their_outcomes(vector: dict[str, Any]) -> None:
    prefix = vector.get("sentFor", OURS)[:56]
    fields = {name: vector[name] or None for name in ("codigo", "mensaje", "cufe")}
    outcome = answers.read_send(said("Enviar", **fields), prefix)
    kinds = {"AUTHORIZED": Authorized, "CHECK": Unknown, "BLOCK": Blocked, "REJECTED": Rejected}
    assert type(outcome) is kinds[vector["outcome"]]
    if isinstance(outcome, Rejected) and "rules" in vector:
        assert [{"code": fault.code, "item": fault.line} for fault in outcome.faults] == vector["rules"]
    elif isinstance(outcome, Rejected):
        assert [(fault.field, fault.line) for fault in outcome.faults] == [(vector["field"], vector["item"])]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("enviar-response-100.synthetic", Blocked),
        ("enviar-response-101.synthetic", Blocked),
        ("enviar-response-102.synthetic", Unknown),
        ("enviar-response-109.synthetic", Rejected),
        ("enviar-response-200-without-cufe.synthetic", Unknown),
        ("enviar-response-201.synthetic", Unknown),
        ("enviar-response-202.synthetic", Unknown),
        ("enviar-response-203-duplicate.synthetic", Unknown),
        ("enviar-response-203-rules.synthetic", Rejected),
    ],
)
def test_a_known_answer_has_its_outcome(name: str, kind: type) -> None:
    outcome = answers.read_send(sample("Enviar", name), PREFIX)
    assert type(outcome) is kind
    assert outcome.evidence.code == name[16:19]
    assert "EnviarResult" in (outcome.evidence.answer or "")


def test_the_published_answer_authorises_its_document_and_no_other() -> None:
    published = sample("Enviar", "enviar-response-200")
    prefix = "FE0120000155596713-2-2015-590001201905280005500015565012"
    outcome = answers.read_send(published, prefix)
    assert isinstance(outcome, Authorized)
    assert outcome.cufe == prefix + "1566749040"
    assert outcome.protocol == "20190000000000179413"
    assert outcome.received_at == datetime.fromisoformat("2019-05-29T08:32:21-05:00")
    assert (outcome.qr or "").startswith("https://dgi-fep-test.mef.gob.pa:40001/Consultas/FacturasPorQR?chFE=FE01")
    assert isinstance(answers.read_send(published, PREFIX), Unknown)


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"codigo": "100"}, BlockedReason.CREDENTIALS),
        ({"codigo": "101"}, BlockedReason.CERTIFICATE),
        ({"codigo": "119"}, BlockedReason.FOLIOS),
        ({"codigo": "203", "mensaje": "1562-RUC no afiliado"}, BlockedReason.ISSUER),
        ({"codigo": "203", "mensaje": "0185-El emisor | 1513-Duplicado"}, BlockedReason.ISSUER),
        ({"codigo": "203", "mensaje": "1502-CUFE malformado"}, BlockedReason.TECHNICAL),
        ({"codigo": "203", "mensaje": "1502-CUFE malformado | 1563-RUC impedido"}, BlockedReason.ISSUER),
    ],
)
def test_what_must_be_put_right_first_blocks(fields: dict[str, str], outcome: BlockedReason) -> None:
    found = sent(**fields)
    assert isinstance(found, Blocked)
    assert found.reason is outcome


@pytest.mark.parametrize(
    ("fields", "is_duplicate"),
    [
        ({"codigo": "102"}, True),
        ({"codigo": "203", "mensaje": "1513-Duplicado"}, True),
        ({"codigo": "203", "mensaje": "9999-texto | 1002-Duplicado"}, True),
        ({"codigo": "203", "mensaje": "9999-texto"}, False),
        ({"codigo": "202"}, False),
        ({"codigo": None, "mensaje": "1513-Duplicado"}, False),
    ],
)
def test_it_is_told_where_an_answer_says_that_the_number_is_used(fields: dict[str, Any], is_duplicate: bool) -> None:
    found = sent(**fields)
    assert isinstance(found, Unknown)
    assert found.is_duplicate is is_duplicate


def test_a_document_that_is_wrong_is_rejected_even_where_the_issuer_is_wrong_too() -> None:
    found = sent(codigo="203", mensaje="1562-RUC no afiliado | 2152-Item 2: Monto inválido | 9999-nuevo")
    assert isinstance(found, Rejected)
    assert [fault.code for fault in found.faults] == ["1562", "2152", "9999"]


@pytest.mark.parametrize(
    "fields",
    [
        {"codigo": "203", "mensaje": "1508-Tiempo excesivo | 2509-Valor elevado"},  # notices alone
        {"codigo": "203", "mensaje": "0260-Autorizado el uso de la FE"},
        {"codigo": "203", "mensaje": "1002-Documento duplicado | 1519-Fecha muy antigua"},
        {"codigo": "203", "mensaje": "9999-texto | 1513-Duplicado"},
        {"codigo": "203", "mensaje": "El documento es inexistente"},
        {"codigo": "203"},
        {"codigo": "300", "mensaje": "Envíe nuevamente"},
        {"codigo": "0"},
        {"codigo": "OK"},
        {"codigo": None},
        {"codigo": "200", "cufe": OURS[:-1] + "0"},
        {"codigo": "200", "cufe": OURS[:56]},
        {"codigo": "102", "cufe": OURS},  # never take one that comes with it
    ],
    ids=str,
)
def test_what_is_not_understood_is_unknown_and_never_a_rejection(fields: dict[str, str | None]) -> None:
    outcome = sent(**fields)
    assert isinstance(outcome, Unknown)
    assert not outcome.is_generic_error


def test_a_generic_error_is_known_as_such() -> None:
    assert sent(codigo="201", mensaje="Error al procesar solicitud.").is_generic_error


@pytest.mark.parametrize("status", [201, 302, 400, 401, 404, 413, 429, 500, 502, 503])
def test_an_answer_of_another_status_is_unknown_whatever_it_says(status: int) -> None:
    outcome = sent(status, codigo="200", cufe=OURS)
    assert isinstance(outcome, Unknown)
    assert outcome.evidence.code is None
    assert outcome.evidence.message == f"HTTP {status}"


@pytest.mark.parametrize(
    "body", [b"", b"<html><p>Mantenimiento<br></html>", b"{}", b"<a/>", b"\xff\xfe<", b"<!DOCTYPE a><a/>"]
)
def test_an_answer_that_cannot_be_read_is_unknown(body: bytes) -> None:
    outcome = answers.read_send(answer.read("Enviar", Response(200, body), NO_SECRETS), PREFIX)
    assert isinstance(outcome, Unknown)
    assert outcome.evidence.code is None


def test_half_an_answer_is_unknown() -> None:
    body = enveloped("Enviar", codigo="200", cufe=OURS)
    for end in range(0, len(body) - 20, 25):
        half = answer.read("Enviar", Response(200, body[:end]), NO_SECRETS)
        assert isinstance(answers.read_send(half, PREFIX), Unknown)


def test_a_fault_of_the_server_is_unknown_and_one_of_our_request_blocks() -> None:
    theirs = answers.read_send(sample("Enviar", "soap-fault-500.synthetic", 500), PREFIX)
    assert isinstance(theirs, Unknown)
    assert theirs.evidence.message == "HTTP 500 a:InternalServiceFault Error interno"
    fault = (
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>'
        b"<faultcode>a:DeserializationFailed</faultcode><faultstring>documento</faultstring></s:Fault></s:Body></s:Envelope>"
    )
    for status in (200, 500):
        ours = answers.read_send(answer.read("Enviar", Response(status, fault), NO_SECRETS), PREFIX)
        assert isinstance(ours, Blocked)
        assert (ours.reason, ours.evidence.code) == (BlockedReason.TECHNICAL, None)


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("arrived", [True, False])
def test_without_an_answer_it_is_unknown_or_not_sent(reason: Reason, arrived: bool) -> None:
    silence = answer.no_answer(NoAnswer(reason, may_have_arrived=arrived))
    outcome = answers.read_send(silence, PREFIX)
    assert type(outcome) is (Unknown if arrived else NotSent)
    assert (outcome.evidence.code, outcome.evidence.message) == (None, reason.value)
    for read in (answers.read_look, answers.read_xml_file, answers.read_pdf_file, answers.read_folios):
        assert isinstance(read(silence), Unavailable)
    assert type(answers.read_void(silence)) is (VoidRefusedOrUnknown if arrived else NotSent)


def test_notices_of_an_authorised_document_are_kept() -> None:
    outcome = sent(codigo="200", cufe=OURS, mensaje="El documento se envió. | 2509-Valor total muy elevado")
    assert isinstance(outcome, Authorized)
    assert [(fault.code, fault.path, fault.is_notice) for fault in outcome.notices] == [("2509", ("lines",), True)]


@pytest.mark.parametrize("code", sorted(RULES))
def test_each_known_code_beside_an_authorisation_is_a_notice(code: str) -> None:
    outcome = sent(codigo="200", cufe=OURS, mensaje=f"El documento se envió. | {code}-Lo que dice | 9998-Nuevo")
    assert isinstance(outcome, Authorized)
    assert [(fault.code, fault.is_notice) for fault in outcome.notices] == [(code, True)]


@pytest.mark.parametrize(
    "qr", ["javascript:alert(1)", "http://example.com", "https://a b", "https://" + "a" * 3000, ""]
)
def test_a_qr_that_is_no_safe_link_is_left_out(qr: str) -> None:
    outcome = sent(codigo="200", cufe=OURS, qr=qr)
    assert isinstance(outcome, Authorized)
    assert outcome.qr is None


# Looking


def looked(**fields: Any) -> Any:
    return answers.read_look(said("EstadoDocumento", **fields))


def test_the_known_answers_of_a_look_have_their_outcomes() -> None:
    published = answers.read_look(sample("EstadoDocumento", "estado-documento-response-200"))
    assert isinstance(published, Found)
    assert ((published.cufe or "")[:4], published.is_voided) == ("FE01", False)
    voided = answers.read_look(sample("EstadoDocumento", "estado-documento-response-voided.synthetic"))
    assert isinstance(voided, Found)
    assert (voided.cufe, voided.is_voided) == (OURS, True)
    missing = answers.read_look(sample("EstadoDocumento", "estado-documento-response-not-found.synthetic"))
    assert isinstance(missing, NotFound)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"codigo": "100"}, BlockedReason.CREDENTIALS),
        ({"codigo": "101"}, BlockedReason.CERTIFICATE),
        ({"codigo": "119"}, None),
        ({"codigo": "201"}, None),
        ({"codigo": "404"}, None),
        ({"codigo": "200"}, None),
        ({"codigo": "200", "cufe": OURS}, None),  # no state
        ({"codigo": "200", "cufe": OURS, "estatusDocumento": "Rechazada"}, None),
        ({"codigo": "200", "estatusDocumento": "Rechazada", "mensajeDocumento": "9999-nueva"}, None),
        ({"codigo": "201", "estatusDocumento": "Rechazada", "mensajeDocumento": "2152-x"}, None),
        ({"codigo": "200", "cufe": OURS, "estatusDocumento": "En proceso"}, None),
        ({"codigo": "200", "cufe": "no es un CUFE", "estatusDocumento": "Autorizada"}, None),
    ],
    ids=str,
)
def test_a_look_that_decides_nothing_is_no_answer(fields: dict[str, str], reason: BlockedReason | None) -> None:
    outcome = looked(**fields)
    assert isinstance(outcome, Unavailable)
    assert outcome.reason is reason


@pytest.mark.parametrize(("state", "voided"), [("AUTORIZADA", False), ("Autorizado", False), ("anulada", True)])
def test_a_state_counts_whatever_its_case_and_ending(state: str, voided: bool) -> None:
    outcome = looked(codigo="200", cufe=OURS, estatusDocumento=state)
    assert isinstance(outcome, Found)
    assert outcome.is_voided is voided


# Voiding


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"codigo": "200", "mensaje": "Proceso de Anulación ejecutado con éxito."}, Voided),
        ({"codigo": "0600"}, Voided),
        ({"codigo": "0622"}, Voided),
        ({"codigo": "203", "mensaje": "0622-Ya existe un evento de anulación"}, Voided),
        ({"codigo": "203", "mensaje": "2152-Otra | 0600-Evento registrado"}, Voided),
        ({"codigo": "112", "mensaje": "Pasó el plazo"}, VoidRefusedOrUnknown),
        ({"codigo": "102"}, VoidRefusedOrUnknown),
        ({"codigo": "203", "mensaje": "El documento 0000000622 no existe"}, VoidRefusedOrUnknown),
        ({"codigo": "203", "mensaje": "2152-Monto 0622 inválido"}, VoidRefusedOrUnknown),
        ({"codigo": None, "mensaje": "0622-Ya existe"}, VoidRefusedOrUnknown),
    ],
    ids=str,
)
def test_a_void_is_confirmed_by_its_codes_alone(fields: dict[str, str | None], kind: type) -> None:
    outcome = answers.read_void(said("AnulacionDocumento", **fields))
    assert type(outcome) is kind
    assert outcome.evidence.code == fields["codigo"]


@pytest.mark.parametrize(
    ("fields", "refuses"),
    [
        ({"codigo": "112", "mensaje": "Pasó el plazo"}, True),
        ({"codigo": "203", "mensaje": "1563-RUC impedido de facturar"}, True),
        ({"codigo": "203", "mensaje": "1513-Duplicado | 1563-RUC impedido de facturar"}, True),
        ({"codigo": "203", "mensaje": "1513-Duplicado"}, False),
        ({"codigo": "203", "mensaje": "9999-Nadie la conoce"}, False),
        ({"codigo": "203", "mensaje": "1508-Tiempo excesivo en operación en contingencia"}, False),
        ({"codigo": "203", "mensaje": "La DGI no registró el evento"}, False),
        ({"codigo": "203"}, False),
        *(({"codigo": code}, False) for code in ("100", "101", "102", "109", "119", "201", "202", "300", "999", None)),
        ({"codigo": "202", "mensaje": "1563-RUC impedido de facturar"}, False),
    ],
    ids=str,
)
def test_a_void_is_refused_by_112_and_by_rules_that_reject_alone(fields: dict[str, str | None], refuses: bool) -> None:
    outcome = answers.read_void(said("AnulacionDocumento", **fields))
    assert isinstance(outcome, VoidRefusedOrUnknown)
    assert outcome.is_refusal is refuses


def test_the_published_answer_of_a_void_confirms_it() -> None:
    assert isinstance(answers.read_void(sample("AnulacionDocumento", "anulacion-response-200")), Voided)


# Files and folios


def test_the_xml_is_decoded_and_not_kept_twice() -> None:
    file = answers.read_xml_file(sample("DescargaXML", "descarga-xml-response-200.synthetic"))
    assert isinstance(file, File)
    assert file.content.startswith(b"<?xml")
    assert (file.evidence.code, file.evidence.answer) == ("200", None)


@pytest.mark.parametrize(
    ("documento", "xml", "pdf"),
    [
        ("PGEvPg==", True, False),
        ("PGEv\nPg==\n", True, False),
        ("JVBERi0xLjc=", False, True),
        ("PGEvPg=", False, False),
        ("no es base64", False, False),
        ("aG9sYQ==", False, False),
        (None, False, False),
    ],
)
def test_a_file_is_one_only_if_it_looks_like_one(documento: str | None, xml: bool, pdf: bool) -> None:
    for method, read, is_file in (
        ("DescargaXML", answers.read_xml_file, xml),
        ("DescargaPDF", answers.read_pdf_file, pdf),
    ):
        outcome = read(said(method, codigo="200", documento=documento))
        assert type(outcome) is (File if is_file else Unavailable)
        assert isinstance(read(said(method, codigo="201", documento=documento)), Unavailable)


def test_folios_are_counted_and_the_licences_end_is_kept_as_it_is_written() -> None:
    folios = answers.read_folios(sample("FoliosRestantes", "folios-restantes-response-200.synthetic"))
    assert isinstance(folios, Folios)
    assert (folios.available, folios.used, folios.total, folios.licence_until) == (3, 97, 100, "2027-01-01")
    odd = answers.read_folios(
        said("FoliosRestantes", codigo="200", foliosDisponiblesCiclo="12", foliosTotalesCiclo="?")
    )
    assert isinstance(odd, Folios)
    assert (odd.available, odd.used, odd.total, odd.licence_until) == (12, None, None, None)


# Anything

BODIES = st.binary(max_size=400) | st.dictionaries(
    st.sampled_from(["codigo", "mensaje", "cufe", "qr", "fechaRecepcionDGI", "estatusDocumento", "documento"]),
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=60)
    | st.sampled_from(
        ["200", "203", "109", "102", "0622", OURS, "1513-a | 2152-Item 0: b", "9999-12-31T23:59:59-05:00"]
    ),
)


@settings(deadline=None)
@given(BODIES, st.sampled_from([200, 500]))
def test_no_answer_breaks_a_reader_and_none_authorises_but_one_with_our_cufe(
    body: bytes | dict[str, str], status: int
) -> None:
    for method, read in (
        ("EstadoDocumento", answers.read_look),
        ("AnulacionDocumento", answers.read_void),
        ("DescargaXML", answers.read_xml_file),
        ("DescargaPDF", answers.read_pdf_file),
        ("FoliosRestantes", answers.read_folios),
    ):
        content = body if isinstance(body, bytes) else enveloped(method, **body)
        read(answer.read(method, Response(status, content), NO_SECRETS))
    content = body if isinstance(body, bytes) else enveloped("Enviar", **body)
    outcome = answers.read_send(answer.read("Enviar", Response(status, content), NO_SECRETS), PREFIX)
    if isinstance(outcome, Authorized):
        assert isinstance(body, dict)
        assert (status, body["codigo"], body["cufe"], outcome.cufe) == (200, "200", OURS, OURS)
