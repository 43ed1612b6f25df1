"""What an account must and may have: a name, RUC and DV together or neither, and what stands on its invoices.

A billing point must have a code.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rules import ruc, tax_id, text
from rules.color import check_color, read_color
from rules.customer import FIELDS, Field
from rules.customer_check import judge_value, normalise
from rules.faults import Code, Fault, Record, Refusal, Text, faults_of
from rules.fiscal import payments
from rules.mail_texts import OwnTexts, check_mail_texts
from rules.printing import Printable
from rules.ruc import Ruc
from rules.vocabulary import PaymentMethod, SaleType, TaxpayerType

NAME_SHORTEST: Final = 2
NAME_LONGEST: Final = 200
POINT_NAME_LONGEST: Final = 100
TERMS_LONGEST: Final = 2000
FOOTER_LONGEST: Final = 120  # a line at the foot of a letter
BANK_LONGEST: Final = 500
BANK_MOST_LINES: Final = 8

_POINT_CODE: Final = re.compile("(?!000)[0-9]{3}")


@dataclass(frozen=True, kw_only=True)
class AccountRecord:
    """How an account stands on its invoices, and what these have where they don't say otherwise.

    ``taxpayer_type`` need not be typed where RUC and DV prove it. ``payment_term_days`` are the days that customers
    have to pay (0 is cash). ``mail_texts`` are its own words in its mails.
    """

    name: str | None
    legal_name: str | None = None
    ruc: str | None = None
    dv: str | None = None
    taxpayer_type: TaxpayerType | None = None
    address: str | None = None
    phone: str | None = None
    mobile: str | None = None
    email: str | None = None
    terms: str | None = None
    payment_term_days: int | None = None
    payment_method: PaymentMethod = PaymentMethod.CASH
    sale_type: SaleType = SaleType.ORDINARY
    paper_color: str | None = None
    paper_footer: str | None = None
    bank_lines: str | None = None
    mail_texts: Sequence[OwnTexts] = ()


# What an account has by the same rules as its customers.
_AS_CUSTOMERS: Final = {
    field.attribute: field
    for field in FIELDS
    if field.attribute in ("address", "phone", "mobile", "email", "payment_term_days")
}


# The texts that documents show as they were typed: those that each keeps of its day of issue, and all.
FROZEN: Final = ("name", "legal_name", "address", "terms")
PRINTED: Final = (*FROZEN, "paper_footer", "bank_lines")


def check_account(
    typed: AccountRecord, printable: Printable | None = None, printed: Iterable[str] = PRINTED
) -> AccountRecord:
    """The account as it is stored; raises ``Refusal`` with all faults.

    With ``printable``, the texts ``printed`` must be such that invoices can show them. The DV is required and not
    computed, because it proves the RUC.

    >>> account = check_account(AccountRecord(name=" Ejemplar ", ruc="0155596713-2-2015 DV 59", phone="6677-8899"))
    >>> account.name, account.ruc, account.dv, account.phone
    ('Ejemplar', '155596713-2-2015', '59', '+50766778899')
    """
    name, legal_name = text.clean(typed.name), text.clean(typed.legal_name)
    terms = text.clean(typed.terms, multiline=True)
    color, footer = read_color(typed.paper_color), text.clean(typed.paper_footer)
    bank_lines = text.clean(typed.bank_lines, multiline=True)
    faults = [
        *text.check(("name",), name, NAME_SHORTEST, NAME_LONGEST),
        *(text.check(("legalName",), legal_name, NAME_SHORTEST, NAME_LONGEST) if legal_name else ()),
        *text.check(("terms",), terms, 0, TERMS_LONGEST, lines=TERMS_LONGEST),
        *check_color(("paperColor",), color),
        *text.check(("paperFooter",), footer, 0, FOOTER_LONGEST),
        *text.check(("bankLines",), bank_lines, 0, BANK_LONGEST, lines=BANK_MOST_LINES),
    ]
    number, dv, taxpayer_type = _check_tax_id(typed, faults)
    if typed.payment_method not in payments.DEFAULTS:
        faults.append(Fault(("paymentMethod",), Code.INVALID_VALUE, _NO_DEFAULT, expected=payments.DEFAULTS))
    mail_texts, wrong_texts = check_mail_texts(typed.mail_texts)
    faults += wrong_texts
    shared = {attribute: check_like_customer(typed, field, faults) for attribute, field in _AS_CUSTOMERS.items()}
    checked = AccountRecord(
        name=name,
        legal_name=legal_name,
        ruc=number,
        dv=dv,
        taxpayer_type=taxpayer_type,
        terms=terms,
        payment_method=typed.payment_method,
        sale_type=typed.sale_type,
        paper_color=color,
        paper_footer=footer,
        bank_lines=bank_lines,
        mail_texts=mail_texts,
        **shared,
    )
    if printable:
        wrong = {fault.path for fault in faults}
        faults += [fault for fault in check_printing(checked, printable, printed) if fault.path not in wrong]
    if faults:
        raise Refusal(*faults_of(Record.ACCOUNT, faults))
    return checked


def check_printing(account: Any, printable: Printable, printed: Iterable[str] = FROZEN) -> list[Fault]:
    """The texts of an account that its invoices can't show."""
    return [fault for name in printed for fault in printable.check((_PATHS[name],), getattr(account, name))]


_PATHS: Final = {name: name for name in PRINTED} | {
    "legal_name": "legalName",
    "paper_footer": "paperFooter",
    "bank_lines": "bankLines",
}


def _check_tax_id(typed: AccountRecord, faults: list[Fault]) -> tuple[str | None, str | None, TaxpayerType | None]:
    number, dv, taxpayer_type = text.clean(typed.ruc), text.clean(typed.dv), typed.taxpayer_type
    parsed = tax_id.read_ruc(number) if number else None
    faults += tax_id.ruc_faults(parsed, dv)
    if isinstance(parsed, Ruc):
        try:
            dv = ruc.parse_dv(dv or parsed.written_dv or "")
            faults += tax_id.dv_faults(parsed, dv, tax_id.right_dvs(parsed, parsed.readings))
        except ruc.InvalidDv:
            faults.append(Fault(("dv",), Code.INVALID_VALUE if dv else Code.REQUIRED, _TWO_DIGITS))
        else:
            taxpayer_type = ruc.proven_type(parsed, dv) or taxpayer_type
        number = parsed.canonical
    elif taxpayer_type and not faults:
        faults.append(Fault(("ruc",), Code.REQUIRED, text.MISSING))
    if typed.taxpayer_type and taxpayer_type is not typed.taxpayer_type:
        message = _PROVEN.format(ruc=number)
        faults.append(Fault(("taxpayerType",), Code.INVALID_VALUE, message, expected=(str(taxpayer_type),)))
    return number, dv, taxpayer_type


def check_like_customer(typed: Any, field: Field, faults: list[Fault]) -> Any:
    """A field of the record that is checked as that of a customer; adds what is wrong to ``faults``."""
    value = getattr(typed, field.attribute)
    if isinstance(value, str):
        value = text.clean(value, multiline=field.lines > 1)
    if value is None:
        return None
    found = list(judge_value(field, value))
    if field.format and not found:
        value = normalise((field.name,), value, field.format, found)
    faults += found
    return value


_PROVEN: Final = Text(
    "El RUC {ruc} con su DV es de otro tipo de contribuyente.",
    "The RUC {ruc} with its DV belongs to the other type of taxpayer.",
)
_NO_DEFAULT: Final = Text(
    "Elige una forma de pago al contado que no necesite descripción.",
    "Choose a form of payment at once that needs no description.",
)
_TWO_DIGITS: Final = Text("Escribe el DV, que tiene dos dígitos.", "Write the DV, which has two digits.")


def check_billing_point(code: str, name: str | None) -> tuple[Fault, ...]:
    """The faults of a billing point: of its code, as the DGI has it, and of its name, cleaned by ``text.clean``.

    >>> [fault.path for fault in check_billing_point("000", "Caja")]
    [('code',)]
    """
    name_faults = text.check(("name",), name, 0, POINT_NAME_LONGEST)
    if _POINT_CODE.fullmatch(code):
        return tuple(name_faults)
    return (Fault(("code",), Code.INVALID_VALUE, _THREE_DIGITS), *name_faults)


_THREE_DIGITS: Final = Text(
    "El código tiene tres dígitos, de 001 a 999.", "The code has three digits, from 001 to 999."
)


def read_number(path: tuple[str, ...], typed: str) -> int:
    """The number of an invoice as people write it, with leading zeros or without; raises ``Refusal``.

    >>> read_number(("nextNumber",), "0000004501")
    4501
    """
    digits = text.clean(typed) or ""
    if not re.fullmatch("[0-9]{1,10}", digits) or int(digits) == 0:
        raise Refusal(Fault(path, Code.INVALID_VALUE, _NUMBER))
    return int(digits)


_NUMBER: Final = Text(
    "Escribe un número de 1 a 9999999999, solo con dígitos.", "Write a number from 1 to 9999999999, digits only."
)
