"""Customers: finding and creating them."""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tortoise.expressions import Q
from uuid_utils.compat import uuid7

from db import account, models
from db.errors import FAULTS
from projection import One, Order, Page
from resolvers.errors import BadUserInput
from resolvers.paging import page as paged
from resolvers.paging import searched
from resolvers.scope import mine, uuid_of
from resolvers.transactions import Outcome, Request, once
from rules import customer as rules
from rules import ruc, text
from rules.customer import AssociatedPerson, CustomerData, ForeignId
from rules.faults import Fault, Refusal
from rules.vocabulary import CustomerStatus, OnDuplicate, TaxpayerType

_ORDERS: Final[dict[str, tuple[str, Any]]] = {
    "NAME": ("name_key", str),
    "IDENTIFICATION": ("identification_key", str),
    "PHONE": ("phone_key", str),
    "CREATED_AT": ("created_at", datetime.fromisoformat),
}


# Reading


def by_id(id: str) -> One:
    return One(mine(models.Customer).filter(id=uuid_of(id)))


def by_ruc(number: str, taxpayer_type: TaxpayerType | None) -> One:
    """The active customer with this RUC, in whatever spelling; several need the taxpayer type."""
    try:
        canonical = ruc.parse(number).canonical
    except ruc.InvalidRuc as error:
        raise BadUserInput(f"This is no RUC: {number[: ruc.MAX_LENGTH]!r}.") from error
    rows = mine(models.Customer).filter(ruc=canonical, status=CustomerStatus.ACTIVE)
    return One(rows.filter(taxpayer_type=taxpayer_type) if taxpayer_type else rows)


def of_invoice(id: UUID) -> One:
    return One(mine(models.Customer).filter(invoices__id=id))


def ordered_by(field: str, *, descending: bool) -> Order:
    column, parse = _ORDERS[field]
    return Order(field, column, descending, parse)


def page(search: str | None, filter: Q | None, order: Order | None, **arguments: Any) -> Page:
    """The account's customers; the active ones, by name, unless something else is asked."""
    rows = mine(models.Customer).filter(Q(status=CustomerStatus.ACTIVE) if filter is None else filter)
    order = order or ordered_by("NAME", descending=False)
    return paged(searched(rows, search), order, **arguments, view="customer_search" if search else None)


# Creating


async def create(data: CustomerData, on_duplicate: OnDuplicate, request: Request | None) -> Outcome:
    """Store the customer, or find the one that the account has; raises ``Refusal`` with all faults."""

    async def action() -> Outcome:
        settings = await models.Account.get(id=account.current())
        wanted = await settled(data, settings, on_duplicate)
        if wanted.faults:
            raise Refusal(*wanted.faults)
        customer = await stored(wanted, settings)
        return Outcome(customer.id, wanted.existing is None)

    return await once(request, action)


@dataclass(frozen=True)
class Wanted:
    """A customer to be stored: its data, the account's customer that it duplicates, and what is wrong."""

    data: CustomerData
    existing: models.Customer | None
    faults: tuple[Fault, ...]


async def settled(data: CustomerData, settings: models.Account, on_duplicate: OnDuplicate) -> Wanted:
    """The customer that will stand in the end, if there are no faults.

    Faults of the data count also where an existing customer is used in its place, so that a request
    is right or wrong by itself and not by what is stored.
    """
    clean, faults = await checked(data, settings)
    existing = await _duplicate(clean, lock=on_duplicate is OnDuplicate.UPDATE_EMPTY)
    if existing is None:
        return Wanted(clean, None, faults)
    if on_duplicate is OnDuplicate.FAIL:
        name = "customer_ruc_unique" if clean.ruc else "customer_foreign_id_unique"
        return Wanted(clean, existing, (*faults, replace(FAULTS[name], related_id=existing.id)))
    persons = tuple([person_of(row) for row in await existing.associated_persons.all()])
    kept = data_of(existing, persons)
    return Wanted(_filled(kept, clean) if on_duplicate is OnDuplicate.UPDATE_EMPTY else kept, existing, faults)


async def checked(data: CustomerData, settings: models.Account) -> tuple[CustomerData, tuple[Fault, ...]]:
    """The customer as it would be stored, and all that is wrong with it but a duplicate."""
    clean, faults = rules.check(data, electronic=settings.electronic_invoicing)
    unknown = FAULTS["customer_location_fkey"]
    doubted = clean.location_code is not None and all(fault.path != unknown.path for fault in faults)
    if doubted and not await models.Location.exists(code=clean.location_code):
        faults += (unknown,)
    return clean, faults


async def _duplicate(data: CustomerData, *, lock: bool) -> models.Customer | None:
    """The account's active customer with the same RUC and type, or the same foreign document."""
    rows = mine(models.Customer).filter(status=CustomerStatus.ACTIVE)
    if lock:
        rows = rows.select_for_update()
    if data.ruc:
        return await rows.get_or_none(ruc=data.ruc, taxpayer_type=data.taxpayer_type)
    if data.foreign_id and data.foreign_id.number:
        return await rows.get_or_none(
            foreign_id_number=data.foreign_id.number,
            foreign_id_country=data.foreign_id.country,
            foreign_id_type=data.foreign_id.type,
        )
    return None


def _filled(kept: CustomerData, data: CustomerData) -> CustomerData:
    """``kept`` with the fields that it lacks, from ``data``."""
    lacking = [field.name for field in fields(CustomerData) if getattr(kept, field.name) in (None, ())]
    return replace(kept, **{name: getattr(data, name) for name in lacking})


async def stored(wanted: Wanted, settings: models.Account) -> models.Customer:
    """The customer of a faultless ``wanted``: made, or the existing one, brought to what is wanted."""
    if wanted.existing is None:
        customer = models.Customer(id=uuid7(), account_id=settings.id, **columns(wanted.data))
        await customer.save(force_create=True)
        await _store_persons(customer, wanted.data.associated_persons)
        return customer
    customer = wanted.existing
    persons = await customer.associated_persons.all()
    if wanted.data != data_of(customer, tuple([person_of(row) for row in persons])):
        customer.update_from_dict({**columns(wanted.data), "version": customer.version + 1})
        await customer.save()
        if not persons:
            await _store_persons(customer, wanted.data.associated_persons)
    return customer


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
