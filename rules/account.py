"""What an account must have: a name, and RUC and DV together or neither. What a billing point must have: a code."""

import re
from dataclasses import dataclass
from typing import Final

from rules import ruc, tax_id, text
from rules.faults import Code, Fault, Record, Refusal, Text, faults_of
from rules.printing import Printable
from rules.ruc import Ruc

NAME_SHORTEST: Final = 2
NAME_LONGEST: Final = 200
POINT_NAME_LONGEST: Final = 100

_POINT_CODE: Final = re.compile("(?!000)[0-9]{3}")


@dataclass(frozen=True)
class AccountIdentity:
    """How an account is called on its invoices."""

    name: str | None
    ruc: str | None
    dv: str | None


def check_account(typed: AccountIdentity, printable: Printable | None = None) -> AccountIdentity:
    """The identity as it is stored; raises ``Refusal`` with all faults.

    With ``printable``, the name must be one that invoices can show. The DV is required and not computed, because
    it proves the RUC.

    >>> check_account(AccountIdentity(" Empresa Ejemplar ", "0155596713-2-2015 DV 59", None))
    AccountIdentity(name='Empresa Ejemplar', ruc='155596713-2-2015', dv='59')
    """
    name, number, dv = text.clean(typed.name), text.clean(typed.ruc), text.clean(typed.dv)
    faults = list(text.check(("name",), name, NAME_SHORTEST, NAME_LONGEST))
    if printable and not faults:
        faults += printable.check(("name",), name)
    parsed = tax_id.read_ruc(number) if number else None
    faults += tax_id.ruc_faults(parsed, dv)
    if isinstance(parsed, Ruc):
        try:
            dv = ruc.parse_dv(dv or parsed.written_dv or "")
            faults += tax_id.dv_faults(parsed, dv, tax_id.right_dvs(parsed, parsed.readings))
        except ruc.InvalidDv:
            faults.append(Fault(("dv",), Code.INVALID_VALUE if dv else Code.REQUIRED, _TWO_DIGITS))
        number = parsed.canonical
    if faults:
        raise Refusal(*faults_of(Record.ACCOUNT, faults))
    return AccountIdentity(name, number, dv)


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
