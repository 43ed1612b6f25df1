"""QR codes as pictures."""

from io import BytesIO
from typing import Final

import segno

# To weigh all eight masks takes three quarters of a symbol's time, and helps texts that would give large even areas.
# Ours are mostly signatures, which look like noise under any mask.
_MASK: Final = 2


def draw_qr(text: str) -> str:
    """The QR code of a text, as SVG without a margin; "" for a text that is too long for one."""
    try:
        code = segno.make_qr(text, error="m", mask=_MASK)
    except segno.DataOverflowError:
        return ""
    picture = BytesIO()
    code.save(picture, kind="svg", xmldecl=False, border=0)
    return picture.getvalue().decode().strip()
