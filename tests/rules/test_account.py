"""What an account is called on its invoices, RUC and DV by the same rule as a customer's; and its billing points."""

import pytest

from rules.account import AccountRecord, check_account, check_billing_point
from rules.faults import Code, Record, Refusal

COMPANY = "155596713-2-2015"


def faults(name: str | None = "Empresa", ruc: str | None = None, dv: str | None = None) -> list[tuple[str, Code]]:
    with pytest.raises(Refusal) as refusal:
        check_account(AccountRecord(name=name, ruc=ruc, dv=dv))
    assert {fault.record for fault in refusal.value.faults} == {Record.ACCOUNT}
    return [(".".join(fault.path), fault.code) for fault in refusal.value.faults]


@pytest.mark.parametrize(
    ("ruc", "dv"),
    [
        (COMPANY, "59"),
        (f" {COMPANY} DV 59 ", None),
        (f"{COMPANY} DV 59", "59"),
        ("8-NT-1-13656", "43"),
        ("8-NT-1-13656", "2"),  # as a person's
        ("8-30213562", "68"),  # of a finca, whose DV no rule computes
        (None, None),
    ],
)
def test_ruc_and_dv_that_belong_together_are_taken(ruc: str | None, dv: str | None) -> None:
    checked = check_account(AccountRecord(name=" Empresa ", ruc=ruc, dv=dv))
    assert checked.name == "Empresa"
    assert (checked.ruc is None) == (checked.dv is None) == (ruc is None)


@pytest.mark.parametrize(
    ("ruc", "dv", "fault"),
    [
        (None, "59", ("ruc", Code.REQUIRED)),
        ("155596713", "59", ("ruc", Code.INVALID_RUC)),
        (COMPANY, None, ("dv", Code.REQUIRED)),
        (COMPANY, "5x", ("dv", Code.INVALID_VALUE)),
        (COMPANY, "95", ("dv", Code.DV_MISMATCH)),
        (f"{COMPANY} DV 95", "59", ("dv", Code.DV_MISMATCH)),
        ("8-30213562 DV 68", "12", ("dv", Code.DV_MISMATCH)),
    ],
)
def test_ruc_and_dv_that_do_not_belong_together_are_refused(
    ruc: str | None, dv: str | None, fault: tuple[str, Code]
) -> None:
    assert faults(ruc=ruc, dv=dv) == [fault]


def test_all_faults_come_at_once() -> None:
    assert faults("E", "no es", None) == [("name", Code.INVALID_VALUE), ("ruc", Code.INVALID_RUC)]


@pytest.mark.parametrize("code", ["001", "010", "999"])
def test_a_billing_points_code_is_three_digits(code: str) -> None:
    assert check_billing_point(code, None) == ()


@pytest.mark.parametrize("code", ["000", "1", "0001", "٠٠١", "００１", "001\n", " 001", ""])
def test_another_code_is_refused_before_the_name(code: str) -> None:
    faults_ = check_billing_point(code, "x" * 101)
    assert [(fault.path, fault.code) for fault in faults_] == [
        (("code",), Code.INVALID_VALUE),
        (("name",), Code.TOO_LONG),
    ]
