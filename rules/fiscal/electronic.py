"""What an electronic document must have besides what every document has, and what the DGI only remarks on.

Everything that the DGI or a PAC would refuse and that can be known is refused here, before a number is taken.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from rules import text
from rules.faults import Code, Fault, InputWarning, Text, WarningCode
from rules.fiscal.catalogues import CLASSES
from rules.invoice import Line, LineData, Totals
from rules.vocabulary import ReceiverType, TaxpayerType, VerificationStatus

LINE_LIMIT: Final = Decimal(10**9)

# Above these the DGI notes 2050, 2509 and 2515, and authorises all the same.
LARGE_UNIT_PRICE: Final = Decimal(100_000)
LARGE_TOTAL: Final = Decimal(1_000_000)
LARGE_CONSUMER_TOTAL: Final = Decimal(10_000)

EMAIL_LONGEST: Final = 50

# The pattern of the DGI's schema: no plus sign, no accent, domain labels of two characters or more.
_EMAIL: Final = re.compile(r"[A-Za-z0-9#$%][A-Za-z0-9._%#$-]*@(?:[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]\.)+[A-Za-z]{2,9}")


def takes_email(address: str) -> bool:
    """Whether the DGI takes the address; a document without it is as valid.

    >>> takes_email("ana@example.com"), takes_email("ana+pagos@example.com"), takes_email("ana@a.pa")
    (True, False, False)
    """
    return len(address) <= EMAIL_LONGEST and _EMAIL.fullmatch(address) is not None


def check_issuer(
    ruc: str | None, dv: str | None, taxpayer_type: TaxpayerType | None, provider: str | None
) -> Iterator[Fault]:
    """What an account lacks to issue electronic documents. Their places are fields of the account."""
    if not ruc or not dv:
        yield Fault(("ruc",), Code.REQUIRED, _NO_RUC)
    elif taxpayer_type is None:
        yield Fault(("taxpayerType",), Code.REQUIRED, NO_TAXPAYER_TYPE)
    if provider is None:
        yield Fault(("pac",), Code.NOT_ALLOWED, _NO_PROVIDER)


NO_TAXPAYER_TYPE: Final = Text(
    "Con este RUC no se sabe si el contribuyente es persona natural o jurídica. Indica el tipo en la página Cuenta.",
    "This RUC doesn't tell whether the taxpayer is a person or a company. Say so on the page Account.",
)
_NO_RUC: Final = Text(
    "Para emitir facturas electrónicas la cuenta necesita su RUC y su DV.",
    "To issue electronic invoices the account needs its RUC and DV.",
)
_NO_PROVIDER: Final = Text(
    "La cuenta emite facturas electrónicas y no tiene proveedor (PAC): defínelo con «server.py pac set», con la "
    "mutación setPacCredentials o en la página Cuenta.",
    "The account issues electronic invoices and has no provider (PAC): set it by `server.py pac set`, by the mutation "
    "setPacCredentials or on the page Account.",
)


def check_electronic(
    lines: Sequence[LineData], receiver_type: ReceiverType | None, issue_date: date | None, today: date
) -> tuple[Fault, ...]:
    """The faults of an electronic document. Lines with faults of their own may come without amounts.

    ``issue_date`` is the day that was asked for, ``today`` that of Panama.
    """
    return (*_day_faults(issue_date, today), *_line_faults(lines, receiver_type))


def _day_faults(issue_date: date | None, today: date) -> Iterator[Fault]:
    if issue_date is not None and issue_date != today:
        yield Fault(("issueDate",), Code.OUT_OF_RANGE, _ONLY_TODAY.format(today=today), expected=(str(today),))


def _line_faults(lines: Sequence[LineData], receiver_type: ReceiverType | None) -> Iterator[Fault]:
    for index, line in enumerate(lines):
        if isinstance(line, Line) and line.total >= LINE_LIMIT:
            yield Fault(("lines", str(index)), Code.OUT_OF_RANGE, _LINE_TOO_LARGE)
        if receiver_type is ReceiverType.GOVERNMENT and text.clean(line.cpbs) not in CLASSES:
            yield Fault(("lines", str(index), "cpbs"), Code.REQUIRED, _CPBS_FOR_GOVERNMENT)


def remarks(lines: Sequence[Line], totals: Totals, receiver_type: ReceiverType) -> Iterator[InputWarning]:
    """What the DGI remarks on in a document that it authorises."""
    for index, line in enumerate(lines):
        if line.unit_price > LARGE_UNIT_PRICE:
            yield InputWarning(("lines", str(index), "unitPrice"), WarningCode.LARGE_AMOUNT, _LARGE_UNIT_PRICE)
    if totals.total > LARGE_TOTAL:
        yield InputWarning(("lines",), WarningCode.LARGE_AMOUNT, _LARGE_TOTAL)
    if receiver_type is ReceiverType.FINAL_CONSUMER and totals.total > LARGE_CONSUMER_TOTAL:
        yield InputWarning(("lines",), WarningCode.LARGE_AMOUNT, _LARGE_CONSUMER_TOTAL)


def receiver_remarks(email: str | None, verification: VerificationStatus | None) -> Iterator[InputWarning]:
    """What may keep the receiver from the document, or the DGI from authorising it."""
    if email is not None and not takes_email(email):
        yield InputWarning(("email",), WarningCode.EMAIL_NOT_SENT, _EMAIL_NOT_SENT)
    if verification is VerificationStatus.NOT_FOUND:
        yield InputWarning(("ruc",), WarningCode.RUC_NOT_FOUND, _RUC_NOT_FOUND)


_ONLY_TODAY: Final = Text(
    "Una factura electrónica se emite con la fecha de hoy, {today}.",
    "An electronic invoice is issued with today's date, {today}.",
)
_LINE_TOO_LARGE: Final = Text(
    "El total de una línea puede tener como máximo 9 dígitos enteros. Divídela en varias.",
    "The total of a line can have at most 9 digits before the point. Split it into several.",
)
_CPBS_FOR_GOVERNMENT: Final = Text(
    "Las facturas al gobierno llevan un código CPBS en cada línea.",
    "Invoices to the government have a CPBS code on each line.",
)
_LARGE_UNIT_PRICE: Final = Text(
    "El precio por unidad pasa de 100,000; la DGI lo señala.",
    "The price of a unit is above 100,000; the DGI remarks on it.",
)
_LARGE_TOTAL: Final = Text(
    "El total pasa de 1,000,000; la DGI lo señala.", "The total is above 1,000,000; the DGI remarks on it."
)
_LARGE_CONSUMER_TOTAL: Final = Text(
    "El total a un consumidor final pasa de 10,000; la DGI lo señala, y algunos PAC no lo aceptan.",
    "The total for a final consumer is above 10,000; the DGI remarks on it, and some PACs don't take it.",
)
_EMAIL_NOT_SENT: Final = Text(
    "La DGI no acepta esta dirección de correo; la factura electrónica se envía sin ella.",
    "The DGI doesn't take this e-mail address; the electronic invoice is sent without it.",
)
_RUC_NOT_FOUND: Final = Text(
    "El registro no tiene este RUC; es probable que la DGI rechace la factura.",
    "The registry doesn't have this RUC; the DGI will probably reject the invoice.",
)
