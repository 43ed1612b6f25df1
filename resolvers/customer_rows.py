"""Between a customer's record and the rows of the database, field by field."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final

from tortoise.queryset import QuerySet
from uuid_utils.compat import uuid7

from db import models
from db.write_statement import WriteStatement
from resolvers.scope import mine
from rules import keys
from rules.customer import FIELDS, AssociatedPerson, CustomerDraft, CustomerRecord, ForeignId
from rules.references import read_metadata, write_metadata

# The columns of the fields that aren't one column with the same value under the same name.
_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "foreign_id": ("foreign_id_type", "foreign_id_number", "foreign_id_country"),
    "location_code": ("location_id",),
    "associated_persons": (),  # rows of their own
    "tags": ("tags",),
    "metadata": ("metadata",),
}
_PLAIN: Final = tuple(field.name for field in fields(CustomerRecord) if field.name not in _COLUMNS)
_PERSON: Final = tuple(field.name for field in fields(AssociatedPerson))


def columns_of(attribute: str) -> tuple[str, ...]:
    """The attributes of ``models.Customer`` that hold a field of the record."""
    return _COLUMNS.get(attribute, (attribute,))


# Columns of a customer that an issued invoice keeps under the same names behind ``receiver_``.
FROZEN_COLUMNS: Final = (
    *(column for field in FIELDS if field.frozen for column in columns_of(field.attribute)),
    "identification",
)


def customer_columns(customer: CustomerRecord[Any]) -> dict[str, Any]:
    """The columns of a checked customer, with those that it is ordered and searched by."""
    draft = customer.as_draft()
    foreign_id = draft.foreign_id or ForeignId()
    plain = {name: getattr(draft, name) for name in _PLAIN}
    return {
        **plain,
        "foreign_id_type": foreign_id.type,
        "foreign_id_number": foreign_id.number,
        "foreign_id_country": foreign_id.country,
        "location_id": draft.location_code,
        **tag_columns(draft.tags),
        "metadata": write_metadata(draft.metadata),
        "identification": draft.identification,
        "foreign_id_key": keys.document_key(foreign_id.number) if foreign_id.number else None,
        **keys.customer_keys(
            name=draft.name or "",
            ruc_canonical=draft.ruc,
            foreign_id_number=foreign_id.number,
            identification=draft.identification,
            email=draft.email,
            phone=draft.phone,
            mobile=draft.mobile,
            person_emails=[person.email for person in draft.associated_persons],
        ),
    }


def tag_columns(tags: Sequence[str]) -> dict[str, list[str]]:
    """The columns of a record's tags."""
    return {"tags": list(tags), "tag_keys": [keys.tag_key(tag) for tag in tags]}


def receiver_search(customer: models.Customer) -> str:
    """The part of an invoice's search column that comes from its customer."""
    return keys.search_column(customer.name, customer.ruc, customer.foreign_id_number)


def draft_of(row: models.Customer, persons: Sequence[models.AssociatedPerson] = ()) -> CustomerDraft:
    """The customer of a row; its associated persons are rows of their own."""
    plain = {name: getattr(row, name) for name in _PLAIN}
    foreign_id = None
    if row.foreign_id_number:
        foreign_id = ForeignId(type=row.foreign_id_type, number=row.foreign_id_number, country=row.foreign_id_country)
    return CustomerDraft(
        **plain,
        foreign_id=foreign_id,
        location_code=row.location_id,
        tags=tuple(row.tags),
        metadata=read_metadata(row.metadata),
        associated_persons=tuple(_person_of(person) for person in persons),
    )


def persons_of(customer: models.Customer) -> QuerySet[models.AssociatedPerson]:
    """The rows of its associated persons."""
    return mine(models.AssociatedPerson, customer_id=customer.id)


def _person_of(row: models.AssociatedPerson) -> AssociatedPerson:
    return AssociatedPerson(**{name: getattr(row, name) for name in _PERSON})


def add_persons(statement: WriteStatement, customer: models.Customer, persons: Sequence[AssociatedPerson]) -> None:
    """Let the statement insert the associated persons of a customer that has none."""
    if persons:
        columns = {name: [getattr(person, name) for person in persons] for name in _PERSON}
        places = {"id": [uuid7() for _ in persons], "position": range(1, len(persons) + 1)}
        statement.insert_rows(models.AssociatedPerson, {"customer_id": customer.id}, {**places, **columns})
