"""What a credit note or a debit note may take of an invoice, and how its lines are written.

A part of a line is given by quantity, by net amount, or is all that is left. Amounts are cumulative: what a note takes
is the rounded sum up to it, less what stands already. So any split of a line sums to the line to the cent, and no note
takes more than there is. Each written line keeps the DGI's rules 2053 and 2152: its net is within a cent of
quantity × price, and its ITBMS within a cent of net × rate.

>>> from rules.vocabulary import ItbmsRate
>>> line = LineData(description="Café", quantity=Decimal(3), unit_price=Decimal("1.115"), itbms_rate=ItbmsRate.RATE_7)
>>> (sold,), _ = compute([line])
>>> [str(each.net) for each in write_part(sold, NOTHING, PartData(position=1, quantity=Decimal(1)))]
['1.12']
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Final, NamedTuple

from rules import rates, text
from rules.faults import Code, Fault, Text
from rules.fiscal.catalogues import DEFAULT_UNIT
from rules.invoice import (
    MOST_LINES,
    NUMBER_LIMIT,
    SMALLEST_STEP,
    Line,
    LineData,
    check_description,
    check_number,
    compute,
)
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


def credit(
    lines: Sequence[Line],
    credited: Mapping[int, Credited],
    parts: Sequence[PartData] | None,
    issue_date: date | None = None,
) -> tuple[tuple[NoteLine, ...], tuple[Fault, ...]]:
    """The lines of a credit note, or all faults of its parts; None for all that is left, which an empty list isn't.

    ``issue_date`` is the invoice's, whose rates hold.
    """
    sold = {line.position: line for line in lines}
    if parts is None:
        parts = [PartData(position=each) for each in sold if sold[each].net > credited.get(each, NOTHING).net]
        if not parts:
            return (), (Fault(("lines",), Code.CREDIT_EXCEEDED, _NOTHING_LEFT),)
    if not parts:
        return (), (Fault(("lines",), Code.REQUIRED, _NO_PARTS),)
    faults = check_parts(sold, parts) or tuple(_exceeded(sold, credited, parts))
    if faults:
        return (), faults
    written = [write_part(sold[p.position], credited.get(p.position, NOTHING), p, issue_date) for p in parts]
    return _numbered([line for each in written for line in each])


def debit(
    lines: Sequence[Line], parts: Sequence[PartData], charges: Sequence[LineData], issue_date: date
) -> tuple[tuple[NoteLine, ...], tuple[Fault, ...]]:
    """The lines of a debit note, of which ``charges`` have no faults of their own, or all faults of its parts."""
    if not parts and not charges:
        return (), (Fault(("lines",), Code.REQUIRED, _NOTHING_ADDED),)
    sold = {line.position: line for line in lines}
    faults = check_parts(sold, parts, are_debits=True)
    if faults:
        return (), faults
    computed, _ = compute([*[_debited(sold[part.position], part) for part in parts], *charges], issue_date)
    places = [part.position for part in parts] + [None] * len(charges)
    empty = [index for index, line in enumerate(computed[: len(parts)]) if not line.net]
    if empty:
        return (), tuple([_less_than_a_cent(("lines", str(index), "quantity")) for index in empty])
    written = [
        NoteLine(**vars(line), invoice_position=place, invoice_quantity=None)
        for line, place in zip(computed, places, strict=True)
    ]
    # Parts alone are neither too many nor of no amount.
    return _numbered(written, ("charges",) if charges else ("lines",))


def check_debit(lines: Sequence[NoteLine], left: Decimal) -> tuple[Fault, ...]:
    """A debit note of more than this total is refused: at its charges, unless its parts alone are more."""
    if sum_of(line.total for line in lines) <= left:
        return ()
    of_parts = sum_of(line.total for line in lines if line.invoice_position is not None)
    path = ("lines",) if of_parts > left else ("charges",)
    return (Fault(path, Code.OUT_OF_RANGE, _TOO_MUCH_DEBITED.format(left=left), expected=(str(left),)),)


def _numbered(
    lines: Sequence[NoteLine], path: tuple[str, ...] = ("lines",)
) -> tuple[tuple[NoteLine, ...], tuple[Fault, ...]]:
    if len(lines) > MOST_LINES:
        return (), (Fault(path, Code.TOO_MANY, _TOO_MANY.format(most=MOST_LINES)),)
    if not sum_of(line.total for line in lines):
        return (), (Fault(path, Code.OUT_OF_RANGE, _NO_AMOUNT),)
    return tuple([replace(line, position=position) for position, line in enumerate(lines, 1)]), ()


def _debited(sold: Line, part: PartData) -> LineData:
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


# Checking


def check_parts(sold: Mapping[int, Line], parts: Sequence[PartData], *, are_debits: bool = False) -> tuple[Fault, ...]:
    """The faults of the parts that don't depend on what is left."""
    if len(parts) > MOST_LINES:
        return (Fault(("lines",), Code.TOO_MANY, _TOO_MANY.format(most=MOST_LINES)),)
    return tuple(_each_part(sold, parts, are_debits))


def _each_part(sold: Mapping[int, Line], parts: Sequence[PartData], are_debits: bool) -> Iterator[Fault]:
    seen: set[int] = set()
    for index, part in enumerate(parts):
        path = ("lines", str(index))
        if part.position not in sold:
            yield Fault((*path, "position"), Code.NOT_FOUND, _NO_SUCH_LINE)
        elif part.position in seen and not are_debits:
            yield Fault((*path, "position"), Code.INVALID_VALUE, _ONLY_ONCE)
        seen.add(part.position)
        if part.quantity is not None and part.amount is not None:
            yield Fault((*path, "amount"), Code.INVALID_VALUE, _EITHER)
        elif are_debits and part.quantity is None and part.amount is None:
            yield Fault((*path, "quantity"), Code.REQUIRED, _QUANTITY_OR_AMOUNT)
        if part.quantity is not None:
            yield from _above_zero((*path, "quantity"), part.quantity, SMALLEST_STEP)
        if part.amount is not None:
            yield from _above_zero((*path, "amount"), part.amount, CENT)
        if part.description is not None:
            yield from check_description((*path, "description"), text.clean(part.description, multiline=True))


def _above_zero(path: tuple[str, ...], number: Decimal, step: Decimal) -> Iterator[Fault]:
    faults = tuple(check_number(path, number))
    yield from faults
    if faults:
        return
    if number == 0:
        yield Fault(path, Code.OUT_OF_RANGE, _ABOVE_ZERO)
    elif number != number.quantize(step):
        yield Fault(path, Code.OUT_OF_RANGE, _CENTS)


def _exceeded(sold: Mapping[int, Line], credited: Mapping[int, Credited], parts: Sequence[PartData]) -> Iterator[Fault]:
    """Parts that are more than is left, of which ``expected`` tells, or nothing."""
    for index, part in enumerate(parts):
        line, before = sold[part.position], credited.get(part.position, NOTHING)
        left, path = line.net - before.net, ("lines", str(index))
        if part.quantity is not None:
            net, quantity_left = _net_of_quantity(line, before, part.quantity), line.quantity - before.quantity
            if part.quantity > quantity_left or net > left:
                yield _more_than((*path, "quantity"), _plain(quantity_creditable(line, before)))
            elif not net:
                yield _less_than_a_cent((*path, "quantity"))
        elif part.amount is not None and part.amount > left:
            yield _more_than((*path, "amount"), str(left))
        elif part.amount is None and not left:
            yield _more_than(path, str(left))


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


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _less_than_a_cent(path: tuple[str, ...]) -> Fault:
    return Fault(path, Code.OUT_OF_RANGE, _LESS_THAN_A_CENT)


def _more_than(path: tuple[str, ...], left: str) -> Fault:
    return Fault(path, Code.CREDIT_EXCEEDED, _MORE_THAN_LEFT.format(left=left), expected=(left,))


# Amounts


def write_part(sold: Line, before: Credited, part: PartData, issue_date: date | None = None) -> tuple[NoteLine, ...]:
    """The lines that a part without faults becomes: one, but where voided notes have left odd cents of ITBMS."""
    left, quantity_left = sold.net - before.net, sold.quantity - before.quantity
    if part.amount is not None:
        net, quantity = part.amount.quantize(CENT), None
    elif part.quantity is not None:
        net, quantity = _net_of_quantity(sold, before, part.quantity), part.quantity
    else:
        net, quantity = left, quantity_left or None
    rate = rates.fraction(sold.itbms_rate, issue_date)
    itbms = _itbms_of(sold, before, net, rate)
    crumbs = tuple(_crumbs(net, itbms, rate))
    rest_net = net - sum_of(crumb.net for crumb in crumbs)
    rest_itbms = itbms - sum_of(crumb.itbms for crumb in crumbs)
    rest = [_write(sold, quantity, rest_net, rest_itbms)] if rest_net or not crumbs else []
    return (*rest, *[replace(_write(sold, None, *crumb), description=ROUNDING) for crumb in crumbs])


def _net_of_quantity(sold: Line, before: Credited, quantity: Decimal) -> Decimal:
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


_NOTHING_LEFT: Final = Text(
    "De esta factura ya se acreditó todo; no queda nada por acreditar.",
    "All of this invoice has been credited; nothing is left.",
)
_NO_PARTS: Final = Text(
    "Indica al menos una línea, o ninguna lista (null) para acreditar todo lo que queda.",
    "Give at least one line, or no list (null) to credit all that is left.",
)
_NOTHING_ADDED: Final = Text(
    "Indica líneas de la factura o cargos; la nota no tiene nada.",
    "Give lines of the invoice or charges; the note has nothing.",
)
_MORE_THAN_LEFT: Final = Text(
    "Es más de lo que queda por acreditar de esta línea: {left}.",
    "It is more than is left to credit of this line: {left}.",
)
_TOO_MUCH_DEBITED: Final = Text(
    "Las notas de débito de una factura no pueden pasar de su total; quedan {left}.",
    "The debit notes of an invoice can't be above its total; {left} are left.",
)
_NO_SUCH_LINE: Final = Text("La factura no tiene esta línea.", "The invoice has no such line.")
_ONLY_ONCE: Final = Text("Indica cada línea una sola vez.", "Name each line only once.")
_EITHER: Final = Text("Indica la cantidad o el monto, no ambos.", "Give the quantity or the amount, not both.")
_QUANTITY_OR_AMOUNT: Final = Text("Indica la cantidad o el monto.", "Give the quantity or the amount.")
_ABOVE_ZERO: Final = Text("Escribe un número mayor que 0.", "Write a number greater than 0.")
_CENTS: Final = Text("Escribe un monto con un máximo de 2 decimales.", "Write an amount with at most 2 decimals.")
_LESS_THAN_A_CENT: Final = Text(
    "El monto de esta cantidad sería 0.00. Indica una cantidad mayor, o el monto.",
    "This quantity would amount to 0.00. Give a greater quantity, or the amount.",
)
_NO_AMOUNT: Final = Text("El total de la nota sería 0.", "The note's total would be 0.")
_TOO_MANY: Final = Text(
    "Una nota lleva como máximo {most} líneas, con las de ajuste de redondeo. Haz más de una nota.",
    "A note has at most {most} lines, those for rounding among them. Make more than one note.",
)
