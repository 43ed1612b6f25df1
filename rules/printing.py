"""Which texts a document can show: those whose characters the fonts have."""

from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import Final
from unicodedata import category, name, normalize

from rules.faults import Code, Fault, Text

_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
_MOST_NAMED: Final = 10  # characters in a message


class Printable:
    """The characters that the fonts at hand can show. ``fonts`` are the codes of each font's characters.

    A letter and the marks that follow it are drawn by one font, which must have them all: what two fonts have
    only together would vanish from the page. Blanks and line ends can always be shown. Invisible characters are
    left out of a document and so never keep a text from being shown. Characters for private use have no meaning
    that a reader of the document could look up, so that PDF/A forbids them.

    >>> fonts = Printable([map(ord, "Cafe\u0301é"), map(ord, "★")])
    >>> fonts.missing("Café 日本日"), fonts.replace("Café ★ 日本"), fonts.replace("Ca\u200bfé")
    ('日本', 'Café ★ ��', 'Café')
    >>> fonts.missing("★\u0301") == "\u0301"
    True
    """

    def __init__(self, fonts: Iterable[Iterable[int]]) -> None:
        characters = [frozenset(map(chr, codes)) for codes in fonts]
        self._fonts: Final = [frozenset(filter(str.isprintable, font)) | (_JOINERS & font) for font in characters]
        # A text of these alone can be shown, since each of its letters stands by itself.
        letters = frozenset({" ", "\n"}.union(*self._fonts))
        self._letters: Final = frozenset(letter for letter in letters if not _continues(letter))

    def missing(self, text: str) -> str:
        """The characters of a text that can't be shown, each once."""
        if self._letters.issuperset(text):
            return ""  # which is quick, and true of nearly all texts
        return "".join(dict.fromkeys("".join(missing for _, missing in self._split(text))))

    def replace(self, text: str) -> str:
        """The text with � for what can't be shown, and without what is invisible."""
        if self._letters.issuperset(text):
            return text
        return "".join(shown + _REPLACEMENT * len(missing) for shown, missing in self._split(text))

    def check(self, path: tuple[str, ...], text: str | None) -> Iterator[Fault]:
        """The fault at ``path`` if the text can't be shown."""
        if missing := self.missing(text or ""):
            named = " ".join(map(_name, missing[:_MOST_NAMED])) + (" …" if len(missing) > _MOST_NAMED else "")
            message = Text(
                f"El PDF de la factura no puede mostrar estos caracteres: {named}. Escribe el texto sin ellos.",
                f"The invoice's PDF can't show these characters: {named}. Write the text without them.",
            )
            yield Fault(path, Code.UNPRINTABLE, message)

    def _split(self, text: str) -> Iterator[tuple[str, str]]:
        """For each cluster what is shown of it, and the characters that are missing behind that."""
        for cluster in clusters("".join(letter for letter in text if letter in _JOINERS or not _is_invisible(letter))):
            plain = "".join(letter for letter in cluster if letter not in _JOINERS)
            if self._can_show(cluster):
                yield cluster, ""
            elif plain != cluster:
                yield from self._split(plain)  # joiners change how letters look, but the letters can be read without
            else:
                length = max([int(plain[0].isspace()), *(_count_leading(plain, font) for font in self._fonts)])
                yield plain[:length], plain[length:]

    def _can_show(self, cluster: str) -> bool:
        if cluster.isspace():
            return True
        # Blanks of all kinds become spaces, and a letter with its mark one character if there is one.
        letters = normalize("NFC", " " + cluster[1:] if cluster[0].isspace() else cluster)
        return any(font.issuperset(letters) or font.issuperset(cluster) for font in self._fonts)


def clusters(text: str) -> Iterator[str]:
    """The letters of a text, each with the marks and joiners that follow it, and with what is joined to it.

    >>> list(clusters("Cafe\u0301")) == ["C", "a", "f", "e\u0301"]
    True
    """
    cluster = ""
    for letter in text:
        if cluster and not (_continues(letter) or cluster[-1] == _JOINER):
            yield cluster
            cluster = ""
        cluster += letter
    if cluster:
        yield cluster


def _count_leading(text: str, font: frozenset[str]) -> int:
    return sum(1 for _ in takewhile(font.__contains__, text))


_JOINER: Final = "\N{ZERO WIDTH JOINER}"
_JOINERS: Final = frozenset(("\N{ZERO WIDTH NON-JOINER}", _JOINER))


def _continues(letter: str) -> bool:
    return letter in _JOINERS or category(letter).startswith("M")


def _name(letter: str) -> str:
    return letter if letter.isprintable() and not _continues(letter) else f"U+{ord(letter):04X}"


def _is_invisible(letter: str) -> bool:
    return category(letter) == "Cf" or name(letter, "").startswith("VARIATION SELECTOR")
