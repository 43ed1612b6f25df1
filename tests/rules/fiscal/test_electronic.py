"""What an electronic document must have besides, and what the DGI remarks on."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from rules.faults import Code, WarningCode
from rules.fiscal.electronic import check_electronic, receiver_remarks, remarks, takes_email
from rules.fiscal.payments import PaymentFormData
from rules.fiscal.withholding import WithholdingData
from rules.invoice import InvoiceData, LineData, check_lines, check_terms, compute
from rules.vocabulary import ItbmsRate, ReceiverType, VerificationStatus

TODAY = date(2026, 11, 23)


def line(quantity: str = "1", unit_price: str = "100", cpbs: str | None = None) -> LineData:
    return LineData(
        description="Café",
        quantity=Decimal(quantity),
        unit_price=Decimal(unit_price),
        itbms_rate=ItbmsRate.RATE_7,
        cpbs=cpbs,
    )


def faults_of(
    *lines: LineData, receiver: ReceiverType = ReceiverType.TAXPAYER, day: date | None = None
) -> list[tuple[str, Code]]:
    computed, _ = compute(lines)
    return [(".".join(f.path), f.code) for f in check_electronic(computed, receiver, day, TODAY)]


def test_an_electronic_invoice_is_of_today() -> None:
    assert faults_of(line()) == []
    assert faults_of(line(), day=TODAY) == []
    for other in (TODAY - timedelta(1), TODAY + timedelta(1)):
        assert faults_of(line(), day=other) == [("issueDate", Code.OUT_OF_RANGE)]


def test_a_government_gets_a_cpbs_code_on_each_line() -> None:
    lines = line(), line(cpbs="5020"), line(cpbs=" 5020 "), line()
    assert faults_of(*lines, receiver=ReceiverType.GOVERNMENT) == [
        ("lines.0.cpbs", Code.REQUIRED),
        ("lines.3.cpbs", Code.REQUIRED),
    ]
    for receiver in set(ReceiverType) - {ReceiverType.GOVERNMENT}:
        assert faults_of(*lines, receiver=receiver) == []


def test_the_total_of_a_line_has_nine_digits() -> None:
    assert faults_of(line("1000", "934579")) == []
    assert faults_of(line("1000", "934580")) == [("lines.0", Code.OUT_OF_RANGE)]


@pytest.mark.parametrize(
    ("lines", "receiver", "paths"),
    [
        ([line(unit_price="100000")], ReceiverType.TAXPAYER, []),
        ([line(unit_price="100000.01")], ReceiverType.TAXPAYER, ["lines.0.unitPrice"]),
        ([line("100", "10000")], ReceiverType.TAXPAYER, ["lines"]),
        ([line("100", "10000")], ReceiverType.FINAL_CONSUMER, ["lines", "lines"]),
        ([line(unit_price="1000001")], ReceiverType.FINAL_CONSUMER, ["lines.0.unitPrice", "lines", "lines"]),
        ([line("100")], ReceiverType.FINAL_CONSUMER, ["lines"]),
        ([line("100")], ReceiverType.TAXPAYER, []),
        ([line("93")], ReceiverType.FINAL_CONSUMER, []),
    ],
)
def test_large_amounts_are_worth_a_word(lines: list[LineData], receiver: ReceiverType, paths: list[str]) -> None:
    found = list(remarks(*compute(lines), receiver))
    assert [".".join(each.path) for each in found] == paths
    assert {each.code for each in found} <= {WarningCode.LARGE_AMOUNT}


@pytest.mark.parametrize(
    "address", ["a@bb.pa", "1@example.com", "ana.perez@sub.example.com", "a" * 38 + "@example.com", "a_b@my-shop.info"]
)
def test_the_dgi_takes_ordinary_addresses(address: str) -> None:
    assert takes_email(address)


@pytest.mark.parametrize(
    "address",
    ["a@b.pa", "a+b@c.com", "x@y.technology", "x@yy.technology", "ana@peña.com", "a" * 39 + "@example.com", ""],
)
def test_the_dgi_takes_no_other_address(address: str) -> None:
    assert not takes_email(address)


def test_what_may_keep_the_document_from_the_receiver_is_worth_a_word() -> None:
    found = list(receiver_remarks("a+b@example.com", VerificationStatus.NOT_FOUND))
    assert [each.code for each in found] == [WarningCode.EMAIL_NOT_SENT, WarningCode.RUC_NOT_FOUND]
    assert list(receiver_remarks("ana@example.com", VerificationStatus.VERIFIED)) == []
    assert list(receiver_remarks(None, None)) == []


def test_lines_have_a_code_a_unit_and_a_class() -> None:
    lines = [
        LineData(
            description="Café",
            quantity=Decimal(1),
            unit_price=Decimal(1),
            itbms_rate=ItbmsRate.EXEMPT,
            code="x" * length,
            unit=unit,
            cpbs=cpbs,
        )
        for length, unit, cpbs in [(20, "kg", "5020"), (21, "KG", "50"), (0, "", "")]
    ]
    assert [(".".join(fault.path), fault.code) for fault in check_lines(lines)] == [
        ("lines.1.code", Code.TOO_LONG),
        ("lines.1.unit", Code.UNKNOWN_UNIT),
        ("lines.1.cpbs", Code.UNKNOWN_CPBS),
        ("lines.2.unit", Code.UNKNOWN_UNIT),
    ]
    computed, _ = compute(lines[:1])
    assert (computed[0].code, computed[0].unit, computed[0].cpbs) == ("x" * 20, "kg", "5020")
    blank, _ = compute([LineData(**{**vars(line()), "code": "  ", "unit": " kg ", "cpbs": " "})])
    assert (blank[0].code, blank[0].unit, blank[0].cpbs) == (None, "kg", None)


def test_all_terms_of_an_invoice_are_checked_at_once() -> None:
    data = InvoiceData(
        lines=(line(),),
        payment_forms=(PaymentFormData(amount=Decimal(1)),),
        withholding=WithholdingData(code="9"),
        purchase_order="x" * 51,
    )
    _, totals = compute(data.lines)
    assert [(".".join(fault.path), fault.code) for fault in check_terms(data, totals, TODAY, None)] == [
        ("paymentForms", Code.OUT_OF_RANGE),
        ("dueDate", Code.REQUIRED),
        ("withholding.code", Code.INVALID_VALUE),
        ("purchaseOrder", Code.TOO_LONG),
    ]
