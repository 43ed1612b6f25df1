"""Preparing a new customer for being stored: checking it with all that the database and the registry know of it."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from typing import Any, Final, NamedTuple

from tortoise.connection import get_connection

from db import models, tenant
from db.errors import FAULTS
from lookup.daily_limit import DailyLimitReached
from lookup.service import Consultar, Lookup, Status
from resolvers import locations, registry
from resolvers.account_settings import AccountSettings, current_settings, settings_and_customers
from resolvers.customer_rows import draft_of, persons_of
from resolvers.scope import SURVIVOR_BY_EXTERNAL_ID, mine
from rules import text
from rules.customer import ANYBODY, AssociatedPerson, CustomerDraft, CustomerRecord, is_anybody
from rules.customer_check import CleanCustomer, CustomerCheck, check_customer, clean_customer
from rules.faults import Code, Fault, Text
from rules.keys import document_key
from rules.references import EXTERNAL_ID_LONGEST
from rules.ruc import Ruc
from rules.vocabulary import CustomerStatus, OnDuplicate, VerificationStatus


@dataclass(frozen=True, kw_only=True)
class NewCustomer:
    """A customer to create. ``lookup`` is what is known of its RUC, if the registry was to be asked."""

    clean: CleanCustomer
    on_duplicate: OnDuplicate = OnDuplicate.FAIL
    lookup: Lookup | None = None

    @property
    def locks(self) -> bool:
        """Whether a stored customer may take the place of this one, and must not change meanwhile."""
        return self.on_duplicate is not OnDuplicate.FAIL

    @property
    def fills_gaps(self) -> bool:
        """Whether a stored customer gets what it lacks from this one."""
        return self.on_duplicate is OnDuplicate.UPDATE_EMPTY


async def clean_and_look_up(
    draft: CustomerDraft, on_duplicate: OnDuplicate, consultar: Consultar | None
) -> NewCustomer:
    """Make a new customer of what was typed, and look its RUC up if ``consultar`` is given.

    This may wait for another service: call it outside of transactions. An account that may ask no more today gets its
    customer without the registry's word, as when no provider answers.
    """
    clean = clean_customer(draft)
    lookup = None
    if consultar:
        with suppress(DailyLimitReached):
            lookup = await registry.look_up_customer(consultar, clean)
    return NewCustomer(clean=clean, on_duplicate=on_duplicate, lookup=lookup)


@dataclass(frozen=True, kw_only=True)
class PreparedCustomer:
    """The customer as it will stand, the account's customer that it duplicates, and all faults under its settings.

    ``is_changed`` is False where an existing customer stays as it is; ``new_persons`` are those that it gets, which
    had none. ``verification`` has the columns for a new customer, or for an existing one whose RUC, DV or type change.
    """

    settings: AccountSettings
    check: CustomerCheck
    existing: models.Customer | None
    is_changed: bool
    new_persons: tuple[AssociatedPerson, ...]
    verification: Mapping[str, Any]


async def prepare_customer(new: NewCustomer) -> PreparedCustomer:
    """Check a new customer, and decide by ``on_duplicate`` what an existing one becomes.

    The new customer's faults count even if an existing one is used instead: whether a request is valid
    must not depend on what is stored.
    """
    settings, known = await _settings_and_duplicates(new)
    check, confirmed_dv = await _complete_and_check(new, settings)
    existing = await find_duplicate(check.derived, check.faults, known.same_ruc, lock=new.fills_gaps)
    led_to = None if existing is None or has_identification(existing, check.derived) else existing
    existing = None if led_to else existing
    if new.on_duplicate is not OnDuplicate.FAIL and not check.faults and is_anybody(check.derived):
        existing = await find_anybody()
    owner = known.same_external_id
    if owner is not None:
        takes_its_place = new.locks and owner.status is CustomerStatus.ACTIVE and existing in (None, owner)
        existing = owner if takes_its_place else existing
        if not takes_its_place:
            check = check.with_faults(external_id_fault(owner))
    if led_to is not None and existing != led_to:
        # Not used in its place, whatever the request says: an invoice would have another RUC than the one asked for.
        check = check.with_faults(duplicate_fault(check.derived, led_to))
    is_changed = True
    new_persons: tuple[AssociatedPerson, ...] = ()
    if existing is not None and new.on_duplicate is OnDuplicate.FAIL:
        check = check.with_faults(duplicate_fault(check.derived, existing))
    elif existing is not None:
        stored = clean_customer(draft_of(existing, await persons_of(existing)))
        filled = _fill_in(stored, check.derived) if new.fills_gaps else stored
        is_changed = filled != stored
        if is_changed and not check.faults:
            # A field that the request's receiver type may have can be forbidden to the existing customer's.
            filled_check = await check_with_registry(filled, settings, verified_dv(existing) or confirmed_dv)
            check = replace(
                check, faults=tuple(replace(fault, related_id=existing.id) for fault in filled_check.faults)
            )
        check = replace(check, derived=filled)
        new_persons = () if stored.associated_persons else filled.associated_persons
    return PreparedCustomer(
        settings=settings,
        check=check,
        existing=existing,
        is_changed=is_changed,
        new_persons=new_persons,
        verification=registry.verification_columns(check.derived, new.lookup),
    )


class _Known(NamedTuple):
    """The account's customers that a new one may duplicate: active and merged ones with its RUC, None without a RUC."""

    same_ruc: Sequence[models.Customer] | None
    same_external_id: models.Customer | None


async def _settings_and_duplicates(new: NewCustomer) -> tuple[AccountSettings, _Known]:
    """The settings of the account, its customers with the new one's RUC, and the one with its external id."""
    number = new.clean.ruc.canonical if isinstance(new.clean.ruc, Ruc) else None
    external_id = _storable_id(new.clean)
    if external_id is None:
        if number is None:
            return await current_settings(), _Known(None, None)
        settings, same_ruc = await settings_and_customers(f"({_OF_RUC})", number, lock=new.fills_gaps)
        return settings, _Known(same_ruc, None)
    condition = f"({_OF_RUC} OR c.external_id = $3 OR c.id = ({_BY_EXTERNAL_ID}))"
    settings, found = await settings_and_customers(condition, number, external_id, lock=new.fills_gaps)
    of_ruc = [each for each in found if each.status in _HOLDERS and each.ruc == number]
    owner = next((each for each in found if each.external_id == external_id), None)
    if owner is not None and owner.merged_into_id is not None:
        owner = next((each for each in found if each.id == owner.merged_into_id), owner)
    return settings, _Known(None if number is None else of_ruc, owner)


_HOLDERS: Final = (CustomerStatus.ACTIVE, CustomerStatus.MERGED)
# Not ``IN``: each of the two has an index of its own.
_OF_RUC: Final = "c.status = 'ACTIVE' AND c.ruc = $2 OR c.status = 'MERGED' AND c.ruc = $2"
_BY_EXTERNAL_ID: Final = SURVIVOR_BY_EXTERNAL_ID.replace("$2", "$3")


def _storable_id(clean: CleanCustomer) -> str | None:
    """The external id, unless it is one that no customer has: it has a fault."""
    external_id = clean.external_id
    if external_id is None or text.check((), external_id, 0, EXTERNAL_ID_LONGEST):
        return None
    return external_id


async def _complete_and_check(new: NewCustomer, settings: AccountSettings) -> tuple[CustomerCheck, str | None]:
    """Complete the customer by the look-up and check it; returns the check, and the DV that the registry has for it."""
    completed, contradictions = registry.complete(new.clean, new.lookup)
    confirmed_dv = new.lookup.dv if new.lookup and new.lookup.status is Status.FOUND else None
    check = await check_with_database(completed, settings, confirmed_dv)
    contradicted = {fault.path for fault in contradictions}
    others = tuple(fault for fault in check.faults if fault.path not in contradicted)
    return replace(check, faults=()).with_faults(*contradictions, *others), confirmed_dv


async def check_with_database(
    clean: CleanCustomer, settings: AccountSettings, confirmed_dv: str | None = None
) -> CustomerCheck:
    """``check_with_registry``, and whether the DGI has the location."""
    check = await check_with_registry(clean, settings, confirmed_dv)
    unknown = FAULTS["customer_location_fkey"]
    code = check.derived.location_code
    if code is None or any(fault.path == unknown.path for fault in check.faults) or locations.exists(code):
        return check
    return check.with_faults(unknown)


async def check_with_registry(
    clean: CleanCustomer, settings: AccountSettings, confirmed_dv: str | None
) -> CustomerCheck:
    """``rules.customer_check`` under the account's settings, where the registry's DV counts more than the computed one.

    ``confirmed_dv`` is the registry's DV where it is known. A DV that
    the registry once confirmed, for any account, isn't a fault either.
    """
    electronic = settings.electronic_invoicing
    check = check_customer(clean, electronic=electronic, confirmed_dv=confirmed_dv)
    number, dv = check.derived.ruc, check.derived.dv
    is_mismatch = any(fault.code is Code.DV_MISMATCH for fault in check.faults)
    if confirmed_dv is None and is_mismatch and isinstance(number, Ruc) and dv:
        taxpayer_type = check.derived.taxpayer_type
        types = (taxpayer_type,) if taxpayer_type else number.readings
        confirmed = await registry.find_confirmed_type(number, dv, types)
        if confirmed is not None:
            return check_customer(replace(clean, taxpayer_type=confirmed), electronic=electronic, confirmed_dv=dv)
    return check


async def find_duplicate(
    clean: CleanCustomer,
    faults: Sequence[Fault] = (),
    same_ruc: Sequence[models.Customer] | None = None,
    *,
    lock: bool = False,
) -> models.Customer | None:
    """The account's active customer with the same RUC and type, or the same foreign document.

    If no active one has it, that of a merged one leads to its survivor (``has_identification`` tells them apart).
    ``same_ruc`` are those with the same RUC if they were read before. A RUC or document with a fault belongs to
    nobody, and may be text that the database doesn't take.
    """
    wrong = {fault.path[0] for fault in faults}
    document = clean.foreign_id
    if isinstance(clean.ruc, Ruc) and "ruc" not in wrong:
        if same_ruc is not None:
            return await _active_or_survivor([each for each in same_ruc if each.taxpayer_type is clean.taxpayer_type])
        sql, values = _SAME_RUC, [clean.ruc.canonical, clean.taxpayer_type]
    elif document and document.number and "foreignId" not in wrong:
        sql, values = _SAME_FOREIGN_ID, [document_key(document.number), document.country, document.type]
    else:
        return None
    # Not by Tortoise, which takes five times as long for the usual answer: there is none.
    locking = " FOR NO KEY UPDATE" if lock else ""
    _, rows = await get_connection("default").execute_query(sql + locking, [tenant.current_account(), *values])
    return await mine(models.Customer).get_or_none(id=rows[0]["id"]) if rows else None


async def _active_or_survivor(same: Sequence[models.Customer]) -> models.Customer | None:
    active = next((each for each in same if each.status is CustomerStatus.ACTIVE), None)
    survivors = [each.merged_into_id for each in same if each.merged_into_id]
    if active is not None or not survivors:
        return active
    return await mine(models.Customer, status=CustomerStatus.ACTIVE, id__in=survivors).order_by("id").first()


def has_identification(customer: models.Customer, clean: CleanCustomer) -> bool:
    """Whether the customer has the same RUC or document itself, and not only one that was merged into it."""
    if isinstance(clean.ruc, Ruc):
        return customer.ruc == clean.ruc.canonical
    number = clean.foreign_id.number if clean.foreign_id else None
    return bool(number and customer.foreign_id_number) and document_key(number or "") == document_key(
        customer.foreign_id_number or ""
    )


_ACTIVE: Final = "SELECT id FROM customer WHERE account_id = $1 AND status = 'ACTIVE'"


def _same(condition: str) -> str:
    """The active customer for which the condition is true or, if there is none, the survivor of a merged one."""
    return f"""
        {_ACTIVE} AND ({condition} OR id = ANY (ARRAY(
            SELECT merged_into FROM customer WHERE account_id = $1 AND status = 'MERGED' AND {condition})))
        ORDER BY ({condition}) IS TRUE DESC, id LIMIT 1
    """


_SAME_RUC: Final = _same("ruc = $2 AND taxpayer_type IS NOT DISTINCT FROM $3")
_SAME_FOREIGN_ID: Final = _same(
    "foreign_id_key = $2 AND foreign_id_country IS NOT DISTINCT FROM $3 AND foreign_id_type IS NOT DISTINCT FROM $4"
)


async def find_anybody() -> models.Customer | None:
    """The account's customer that stands for any final consumer, the oldest if there are several."""
    query, account = get_connection("default").execute_query, tenant.current_account()
    _, rows = await query(_ANYBODY, [account])
    if not rows:
        # Another request may be about to create it: the later one waits here and finds it.
        await query("SELECT FROM account WHERE id = $1 FOR NO KEY UPDATE", [account])
        _, rows = await query(_ANYBODY, [account])
    return await mine(models.Customer).get_or_none(id=rows[0]["id"]) if rows else None


_ANYBODY: Final = f"""
    {_ACTIVE} AND receiver_type = 'FINAL_CONSUMER' AND name_key = '{ANYBODY}' AND language = 'ES' AND num_nonnulls(
        taxpayer_type, ruc, dv, location_code, address, email, phone, mobile, external_id) = 0
        AND tags = '{{}}' AND metadata = '{{}}'
    ORDER BY created_at, id LIMIT 1
"""


def duplicate_fault(clean: CleanCustomer, existing: models.Customer) -> Fault:
    fault = FAULTS["customer_ruc_unique" if clean.ruc else "customer_foreign_id_unique"]
    message = fault.message if has_identification(existing, clean) else _OF_MERGED
    return replace(fault, message=message, related_id=existing.id)


_OF_MERGED: Final = Text(
    "Este RUC o documento es de un cliente que se unificó con otro. Usa ese otro, o deshaz la unificación.",
    "This RUC or document is that of a customer that was merged into another one. Use that one, or undo the merge.",
)


def external_id_fault(owner: models.Customer) -> Fault:
    fault = FAULTS["customer_external_id_unique"]
    message = OF_ARCHIVED if owner.status is CustomerStatus.ARCHIVED else fault.message
    return replace(fault, message=message, related_id=owner.id)


OF_ARCHIVED: Final = Text(
    "Un cliente archivado tiene este código de otro sistema. Restáuralo, o quítale el código.",
    "An archived customer has this external id. Restore it, or take the external id from it.",
)


async def find_external_id(clean: CleanCustomer) -> models.Customer | None:
    """The account's customer, active or not, with the external id of this one."""
    external_id = _storable_id(clean)
    return await mine(models.Customer, external_id=external_id).get_or_none() if external_id else None


def verified_dv(customer: models.Customer) -> str | None:
    """The DV of a customer that the registry has confirmed."""
    return customer.dv if customer.verification_status is VerificationStatus.VERIFIED else None


def _fill_in(stored: CleanCustomer, other: CleanCustomer) -> CleanCustomer:
    """``stored`` with the fields that it lacks, from ``other``."""
    lacking = [field.name for field in fields(CustomerRecord) if getattr(stored, field.name) in (None, ())]
    return replace(stored, **{name: getattr(other, name) for name in lacking})
