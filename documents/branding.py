"""How a business wants its papers to look."""

from dataclasses import dataclass
from typing import Final

ACCENT: Final = "#0b6b66"  # that of the pages


@dataclass(frozen=True, kw_only=True)
class Logo:
    """A picture as ``rules``-clean bytes: PNG or JPEG, made by ``documents.logo``; its size is in pixels."""

    content: bytes
    media_type: str
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Branding:
    """``footer`` stands on each page, ``bank_lines`` below the total of what is to be paid."""

    color: str = ACCENT
    footer: str = ""
    bank_lines: str = ""
    logo: Logo | None = None
