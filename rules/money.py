"""Amounts of money: ``Decimal`` in balboas or dollars, which are worth the same."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

CENT: Final = Decimal("0.01")


def r2(amount: Decimal) -> Decimal:
    """The amount rounded to cents, half a cent upwards.

    Each line is rounded and the totals are plain sums of the lines, so that a reader who adds up
    the printed figures gets the printed totals, and every line is within half a cent of the
    exact value. Rounding the sum instead, or halves to the even cent, can give another cent; the DGI's
    signed invoices do it this way.

    >>> str(r2(Decimal("1.165")))
    '1.17'
    """
    return amount.quantize(CENT, ROUND_HALF_UP)


def sum_of(amounts: Iterable[Decimal]) -> Decimal:
    """
    >>> str(sum_of([]))
    '0.00'
    """
    return sum(amounts, Decimal("0.00"))
