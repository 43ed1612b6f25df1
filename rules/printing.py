"""Which texts a document can show: those whose characters the fonts have."""

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from rules.faults import Code, Fault, Text

_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
_MOST_NAMED: Final = 10  # characters in a message


class Printable:
    """The characters that the fonts at hand can show.

    Blanks and line ends always can. Invisible characters are left out of a document and so never
    keep a text from being shown. Characters for private use have no meaning that a reader of the
    document could look up, so that PDF/A forbids them.

    >>> fonts = Printable(map(ord, "Café"))
    >>> fonts.missing("Café 日本日"), fonts.replace("Café 日本"), fonts.replace("Ca\\u200bfé")
    ('日本', 'Café ��', 'Café')
    """

    def __init__(self, codes: Iterable[int]) -> None:
        characters = frozenset(map(chr, codes))
        self._letters: Final = frozenset(filter(str.isprintable, characters)) | {" ", "\n"}
        self._joiners: Final = _JOINERS & characters

    def missing(self, text: str) -> str:
        """The characters of a text that can't be shown, each once."""
        if self._letters.issuperset(text):
            return ""  # which is quick, and true of nearly all texts
        return "".join(letter for letter in dict.fromkeys(text) if self._is_missing(letter))

    def replace(self, text: str) -> str:
        """The text with � for what can't be shown, and without what is invisible."""
        if self._letters.issuperset(text):
            return text
        return "".join(self._shown(letter) for letter in text)

    def check(self, path: tuple[str, ...], text: str | None) -> Iterator[Fault]:
        """The fault at ``path`` if the text can't be shown."""
        if missing := self.missing(text or ""):
            named = " ".join(map(_name, missing[:_MOST_NAMED])) + (" …" if len(missing) > _MOST_NAMED else "")
            message = Text(
                f"El PDF de la factura no puede mostrar estos caracteres: {named}. Escribe el texto sin ellos.",
                f"The invoice's PDF can't show these characters: {named}. Write the text without them.",
            )
            yield Fault(path, Code.UNPRINTABLE, message)

    def _is_missing(self, letter: str) -> bool:
        return not (letter in self._letters or letter.isspace() or _is_invisible(letter))

    def _shown(self, letter: str) -> str:
        if self._is_missing(letter):
            return _REPLACEMENT
        if _is_invisible(letter):
            # Joiners change how letters of some scripts are written; the fonts of these scripts have them.
            return letter if letter in self._joiners else ""
        return letter


_JOINERS: Final = frozenset("\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}")


def _name(letter: str) -> str:
    return letter if letter.isprintable() else f"U+{ord(letter):04X}"


def _is_invisible(letter: str) -> bool:
    return unicodedata.category(letter) == "Cf" or unicodedata.name(letter, "").startswith("VARIATION SELECTOR")
