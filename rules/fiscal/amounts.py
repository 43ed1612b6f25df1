"""The arithmetic of payment: instalments, and what the buyer withholds."""

from decimal import ROUND_DOWN, Decimal
from typing import Final

from rules.invoice import r2

_CENT: Final = Decimal("0.01")

# The share of the ITBMS that is withheld under each of the DGI's codes. Under 8 (other) the amount is free.
WITHHOLDING_SHARES: Final = {
    "1": Decimal(1),  # professional services to the State
    "2": Decimal("0.5"),  # sale of goods or services to the State
    "3": Decimal(1),  # payment to somebody without domicile in Panama
    "4": Decimal("0.5"),  # purchase of goods or services
    "7": Decimal("0.5"),  # payment to a business in a card system
    "8": None,
}


def split(total: Decimal, count: int) -> tuple[Decimal, ...]:
    """An amount in equal parts of whole cents; the last one takes what is left over.

    >>> [str(part) for part in split(Decimal("100.00"), 3)]
    ['33.33', '33.33', '33.34']
    """
    part = (total / count).quantize(_CENT, ROUND_DOWN)
    return (*[part] * (count - 1), total - part * (count - 1))


def withheld(code: str, itbms_total: Decimal) -> Decimal | None:
    """What a buyer withholds of the ITBMS under a code, half a cent upwards; None where the amount is free.

    >>> str(withheld("2", Decimal("10.01"))), withheld("8", Decimal("10.01"))
    ('5.01', None)
    """
    share = WITHHOLDING_SHARES[code]
    return None if share is None else r2(itbms_total * share)
