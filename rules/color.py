"""Colours that papers may have: those in which text on white can be read."""

import re
from collections.abc import Iterator
from typing import Final

from rules import text
from rules.faults import Code, Fault, Text

LEAST_CONTRAST: Final = 4.5  # with white, by WCAG 2.2 for text

_HEX: Final = re.compile("#[0-9a-f]{6}")


def read_color(typed: str | None) -> str | None:
    """The colour in its one spelling, which may still have a fault.

    >>> read_color(" #0B6B66 "), read_color("")
    ('#0b6b66', None)
    """
    cleaned = text.clean(typed)
    return cleaned.lower() if cleaned else None


def check_color(path: tuple[str, ...], color: str | None) -> Iterator[Fault]:
    """
    >>> [fault.code.value for name in ("#0b6b66", "teal", "#ffff00") for fault in check_color((), name)]
    ['INVALID_VALUE', 'INVALID_VALUE']
    """
    if color is None:
        return
    if not _HEX.fullmatch(color):
        yield Fault(path, Code.INVALID_VALUE, _LIKE)
    elif contrast_with_white(color) < LEAST_CONTRAST:
        yield Fault(path, Code.INVALID_VALUE, _TOO_LIGHT)


def contrast_with_white(color: str) -> float:
    """The ratio from 1 to 21.

    >>> round(contrast_with_white("#000000"), 1), round(contrast_with_white("#767676"), 2)
    (21.0, 4.54)
    """
    red, green, blue = (_linear(int(color[start : start + 2], 16) / 255) for start in (1, 3, 5))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


_LIKE: Final = Text("Escribe el color como #0b6b66.", "Write the colour like #0b6b66.")
_TOO_LIGHT: Final = Text(
    "Este color es demasiado claro: el texto no se leería sobre papel blanco. Elige uno más oscuro.",
    "This colour is too light: its text could not be read on white paper. Choose a darker one.",
)
