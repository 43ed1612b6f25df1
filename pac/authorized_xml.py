"""Reading the XML of an authorised document, as a provider gives it out.

It is the document alone (``rFE``) or a container of the document and its authorisation (``rContFe`` with ``xFe`` and
``xProtFe``); where the authorisation is missing, so are its number and time. Namespaces and prefixes differ.
"""

from decimal import Decimal, InvalidOperation
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from pac.emission import FileContents
from pac.soap import local_name
from rules.calendar import read_instant

_CENT: Final = Decimal("0.01")
_LARGEST: Final = Decimal(10**15)


def read_contents(content: bytes) -> FileContents | None:
    """What the file says, as far as it says it; None where it is no such file."""
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    # Beyond what it documents, the parser refuses unknown encodings with a LookupError.
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    document = _find(root, "rFE")
    if document is None:
        return None
    authorisation = _find(root, "gInfProt")
    items = [child for child in document if local_name(child) == "gItem"]
    return FileContents(
        cufe=_text(document, "dId"),
        qr=_text(_find(document, "gNoFirm"), "dQRCode"),
        # The schema of 2020 says dProAut, live answers say dProtAut.
        protocol=_text(authorisation, "dProtAut") or _text(authorisation, "dProAut"),
        authorized_at=read_instant(_text(authorisation, "dFecProc")),
        total=_amount(_text(_find(document, "gTot"), "dVTot")),
        receiver_ruc=_text(_find(_find(document, "gDatRec"), "gRucRec"), "dRuc"),
        line_count=len(items),
        lines=tuple([(_text(item, "dCodProd"), _text(item, "dDescProd")) for item in items]),
    )


def _find(element: Element | None, name: str) -> Element | None:
    """The first element of this name, the one given included."""
    if element is None:
        return None
    return next((each for each in element.iter() if local_name(each) == name), None)


def _text(element: Element | None, name: str) -> str | None:
    found = _find(element, name)
    return ((found.text or "").strip() or None) if found is not None else None


def _amount(text: str | None) -> str | None:
    """The amount with two decimals."""
    try:
        amount = Decimal(text or "")
    except InvalidOperation:
        return None
    return str(amount.quantize(_CENT)) if amount.is_finite() and abs(amount) < _LARGEST else None
