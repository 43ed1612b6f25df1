"""CUFE (Código Único de Factura Electrónica), the 66 characters that name a document to the DGI.

Who authorises a document chooses its security code; all the rest follows from the document. So the first 56
characters are known before it is sent, and an answer that begins otherwise is about another document.

========  ======  ==================================================
position  length  part
========  ======  ==================================================
1         2       ``FE``
3         2       type of document
5         1       type of taxpayer of the issuer
6         20      RUC of the issuer, with zeros on its left
26        1       ``-``
27        2       DV of the issuer
29        4       branch
33        8       day of issue in Panama, YYYYMMDD
41        10      number
51        3       billing point
54        2       type of emission
56        1       environment
57        9       security code
66        1       check digit
========  ======  ==================================================

>>> cufe = parse("FE0120000155596713-2-2015-5900012019052800055000155650121566749040")
>>> cufe.ruc, cufe.branch, str(cufe.day), cufe.number, cufe.environment.value
('155596713-2-2015', '0001', '2019-05-28', '0005500015', 'TEST')
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from urllib.parse import quote

from rules import ruc
from rules.calendar import PANAMA
from rules.fiscal.document import DocumentKey, FiscalDocument, Issuer
from rules.vocabulary import CODES, Environment

LENGTH: Final = 66
PREFIX_LENGTH: Final = 56

# Previous authorisation, normal operation: the only one that this service uses.
NORMAL_EMISSION: Final = "01"

_PARTS: Final = re.compile(
    r"FE(?P<type>[0-9]{2})(?P<taxpayer_type>[12])(?P<ruc>[0-9A-Z-]{20})-(?P<dv>[0-9]{2})(?P<branch>[0-9A-Za-z]{4})"
    r"(?P<day>[0-9]{8})(?P<number>(?!0{10})[0-9]{10})(?P<billing_point>(?!000)[0-9]{3})(?P<emission_type>0[1-4])"
    r"(?P<environment>[12])(?P<security>(?!0{9})[0-9]{9})[0-9]"
)
_ENVIRONMENTS: Final = {CODES[environment]: environment for environment in Environment}
_HOSTS: Final = {
    Environment.PRODUCTION: "https://dgi-fep.mef.gob.pa",
    Environment.TEST: "https://dgi-fep-test.mef.gob.pa:40001",
}


@dataclass(frozen=True, kw_only=True)
class Cufe:
    """A CUFE's parts; ``type`` and ``taxpayer_type`` are codes of the DGI, ``ruc`` is without the zeros on its left."""

    type: str
    taxpayer_type: str
    ruc: str
    dv: str
    branch: str
    day: date
    number: str
    billing_point: str
    emission_type: str
    environment: Environment
    security: str


class InvalidCufe(ValueError):
    """The text is not a CUFE: its form, a part or its check digit is wrong."""

    def __init__(self, text: str) -> None:
        super().__init__(f"not a CUFE: {text[:LENGTH]!r}")


def write_prefix(key: DocumentKey, issuer: Issuer, emitted_at: datetime, environment: Environment) -> str:
    """The first 56 characters of the CUFE that a document will get.

    The issuer's RUC must be one; raises ``ruc.InvalidRuc`` otherwise.
    """
    return "".join(
        [
            "FE",
            CODES[key.type],
            CODES[issuer.taxpayer_type],
            ruc.parse(issuer.ruc).dgi.rjust(20, "0"),
            "-",
            issuer.dv.zfill(2),
            key.branch,
            emitted_at.astimezone(PANAMA).strftime("%Y%m%d"),
            key.number.zfill(10),
            key.billing_point.zfill(3),
            NORMAL_EMISSION,
            CODES[environment],
        ]
    )


def expected_prefix(document: FiscalDocument) -> str:
    """The first 56 characters of a document's CUFE."""
    return write_prefix(document.key, document.issuer, document.emitted_at, document.environment)


def complete(prefix: str, security: str) -> str:
    """The whole CUFE of 56 characters and a security code of nine digits.

    >>> complete("FE0120000999999101-2-2026-810000202611230000000001001012", "271828182")
    'FE0120000999999101-2-2026-8100002026112300000000010010122718281827'
    """
    return prefix + security + check_digit(prefix + security)


def check_digit(text: str) -> str:
    """The last character of a CUFE, by the 65 before it: Luhn's, where a letter or hyphen counts as its ASCII code
    modulo 10.

    >>> check_digit("FE01200000045400-2-299934-090000202205050000000038999011768669062")
    '8'
    """
    total = 0
    for index, char in enumerate(reversed(text[2:65])):
        digit = int(char) if char in "0123456789" else ord(char) % 10
        if index % 2 == 0:
            digit = digit * 2 - (9 if digit > 4 else 0)
        total += digit
    return str(-total % 10)


def parse(text: str) -> Cufe:
    """The parts of a CUFE whose check digit is right; raises ``InvalidCufe``."""
    match = _PARTS.fullmatch(text)
    if match is None or check_digit(text) != text[-1]:
        raise InvalidCufe(text)
    parts = match.groupdict()
    try:
        day = datetime.strptime(parts.pop("day"), "%Y%m%d").date()
    except ValueError:
        raise InvalidCufe(text) from None
    environment = _ENVIRONMENTS[parts.pop("environment")]
    return Cufe(**{**parts, "ruc": parts["ruc"].lstrip("0")}, day=day, environment=environment)


def is_ours(text: str | None, prefix: str) -> bool:
    """Whether this is a CUFE of the document that has this prefix.

    Two sends of one document may get different security codes, so whole CUFEs tell nothing more.
    """
    if text is None or not text.startswith(prefix) or len(prefix) != PREFIX_LENGTH:
        return False
    try:
        parse(text)
    except InvalidCufe:
        return False
    return True


def consultation_url(cufe: str, environment: Environment) -> str:
    """Where anybody can see the document at the DGI."""
    return f"{_HOSTS[environment]}/Consultas/FacturasPorCUFE/{cufe}"


def qr_text(cufe: str, environment: Environment, digest_value: str, jwt: str) -> str:
    """What the QR code says. Only who signs the document can make it: ``digest_value`` is the signature's, in base 64,
    and ``jwt`` is signed with the signer's key.
    """
    return (
        f"{_HOSTS[environment]}/Consultas/FacturasPorQR?chFE={cufe}&iAmb={CODES[environment]}"
        f"&digestValue={quote(digest_value, safe='')}&jwt={jwt}"
    )
