"""What the answers of the contracts mean, and that nothing can be made of garbage but ``Unavailable``."""

from collections.abc import Callable

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lookup import hka
from lookup.answers import Answer, Found, Invalid, NotFound, Question, read_taxpayer
from pac import rest as rest_service
from pac import soap as soap_service
from pac.failures import Reason, Unavailable
from tests.lookup.conftest import question

COMPANY = question("155596713-2-2015")
INFO = {
    "tipoRuc": "2",
    "ruc": "155596713-2-2015",
    "dv": "59",
    "razonSocial": "EMPRESA DE EJEMPLO S.A.",
    "afiliadoFE": "SI",
}
SOAP = b"""<?xml version="1.0" encoding="UTF-8"?>
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>
<ConsultarRucDVResponse xmlns="http://tempuri.org/"><ConsultarRucDVResult
 xmlns:a="http://schemas.datacontract.org/2004/07/Services.Response"><a:codigo>200</a:codigo>
<a:infoRuc><a:tipoRuc>2</a:tipoRuc><a:ruc>155596713-2-2015</a:ruc><a:dv>59</a:dv>
<a:razonSocial>EMPRESA DE EJEMPLO S.A.</a:razonSocial><a:afiliadoFE>SI</a:afiliadoFE></a:infoRuc>
<a:mensaje>Consulta exitosa</a:mensaje><a:resultado>Procesado</a:resultado>
</ConsultarRucDVResult></ConsultarRucDVResponse></s:Body></s:Envelope>"""
REST = orjson.dumps({"codigo": "200", "infoRuc": INFO, "mensaje": "Consulta exitosa", "resultado": "Procesado"})

# The machine may be busy with other things.
NO_DEADLINE = settings(deadline=None, max_examples=60)

Reader = Callable[[Question, bytes], Answer]


def read_soap(question: Question, body: bytes) -> Answer:
    return hka.read_soap(question, soap_service.read_result(hka.METHOD, body))


def read_rest(question: Question, body: bytes) -> Answer:
    return hka.read_rest(question, rest_service.read_object(body))


def rest(**info: object) -> bytes:
    return orjson.dumps({"codigo": "200", "infoRuc": {**INFO, **info}})


def reason(read: Reader, body: bytes) -> Reason | None:
    """Why there is no answer; None if there is one."""
    try:
        assert isinstance(read(COMPANY, body), Found | NotFound | Invalid)
    except Unavailable as error:
        return error.reason
    return None


@pytest.mark.parametrize(("read", "body"), [(read_soap, SOAP), (read_rest, REST)])
def test_the_samples_are_read(read: Reader, body: bytes) -> None:
    assert read(COMPANY, body) == Found("59", "EMPRESA DE EJEMPLO S.A.", True)


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ({"dv": "4"}, Found("04", "EMPRESA DE EJEMPLO S.A.", True)),
        ({"dv": 59}, Found("59", "EMPRESA DE EJEMPLO S.A.", True)),
        ({"dv": " 59 "}, Found("59", "EMPRESA DE EJEMPLO S.A.", True)),
        ({"tipoRuc": "02"}, Found("59", "EMPRESA DE EJEMPLO S.A.", True)),
        ({"tipoRuc": None, "ruc": None}, Found("59", "EMPRESA DE EJEMPLO S.A.", True)),
        ({"ruc": "155596713-2-2015 DV 59"}, Found("59", "EMPRESA DE EJEMPLO S.A.", True)),
        ({"ruc": "0155596713-0002-2015"}, Found("59", "EMPRESA DE EJEMPLO S.A.", True)),
        ({"afiliadoFE": "no"}, Found("59", "EMPRESA DE EJEMPLO S.A.", False)),
        ({"afiliadoFE": "?"}, Found("59", "EMPRESA DE EJEMPLO S.A.", None)),
        ({"afiliadoFE": None}, Found("59", "EMPRESA DE EJEMPLO S.A.", None)),
        ({"razonSocial": "  A\u0301RBOL \n\t& \u202eHIJOS\x00 S.A. "}, Found("59", "ÁRBOL & HIJOS S.A.", True)),
        ({"razonSocial": "X" * 300}, Found("59", "X" * 200, True)),
    ],
)
def test_odd_spellings_are_understood(info: dict[str, object], expected: Found) -> None:
    assert read_rest(COMPANY, rest(**info)) == expected


@pytest.mark.parametrize(
    "info",
    [
        {"dv": None},
        {"dv": ""},
        {"dv": "5A"},
        {"dv": "591"},
        {"dv": "²"},
        {"dv": 5.9},
        {"ruc": "155596714-2-2015"},
        {"ruc": "1555967132015"},
        {"tipoRuc": "1"},
        {"razonSocial": None},
        {"razonSocial": " "},
        {"razonSocial": "X"},
        {"razonSocial": ["X"]},
    ],
)
def test_an_answer_without_sense_is_garbled(info: dict[str, object]) -> None:
    assert reason(read_rest, rest(**info)) is Reason.GARBLED


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"200"',
        b"{}",
        b'{"codigo": "200"}',
        b'{"codigo": "200", "infoRuc": "?"}',
        b'{"codigo": null}',
        b'{"codigo": 299}',
        b"[" * 5000,
        b'{"a":' * 5000,
        REST[:-1],
        REST.replace(b"EMPRESA", b"EMPRES\xff"),
    ],
)
def test_other_json_is_garbled(body: bytes) -> None:
    assert reason(read_rest, body) is Reason.GARBLED


BOMB = b"""<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>"""
OUTSIDE = b"""<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>"""


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<",
        b"<x/>",
        BOMB,
        OUTSIDE,
        b"<!DOCTYPE x>" + SOAP.partition(b"?>")[2],
        b"<a>" * 10000,
        b"<a>" * 10000 + b"</a>" * 10000,
        SOAP[:-1],
        SOAP.replace(b"UTF-8", b"UTF-9"),
        SOAP.replace(b"UTF-8", b"UTF-16"),
        SOAP.replace(b"UTF-8", b"x\x00y"),
        SOAP.replace(b"EMPRESA", b"EMPRES\xff"),
        SOAP.replace(b"ConsultarRucDVResult", b"AnulacionResult"),
        SOAP.replace(b"<a:dv>59", b"<a:dv>"),
    ],
)
def test_other_xml_is_garbled(body: bytes) -> None:
    assert reason(read_soap, body) is Reason.GARBLED


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """The body with some of its parts cut out, doubled or replaced."""
    body = whole
    for _ in range(draw(st.integers(1, 4))):
        start, end = sorted(draw(st.tuples(*[st.integers(0, len(body))] * 2)))
        body = body[:start] + draw(st.one_of(st.binary(max_size=8), st.just(body[start:end] * 2))) + body[end:]
    return body


@NO_DEADLINE
@given(st.one_of(st.binary(max_size=200), damaged(SOAP)))
@example(b'<?xml version="1.0" encoding="idna"?><x/>')
@example(b'<?xml version="1.0" encoding="undefined"?><x/>')
def test_any_xml_has_an_outcome(body: bytes) -> None:
    reason(read_soap, body)


def json_values() -> st.SearchStrategy[object]:
    numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False)
    leaves = st.none() | st.booleans() | numbers | st.text(max_size=20)
    return st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5)


def json_objects() -> st.SearchStrategy[object]:
    values = json_values() | st.sampled_from(["200", "102", INFO])
    return st.dictionaries(st.sampled_from(["codigo", "infoRuc", *INFO]), values)


@NO_DEADLINE
@given(st.one_of(st.binary(max_size=200), damaged(REST)))
def test_any_json_has_an_outcome(body: bytes) -> None:
    reason(read_rest, body)


@NO_DEADLINE
@given(json_objects())
def test_any_object_has_an_outcome(fields: object) -> None:
    reason(read_rest, orjson.dumps(fields))


@NO_DEADLINE
@given(st.one_of(st.binary(max_size=100), json_values().map(orjson.dumps)))
def test_any_sign_in_gives_a_token_or_none(body: bytes) -> None:
    try:
        token = rest_service.read_token(body)
    except Unavailable:
        return
    assert token.isascii()
    assert token.isprintable()


@pytest.mark.parametrize("body", [b'"aa.bb-c.d_d"', b"aa.bb-c.d_d", b"aa.bb-c.d_d\r\n", b'{"token": "aa.bb-c.d_d"}'])
def test_a_token_has_three_spellings(body: bytes) -> None:
    assert rest_service.read_token(body) == "aa.bb-c.d_d"


@NO_DEADLINE
@given(st.text(), st.text(), st.text())
def test_a_name_is_always_one_clean_line(number: str, dv: str, name: str) -> None:
    try:
        taxpayer = read_taxpayer(COMPANY, number=number, dv=dv, name=name)
    except Unavailable:
        return
    assert len(taxpayer.dv) == 2
    assert 2 <= len(taxpayer.name) <= 200
    assert taxpayer.name == " ".join(taxpayer.name.split())


def test_a_sign_in_without_token_was_refused() -> None:
    with pytest.raises(Unavailable) as caught:
        rest_service.read_token(b'{"mensaje": "Usuario o clave incorrectos"}')
    assert caught.value.reason is Reason.CREDENTIALS
