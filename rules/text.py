"""Text that people type: how it is cleaned, checked, sorted and searched."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import chain, groupby
from typing import Final

from rules.faults import Code, Fault, Refusal, Text

# Blanks that are cut off at both ends of a text, with the invisible characters that copies from web pages contain.
_BLANKS: Final = " \t\r\n\u00a0\u1680\u2028\u2029\u202f\u205f\u2060\u3000\ufeff" + "".join(
    map(chr, range(0x2000, 0x200C))
)

# Control characters, line separators, lone surrogates, and bidi controls, which can make one name look like another.
_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_UNSAFE_IN_LINES: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

# Unicode's limit for text that is safe to normalise (UAX 15, stream-safe text).
_MARKS_IN_A_ROW: Final = 30


def clean(text: str | None) -> str | None:
    """The text as it is stored: trimmed, in NFC, its line ends ``\\n``; None when nothing is left.

    >>> clean("  Jose\\u0301 ")
    'José'
    >>> clean(" ") is None
    True
    """
    trimmed = (text or "").replace("\r\n", "\n").strip(_BLANKS)
    # Normalising a long run of accents takes quadratic time, and `check` refuses such a text anyway.
    return (unicodedata.normalize("NFC", trimmed) if _is_stream_safe(trimmed) else trimmed) or None


def check(
    path: tuple[str, ...], text: str | None, shortest: int, longest: int, *, multiline: bool = False
) -> tuple[Fault, ...]:
    """What is wrong with a cleaned text: at most one fault. A text of None is ``REQUIRED`` unless ``shortest`` is 0.

    >>> [fault.code.value for fault in check(("name",), "A", 2, 200)]
    ['INVALID_VALUE']
    >>> check(("notes",), None, 0, 2000)
    ()
    """
    if text is None:
        return (Fault(path, Code.REQUIRED, MISSING),) if shortest else ()
    if (_UNSAFE_IN_LINES if multiline else _UNSAFE).search(text) or not _is_stream_safe(text):
        code, message = Code.INVALID_VALUE, _UNSAFE_MESSAGE
    elif len(text) < shortest:
        code = Code.INVALID_VALUE
        message = Text(
            f"Escribe al menos {shortest} caracteres; hay {len(text)}.",
            f"Write at least {shortest} characters; there are {len(text)}.",
        )
    elif len(text) > longest:
        code = Code.TOO_LONG
        message = Text(
            f"Escribe como máximo {longest} caracteres; hay {len(text)}.",
            f"Write at most {longest} characters; there are {len(text)}.",
        )
    else:
        return ()
    return (Fault(path, code, message),)


MISSING: Final = Text("Falta este dato.", "This is missing.")
_UNSAFE_MESSAGE: Final = Text(
    "El texto tiene caracteres de control o invisibles. Bórralos o escríbelo de nuevo.",
    "The text has control or invisible characters. Delete them or type it again.",
)


def _is_stream_safe(text: str) -> bool:
    if text.isascii():
        return True
    runs = groupby(map(unicodedata.combining, text), bool)
    return all(not is_mark or sum(1 for _ in run) <= _MARKS_IN_A_ROW for is_mark, run in runs)


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


def _decompose(text: str) -> str:
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())


def _without_marks(text: str) -> str:
    return "".join(char for char in text if not unicodedata.combining(char))


# Searching

LONGEST_SEARCH: Final = 200
MOST_WORDS: Final = 20

# Terms of this length find any part of a word, shorter ones only its beginning, since trigrams have three letters.
SHORTEST_INFIX: Final = 3

_WORD: Final = re.compile(r"[^\W_]+")
_LETTERS_OR_DIGITS: Final = re.compile(r"\d+|[^\W\d_]+")
_RUC_AND_DV: Final = re.compile(r"\bruc\W*(?=\d)|(?<=\d)[\s-]*d\.?v\.?[\s:.-]*\d{0,2}\b")


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
    phone: str | None = None,
    mobile: str | None = None,
) -> str:
    """The stored text in which a customer is searched: its words, each with a space before it.

    - Name: its words; a word with punctuation also without it (``Coca-Cola``: coca, cola,
      cocacola); single letters in a row also joined (``S. A.``: s, a, sa).
    - RUC and foreign id: the groups of letters and of digits, and all of them joined.
    - Phones, in E.164: the digits; those of Panama also without 507.

    >>> search_column("Ñandú, S.A.", "8-769-1080", phone="+50766778899")
    ' nandu s a sa 8 769 1080 87691080 50766778899 66778899'
    """
    words = [
        *_name_words(name),
        *_identification_words(ruc_canonical or ""),
        *_identification_words(foreign_id_number or ""),
        *_phone_words(phone or ""),
        *_phone_words(mobile or ""),
    ]
    return "".join(f" {word}" for word in dict.fromkeys(words) if word)


def search_terms(query: str) -> tuple[str, ...]:
    """The terms of a search, which must all match; none if the query has no letter and no digit.

    The query is split at blanks. A piece with punctuation inside, such as a dash, is several words
    if one of its parts has three letters or more (``coca-cola``, ``o'higgins``). Otherwise it is a
    number or an abbreviation, and becomes one term without the punctuation (``8-769-1080``,
    ``6677-8899``, ``s.a.``). A customer is found by

    - any part of a word of the name, in any case, with or without accents: ``nandu`` and ``ANDÚ``
      find Ñandú. One or two letters find only the beginning of a word (``ña``);
    - other spellings of the name: ``coca-cola``, ``coca cola`` and ``cocacola`` find Coca-Cola,
      ``S.A.`` and ``SA`` find S. A.;
    - the RUC or foreign id or a part of it, with dashes, with spaces or without: ``8-NT-1-13656``,
      ``8 nt 1 13656``, ``8nt113656``, ``1-136``. Of ``RUC: 8-769-1080 DV 12``, as invoices show
      it, the letters RUC and the DV are dropped, because the column has neither;
    - a phone or a part of it, with or without +507, dashes, dots, brackets or blanks.

    A RUC padded with zeros (``08-0769-01080``) finds nothing, since the stored one has none.
    Raises ``Refusal`` above 200 characters or 20 terms.

    >>> search_terms("Ñandú 8-769-1080 DV 91")
    ('nandu', '87691080')
    """
    if len(query) > LONGEST_SEARCH:
        raise _refusal(Code.TOO_LONG, f"{LONGEST_SEARCH} caracteres", f"{LONGEST_SEARCH} characters")
    pieces = _RUC_AND_DV.sub(" ", _fold(query)).split()
    terms = tuple(dict.fromkeys(term for piece in pieces for term in _piece_terms(piece)))
    if len(terms) > MOST_WORDS:
        raise _refusal(Code.TOO_MANY, f"{MOST_WORDS} palabras", f"{MOST_WORDS} words")
    return terms


def matches(column: str, terms: tuple[str, ...]) -> bool:
    """Whether the search finds the customer. In SQL: ``LIKE '%term%'``, for a short term ``LIKE '% term%'``.

    Terms are letters and digits, so there is no ``%`` or ``_`` to escape in them.

    >>> matches(search_column("Ñandú, S.A."), search_terms("s.a. NANDU"))
    True
    """
    return all((term if len(term) >= SHORTEST_INFIX else f" {term}") in column for term in terms)


def _refusal(code: Code, es: str, en: str) -> Refusal:
    return Refusal(Fault(("search",), code, Text(f"Busca con {es} como máximo.", f"Search with at most {en}.")))


def _fold(text: str) -> str:
    return _without_marks(_decompose(text))


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


def _piece_terms(piece: str) -> list[str]:
    parts = _WORD.findall(piece)
    if any(len(part) >= 3 and part.isalpha() for part in parts):
        return parts
    return ["".join(parts)] if parts else []
