"""What a branch must and may have: its code at the DGI, and what stands on its invoices instead of the account's."""

import re
from collections.abc import Container
from dataclasses import dataclass
from typing import Any, Final

from rules import text
from rules.account import check_like_customer
from rules.customer import FIELDS
from rules.faults import Code, Fault, Record, Refusal, Text, faults_of
from rules.printing import Printable
from rules.vocabulary import BranchType

NAME_LONGEST: Final = 100

_CODE: Final = re.compile("[0-9A-Z]{4}")
_AS_CUSTOMERS: Final = {
    field.attribute: field
    for field in FIELDS
    if field.attribute in ("address", "location_code", "phone", "mobile", "email")
}


@dataclass(frozen=True, kw_only=True)
class BranchRecord:
    """A branch; what it lacks of address, phones and e-mail is the account's."""

    code: str
    name: str | None = None
    address: str | None = None
    location_code: str | None = None
    phone: str | None = None
    mobile: str | None = None
    email: str | None = None
    type: BranchType | None = None


def check_branch(typed: BranchRecord, printable: Printable, locations: Container[str]) -> BranchRecord:
    """The branch as it is stored; raises ``Refusal`` with all faults. ``locations`` are the codes that the DGI has.

    >>> check_branch(BranchRecord(code=" 00a1 "), Printable([]), ()).code
    '00A1'
    """
    code, name = (text.clean(typed.code) or "").upper(), text.clean(typed.name)
    faults = [] if _CODE.fullmatch(code) else [Fault(("code",), Code.INVALID_VALUE, _FOUR)]
    faults += text.check(("name",), name, 0, NAME_LONGEST)
    shared: dict[str, Any] = {
        attribute: check_like_customer(typed, each, faults) for attribute, each in _AS_CUSTOMERS.items()
    }
    wrong = {fault.path for fault in faults}
    if shared["location_code"] and ("locationCode",) not in wrong and shared["location_code"] not in locations:
        faults.append(Fault(("locationCode",), Code.UNKNOWN_LOCATION, _NO_LOCATION))
    faults += [each for each in printable.check(("address",), shared["address"]) if each.path not in wrong]
    if faults:
        raise Refusal(*faults_of(Record.BRANCH, faults))
    return BranchRecord(code=code, name=name, type=typed.type, **shared)


_NO_LOCATION: Final = Text("La DGI no tiene este código de ubicación.", "The DGI has no location with this code.")
_FOUR: Final = Text(
    "El código tiene cuatro caracteres: dígitos o letras sin acento, como 0001.",
    "The code has four characters: digits or letters without accents, such as 0001.",
)
