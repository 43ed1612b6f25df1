"""What an account must have: a name, and RUC and DV together or neither."""

from dataclasses import dataclass
from typing import Final

from rules import ruc, tax_id, text
from rules.faults import Code, Fault, Record, Refusal, Text, faults_of
from rules.printing import Printable
from rules.ruc import Ruc

NAME_SHORTEST: Final = 2
NAME_LONGEST: Final = 200


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
