"""Keys of what people typed: by which rows are ordered, searched and told apart.

Keys are stored. When this file has changed, ``server.py migrate`` computes them anew (``db.keys``).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import chain, groupby
from typing import Final, NamedTuple, TypeVar

from rules import ruc
from rules.faults import Code, Fault, Refusal, Text
from rules.text import INVISIBLE, clean

FILE: Final = __file__

# Folding

_INVISIBLE: Final = re.compile(f"[{INVISIBLE}]")

# Letters that Unicode doesn't decompose say in their names which letters they are, such as LATIN SMALL LETTER L WITH
# STROKE. Not even that do these.
_NAMED: Final = re.compile("LATIN (?:SMALL (?:LETTER|LIGATURE)|LETTER SMALL CAPITAL) ([A-Z]{1,2})(?: WITH .+)?")
_LATIN: Final = (
    range(0xC0, 0x2B0),
    range(0x1D00, 0x1DC0),
    range(0x1E00, 0x1F00),
    range(0x2C60, 0x2C80),
    range(0xA720, 0xA800),
    range(0xAB30, 0xAB70),
    range(0x1DF00, 0x1E000),
)
_OTHERS: Final = {"þ": "th", "ð": "d", "ı": "i", "ȷ": "j", "ŋ": "n", "ĸ": "k", "ɵ": "o"}


def _read_names() -> dict[int, str]:
    plain = [char for char in map(chr, chain(*_LATIN)) if unicodedata.normalize("NFKD", char) == char]
    names = [(char, _NAMED.fullmatch(unicodedata.name(char, ""))) for char in plain]
    return str.maketrans({char: match[1].lower() for char, match in names if match} | _OTHERS)


_LETTERS: Final = _read_names()


def _decompose(text: str) -> str:
    """Lower case, letters and their accents apart, without what is invisible; ``ł`` is ``l`` and ``æ`` is ``ae``."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return folded if folded.isascii() else _INVISIBLE.sub("", folded).translate(_LETTERS)


def _without_marks(text: str) -> str:
    return "".join(char for char in text if not unicodedata.combining(char))


def _fold(text: str) -> str:
    return _without_marks(_decompose(text))


def fold_in_sql(expression: str) -> str:
    """SQL that folds a text in Latin letters as ``search_key`` does, but for its punctuation and rare ligatures."""
    folded = f"regexp_replace(normalize({expression}, NFKD), '[\\u0300-\\u036f]', '', 'g')"
    for ligature, letters in _LIGATURES.items():
        folded = f"replace({folded}, '{ligature}', '{letters}')"
    single = {chr(char): letter for char, letter in _LETTERS.items() if len(letter) == 1}
    capitals = {char.upper(): letter for char, letter in single.items() if len(char.upper()) == 1}
    plain = {**capitals, **single}
    return f"lower(translate({folded}, '{''.join(plain)}', '{''.join(plain.values())}'))"


_LIGATURES: Final = {"ß": "ss", "ẞ": "ss", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "þ": "th", "Þ": "th"}


# Sorting

# Sorts after every character of a cleaned Spanish text. It is a control character, so it occurs in none.
_AFTER_Z: Final = "\x7f"

# An entry of a PostgreSQL index holds about 2,700 bytes, and case folding makes up to eighteen of one letter.
_LONGEST_KEY: Final = 200


def sort_key(text: str) -> str:
    """The key that is stored to sort texts in Spanish order under ``COLLATE "C"``, which compares bytes.

    Case and accents don't count. The letter ñ comes after n: it becomes n and a character that
    sorts after all others.

    >>> sorted(["Ñopo", "Óscar", "nz", "Oca", "Nube"], key=sort_key)
    ['Nube', 'nz', 'Ñopo', 'Oca', 'Óscar']
    """
    folded = _decompose(text).replace("n\N{COMBINING TILDE}", "n" + _AFTER_Z)
    return " ".join(_without_marks(folded).split())[:_LONGEST_KEY]


# Telling apart


def document_key(number: str) -> str:
    """What tells a foreign document's number from others: its letters and digits, whatever their case.

    >>> document_key("ab-123.456") == document_key("AB 123456")
    True
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", number).casefold())
    kept = "".join(char for char in folded if unicodedata.category(char)[0] in "LNM")
    return _INVISIBLE.sub("", kept)[:_LONGEST_KEY] or folded[:_LONGEST_KEY]


def email_key(address: str) -> str:
    """What tells an e-mail address from others: all of it but the case.

    >>> email_key("Ana@example.com")
    'ana@example.com'
    """
    return address.casefold()


# What is searched


def search_key(text: str) -> str:
    """The words of a text, lower case and without accents, one space between them.

    >>> search_key("Ferretería «El Ñandú», S.A.")
    'ferreteria el nandu s a'
    """
    return " ".join(_WORD.findall(_fold(text)))


def digits(text: str) -> str:
    """The digits 0 to 9 of a text.

    >>> digits("+507 6677-8899")
    '50766778899'
    """
    return re.sub("[^0-9]", "", text)


def search_column(
    name: str,
    ruc_canonical: str | None = None,
    foreign_id_number: str | None = None,
    phones: Iterable[str | None] = (),
    emails: Iterable[str | None] = (),
) -> str:
    """The stored text in which a customer is searched: its words, each with a space before it.

    - Name: its words; a word with punctuation also without it (``Coca-Cola``: coca, cola,
      cocacola); single letters in a row also joined (``S. A.``: s, a, sa).
    - RUC and foreign id: the groups of letters and of digits, and all of them joined.
    - Phones, in E.164: the digits; those of Panama also without 507.
    - E-mail addresses: letters and digits, joined.

    >>> search_column("Ñandú, S.A.", "8-769-1080", phones=["+50766778899"], emails=["ana@example.com"])
    ' nandu s a sa 8 769 1080 87691080 50766778899 66778899 anaexamplecom'
    """
    words = [
        *_name_words(name),
        *_identification_words(ruc_canonical or ""),
        *_identification_words(foreign_id_number or ""),
        *chain.from_iterable(_phone_words(phone or "") for phone in phones),
        *("".join(_WORD.findall(_fold(email or ""))) for email in emails),
    ]
    return "".join(f" {word}" for word in dict.fromkeys(words) if word)


CUSTOMER_KEYS: Final = ("name_key", "identification_key", "phone_key", "email_key", "search")


def customer_keys(
    *,
    name: str,
    ruc_canonical: str | None,
    foreign_id_number: str | None,
    identification: str,
    email: str | None,
    phone: str | None,
    mobile: str | None,
    person_emails: Iterable[str | None],
) -> dict[str, str | None]:
    """The columns that a customer is ordered and searched by."""
    return {
        "name_key": sort_key(name),
        "identification_key": sort_key(identification),
        "phone_key": digits(phone or mobile or ""),
        "email_key": email_key(email) if email else None,
        "search": search_column(name, ruc_canonical, foreign_id_number, [phone, mobile], [email, *person_emails]),
    }


def number_words(number: str) -> str:
    """What an issued document has in its column besides its customer: its number with leading zeros and without.

    >>> number_words("0000000003")
    ' 0000000003 3'
    """
    return f" {number} {int(number)}"


_WORD: Final = re.compile(r"[^\W_]+")
_LETTERS_OR_DIGITS: Final = re.compile(r"\d+|[^\W\d_]+")


def _name_words(name: str) -> Iterator[str]:
    pieces = [_WORD.findall(piece) for piece in _fold(name).split()]
    for parts in pieces:
        yield from parts
        yield "".join(parts)
    for is_letter, run in groupby(chain.from_iterable(pieces), lambda part: len(part) == 1):
        if is_letter:
            yield "".join(run)


def _identification_words(text: str) -> Iterator[str]:
    groups = _LETTERS_OR_DIGITS.findall(_fold(text))
    yield from groups
    yield "".join(groups)


def _phone_words(e164: str) -> Iterator[str]:
    yield digits(e164)
    yield digits(e164.removeprefix("+507"))


# Searching

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
    folded = _RUC_WORD.sub(" ", _fold(query).translate(ruc.DASHES))
    return _SLASH_DV.sub(r"\1", _DV.sub(" ", folded)).split()


def _piece_terms(piece: str) -> list[str]:
    parts = _WORD.findall(piece)
    if "@" not in piece and any(len(part) >= 3 and part.isalpha() for part in parts):
        return parts
    return ["".join(parts)] if parts else []


def _document_terms(piece: str) -> list[str | DocumentNumber]:
    match = _NUMBER.fullmatch(piece)
    if match is None:
        return [*_piece_terms(piece)]
    branch, point, number = match.groups()
    part = None if piece.startswith("0") else "".join(_WORD.findall(piece))
    return [DocumentNumber(branch, point, number.zfill(10), part)]
