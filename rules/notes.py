"""What a credit note or a debit note may take of an invoice: a part of a line by quantity or net amount, or all of it.

How the parts are written is in ``rules.note_lines``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from rules import text
from rules.faults import Code, Fault, Text
from rules.invoice import (
    MOST_LINES,
    SMALLEST_STEP,
    Line,
    LineData,
    check_description,
    check_number,
    compute,
)
from rules.money import CENT, sum_of
from rules.note_lines import (
    NOTHING,
    Credited,
    NoteLine,
    PartData,
    net_of_quantity,
    quantity_creditable,
    write_debit,
    write_part,
)


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
    computed, _ = compute([*[write_debit(sold[part.position], part) for part in parts], *charges], issue_date)
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
            net, quantity_left = net_of_quantity(line, before, part.quantity), line.quantity - before.quantity
            if part.quantity > quantity_left or net > left:
                yield _more_than((*path, "quantity"), _plain(quantity_creditable(line, before)))
            elif not net:
                yield _less_than_a_cent((*path, "quantity"))
        elif part.amount is not None and part.amount > left:
            yield _more_than((*path, "amount"), str(left))
        elif part.amount is None and not left:
            yield _more_than(path, str(left))


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _less_than_a_cent(path: tuple[str, ...]) -> Fault:
    return Fault(path, Code.OUT_OF_RANGE, _LESS_THAN_A_CENT)


def _more_than(path: tuple[str, ...], left: str) -> Fault:
    return Fault(path, Code.CREDIT_EXCEEDED, _MORE_THAN_LEFT.format(left=left), expected=(left,))


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
