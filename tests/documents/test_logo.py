"""Pictures that people send as their logo, by mistake or to do harm."""

import struct
import time
import zlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageDraw
from pypdf import PdfReader

from documents.branding import Branding, Logo
from documents.document import Format, PrintedDocument
from documents.logo import LONGEST_SIDE, UnusableLogo, read_logo
from rules.vocabulary import DocumentType, InvoiceStatus, Language
from tests.documents.samples import RENDERER, document, words
from tests.documents.test_cafe import AUTHORIZED


def drawn(mode: str = "RGB", size: tuple[int, int] = (300, 100)) -> Image.Image:
    picture = Image.new("RGB", size, "white")
    ImageDraw.Draw(picture).rectangle((0, 0, size[0] // 3, size[1]), fill="#c00000")
    return picture.convert(mode)


def saved(picture: Image.Image, format: str, **options: Any) -> bytes:
    file = BytesIO()
    picture.save(file, format, **options)
    return file.getvalue()


def decoded(logo: Logo) -> Image.Image:
    picture = Image.open(BytesIO(logo.content))
    picture.load()
    assert (picture.size, f"image/{str(picture.format).lower()}") == ((logo.width, logo.height), logo.media_type)
    assert not picture.info.keys() & {"exif", "icc_profile", "XML:com.adobe.xmp", "Comment", "comment"}
    return picture


def close(found: Any, wanted: tuple[int, ...]) -> bool:
    return all(abs(one - other) < 12 for one, other in zip(found, wanted, strict=True))


@pytest.mark.parametrize(
    ("format", "mode"),
    [
        *[("PNG", mode) for mode in ("RGB", "L", "1", "P", "RGBA", "LA", "I;16")],
        *[("JPEG", mode) for mode in ("RGB", "L", "CMYK", "1")],
    ],
)
def test_every_mode_becomes_colours_that_papers_have(format: str, mode: str) -> None:
    picture = drawn("L").convert("I").point(lambda value: value * 257).convert(mode) if mode == "I;16" else drawn(mode)
    logo = read_logo(saved(picture, format))
    found = decoded(logo).convert("RGB")
    assert close(found.getpixel((290, 50)), (255, 255, 255))
    if mode in ("RGB", "P", "CMYK", "RGBA"):
        red, green, blue = found.getpixel((20, 50))  # type: ignore[misc]
        assert red > 150 > 60 > max(green, blue)


def test_a_transparent_colour_of_a_palette_stays_transparent() -> None:
    palette = drawn("P")
    white = palette.getpixel((290, 50))
    assert isinstance(white, int)
    found = decoded(read_logo(saved(palette, "PNG", transparency=white)))
    assert found.mode == "RGBA"
    assert (found.getpixel((290, 50))[3], found.getpixel((20, 50))[3]) == (0, 255)


def test_a_photograph_is_turned_upright_and_forgets_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    exif[0x010E] = "Casa de Ana, 8.98 N 79.52 W"
    logo = read_logo(saved(drawn(), "JPEG", exif=exif, comment=b"secreto"))
    assert decoded(logo).size == (100, 300)
    assert b"Casa de Ana" not in logo.content
    assert b"secreto" not in logo.content


def test_a_large_picture_is_made_smaller() -> None:
    assert decoded(read_logo(saved(drawn(size=(4000, 1000)), "PNG"))).size == (800, 200)


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, *chunks: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IEND", b"")


ROWS = zlib.compress(bytes(100 * 301))
FRAMES = saved(drawn(), "PNG", save_all=True, append_images=[drawn("L").convert("RGB")], duration=100)
UNUSABLE = {
    "a bomb": png(60_000, 60_000, chunk(b"IDAT", zlib.compress(bytes(10**7)))),
    "too many pixels": png(4000, 4000, chunk(b"IDAT", ROWS)),
    "too long": png(LONGEST_SIDE + 1, 100, chunk(b"IDAT", ROWS)),
    "the largest size there is": png(2**31 - 1, 2**31 - 1, chunk(b"IDAT", ROWS)),
    "no size": png(0, 0, chunk(b"IDAT", ROWS)),
    "too small": saved(drawn(size=(15, 15)), "PNG"),
    "a line": saved(drawn(size=(2000, 20)), "PNG"),
    "animated": FRAMES,
    "truncated PNG": saved(drawn(), "PNG")[:-60],
    "truncated JPEG": saved(drawn(size=(900, 900)), "JPEG")[:3000],
    "no pixels": png(100, 100),
    "other pixels": png(100, 100, chunk(b"IDAT", b"no zlib")),
    "a bomb of text": png(100, 100, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(10**8))), chunk(b"IDAT", ROWS)),
    "a bomb of a profile": png(100, 100, chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(10**8)))),
}
OTHER_TYPES = {
    "nothing": b"",
    "text": b"logo",
    "GIF": saved(drawn("P"), "GIF"),
    "BMP": saved(drawn(), "BMP"),
    "TIFF": saved(drawn(), "TIFF"),
    "WebP": saved(drawn(), "WEBP"),
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "PDF": saved(drawn(), "PDF"),
    "EPS": saved(drawn(), "EPS"),
    "the first bytes of a PNG": b"\x89PNG\r\n\x1a\n",
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_what_can_be_no_logo_is_refused_at_once(name: str) -> None:
    started = time.process_time()
    with pytest.raises(UnusableLogo) as refused:
        read_logo(UNUSABLE[name])
    assert time.process_time() - started < 1
    assert refused.value.message.es != refused.value.message.en


@pytest.mark.parametrize("name", ["a bomb", "too many pixels", "too long", "the largest size there is"])
def test_a_picture_of_too_many_pixels_is_called_too_large(name: str) -> None:
    with pytest.raises(UnusableLogo, match=f"at most {LONGEST_SIDE} pixels a side"):
        read_logo(UNUSABLE[name])


@pytest.mark.parametrize("name", OTHER_TYPES)
def test_what_is_no_png_or_jpeg_is_refused_as_that(name: str) -> None:
    with pytest.raises(UnusableLogo) as refused:
        read_logo(OTHER_TYPES[name])
    assert refused.value.is_other_type or name == "the first bytes of a PNG"


@pytest.mark.parametrize("seed", range(60))
def test_a_file_that_is_damaged_anywhere_is_read_or_refused(seed: int) -> None:
    for content in (bytearray(saved(drawn(), "PNG")), bytearray(saved(drawn(), "JPEG"))):
        place = seed * len(content) // 60
        content[place] ^= 0xFF
        try:
            decoded(read_logo(bytes(content)))
        except UnusableLogo:
            continue


# On paper

BRANDING = Branding(
    color="#c00000",
    footer="Ferretería El Ñandú · desde 1984",
    bank_lines="Banco General, cuenta corriente\n03-00-00-000000-0",
    logo=read_logo(saved(drawn(), "PNG")),
)


@pytest.mark.parametrize("format", list(Format))
def test_papers_have_the_logo_the_foot_and_where_to_pay(format: Format) -> None:
    content = RENDERER.compile(document(branding=BRANDING), format)
    printed = words(content)
    for text in (BRANDING.footer, "Cómo pagar", "Banco General, cuenta corriente", "03-00-00-000000-0"):
        assert text in printed
    assert len(PdfReader(BytesIO(content)).pages[0].images) == 1
    without = PdfReader(BytesIO(RENDERER.compile(document(), format)))
    assert len(without.pages[0].images) == 0


def test_every_page_has_the_foot() -> None:
    many = document(*[document().lines[0]] * 60, branding=BRANDING)
    pages = PdfReader(BytesIO(RENDERER.compile(many))).pages
    assert all(BRANDING.footer in " ".join(page.extract_text().split()) for page in pages)
    assert len(pages) > 1


@pytest.mark.parametrize(
    ("shown", "paper"),
    [
        (True, document(fiscal=AUTHORIZED)),
        (True, document(type=DocumentType.DEBIT_NOTE)),
        (False, document(type=DocumentType.CREDIT_NOTE)),
        (False, document(status=InvoiceStatus.VOID, void_reason="Repetida")),
    ],
)
def test_where_to_pay_stands_on_what_is_to_be_paid(shown: bool, paper: PrintedDocument) -> None:
    branded = PrintedDocument(**{**vars(paper), "branding": BRANDING})
    assert ("Banco General" in words(RENDERER.compile(branded))) is shown
    english = PrintedDocument(**{**vars(branded), "language": Language.EN})
    assert ("How to pay" in words(RENDERER.compile(english))) is shown


@pytest.mark.parametrize("size", [(16, 16), (160, 16), (16, 160), (800, 400)])
@pytest.mark.parametrize("format", list(Format))
def test_a_logo_of_any_shape_leaves_one_page(size: tuple[int, int], format: Format) -> None:
    logo = read_logo(saved(drawn("RGBA", size), "PNG"))
    content = RENDERER.compile(document(fiscal=AUTHORIZED, branding=Branding(logo=logo)), format)
    assert len(PdfReader(BytesIO(content)).pages) == 1
