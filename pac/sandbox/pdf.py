"""The PDF of an authorised document: one page that says what it is, and that it is a test."""

from collections.abc import Iterable
from typing import Final

from pac.sandbox.container import NO_VALUE, write_instant
from pac.sandbox.storage import Document


def write_pdf(document: Document) -> bytes:
    key = document.key
    return _page(
        [
            NO_VALUE,
            f"Tipo {key.type}, sucursal {key.branch}, punto {key.point}, número {key.number}",
            f"Emitido el {write_instant(document.emitted_at)}",
            f"Total B/. {document.total}",
            "CUFE:",
            document.cufe[:33],
            document.cufe[33:],
            f"Protocolo de autorización {document.protocol}",
        ]
    )


def _page(lines: Iterable[str]) -> bytes:
    """A PDF with these lines in one of the typefaces that every reader has."""
    shown = " ".join(f"({line.translate(_ESCAPES)}) '" for line in lines)
    text = f"BT /F 11 Tf 16 TL 60 740 Td {shown} ET".encode("cp1252", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        b"/Resources << /Font << /F 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    file = b"%PDF-1.4\n"
    places = []
    for number, each in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, len(file))
    return file + b"xref\n0 %d\n0000000000 65535 f \n%s%s" % (count, table, trailer)


_ESCAPES: Final = str.maketrans({"(": r"\(", ")": r"\)", "\\": r"\\"})
