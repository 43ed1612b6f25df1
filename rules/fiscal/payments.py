"""How it was agreed to pay a document: forms of payment, and instalments of what is paid later.

What is paid when the document is issued has a form of its own; what is paid later is ``CREDIT``. The forms add up to
the total, and so do the instalments: a part that is paid at once is an instalment of the day of issue. (The DGI's
tiempoPago is 1 without instalments, 2 with, and 3 where a part is paid at once.)

>>> agreed = PaymentData(forms=(PaymentFormData(method=PaymentMethod.CASH, amount=Decimal(40)), PaymentFormData()))
>>> payment = settle(agreed, Decimal("107.00"), date(2026, 3, 2), date(2026, 4, 1), PaymentMethod.CASH)
>>> [(form.method.value, str(form.amount)) for form in payment.forms]
[('CASH', '40.00'), ('CREDIT', '67.00')]
>>> [(str(each.due_date), str(each.amount)) for each in payment.instalments]
[('2026-03-02', '40.00'), ('2026-04-01', '67.00')]
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from rules import text
from rules.faults import Code, Fault, Text
from rules.fiscal.document import Instalment, PaymentForm
from rules.money import CENT, sum_of
from rules.vocabulary import PaymentMethod

MOST_FORMS: Final = 10
MOST_INSTALMENTS: Final = 99
DESCRIPTION_SHORTEST: Final = 10
DESCRIPTION_LONGEST: Final = 100
AMOUNT_LIMIT: Final = Decimal(10**11)

# What an account's invoices are paid by unless they say otherwise: OTHER needs a description, CREDIT a due date.
DEFAULTS: Final = tuple(method for method in PaymentMethod if method not in (PaymentMethod.CREDIT, PaymentMethod.OTHER))

Path = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PaymentFormData:
    """A form of payment as typed. One form of a document may leave out its amount, which is then the rest."""

    method: PaymentMethod = PaymentMethod.CREDIT
    amount: Decimal | None = None
    description: str | None = None


@dataclass(frozen=True, kw_only=True)
class PaymentData:
    """Forms and instalments as typed; what is left out follows from the due date."""

    forms: tuple[PaymentFormData, ...] = ()
    instalments: tuple[Instalment, ...] = ()

    @property
    def last_due_date(self) -> date | None:
        return max((each.due_date for each in self.instalments), default=None)

    @property
    def is_on_credit(self) -> bool:
        """Whether something may be paid later."""
        return not self.forms or any(form.method is PaymentMethod.CREDIT for form in self.forms)


@dataclass(frozen=True, kw_only=True)
class Payment:
    forms: tuple[PaymentForm, ...]
    instalments: tuple[Instalment, ...]


def settle(
    data: PaymentData, total: Decimal, issue_date: date, due_date: date | None, default: PaymentMethod
) -> Payment:
    """The forms and instalments of data without faults (see ``check_payment``), with what was left out.

    ``default`` is the form of what is paid at once where no form was given.
    """
    forms = _complete(data.forms, total) or _derive_forms(data, total, issue_date, due_date, default)
    later = sum_of(form.amount for form in forms if form.method is PaymentMethod.CREDIT)
    if not later:
        return Payment(forms=forms, instalments=())
    return Payment(
        forms=forms,
        instalments=data.instalments or tuple(_derive_instalments(total - later, later, issue_date, due_date)),
    )


def _complete(forms: tuple[PaymentFormData, ...], total: Decimal) -> tuple[PaymentForm, ...]:
    rest = total - sum_of(form.amount for form in forms if form.amount is not None)
    return tuple(
        PaymentForm(
            method=form.method,
            amount=(rest if form.amount is None else form.amount).quantize(CENT),
            description=text.clean(form.description),
        )
        for form in forms
    )


def _derive_forms(
    data: PaymentData, total: Decimal, issue_date: date, due_date: date | None, default: PaymentMethod
) -> tuple[PaymentForm, ...]:
    later = _later_part(data, total, issue_date, due_date)
    parts = ((default, total - later), (PaymentMethod.CREDIT, later))
    forms = tuple(PaymentForm(method=method, amount=amount.quantize(CENT)) for method, amount in parts if amount)
    return forms or (PaymentForm(method=default, amount=total),)


def _later_part(data: PaymentData, total: Decimal, issue_date: date, due_date: date | None) -> Decimal:
    """What the dates say is paid after the day of issue."""
    if data.instalments:
        return sum_of(each.amount for each in data.instalments if each.due_date > issue_date)
    return total if due_date and due_date > issue_date else Decimal("0.00")


def _derive_instalments(now: Decimal, later: Decimal, issue_date: date, due_date: date | None) -> Iterator[Instalment]:
    assert due_date is not None
    if now:
        yield Instalment(due_date=issue_date, amount=now)
    yield Instalment(due_date=due_date, amount=later)


# Checking


def check_payment(
    data: PaymentData, total: Decimal | None, issue_date: date, due_date: date | None, *, is_draft: bool = False
) -> tuple[Fault, ...]:
    """The faults of forms and instalments: of each by itself, of their sums, and of both together.

    ``total`` is None while it isn't known; then nothing is compared with it. ``due_date`` is the one that the document
    will have; that of a draft may still follow from a payment term.

    >>> forms = (PaymentFormData(method=PaymentMethod.CASH, amount=Decimal(5)),)
    >>> [(fault.path, fault.expected) for fault in check_payment(PaymentData(forms=forms), Decimal(7), date.min, None)]
    [(('paymentForms',), ('7.00',))]
    """
    faults = (*_form_faults(data.forms, total), *_instalment_faults(data.instalments, total, issue_date))
    contradictions = tuple(_contradictions(data, total, issue_date, due_date))
    if not faults and not contradictions and total is not None:
        contradictions = tuple(_credit_faults(data, total, issue_date, due_date))
    is_open = is_draft and due_date is None
    return (*faults, *[fault for fault in contradictions if not (is_open and fault.code is Code.REQUIRED)])


def _form_faults(forms: tuple[PaymentFormData, ...], total: Decimal | None) -> tuple[Fault, ...]:
    path = ("paymentForms",)
    if len(forms) > MOST_FORMS:
        return (_too_many(path, MOST_FORMS, len(forms)),)
    faults = tuple(fault for index, form in enumerate(forms) for fault in _each_form((*path, str(index)), form, total))
    open_forms = [index for index, form in enumerate(forms) if form.amount is None]
    faults += tuple(Fault((*path, str(index), "amount"), Code.REQUIRED, _ONLY_ONE_REST) for index in open_forms[1:])
    if faults or not forms or total is None:
        return faults
    given = sum_of(form.amount for form in forms if form.amount is not None)
    is_right = given < total or given == total == 0 if open_forms else given == total
    return () if is_right else (_wrong_sum(path, given, total),)


def _each_form(path: Path, form: PaymentFormData, total: Decimal | None) -> Iterator[Fault]:
    if form.amount is not None:
        yield from _amount_faults((*path, "amount"), form.amount, may_be_zero=not total)
    description = text.clean(form.description)
    if form.method is PaymentMethod.OTHER:
        yield from text.check((*path, "description"), description, DESCRIPTION_SHORTEST, DESCRIPTION_LONGEST)
    elif description is not None:
        yield Fault((*path, "description"), Code.FORBIDDEN_FIELD, _ONLY_OTHER)


def _instalment_faults(
    instalments: tuple[Instalment, ...], total: Decimal | None, issue_date: date
) -> tuple[Fault, ...]:
    path = ("instalments",)
    if len(instalments) > MOST_INSTALMENTS:
        return (_too_many(path, MOST_INSTALMENTS, len(instalments)),)
    faults: list[Fault] = []
    for index, each in enumerate(instalments):
        place = (*path, str(index))
        if each.due_date < issue_date:
            faults.append(Fault((*place, "dueDate"), Code.OUT_OF_RANGE, _BEFORE_ISSUE.format(day=issue_date)))
        faults += _amount_faults((*place, "amount"), each.amount, may_be_zero=False)
    if faults or not instalments or total is None:
        return tuple(faults)
    given = sum_of(each.amount for each in instalments)
    return () if given == total else (_wrong_sum(path, given, total),)


def _amount_faults(path: Path, amount: Decimal, *, may_be_zero: bool) -> Iterator[Fault]:
    # In this order, so that 1e999999 is refused before anything is computed with it.
    if not amount.is_finite():
        yield Fault(path, Code.INVALID_VALUE, _NOT_A_NUMBER)
    elif amount < 0 or (amount == 0 and not may_be_zero):
        yield Fault(path, Code.OUT_OF_RANGE, _ABOVE_ZERO)
    elif amount >= AMOUNT_LIMIT or amount != amount.quantize(CENT):
        yield Fault(path, Code.OUT_OF_RANGE, _CENTS)


def _contradictions(
    data: PaymentData, total: Decimal | None, issue_date: date, due_date: date | None
) -> Iterator[Fault]:
    """What dates and forms say against each other, whatever the amounts are; of 0, nothing is paid later."""
    if any(each.due_date < issue_date for each in data.instalments):
        return
    last = data.last_due_date
    if last and due_date and last != due_date:
        yield Fault(("dueDate",), Code.OUT_OF_RANGE, _LAST_INSTALMENT.format(day=last), expected=(str(last),))
        return
    if not data.forms or total == 0:
        return
    last = last or due_date
    is_paid_later = last is not None and last > issue_date
    if data.is_on_credit and not is_paid_later:
        yield Fault(("dueDate",), Code.REQUIRED, _CREDIT_WITHOUT_DAY)
    elif is_paid_later and not data.is_on_credit:
        yield Fault(("paymentForms",), Code.NOT_ALLOWED, _LATER_IS_CREDIT)


def _credit_faults(data: PaymentData, total: Decimal, issue_date: date, due_date: date | None) -> Iterator[Fault]:
    if not data.forms or not data.instalments:
        return
    credit = sum_of(f.amount for f in _complete(data.forms, total) if f.method is PaymentMethod.CREDIT)
    later = _later_part(data, total, issue_date, due_date)
    if credit != later:
        message = _CREDIT_IS_LATER.format(later=later, credit=credit)
        yield Fault(("instalments",), Code.OUT_OF_RANGE, message, expected=(str(credit),))


def _too_many(path: Path, most: int, count: int) -> Fault:
    return Fault(path, Code.TOO_MANY, _TOO_MANY.format(most=most, count=count))


def _wrong_sum(path: Path, given: Decimal, total: Decimal) -> Fault:
    right = total.quantize(CENT)
    return Fault(path, Code.OUT_OF_RANGE, _WRONG_SUM.format(given=given, total=right), expected=(str(right),))


_TOO_MANY: Final = Text("Como máximo {most}; hay {count}.", "At most {most}; there are {count}.")
_WRONG_SUM: Final = Text(
    "Los montos suman {given}; deben sumar el total de la factura, {total}.",
    "The amounts add up to {given}; they must add up to the invoice's total, {total}.",
)
_ONLY_ONE_REST: Final = Text(
    "Escribe el monto; solo una forma de pago puede quedar sin él.",
    "Write the amount; only one form of payment can be without it.",
)
_ONLY_OTHER: Final = Text("Solo la forma OTHER lleva descripción.", "Only the form OTHER has a description.")
_NOT_A_NUMBER: Final = Text("Escribe un número.", "Write a number.")
_ABOVE_ZERO: Final = Text("Escribe un monto mayor que 0.", "Write an amount greater than 0.")
_CENTS: Final = Text(
    "Escribe un monto con un máximo de 11 dígitos enteros y 2 decimales.",
    "Write an amount with at most 11 digits before the point and 2 decimals.",
)
_BEFORE_ISSUE: Final = Text(
    "Una cuota no puede vencer antes de la fecha de emisión, {day}.",
    "An instalment can't be due before the issue date, {day}.",
)
_LAST_INSTALMENT: Final = Text(
    "El vencimiento es el de la última cuota, {day}.", "The due date is that of the last instalment, {day}."
)
_CREDIT_WITHOUT_DAY: Final = Text(
    "Lo que va a crédito necesita un vencimiento posterior a la emisión, o cuotas.",
    "What is on credit needs a due date after the day of issue, or instalments.",
)
_LATER_IS_CREDIT: Final = Text(
    "Lo que se paga después de la emisión va como CREDIT; sin crédito no hay vencimiento posterior ni cuotas.",
    "What is paid after the day of issue is CREDIT; without credit there is no later due date and no instalment.",
)
_CREDIT_IS_LATER: Final = Text(
    "Las cuotas posteriores a la emisión suman {later}; deben sumar lo que va a crédito, {credit}.",
    "The instalments after the day of issue add up to {later}; they must add up to what is on credit, {credit}.",
)
