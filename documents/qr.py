"""QR codes as pictures."""

from io import BytesIO

import segno


def draw_qr(text: str) -> str:
    """The QR code of a text, as SVG without a margin; "" for a text that is too long for one."""
    try:
        code = segno.make_qr(text, error="m")
    except segno.DataOverflowError:
        return ""
    picture = BytesIO()
    code.save(picture, kind="svg", xmldecl=False, border=0)
    return picture.getvalue().decode().strip()
