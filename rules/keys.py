"""Keys of what people typed: by which rows are ordered, searched and told apart.

Keys are stored. When this file has changed, ``server.py migrate`` computes them anew (``db.keys``).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import chain, groupby
from typing import Final

from rules.text import INVISIBLE

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


def fold(text: str) -> str:
    """The text in lower case and without accents.

    >>> fold("Ñandú Łódź")
    'nandu lodz'
    """
    return _without_marks(_decompose(text))


def fold_in_sql(expression: str) -> str:
    """SQL that folds a text in the letters of European languages as ``search_key`` does, but for its punctuation.

    It doesn't depend on the database's locale. PostgreSQL's ``translate`` looks through its whole list for each letter,
    so that with all Latin letters it took ten times as long.
    """
    folded = f"regexp_replace(normalize({expression}, NFKD), '[\\u0300-\\u036f]', '', 'g')"
    for ligature, letters in _LIGATURES.items():
        folded = f"replace({folded}, '{ligature}', '{letters}')"
    single = {chr(char): letter for char, letter in _LETTERS.items() if char in _EUROPEAN and len(letter) == 1}
    capitals = {char.upper(): letter for char, letter in single.items() if char.upper() not in (char, letter.upper())}
    plain = {**capitals, **single}
    return f"lower(translate({folded}, '{''.join(plain)}', '{''.join(plain.values())}'))"


_EUROPEAN: Final = range(0xC0, 0x180)
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


def tag_key(tag: str) -> str:
    """What tells a tag from others: its letters without case and accents.

    >>> tag_key("Zona  LIBRE de Colón")
    'zona libre de colon'
    """
    return " ".join(fold(tag).split())[:_LONGEST_KEY] or tag


# What is searched


def search_key(text: str) -> str:
    """The words of a text, lower case and without accents, one space between them.

    >>> search_key("Ferretería «El Ñandú», S.A.")
    'ferreteria el nandu s a'
    """
    return " ".join(WORD.findall(fold(text)))


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
        *("".join(WORD.findall(fold(email or ""))) for email in emails),
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


WORD: Final = re.compile(r"[^\W_]+")
_LETTERS_OR_DIGITS: Final = re.compile(r"\d+|[^\W\d_]+")


def _name_words(name: str) -> Iterator[str]:
    pieces = [WORD.findall(piece) for piece in fold(name).split()]
    for parts in pieces:
        yield from parts
        yield "".join(parts)
    for is_letter, run in groupby(chain.from_iterable(pieces), lambda part: len(part) == 1):
        if is_letter:
            yield "".join(run)


def _identification_words(text: str) -> Iterator[str]:
    groups = _LETTERS_OR_DIGITS.findall(fold(text))
    yield from groups
    yield "".join(groups)


def _phone_words(e164: str) -> Iterator[str]:
    yield digits(e164)
    yield digits(e164.removeprefix("+507"))
