"""A question about a RUC, its four outcomes, and the protocol of an adapter that answers it.

The outcomes are ``Found``, ``NotFound``, ``Invalid`` and, as an exception, ``Unavailable``. A registry
knows a taxpayer's type, RUC, DV, name and affiliation to electronic invoicing; never an address, a
location, an e-mail or a phone.
"""

import unicodedata
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from pac.failures import Reason, Unavailable
from rules import ruc, text
from rules.ruc import Ruc
from rules.vocabulary import ReceiverType, TaxpayerType

LONGEST_NAME: Final = 200


@dataclass(frozen=True)
class Question:
    """A RUC, read as that of a person or of a company: registries want to know which."""

    ruc: Ruc
    taxpayer_type: TaxpayerType


@dataclass(frozen=True)
class Found:
    """The taxpayer as the registry has it; a field is None where the registry says nothing."""

    dv: str
    name: str
    electronic_invoicing: bool | None = None
    receiver_type: ReceiverType | None = None


@dataclass(frozen=True)
class NotFound:
    """The registry has no such taxpayer of this type."""


@dataclass(frozen=True)
class Invalid:
    """The registry says that the RUC is malformed."""


Answer: TypeAlias = Found | NotFound | Invalid


class Registry(Protocol):
    """An adapter: it asks a provider once. Waiting, repeating and caching are done around it."""

    async def ask(self, question: Question) -> Answer:
        """Raises ``Unavailable`` if there is no answer."""
        ...


def read_taxpayer(
    question: Question,
    *,
    number: str | None,
    dv: str | None,
    name: str | None,
    electronic_invoicing: bool | None = None,
    receiver_type: ReceiverType | None = None,
) -> Found:
    """Check and clean what a provider says of a taxpayer: the DV gets two digits, the name one line.

    Raises ``Unavailable`` if it is about another RUC or makes no sense.
    """
    try:
        if number and ruc.parse(number) != question.ruc:
            raise Unavailable(Reason.GARBLED)
        two_digit_dv = ruc.parse_dv((dv or "").strip())
    except (ruc.InvalidRuc, ruc.InvalidDv):
        raise Unavailable(Reason.GARBLED) from None
    cleaned = text.clean(_one_line(name or "")[:LONGEST_NAME])
    if text.check(("name",), cleaned, 2, LONGEST_NAME):
        raise Unavailable(Reason.GARBLED)
    assert cleaned is not None
    return Found(two_digit_dv, cleaned, electronic_invoicing, receiver_type)


def _one_line(name: str) -> str:
    """Replace control and format characters by blanks, and blanks in a row by one."""
    return " ".join("".join(" " if unicodedata.category(char)[0] == "C" else char for char in name).split())
