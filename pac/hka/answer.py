"""An answer of HKA's service to one call, read as far as it can be, without our credentials in it."""

import json
import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape, quoteattr

import orjson
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from pac.emission import Evidence
from pac.failures import Unavailable
from pac.hka.members import CUFE
from pac.http import Response
from pac.soap import local_name

LONGEST_EVIDENCE: Final = 16_000  # characters
_MOST_READ: Final = 1024 * 1024  # bytes in which our credentials are looked for
_LONGEST_MESSAGE: Final = 4_000
CUFE_FORM: Final = re.compile(CUFE)  # which is of the DGI's making
_FILES: Final = ("documento", "archivo")  # a whole file in base 64, kept elsewhere
_HIDDEN: Final = "[…]"
BLANKS: Final = b"\xef\xbb\xbf \t\r\n"  # the byte order mark among them

UNAUTHORIZED: Final = "401"  # the status with which a REST service refuses a token, as its code
# With these, a REST service says that it can't read a request.
_UNREADABLE: Final = frozenset({400, 415, 422})
# What WCF and SOAP call a request that they can't read; other faults are troubles of the server's own.
_REQUEST_FAULTS: Final = frozenset(
    {"DeserializationFailed", "ActionNotSupported", "Client", "Sender", "MustUnderstand"}
)


class Secrets:
    """Our credentials, to be taken out of what a provider says. They are compared whatever their case."""

    def __init__(self, values: Iterable[str]) -> None:
        spellings = {spelling for value in values if value for spelling in _spellings(value)}
        longest_first = sorted(spellings, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE) if spellings else None

    def hide(self, text: str) -> str:
        return self._pattern.sub(_HIDDEN, text) if self._pattern else text


def _spellings(value: str) -> set[str]:
    """The value as it may stand in XML, in a quoted attribute, in an address and in JSON."""
    escaped = json.dumps(value)[1:-1]
    return {
        escaped,
        json.dumps(value, ensure_ascii=False)[1:-1],
        re.sub("[&'+<>]", lambda found: f"\\u{ord(found[0]):04x}", escaped),  # as .NET writes it
        escaped.replace("/", r"\/"),
        value,
        escape(value),
        quoteattr(value)[1:-1],
        escape(value, {"'": "&apos;", '"': "&quot;"}),
        quote(value),
        quote(value, safe=""),
    }


@dataclass(frozen=True)
class Answer:
    """What came back: the result's fields by their names in lower case, and the evidence to be kept.

    ``file`` is the one that came, which isn't among the fields. ``code`` is the provider's, None where the answer isn't
    the method's result; then the evidence has none, either.
    ``may_have_arrived`` is whether the request may have reached the provider.
    """

    code: str | None
    fields: Mapping[str, str]
    evidence: Evidence
    file: bytes | None = None
    may_have_arrived: bool = True
    is_request_fault: bool = False

    @property
    def message(self) -> str:
        return self.field("mensaje") or ""

    def field(self, name: str) -> str | None:
        return self.fields.get(name.lower())


def no_answer(failure: Unavailable) -> Answer:
    """What is known where no answer came."""
    return Answer(None, {}, Evidence(message=failure.reason.value), may_have_arrived=failure.may_have_arrived)


def read(method: str, response: Response, secrets: Secrets) -> Answer:
    """Read the answer to a method; it is never an error that it can't be read."""
    kept = _keep(response, secrets)
    root = _parse(response.body)
    result = _find(root, f"{method}Result") if response.status == 200 else None
    if result is not None:
        given = [(local_name(element), element.text or "") for element in result if not len(element)]
        return _read_result(given, kept, secrets)
    fault, is_request_fault = _read_fault(root)
    said = f"HTTP {response.status} {secrets.hide(fault)}".strip()[:_LONGEST_MESSAGE]
    return Answer(None, {}, Evidence(message=said, answer=kept or None), is_request_fault=is_request_fault)


def read_json(response: Response, secrets: Secrets) -> Answer:
    """Read the answer of a REST service, which may be the file that was asked for.

    Errors may come with a status of 400 to 499. A code of ours counts with any of these but 200, which needs its own.
    """
    if response.status == 200 and _is_file(response.body):
        return Answer(None, {}, Evidence(), file=response.body)
    kept = _keep(response, secrets)
    if response.status == int(UNAUTHORIZED):
        return Answer(UNAUTHORIZED, {}, Evidence(code=UNAUTHORIZED, message="Unauthorized", answer=kept or None))
    said = Evidence(message=f"HTTP {response.status}", answer=kept or None)
    if response.status == 200 or 400 <= response.status < 500:
        given = _parse_object(response.body)
        answer = _read_result(given.items(), kept, secrets)
        is_result = answer.code is not None or answer.file is not None
        if is_result if response.status == 200 else answer.code not in (None, "200", str(response.status)):
            return answer
    return Answer(None, {}, said, is_request_fault=response.status in _UNREADABLE)


def _parse_object(body: bytes) -> dict[str, str]:
    """The texts and whole numbers of a JSON object, as texts; nothing where it isn't one."""
    try:
        fields = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    if not isinstance(fields, dict):
        return {}
    kept = {name: each for name, each in fields.items() if isinstance(each, str | int) and not isinstance(each, bool)}
    return {name: str(each) for name, each in kept.items()}


def _is_file(body: bytes) -> bool:
    """Whether this is a PDF or the XML of a document; a web page is neither."""
    return body.startswith(b"%PDF") or (body.lstrip(BLANKS).startswith(b"<") and b"rFE" in body)


def _keep(response: Response, secrets: Secrets) -> str:
    text = response.body[:_MOST_READ].decode("utf-8", "replace").replace("\x00", "")
    return secrets.hide(text)[:LONGEST_EVIDENCE]


def _read_result(given: Iterable[tuple[str, str]], kept: str, secrets: Secrets) -> Answer:
    fields: dict[str, str] = {}
    file = None
    for name, text in given:
        name, value = name.lower(), text.strip().replace("\x00", "")
        if value and name in _FILES:
            file = _decode(value)
            kept = ""  # the file is kept by itself, and only where it came
        elif value:
            fields.setdefault(name, value if CUFE_FORM.fullmatch(value) else secrets.hide(value))
    code = fields.get("codigo")
    message = fields.get("mensaje", "")[:_LONGEST_MESSAGE] or None
    evidence = Evidence(code=code and code[:20], message=message, answer=kept or None)
    return Answer(code, fields, evidence, file)


def _decode(text: str) -> bytes:
    """Empty for what isn't base 64."""
    try:
        return b64decode("".join(text.split()), validate=True)
    except (Base64Error, ValueError):
        return b""


def _parse(body: bytes) -> Element | None:
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    # Beyond what it documents, the parser refuses unknown encodings with a LookupError.
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    return root


def _find(root: Element | None, name: str) -> Element | None:
    if root is None:
        return None
    return next((element for element in root.iter() if local_name(element) == name), None)


def _read_fault(root: Element | None) -> tuple[str, bool]:
    """The text of a SOAP fault, and whether it says that the request can't be read."""
    fault = _find(root, "Fault")
    if fault is None:
        return "", False
    texts = {local_name(element): (element.text or "").strip() for element in fault.iter()}
    code = texts.get("faultcode") or texts.get("Value") or ""
    text = texts.get("faultstring") or texts.get("Text") or ""
    return f"{code} {text}".strip(), code.rpartition(":")[2] in _REQUEST_FAULTS
