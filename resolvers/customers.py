"""Customers: finding and creating them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tortoise.connection import get_connection
from tortoise.expressions import Q
from uuid_utils.compat import uuid7

from db import models, tenant
from db.errors import FAULTS
from lookup.service import Consultar, Lookup, Status
from projection import One, Order, Page
from resolvers import locations, registry
from resolvers.account_settings import AccountSettings, current_settings
from resolvers.errors import BadUserInput
from resolvers.outbox import News, announce
from resolvers.paging import page as paged
from resolvers.paging import searched
from resolvers.scope import mine, uuid_of
from resolvers.transactions import Outcome, Request, atomically, once
from rules import customer as rules
from rules import ruc, text
from rules.customer import AssociatedPerson, CustomerData, ForeignId
from rules.faults import Code, Fault, Refusal, Text
from rules.vocabulary import (
    CustomerStatus,
    EventType,
    InvoiceStatus,
    OnDuplicate,
    ReceiverType,
    TaxpayerType,
    VerificationStatus,
)

_ORDERS: Final[dict[str, tuple[str, Any]]] = {
    "NAME": ("name_key", str),
    "IDENTIFICATION": ("identification_key", str),
    "PHONE": ("phone_key", str),
    "CREATED_AT": ("created_at", datetime.fromisoformat),
}


# Reading


def by_id(id: str) -> One:
    return One(mine(models.Customer, id=uuid_of(id)))


def by_ruc(number: str, taxpayer_type: TaxpayerType | None) -> One:
    """The active customer with this RUC, in whatever spelling; several need the taxpayer type."""
    try:
        canonical = ruc.parse(number).canonical
    except ruc.InvalidRuc as error:
        raise BadUserInput(f"This is no RUC: {number[: ruc.MAX_LENGTH]!r}.") from error
    rows = mine(models.Customer, ruc=canonical, status=CustomerStatus.ACTIVE)
    return One(rows.filter(taxpayer_type=taxpayer_type) if taxpayer_type else rows)


def looked_up(lookup: Lookup) -> One | None:
    """The active customer that a look-up is about."""
    if lookup.ruc is None:
        return None
    rows = mine(models.Customer, ruc=lookup.ruc, status=CustomerStatus.ACTIVE)
    if lookup.taxpayer_type:
        # A finca's customer may have no type.
        rows = rows.filter(Q(taxpayer_type=lookup.taxpayer_type) | Q(taxpayer_type__isnull=True))
    return One(rows.order_by("taxpayer_type", "id").limit(1))


def of_invoice(id: UUID) -> One:
    return One(mine(models.Customer, documents__id=id))


def incomplete() -> Q:
    """The customers that lack what electronic invoicing requires of them, by the table in ``rules.customer``."""
    elsewhere = {"foreign_id": "foreign_id_number", "location_code": "location_id"}
    lacking = []
    for receiver_type in ReceiverType:
        needs = {field.attribute: field.need(receiver_type, None, True) for field in rules.FIELDS}
        # The table leaves the DV out because most are computed, but whoever must have a RUC must have its DV.
        needs["dv"] = needs["ruc"]
        for attribute, need in needs.items():
            if need is rules.Need.REQUIRED:
                nothing: dict[str, Any] = {f"{elsewhere.get(attribute, attribute)}__isnull": True}
                lacking.append(Q(receiver_type=receiver_type, **nothing))
    return Q(*lacking, join_type="OR")


def ordered_by(field: str, *, descending: bool) -> Order:
    column, parse = _ORDERS[field]
    return Order(f"CUSTOMER_{field}", column, descending, parse)


def page(search: str | None, filter: Q | None, order: Order | None, **arguments: Any) -> Page:
    """The account's customers; the active ones, by name, unless something else is asked."""
    rows = mine(models.Customer, Q(status=CustomerStatus.ACTIVE) if filter is None else filter)
    order = order or ordered_by("NAME", descending=False)
    return paged(searched(rows, search), order, **arguments, view="customer_search" if search else None)


# Creating


async def create(
    data: CustomerData,
    on_duplicate: OnDuplicate,
    request: Request | None,
    consultar: Consultar,
    word: Lookup | None = None,
) -> Outcome:
    """Store the customer, or find the one that the account has; raises ``Refusal`` with all faults.

    ``word`` is what the registry says of it, if that was asked (``registry.asked``).
    """

    async def action() -> Outcome:
        settings = await current_settings()
        wanted = await settled(data, settings, on_duplicate, consultar, word)
        if wanted.faults:
            raise Refusal(*wanted.faults)
        customer, news = await stored(wanted, settings)
        await announce(*news)
        return Outcome(customer.id, wanted.existing is None)

    return await once(request, action, models.Customer)


@dataclass(frozen=True)
class Wanted:
    """A customer to be stored: its data, the account's customer that it duplicates, and what is wrong.

    ``verification`` is how it stands with the registry, unless the existing one keeps RUC, DV and type.
    """

    data: CustomerData
    existing: models.Customer | None
    faults: tuple[Fault, ...]
    verification: Mapping[str, Any]


async def settled(
    data: CustomerData,
    settings: AccountSettings,
    on_duplicate: OnDuplicate,
    consultar: Consultar,
    word: Lookup | None,
) -> Wanted:
    """The customer that will stand in the end, if there are no faults.

    Faults of the data count also where an existing customer is used in its place, so that a request
    is right or wrong by itself and not by what is stored.
    """
    completed, contradicted = registry.completed(data, word)
    confirmed_dv = word.dv if word and word.status is Status.FOUND else None
    clean, found = await checked(completed, settings, consultar, confirmed_dv)
    told = {fault.path for fault in contradicted}
    faults = (*contradicted, *[fault for fault in found if fault.path not in told])
    existing = await _duplicate(clean, faults, lock=on_duplicate is OnDuplicate.UPDATE_EMPTY)
    if existing is not None and on_duplicate is OnDuplicate.FAIL:
        faults = (*faults, _duplicate_fault(clean, existing))
    elif existing is not None:
        persons = tuple([person_of(row) for row in await existing.associated_persons.all()])
        kept = data_of(existing, persons)
        filled = _filled(kept, clean) if on_duplicate is OnDuplicate.UPDATE_EMPTY else kept
        if filled != kept and not faults:
            # What suits the receiver type of the data may not suit that of the customer.
            _, unfit = await ruled(filled, settings, consultar, verified_dv(existing) or confirmed_dv)
            faults = tuple([replace(fault, related_id=existing.id) for fault in unfit])
        clean = filled
    return Wanted(clean, existing, faults, registry.verification(clean, word, asks=consultar.asks))


async def checked(
    data: CustomerData, settings: AccountSettings, consultar: Consultar, confirmed_dv: str | None = None
) -> tuple[CustomerData, tuple[Fault, ...]]:
    """The customer as it would be stored, and all that is wrong with it but a duplicate.

    ``confirmed_dv`` is the DV by the registry, where that is known; a DV is no fault either if the
    registry confirmed it some time ago, to whomever.
    """
    clean, faults = await ruled(data, settings, consultar, confirmed_dv)
    unknown = FAULTS["customer_location_fkey"]
    code = clean.location_code
    if code is not None and all(fault.path != unknown.path for fault in faults) and not await locations.exists(code):
        faults += (unknown,)
    return clean, faults


async def ruled(
    data: CustomerData, settings: AccountSettings, consultar: Consultar, confirmed_dv: str | None
) -> tuple[CustomerData, tuple[Fault, ...]]:
    """``rules.check``, with the registry's DV before the computed one."""
    electronic = settings.electronic_invoicing
    clean, faults = rules.check(data, electronic=electronic, confirmed_dv=confirmed_dv)
    if confirmed_dv is None and any(fault.code is Code.DV_MISMATCH for fault in faults):
        number, dv = ruc.parse(clean.ruc or ""), clean.dv or ""
        for taxpayer_type in (clean.taxpayer_type,) if clean.taxpayer_type else number.readings:
            if await consultar.confirms(number, dv, taxpayer_type):
                return rules.check(replace(data, taxpayer_type=taxpayer_type), electronic=electronic, confirmed_dv=dv)
    return clean, faults


async def _duplicate(data: CustomerData, faults: tuple[Fault, ...], *, lock: bool) -> models.Customer | None:
    """The account's active customer with the same RUC and type, or the same foreign document.

    A RUC or document that is at fault is nobody's, and may be text that the database doesn't take.
    """
    wrong = {fault.path[0] for fault in faults}
    if data.ruc and "ruc" not in wrong:
        sql, values = _SAME_RUC, [data.ruc, data.taxpayer_type]
    elif data.foreign_id and data.foreign_id.number and "foreignId" not in wrong:
        sql, values = _SAME_FOREIGN_ID, [data.foreign_id.number, data.foreign_id.country, data.foreign_id.type]
    else:
        return None
    # Not by Tortoise, which takes five times as long for the answer that it nearly always is: nobody.
    locking = " FOR NO KEY UPDATE" if lock else ""
    _, rows = await get_connection("default").execute_query(sql + locking, [tenant.current_account(), *values])
    return await mine(models.Customer).get_or_none(id=rows[0]["id"]) if rows else None


_ACTIVE = "SELECT id FROM customer WHERE account_id = $1 AND status = 'ACTIVE'"
_SAME_RUC = f"{_ACTIVE} AND ruc = $2 AND taxpayer_type IS NOT DISTINCT FROM $3"
_SAME_FOREIGN_ID = (
    f"{_ACTIVE} AND foreign_id_number = $2 AND foreign_id_country IS NOT DISTINCT FROM $3"
    " AND foreign_id_type IS NOT DISTINCT FROM $4"
)


def _duplicate_fault(data: CustomerData, existing: models.Customer) -> Fault:
    name = "customer_ruc_unique" if data.ruc else "customer_foreign_id_unique"
    return replace(FAULTS[name], related_id=existing.id)


def _filled(kept: CustomerData, data: CustomerData) -> CustomerData:
    """``kept`` with the fields that it lacks, from ``data``."""
    lacking = [field.name for field in fields(CustomerData) if getattr(kept, field.name) in (None, ())]
    return replace(kept, **{name: getattr(data, name) for name in lacking})


async def stored(wanted: Wanted, settings: AccountSettings) -> tuple[models.Customer, list[News]]:
    """The customer of a faultless ``wanted``: made, or the existing one, brought to what is wanted.

    What there is to announce of it is for the caller to do, with what else is.
    """
    if wanted.existing is None:
        customer = models.Customer(id=uuid7(), account_id=settings.id, **columns(wanted.data), **wanted.verification)
        await customer.save(force_create=True)
        await _store_persons(customer, wanted.data.associated_persons)
        return customer, [(EventType.CUSTOMER_CREATED, customer)]
    customer = wanted.existing
    persons = await customer.associated_persons.all()
    if wanted.data == data_of(customer, tuple([person_of(row) for row in persons])):
        return customer, []
    await _change(customer, wanted.verification, **columns(wanted.data))
    if not persons:
        await _store_persons(customer, wanted.data.associated_persons)
    return customer, [(EventType.CUSTOMER_UPDATED, customer)]


# Changing


async def update(id: str, changes: Mapping[str, Any], version: int | None, consultar: Consultar) -> UUID:
    """Set the given fields of ``CustomerData``; raises ``Refusal`` with all faults.

    The DV and the registry's word belong to RUC and taxpayer type: when these change, the DV is
    settled anew unless it is given, too, and the verification begins again.
    """

    async def action() -> UUID:
        settings = await current_settings()
        customer = await _locked(id, version)
        persons = tuple([person_of(row) for row in await customer.associated_persons.all()])
        before = data_of(customer, persons)
        after = replace(before, **changes)
        proven = verified_dv(customer)
        if changes.keys() & {"ruc", "taxpayer_type"} and "dv" not in changes:
            after = replace(after, dv=_dv_left(before, after, proven))
        same = all(getattr(after, name) == getattr(before, name) for name in _IDENTITY)
        clean, faults = await checked(after, settings, consultar, proven if same else None)
        if customer.status is CustomerStatus.ACTIVE:
            other = await _duplicate(clean, faults, lock=False)
            if other and other.id != customer.id:
                faults += (_duplicate_fault(clean, other),)
        if faults:
            raise Refusal(*faults).under("input")
        if clean != before:
            await _change(customer, registry.verification(clean, None, asks=consultar.asks), **columns(clean))
            await mine(models.Document, customer_id=customer.id, status=InvoiceStatus.DRAFT).update(
                search=receiver_search(customer)
            )
            await announce((EventType.CUSTOMER_UPDATED, customer))
        if clean.associated_persons != persons:
            await customer.associated_persons.all().delete()
            await _store_persons(customer, clean.associated_persons)
        return customer.id

    return await atomically(action)


def verified_dv(customer: models.Customer) -> str | None:
    """The DV of a customer whom the registry has confirmed."""
    return customer.dv if customer.verification_status is VerificationStatus.VERIFIED else None


def _dv_left(before: CustomerData, after: CustomerData, proven: str | None) -> str | None:
    """The DV that stays where RUC or type are given without one, and are the same.

    It does if nobody can compute it, or if the registry has confirmed it.
    """
    settled, _ = rules.check(replace(after, dv=None), electronic=False, confirmed_dv=proven)
    stays = (settled.ruc, settled.taxpayer_type) == (before.ruc, before.taxpayer_type)
    return before.dv if stays and settled.dv in (None, proven) else None


async def archive(id: str) -> UUID:
    """Take the customer out of use; one that is archived stays so. Raises ``Refusal``."""
    return await _set_status(id, CustomerStatus.ARCHIVED)


async def restore(id: str) -> UUID:
    """Put an archived customer to use again, unless its RUC is taken meanwhile. Raises ``Refusal``."""
    return await _set_status(id, CustomerStatus.ACTIVE)


async def _set_status(id: str, status: CustomerStatus) -> UUID:
    async def action() -> UUID:
        customer = await _locked(id, None)
        if customer.status is status:
            return customer.id
        if status is CustomerStatus.ACTIVE:
            data = data_of(customer)
            other = await _duplicate(data, (), lock=False)
            if other is not None:
                raise Refusal(replace(_duplicate_fault(data, other), path=("id",)))
        await _change(customer, {}, status=status)
        archived = status is CustomerStatus.ARCHIVED
        await announce((EventType.CUSTOMER_ARCHIVED if archived else EventType.CUSTOMER_RESTORED, customer))
        return customer.id

    return await atomically(action)


async def _locked(id: str, version: int | None) -> models.Customer:
    customer = await mine(models.Customer).select_for_update(no_key=True).get_or_none(id=uuid_of(id))
    if customer is None:
        raise Refusal(replace(FAULTS["document_customer_fkey"], path=("id",)))
    if version is not None and version != customer.version:
        raise Refusal(conflict(customer.version))
    return customer


def conflict(version: int) -> Fault:
    """What a caller is told who changes a version that is no longer the last one."""
    message = Text(
        "Otra persona lo cambió mientras tanto. Vuelve a leerlo y repite tu cambio.",
        "It was changed meanwhile. Read it again and repeat your change.",
    )
    return Fault(("version",), Code.CONFLICT, message, expected=(str(version),))


# What the registry's word is about.
_IDENTITY: Final = ("ruc", "dv", "taxpayer_type")


async def _change(customer: models.Customer, verification: Mapping[str, Any], **values: Any) -> None:
    """Set the columns, and the verification where it begins anew: also for a name that may have been the mismatch."""
    is_mismatch = customer.verification_status is VerificationStatus.MISMATCH
    judged = (*_IDENTITY, "name") if is_mismatch else _IDENTITY
    if any(name in values and values[name] != getattr(customer, name) for name in judged):
        values |= verification
    customer.update_from_dict({**values, "version": customer.version + 1})
    await customer.save()


async def _store_persons(customer: models.Customer, persons: tuple[AssociatedPerson, ...]) -> None:
    rows = [
        models.AssociatedPerson(
            id=uuid7(),
            account_id=customer.account_id,
            customer_id=customer.id,
            position=position,
            name=person.name,
            email=person.email,
            phone=person.phone,
            notify=person.notify,
        )
        for position, person in enumerate(persons, 1)
    ]
    if rows:
        await models.AssociatedPerson.bulk_create(rows)


# Between rows and rules


def columns(data: CustomerData) -> dict[str, Any]:
    """The columns of a checked customer, with what it is ordered and searched by."""
    foreign_id = data.foreign_id or ForeignId()
    identification = rules.identification(data)
    return {
        "receiver_type": data.receiver_type,
        "taxpayer_type": data.taxpayer_type,
        "ruc": data.ruc,
        "dv": data.dv,
        "foreign_id_type": foreign_id.type,
        "foreign_id_number": foreign_id.number,
        "foreign_id_country": foreign_id.country,
        "name": data.name,
        "location_id": data.location_code,
        "address": data.address,
        "email": data.email,
        "phone": data.phone,
        "mobile": data.mobile,
        "identification": identification,
        "name_key": text.sort_key(data.name or ""),
        "identification_key": text.sort_key(identification),
        "phone_key": text.digits(data.phone or data.mobile or ""),
        "search": text.search_column(data.name or "", data.ruc, foreign_id.number, data.phone, data.mobile),
    }


def receiver_search(customer: models.Customer) -> str:
    """What an invoice is found by of its customer."""
    return text.search_column(customer.name, customer.ruc, customer.foreign_id_number)


def data_of(customer: models.Customer, persons: tuple[AssociatedPerson, ...] = ()) -> CustomerData:
    """The customer of a row; the associated persons are rows of their own."""
    foreign_id = None
    if customer.foreign_id_number:
        foreign_id = ForeignId(
            type=customer.foreign_id_type, number=customer.foreign_id_number, country=customer.foreign_id_country
        )
    return CustomerData(
        receiver_type=customer.receiver_type,
        taxpayer_type=customer.taxpayer_type,
        ruc=customer.ruc,
        dv=customer.dv,
        foreign_id=foreign_id,
        name=customer.name,
        location_code=customer.location_id,
        address=customer.address,
        email=customer.email,
        phone=customer.phone,
        mobile=customer.mobile,
        associated_persons=persons,
    )


def person_of(row: models.AssociatedPerson) -> AssociatedPerson:
    return AssociatedPerson(name=row.name, email=row.email, phone=row.phone, notify=row.notify)
