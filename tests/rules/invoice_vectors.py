"""Invoices and their totals, in a file by which the pages' own arithmetic is tested.

``python -m tests.rules.invoice_vectors`` writes it anew.
"""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from random import Random

from rules.faults import Code
from rules.invoice import NUMBER_LIMIT, LineData, check_lines, compute
from rules.vocabulary import ItbmsRate

FILE = Path(__file__).parents[2] / "web/src/money/vectors.json"

# quantity, unit price, discount, rate
Line = tuple[str, str, str, str]


def answer(lines: list[Line]) -> dict[str, object] | None:
    """What the rules compute of the lines; None where the totals are too large."""
    data = [
        LineData(
            description="Café",
            quantity=Decimal(quantity),
            unit_price=Decimal(unit_price),
            discount=Decimal(discount),
            itbms_rate=ItbmsRate(rate),
        )
        for quantity, unit_price, discount, rate in lines
    ]
    faults = check_lines(data)
    if faults:
        assert [(fault.path, fault.code) for fault in faults] == [(("lines",), Code.OUT_OF_RANGE)], faults
        return None
    computed, totals = compute(data)
    return {
        "lines": [[str(line.net), str(line.itbms), str(line.total)] for line in computed],
        "totals": [str(totals.subtotal), str(totals.discount_total), str(totals.itbms_total), str(totals.total)],
        "taxes": [[tax.rate.value, str(tax.base), str(tax.amount)] for tax in totals.taxes],
    }


def invoices(random: Random) -> Iterator[list[Line]]:
    """Invoices of all sizes, many of them with halves of a cent."""
    most = NUMBER_LIMIT - 1
    sizes = [
        (most, most),
        (most, Decimal(50)),
        (Decimal(50), most),
        *[(Decimal(10**n), Decimal(1000)) for n in range(6)],
    ]
    for _ in range(500):
        size = random.choice(sizes)
        yield [_line(random, *size) for _ in range(random.choice((1, 1, 2, 3, 5)))]


def _line(random: Random, largest_quantity: Decimal, largest_price: Decimal) -> Line:
    quantity, price = _number(random, largest_quantity), _number(random, largest_price)
    if not quantity:
        quantity = Decimal("0.5")
    if random.random() < 0.2:
        # Half a cent, before tax and after.
        quantity, price = random.choice(((Decimal("0.5"), Decimal("0.01")), (Decimal(1), Decimal("0.50"))))
    discount = random.choice((Decimal(0), Decimal(0), price, _fraction(random, price)))
    rate = random.choice(list(ItbmsRate))
    return f"{quantity:f}", f"{price:f}", f"{discount:f}", rate.value


def _number(random: Random, largest: Decimal) -> Decimal:
    return _fraction(random, largest).quantize(Decimal(1).scaleb(-random.randrange(7)))


def _fraction(random: Random, whole: Decimal) -> Decimal:
    return (whole * random.randrange(1_000_001) / 1_000_000).quantize(Decimal("0.000001"), "ROUND_DOWN")


if __name__ == "__main__":
    vectors = ({"invoice": lines, "answer": answer(lines)} for lines in invoices(Random(507)))
    text = ",\n".join(json.dumps(vector, separators=(",", ":")) for vector in vectors)
    FILE.write_text(f"[\n{text}\n]\n")
