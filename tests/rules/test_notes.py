"""What notes may take of an invoice: any order of notes, splits and voids keeps to the cent."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import rates
from rules.faults import Fault
from rules.invoice import MOST_LINES, Line, LineData, compute
from rules.money import CENT, sum_of
from rules.note_lines import Credited, NoteLine, PartData
from rules.notes import credit, debit
from rules.vocabulary import ItbmsRate

TODAY = date(2026, 11, 27)
Note = tuple[NoteLine, ...]
Found = list[tuple[str, str, tuple[str, ...]]]


def sold(*lines: LineData) -> tuple[Line, ...]:
    return compute(lines)[0]


def item(quantity: str, price: str, discount: str = "0", rate: ItbmsRate = ItbmsRate.RATE_7) -> LineData:
    return LineData(
        description="Café",
        code="C-1",
        unit="kg",
        quantity=Decimal(quantity),
        unit_price=Decimal(price),
        discount=Decimal(discount),
        itbms_rate=rate,
    )


def part(position: int = 1, **fields: str) -> PartData:
    numbers = {name: Decimal(value) for name, value in fields.items()}
    return PartData(position=position, quantity=numbers.get("quantity"), amount=numbers.get("amount"))


def standing(notes: Iterable[Note]) -> Mapping[int, Credited]:
    """What these notes have taken of each line, as the database sums it up."""
    taken: dict[int, list[NoteLine]] = defaultdict(list)
    for note in notes:
        for line in note:
            assert line.invoice_position is not None
            taken[line.invoice_position].append(line)
    return {
        position: Credited(
            quantity=sum((line.invoice_quantity or Decimal(0) for line in lines), Decimal(0)),
            by_quantity=sum_of(line.net for line in lines if line.invoice_quantity is not None),
            net=sum_of(line.net for line in lines),
            itbms=sum_of(line.itbms for line in lines),
            parts=len(lines),
        )
        for position, lines in taken.items()
    }


def found(faults: Sequence[Fault]) -> Found:
    return [(".".join(fault.path), fault.code.value, fault.expected) for fault in faults]


def check_by_rules_of_the_dgi(note: Note) -> None:
    """Rules 2053, 2056 and 2152, and those of form."""
    for line in note:
        assert abs(line.quantity * (line.unit_price - line.discount) - line.net) <= CENT
        assert abs(line.net * rates.fraction(line.itbms_rate) - line.itbms) <= CENT
        assert line.total == line.net + line.itbms
        assert line.quantity > 0
        assert 0 <= line.discount <= line.unit_price
        assert line.net > 0
        assert line.itbms >= 0


@st.composite
def lines_of_invoices(draw: st.DrawFn) -> LineData:
    """Some with prices of less than a cent and great quantities, where rounding matters most."""
    price = draw(st.decimals("0.000001", "200", places=draw(st.sampled_from([2, 3, 6]))).filter(bool))
    return item(
        str(draw(st.decimals("0.000001", draw(st.sampled_from(["5", "40", "5000"])), places=6).filter(bool))),
        str(price),
        str(draw(st.sampled_from([Decimal(0), price / 4])).quantize(Decimal("0.000001"))),
        draw(st.sampled_from(ItbmsRate)),
    )


class History:
    """Notes on one invoice, of which some are void."""

    def __init__(self, invoice: tuple[Line, ...]) -> None:
        self.invoice = invoice
        self.notes: list[Note] = []

    @property
    def standing(self) -> Mapping[int, Credited]:
        return standing(self.notes)

    def credit(self, *parts: PartData) -> tuple[Fault, ...]:
        note, faults = credit(self.invoice, self.standing, parts or None)
        if not faults:
            check_by_rules_of_the_dgi(note)
            self.notes.append(note)
        self.check()
        return faults

    def check(self) -> None:
        """No line is exceeded, in net, ITBMS or quantity."""
        for line in self.invoice:
            taken = self.standing.get(line.position)
            if taken is not None:
                assert taken.net <= line.net
                assert taken.itbms <= line.itbms
                assert taken.quantity <= line.quantity

    def is_all_credited(self) -> bool:
        nothing = (Decimal(0), Decimal(0))
        taken = {position: (each.net, each.itbms) for position, each in self.standing.items()}
        return all(taken.get(line.position, nothing) == (line.net, line.itbms) for line in self.invoice)


def draw_part(data: st.DataObject, line: Line, taken: Credited | None) -> PartData:
    """A part of a line, often of what is left, and now and then of more."""
    left = line.net - (taken.net if taken else 0)
    quantity_left = line.quantity - (taken.quantity if taken else 0)
    if left > 0 and data.draw(st.booleans(), "by amount"):
        most = min(left + CENT, left * 2)
        return part(line.position, amount=str(data.draw(st.decimals(CENT, most, places=2))))
    if quantity_left > 0:
        share = data.draw(st.sampled_from(["1", "0.5", "0.333", "0.1", "0.01", "0.9"]))
        quantity = (quantity_left * Decimal(share)).quantize(Decimal("0.000001"))
        return part(line.position, quantity=str(quantity or quantity_left))
    return part(line.position)


@given(st.lists(lines_of_invoices(), min_size=1, max_size=3), st.data())
def test_no_order_of_notes_splits_and_voids_takes_more_than_there_is(
    lines: list[LineData], data: st.DataObject
) -> None:
    history = History(sold(*lines))
    for _ in range(data.draw(st.integers(0, 12))):
        voids: bool = data.draw(st.booleans(), "void")
        if history.notes and voids:
            del history.notes[data.draw(st.integers(0, len(history.notes) - 1))]
        else:
            line = data.draw(st.sampled_from(history.invoice))
            history.credit(draw_part(data, line, history.standing.get(line.position)))
    faults = history.credit()
    assert history.is_all_credited() or [fault.code for fault in faults] == ["OUT_OF_RANGE"]
    assert history.credit()


@given(lines_of_invoices(), st.data())
def test_the_quantity_that_a_refusal_names_is_taken(line: LineData, data: st.DataObject) -> None:
    history = History(sold(line))
    for _ in range(data.draw(st.integers(0, 5))):
        history.credit(draw_part(data, history.invoice[0], history.standing.get(1)))
        voids: bool = data.draw(st.booleans(), "void")
        if history.notes and voids:
            del history.notes[data.draw(st.integers(0, len(history.notes) - 1))]
    [fault] = history.credit(part(quantity=str(line.quantity + 1)))
    [expected] = fault.expected
    if Decimal(expected):
        again = history.credit(part(quantity=expected))
        assert [each.code for each in again] in ([], ["OUT_OF_RANGE"])  # less than a cent is nothing


@given(lines_of_invoices(), st.data())
def test_any_split_by_quantity_sums_to_the_line_to_the_cent(line: LineData, data: st.DataObject) -> None:
    history = History(sold(line))
    left = history.invoice[0].quantity
    for _ in range(data.draw(st.integers(0, 8))):
        quantity = data.draw(st.decimals("0.000001", left, places=6))
        if quantity == left:
            break
        note, faults = credit(history.invoice, history.standing, [PartData(position=1, quantity=quantity)])
        if not faults:
            history.notes.append(note)
            left -= quantity
    history.credit(PartData(position=1, quantity=left))
    assert history.is_all_credited() or not history.invoice[0].net


@given(st.lists(lines_of_invoices(), min_size=1, max_size=5))
def test_a_note_for_everything_equals_the_invoice(lines: list[LineData]) -> None:
    invoice = sold(*lines)
    note, faults = credit(invoice, {}, None)
    copied = ("description", "code", "quantity", "unit_price", "discount", "itbms_rate", "net", "itbms", "total")
    for line in note:
        of_invoice = invoice[(line.invoice_position or 0) - 1]
        assert [getattr(line, name) for name in copied] == [getattr(of_invoice, name) for name in copied]
    if not faults:
        assert sum_of(line.total for line in note) == sum_of(line.total for line in invoice)


@given(st.data())
def test_where_rounding_of_voided_notes_has_gone_one_way_the_rest_still_ends_at_the_cent(data: st.DataObject) -> None:
    """Twenty notes of five cents have a cent of ITBMS on some, none on others: all of one kind are voided."""
    history = History(sold(item("20", "0.05", rate=data.draw(st.sampled_from(ItbmsRate)))))
    for _ in range(20):
        assert history.credit(part(quantity="1")) == ()
    taxed = data.draw(st.booleans())
    history.notes = [note for note in history.notes if bool(note[0].itbms) is taxed]
    history.credit()
    assert history.is_all_credited()


def leave_odd_cents() -> History:
    """A line of which the notes with a cent of ITBMS are void, and those with none stand."""
    history = History(sold(item("20", "0.05")))
    for _ in range(20):
        assert history.credit(part(quantity="1")) == ()
    history.notes = [note for note in history.notes if not note[0].itbms]
    return history


def test_lines_that_only_have_odd_cents_say_so_and_take_no_quantity() -> None:
    history = leave_odd_cents()
    assert history.credit() == ()
    rest, *crumbs = history.notes[-1]
    assert rest.description == "Café"
    assert {(line.description, line.invoice_quantity) for line in crumbs} == {("Ajuste de redondeo", None)}


def test_odd_cents_count_among_a_notes_lines_so_that_more_notes_are_needed() -> None:
    places = range(1, MOST_LINES + 1)
    invoice = sold(*[item("20", "0.05")] * MOST_LINES)
    credited = dict.fromkeys(places, leave_odd_cents().standing[1])
    _, [fault] = credit(invoice, credited, None)
    assert (fault.path, fault.code) == (("lines",), "TOO_MANY")
    assert "Haz más de una nota" in fault.message.es
    lines, faults = credit(invoice, credited, [part(place) for place in places[:100]])
    assert faults == ()
    assert len(lines) > 100


def test_three_thirds_of_a_cent_are_a_cent() -> None:
    history = History(sold(item("3", "3.333333")))
    for _ in range(3):
        assert history.credit(part(quantity="1")) == ()
    nets = [str(note[0].net) for note in history.notes]
    assert nets == ["3.33", "3.34", "3.33"]
    assert history.is_all_credited()


def test_a_part_by_amount_is_one_unit_of_that_price() -> None:
    (line,) = credit(sold(item("3", "10.00")), {}, [part(amount="5.00")])[0]
    assert (str(line.quantity), line.unit, str(line.unit_price), str(line.itbms)) == (
        "1.000000",
        "und",
        "5.000000",
        "0.35",
    )
    assert line.invoice_quantity is None


def test_the_rest_after_an_amount_has_a_price_that_follows() -> None:
    history = History(sold(item("3", "10.00")))
    assert history.credit(part(amount="5.00")) == ()
    assert history.credit() == ()
    (line,) = history.notes[-1]
    assert (str(line.quantity), str(line.unit_price), str(line.net)) == ("3.000000", "8.333333", "25.00")


def test_notes_of_less_than_the_price_leave_units_at_their_price() -> None:
    """What was credited cheaper by amount isn't made up for by the last units."""
    history = History(sold(item("5", "10.00", rate=ItbmsRate.EXEMPT)))
    history.credit(part(amount="20.00"))
    history.credit()
    del history.notes[0]
    assert found(history.credit(part(quantity="1"))) == [("lines.0.quantity", "CREDIT_EXCEEDED", ("0",))]
    history.credit()
    assert str(history.notes[-1][0].net) == "20.00"


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([part(quantity="3.000001")], [("lines.0.quantity", "CREDIT_EXCEEDED", ("3",))]),
        ([part(amount="30.01")], [("lines.0.amount", "CREDIT_EXCEEDED", ("30.00",))]),
        ([part(2)], [("lines.0.position", "NOT_FOUND", ())]),
        ([part(quantity="1"), part(quantity="1")], [("lines.1.position", "INVALID_VALUE", ())]),
        ([part(quantity="1", amount="1")], [("lines.0.amount", "INVALID_VALUE", ())]),
        ([part(quantity="0")], [("lines.0.quantity", "OUT_OF_RANGE", ())]),
        ([part(quantity="-1")], [("lines.0.quantity", "OUT_OF_RANGE", ())]),
        ([part(quantity="0.0000001")], [("lines.0.quantity", "OUT_OF_RANGE", ())]),
        ([part(amount="0.001")], [("lines.0.amount", "OUT_OF_RANGE", ())]),
        ([part(amount="NaN")], [("lines.0.amount", "INVALID_VALUE", ())]),
        ([part(quantity="1e999999")], [("lines.0.quantity", "OUT_OF_RANGE", ())]),
        ([part(quantity="0.000001")], [("lines.0.quantity", "OUT_OF_RANGE", ())]),
        ([part()] * 1001, [("lines", "TOO_MANY", ())]),
    ],
)
def test_what_a_line_does_not_have_is_refused_at_its_place(parts: list[PartData], expected: Found) -> None:
    lines, faults = credit(sold(item("3", "10.00")), {}, parts)
    assert lines == ()
    assert found(faults) == expected


def test_a_quantity_of_less_than_a_cent_is_refused_at_its_place_beside_others() -> None:
    invoice = sold(item("3", "10.00"), item("2", "0.00"))
    _, faults = credit(invoice, {}, [part(quantity="1"), part(2, quantity="1")])
    assert found(faults) == [("lines.1.quantity", "OUT_OF_RANGE", ())]


def test_nothing_is_left_of_what_was_credited() -> None:
    history = History(sold(item("3", "10.00")))
    assert history.credit(part(quantity="3")) == ()
    assert found(history.credit(part())) == [("lines.0", "CREDIT_EXCEEDED", ("0.00",))]
    assert found(history.credit()) == [("lines", "CREDIT_EXCEEDED", ())]


def test_units_whose_money_was_credited_by_amount_are_more_than_is_left() -> None:
    history = History(sold(item("3", "10.00")))
    assert history.credit(part(amount="15.00")) == ()
    assert found(history.credit(part(quantity="2"))) == [("lines.0.quantity", "CREDIT_EXCEEDED", ("1.5",))]
    assert history.credit(part(quantity="1.5")) == ()


def test_a_debit_note_has_parts_of_lines_and_charges() -> None:
    parts = [part(quantity="2"), PartData(position=1, amount=Decimal("1.50"), description="Flete")]
    lines, faults = debit(sold(item("3", "10.00", "1.00")), parts, [item("1", "4.00", rate=ItbmsRate.EXEMPT)], TODAY)
    assert faults == ()
    check_by_rules_of_the_dgi(lines)
    shown = [(line.position, line.invoice_position, line.description, line.unit, str(line.total)) for line in lines]
    assert shown == [(1, 1, "Café", "kg", "19.26"), (2, 1, "Flete", "und", "1.61"), (3, None, "Café", "kg", "4.00")]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([part()], [("lines.0.quantity", "REQUIRED", ())]),
        ([part(4, quantity="1")], [("lines.0.position", "NOT_FOUND", ())]),
        ([PartData(position=1, amount=Decimal(1), description="x")], [("lines.0.description", "INVALID_VALUE", ())]),
        ([], [("lines", "REQUIRED", ())]),
        ([part(quantity="1"), part(quantity="0.000001")], [("lines.1.quantity", "OUT_OF_RANGE", ())]),
    ],
)
def test_a_debit_note_says_how_much(parts: list[PartData], expected: Found) -> None:
    lines, faults = debit(sold(item("3", "10.00")), parts, [], TODAY)
    assert lines == ()
    assert found(faults) == expected
