"""RUCs that may have been meant by a text that is not a RUC, or by one whose DV doesn't match.

Real data has a few common kinds of damage: a missing dash, a missing middle part, a missing ``NT``, a
doubled digit. Each is undone alone, and what comes out is suggested if it is a likely RUC.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from rules.ruc import Match, Ruc, RucKind, check_dv, parse_dv, read, tidy
from rules.vocabulary import TaxpayerType

MAX_SUGGESTIONS: Final = 5

# How companies have been numbered since 1999.
_MODERN: Final = re.compile("[0-9]{5,7}-1-[0-9]{1,6}|([0-9]{9}-2|[0-9]{8}-3)-(201[4-9]|20[2-9][0-9])")


def _repairs(text: str) -> Iterator[str]:
    first, *rest = text.split("-")
    if len(rest) == 2:
        yield f"{first}-NT-{rest[0]}-{rest[1]}"
    if len(first) > 7 and not _MODERN.fullmatch(text):
        for index in range(len(first)):
            yield text[:index] + text[index + 1 :]
    for index in range(1, len(text)):
        if text[index - 1 : index + 1].isdecimal():
            yield f"{text[:index]}-{text[index:]}"
    if len(rest) == 1:
        for middle in "123":
            yield f"{first}-{middle}-{rest[0]}"


def _is_likely(ruc: Ruc, dv: str | None) -> bool:
    modern = ruc.kind is RucKind.NT or _MODERN.fullmatch(ruc.canonical) is not None
    if dv is None:
        return modern
    match check_dv(ruc, dv):
        case Match(taxpayer_type):
            return modern or taxpayer_type is TaxpayerType.NATURAL
    return False


def suggestions(text: str | Ruc, dv: str | None = None) -> tuple[str, ...]:
    """RUCs that may have been meant by a text that is not a RUC or whose DV doesn't match.

    Every suggestion matches ``dv`` or else the DV in the text. Without a DV, a RUC has no
    suggestions and other texts only NTs and the forms of companies since 1999. ``00`` counts as no
    DV, because it is a common filler. Raises ``InvalidDv``.

    >>> suggestions("155724460-22022")  # a dash is missing
    ('155724460-2-2022',)
    >>> suggestions("1719593-690057 DV 59")  # the middle is missing
    ('1719593-1-690057',)
    >>> suggestions("8-1-12607", "01")  # NT is missing
    ('8-NT-1-12607',)
    >>> suggestions("1556557158-2-2017", "56")  # the folio has a digit too many
    ('155657158-2-2017',)
    """
    typed = text if isinstance(text, Ruc) else read(text)
    body, written_dv = (typed.canonical, typed.written_dv) if typed else tidy(str(text))
    dv = written_dv if dv is None else parse_dv(dv)
    if dv == "00":
        dv = None
    if typed and (dv is None or isinstance(check_dv(typed, dv), Match)):
        return ()
    repaired = [ruc for repair in _repairs(body) if (ruc := read(repair)) and not ruc.written_dv]
    likely = dict.fromkeys(ruc.canonical for ruc in repaired if _is_likely(ruc, dv))
    return tuple(islice(likely, MAX_SUGGESTIONS))
