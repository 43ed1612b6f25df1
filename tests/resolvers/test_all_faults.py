"""All faults of an invoice are found at once: those of one don't hide those of another."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from resolvers.account_settings import AccountSettings, Point
from resolvers.electronic_check import ReceiverToJudge, check_electronic
from resolvers.invoice_check import check_backdating, check_draft, check_invoice, with_further
from rules import calendar
from rules.faults import Code, Record
from rules.fiscal.document import Instalment
from rules.fiscal.payments import PaymentFormData
from rules.fiscal.withholding import WithholdingData
from rules.invoice import InvoiceData, LineData
from rules.vocabulary import ItbmsRate, PaymentMethod, ReceiverType, SaleType, TaxpayerType
from tests.builders import company, create_invoice, faults, invoice, line
from tests.conftest import Api

Found = set[tuple[tuple[str, ...], Code]]
Change = Callable[[InvoiceData], InvoiceData]

SETTINGS: Final = AccountSettings(
    id=uuid7(),
    name="Ejemplar",
    legal_name=None,
    ruc="155596713-2-2015",
    dv="59",
    taxpayer_type=TaxpayerType.JURIDICAL,
    address=None,
    phone=None,
    mobile=None,
    email=None,
    terms=None,
    payment_term_days=None,
    payment_method=PaymentMethod.CASH,
    sale_type=SaleType.ORDINARY,
    electronic_invoicing=True,
    provider="sandbox",
    points=(Point("0000", "001", date(2026, 1, 1), None),),
    branches={},
)
GOVERNMENT: Final = ReceiverToJudge(
    type=ReceiverType.GOVERNMENT, country=None, email=None, verification=None, record=Record.INVOICE_CUSTOMER
)


def right_invoice() -> InvoiceData:
    """An invoice of 300.00 and 7 % of it to the government, paid in parts, without a fault."""
    today = calendar.today()
    right = LineData(
        description="Café", quantity=Decimal(1), unit_price=Decimal(100), itbms_rate=ItbmsRate.RATE_7, cpbs="5020"
    )
    return InvoiceData(
        lines=(right,) * 3,
        payment_forms=(
            PaymentFormData(method=PaymentMethod.CASH, amount=Decimal(100)),
            PaymentFormData(method=PaymentMethod.OTHER, amount=Decimal(100), description="Canje de publicidad"),
            PaymentFormData(method=PaymentMethod.CREDIT, amount=Decimal(121)),
        ),
        instalments=(
            Instalment(due_date=today, amount=Decimal(200)),
            Instalment(due_date=today + timedelta(30), amount=Decimal(121)),
        ),
        due_date=today + timedelta(30),
        withholding=WithholdingData(code="2", amount=Decimal("10.50")),
    )


def of_line(index: int, **values: Any) -> Change:
    def change(data: InvoiceData) -> InvoiceData:
        lines = list(data.lines)
        lines[index] = replace(lines[index], **values)
        return replace(data, lines=tuple(lines))

    return change


def of_form(index: int, **values: Any) -> Change:
    def change(data: InvoiceData) -> InvoiceData:
        forms = list(data.payment_forms)
        forms[index] = replace(forms[index], **values)
        return replace(data, payment_forms=tuple(forms))

    return change


def of_instalment(index: int, **values: Any) -> Change:
    def change(data: InvoiceData) -> InvoiceData:
        parts = list(data.instalments)
        parts[index] = replace(parts[index], **values)
        return replace(data, instalments=tuple(parts))

    return change


def of_withholding(**values: Any) -> Change:
    return lambda data: replace(data, withholding=replace(data.withholding or WithholdingData(code="2"), **values))


def of_data(**values: Any) -> Change:
    return lambda data: replace(data, **values)


# Faults of which none depends on an amount of another place.
CHANGES: Final[Mapping[str, Change]] = MappingProxyType(
    {
        "a negative quantity": of_line(0, quantity=Decimal(-3)),
        "an unknown unit": of_line(0, unit="zzz"),
        "a line without description": of_line(1, description=" "),
        "an unknown cpbs": of_line(1, cpbs="9999"),
        "no cpbs for the government": of_line(2, cpbs=None),
        "a code that is too long": of_line(2, code="x" * 21),
        "long notes": of_data(notes="x" * 3000),
        "a long purchase order": of_data(purchase_order="x" * 60),
        "an unknown billing point": of_data(billing_point="077"),
        "an unknown withholding": of_withholding(code="9"),
        "a withholding of less than nothing": of_withholding(amount=Decimal(-1)),
        "a negative form of payment": of_form(0, amount=Decimal(-1)),
        "a form of payment without description": of_form(1, description=None),
        "a form of payment with parts of a cent": of_form(2, amount=Decimal("1.005")),
        "a negative instalment": of_instalment(0, amount=Decimal(-1)),
        "an endless instalment": of_instalment(1, amount=Decimal("Infinity")),
        "a due date that isn't the last instalment's": of_data(due_date=calendar.today() + timedelta(60)),
    }
)


def found(data: InvoiceData, *, is_draft: bool = False) -> Found:
    if is_draft:
        checked, listed = check_draft(data, SETTINGS)
    else:
        checked, listed = check_invoice(data, SETTINGS, None)
        further, _ = check_electronic(checked, data, SETTINGS, GOVERNMENT)
        listed = with_further(listed, further)
    return {(fault.path, fault.code) for fault in listed}


def test_the_example_has_no_fault() -> None:
    assert found(right_invoice()) == set()
    assert found(right_invoice(), is_draft=True) == set()


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_is_a_fault_of_its_own(name: str) -> None:
    assert len(found(CHANGES[name](right_invoice()))) == 1


@given(names=st.sets(st.sampled_from(sorted(CHANGES))), is_draft=st.booleans())
def test_the_faults_of_several_changes_are_those_of_each_alone(names: set[str], is_draft: bool) -> None:
    data, alone = right_invoice(), set()
    for name in sorted(names):
        alone |= found(CHANGES[name](right_invoice()), is_draft=is_draft)
        data = CHANGES[name](data)
    assert found(data, is_draft=is_draft) == alone


@pytest.mark.parametrize("amount", ["1e999999", "-1e999999", "NaN", "Infinity", "1e11", "0.001"])
def test_an_amount_out_of_all_bounds_is_a_fault_also_beside_faults_of_lines(amount: str) -> None:
    data = of_withholding(code="8", amount=Decimal(amount))(right_invoice())
    data = of_form(0, amount=Decimal(amount))(of_line(0, quantity=Decimal(-1))(data))
    places = {path for path, _ in found(data)}
    assert places == {("lines", "0", "quantity"), ("withholding", "amount"), ("paymentForms", "0", "amount")}


def test_credit_without_a_day_is_told_beside_faults_of_lines() -> None:
    data = replace(
        of_line(0, unit="zzz")(right_invoice()),
        payment_forms=(PaymentFormData(method=PaymentMethod.CREDIT),),
        instalments=(),
        due_date=None,
    )
    assert found(data) == {(("lines", "0", "unit"), Code.UNKNOWN_UNIT), (("dueDate",), Code.REQUIRED)}
    assert found(data, is_draft=True) == {(("lines", "0", "unit"), Code.UNKNOWN_UNIT)}


def test_the_day_is_told_beside_faults_of_lines() -> None:
    data = replace(of_line(0, unit="zzz")(right_invoice()), issue_date=date(2026, 1, 2))
    assert found(data) == {(("lines", "0", "unit"), Code.UNKNOWN_UNIT), (("issueDate",), Code.OUT_OF_RANGE)}


def test_a_line_that_is_too_large_is_told_beside_faults_of_others() -> None:
    data = of_line(1, quantity=Decimal(10**6), unit_price=Decimal(10**4))(right_invoice())
    assert (("lines", "1"), Code.OUT_OF_RANGE) in found(of_line(0, unit="zzz")(data))


def test_a_day_long_before_the_last_one_is_told_beside_other_faults() -> None:
    late = replace(SETTINGS, points=(Point("0000", "001", date(2026, 3, 3), None),), electronic_invoicing=False)
    data = of_line(0, unit="zzz")(replace(right_invoice(), issue_date=date(2026, 1, 2)))
    [fault], _ = check_backdating(data, late, 31)
    assert fault.path == ("issueDate",)


async def test_an_invoice_with_faults_at_seven_places_names_them_all(electronic: Api) -> None:
    input = invoice(
        line(quantity="-3", unit="zzz", cpbs="9999"),
        notes="x" * 3000,
        withholding={"code": "9"},
        purchaseOrder="x" * 60,
        paymentForms=[{"method": "OTHER"}],
    )
    payload = await create_invoice(electronic, input, newCustomer=company())
    assert {path for path, _ in faults(payload)} == {
        "input.lines.0.quantity",
        "input.lines.0.unit",
        "input.lines.0.cpbs",
        "input.notes",
        "input.withholding.code",
        "input.purchaseOrder",
        "input.paymentForms.0.description",
    }
