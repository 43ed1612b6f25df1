"""Forms of payment and instalments."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rules.faults import Code
from rules.fiscal.document import Instalment, PaymentForm
from rules.fiscal.payments import (
    DEFAULTS,
    MOST_FORMS,
    MOST_INSTALMENTS,
    Payment,
    PaymentData,
    PaymentFormData,
    check_payment,
    settle,
)
from rules.vocabulary import PaymentMethod

CASH, CREDIT, CARD, TRANSFER = (
    PaymentMethod.CASH,
    PaymentMethod.CREDIT,
    PaymentMethod.CREDIT_CARD,
    PaymentMethod.TRANSFER,
)
OTHER = PaymentMethod.OTHER
TODAY = date(2026, 11, 23)
TOTAL = Decimal("107.00")

Found = list[tuple[str, Code]]


def form(method: PaymentMethod, amount: str | None = None, description: str | None = None) -> PaymentFormData:
    return PaymentFormData(method=method, amount=None if amount is None else Decimal(amount), description=description)


def instalment(days: int, amount: str) -> Instalment:
    return Instalment(due_date=TODAY + timedelta(days), amount=Decimal(amount))


def agreed(*parts: PaymentFormData | Instalment) -> PaymentData:
    return PaymentData(
        forms=tuple(part for part in parts if isinstance(part, PaymentFormData)),
        instalments=tuple(part for part in parts if isinstance(part, Instalment)),
    )


def found(data: PaymentData, due: int | None = None, total: Decimal = TOTAL) -> Found:
    due_date = None if due is None else TODAY + timedelta(due)
    return [(".".join(fault.path), fault.code) for fault in check_payment(data, total, TODAY, due_date)]


def settled(data: PaymentData, due: int | None = None, total: Decimal = TOTAL) -> Payment:
    due_date = None if due is None else TODAY + timedelta(due)
    assert found(data, due, total) == []
    return settle(data, total, TODAY, due_date, CASH)


def written(payment: Payment) -> tuple[list[tuple[str, str]], list[tuple[int, str]]]:
    return (
        [(each.method.value, str(each.amount)) for each in payment.forms],
        [((each.due_date - TODAY).days, str(each.amount)) for each in payment.instalments],
    )


# What was left out


@pytest.mark.parametrize(
    ("data", "due", "forms", "instalments"),
    [
        (agreed(), None, [("CASH", "107.00")], []),
        (agreed(), 0, [("CASH", "107.00")], []),
        (agreed(), 30, [("CREDIT", "107.00")], [(30, "107.00")]),
        (agreed(form(CARD)), None, [("CREDIT_CARD", "107.00")], []),
        (agreed(form(CARD, "7"), form(TRANSFER)), 0, [("CREDIT_CARD", "7.00"), ("TRANSFER", "100.00")], []),
        (agreed(form(CREDIT)), 15, [("CREDIT", "107.00")], [(15, "107.00")]),
        (
            agreed(form(CASH, "40"), form(CREDIT)),
            15,
            [("CASH", "40.00"), ("CREDIT", "67.00")],
            [(0, "40.00"), (15, "67.00")],
        ),
        (
            agreed(instalment(10, "50"), instalment(20, "57")),
            None,
            [("CREDIT", "107.00")],
            [(10, "50"), (20, "57")],
        ),
        (
            agreed(instalment(0, "50"), instalment(20, "57")),
            20,
            [("CASH", "50.00"), ("CREDIT", "57.00")],
            [(0, "50"), (20, "57")],
        ),
        (agreed(instalment(0, "107")), None, [("CASH", "107.00")], []),
        (agreed(form(CASH, "107")), None, [("CASH", "107.00")], []),
    ],
)
def test_forms_and_instalments_follow_from_the_due_date(
    data: PaymentData, due: int | None, forms: list[tuple[str, str]], instalments: list[tuple[int, str]]
) -> None:
    assert written(settled(data, due)) == (forms, instalments)


def test_nothing_to_pay_is_paid_at_once() -> None:
    zero = Decimal("0.00")
    for data, due in ((agreed(), None), (agreed(), 30), (agreed(form(CASH, "0")), 30), (agreed(form(CASH)), None)):
        assert written(settled(data, due, zero)) == ([("CASH", "0.00")], [])


def test_a_description_is_kept_for_another_form() -> None:
    payment = settled(agreed(form(OTHER, None, "  Canje de publicidad ")))
    assert payment.forms == (PaymentForm(method=OTHER, amount=TOTAL, description="Canje de publicidad"),)


# What is refused


@pytest.mark.parametrize(
    ("data", "due", "faults"),
    [
        (agreed(form(CASH, "106.99")), None, [("paymentForms", Code.OUT_OF_RANGE)]),
        (agreed(form(CASH, "107"), form(CARD)), None, [("paymentForms", Code.OUT_OF_RANGE)]),
        (agreed(form(CASH), form(CARD)), None, [("paymentForms.1.amount", Code.REQUIRED)]),
        (agreed(form(CASH, "NaN")), None, [("paymentForms.0.amount", Code.INVALID_VALUE)]),
        (agreed(form(CASH, "1e999999")), None, [("paymentForms.0.amount", Code.OUT_OF_RANGE)]),
        (agreed(form(CASH, "0")), None, [("paymentForms.0.amount", Code.OUT_OF_RANGE)]),
        (agreed(form(CASH, "-107")), None, [("paymentForms.0.amount", Code.OUT_OF_RANGE)]),
        (agreed(form(CASH, "107.001")), None, [("paymentForms.0.amount", Code.OUT_OF_RANGE)]),
        (agreed(form(OTHER)), None, [("paymentForms.0.description", Code.REQUIRED)]),
        (agreed(form(OTHER, None, "Canje")), None, [("paymentForms.0.description", Code.INVALID_VALUE)]),
        (agreed(form(OTHER, None, "x" * 101)), None, [("paymentForms.0.description", Code.TOO_LONG)]),
        (agreed(form(CASH, None, "En la caja")), None, [("paymentForms.0.description", Code.FORBIDDEN_FIELD)]),
        (agreed(*[form(CASH, "1")] * (MOST_FORMS + 1)), None, [("paymentForms", Code.TOO_MANY)]),
        (agreed(*[instalment(1, "1")] * (MOST_INSTALMENTS + 1)), None, [("instalments", Code.TOO_MANY)]),
        (agreed(instalment(1, "106")), None, [("instalments", Code.OUT_OF_RANGE)]),
        (agreed(instalment(-1, "107")), None, [("instalments.0.dueDate", Code.OUT_OF_RANGE)]),
        (agreed(instalment(1, "0"), instalment(2, "107")), None, [("instalments.0.amount", Code.OUT_OF_RANGE)]),
        (agreed(instalment(1, "107")), 2, [("dueDate", Code.OUT_OF_RANGE)]),
        (agreed(form(CREDIT)), None, [("dueDate", Code.REQUIRED)]),
        (agreed(form(CREDIT)), 0, [("dueDate", Code.REQUIRED)]),
        (agreed(form(CASH)), 30, [("paymentForms", Code.NOT_ALLOWED)]),
        (agreed(form(CASH), instalment(30, "107")), None, [("paymentForms", Code.NOT_ALLOWED)]),
        (
            agreed(form(CASH, "40"), form(CREDIT), instalment(0, "50"), instalment(30, "57")),
            None,
            [("instalments", Code.OUT_OF_RANGE)],
        ),
        (
            agreed(form(CASH, "0"), form(OTHER), instalment(-1, "NaN")),
            None,
            [
                ("paymentForms.0.amount", Code.OUT_OF_RANGE),
                ("paymentForms.1.description", Code.REQUIRED),
                ("instalments.0.dueDate", Code.OUT_OF_RANGE),
                ("instalments.0.amount", Code.INVALID_VALUE),
            ],
        ),
    ],
)
def test_faults_of_forms_and_instalments(data: PaymentData, due: int | None, faults: Found) -> None:
    assert found(data, due) == faults


def test_the_right_sum_is_told() -> None:
    [fault] = check_payment(agreed(form(CASH, "100")), TOTAL, TODAY, None)
    assert fault.expected == ("107.00",)


def test_an_account_pays_neither_on_credit_nor_by_another_form_by_default() -> None:
    assert set(PaymentMethod) - set(DEFAULTS) == {CREDIT, OTHER}


# Properties

amounts = st.one_of(st.none(), st.decimals(0, 300, places=2), st.sampled_from([TOTAL, Decimal(7), Decimal(100)]))
forms = st.lists(
    st.builds(
        PaymentFormData,
        method=st.sampled_from(PaymentMethod),
        amount=amounts,
        description=st.sampled_from([None, None, "Canje de publicidad"]),
    ),
    max_size=3,
)
days = st.integers(-1, 40)
parts = st.lists(st.builds(instalment, days, st.sampled_from(["107", "7", "100", "53.50"])), max_size=3)


@given(forms, parts, st.one_of(st.none(), days), st.sampled_from(DEFAULTS))
def test_what_has_no_fault_adds_up_and_keeps_what_was_typed(
    typed: list[PaymentFormData], dates: list[Instalment], due: int | None, default: PaymentMethod
) -> None:
    data = PaymentData(forms=tuple(typed), instalments=tuple(dates))
    due_date = None if due is None else TODAY + timedelta(due)
    assume(due is None or due >= 0)
    if check_payment(data, TOTAL, TODAY, due_date):
        return
    payment = settle(data, TOTAL, TODAY, due_date, default)
    assert sum(each.amount for each in payment.forms) == TOTAL
    assert min(each.amount for each in payment.forms) > 0
    assert all(each.amount > 0 for each in payment.instalments)
    assert sum(each.amount for each in payment.instalments) in (0, TOTAL)
    credit = sum(each.amount for each in payment.forms if each.method is CREDIT)
    assert credit == sum(each.amount for each in payment.instalments if each.due_date > TODAY)
    assert payment.instalments == (() if not credit else data.instalments or payment.instalments)
    for before, after in zip(data.forms, payment.forms, strict=False):
        assert before.method is after.method
        assert before.amount in (None, after.amount)


@given(st.decimals(0, 10**11 - 1, places=2), st.one_of(st.none(), st.integers(0, 400)), st.sampled_from(DEFAULTS))
def test_an_invoice_that_says_nothing_never_has_a_fault(
    total: Decimal, due: int | None, default: PaymentMethod
) -> None:
    due_date = None if due is None else TODAY + timedelta(due)
    assert check_payment(PaymentData(), total, TODAY, due_date) == ()
    payment = settle(PaymentData(), total, TODAY, due_date, default)
    assert (
        check_payment(
            PaymentData(
                forms=tuple(PaymentFormData(method=each.method, amount=each.amount) for each in payment.forms),
                instalments=payment.instalments,
            ),
            total,
            TODAY,
            due_date if payment.instalments else None,
        )
        == ()
    )
