"""Customers: finding, creating and changing them. Lists are in ``customer_lists``."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from tortoise.expressions import Q
from uuid_utils.compat import uuid7

from db import models, tenant
from db.errors import FAULTS
from db.write_statement import WriteStatement
from lookup.service import Lookup
from projection import Batch, ByIds, One
from projection.tortoise import Select
from resolvers import registry
from resolvers.account_settings import AccountSettings, settings_and_customer
from resolvers.customer_lists import survivors
from resolvers.customer_preparation import (
    NewCustomer,
    PreparedCustomer,
    check_with_database,
    duplicate_fault,
    external_id_fault,
    find_duplicate,
    find_external_id,
    prepare_customer,
    verified_dv,
)
from resolvers.customer_rows import add_persons, customer_columns, draft_of, persons_of, receiver_search
from resolvers.errors import BadUserInput
from resolvers.outbox import add_event
from resolvers.scope import (
    LEADS,
    NOBODY,
    check_not_erased,
    check_version,
    found_or_refuse,
    mine,
    uuid_of,
)
from resolvers.transactions import Result, atomically, store
from rules import ruc
from rules.customer import CustomerDraft, CustomerRecord
from rules.customer_check import CleanCustomer, CustomerCheck, check_customer, clean_customer
from rules.faults import Refusal
from rules.vocabulary import (
    CustomerStatus,
    EventType,
    InvoiceStatus,
    TaxpayerType,
    VerificationStatus,
)

# Reading


def by_id(id: str | UUID) -> ByIds:
    return ByIds([uuid_of(str(id))], {models.Customer: mine(models.Customer)}, single=True, forward=LEADS)


async def find_survivor(id: str) -> UUID:
    """The id of the customer to which this one leads."""
    known = uuid_of(id) or NOBODY
    rows = await mine(models.Customer, id=known, merged_into_id__isnull=False).values_list("merged_into_id")
    return rows[0][0] if rows else known


def batch(ids: Sequence[UUID]) -> Batch:
    """Customers that fields of several objects answer."""
    return Batch(mine(models.Customer), ids)


def by_ruc(number: str, taxpayer_type: TaxpayerType | None) -> One:
    """The active customer with this RUC in any spelling; where there are several, the taxpayer type is needed.

    The RUC of a merged one leads to its survivor, unless an active one has it.
    """
    try:
        canonical = ruc.parse(number).canonical
    except ruc.InvalidRuc as error:
        raise BadUserInput(f"This is not a RUC: {number[: ruc.MAX_LENGTH]!r}.") from error
    return One(mine(models.Customer, _having_ruc(canonical, taxpayer_type)))


def by_lookup(lookup: Lookup) -> One | None:
    """The active customer that a look-up is about."""
    if lookup.ruc is None:
        return None
    # The customer of a finca may have no type.
    untyped = Q(ruc=lookup.ruc, taxpayer_type__isnull=True, status=CustomerStatus.ACTIVE)
    rows = mine(models.Customer, _having_ruc(lookup.ruc, lookup.taxpayer_type) | untyped)
    return One(rows.order_by("taxpayer_type", "id").limit(1))


def _having_ruc(number: str, taxpayer_type: TaxpayerType | None) -> Q:
    account = tenant.current_account()
    survivors = Select(_SURVIVORS_BY_RUC, account, number, taxpayer_type, taxpayer_type, account, number)
    own = Q(ruc=number, taxpayer_type=taxpayer_type) if taxpayer_type else Q(ruc=number)
    return Q(own | Q(id__in=survivors), status=CustomerStatus.ACTIVE)


_SURVIVORS_BY_RUC: Final = """
    SELECT m.merged_into FROM customer m WHERE m.account_id = {0} AND m.status = 'MERGED' AND m.ruc = {1}
        AND ({2}::text IS NULL OR m.taxpayer_type = {3}::text) AND NOT EXISTS (
            SELECT FROM customer c WHERE c.account_id = {4} AND c.status = 'ACTIVE' AND c.ruc = {5}
                AND c.taxpayer_type IS NOT DISTINCT FROM m.taxpayer_type)
"""


def by_external_id(external_id: str) -> One:
    """The customer, active or not, that another system knows by this id; the survivor, where it was merged."""
    return One(mine(models.Customer, survivors([external_id])))


def of_invoice(id: UUID) -> One:
    return One(mine(models.Customer, documents__id=id, documents__account_id=tenant.current_account()))


# Creating


async def create(new: NewCustomer) -> Result:
    """Store the customer, or find the one that the account has; raises ``Refusal`` with all faults."""

    async def action() -> Result:
        prepared = await prepare_customer(new)
        if prepared.check.faults:
            raise Refusal(*prepared.check.faults)
        return await save(prepared)

    return await atomically(action, locks=new.locks)


async def save(prepared: PreparedCustomer) -> Result:
    """Store a prepared customer without faults."""
    statement = WriteStatement()
    customer = save_customer(statement, prepared)
    is_new = prepared.existing is None
    return await store(statement, Result(customer.id, customer_created=is_new, changed=prepared.is_changed))


def save_customer(statement: WriteStatement, prepared: PreparedCustomer) -> models.Customer:
    """Let the statement insert a prepared customer without faults, or change the existing one as prepared.

    Returns its row.
    """
    existing = prepared.existing
    if existing is not None and not prepared.is_changed:
        return existing
    checked = prepared.check.customer
    columns = customer_columns(checked)
    if existing is None:
        customer = models.Customer(id=uuid7(), account_id=prepared.settings.id, **columns, **prepared.verification)
        statement.insert_row(customer)
        add_persons(statement, customer, checked.associated_persons)
        add_event(statement, EventType.CUSTOMER_CREATED, customer)
        return customer
    change_row(statement, existing, prepared.verification, **columns)
    add_persons(statement, existing, prepared.new_persons)
    add_event(statement, EventType.CUSTOMER_UPDATED, existing)
    return existing


# Changing


async def update(id: str, changes: Mapping[str, Any], version: int | None) -> Result:
    """Set some fields of ``CustomerDraft``; raises ``Refusal`` with all faults.

    The DV and the verification belong to RUC and taxpayer type: when these change, the DV is computed
    again unless it is among the changes, and the verification starts again.
    """

    async def action() -> Result:
        settings, found = await settings_and_customer(uuid_of(id), lock=True)
        customer = found_or_refuse(found, _NO_SUCH_CUSTOMER)
        check_version(customer.version, version)
        return await change(customer, changes, settings)

    return await atomically(action)


async def change(customer: models.Customer, changes: Mapping[str, Any], settings: AccountSettings) -> Result:
    """Set some fields of a customer that is locked, in a transaction; raises ``Refusal`` with all faults."""
    check_not_erased(customer)
    before = draft_of(customer, await persons_of(customer))
    check = await _check_changes(customer, before, changes, settings)
    if check.derived.as_draft() == before:
        return Result(customer.id, changed=False)
    return await store(_save_changes(customer, before, check), Result(customer.id))


async def _check_changes(
    customer: models.Customer, before: CustomerDraft, changes: Mapping[str, Any], settings: AccountSettings
) -> CustomerCheck:
    clean = clean_customer(replace(before, **changes))
    proven = verified_dv(customer)
    if changes.keys() & {"ruc", "taxpayer_type"} and "dv" not in changes:
        clean = replace(clean, dv=_remaining_dv(before, clean, proven))
    after = clean.as_draft()
    is_same = all(getattr(after, name) == getattr(before, name) for name in _IDENTITY)
    check = await check_with_database(clean, settings, proven if is_same else None)
    if customer.status is CustomerStatus.ACTIVE:
        is_same = _told_apart_by(check.derived.as_draft()) == _told_apart_by(before)
        # One that duplicated another before, by a looser rule, can be changed all the same.
        other = None if is_same else await find_duplicate(check.derived, check.faults)
        if other and other.id != customer.id:
            check = check.with_faults(duplicate_fault(check.derived, other))
    if check.derived.external_id != before.external_id:
        owner = await find_external_id(check.derived)
        if owner is not None and customer.id not in (owner.id, owner.merged_into_id):
            check = check.with_faults(external_id_fault(owner))
    if check.faults:
        raise Refusal(*check.faults)
    return check


def _told_apart_by(draft: CustomerDraft) -> tuple[Any, ...]:
    return draft.ruc, draft.taxpayer_type, draft.foreign_id


def _save_changes(customer: models.Customer, before: CustomerDraft, check: CustomerCheck) -> WriteStatement:
    statement = WriteStatement()
    if check.derived.external_id not in (None, before.external_id):
        # It may be that of a customer that was merged into this one.
        statement.update(
            "customer", {"external_id": None}, external_id=check.derived.external_id, merged_into=customer.id
        )
    save_fields(statement, customer, before, check.customer, check.derived)
    return statement


def save_fields(
    statement: WriteStatement,
    customer: models.Customer,
    before: CustomerDraft,
    after: CustomerRecord[Any],
    clean: CleanCustomer,
) -> None:
    """Let the statement store the fields of a customer, and what follows from them; ``clean`` are the same fields."""
    columns = customer_columns(after)
    if after.foreign_id == before.foreign_id:
        del columns["foreign_id_key"]
    change_row(statement, customer, registry.verification_columns(clean, None), **columns)
    drafts = {"customer_id": customer.id, "status": InvoiceStatus.DRAFT}
    statement.update("document", {"search": receiver_search(customer)}, **drafts)
    if after.associated_persons != before.associated_persons:
        statement.delete("associated_person", customer_id=customer.id)
        add_persons(statement, customer, after.associated_persons)
    add_event(statement, EventType.CUSTOMER_UPDATED, customer)


def _remaining_dv(before: CustomerDraft, clean: CleanCustomer, proven: str | None) -> str | None:
    """The DV that stays where RUC or type are among the changes without a DV, but are the same as before.

    It stays if no rule computes it, or if the registry has confirmed it.
    """
    derived = check_customer(replace(clean, dv=None), electronic=False, confirmed_dv=proven).derived
    after = derived.as_draft()
    is_same = (after.ruc, after.taxpayer_type) == (before.ruc, before.taxpayer_type)
    return before.dv if is_same and after.dv in (None, proven) else None


async def archive(id: str, version: int | None = None) -> Result:
    """Take the customer out of use; an archived one stays so. Raises ``Refusal``."""
    return await _set_status(id, version, CustomerStatus.ARCHIVED)


async def restore(id: str, version: int | None = None) -> Result:
    """Put an archived customer back to use, unless another one has its RUC by now. Raises ``Refusal``."""
    return await _set_status(id, version, CustomerStatus.ACTIVE)


async def _set_status(id: str, version: int | None, status: CustomerStatus) -> Result:
    async def action() -> Result:
        customer = await _lock(id, version)
        if customer.status is status:
            return Result(customer.id)
        if status is CustomerStatus.ACTIVE:
            clean = clean_customer(draft_of(customer))
            other = await find_duplicate(clean)
            if other is not None:
                raise Refusal(replace(duplicate_fault(clean, other), path=()))
        statement = WriteStatement()
        change_row(statement, customer, {}, status=status)
        is_archived = status is CustomerStatus.ARCHIVED
        type = EventType.CUSTOMER_ARCHIVED if is_archived else EventType.CUSTOMER_RESTORED
        add_event(statement, type, customer)
        return await store(statement, Result(customer.id))

    return await atomically(action)


async def _lock(id: str, version: int | None) -> models.Customer:
    _, found = await settings_and_customer(uuid_of(id), lock=True)
    customer = found_or_refuse(found, _NO_SUCH_CUSTOMER)
    check_not_erased(customer)
    check_version(customer.version, version)
    return customer


_NO_SUCH_CUSTOMER: Final = FAULTS["document_customer_fkey"].message

# The fields that the registry's answer is about.
_IDENTITY: Final = ("ruc", "dv", "taxpayer_type")


def change_row(
    statement: WriteStatement, customer: models.Customer, verification: Mapping[str, Any], **values: Any
) -> None:
    """Set columns, and those of the verification where it starts again: also for a name that may have been wrong."""
    is_mismatch = customer.verification_status is VerificationStatus.MISMATCH
    verified = (*_IDENTITY, "name") if is_mismatch else _IDENTITY
    if any(name in values and values[name] != getattr(customer, name) for name in verified):
        values |= verification
    customer.update_from_dict({**values, "version": customer.version + 1})
    statement.update_row(customer)
