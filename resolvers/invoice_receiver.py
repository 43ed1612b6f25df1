"""The customer of a new invoice: finding or preparing it, and storing it with the invoice."""

from dataclasses import dataclass, replace
from typing import Final

from db import models
from db.write_statement import WriteStatement
from resolvers import customers
from resolvers.account_settings import AccountSettings, current_settings, settings_and_customer
from resolvers.customer_preparation import (
    NewCustomer,
    PreparedCustomer,
    check_with_registry,
    prepare_customer,
    verified_dv,
)
from resolvers.electronic_check import ReceiverToJudge
from resolvers.invoice_check import (
    check_customer_exists,
    check_customer_for_issue,
    check_customer_printing,
    with_further,
)
from resolvers.scope import uuid_of
from rules.faults import Code, Fault, Record, Text
from rules.printing import Printable


@dataclass(frozen=True, kw_only=True)
class Receiver:
    """A customer that exists, or one that is prepared for being stored; or its faults, under the account's settings."""

    settings: AccountSettings
    existing: models.Customer | None = None
    prepared: PreparedCustomer | None = None
    faults: tuple[Fault, ...] = ()

    @property
    def is_new(self) -> bool:
        return self.prepared is not None and self.prepared.existing is None

    @property
    def term_days(self) -> int | None:
        """How many days the customer has to pay, if it has a term of its own."""
        if self.prepared is not None:
            return self.prepared.check.derived.payment_term_days
        return self.existing.payment_term_days if self.existing else None

    def to_judge(self) -> ReceiverToJudge | None:
        """What counts of the customer for an electronic invoice; None if there is no customer."""
        if self.prepared is not None:
            customer, stored = self.prepared.check.derived, self.prepared.existing
            verification = stored.verification_status if stored else self.prepared.verification["verification_status"]
            return ReceiverToJudge(
                type=customer.receiver_type,
                country=customer.foreign_id.country if customer.foreign_id else None,
                email=customer.email,
                verification=verification,
                record=Record.CUSTOMER,
            )
        if self.existing is None:
            return None
        return ReceiverToJudge(
            type=self.existing.receiver_type,
            country=self.existing.foreign_id_country,
            email=self.existing.email,
            verification=self.existing.verification_status,
            record=Record.INVOICE_CUSTOMER,
        )


async def find_receiver(customer_id: str | None, new: NewCustomer | None, *, lock: bool) -> Receiver:
    """The receiver by one statement, for exactly one of an id and a new customer.

    ``lock`` is for drafts: a change of the customer's name waits for the draft and then updates its search column.
    """
    if (customer_id is None) == (new is None):
        return Receiver(settings=await current_settings(), faults=(_EXACTLY_ONE_CUSTOMER,))
    if new is not None:
        prepared = await prepare_customer(new)
        return Receiver(settings=prepared.settings, prepared=prepared, faults=prepared.check.faults)
    settings, customer = await settings_and_customer(uuid_of(customer_id or ""), lock=lock)
    return Receiver(settings=settings, existing=customer, faults=check_customer_exists(customer))


async def check_receiver_for_issue(receiver: Receiver, printable: Printable) -> Receiver:
    """The receiver, its faults including all that it lacks to get an issued invoice."""
    settings, existing, prepared = receiver.settings, receiver.existing, receiver.prepared
    faults = receiver.faults
    if existing is not None and not faults:
        faults = await check_customer_for_issue(existing, settings, printable)
    elif prepared is not None:
        if prepared.existing is not None and not faults:
            # What was checked so far is the new customer, not the existing one that takes its place.
            check = await check_with_registry(prepared.check.derived, settings, verified_dv(prepared.existing))
            faults = check.faults
        faults = with_further(faults, check_customer_printing(prepared.check.derived, printable))
    return replace(receiver, faults=faults)


def save_receiver(statement: WriteStatement, receiver: Receiver) -> models.Customer:
    """Let the statement store the receiver if it is new, or completed; returns its row."""
    if receiver.prepared is not None:
        return customers.save_customer(statement, receiver.prepared)
    assert receiver.existing is not None
    return receiver.existing


_EXACTLY_ONE_CUSTOMER: Final = Fault(
    (),
    Code.EXACTLY_ONE_CUSTOMER,
    Text("Indica customerId o newCustomer, solo uno de los dos.", "Give either customerId or newCustomer, not both."),
    record=Record.INVOICE_CUSTOMER,
)
