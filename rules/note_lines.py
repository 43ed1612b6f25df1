"""How a part of an invoice's line is written on a credit note or a debit note, and what is left of the line.

Amounts are cumulative: what a note takes is the rounded sum up to it, less what stands already. So any split of a line
sums to the line to the cent, and no note takes more than there is. Each written line keeps the DGI's rules 2053 and
2152: its net is within a cent of quantity × price, and its ITBMS within a cent of net × rate.

>>> from rules.invoice import compute
>>> from rules.vocabulary import ItbmsRate
>>> line = LineData(description="Café", quantity=Decimal(3), unit_price=Decimal("1.115"), itbms_rate=ItbmsRate.RATE_7)
>>> (sold,), _ = compute([line])
>>> [str(each.net) for each in write_part(sold, NOTHING, PartData(position=1, quantity=Decimal(1)))]
['1.12']
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Final, NamedTuple

from rules import rates
from rules.fiscal.catalogues import DEFAULT_UNIT
from rules.invoice import NUMBER_LIMIT, SMALLEST_STEP, Line, LineData
from rules.money import CENT, r2, sum_of

_ZERO: Final = Decimal("0.00")


@dataclass(frozen=True, kw_only=True)
class PartData:
    """A part of an invoice's line, by quantity, by net amount, or without either all that is left.

    ``description`` is for debit notes, whose lines may say what they are for.
    """

    position: int
    quantity: Decimal | None = None
    amount: Decimal | None = None
    description: str | None = None


class Credited(NamedTuple):
    """What the credit notes that stand have taken of a line; ``by_quantity`` is the net of parts with a quantity."""

    quantity: Decimal
    by_quantity: Decimal
    net: Decimal
    itbms: Decimal
    parts: int


ROUNDING: Final = "Ajuste de redondeo"  # description of a line that only has odd cents
NOTHING: Final = Credited(Decimal(0), _ZERO, _ZERO, _ZERO, 0)


@dataclass(frozen=True, kw_only=True)
class NoteLine(Line):
    """A line of a note. ``invoice_quantity`` is what it takes of the quantity of the invoice's line."""

    invoice_position: int | None
    invoice_quantity: Decimal | None


def write_part(sold: Line, before: Credited, part: PartData, issue_date: date | None = None) -> tuple[NoteLine, ...]:
    """The lines that a part without faults becomes: one, but where voided notes have left odd cents of ITBMS."""
    left, quantity_left = sold.net - before.net, sold.quantity - before.quantity
    if part.amount is not None:
        net, quantity = part.amount.quantize(CENT), None
    elif part.quantity is not None:
        net, quantity = net_of_quantity(sold, before, part.quantity), part.quantity
    else:
        net, quantity = left, quantity_left or None
    rate = rates.fraction(sold.itbms_rate, issue_date)
    itbms = _itbms_of(sold, before, net, rate)
    crumbs = tuple(_crumbs(net, itbms, rate))
    rest_net = net - sum_of(crumb.net for crumb in crumbs)
    rest_itbms = itbms - sum_of(crumb.itbms for crumb in crumbs)
    rest = [_write(sold, quantity, rest_net, rest_itbms)] if rest_net or not crumbs else []
    return (*rest, *[replace(_write(sold, None, *crumb), description=ROUNDING) for crumb in crumbs])


def net_of_quantity(sold: Line, before: Credited, quantity: Decimal) -> Decimal:
    """The net of so many units: cumulative, and for the last ones the rest of the line.

    Notes that were voided since may have left some cents more or less than the price. The last part takes these along;
    any other difference comes from parts by amount, and stays out.
    """
    price = sold.unit_price - sold.discount
    exact = quantity * price
    left = sold.net - before.net
    drift = _drift(before)
    after = before.quantity + quantity
    if after == sold.quantity and abs(left - exact) <= drift:
        return left
    net = r2(after * price) - before.by_quantity
    if abs(net - exact) > CENT:
        net = r2(exact)
    return left if left < net <= left + drift else net


def _drift(before: Credited) -> Decimal:
    """By how much rounding may have moved what is left of a line: a cent for each part, and for the next one."""
    return CENT * (before.parts + 1)


def _itbms_of(sold: Line, before: Credited, net: Decimal, rate: Decimal) -> Decimal:
    """The ITBMS of a net amount: cumulative, never more than the amount itself, and with the last one the rest."""
    if before.net + net == sold.net:
        return sold.itbms - before.itbms
    wanted = min(r2((before.net + net) * rate), sold.itbms) - before.itbms
    return min(max(wanted, _ZERO), net)


class _Crumb(NamedTuple):
    net: Decimal
    itbms: Decimal


def _crumbs(net: Decimal, itbms: Decimal, rate: Decimal) -> Iterator[_Crumb]:
    """Small lines that keep the others' ITBMS within a cent of net × rate.

    They are needed only where notes were voided whose ITBMS was rounded in the same direction: a cent of tax for a cent
    of net where too much is left, no tax for as much as may have none where too little is.
    """
    while itbms - net * rate > CENT:
        yield _Crumb(CENT, CENT)
        net, itbms = net - CENT, itbms - CENT
    while net * rate - itbms > CENT:
        untaxed = min((CENT / rate).quantize(CENT, ROUND_FLOOR), net)
        yield _Crumb(untaxed, _ZERO)
        net -= untaxed


def _write(sold: Line, quantity: Decimal | None, net: Decimal, itbms: Decimal) -> NoteLine:
    """A line of this net: at the invoice's price, at the one that follows from net and quantity, or one unit of it."""
    ways: list[tuple[Decimal, Decimal, Decimal]] = []
    if quantity is not None:
        derived = (net / quantity).quantize(SMALLEST_STEP, ROUND_HALF_UP)
        ways = [(quantity, sold.unit_price, sold.discount), (quantity, derived, Decimal(0))]
    fitting = (way for way in ways if way[1] < NUMBER_LIMIT and abs(way[0] * (way[1] - way[2]) - net) <= CENT)
    found = next(fitting, None)
    amounts = found or (Decimal(1), net, Decimal(0))
    return NoteLine(
        **vars(_line_data(sold, *[number.quantize(SMALLEST_STEP) for number in amounts])) | _unit(sold, found),
        position=0,
        net=net,
        itbms=itbms,
        total=net + itbms,
        invoice_position=sold.position,
        invoice_quantity=quantity,
    )


def _unit(sold: Line, found: object) -> dict[str, str]:
    """One unit of an amount isn't a kilogram of it."""
    return {"unit": sold.unit if found else DEFAULT_UNIT}


def quantity_creditable(sold: Line, before: Credited) -> Decimal:
    """How much of the quantity can still be credited: what is left of it, or what is left of the money pays for.

    ``InvoiceLine.creditableQuantity`` is computed alike in SQL.
    """
    left, quantity_left, price = sold.net - before.net, sold.quantity - before.quantity, sold.unit_price - sold.discount
    if not left:
        return Decimal(0)
    if quantity_left * price <= left + _drift(before):
        return quantity_left
    return (left / price).quantize(SMALLEST_STEP, ROUND_FLOOR)


def write_debit(sold: Line, part: PartData) -> LineData:
    """The line that a part of a debit note becomes: more units at the price, or one unit of the amount."""
    if part.amount is None:
        line = _line_data(sold, part.quantity or sold.quantity, sold.unit_price, sold.discount)
    else:
        line = replace(_line_data(sold, Decimal(1), part.amount, Decimal(0)), unit=DEFAULT_UNIT)
    return replace(line, description=part.description or sold.description)


def _line_data(sold: Line, quantity: Decimal, unit_price: Decimal, discount: Decimal) -> LineData:
    return LineData(
        description=sold.description,
        code=sold.code,
        unit=sold.unit,
        cpbs=sold.cpbs,
        quantity=quantity,
        unit_price=unit_price,
        discount=discount,
        itbms_rate=sold.itbms_rate,
    )
