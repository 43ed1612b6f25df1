"""Makes PDFs of documents, as PDF/A-3a, which archives accept and screen readers can read.

The same document gives the same bytes, in every process.
"""

from pathlib import Path
from typing import Final, Self

import typst

from db.fair_thread import FairThread
from documents.branding import Logo
from documents.document import Format, PrintedDocument
from documents.fonts import Fonts
from documents.logo import read_logo
from documents.personal_data import report_data
from documents.writing import template_data
from resolvers.personal_data_export import PersonalData

_TEMPLATES: Final = {format: Path(__file__).with_name(f"{format}.typ") for format in Format}

# Typst remembers the layout of the last ten documents, some 80 KB for each line of an invoice.
_REMEMBERED: Final = 10
_MANY_LINES: Final = 50

_PICTURE: Final = 120.0  # dots an inch

_NICE: Final = 10  # of the thread that makes PDFs: a page of results should not wait for them


class Renderer:
    """Makes PDFs, one at a time, in a thread that accounts share fairly; closed when its context is left.

    Typst lets Python work meanwhile, but with several threads documents would take all processors
    from the requests, and its compiler serves only one.
    """

    def __init__(self, fonts: Fonts) -> None:
        self.printable = fonts.printable
        self._compilers = {
            format: typst.Compiler(template, font_paths=fonts.typefaces, ignore_system_fonts=True)
            for format, template in _TEMPLATES.items()
        }
        self._report = typst.Compiler(
            Path(__file__).with_name("personal_data.typ"), font_paths=fonts.typefaces, ignore_system_fonts=True
        )
        self._blank = typst.Compiler(b" ", font_paths=fonts.typefaces, ignore_system_fonts=True)
        self._thread = FairThread("pdf", nice=_NICE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._thread.__exit__(*error)

    async def render(self, document: PrintedDocument, format: Format = Format.LETTER) -> bytes:
        """The PDF of a document of the current account."""
        return await self._thread.run(self.compile, document, format)

    async def draw(self, document: PrintedDocument, format: Format) -> bytes:
        """Its first page as a picture (PNG)."""
        return await self._thread.run(self._draw, document, format)

    async def render_personal_data(self, data: PersonalData) -> bytes:
        """The PDF of what the current account knows about a person."""
        return await self._thread.run(self._compile_personal_data, data)

    async def read_logo(self, content: bytes) -> Logo:
        """The logo of a picture that was sent; raises ``UnusableLogo``."""
        return await self._thread.run(read_logo, content)

    def _compile_personal_data(self, data: PersonalData) -> bytes:
        content = self._report.compile(
            format="pdf",
            sys_inputs=report_data(data, self.printable),
            pdf_standards=["a-3a"],
            timestamp=int(data.exported_at.timestamp()),
        )
        self._forget()
        assert isinstance(content, bytes)
        return content

    def _draw(self, document: PrintedDocument, format: Format) -> bytes:
        pages = self._compilers[format].compile(
            format="png", ppi=_PICTURE, sys_inputs=template_data(document, self.printable)
        )
        first = pages[0] if isinstance(pages, list) else pages
        assert isinstance(first, bytes)
        return first

    def compile(self, document: PrintedDocument, format: Format = Format.LETTER) -> bytes:
        """``render`` in the calling thread, for programs that do nothing else: one call at a time."""
        content = self._compilers[format].compile(
            format="pdf",
            sys_inputs=template_data(document, self.printable),
            pdf_standards=["a-3a"],
            timestamp=int(document.created_at.timestamp()),
        )
        if len(document.lines) > _MANY_LINES:
            self._forget()
        assert isinstance(content, bytes)
        return content

    def _forget(self) -> None:
        """Make Typst forget the last documents, by as many blank pages; a millisecond for each."""
        for _ in range(_REMEMBERED + 1):
            self._blank.compile(input=b" ", format="svg")
