"""Rules about the documents that a note refers to."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from pac.sandbox.dgi.submission import Breach, Submission, differs
from pac.sandbox.group import Group
from pac.sandbox.storage import Document
from rules.calendar import PANAMA
from rules.fiscal import cufe

_CREDIT: Final = "04"
_DEBIT: Final = "05"
_NOTES: Final = (_CREDIT, _DEBIT)
_GENERIC_NOTES: Final = ("06", "07")
_MOST_DAYS: Final = timedelta(days=180)
# By the type of the note and of the document that it refers to.
_NOTES_ON_NOTES: Final = {("04", "04"): "1712", ("05", "05"): "1713", ("04", "05"): "1715", ("05", "04"): "1716"}


def check(submission: Submission) -> Iterator[Breach]:
    numbers = [reference["cufeFEReferenciada"] for reference in submission.references]
    if submission.type in _NOTES and not any(numbers):
        yield Breach("1705")
    if submission.type in _GENERIC_NOTES and any(numbers):
        yield Breach("1706")
    if submission.type in ("01", "08") and any(numbers):
        yield Breach("1708")
    if submission.type not in _NOTES:
        return
    if any(count > 1 for number, count in Counter(numbers).items() if number):
        yield Breach("1709")
    for reference in submission.references:
        if reference["cufeFEReferenciada"]:
            yield from _check_reference(submission, reference)
    yield from _check_amount(submission)


def _check_reference(submission: Submission, reference: Group) -> Iterator[Breach]:
    number = reference["cufeFEReferenciada"]
    if not (number.startswith("FE") and len(number) == cufe.LENGTH):
        yield Breach("1703")
        return
    if number[-1] != cufe.check_digit(number):
        yield Breach("1704")
        return
    document = submission.find_referenced(reference)
    if document is None:
        yield Breach("1707")
        return
    if code := _NOTES_ON_NOTES.get((submission.type, document.key.type)):
        yield Breach(code)
    yield from _compare(submission, reference, document)


def _compare(submission: Submission, reference: Group, document: Document) -> Iterator[Breach]:
    given_at = datetime.fromisoformat(reference["fechaEmisionDocFiscalReferenciado"])
    if given_at > submission.emitted_at:
        yield Breach("1702")
    if document.receiver != submission.receiver_number:
        yield Breach("1710")
    days = submission.emitted_at.astimezone(PANAMA).date() - document.emitted_at.astimezone(PANAMA).date()
    if days > _MOST_DAYS:
        yield Breach("1714")
    if document.voided_at:
        yield Breach("1718")
    if document.issuer != submission.issuer.user:
        yield Breach("1719")
    if given_at != document.emitted_at:
        yield Breach("1720")


def _check_amount(submission: Submission) -> Iterator[Breach]:
    """No note is above what it refers to, nor are all credit notes together."""
    documents = list(filter(None, map(submission.find_referenced, submission.references)))
    if not documents:
        return
    total = submission.totals.amount("totalFactura")
    most = sum((Decimal(document.total) for document in documents), Decimal(0))
    if total > most and differs(total, most):
        yield Breach("1711")
        return
    notes = {note.cufe: note for document in documents for note in submission.store.find_notes(document.cufe)}
    earlier = [note for note in notes.values() if note.key.type == submission.type == _CREDIT and not note.voided_at]
    total += sum((Decimal(note.total) for note in earlier), Decimal(0))
    if total > most and differs(total, most):
        yield Breach("1717")
