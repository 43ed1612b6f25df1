"""The arithmetic of an invoice, and the limits of what it is made of."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import rates
from rules.faults import Code, Fault
from rules.invoice import (
    LineData,
    Tax,
    check_dates,
    check_lines,
    check_notes,
    check_reason,
    compute,
)
from rules.money import r2
from rules.vocabulary import ItbmsRate

EXEMPT, RATE_7, RATE_10, RATE_15 = ItbmsRate

Found = list[tuple[tuple[str, ...], Code]]


def line(
    quantity: str = "1",
    unit_price: str = "10",
    discount: str = "0",
    rate: ItbmsRate = RATE_7,
    description: str = "Café",
) -> LineData:
    return LineData(
        description=description,
        quantity=Decimal(quantity),
        unit_price=Decimal(unit_price),
        discount=Decimal(discount),
        itbms_rate=rate,
    )


def found(faults: Sequence[Fault]) -> Found:
    return [(fault.path, fault.code) for fault in faults]


# Arithmetic


@pytest.mark.parametrize(
    ("data", "net", "itbms", "total"),
    [
        (line("1", "10"), "10.00", "0.70", "10.70"),
        (line("35", "0.35"), "12.25", "0.86", "13.11"),  # a signed invoice of the DGI
        (line("3", "5.55"), "16.65", "1.17", "17.82"),
        (line("2", "10", "1.50"), "17.00", "1.19", "18.19"),
        (line("2", "10", "10"), "0.00", "0.00", "0.00"),
        (line("1", "0"), "0.00", "0.00", "0.00"),
        (line("0.333333", "3"), "1.00", "0.07", "1.07"),
        (line("1", "100", rate=EXEMPT), "100.00", "0.00", "100.00"),
        (line("1", "100", rate=RATE_10), "100.00", "10.00", "110.00"),
        (line("1", "100", rate=RATE_15), "100.00", "15.00", "115.00"),
    ],
)
def test_a_line_is_computed(data: LineData, net: str, itbms: str, total: str) -> None:
    [computed], _ = compute([data])

    assert [str(amount) for amount in (computed.net, computed.itbms, computed.total)] == [net, itbms, total]


def test_a_line_is_stored_with_its_place_a_clean_description_and_six_decimals() -> None:
    [_, second], _ = compute([line(), line("1.50", "1E+1", description=" Te\u0301 ")])

    assert (second.position, second.description) == (2, "Té")
    assert (str(second.quantity), str(second.unit_price)) == ("1.500000", "10.000000")


def test_totals_are_the_sums_of_the_lines() -> None:
    _, totals = compute([line("2", "10", "1.50"), line("1", "5", rate=EXEMPT), line("3", "1", "0.255", RATE_15)])

    assert [str(amount) for amount in (totals.subtotal, totals.itbms_total, totals.total)] == ["24.24", "1.53", "25.77"]
    assert str(totals.discount_total) == "3.77"


def test_taxes_are_told_by_rate_for_the_rates_there_are() -> None:
    _, totals = compute([line(rate=RATE_15), line("2", rate=RATE_7), line(rate=EXEMPT), line(rate=RATE_7)])

    assert totals.taxes == (
        Tax(EXEMPT, Decimal("10.00"), Decimal("0.00")),
        Tax(RATE_7, Decimal("30.00"), Decimal("2.10")),
        Tax(RATE_15, Decimal("10.00"), Decimal("1.50")),
    )


def test_halves_are_rounded_up_where_the_even_cent_would_be_lower() -> None:
    half = Decimal("0.125")

    assert r2(half) == Decimal("0.13")
    assert half.quantize(Decimal("0.01"), ROUND_HALF_EVEN) == Decimal("0.12")
    assert compute([line("1", "0.125")])[1].subtotal == Decimal("0.13")


def test_lines_are_rounded_before_they_are_summed() -> None:
    # Three times 0.035 of tax: 0.04 each, where the rounded sum would be 0.11.
    lines = [line("1", "0.50")] * 3

    assert compute(lines)[1].itbms_total == Decimal("0.12")
    assert r2(3 * Decimal("0.50") * rates.fraction(RATE_7)) == Decimal("0.11")


def cents(amount: Fraction) -> Fraction:
    """Half-up to cents, for amounts that are not negative."""
    return Fraction(floor(amount * 100 + Fraction(1, 2)), 100)


def fractions(*amounts: Decimal) -> list[Fraction]:
    return [Fraction(amount) for amount in amounts]


quantities = st.decimals(min_value="0.000001", max_value=99_999, places=6)
prices = st.decimals(min_value=0, max_value=99_999, places=6) | st.decimals(min_value=0, max_value=100, places=2)


@st.composite
def valid_lines(draw: st.DrawFn) -> LineData:
    price = draw(prices)
    discount = draw(st.sampled_from([Decimal(0), price]) | st.decimals(min_value=0, max_value=price, places=6))
    return LineData(
        description="Café",
        quantity=draw(quantities),
        unit_price=price,
        discount=discount,
        itbms_rate=draw(st.sampled_from(ItbmsRate)),
    )


@given(st.lists(valid_lines(), min_size=1, max_size=4))
def test_the_amounts_agree_with_exact_fractions(lines: list[LineData]) -> None:
    computed, totals = compute(lines)
    rates = {EXEMPT: 0, RATE_7: 7, RATE_10: 10, RATE_15: 15}

    nets, taxes, discounts = [], [], []
    for data, stored in zip(lines, computed, strict=True):
        exact = Fraction(data.quantity) * (Fraction(data.unit_price) - Fraction(data.discount))
        nets.append(cents(exact))
        taxes.append(cents(nets[-1] * rates[data.itbms_rate] / 100))
        discounts.append(cents(Fraction(data.quantity) * Fraction(data.discount)))
        assert fractions(stored.net, stored.itbms, stored.total) == [nets[-1], taxes[-1], nets[-1] + taxes[-1]]
        assert abs(Fraction(stored.net) - exact) <= Fraction(1, 200)
    assert fractions(totals.subtotal, totals.itbms_total) == [sum(nets), sum(taxes)]
    assert fractions(totals.total, totals.discount_total) == [sum(nets) + sum(taxes), sum(discounts)]


@given(st.lists(valid_lines(), min_size=1, max_size=4))
def test_the_invoice_is_consistent_with_itself(lines: list[LineData]) -> None:
    computed, totals = compute(lines)

    assert check_lines(lines) == ()
    assert [stored.position for stored in computed] == list(range(1, len(lines) + 1))
    assert totals.total == sum(stored.total for stored in computed) == totals.subtotal + totals.itbms_total
    assert totals.subtotal == sum(tax.base for tax in totals.taxes)
    assert totals.itbms_total == sum(tax.amount for tax in totals.taxes)
    assert [tax.rate for tax in totals.taxes] == [rate for rate in ItbmsRate if rate in {x.itbms_rate for x in lines}]
    assert all(amount.as_tuple().exponent == -2 for amount in (totals.subtotal, totals.itbms_total, totals.total))


@given(st.lists(valid_lines(), min_size=1, max_size=4))
def test_computing_stored_lines_again_changes_nothing(lines: list[LineData]) -> None:
    computed, totals = compute(lines)

    assert compute(computed) == (computed, totals)


# Limits


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"description": ""}, [("description", Code.REQUIRED)]),
        ({"description": "  "}, [("description", Code.REQUIRED)]),
        ({"description": "C"}, [("description", Code.INVALID_VALUE)]),
        ({"description": "C" * 501}, [("description", Code.TOO_LONG)]),
        ({"description": "Ca\x00fé"}, [("description", Code.INVALID_VALUE)]),
        ({"quantity": "0"}, [("quantity", Code.OUT_OF_RANGE)]),
        ({"quantity": "-0"}, [("quantity", Code.OUT_OF_RANGE)]),
        ({"quantity": "-1"}, [("quantity", Code.OUT_OF_RANGE)]),
        ({"quantity": "1000000000"}, [("quantity", Code.OUT_OF_RANGE)]),
        ({"quantity": "0.0000001"}, [("quantity", Code.OUT_OF_RANGE)]),
        ({"quantity": "NaN"}, [("quantity", Code.INVALID_VALUE)]),
        ({"unit_price": "-0.01"}, [("unitPrice", Code.OUT_OF_RANGE)]),
        ({"unit_price": "1e9"}, [("unitPrice", Code.OUT_OF_RANGE)]),
        ({"unit_price": "1.2345678"}, [("unitPrice", Code.OUT_OF_RANGE)]),
        ({"unit_price": "sNaN"}, [("unitPrice", Code.INVALID_VALUE)]),
        ({"unit_price": "Infinity"}, [("unitPrice", Code.INVALID_VALUE)]),
        ({"discount": "-1"}, [("discount", Code.OUT_OF_RANGE)]),
        ({"discount": "10.000001"}, [("discount", Code.OUT_OF_RANGE)]),
        ({"discount": "-Infinity"}, [("discount", Code.INVALID_VALUE)]),
        (
            {"description": "C", "quantity": "0", "unit_price": "-1", "discount": "NaN"},
            [
                ("description", Code.INVALID_VALUE),
                ("quantity", Code.OUT_OF_RANGE),
                ("unitPrice", Code.OUT_OF_RANGE),
                ("discount", Code.INVALID_VALUE),
            ],
        ),
    ],
)
def test_a_line_out_of_its_limits_is_refused_in_its_place(
    changes: dict[str, str], expected: list[tuple[str, Code]]
) -> None:
    assert found(check_lines([line(), line(**changes)])) == [(("lines", "1", field), code) for field, code in expected]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "data",
    [
        line("999999999", "0.01"),
        line("0.000001", "999999999.999999"),
        line("1.0000000000000", "1.50000000"),
        line("1", "0"),
        line("1", "10", "10"),
        line(description="Té"),
        line(description="C" * 500),
    ],
)
def test_a_line_at_its_limits_is_accepted(data: LineData) -> None:
    assert check_lines([data]) == ()


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("1e999999", [(("lines", "0", "unitPrice"), Code.OUT_OF_RANGE)]),
        ("-1e999999", [(("lines", "0", "unitPrice"), Code.OUT_OF_RANGE)]),
        ("1e-999999", [(("lines", "0", "unitPrice"), Code.OUT_OF_RANGE)]),
        ("9" * 100_000, [(("lines", "0", "unitPrice"), Code.OUT_OF_RANGE)]),
        ("0." + "0" * 100_000 + "1", [(("lines", "0", "unitPrice"), Code.OUT_OF_RANGE)]),
        ("0e999999", []),
        ("0e-999999", []),
        ("1." + "0" * 100_000, []),
    ],
)
def test_a_monstrous_number_is_settled_at_once(number: str, expected: Found) -> None:
    start = time.process_time()
    data = line(unit_price=number)

    assert found(check_lines([data])) == expected
    if not expected:
        [stored], _ = compute([data])
        assert stored.unit_price.as_tuple().exponent == -6
    assert time.process_time() - start < 1


def test_an_invoice_has_between_one_and_a_thousand_lines() -> None:
    assert found(check_lines([])) == [(("lines",), Code.REQUIRED)]
    assert check_lines([line()] * 1000) == ()
    assert found(check_lines([line(description="")] * 1001)) == [(("lines",), Code.TOO_MANY)]


@pytest.mark.parametrize(
    "lines",
    [
        [line("100", "999999999.99", rate=EXEMPT), line("1", "1", rate=EXEMPT)],
        [line("100", "999999999", rate=RATE_7)],
        [line("1000", "999999999", "999999999")],  # the discount alone
    ],
)
def test_totals_have_eleven_integer_digits_at_most(lines: list[LineData]) -> None:
    assert found(check_lines(lines)) == [(("lines",), Code.OUT_OF_RANGE)]


def test_the_greatest_total_is_accepted() -> None:
    lines = [line("100", "999999999.99", rate=EXEMPT), line("1", "0.99", rate=EXEMPT)]

    assert check_lines(lines) == ()
    assert compute(lines)[1].total == Decimal("99999999999.99")


def test_a_line_with_a_fault_hides_the_totals() -> None:
    huge = line("999999999", "999999999")

    assert found(check_lines([huge, replace(huge, quantity=Decimal(0))])) == [
        (("lines", "1", "quantity"), Code.OUT_OF_RANGE)
    ]


TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("issue_date", "due_date", "expected"),
    [
        (TODAY, None, []),
        (TODAY, TODAY, []),
        (date(2020, 1, 1), date(2030, 1, 1), []),
        (date(2026, 11, 24), None, [(("issueDate",), Code.OUT_OF_RANGE)]),
        (date(2000, 1, 1), None, []),
        (date(1999, 12, 31), None, [(("issueDate",), Code.OUT_OF_RANGE)]),
        (TODAY, date(2026, 11, 22), [(("dueDate",), Code.OUT_OF_RANGE)]),
        (
            date(2026, 11, 24),
            TODAY,
            [(("issueDate",), Code.OUT_OF_RANGE), (("dueDate",), Code.OUT_OF_RANGE)],
        ),
    ],
)
def test_an_invoice_is_not_of_the_future_nor_of_another_century_and_not_due_before_it(
    issue_date: date, due_date: date | None, expected: Found
) -> None:
    assert found(check_dates(issue_date, due_date, TODAY)) == expected


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        (None, []),
        ("Gracias.\n\tVuelva pronto.", []),
        ("G" * 2000, []),
        ("G" * 2001, [(("notes",), Code.TOO_LONG)]),
        ("G\x00", [(("notes",), Code.INVALID_VALUE)]),
    ],
)
def test_notes_have_several_lines_within_a_limit(notes: str | None, expected: Found) -> None:
    assert found(check_notes(notes)) == expected


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("No", []),
        ("N" * 1000, []),
        (None, [(("reason",), Code.REQUIRED)]),
        ("N", [(("reason",), Code.INVALID_VALUE)]),
        ("N" * 1001, [(("reason",), Code.TOO_LONG)]),
    ],
)
def test_voiding_needs_a_reason(reason: str | None, expected: Found) -> None:
    assert found(check_reason(reason)) == expected
