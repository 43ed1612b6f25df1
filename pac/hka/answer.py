"""An answer of HKA's service to one call, read as far as it can be, without our credentials in it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape, quoteattr

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
_FILE: Final = "documento"  # a whole file in base 64, kept elsewhere
_HIDDEN: Final = "[…]"

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
    """The value as it may stand in XML, in a quoted attribute and in an address."""
    return {
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

    ``code`` is the provider's, None where the answer isn't the method's result; then the evidence has none, either.
    ``may_have_arrived`` is whether the request may have reached the provider.
    """

    code: str | None
    fields: Mapping[str, str]
    evidence: Evidence
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
    text = response.body[:_MOST_READ].decode("utf-8", "replace").replace("\x00", "")
    kept = secrets.hide(text)[:LONGEST_EVIDENCE]
    root = _parse(response.body)
    result = _find(root, f"{method}Result") if response.status == 200 else None
    if result is not None:
        return _read_result(result, kept, secrets)
    fault, is_request_fault = _read_fault(root)
    said = f"HTTP {response.status} {secrets.hide(fault)}".strip()[:_LONGEST_MESSAGE]
    return Answer(None, {}, Evidence(message=said, answer=kept or None), is_request_fault=is_request_fault)


def _read_result(result: Element, kept: str, secrets: Secrets) -> Answer:
    fields: dict[str, str] = {}
    for element in result:
        name, value = local_name(element).lower(), (element.text or "").strip()
        if value and not len(element):
            is_plain = name == _FILE or CUFE_FORM.fullmatch(value)
            fields.setdefault(name, value if is_plain else secrets.hide(value))
    code = fields.get("codigo")
    # The file is kept by itself, and only where it came.
    answer = None if _FILE in fields else kept
    message = fields.get("mensaje", "")[:_LONGEST_MESSAGE] or None
    return Answer(code, fields, Evidence(code=code and code[:20], message=message, answer=answer))


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
