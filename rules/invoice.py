"""The arithmetic of an invoice, and the limits of its lines, dates and texts.

Amounts are ``Decimal`` in balboas or dollars, which are worth the same. A discount is money per
unit, as the DGI's electronic invoice has it (``dPrUnitDesc``). The ITBMS is the tax on the transfer
of goods and services.

>>> line = LineData(description="Café", quantity=Decimal(3), unit_price=Decimal("5.55"), itbms_rate=ItbmsRate.RATE_7)
>>> lines, totals = compute([line])
>>> str(totals.subtotal), str(totals.itbms_total), str(totals.total)
('16.65', '1.17', '17.82')

Limits: Ficha Técnica de la Factura Electrónica (schema FE_v1.00.xsd) and the PACs' documentation.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from rules import rates, text
from rules.faults import Code, Fault, InputWarning, Text, WarningCode
from rules.fiscal.catalogues import DEFAULT_UNIT, check_cpbs, check_unit
from rules.fiscal.document import Instalment
from rules.fiscal.exports import ExportData, check_export
from rules.fiscal.payments import PaymentData, PaymentFormData, check_payment
from rules.fiscal.spelling import one_line
from rules.fiscal.withholding import WithholdingData, check_withholding
from rules.money import r2, sum_of
from rules.vocabulary import Currency, DocumentType, ItbmsRate

MOST_LINES: Final = 1000
DESCRIPTION_SHORTEST: Final = 2
DESCRIPTION_LONGEST: Final = 500
CODE_LONGEST: Final = 20
NOTES_LONGEST: Final = 2000
PURCHASE_ORDER_LONGEST: Final = 50
REASON_SHORTEST: Final = 2
REASON_LONGEST: Final = 1000
# Of what the DGI registers.
ELECTRONIC_REASON_SHORTEST: Final = 20
ELECTRONIC_REASON_LONGEST: Final = 500
MOST_TEXT_LINES: Final = 20  # of a description or reason, which must fit on a page

FIRST_ISSUE_DATE: Final = date(2000, 1, 1)  # an earlier one is a typing error
BACKDATING_DAYS: Final = 31  # unless a setting says otherwise

NUMBER_LIMIT: Final = Decimal(10**9)
SMALLEST_STEP: Final = Decimal("0.000001")
TOTAL_LIMIT: Final = Decimal(10**11)


@dataclass(frozen=True, kw_only=True)
class LineData:
    """A line as typed. ``code`` is the business's own, ``unit`` and ``cpbs`` are the DGI's."""

    description: str
    code: str | None = None
    unit: str = DEFAULT_UNIT
    cpbs: str | None = None
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal = Decimal(0)
    itbms_rate: ItbmsRate


@dataclass(frozen=True, kw_only=True)
class Line(LineData):
    """A line as stored: with its position from 1, its amounts, and its numbers with 6 decimals."""

    position: int
    net: Decimal
    itbms: Decimal
    total: Decimal


class Tax(NamedTuple):
    rate: ItbmsRate
    base: Decimal
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Totals:
    """The sums of the lines. ``discount_total`` is for information: net amounts are after discount."""

    subtotal: Decimal
    discount_total: Decimal
    itbms_total: Decimal
    total: Decimal
    taxes: tuple[Tax, ...]


@dataclass(frozen=True, kw_only=True)
class InvoiceData:
    """An invoice as it was typed. Without a day of issue, it is the day on which it is issued."""

    branch: str | None = None
    billing_point: str | None = None
    issue_date: date | None = None
    due_date: date | None = None
    currency: Currency = Currency.PAB
    export: ExportData | None = None
    payment_forms: tuple[PaymentFormData, ...] = ()
    instalments: tuple[Instalment, ...] = ()
    withholding: WithholdingData | None = None
    purchase_order: str | None = None
    notes: str | None = None
    lines: tuple[LineData, ...]

    @property
    def type(self) -> DocumentType:
        return DocumentType.INVOICE if self.export is None else DocumentType.EXPORT_INVOICE

    @property
    def payment(self) -> PaymentData:
        return PaymentData(forms=self.payment_forms, instalments=self.instalments)

    def due_date_at(self, issue_date: date, term_days: int | None) -> date | None:
        """The due date of the invoice if it is issued on a day: as typed, of its last instalment, or by the term."""
        if self.due_date or self.instalments:
            return self.due_date or self.payment.last_due_date
        return issue_date + timedelta(term_days) if term_days is not None and self.payment.is_on_credit else None


def compute(lines: Sequence[LineData], issue_date: date | None = None) -> tuple[tuple[Line, ...], Totals]:
    """The lines with their amounts, and the totals, of lines without faults (see ``check_lines``).

    The rates are those of the day of issue, by default the newest. Amounts have at most 11 digits
    before the point and 12 after it, so the 28 digits of the default context are exact.
    """
    computed = tuple(_compute_line(position, line, issue_date) for position, line in enumerate(lines, 1))
    return computed, total(computed)


def total(lines: Sequence[Line]) -> Totals:
    """The sums of computed lines."""
    subtotal = sum_of(line.net for line in lines)
    itbms_total = sum_of(line.itbms for line in lines)
    return Totals(
        subtotal=subtotal,
        discount_total=sum_of(r2(line.quantity * line.discount) for line in lines),
        itbms_total=itbms_total,
        total=subtotal + itbms_total,
        taxes=tuple(taxes(lines)),
    )


def _compute_line(position: int, line: LineData, issue_date: date | None) -> Line:
    net = r2(line.quantity * (line.unit_price - line.discount))
    itbms = r2(net * rates.fraction(line.itbms_rate, issue_date))
    return Line(
        position=position,
        description=text.clean(line.description, multiline=True) or "",
        code=text.clean(line.code),
        unit=text.clean(line.unit) or "",
        cpbs=text.clean(line.cpbs),
        quantity=line.quantity.quantize(SMALLEST_STEP),
        unit_price=line.unit_price.quantize(SMALLEST_STEP),
        discount=line.discount.quantize(SMALLEST_STEP),
        itbms_rate=line.itbms_rate,
        net=net,
        itbms=itbms,
        total=net + itbms,
    )


def taxes(lines: Sequence[Line]) -> Iterator[Tax]:
    """The ITBMS by rate, for the rates that occur in the lines."""
    for rate in ItbmsRate:
        if taxed := [line for line in lines if line.itbms_rate is rate]:
            yield Tax(rate, sum_of(line.net for line in taxed), sum_of(line.itbms for line in taxed))


def check_lines(lines: Sequence[LineData]) -> tuple[Fault, ...]:
    """The faults of the lines or, if each line is right by itself, of their totals.

    A number outside its limits or with too many decimals is ``OUT_OF_RANGE``; NaN and infinity are
    ``INVALID_VALUE``.

    >>> [(fault.path, fault.code.value) for fault in check_lines([])]
    [(('lines',), 'REQUIRED')]
    """
    if not lines:
        return (Fault(("lines",), Code.REQUIRED, Text("Agrega al menos una línea.", "Add at least one line.")),)
    if len(lines) > MOST_LINES:
        message = Text(
            f"Una factura lleva como máximo {MOST_LINES} líneas; hay {len(lines)}.",
            f"An invoice has at most {MOST_LINES} lines; there are {len(lines)}.",
        )
        return (Fault(("lines",), Code.TOO_MANY, message),)
    faults = tuple(fault for index, line in enumerate(lines) for fault in _line_faults(("lines", str(index)), line))
    return faults or _total_faults(lines)


def _line_faults(path: tuple[str, ...], line: LineData) -> Iterator[Fault]:
    yield from check_description((*path, "description"), text.clean(line.description, multiline=True))
    yield from text.check((*path, "code"), text.clean(line.code), 0, CODE_LONGEST)
    yield from check_unit((*path, "unit"), text.clean(line.unit) or "")
    if cpbs := text.clean(line.cpbs):
        yield from check_cpbs((*path, "cpbs"), cpbs)
    quantity_faults = tuple(check_number((*path, "quantity"), line.quantity))
    yield from quantity_faults
    if not quantity_faults and line.quantity == 0:
        yield _out_of_range(
            (*path, "quantity"), "Escribe una cantidad mayor que 0.", "Write a quantity greater than 0."
        )
    price_faults = [
        *check_number((*path, "unitPrice"), line.unit_price),
        *check_number((*path, "discount"), line.discount),
    ]
    yield from price_faults
    if not price_faults and line.discount > line.unit_price:
        yield _out_of_range(
            (*path, "discount"),
            "El descuento por unidad no puede ser mayor que el precio.",
            "The discount per unit can't be greater than the price.",
        )


def check_description(path: tuple[str, ...], description: str | None) -> tuple[Fault, ...]:
    """The faults of a line's description, cleaned by ``text.clean``."""
    return text.check(path, description, DESCRIPTION_SHORTEST, DESCRIPTION_LONGEST, lines=MOST_TEXT_LINES)


def check_number(path: tuple[str, ...], number: Decimal) -> Iterator[Fault]:
    """The faults of a number that isn't negative and has at most 9 digits and 6 decimals."""
    # In this order, so that 1e999999 is refused before anything is computed with it.
    if not number.is_finite():
        yield Fault(path, Code.INVALID_VALUE, Text("Escribe un número.", "Write a number."))
    elif number < 0:
        yield _out_of_range(path, "Escribe un número que no sea negativo.", "Write a number that is not negative.")
    elif number >= NUMBER_LIMIT:
        yield _out_of_range(
            path,
            "Escribe un número con un máximo de 9 dígitos enteros.",
            "Write a number with at most 9 digits before the point.",
        )
    elif number != number.quantize(SMALLEST_STEP):
        yield _out_of_range(
            path, "Escribe un número con un máximo de 6 decimales.", "Write a number with at most 6 decimals."
        )


def _total_faults(lines: Sequence[LineData]) -> tuple[Fault, ...]:
    _, totals = compute(lines)
    if max(totals.total, totals.discount_total) < TOTAL_LIMIT:
        return ()
    return (
        _out_of_range(
            ("lines",),
            (
                "El total y el descuento de una factura pueden tener como máximo 11 dígitos enteros. Divídela en "
                "varias facturas."
            ),
            (
                "The total and the discount of an invoice can have at most 11 digits before the point. Split it "
                "into several invoices."
            ),
        ),
    )


def check_dates(issue_date: date, due_date: date | None, today: date) -> tuple[Fault, ...]:
    """The faults of an invoice's dates. ``today`` is the day in Panama.

    >>> [fault.path for fault in check_dates(date(2026, 3, 2), date(2026, 3, 1), today=date(2026, 3, 1))]
    [('issueDate',), ('dueDate',)]
    """
    faults = []
    if issue_date > today:
        es, en = f"La fecha no puede ser posterior a hoy, {today}.", f"The date can't be after today, {today}."
        faults.append(_out_of_range(("issueDate",), es, en))
    elif issue_date < FIRST_ISSUE_DATE:
        es, en = f"Escribe una fecha desde el {FIRST_ISSUE_DATE}.", f"Write a date from {FIRST_ISSUE_DATE} on."
        faults.append(_out_of_range(("issueDate",), es, en))
    if due_date and due_date < issue_date:
        es = f"El vencimiento no puede ser anterior a la fecha de emisión, {issue_date}."
        en = f"The due date can't be before the issue date, {issue_date}."
        faults.append(_out_of_range(("dueDate",), es, en))
    return tuple(faults)


def check_backdating(issue_date: date, last: date | None, most_days: int) -> Fault | InputWarning | None:
    """Whether the day lies before that of the last number: by more than ``most_days`` is a fault, by less a warning.

    >>> check_backdating(date(2026, 3, 2), date(2026, 3, 3), most_days=31).code.value
    'BACKDATED'
    """
    if last is None or issue_date >= last:
        return None
    if (last - issue_date).days > most_days:
        return _out_of_range(
            ("issueDate",),
            f"La última factura del punto de facturación es del {last}; esta no puede ser más de {most_days} días "
            "anterior.",
            f"The last invoice of the billing point is of {last}; this one can be at most {most_days} days earlier.",
        )
    message = Text(
        f"La fecha es anterior a la de la última factura del punto de facturación, {last}.",
        f"The date is before that of the billing point's last invoice, {last}.",
    )
    return InputWarning(("issueDate",), WarningCode.BACKDATED, message)


def check_terms(
    data: InvoiceData, totals: Totals | None, issue_date: date, due_date: date | None, *, is_draft: bool = False
) -> tuple[Fault, ...]:
    """The faults of how it is to be paid, of what the buyer withholds, of an export, and of the purchase order.

    ``totals`` is None while lines or date have faults: then all is checked that doesn't depend on it.
    ``issue_date`` and ``due_date`` are those that the invoice will have.
    """
    total, itbms_total = (totals.total, totals.itbms_total) if totals else (None, None)
    return (
        *check_payment(data.payment, total, issue_date, due_date, is_draft=is_draft),
        *check_withholding(data.withholding, itbms_total, total),
        *check_export(data.export),
        *text.check(("purchaseOrder",), text.clean(data.purchase_order), 0, PURCHASE_ORDER_LONGEST),
    )


def check_notes(notes: str | None) -> tuple[Fault, ...]:
    """The faults of an invoice's notes, cleaned by ``text.clean``."""
    return text.check(("notes",), notes, 0, NOTES_LONGEST, lines=NOTES_LONGEST)


def check_reason(reason: str | None) -> tuple[Fault, ...]:
    """The faults of the reason for voiding an invoice, cleaned by ``text.clean``.

    >>> [(fault.path, fault.code.value) for fault in check_reason(None)]
    [(('reason',), 'REQUIRED')]
    """
    return text.check(("reason",), reason, REASON_SHORTEST, REASON_LONGEST, lines=MOST_TEXT_LINES)


def check_electronic_reason(reason: str | None) -> tuple[Fault, ...]:
    """The faults of the reason for voiding an electronic invoice, which goes to the DGI in one line.

    >>> [fault.code.value for fault in check_electronic_reason("Un error" + 12 * " " + "mío")]
    ['INVALID_VALUE']
    """
    limits = ELECTRONIC_REASON_SHORTEST, ELECTRONIC_REASON_LONGEST
    return text.check(("reason",), reason and one_line(reason), *limits)


def _out_of_range(path: tuple[str, ...], es: str, en: str) -> Fault:
    return Fault(path, Code.OUT_OF_RANGE, Text(es, en))
