"""Text that people type or paste: how it is cleaned and checked."""

import re
import unicodedata
from itertools import groupby
from typing import Final

from rules.faults import Code, Fault, Text

FILE: Final = __file__

# Characters that show nothing: Unicode's Default_Ignorable_Code_Point, and the invisible ones of its category Cf.
INVISIBLE: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\ufff0-\ufffb\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# Those without which the letters beside them would be others: of old Hangul, Khmer and Mongolian, variants of
# ideographs. The joiners are needed only between letters of scripts that join them, and in emoji.
_NEEDED: Final = "\u115f\u1160\u17b4\u17b5\u180b-\u180f\U000e0100-\U000e01ef"
_JOINERS: Final = "\u200c\u200d"
_JOINED: Final = "[\u0590-\u167f\u1681-\u1dbf\u2190-\u2fff\u3001-\U0010ffff]"

_DROPPED: Final = re.compile(f"(?![{_NEEDED}{_JOINERS}])[{INVISIBLE}]")
_USELESS_JOINERS: Final = re.compile(f"(?<!{_JOINED})[{_JOINERS}]|[{_JOINERS}](?!{_JOINED})")
_ANY_INVISIBLE: Final = re.compile(f"[{INVISIBLE}]")
_BLANK_LETTERS: Final = re.compile("[\u2800\u3164\uffa0]")  # which Unicode doesn't count as blanks
_LINE_ENDS: Final = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")

_UNSAFE: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_UNSAFE_IN_LINES: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")

_PLAIN: Final = re.compile("[ -~\xa1-\xac\xae-\u02ff]+")  # visible Latin in one line, all of it in NFC

# Unicode's limit for text that is safe to normalise (UAX 15, stream-safe text).
_MARKS_IN_A_ROW: Final = 30


def clean(text: str | None, *, multiline: bool = False) -> str | None:
    """The text as it is stored: trimmed, in NFC, without invisible characters; None where nothing would be seen.

    Line breaks and tabs become spaces. A text of several lines keeps both, its line ends as ``\\n``.

    >>> clean("  Jose\\u0301 \\u200b"), clean("Calle 50\\r\\nPiso 3"), clean("Calle 50\\r\\nPiso 3", multiline=True)
    ('José', 'Calle 50 Piso 3', 'Calle 50\\nPiso 3')
    >>> clean(" \\u200e") is None
    True
    """
    if text and _PLAIN.fullmatch(text):
        return text.strip() or None  # as nearly every text is: nothing to drop or to compose
    text = _drop_invisible(_LINE_ENDS.sub("\n", text or ""))
    if multiline:
        text = "\n".join(map(str.rstrip, text.split("\n")))
    elif "\n" in text or "\t" in text:
        text = " ".join(filter(None, (part.strip() for part in re.split("[\n\t]", text))))
    text = text.strip()
    # Normalising a long run of accents takes quadratic time, and `check` refuses such a text anyway.
    if not text.isascii() and _is_stream_safe(text):
        text = unicodedata.normalize("NFC", text)
    return text if any(map(_is_seen, text)) else None


def _drop_invisible(text: str) -> str:
    if text.isascii():
        return text
    return _USELESS_JOINERS.sub("", _DROPPED.sub("", _BLANK_LETTERS.sub(" ", text)))


def _is_seen(char: str) -> bool:
    """Whether the character alone would be seen, or is one that `check` refuses."""
    return not char.isspace() and unicodedata.category(char) not in ("Mn", "Me") and not _ANY_INVISIBLE.match(char)


def check(path: tuple[str, ...], text: str | None, shortest: int, longest: int, *, lines: int = 1) -> tuple[Fault, ...]:
    """What is wrong with a cleaned text: at most one fault. A text of None is ``REQUIRED`` unless ``shortest`` is 0.

    ``shortest`` and ``longest`` are characters; ``lines`` is how many lines the text may have.

    >>> [fault.code.value for fault in check(("name",), "A", 2, 200)]
    ['INVALID_VALUE']
    >>> check(("notes",), None, 0, 2000)
    ()
    """
    if text is None:
        return (Fault(path, Code.REQUIRED, MISSING),) if shortest else ()
    unsafe = _UNSAFE if lines == 1 else _UNSAFE_IN_LINES
    seen = _count_seen(text)
    if unsafe.search(text) or not _is_stream_safe(text):
        code, message = Code.INVALID_VALUE, _UNSAFE_MESSAGE
    elif seen < shortest:
        code = Code.INVALID_VALUE
        message = Text(
            f"Escribe al menos {shortest} {'carácter' if shortest == 1 else 'caracteres'}; hay {seen}.",
            f"Write at least {shortest} {'character' if shortest == 1 else 'characters'}; there are {seen}.",
        )
    elif len(text) > longest:
        code = Code.TOO_LONG
        message = Text(
            f"Escribe como máximo {longest} caracteres; hay {len(text)}.",
            f"Write at most {longest} characters; there are {len(text)}.",
        )
    elif (count := text.count("\n") + 1) > lines:
        code = Code.TOO_LONG
        message = Text(
            f"Escribe como máximo {lines} líneas; hay {count}.",
            f"Write at most {lines} lines; there are {count}.",
        )
    else:
        return ()
    return (Fault(path, code, message),)


MISSING: Final = Text("Falta este dato.", "This is missing.")
_UNSAFE_MESSAGE: Final = Text(
    "El texto tiene caracteres de control. Bórralos o escríbelo de nuevo.",
    "The text has control characters. Delete them or type it again.",
)


def _count_seen(text: str) -> int:
    return len(text) if text.isascii() else len(_ANY_INVISIBLE.sub("", text))


def _is_stream_safe(text: str) -> bool:
    if text.isascii():
        return True
    runs = groupby(map(unicodedata.combining, text), bool)
    return all(not is_mark or sum(1 for _ in run) <= _MARKS_IN_A_ROW for is_mark, run in runs)
