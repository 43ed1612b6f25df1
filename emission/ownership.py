"""Whether the document that a provider has under our key is ours: by its CUFE, and by what its XML says. Pure.

Another system may use the same billing point. Its document must never be taken for ours, nor ours for another's.
"""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from emission.events import Sight
from pac.emission import FileContents
from rules import ruc
from rules.fiscal import cufe
from rules.fiscal.document import FiscalDocument


def judge_cufe(text: str | None, document: FiscalDocument) -> Sight:
    """What the CUFE alone says: ``OURS`` if it may be ours, which the XML must confirm.

    Where the provider gives none, or one that no document can have, nothing is known.
    """
    if text is None:
        return Sight.UNSURE
    if cufe.is_ours(text, cufe.expected_prefix(document)):
        return Sight.OURS
    try:
        cufe.parse(text)
    except cufe.InvalidCufe:
        return Sight.UNSURE
    return Sight.OTHERS


def judge_contents(contents: FileContents | None, document: FiscalDocument) -> Sight:
    """What the downloaded XML says. It must have our total, receiver and number of lines."""
    if contents is None or contents.total is None:
        return Sight.UNSURE
    if contents.cufe is not None:
        sight = judge_cufe(contents.cufe, document)
        if sight is not Sight.OURS:
            return sight
    total = _amount(contents.total)
    if total is None:
        return Sight.UNSURE
    is_ours = (
        total == document.total
        and contents.line_count == len(document.lines)
        and _canonical(contents.receiver_ruc) == _canonical(document.receiver.ruc)
    )
    return Sight.OURS if is_ours else Sight.OTHERS


def is_of_payload(contents: FileContents, sent: FileContents) -> bool:
    """Whether the downloaded XML is of what was once sent, by the same three things."""
    total = _amount(contents.total)
    return (
        total is not None
        and total == _amount(sent.total)
        and contents.line_count == sent.line_count
        and _canonical(contents.receiver_ruc) == _canonical(sent.receiver_ruc)
    )


def is_earlier(contents: FileContents, now: FileContents, earlier: Iterable[FileContents]) -> bool:
    """Whether an XML with our three things is of what was sent before a correction of codes or descriptions.

    Only what is exactly an earlier one's is: providers may change texts, and ours must not be taken for another's.
    """
    said = _lines(contents)
    return said != _lines(now) and any(is_of_payload(contents, each) and said == _lines(each) for each in earlier)


def _lines(contents: FileContents) -> list[tuple[str, ...]]:
    return [tuple([" ".join((text or "").split()).casefold() for text in line]) for line in contents.lines]


def _amount(text: str | None) -> Decimal | None:
    try:
        amount = Decimal(text or "")
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _canonical(number: str | None) -> str | None:
    """A RUC in one spelling, whoever wrote it."""
    if not number:
        return None
    try:
        return ruc.parse(number).dgi
    except ruc.InvalidRuc:
        return number.strip().upper()
