"""The CUFE by known examples, and against a second writing of its rules."""

import base64
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import ruc
from rules.fiscal import cufe
from rules.fiscal.document import DocumentKey, Issuer
from rules.vocabulary import DocumentType, Environment, TaxpayerType
from tests.rules.fiscal.vectors import VECTORS

PUBLIC = [
    "FE01200000045400-2-299934-0900002022050500000000389990117686690628",
    "FE0120000155596713-2-2015-5900012019052800055000155650121566749040",
    "FE012000000630-483-123250-163OC72025113000005879620040310542847129",
]
ENVIRONMENTS = {"1": Environment.PRODUCTION, "2": Environment.TEST}
TAXPAYER_TYPES = {"1": TaxpayerType.NATURAL, "2": TaxpayerType.JURIDICAL}

RUCS = st.sampled_from(["155596713-2-2015", "8-769-1080", "8AV-1-196", "8-NT-1-13656", "E-8-127702", "45400-2-299934"])
SECURITIES = st.integers(1, 999_999_999).map("{:09}".format)
KEYS = st.builds(
    DocumentKey,
    branch=st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=4, max_size=4),
    billing_point=st.integers(1, 999).map("{:03}".format),
    number=st.integers(1, 9_999_999_999).map("{:010}".format),
    type=st.just(DocumentType.INVOICE),
)
ISSUERS = st.builds(
    Issuer, ruc=RUCS, dv=st.integers(0, 99).map("{:02}".format), taxpayer_type=st.sampled_from(TaxpayerType)
)
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))


def key_and_issuer(parts: dict[str, Any]) -> tuple[DocumentKey, Issuer]:
    key = DocumentKey(
        branch=parts["branch"],
        billing_point=parts["billingPoint"],
        number=parts["number"],
        type=DocumentType.INVOICE,
    )
    return key, Issuer(ruc=parts["ruc"], dv=parts["dv"], taxpayer_type=TAXPAYER_TYPES[parts["taxpayerType"]])


@pytest.mark.parametrize("vector", VECTORS["cufe"], ids=lambda vector: vector["case"])
def test_a_vectors_cufe_has_the_right_check_digit_and_its_parts(vector: dict[str, Any]) -> None:
    text = vector["cufe"]
    assert cufe.complete(text[:56], vector["security"]) == text
    parts = cufe.parse(text)
    assert (parts.type, parts.taxpayer_type, parts.ruc, parts.dv) == (
        vector["documentType"],
        vector["taxpayerType"],
        vector["ruc"],
        vector["dv"],
    )
    assert (parts.branch, parts.number, parts.billing_point) == (
        vector["branch"],
        vector["number"],
        vector["billingPoint"],
    )
    assert (parts.emission_type, parts.environment) == (vector["emissionType"], ENVIRONMENTS[vector["environment"]])
    assert (parts.day.isoformat(), parts.security) == (vector["fechaEmision"][:10], vector["security"])


@pytest.mark.parametrize(
    "vector",
    [each for each in VECTORS["cufe"] if (each["documentType"], each["emissionType"]) == ("01", "01")],
    ids=lambda vector: vector["case"],
)
def test_the_prefix_of_a_vector_is_known_before_it_is_sent(vector: dict[str, Any]) -> None:
    key, issuer = key_and_issuer(vector)
    emitted_at = datetime.fromisoformat(vector["emittedAt"])
    prefix = cufe.write_prefix(key, issuer, emitted_at, ENVIRONMENTS[vector["environment"]])
    assert prefix == vector["cufe"][:56]
    assert cufe.is_ours(vector["cufe"], prefix)


@pytest.mark.parametrize("text", PUBLIC)
def test_the_check_digits_of_public_cufes_are_right(text: str) -> None:
    assert cufe.check_digit(text) == text[-1]
    assert cufe.parse(text)


@pytest.mark.parametrize("vector", VECTORS["cufeRefused"], ids=lambda vector: vector["case"])
def test_a_wrong_cufe_is_refused(vector: dict[str, str]) -> None:
    with pytest.raises(cufe.InvalidCufe):
        cufe.parse(vector["cufe"])
    assert not cufe.is_ours(vector["cufe"], vector["cufe"][:56])


@given(KEYS, ISSUERS, INSTANTS, st.sampled_from(Environment), SECURITIES)
def test_a_cufe_is_that_of_a_second_writing_and_is_read_back(
    key: DocumentKey, issuer: Issuer, emitted_at: datetime, environment: Environment, security: str
) -> None:
    prefix = cufe.write_prefix(key, issuer, emitted_at, environment)
    text = cufe.complete(prefix, security)
    assert text == second_writing(key, issuer, emitted_at, environment, security)
    parts = cufe.parse(text)
    assert ruc.parse(parts.ruc) == ruc.parse(issuer.ruc)
    assert (parts.branch, parts.number, parts.billing_point) == (key.branch, key.number, key.billing_point)
    assert (parts.environment, parts.security, len(text), len(prefix)) == (environment, security, 66, 56)
    assert parts.day == (emitted_at - timedelta(hours=5)).date()
    assert cufe.is_ours(text, prefix)


@given(KEYS, KEYS, ISSUERS, INSTANTS, SECURITIES)
def test_a_document_of_another_key_day_or_environment_is_not_ours(
    key: DocumentKey, other: DocumentKey, issuer: Issuer, emitted_at: datetime, security: str
) -> None:
    prefix = cufe.write_prefix(key, issuer, emitted_at, Environment.TEST)
    variants = [
        cufe.write_prefix(key, issuer, emitted_at + timedelta(days=1), Environment.TEST),
        cufe.write_prefix(key, issuer, emitted_at, Environment.PRODUCTION),
    ]
    if other != key:
        variants.append(cufe.write_prefix(other, issuer, emitted_at, Environment.TEST))
    assert not any(cufe.is_ours(cufe.complete(variant, security), prefix) for variant in variants)


@given(st.text(max_size=80) | st.from_regex(r"FE[0-9A-Z-]{64}", fullmatch=True))
def test_any_other_text_is_refused_as_a_cufe(text: str) -> None:
    try:
        assert cufe.complete(text[:56], cufe.parse(text).security) == text
    except cufe.InvalidCufe:
        assert not cufe.is_ours(text, text[:56])


def test_no_cufe_is_never_ours() -> None:
    assert not cufe.is_ours(None, PUBLIC[0][:56])
    assert not cufe.is_ours(PUBLIC[0], "")


@given(st.sampled_from(Environment), st.binary(min_size=32, max_size=32))
def test_the_qr_says_cufe_environment_digest_and_token(environment: Environment, digest: bytes) -> None:
    value = base64.b64encode(digest).decode()
    text = cufe.qr_text(PUBLIC[0], environment, value, "a.b.c")
    parts = urlsplit(text)
    assert parts.path == "/Consultas/FacturasPorQR"
    expected = {"chFE": [PUBLIC[0]], "iAmb": ["1" if environment is Environment.PRODUCTION else "2"]}
    assert parse_qs(parts.query) == {**expected, "digestValue": [value], "jwt": ["a.b.c"]}
    assert 100 <= len(text) <= 600
    assert ("test" in (parts.hostname or "")) == (environment is Environment.TEST)


def test_anybody_sees_a_document_at_the_dgi_by_its_cufe() -> None:
    url = cufe.consultation_url(PUBLIC[0], Environment.PRODUCTION)
    assert url == f"https://dgi-fep.mef.gob.pa/Consultas/FacturasPorCUFE/{PUBLIC[0]}"


def second_writing(
    key: DocumentKey, issuer: Issuer, emitted_at: datetime, environment: Environment, security: str
) -> str:
    """By a table of positions and a table of doubled digits, from the DGI's text; shares nothing with the first."""
    day: date = (emitted_at.astimezone(UTC) - timedelta(hours=5)).date()
    fields = [
        (2, "FE"),
        (2, "01"),
        (1, {TaxpayerType.NATURAL: "1", TaxpayerType.JURIDICAL: "2"}[issuer.taxpayer_type]),
        (20, {"8AV-1-196": "8-AV-1-196"}.get(issuer.ruc, issuer.ruc)),
        (1, "-"),
        (2, issuer.dv),
        (4, key.branch),
        (8, f"{day.year:04}{day.month:02}{day.day:02}"),
        (10, key.number),
        (3, key.billing_point),
        (2, "01"),
        (1, {Environment.PRODUCTION: "1", Environment.TEST: "2"}[environment]),
        (9, security),
    ]
    text = "".join(value.zfill(width) if "-" not in value else value.rjust(width, "0") for width, value in fields)
    doubled = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9]
    values = [ord(char) % 10 if not char.isdigit() else int(char) for char in text[2:]]
    # 63 characters: those at even places from the left are the ones doubled from the right.
    total = sum(doubled[value] if place % 2 == 0 else value for place, value in enumerate(values))
    return text + str((10 - total % 10) % 10)
