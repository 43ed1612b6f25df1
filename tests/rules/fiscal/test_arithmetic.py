"""Lines, totals and withholding by vectors computed apart from this program."""

from decimal import Decimal
from typing import Any

import pytest

from rules.fiscal.withholding import WithholdingData, compute_withholding
from rules.invoice import LineData, compute
from rules.vocabulary import CODES, ItbmsRate
from tests.rules.fiscal.vectors import VECTORS

RATES = {CODES[rate]: rate for rate in ItbmsRate}


@pytest.mark.parametrize("vector", VECTORS["retention"], ids=str)
def test_what_is_withheld_is_as_in_the_vectors(vector: dict[str, str]) -> None:
    withholding = compute_withholding(WithholdingData(code=vector["code"]), Decimal(vector["itbms"]))
    assert str(withholding.amount) == vector["montoRetencion"]


@pytest.mark.parametrize("vector", VECTORS["arithmetic"], ids=lambda vector: vector["case"])
def test_lines_and_totals_are_as_in_the_vectors(vector: dict[str, Any]) -> None:
    lines, totals = compute(
        [
            LineData(
                description="Artículo",
                quantity=Decimal(line["quantity"]),
                unit_price=Decimal(line["unitPrice"]),
                discount=Decimal(line["discount"]),
                itbms_rate=RATES[line["rate"]],
            )
            for line in vector["lines"]
        ]
    )
    assert [(str(line.net), str(line.itbms), str(line.total)) for line in lines] == [
        (item["precioItem"], item["valorITBMS"], item["valorTotal"]) for item in vector["items"]
    ]
    expected = vector["totals"]
    assert (str(totals.subtotal), str(totals.itbms_total), str(totals.total)) == (
        expected["totalPrecioNeto"],
        expected["totalITBMS"],
        expected["totalFactura"],
    )
