"""The DGI's catalogues of what lines are written with: units of measure, and classes of goods and services.

``units.csv`` and ``cpbs.csv`` have the codes and names of the DGI's schema FE_v1.00.xsd of May 2020, as the DGI writes
them. In ``cpbs.csv`` (Codificación Panameña de Bienes y Servicios) a family has two digits, and a class has four, which
begin with those of its family.
"""

import csv
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from rules.faults import Code, Fault, Text

DEFAULT_UNIT: Final = "und"

_HERE: Final = Path(__file__).parent


def _read(name: str) -> dict[str, str]:
    with (_HERE / name).open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}


_CPBS: Final = _read("cpbs.csv")

UNITS: Final[Mapping[str, str]] = MappingProxyType(_read("units.csv"))
FAMILIES: Final[Mapping[str, str]] = MappingProxyType({code: _CPBS[code] for code in _CPBS if len(code) == 2})
CLASSES: Final[Mapping[str, str]] = MappingProxyType({code: _CPBS[code] for code in _CPBS if len(code) == 4})

_BY_LETTERS: Final = {code.casefold(): code for code in UNITS}


def family(cpbs: str) -> str:
    """The family of a class.

    >>> family("4321"), FAMILIES[family("4321")]
    ('43', 'Difusión de Tecnologías de Información y Telecomunicaciones')
    """
    return cpbs[:2]


def check_unit(path: tuple[str, ...], code: str) -> tuple[Fault, ...]:
    """The fault of a unit that the DGI doesn't have. Its codes tell capitals from small letters.

    >>> check_unit((), "kg")
    ()
    >>> [(fault.code.value, fault.expected) for fault in check_unit((), "UND")]
    [('UNKNOWN_UNIT', ('und',))]
    """
    if code in UNITS:
        return ()
    meant = _BY_LETTERS.get(code.casefold())
    return (Fault(path, Code.UNKNOWN_UNIT, _UNKNOWN_UNIT, expected=(meant,) if meant else ()),)


def check_cpbs(path: tuple[str, ...], code: str) -> tuple[Fault, ...]:
    """The fault of a class that the DGI doesn't have.

    >>> check_cpbs((), "4321")
    ()
    >>> [fault.code.value for fault in check_cpbs((), "43")]
    ['UNKNOWN_CPBS']
    """
    return () if code in CLASSES else (Fault(path, Code.UNKNOWN_CPBS, _UNKNOWN_CPBS),)


_UNKNOWN_UNIT: Final = Text(
    "La DGI no tiene esta unidad de medida; distingue mayúsculas y minúsculas.",
    "The DGI has no such unit of measure; capitals and small letters differ.",
)
_UNKNOWN_CPBS: Final = Text(
    "La DGI no tiene este código CPBS, que es de cuatro dígitos.",
    "The DGI has no such CPBS code, which has four digits.",
)
