"""Lists of customers: their conditions and orders."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from tortoise.expressions import Q

from db import models, tenant
from projection import Order, Page
from projection.tortoise import Select
from resolvers.customer_rows import columns_of
from resolvers.paging import PageArguments, page_of, search_rows
from resolvers.scope import mine
from rules import contact, text
from rules.customer import FIELDS, Need
from rules.keys import email_key
from rules.vocabulary import CustomerStatus, ReceiverType

_ORDERS: Final[dict[str, tuple[str, Any]]] = {
    "NAME": ("name_key", str),
    "IDENTIFICATION": ("identification_key", str),
    "PHONE": ("phone_key", str),
    "CREATED_AT": ("created_at", datetime.fromisoformat),
    "UPDATED_AT": ("updated_at", datetime.fromisoformat),
}


def with_email(address: str) -> Q:
    """The customers with this e-mail address, whatever the case of its letters; none for a text that is no address."""
    normal = contact.email(text.clean(address) or "")
    return Q(email_key=email_key(normal)) if normal else Q(pk__in=[])


def survivors(external_ids: Sequence[str]) -> Q:
    """The customers that another system knows by these ids; of merged ones, those into which they were merged."""
    clean = [text.clean(id) or "" for id in external_ids]
    known = [id for id in clean if "\0" not in id]
    return Q(id__in=Select(_SURVIVORS, tenant.current_account(), known))


_SURVIVORS: Final = (
    "SELECT coalesce(m.merged_into, m.id) FROM customer m"
    " WHERE m.account_id = {0} AND m.external_id = ANY ({1}::text[])"
)


def incomplete() -> Q:
    """The customers that lack what electronic invoicing requires of them, by the rules of ``rules.customer``."""
    lacking = []
    for receiver_type, column in required_columns():
        nothing: dict[str, Any] = {f"{columns_of(column)[0]}__isnull": True}
        lacking.append(Q(receiver_type=receiver_type, **nothing))
    return Q(*lacking, join_type="OR")


def required_columns() -> Iterator[tuple[ReceiverType, str]]:
    """The columns, by their names in the database, that electronic invoicing requires of customers of each type."""
    for receiver_type in ReceiverType:
        needs = {field.attribute: field.need(receiver_type, None, True) for field in FIELDS}
        # The rules leave the DV optional because most are computed, but a customer with a RUC must have its DV.
        needs["dv"] = needs["ruc"]
        for attribute, need in needs.items():
            if need is Need.REQUIRED:
                yield receiver_type, "foreign_id_number" if attribute == "foreign_id" else attribute


def ordered_by(field: str, *, descending: bool) -> Order:
    column, parse = _ORDERS[field]
    return Order(f"CUSTOMER_{field}", column, descending, parse)


def list_page(search: str | None, filter: Q | None, order: Order | None, page: PageArguments) -> Page:
    """The account's customers; by default the active ones, by name."""
    rows = mine(models.Customer, Q(status=CustomerStatus.ACTIVE) if filter is None else filter)
    order = order or ordered_by("NAME", descending=False)
    return page_of(search_rows(rows, search), order, page, view="customer_search" if search else None)
