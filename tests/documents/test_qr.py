"""QR codes are read by a program of others, whatever the DGI's signatures are."""

import random
import string
import subprocess
from pathlib import Path

import orjson
import pytest
import typst

from documents.qr import draw_qr
from rules.fiscal.cufe import qr_text
from rules.vocabulary import Environment
from tests.documents.test_cafe import needs

_TRIES = 200
_COARSEST = 203  # points an inch of a printer
_PAPER = b"""
#set page(width: 120pt, height: 120pt, margin: 10pt)
#for picture in json(bytes(sys.inputs.pictures)) {
  image(bytes(picture), format: "svg", width: 100pt) // as on a letter
  pagebreak(weak: true)
}
"""
_SIGNED = string.ascii_letters + string.digits + "-_"


def texts(seed: int) -> list[str]:
    chosen = random.Random(seed)

    def noise(length: int, characters: str = _SIGNED) -> str:
        return "".join(chosen.choices(characters, k=length))

    return [
        qr_text(
            f"FE01200{noise(59, string.digits)}",
            chosen.choice(list(Environment)),
            f"{noise(43)}=",
            f"eyJhbGciOiJIUzI1NiJ9.{noise(chosen.randrange(100, 400))}.{noise(43)}",
        )
        for _ in range(_TRIES)
    ]


@needs("zbarimg")
@pytest.mark.parametrize("seed", [20261127])
def test_a_reader_decodes_the_qr_code_of_any_document(seed: int, tmp_path: Path) -> None:
    written = texts(seed)
    pictures = orjson.dumps([draw_qr(text) for text in written]).decode()
    pages = typst.compile(_PAPER, format="png", ppi=_COARSEST, sys_inputs={"pictures": pictures})
    assert isinstance(pages, list)
    names = [f"{number:03}.png" for number in range(len(pages))]
    for name, page in zip(names, pages, strict=True):
        assert isinstance(page, bytes)
        (tmp_path / name).write_bytes(page)
    read = ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", *names]
    found = subprocess.run(read, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert found.stdout.split() == written
