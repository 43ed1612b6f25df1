"""Instalments and withholding, by vectors computed apart from this program, and what holds for all amounts."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.fiscal.amounts import split, withheld
from rules.invoice import LineData, compute
from rules.vocabulary import CODES, ItbmsRate
from tests.rules.fiscal.vectors import VECTORS

RATES = {CODES[rate]: rate for rate in ItbmsRate}


@pytest.mark.parametrize("vector", VECTORS["instalments"], ids=str)
def test_instalments_are_split_as_in_the_vectors(vector: dict[str, Any]) -> None:
    assert [str(part) for part in split(Decimal(vector["total"]), vector["n"])] == vector["values"]


@given(st.decimals("0", "99999999999.99", places=2), st.integers(1, 99))
def test_instalments_add_up_and_differ_by_less_than_a_cent_each(total: Decimal, count: int) -> None:
    parts = split(total, count)
    assert (sum(parts), len(parts)) == (total, count)
    assert 0 <= parts[-1] - parts[0] < count * Decimal("0.01")
    assert all(part.as_tuple().exponent == -2 for part in parts)


@pytest.mark.parametrize("vector", VECTORS["retention"], ids=str)
def test_what_is_withheld_is_as_in_the_vectors(vector: dict[str, str]) -> None:
    assert str(withheld(vector["code"], Decimal(vector["itbms"]))) == vector["montoRetencion"]


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
