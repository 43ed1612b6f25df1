"""RUC (Registro Único de Contribuyente), the number of a Panamanian taxpayer.

The Dirección General de Ingresos (DGI) knows these forms. The dashes are part of the number:
without them its parts can't be distinguished.

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
verificador, see ``rules.dv``) depends on the type of taxpayer, and so tells it.

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
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, TypeAlias

from rules.dv import juridical_dv, natural_dv, nt_dv
from rules.text import clean
from rules.vocabulary import TaxpayerType

MAX_LENGTH: Final = 50


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
    digits. ``written_dv`` is the DV that stood behind, on two digits; it is not part of the number,
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
    """The text is not a RUC; ``rules.ruc_suggestions`` tells which RUCs may have been meant."""

    def __init__(self, text: str) -> None:
        super().__init__(f"not a RUC: {text[:MAX_LENGTH]!r}")
        self.text = text


class InvalidDv(ValueError):
    """The text is not a DV, which is one or two digits."""

    def __init__(self, text: str) -> None:
        super().__init__(f"not a DV: {text[:MAX_LENGTH]!r}")
        self.text = text


# Reading a RUC: tidy the text, cut the DV off, find the form that fits.

DASHES: Final = dict.fromkeys([*range(0x2010, 0x2016), 0x2212], "-")
_LABEL: Final = re.compile(r"^[ (]*(?:R\.?U\.?C|C[ÉE]DULA)(?![A-Z])[ .:#]*(?:N\.?[O°][ .:]*)?")
_DV_LABEL: Final = r"D\.?V(?![A-Z])[ .:#/-]*"
_MARKED_DV: Final = re.compile(rf"(.*?)[ .,;:/(-]*(?:{_DV_LABEL}|: *)([0-9]{{1,2}})[ .)]*")
_UNMARKED_DV: Final = re.compile(r"(.*-.*?)(?:-| *[/,;(] *| )([0-9]{1,2})\)?")
_LETTERS_AFTER_PROVINCE: Final = re.compile("^([0-9]+)[ -]?(AV|PI|NT)-")
_PROVINCE: Final = "([1-9]|1[0-3])"

# The first form that fits is the RUC's. They are written in the DGI's spelling.
_FORMS: Final = [
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


def tidy(text: str) -> tuple[str, str | None]:
    """The text with plain dashes between its parts and without labels, and the DV if the text marks one as such."""
    text = clean(text) or ""
    # NFKC would turn 8² into 82, so a text with such digits is refused first.
    if len(text) > MAX_LENGTH or any(char.isnumeric() and not char.isdecimal() for char in text):
        return "", None
    text = unicodedata.normalize("NFKC", text).upper().translate(DASHES)
    text = _LABEL.sub("", re.sub(" *- *", "-", text))
    dv = None
    if match := _MARKED_DV.fullmatch(text):
        text, dv = match[1], match[2].zfill(2)
    if "-" not in text:
        text = re.sub("[ ./]", "-", text)
    return text, dv


def _find_form(text: str) -> Ruc | None:
    text = _LETTERS_AFTER_PROVINCE.sub(r"\1-\2-", text)
    # The length of the parts decides the DV's layout, so leading zeros go; only the code of an old finca keeps them.
    parts = [part.lstrip("0") if part.isdecimal() else part for part in text.split("-")]
    if len(parts) == 2 and parts[1] and re.fullmatch(".*-[0-9]{4}", text):
        parts[1] = text[-4:]
    for kind, form in _FORMS:
        if match := form.fullmatch("-".join(parts)):
            return Ruc(kind, match.groups())
    return None


def read(text: str) -> Ruc | None:
    """The RUC written in ``text``, as ``parse`` gives it; None if there is none."""
    text, dv = tidy(text)
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
    dash at all, dots, slashes or single spaces part the numbers. ``RUC`` or ``Cédula`` may stand in
    front. A DV may follow, as ``DV 59``, ``(D.V. 59)``, ``:59``, ``/59`` or ``59``, or as one part more
    than the form has.

    >>> parse("8 nt–1–13656-43")
    Ruc(kind=<RucKind.NT: 'NT'>, parts=('8', '1', '13656'), written_dv='43')
    >>> parse("8 783 1657").canonical
    '8-783-1657'
    >>> parse("PAS1311723564")
    Traceback (most recent call last):
    rules.ruc.InvalidRuc: not a RUC: 'PAS1311723564'
    """
    ruc = read(text)
    if ruc is None:
        raise InvalidRuc(text)
    return ruc


def identification(canonical: str, dv: str | None) -> str:
    """A RUC with its DV as people write them. Every text that shows both takes it from here.

    >>> identification("155596713-2-2015", "59")
    '155596713-2-2015 DV 59'
    """
    return f"{canonical} DV {dv}" if dv else canonical


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
    """The DV on two digits; raises ``InvalidDv`` for any other text.

    >>> parse_dv("2")
    '02'
    """
    digits = without_dv_label(text)
    if not re.fullmatch("[0-9]{1,2}", digits):
        raise InvalidDv(text)
    return digits.zfill(2)


def without_dv_label(text: str) -> str:
    """
    >>> without_dv_label("D.V. 59"), without_dv_label("59")
    ('59', '59')
    """
    return re.sub(f"^{_DV_LABEL}", "", text, flags=re.IGNORECASE)


def compute_dv(ruc: Ruc, taxpayer_type: TaxpayerType) -> str | None:
    """The DV of this RUC for a taxpayer of this type, or ``None`` if no published rule gives it.

    No rule covers a type that the form excludes, fincas (the DGI's document is silent on them) and
    parts longer than the document foresees.

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


def proven_type(ruc: Ruc, dv: str) -> TaxpayerType | None:
    """The type of the taxpayer, where the form of the RUC and its DV leave only one type.

    >>> proven_type(parse("155596713-2-2015"), "59"), proven_type(parse("2-221-78"), "56")
    (<TaxpayerType.JURIDICAL: 'JURIDICAL'>, <TaxpayerType.JURIDICAL: 'JURIDICAL'>)
    >>> proven_type(parse("8-30213562"), "68") is None
    True
    """
    types = ruc.readings
    if len(types) > 1:
        types = tuple(each for each in types if compute_dv(ruc, each) == dv)
    return types[0] if len(types) == 1 else None


def check_dv(ruc: Ruc, dv: str, taxpayer_type: TaxpayerType | None = None) -> DvCheck:
    """What the DV proves for this type or, without one, for each type that the RUC can stand for.

    Raises ``InvalidDv``. A type that the form excludes gives ``NoRule``: ask ``Ruc.admits`` first.
    A DV that fits no type is wrong only if a rule covers each of them.

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
