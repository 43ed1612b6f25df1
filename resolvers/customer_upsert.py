"""Storing a customer that another system knows by an id of its own: a new one, or changes of the one with this id."""

from collections.abc import Mapping
from typing import Any, Final

from resolvers import customers
from resolvers.account_settings import settings_and_customer, settings_and_customers
from resolvers.customer_preparation import NewCustomer, duplicate_fault, prepare_customer
from resolvers.scope import SURVIVOR_BY_EXTERNAL_ID, check_version
from resolvers.transactions import Result, atomically
from rules import text
from rules.customer import CustomerDraft
from rules.customer_check import clean_customer
from rules.faults import Code, Fault, Record, Refusal, Text
from rules.references import EXTERNAL_ID_LONGEST
from rules.vocabulary import CustomerStatus, OnDuplicate


async def upsert(
    external_id: str, changes: Mapping[str, Any], version: int | None, on_duplicate: OnDuplicate
) -> Result:
    """Set some fields of the customer with this external id, or create it. Raises ``Refusal`` with all faults.

    Of two requests that create it at once, the later one changes what the other one created.
    """
    clean_id = _check_id(external_id, changes)

    async def action() -> Result:
        while True:
            settings, found = await settings_and_customers(_BY_EXTERNAL_ID, clean_id, lock=True)
            if found and found[0].status is CustomerStatus.MERGED:  # while this waited for the lock
                continue
            if found:
                check_version(found[0].version, version)
                return await customers.change(found[0], changes, settings)
            if version is not None:
                raise Refusal(Fault(("version",), Code.CONFLICT, _NO_SUCH_CUSTOMER))
            created = await _create({**changes, "external_id": clean_id}, on_duplicate)
            if created is not None:
                return created

    return await atomically(action)


def _check_id(external_id: str, changes: Mapping[str, Any]) -> str:
    clean = text.clean(external_id)
    faults = text.check(("externalId",), clean, 1, EXTERNAL_ID_LONGEST)
    if "external_id" in changes:
        faults += (Fault(("externalId",), Code.NOT_ALLOWED, _TWICE, record=Record.CUSTOMER),)
    if faults:
        raise Refusal(*faults)
    assert clean is not None
    return clean


async def _create(fields: Mapping[str, Any], on_duplicate: OnDuplicate) -> Result | None:
    """Create the customer; None if another request has meanwhile."""
    if "receiver_type" not in fields:
        raise Refusal(Fault(("receiverType",), Code.REQUIRED, text.MISSING, record=Record.CUSTOMER))
    clean = clean_customer(CustomerDraft(**fields))
    prepared = await prepare_customer(NewCustomer(clean=clean, on_duplicate=on_duplicate))
    existing = prepared.existing
    has_it_now = existing is not None and existing.external_id == clean.external_id
    if has_it_now or any(fault.code is Code.DUPLICATE_EXTERNAL_ID for fault in prepared.check.faults):
        return None
    if existing is not None and existing.external_id is not None and on_duplicate is not OnDuplicate.FAIL:
        raise Refusal(*prepared.check.with_faults(duplicate_fault(clean, existing)).faults)
    if prepared.check.faults:
        raise Refusal(*prepared.check.faults)
    if existing is not None and on_duplicate is OnDuplicate.USE_EXISTING:
        settings, locked = await settings_and_customer(existing.id, lock=True)
        assert locked is not None
        return await customers.change(locked, {"external_id": clean.external_id}, settings)
    return await customers.save(prepared)


_BY_EXTERNAL_ID: Final = f"c.id = ({SURVIVOR_BY_EXTERNAL_ID})"
_NO_SUCH_CUSTOMER: Final = Text(
    "Todavía no hay un cliente con este código de otro sistema.", "There is no customer with this external id yet."
)
_TWICE: Final = Text(
    "El código de otro sistema ya está en externalId. Para cambiarlo usa updateCustomer.",
    "The argument externalId has it already. To change it, use updateCustomer.",
)
