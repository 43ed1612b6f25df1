"""The XML of an authorised document: alone or with its authorisation, in whatever namespace."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pac.authorized_xml import read_contents
from tests.pac.hka.messages import OURS
from tests.pac.hka.samples import read_bytes

CONTAINER = read_bytes("rcontfe-a.synthetic")
ALONE = CONTAINER[CONTAINER.index(b"<rFE") : CONTAINER.index(b"</xFe>")]


def test_a_container_says_document_and_authorisation() -> None:
    contents = read_contents(CONTAINER)
    assert contents is not None
    assert contents.cufe == OURS
    assert (contents.qr or "").startswith("https://dgi-fep-test.mef.gob.pa:40001/Consultas/FacturasPorQR?chFE=")
    assert contents.protocol == "20260000000000000001"
    assert contents.authorized_at == datetime.fromisoformat("2026-11-23T10:15:03-05:00")
    assert (contents.total, contents.receiver_ruc, contents.line_count) == ("35.68", "999999102-2-2026", 2)
    assert contents.lines == (("SRV-01", "Asesoría técnica"), ("CAF-250", "Café molido"))


def test_a_document_alone_says_all_but_the_authorisation() -> None:
    contents = read_contents(ALONE)
    assert contents is not None
    assert (contents.cufe, contents.protocol, contents.authorized_at) == (OURS, None, None)
    assert (contents.total, contents.receiver_ruc, contents.line_count) == ("35.68", "999999102-2-2026", 2)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"dProtAut", b"dProAut"),  # the name in the schema of 2020
        (b"http://dgi-fep.mef.gob.pa", b"http://example.com/other"),
        (b' xmlns="http://dgi-fep.mef.gob.pa/wsdl/FeRecepFE"', b""),
    ],
)
def test_names_of_fields_and_namespaces_may_differ(old: bytes, new: bytes) -> None:
    assert old in CONTAINER
    changed, contents = read_contents(CONTAINER.replace(old, new)), read_contents(CONTAINER)
    assert contents is not None
    assert changed == replace(contents, qr=changed.qr if changed else None)


def test_the_issuers_ruc_is_never_taken_for_the_receivers() -> None:
    start, end = CONTAINER.index(b"<gRucRec>"), CONTAINER.index(b"</gRucRec>") + len(b"</gRucRec>")
    contents = read_contents(CONTAINER[:start] + CONTAINER[end:])
    assert contents is not None
    assert contents.receiver_ruc is None


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("35.6", "35.60"),
        ("1E+3", "1000.00"),
        ("NaN", None),
        ("-", None),
        ("1e999999", None),
        ("99999999999.99", "99999999999.99"),
    ],
)
def test_a_total_has_two_decimals_or_is_none(text: str, total: str | None) -> None:
    contents = read_contents(ALONE.replace(b"<dVTot>35.68<", f"<dVTot>{text}<".encode()))
    assert contents is not None
    assert contents.total == total


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF-1.7", b"<a/>", ALONE[:500], b"<!DOCTYPE rFE [<!ENTITY a 'b'>]><rFE>&a;</rFE>", b"<rContFe/>"],
)
def test_what_is_no_such_file_is_none(content: bytes) -> None:
    assert read_contents(content) is None


def test_an_empty_document_says_nothing() -> None:
    contents = read_contents(b"<rFE/>")
    assert contents is not None
    assert (contents.cufe, contents.total, contents.line_count) == (None, None, 0)


@given(st.integers(0, len(CONTAINER)), st.binary(max_size=8))
def test_no_content_breaks_the_reader(place: int, noise: bytes) -> None:
    read_contents(CONTAINER[:place] + noise + CONTAINER[place:])
