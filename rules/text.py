"""Text that people type: cleaning and checking it, sorting by it, searching in it."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import chain, groupby

from rules.faults import Code, Fault, Refusal, Text

# What counts as blank at the ends of a text: also the invisible marks that come along with a copy from a web page.
_BLANKS = " \t\r\n\u00a0\u1680\u2028\u2029\u202f\u205f\u2060\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200C)))

# Control characters, line separators, bidi controls (they make a name read as another) and lone surrogates.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_UNSAFE_IN_LINES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

# Unicode's own bound for text that is safe to normalise (UAX 15, stream-safe text).
_MARKS_IN_A_ROW = 30


def clean(text: str | None) -> str | None:
    """The text as it is stored: trimmed, in NFC, its line ends ``\\n``; None when nothing is left.

    >>> clean("  Jose\\u0301 ")
    'José'
    >>> clean(" ") is None
    True
    """
    trimmed = (text or "").replace("\r\n", "\n").strip(_BLANKS)
    # Normalising takes the square of the time for a long run of accents, and `check` refuses such a text anyway.
    return (unicodedata.normalize("NFC", trimmed) if _is_stream_safe(trimmed) else trimmed) or None


def check(
    path: tuple[str, ...], text: str | None, shortest: int, longest: int, *, multiline: bool = False
) -> tuple[Fault, ...]:
    """What is wrong with a cleaned text: at most one fault. None is ``REQUIRED`` unless ``shortest`` is 0.

    >>> [fault.code.value for fault in check(("name",), "A", 2, 200)]
    ['INVALID_VALUE']
    >>> check(("notes",), None, 0, 2000)
    ()
    """
    if text is None:
        return (Fault(path, Code.REQUIRED, Text("Falta este dato.", "This is missing.")),) if shortest else ()
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


_UNSAFE_MESSAGE = Text(
    "El texto tiene caracteres de control o invisibles. Bórralos o escríbelo de nuevo.",
    "The text has control or invisible characters. Delete them or type it again.",
)


def _is_stream_safe(text: str) -> bool:
    if text.isascii():
        return True
    runs = groupby(map(unicodedata.combining, text), bool)
    return all(not is_mark or sum(1 for _ in run) <= _MARKS_IN_A_ROW for is_mark, run in runs)


# --- order ---

# After every other character that a cleaned Spanish text can hold and, being a control character, in none of them.
_AFTER_Z = "\x7f"

# An entry of a PostgreSQL index holds some 2,700 bytes, and some single letters fold into eighteen.
_LONGEST_KEY = 200


def sort_key(text: str) -> str:
    """The stored key that puts texts in Spanish order under ``COLLATE "C"``, which compares bytes.

    Case and accents don't count, and ñ is a letter of its own after n: it becomes n and a
    character that sorts after all others.

    >>> sorted(["Ñopo", "Óscar", "nz", "Oca", "Nube"], key=sort_key)
    ['Nube', 'nz', 'Ñopo', 'Oca', 'Óscar']
    """
    folded = _decompose(text).replace("n\N{COMBINING TILDE}", "n" + _AFTER_Z)
    return " ".join(_without_marks(folded).split())[:_LONGEST_KEY]


def _decompose(text: str) -> str:
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())


def _without_marks(text: str) -> str:
    return "".join(char for char in text if not unicodedata.combining(char))


# --- search ---

LONGEST_SEARCH = 200
MOST_WORDS = 20

# A term of this length finds any part of a word, a shorter one only a word's beginning: trigrams have three letters.
SHORTEST_INFIX = 3

_WORD = re.compile(r"[^\W_]+")
_LETTERS_OR_DIGITS = re.compile(r"\d+|[^\W\d_]+")
_RUC_AND_DV = re.compile(r"\bruc\W*(?=\d)|(?<=\d)[\s-]*d\.?v\.?[\s:.-]*\d{0,2}\b")


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

    - Of the name: the words; a word with marks inside also without them (``Coca-Cola``: coca, cola,
      cocacola); letters that stand alone also together (``S. A.``: s, a, sa).
    - Of RUC and foreign id: the groups of letters and of digits, and all of them together.
    - Of the phones, which are in E.164: the digits; those of Panama also without 507.

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

    The query is taken apart at its blanks. A piece with marks inside, such as a dash, is several
    words if one of its parts has three letters or more (``coca-cola``, ``o'higgins``); otherwise it
    is a number or an abbreviation, and one term without the marks (``8-769-1080``, ``6677-8899``,
    ``s.a.``). So a customer is found by

    - any part of a word of the name, by fewer than three letters only its beginning, in any case and
      with or without accents: ``nandu``, ``ANDÚ`` and ``ña`` for Ñandú;
    - the name as others write it: ``coca-cola``, ``coca cola`` and ``cocacola`` for Coca-Cola,
      ``S.A.`` and ``SA`` for S. A.;
    - the RUC or foreign id, whole or in part, with dashes, with spaces or with neither:
      ``8-NT-1-13656``, ``8 nt 1 13656``, ``8nt113656``, ``1-136``; of ``RUC: 8-769-1080 DV 12``, as
      an invoice shows it, the letters RUC and the DV are dropped, because the column has neither;
    - a phone, whole or in part, with or without +507, with dashes, dots, brackets, blanks or none.

    Not by a RUC padded with zeros (``08-0769-01080``), since the stored one has none. Raises
    ``Refusal`` above 200 characters or 20 terms.

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
