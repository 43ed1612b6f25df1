"""Who holds a RUC: the question, its four outcomes, and the protocol of what answers it.

A registry knows a taxpayer's type, RUC, DV, name and whether it is affiliated to electronic
invoicing; never an address, a location, an e-mail or a phone.
"""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

from rules import ruc, text
from rules.ruc import Ruc
from rules.vocabulary import ReceiverType, TaxpayerType

LONGEST_NAME = 200


@dataclass(frozen=True)
class Question:
    """A RUC read as that of a person or of a company: registries want to know which."""

    ruc: Ruc
    taxpayer_type: TaxpayerType


@dataclass(frozen=True)
class Found:
    """What the registry says; None where it leaves something open."""

    dv: str
    name: str
    electronic_invoicing: bool | None = None
    receiver_type: ReceiverType | None = None


@dataclass(frozen=True)
class NotFound:
    """The registry has no such taxpayer of this type."""


@dataclass(frozen=True)
class Invalid:
    """The registry takes the number for none."""


Answer: TypeAlias = Found | NotFound | Invalid


class Reason(StrEnum):
    """Why there is no answer."""

    TIMEOUT = "TIMEOUT"  # none in the time given
    CONNECTION = "CONNECTION"  # no such host, refused, dropped
    OVERLOADED = "OVERLOADED"  # the provider asks for patience
    FAILING = "FAILING"  # an error on the provider's side
    UPSTREAM = "UPSTREAM"  # the provider had no answer from the DGI
    GARBLED = "GARBLED"  # an answer that is not of the contract
    CREDENTIALS = "CREDENTIALS"  # the provider doesn't take ours
    CERTIFICATE = "CERTIFICATE"  # of TLS, or the one that the provider shows to the DGI
    RESTING = "RESTING"  # not asked, for it failed again and again
    BUSY = "BUSY"  # not asked, for too many calls are under way
    DEFECT = "DEFECT"  # a mistake in the adapter


# What may pass by itself within a second; the look-up only reads, so repeating it does no harm.
RETRIED = frozenset({Reason.CONNECTION, Reason.OVERLOADED, Reason.FAILING, Reason.UPSTREAM})
# What says something of the provider and not just of one answer or of us.
TROUBLES = RETRIED | {Reason.TIMEOUT, Reason.CREDENTIALS, Reason.CERTIFICATE}
# What goes on until the operator does something.
ALARMING = frozenset({Reason.CREDENTIALS, Reason.CERTIFICATE})


class Unavailable(Exception):
    """The fourth outcome: no answer. ``retry_after``, in seconds, is what the provider asked for.

    It carries no text of the provider's and no cause, since either may hold our credentials.
    """

    def __init__(self, reason: Reason, retry_after: float | None = None) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.retry_after = retry_after


class Registry(Protocol):
    """What an adapter does: ask once. Waiting, repeating and remembering are others' work."""

    async def ask(self, question: Question) -> Answer:
        """Raise ``Unavailable`` for want of an answer."""
        ...


def found(
    question: Question,
    *,
    number: str | None,
    dv: str | None,
    name: str | None,
    electronic_invoicing: bool | None = None,
    receiver_type: ReceiverType | None = None,
) -> Found:
    """The answer made of a provider's words, checked and cleaned: the DV on two digits, the name on one line.

    Raises ``Unavailable`` where they speak of another number or make no sense.
    """
    try:
        if number and ruc.parse(number) != question.ruc:
            raise Unavailable(Reason.GARBLED)
        two_digits = ruc.parse_dv((dv or "").strip())
    except (ruc.InvalidRuc, ruc.InvalidDv):
        raise Unavailable(Reason.GARBLED) from None
    cleaned = text.clean(_one_line(name or "")[:LONGEST_NAME])
    if text.check(("name",), cleaned, 2, LONGEST_NAME):
        raise Unavailable(Reason.GARBLED)
    assert cleaned is not None
    return Found(two_digits, cleaned, electronic_invoicing, receiver_type)


def _one_line(name: str) -> str:
    """Control and format characters are blanks, and blanks in a row are one."""
    return " ".join("".join(" " if unicodedata.category(char)[0] == "C" else char for char in name).split())
