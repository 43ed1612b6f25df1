"""The texts that stand on an issued invoice as they were typed.

An invoice isn't issued unless its PDF can show them all, since it can't be changed afterwards.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from resolvers.account_settings import AccountSettings
from rules import text
from rules.customer import CustomerRecord
from rules.faults import Fault
from rules.invoice import LineData
from rules.printing import Printable


def check_invoice(notes: str | None, lines: Iterable[LineData], printable: Printable) -> Iterator[Fault]:
    """The texts of an invoice itself, as they would be stored; paths are those of its input."""
    yield from printable.check(("notes",), text.clean(notes))
    for index, line in enumerate(lines):
        yield from printable.check(("lines", str(index), "description"), text.clean(line.description))


def check_customer(customer: CustomerRecord[Any], printable: Printable) -> Iterator[Fault]:
    """The texts of the receiver, as stored; paths are those of a customer's input."""
    yield from printable.check(("name",), customer.name)
    yield from printable.check(("address",), customer.address)
    if customer.foreign_id:
        yield from printable.check(("foreignId", "number"), customer.foreign_id.number)


def check_account(settings: AccountSettings, printable: Printable) -> Iterator[Fault]:
    """The texts of the issuer."""
    yield from printable.check(("account", "name"), settings.name)
