"""Fonts that the operator adds."""

import os
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from documents.fonts import load_fonts
from documents.render import Renderer
from service.settings import Settings
from tests.conftest import CHECKOUT, FONTS, skip_or_fail
from tests.documents.samples import document, render, sold, words

# Debian's fonts-wqy-microhei, or any folder with a font for Chinese
CHINESE = Path(os.environ.get("TEST_CHINESE_FONTS", "/usr/share/fonts/truetype/wqy"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a font that has one Chinese character and an A, both of which look like a U."""
    with TTFont(CHECKOUT / "documents/fonts/NotoSans-Regular.ttf") as font:
        glyph = font.getBestCmap()[ord("U")]
        for table in font["cmap"].tables:
            table.cmap = {ord("日"): glyph, ord("A"): glyph}
        font.save(tmp_path / "sol.ttf")
    return tmp_path


def test_the_characters_of_a_folders_fonts_are_printed(folder: Path) -> None:
    fonts = load_fonts(folder)
    assert FONTS.printable.missing("日本") == "日本"
    assert fonts.printable.missing("Té 日本") == "本"
    with Renderer(fonts) as renderer:
        assert "Té日�" in words(renderer.compile(document(sold("Té 日本")))).replace(" ", "")
        # Even a font of the same name doesn't take the place of a bundled one.
        without = document(sold("Aceite, ¾″"))
        assert renderer.compile(without) == render(without)


def test_a_mark_that_the_font_of_its_letter_lacks_is_refused_and_does_not_hide_the_letter() -> None:
    text = "★\u0301"  # each font has one of the two, so Typst draws the mark alone
    assert FONTS.printable.missing(text) == "\u0301"
    assert render(document(sold(text))) == render(document(sold("★�")))
    assert render(document(sold("★\ufe0f"))) == render(document(sold("★")))
    assert FONTS.printable.missing("Ca\u0301mara ★ x\u0323") == ""


def test_chinese_is_printed_with_a_font_for_it() -> None:
    if not CHINESE.is_dir():
        skip_or_fail(f"no font for Chinese in {CHINESE} (apt-get install fonts-wqy-microhei)")
    text = "乌龙茶,一级 Té Oolong"
    fonts = load_fonts(CHINESE)
    assert fonts.printable.missing(text) == ""
    with Renderer(fonts) as renderer:
        printed = words(renderer.compile(document(sold(text), notes=text * 40))).replace(" ", "")
        assert printed.count("".join(text.split())) == 41


def test_the_folder_is_a_setting_and_must_be_there(tmp_path: Path) -> None:
    assert Settings(fonts_dir=tmp_path).fonts_dir == tmp_path
    with pytest.raises(ValueError, match="directory"):
        Settings(fonts_dir=tmp_path / "nowhere")
