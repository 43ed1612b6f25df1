"""The fonts of documents: those in ``documents/fonts`` and those of a folder that the operator names."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import typst
from fontTools.ttLib import TTFont

from rules.printing import Printable

_BUNDLED: Final = Path(__file__).with_name("fonts")


@dataclass(frozen=True)
class Fonts:
    """The fonts that Typst may use, and the texts that these can show."""

    typefaces: typst.Fonts
    printable: Printable


def load_fonts(folder: Path | None = None) -> Fonts:
    """The bundled fonts and those of ``folder``. That takes a tenth of a second, more with fonts for Chinese.

    The system's fonts are left out: the same invoice is to give the same bytes on every machine.
    """
    folders = [_BUNDLED, *([folder] if folder else [])]
    typefaces = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
    codes: list[set[int]] = []
    for font in typefaces.fonts():
        assert font.path is not None
        with TTFont(font.path, fontNumber=font.index, lazy=True) as file:
            codes.append(set(file.getBestCmap() or ()))
    return Fonts(typefaces, Printable(codes))
