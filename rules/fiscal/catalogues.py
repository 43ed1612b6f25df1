"""The DGI's catalogues of what invoices are written with: units of measure, classes of goods and services, payment.

``units.csv`` and ``cpbs.csv`` have the codes and names of the DGI's schema FE_v1.00.xsd of May 2020, as the DGI writes
them. In ``cpbs.csv`` (Codificación Panameña de Bienes y Servicios) a family has two digits, and a class has four, which
begin with those of its family.
"""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from rules.faults import Code, Fault, Text
from rules.keys import search_column, search_key
from rules.search import matches, search_terms
from rules.vocabulary import CODES, PaymentMethod

DEFAULT_UNIT: Final = "und"

_HERE: Final = Path(__file__).parent


def _read(name: str) -> dict[str, str]:
    with (_HERE / name).open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}


_CPBS: Final = _read("cpbs.csv")

UNITS: Final[Mapping[str, str]] = MappingProxyType(_read("units.csv"))
FAMILIES: Final[Mapping[str, str]] = MappingProxyType({code: _CPBS[code] for code in _CPBS if len(code) == 2})
CLASSES: Final[Mapping[str, str]] = MappingProxyType({code: _CPBS[code] for code in _CPBS if len(code) == 4})

PAYMENT_NAMES: Final[Mapping[PaymentMethod, Text]] = MappingProxyType(
    {
        PaymentMethod.CREDIT: Text("Crédito", "Credit"),
        PaymentMethod.CASH: Text("Efectivo", "Cash"),
        PaymentMethod.CREDIT_CARD: Text("Tarjeta de crédito", "Credit card"),
        PaymentMethod.DEBIT_CARD: Text("Tarjeta de débito", "Debit card"),
        PaymentMethod.LOYALTY: Text("Tarjeta de fidelización", "Loyalty card"),
        PaymentMethod.VOUCHER: Text("Vale", "Voucher"),
        PaymentMethod.GIFT_CARD: Text("Tarjeta de regalo", "Gift card"),
        PaymentMethod.TRANSFER: Text("Transferencia o depósito", "Transfer or deposit"),
        PaymentMethod.CHECK: Text("Cheque", "Cheque"),
        PaymentMethod.OTHER: Text("Otra", "Other"),
    }
)
PAYMENT_METHODS: Final[Mapping[str, PaymentMethod]] = MappingProxyType({CODES[each]: each for each in PAYMENT_NAMES})

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


class _Entry(NamedTuple):
    """What an entry is found by: its own code and names, and all words, which may be more."""

    code: str
    keys: tuple[str, ...]
    own: str
    words: str

    @classmethod
    def of(cls, code: str, names: tuple[str, ...], more: str = "") -> "_Entry":
        own = " ".join((code, *names))
        return cls(code, tuple(map(search_key, (code, *names))), search_column(own), search_column(f"{own} {more}"))


class Search:
    """The search of a catalogue. It finds codes as ``rules.search`` finds customers.

    >>> UNIT_SEARCH.find("gramo KILO", 1), UNIT_SEARCH.find("m", 1), CPBS_SEARCH.find("informatic serv", 1)
    (['kg'], ['m'], ['8111'])
    """

    def __init__(self, entries: Iterable[_Entry]) -> None:
        self._entries = tuple(entries)

    def find(self, query: str, most: int) -> list[str]:
        """The codes that have all words of a query, in the order of the catalogue; all codes without a query.

        First comes the code as it is typed, then what is called so, then what begins so, and last what only the
        name of the family has. Raises ``Refusal`` for a query that is too long.
        """
        terms = search_terms(query)
        if not terms:
            return [] if terms is None else [entry.code for entry in self._entries[:most]]
        found = [entry for entry in self._entries if matches(entry.words, terms)]
        typed, key = query.strip(), search_key(query)

        def place(entry: _Entry) -> int:
            if entry.code == typed:
                return 0
            if key in entry.keys:
                return 1
            if any(each.startswith(key) for each in entry.keys):
                return 2
            return 3 if matches(entry.own, terms) else 4

        return [entry.code for entry in sorted(found, key=place)[:most]]


# What the DGI's names abbreviate.
_IN_FULL: Final = {"Min": ("minuto",), "Seg": ("segundo",)}

UNIT_SEARCH: Final = Search(_Entry.of(code, (name, *_IN_FULL.get(code, ()))) for code, name in UNITS.items())
CPBS_SEARCH: Final = Search(_Entry.of(code, (name,), FAMILIES[family(code)]) for code, name in CLASSES.items())
PAYMENT_SEARCH: Final = Search(_Entry.of(CODES[method], name) for method, name in PAYMENT_NAMES.items())


_UNKNOWN_UNIT: Final = Text(
    "La DGI no tiene esta unidad de medida; distingue mayúsculas y minúsculas.",
    "The DGI has no such unit of measure; capitals and small letters differ.",
)
_UNKNOWN_CPBS: Final = Text(
    "La DGI no tiene este código CPBS, que es de cuatro dígitos.",
    "The DGI has no such CPBS code, which has four digits.",
)
