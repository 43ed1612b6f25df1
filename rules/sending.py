"""What a document is sent with: addresses and a message."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rules import contact, text
from rules.customer import EMAIL
from rules.faults import Code, Fault, Refusal, Text

MOST_ADDRESSES: Final = 20
MESSAGE_LONGEST: Final = 2000


@dataclass(frozen=True)
class Letter:
    """The addresses that a document is sent to, each once, and what the mail says above it."""

    to: tuple[str, ...]
    message: str | None


def check_letter(to: Sequence[str], message: str | None) -> Letter:
    """The letter as it is sent; raises ``Refusal`` with all faults.

    >>> check_letter([" ana@EXAMPLE.com", "Ana@example.com"], " ")
    Letter(to=('ana@example.com',), message=None)
    """
    message = text.clean(message, multiline=True)
    faults = list(check_message(message))
    if not to:
        faults.append(Fault(("to",), Code.REQUIRED, text.MISSING))
    addresses: dict[str, str] = {}
    if len(to) > MOST_ADDRESSES:
        faults.append(Fault(("to",), Code.TOO_MANY, _TOO_MANY.format(most=MOST_ADDRESSES, count=len(to))))
    else:
        for index, typed in enumerate(to):
            address = contact.email(text.clean(typed) or "")
            if address is None:
                faults.append(Fault(("to", str(index)), EMAIL.code, EMAIL.message(typed)))
            else:
                addresses.setdefault(address.casefold(), address)
    if faults:
        raise Refusal(*faults)
    return Letter(tuple(addresses.values()), message)


def check_message(cleaned: str | None) -> tuple[Fault, ...]:
    """What is wrong with a message, cleaned: at most one fault."""
    return text.check(("message",), cleaned, 0, MESSAGE_LONGEST, lines=MESSAGE_LONGEST)


_TOO_MANY: Final = Text(
    "Escribe como máximo {most} direcciones; hay {count}.", "Write at most {most} addresses; there are {count}."
)
