"""RUC (Registro Único de Contribuyente), the number of a Panamanian taxpayer.

The Dirección General de Ingresos (DGI) knows these forms. The dashes are part of the number:
without them its parts can't be told.

=========================  =========================================  ==================
form                       who                                        example
=========================  =========================================  ==================
province-tomo-asiento      person, by the plain cédula                8-274-125
E-tomo-asiento             foreigner with a cédula                    E-8-127702
PE-tomo-asiento            Panamanian born abroad                     PE-5-687
N-tomo-asiento             naturalised person                         N-19-473
provinceAV-tomo-asiento    person from before the registry's law      8AV-1-196
provincePI-tomo-asiento    person of the indigenous registry          8PI-1-80
province-NT-tomo-asiento   NT (número tributario): person without     8-NT-1-24
                           cédula, or State body, consortium and such 8-NT-1-13656
tomo-folio-asiento         company registered 1913-1974               82-30-15216
rollo-imagen-ficha         company registered 1974-1999               10102-64-103462
documento-1-ficha          company registered 1999-2014               2588017-1-831938
folio-2-year               company registered since                   155596713-2-2015
folio-3-year               foundation or association since            25049890-3-2022
number-code                finca (real estate) before 2014            88358-8715
province-folio             finca since                                8-30213562
=========================  =========================================  ==================

Provinces go from 1 to 13. Two forms leave open who the taxpayer is: the NT, and three numbers of
which the first could be a province (``2-221-78`` is an insurance company). The DV (dígito
verificador, see ``rules.dv``) depends on the type of taxpayer, and so settles it.

>>> ruc = parse("0155596713 - 2 - 2015 D.V. 59")
>>> ruc.canonical, ruc.written_dv
('155596713-2-2015', '59')
>>> check_dv(ruc, "59")
Match(taxpayer_type=<TaxpayerType.JURIDICAL: 'JURIDICAL'>)

Sources: DGI, "Algoritmo para el cálculo del dígito verificador (DV)", version 201805; the DGI's
sheet on tax identification numbers for the OECD; the DGI's e-invoice schema FE_v1.00.xsd.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import islice
from typing import TypeAlias

from rules.dv import juridical_dv, natural_dv, nt_dv
from rules.vocabulary import TaxpayerType

MAX_LENGTH = 50
MAX_SUGGESTIONS = 5


class RucKind(StrEnum):
    """The form of a RUC, named by its letters where the DGI writes some.

    Three numbers that could be a cédula are of kind ``CEDULA``, even where a company has them.
    """

    CEDULA = "CEDULA"
    E = "E"
    PE = "PE"
    N = "N"
    AV = "AV"
    PI = "PI"
    NT = "NT"
    JURIDICAL = "JURIDICAL"
    FINCA = "FINCA"


@dataclass(frozen=True)
class Ruc:
    """A RUC as ``parse`` reads it.

    ``parts`` are its numbers without leading zeros, except that the code of a finca keeps its four
    digits. ``written_dv`` is the DV that stood behind, on two digits; it is no part of the number,
    so RUCs are equal whatever DV was written.
    """

    kind: RucKind
    parts: tuple[str, ...]
    written_dv: str | None = field(default=None, compare=False)

    @property
    def canonical(self) -> str:
        """The one spelling to store, compare and show.

        >>> parse("08-av-001-0196").canonical
        '8AV-1-196'
        """
        return self.dgi.replace("-AV", "AV").replace("-PI", "PI")

    @property
    def dgi(self) -> str:
        """The spelling that the e-invoice schema takes in ``dRuc``.

        >>> parse("8AV-1-196").dgi
        '8-AV-1-196'
        """
        match self.kind:
            case RucKind.CEDULA | RucKind.JURIDICAL | RucKind.FINCA:
                return "-".join(self.parts)
            case RucKind.E | RucKind.PE | RucKind.N:
                return "-".join([self.kind, *self.parts])
            case RucKind.AV | RucKind.PI | RucKind.NT:
                province, tomo, asiento = self.parts
                return "-".join([province, self.kind, tomo, asiento])

    @property
    def readings(self) -> tuple[TaxpayerType, ...]:
        """The taxpayers the form can stand for, the likelier first; none for a finca, a thing.

        >>> [reading.name for reading in parse("2-221-78").readings]
        ['NATURAL', 'JURIDICAL']
        """
        match self.kind:
            case RucKind.CEDULA | RucKind.NT:
                return TaxpayerType.NATURAL, TaxpayerType.JURIDICAL
            case RucKind.E | RucKind.PE | RucKind.N | RucKind.AV | RucKind.PI:
                return (TaxpayerType.NATURAL,)
            case RucKind.JURIDICAL:
                return (TaxpayerType.JURIDICAL,)
            case RucKind.FINCA:
                return ()

    def admits(self, taxpayer_type: TaxpayerType) -> bool:
        """Whether the form leaves room for this type. A finca's does: it says nothing of the owner.

        >>> parse("E-8-127702").admits(TaxpayerType.JURIDICAL)
        False
        """
        return taxpayer_type in self.readings or not self.readings


class InvalidRuc(ValueError):
    """The text is no RUC; ``suggestions`` are RUCs that may have been meant."""

    def __init__(self, text: str, suggestions: tuple[str, ...] = ()) -> None:
        super().__init__(f"not a RUC: {text[:MAX_LENGTH]!r}")
        self.text = text
        self.suggestions = suggestions


class InvalidDv(ValueError):
    """The text is no DV, which is one or two digits."""

    def __init__(self, text: str) -> None:
        super().__init__(f"not a DV: {text[:MAX_LENGTH]!r}")
        self.text = text


# Reading a RUC: tidy the text, cut the DV off, find the form that fits.

_DASHES = dict.fromkeys([*range(0x2010, 0x2016), 0x2212], "-")
_MARKED_DV = re.compile(r"(.*?)[ .:/-]*(?:D\.?V\.?[ .:/-]*|: *)([0-9]{1,2})")
_UNMARKED_DV = re.compile(r"(.*)-([0-9]{1,2})")
_LETTERS_AFTER_PROVINCE = re.compile("^([0-9]+)[ -]?(AV|PI|NT)-")
_PROVINCE = "([1-9]|1[0-3])"

# The first form that fits is the RUC's. They are written in the DGI's spelling.
_FORMS = [
    (kind, re.compile(form))
    for kind, form in [
        (RucKind.CEDULA, _PROVINCE + "-([0-9]{1,4})-([0-9]{1,6})"),
        (RucKind.E, "E-([0-9]{1,4})-([0-9]{1,6})"),
        (RucKind.PE, "PE-([0-9]{1,4})-([0-9]{1,5})"),
        (RucKind.N, "N-([0-9]{1,4})-([0-9]{1,6})"),
        (RucKind.AV, _PROVINCE + "-AV-([0-9]{1,4})-([0-9]{1,5})"),
        (RucKind.PI, _PROVINCE + "-PI-([0-9]{1,4})-([0-9]{1,5})"),
        (RucKind.NT, _PROVINCE + "-NT-([0-9]{1,3})-([0-9]{1,7})"),
        (RucKind.JURIDICAL, "([0-9]{1,10})-([0-9]{1,4})-([0-9]{1,6})"),
        (RucKind.FINCA, "([0-9]{1,6})-([0-9]{4})"),
        (RucKind.FINCA, "([1-9]0?)-([0-9]{1,8})"),
    ]
]


def _tidy(text: str) -> tuple[str, str | None]:
    """The text with plain dashes between its parts, and the DV if one was marked as such."""
    # NFKC would make 82 of 8², so digits that are no decimals go before it.
    if len(text) > MAX_LENGTH or any(char.isnumeric() and not char.isdecimal() for char in text):
        return "", None
    text = unicodedata.normalize("NFKC", text).strip().upper().translate(_DASHES)
    text = re.sub(" *- *", "-", text)
    dv = None
    if match := _MARKED_DV.fullmatch(text):
        text, dv = match[1], match[2].zfill(2)
    if "-" not in text:
        text = re.sub("[ ./]", "-", text)
    return text, dv


def _find_form(text: str) -> Ruc | None:
    text = _LETTERS_AFTER_PROVINCE.sub(r"\1-\2-", text)
    # The parts' length chooses the DV's layout: zeros go first, but for the code of an old finca.
    parts = [part.lstrip("0") if part.isdecimal() else part for part in text.split("-")]
    if len(parts) == 2 and parts[1] and re.fullmatch(".*-[0-9]{4}", text):
        parts[1] = text[-4:]
    for kind, form in _FORMS:
        if match := form.fullmatch("-".join(parts)):
            return Ruc(kind, match.groups())
    return None


def _read(text: str) -> Ruc | None:
    text, dv = _tidy(text)
    if ruc := _find_form(text):
        return replace(ruc, written_dv=dv)
    if dv is None and (match := _UNMARKED_DV.fullmatch(text)):
        ruc = _find_form(match[1])
        # A finca and a DV would look like three numbers of a company: there it must be marked.
        if ruc and ruc.kind is not RucKind.FINCA:
            return replace(ruc, written_dv=match[2].zfill(2))
    return None


def parse(text: str) -> Ruc:
    """The RUC written in ``text``; raises ``InvalidRuc`` if there is none.

    Case, spaces around dashes, the kind of dash and leading zeros don't matter. Where there is no
    dash at all, dots, slashes or single spaces part the numbers. A DV may follow, as ``DV 59``,
    ``D.V. 59`` or ``:59``, or as one part more than the form has.

    >>> parse("8 nt–1–13656-43")
    Ruc(kind=<RucKind.NT: 'NT'>, parts=('8', '1', '13656'), written_dv='43')
    >>> parse("8 783 1657").canonical
    '8-783-1657'
    >>> parse("PAS1311723564")
    Traceback (most recent call last):
    rules.ruc.InvalidRuc: not a RUC: 'PAS1311723564'
    """
    ruc = _read(text)
    if ruc is None:
        raise InvalidRuc(text, suggestions(text))
    return ruc


def identification(ruc: Ruc, dv: str | None) -> str:
    """RUC and DV as people write them.

    >>> identification(parse("155596713-2-2015"), "59")
    '155596713-2-2015 DV 59'
    """
    return f"{ruc.canonical} DV {dv}" if dv else ruc.canonical


@dataclass(frozen=True)
class Match:
    """The DV is right for a taxpayer of this type."""

    taxpayer_type: TaxpayerType


@dataclass(frozen=True)
class Mismatch:
    """The DV is wrong; ``expected`` is the right one for each type the RUC can stand for."""

    expected: tuple[tuple[TaxpayerType, str], ...]


@dataclass(frozen=True)
class NoRule:
    """No published rule gives the DV, so it is neither right nor wrong."""


DvCheck: TypeAlias = Match | Mismatch | NoRule


def parse_dv(text: str) -> str:
    """The DV on two digits; raises ``InvalidDv`` if the text is none.

    >>> parse_dv("2")
    '02'
    """
    if not re.fullmatch("[0-9]{1,2}", text):
        raise InvalidDv(text)
    return text.zfill(2)


def compute_dv(ruc: Ruc, taxpayer_type: TaxpayerType) -> str | None:
    """The DV of this RUC for a taxpayer of this type, or ``None`` if no published rule gives it.

    There is none for a type that the form excludes, for fincas, on which the DGI's document is
    silent, and for parts longer than it foresees.

    >>> ruc = parse("8-NT-1-123456")
    >>> compute_dv(ruc, TaxpayerType.NATURAL), compute_dv(ruc, TaxpayerType.JURIDICAL)
    ('76', '52')
    >>> compute_dv(parse("8-30213562"), TaxpayerType.NATURAL) is None
    True
    """
    match ruc.kind, taxpayer_type:
        case RucKind.CEDULA | RucKind.JURIDICAL, TaxpayerType.JURIDICAL:
            return juridical_dv(*ruc.parts)
        case RucKind.CEDULA, TaxpayerType.NATURAL:
            return natural_dv("", *ruc.parts)
        case RucKind.E | RucKind.PE | RucKind.N, TaxpayerType.NATURAL:
            return natural_dv(ruc.kind, "", *ruc.parts)
        case RucKind.AV | RucKind.PI, TaxpayerType.NATURAL:
            return natural_dv(ruc.kind, *ruc.parts)
        case RucKind.NT, _:
            return nt_dv(*ruc.parts, natural=taxpayer_type is TaxpayerType.NATURAL)
    return None


def check_dv(ruc: Ruc, dv: str, taxpayer_type: TaxpayerType | None = None) -> DvCheck:
    """What the DV proves, for this type or, without one, for each that the RUC can stand for.

    Raises ``InvalidDv``. A type that the form excludes gets ``NoRule``, so ask ``Ruc.admits``
    beforehand. A DV that fits no type is wrong only if each of them has a rule.

    >>> check_dv(parse("2-221-78"), "56")
    Match(taxpayer_type=<TaxpayerType.JURIDICAL: 'JURIDICAL'>)
    >>> check_dv(parse("155596713-2-2015"), "95")
    Mismatch(expected=((<TaxpayerType.JURIDICAL: 'JURIDICAL'>, '59'),))
    >>> check_dv(parse("8-30213562"), "68")
    NoRule()
    """
    dv = parse_dv(dv)
    types = (taxpayer_type,) if taxpayer_type else ruc.readings
    expected = tuple((each, right) for each in types if (right := compute_dv(ruc, each)))
    for each, right in expected:
        if right == dv:
            return Match(each)
    return Mismatch(expected) if expected and len(expected) == len(types) else NoRule()


# Guessing at damage: undo, one at a time, what is common in real data.

# How companies have been numbered since 1999.
_MODERN = re.compile("[0-9]{5,7}-1-[0-9]{1,6}|([0-9]{9}-2|[0-9]{8}-3)-(201[4-9]|20[2-9][0-9])")


def _repairs(text: str) -> Iterator[str]:
    first, *rest = text.split("-")
    if len(rest) == 2:
        yield f"{first}-NT-{rest[0]}-{rest[1]}"
    if len(first) > 7 and not _MODERN.fullmatch(text):
        for place in range(len(first)):
            yield text[:place] + text[place + 1 :]
    for place in range(1, len(text)):
        if text[place - 1 : place + 1].isdecimal():
            yield f"{text[:place]}-{text[place:]}"
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


def suggestions(text: str, dv: str | None = None) -> tuple[str, ...]:
    """RUCs that may have been meant by a text that is none or whose DV doesn't match.

    Every suggestion matches ``dv`` or else the DV in the text. Without a DV a RUC gets none, and
    other texts only NTs and the forms of companies since 1999. ``00`` counts as no DV, being a
    common filler. Raises ``InvalidDv``.

    >>> suggestions("155724460-22022")  # a dash is missing
    ('155724460-2-2022',)
    >>> suggestions("1719593-690057 DV 59")  # the middle is missing
    ('1719593-1-690057',)
    >>> suggestions("8-1-12607", "01")  # NT is missing
    ('8-NT-1-12607',)
    >>> suggestions("1556557158-2-2017", "56")  # the folio has a digit too many
    ('155657158-2-2017',)
    """
    typed = _read(text)
    body, written_dv = (typed.canonical, typed.written_dv) if typed else _tidy(text)
    dv = written_dv if dv is None else parse_dv(dv)
    if dv == "00":
        dv = None
    if typed and (dv is None or isinstance(check_dv(typed, dv), Match)):
        return ()
    repaired = [ruc for repair in _repairs(body) if (ruc := _read(repair)) and not ruc.written_dv]
    likely = dict.fromkeys(ruc.canonical for ruc in repaired if _is_likely(ruc, dv))
    return tuple(islice(likely, MAX_SUGGESTIONS))
