"""What people search for: the terms of a query, and which customers and documents match them.

``rules.keys`` makes the columns in which they are looked for.
"""

import re
from collections.abc import Iterable
from itertools import chain
from typing import Final, NamedTuple, TypeVar

from rules import ruc
from rules.faults import Code, Fault, Refusal, Text
from rules.keys import WORD, fold
from rules.text import clean

LONGEST_SEARCH: Final = 200
MOST_WORDS: Final = 20

# Terms of this length find any part of a word, shorter ones only its beginning, since trigrams have three letters.
SHORTEST_INFIX: Final = 3


def search_terms(query: str) -> tuple[str, ...] | None:
    """The terms of a search, which must all match; all rows match a blank query, and none (None) one of marks only.

    The query is split at blanks. A piece with punctuation inside, such as a dash, is several words
    if one of its parts has three letters or more (``coca-cola``, ``o'higgins``). Otherwise it is a
    number or an abbreviation, and becomes one term without the punctuation (``8-769-1080``,
    ``6677-8899``, ``s.a.``), and so does an e-mail address. A customer is found by

    - any part of a word of the name, in any case, with or without accents: ``nandu`` and ``ANDÚ``
      find Ñandú. One or two letters find only the beginning of a word (``ña``);
    - other spellings of the name: ``coca-cola``, ``coca cola`` and ``cocacola`` find Coca-Cola,
      ``S.A.`` and ``SA`` find S. A.;
    - the RUC or foreign id or a part of it, with dashes, with spaces or without: ``8-NT-1-13656``,
      ``8 nt 1 13656``, ``8nt113656``, ``1-136``. Of ``RUC: 8-769-1080 DV 12``, as invoices show
      it, the letters RUC and the DV are dropped, because the column has neither;
    - a phone or a part of it, with or without +507, dashes, dots, brackets or blanks;
    - an e-mail address or a part of it.

    A RUC padded with zeros (``08-0769-01080``) finds nothing, since the stored one has none.
    Raises ``Refusal`` above 200 characters or 20 terms.

    >>> search_terms("Ñandú 8-769-1080 DV 91"), search_terms(" "), search_terms("%")
    (('nandu', '87691080'), (), None)
    """
    return _bounded(chain.from_iterable(map(_piece_terms, _pieces(query))), query)


class DocumentNumber(NamedTuple):
    """A document's number as people quote it, with its billing point. ``part`` is another meaning of the same text."""

    branch: str | None
    billing_point: str
    number: str
    part: str | None = None  # of a RUC


def document_terms(query: str) -> tuple[str | DocumentNumber, ...] | None:
    """The terms of a search for documents: like those of ``search_terms``, and numbers with their billing point.

    Words and marks in front of a number (``factura 3``, ``N.º 3``, ``#3``) are dropped. Numbers of billing
    points above 099 can be a part of a RUC as well, so they find both.

    >>> document_terms("Factura N.º 3"), document_terms("factura-001-0000000003.pdf")
    (('3',), (DocumentNumber(branch=None, billing_point='001', number='0000000003', part=None),))
    """
    pieces = " ".join(_pieces(query))
    pieces = _LABEL.sub("", _AROUND_DASH.sub(r"\1", pieces))
    return _bounded(chain.from_iterable(map(_document_terms, pieces.split())), query)


def matches(column: str, terms: tuple[str, ...] | None) -> bool:
    """Whether the search finds the customer. In SQL: ``LIKE '%term%'``, for a short term ``LIKE '% term%'``.

    Terms are letters and digits, so there is no ``%`` or ``_`` to escape in them.

    >>> from rules.keys import search_column
    >>> matches(search_column("Ñandú, S.A."), search_terms("s.a. NANDU"))
    True
    """
    return terms is not None and all(pattern(term) in column for term in terms)


def pattern(term: str) -> str:
    """The text that the column must contain."""
    return term if len(term) >= SHORTEST_INFIX else f" {term}"


T = TypeVar("T")


def _bounded(terms: Iterable[T], query: str) -> tuple[T, ...] | None:
    found = tuple(dict.fromkeys(terms))
    if len(found) > MOST_WORDS:
        raise _refusal(Code.TOO_MANY, f"{MOST_WORDS} palabras", f"{MOST_WORDS} words")
    return found if found or clean(query) is None else None


def _refusal(code: Code, es: str, en: str) -> Refusal:
    return Refusal(Fault(("search",), code, Text(f"Busca con {es} como máximo.", f"Search with at most {en}.")))


_RUC_WORD: Final = re.compile(r"\br\.?u\.?c\b\W*(?=(?:pe-?|e-?|n-?)?\d)")
_DV: Final = re.compile(r"(?<=\d)[\s,(/-]*d\.?v\.?[\s:.-]*\d{0,2}\b\)?")
_SLASH_DV: Final = re.compile(r"(?<=\d)(-\d+)/\d\d?(?!\d)")
_LABEL: Final = re.compile(r"(?<!\w)(?:(?:factura|fact|fac|invoice|numero|num|nro|n\.?o|n)[\s.:°-]*|#\s*)+(?=\d)")
_AROUND_DASH: Final = re.compile(r"(?<=\d)\s*([-/])\s*(?=\d)")
_NUMBER: Final = re.compile(r"(?:([0-9]{4})[-/])?([0-9]{3})[-/]([0-9]{1,10})(?:\.pdf)?")


def _pieces(query: str) -> list[str]:
    """The query in lower case, without accents and without the DV of a RUC, in the pieces between its blanks."""
    if len(query) > LONGEST_SEARCH:
        raise _refusal(Code.TOO_LONG, f"{LONGEST_SEARCH} caracteres", f"{LONGEST_SEARCH} characters")
    number = ruc.read(query)
    if number and number.written_dv and isinstance(ruc.check_dv(number, number.written_dv), ruc.Match):
        return [number.canonical.lower()]  # otherwise it could be a phone
    folded = _RUC_WORD.sub(" ", fold(query).translate(ruc.DASHES))
    return _SLASH_DV.sub(r"\1", _DV.sub(" ", folded)).split()


def _piece_terms(piece: str) -> list[str]:
    parts = WORD.findall(piece)
    if "@" not in piece and any(len(part) >= 3 and part.isalpha() for part in parts):
        return parts
    return ["".join(parts)] if parts else []


def _document_terms(piece: str) -> list[str | DocumentNumber]:
    match = _NUMBER.fullmatch(piece)
    if match is None:
        return [*_piece_terms(piece)]
    branch, point, number = match.groups()
    part = None if piece.startswith("0") else "".join(WORD.findall(piece))
    return [DocumentNumber(branch, point, number.zfill(10), part)]
