"""Retención: the ITBMS that the buyer keeps back and pays to the DGI. The total isn't reduced by it.

>>> WITHHOLDINGS["2"].part, str(compute_withholding(WithholdingData(code="2"), Decimal("10.01")).amount)
(Decimal('0.5'), '5.01')
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final, NamedTuple

from rules.faults import Code, Fault, Text
from rules.fiscal.document import Withholding
from rules.fiscal.payments import AMOUNT_LIMIT
from rules.money import CENT, r2


class Kind(NamedTuple):
    """What the DGI calls it, and the part of the ITBMS that is kept back; None where it must be said."""

    name: str
    part: Decimal | None


_ALL: Final = Decimal(1)
_HALF: Final = Decimal("0.5")

# How the amounts are rounded is not published; half a cent goes up here, as everywhere.
WITHHOLDINGS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "1": Kind("Servicio profesional al Estado, 100 %", _ALL),
        "2": Kind("Venta de bienes o servicios al Estado, 50 %", _HALF),
        "3": Kind("No domiciliado, 100 %", _ALL),
        "4": Kind("Compra de bienes o servicios, 50 %", _HALF),
        "7": Kind("Comercio afiliado a tarjetas, 50 %", _HALF),
        "8": Kind("Otros", None),
    }
)


@dataclass(frozen=True, kw_only=True)
class WithholdingData:
    """A withholding as typed. ``amount`` follows from the code, except for code 8."""

    code: str
    amount: Decimal | None = None


def compute_withholding(data: WithholdingData, itbms_total: Decimal) -> Withholding:
    """The withholding of data without faults."""
    amount = data.amount if data.amount is not None else _due(data.code, itbms_total)
    assert amount is not None
    return Withholding(code=data.code, amount=amount.quantize(CENT))


def _due(code: str, itbms_total: Decimal) -> Decimal | None:
    part = WITHHOLDINGS[code].part
    return None if part is None else r2(itbms_total * part)


def check_withholding(
    data: WithholdingData | None, itbms_total: Decimal | None, total: Decimal | None
) -> tuple[Fault, ...]:
    """The faults of a withholding; what isn't known of the totals is None, and nothing is compared with it.

    >>> [fault.path for fault in check_withholding(WithholdingData(code="8"), Decimal(7), Decimal(107))]
    [('withholding', 'amount')]
    """
    return () if data is None else tuple(_faults(data, itbms_total, total))


def _faults(data: WithholdingData, itbms_total: Decimal | None, total: Decimal | None) -> Iterator[Fault]:
    place = ("withholding", "amount")
    kind = WITHHOLDINGS.get(data.code)
    if kind is None:
        yield Fault(("withholding", "code"), Code.INVALID_VALUE, _UNKNOWN, expected=tuple(WITHHOLDINGS))
    due = _due(data.code, itbms_total) if kind and itbms_total is not None else None
    limit = AMOUNT_LIMIT if total is None else total + CENT
    if due == 0:
        yield Fault(("withholding",), Code.NOT_ALLOWED, _NO_ITBMS)
    elif data.amount is None:
        if kind and kind.part is None:
            yield Fault(place, Code.REQUIRED, _HOW_MUCH)
    elif not data.amount.is_finite():
        yield Fault(place, Code.INVALID_VALUE, _HOW_MUCH)
    elif due is not None and data.amount != due:
        yield Fault(place, Code.OUT_OF_RANGE, _FOLLOWS.format(amount=due), expected=(str(due),))
    elif not 0 < data.amount < limit or data.amount != data.amount.quantize(CENT):
        yield Fault(place, Code.OUT_OF_RANGE, _HOW_MUCH)


_UNKNOWN: Final = Text("La DGI no tiene este código de retención.", "The DGI has no such code of withholding.")
_NO_ITBMS: Final = Text("No hay ITBMS que retener.", "There is no ITBMS to withhold.")
_HOW_MUCH: Final = Text(
    "Escribe el monto retenido, en centavos enteros y no mayor que el total.",
    "Write the amount withheld, in whole cents and not above the total.",
)
_FOLLOWS: Final = Text("Con este código se retienen {amount}.", "With this code {amount} is withheld.")
