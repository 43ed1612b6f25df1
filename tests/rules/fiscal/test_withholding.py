"""The ITBMS that a buyer withholds."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.faults import Code
from rules.fiscal.withholding import WITHHOLDINGS, WithholdingData, check_withholding, compute_withholding


# The vectors of the sheet on emission.
@pytest.mark.parametrize(
    ("code", "itbms", "amount"),
    [
        ("1", "7.00", "7.00"),
        ("2", "7.00", "3.50"),
        ("2", "10.01", "5.01"),
        ("3", "7.00", "7.00"),
        ("4", "0.03", "0.02"),
        ("7", "210.35", "105.18"),
    ],
)
def test_the_amount_follows_from_the_code(code: str, itbms: str, amount: str) -> None:
    data = WithholdingData(code=code)
    assert check_withholding(data, Decimal(itbms), Decimal(1000)) == ()
    assert str(compute_withholding(data, Decimal(itbms)).amount) == amount
    assert check_withholding(WithholdingData(code=code, amount=Decimal(amount)), Decimal(itbms), Decimal(1000)) == ()


@pytest.mark.parametrize(
    ("data", "path", "code"),
    [
        (WithholdingData(code="5"), ("withholding", "code"), Code.INVALID_VALUE),
        (WithholdingData(code=""), ("withholding", "code"), Code.INVALID_VALUE),
        (WithholdingData(code="2", amount=Decimal("3.51")), ("withholding", "amount"), Code.OUT_OF_RANGE),
        (WithholdingData(code="2", amount=Decimal("NaN")), ("withholding", "amount"), Code.INVALID_VALUE),
        (WithholdingData(code="8"), ("withholding", "amount"), Code.REQUIRED),
        (WithholdingData(code="8", amount=Decimal(0)), ("withholding", "amount"), Code.OUT_OF_RANGE),
        (WithholdingData(code="8", amount=Decimal("0.001")), ("withholding", "amount"), Code.OUT_OF_RANGE),
        (WithholdingData(code="8", amount=Decimal("107.01")), ("withholding", "amount"), Code.OUT_OF_RANGE),
        (WithholdingData(code="8", amount=Decimal("1e999999")), ("withholding", "amount"), Code.OUT_OF_RANGE),
    ],
)
def test_faults_of_a_withholding(data: WithholdingData, path: tuple[str, ...], code: Code) -> None:
    [fault] = check_withholding(data, Decimal("7.00"), Decimal("107.00"))
    assert (fault.path, fault.code) == (path, code)


def test_where_there_is_no_itbms_nothing_is_withheld() -> None:
    [fault] = check_withholding(WithholdingData(code="1"), Decimal("0.00"), Decimal(100))
    assert (fault.path, fault.code) == (("withholding",), Code.NOT_ALLOWED)
    assert check_withholding(None, Decimal(0), Decimal(0)) == ()


@given(st.sampled_from(sorted(WITHHOLDINGS)), st.decimals(0, 10**9, places=2))
def test_no_more_is_withheld_than_the_itbms(code: str, itbms: Decimal) -> None:
    data = WithholdingData(code=code)
    if not check_withholding(data, itbms, itbms * 15):
        assert 0 < compute_withholding(data, itbms).amount <= itbms
