"""Makes the logo of papers from a picture that somebody has sent, which may be anything."""

import warnings
from io import BytesIO
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from documents.branding import Logo
from rules.faults import Text

MOST_BYTES: Final = 1_000_000
LONGEST_SIDE: Final = 5000  # pixels
MOST_PIXELS: Final = 8_000_000
_SHORTEST_SIDE: Final = 16
_STORED: Final = (800, 400)  # at most, in pixels: 5 cm at 400 dots an inch
_RATIO: Final = 10  # between the sides


class UnusableLogo(Exception):
    """The picture can't be a logo. ``is_other_type`` if it is no PNG or JPEG at all."""

    def __init__(self, message: Text, *, is_other_type: bool = False) -> None:
        super().__init__(message.en)
        self.message = message
        self.is_other_type = is_other_type


def read_logo(content: bytes) -> Logo:
    """Decode the picture and write its pixels anew, so that nothing else of the file is kept.

    Raises ``UnusableLogo``. Size and number of pictures are known before a pixel is decoded.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as picture:
                _check(picture)
                return _write(_flatten(picture))
        except UnusableLogo:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise UnusableLogo(_TOO_LARGE) from None
        except UnidentifiedImageError:
            raise UnusableLogo(_OTHER_TYPE, is_other_type=True) from None
        except Exception:  # whatever a decoder says of a file that was made to harm it
            raise UnusableLogo(_DAMAGED) from None


def _check(picture: Image.Image) -> None:
    width, height = picture.size
    if max(width, height) > LONGEST_SIDE or width * height > MOST_PIXELS:
        raise UnusableLogo(_TOO_LARGE)
    if min(width, height) < _SHORTEST_SIDE or max(width, height) > _RATIO * min(width, height):
        raise UnusableLogo(_TOO_SMALL)
    if getattr(picture, "is_animated", False) and picture.format == "PNG":
        raise UnusableLogo(_ANIMATED)


def _flatten(picture: Image.Image) -> Image.Image:
    """Upright, as RGB or with transparency as RGBA, in the size that is stored."""
    picture.load()
    upright = ImageOps.exif_transpose(picture)
    if upright.mode.startswith("I"):  # gray with 16 bits
        upright = upright.convert("I").point(lambda value: value / 256).convert("L")
    mode = "RGBA" if upright.has_transparency_data else "RGB"
    flat = upright.convert(mode)
    flat.thumbnail(_STORED, Image.Resampling.LANCZOS)
    return flat


def _write(picture: Image.Image) -> Logo:
    """As PNG, or as JPEG where that is smaller, as of a photograph."""
    clean = Image.new(picture.mode, picture.size)
    clean.paste(picture)
    written = {"image/png": _save(clean, "PNG", optimize=True)}
    if clean.mode == "RGB":
        written["image/jpeg"] = _save(clean, "JPEG", quality=90)
    media_type, content = min(written.items(), key=lambda item: len(item[1]))
    return Logo(content=content, media_type=media_type, width=clean.width, height=clean.height)


def _save(picture: Image.Image, format: str, **options: int) -> bytes:
    file = BytesIO()
    picture.save(file, format, **options)
    return file.getvalue()


_OTHER_TYPE: Final = Text("El logo debe ser una imagen PNG o JPEG.", "The logo must be a PNG or JPEG picture.")
_DAMAGED: Final = Text(
    "La imagen está dañada o incompleta. Guárdala de nuevo como PNG o JPEG.",
    "The picture is damaged or incomplete. Save it again as PNG or JPEG.",
)
_ANIMATED: Final = Text("El logo no puede estar animado.", "The logo can't be animated.")
_TOO_LARGE: Final = Text(
    f"La imagen puede tener hasta {LONGEST_SIDE} píxeles por lado y {MOST_PIXELS // 1_000_000} millones en total.",
    f"The picture may have at most {LONGEST_SIDE} pixels a side and {MOST_PIXELS // 1_000_000} million in all.",
)
_TOO_SMALL: Final = Text(
    f"La imagen debe tener {_SHORTEST_SIDE} píxeles por lado o más, y un lado hasta {_RATIO} veces el otro.",
    f"The picture needs {_SHORTEST_SIDE} pixels a side or more, and one side may be {_RATIO} times the other.",
)
