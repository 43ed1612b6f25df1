"""Places, phones and texts as the DGI takes them. ``electronic.takes_email`` is about addresses."""

import re
import unicodedata
from typing import Final

_PHONE: Final = re.compile(r"(?:\+507)?([0-9]{3,4})-?([0-9]{4})")
_TILDE: Final = "\u0303"


def place(name: str) -> str:
    """A province, district or corregimiento in the DGI's spelling: capitals without accents, except Ñ.

    >>> place("Ñürüm"), place("San José de Peñas")
    ('ÑURUM', 'SAN JOSE DE PEÑAS')
    """
    letters = unicodedata.normalize("NFD", name.upper())
    kept = [
        char
        for index, char in enumerate(letters)
        if not unicodedata.combining(char) or (char == _TILDE and letters[index - 1] == "N")
    ]
    return unicodedata.normalize("NFC", "".join(kept))


def phone(number: str) -> str | None:
    """A number of Panama as 999-9999 or 9999-9999; None for any other.

    >>> phone("+5072223456"), phone("+50766778899"), phone("+573001234567")
    ('222-3456', '6677-8899', None)
    """
    match = _PHONE.fullmatch(number)
    return f"{match[1]}-{match[2]}" if match else None


def one_line(text: str) -> str:
    """A text of several lines in one: the DGI's schema knows no line ends.

    >>> one_line("Calle 50\\nPiso 3")
    'Calle 50 Piso 3'
    """
    return " ".join(text.split())
