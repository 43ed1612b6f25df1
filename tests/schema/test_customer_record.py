"""A customer's field is written down once: whatever else must have it is missed by name."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext

from db import models
from resolvers.customer_rows import columns_of
from rules.customer import FIELDS, CustomerRecord, Field
from rules.customer_form import form
from rules.faults import Text
from rules.vocabulary import ReceiverType
from schema import schema

# Fields that the API or the database calls by another name.
API_NAMES = {"locationCode": "location"}
DATABASE_NAMES = {"location_id": "location_code"}


@dataclass(frozen=True)
class Database:
    """The columns of tables and views, and those of customers that the audit trail records."""

    columns: dict[str, set[str]]
    audited: set[str]


@pytest.fixture
async def database(service: TortoiseContext) -> Database:
    connection = get_connection("default")
    columns = await connection.execute_query_dict(
        """
        SELECT relname, array_agg(attname::text) AS names FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
        WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped GROUP BY relname
        """
    )
    [trigger] = await connection.execute_query_dict(
        "SELECT pg_get_triggerdef(oid) AS text FROM pg_trigger"
        " WHERE tgrelid = 'customer'::regclass AND tgname = 'audit_updated'"
    )
    audited = re.search("UPDATE OF (.*) ON ", trigger["text"])
    assert audited
    return Database({row["relname"]: set(row["names"]) for row in columns}, set(audited[1].split(", ")))


def missing(field: Field, database: Database) -> Iterator[str]:
    """Each place that lacks the field, and what it lacks."""
    columns = [(column, DATABASE_NAMES.get(column, column)) for column in columns_of(field.attribute)]
    for attribute, column in columns:
        if attribute not in model_attributes(models.Customer):
            yield f"db/models/customer.py: Customer has no {attribute}"
        if column not in database.columns["customer"]:
            yield f"db/schema/customer.sql: the table customer has no {column}"
        if column not in database.columns["customer_search"]:
            yield f"db/schema/customer.sql: the view customer_search has no {column}"
        if column not in database.audited:
            yield f"db/schema/customer.sql: the audit trail doesn't record {column}"
    for type_ in ("CustomerInput", "CustomerPatch"):
        if field.name not in api_fields(type_):
            yield f"schema/inputs/customer.py: {type_} has no {field.name}"
    if API_NAMES.get(field.name, field.name) not in api_fields("Customer"):
        yield f"schema/types/customer.py: Customer has no {field.name}"
    if field.frozen:
        yield from missing_on_invoices(field, columns, database)


def missing_on_invoices(field: Field, columns: list[tuple[str, str]], database: Database) -> Iterator[str]:
    """The same for the copy that an issued invoice keeps; with ``frozen=False`` it keeps none."""
    for attribute, column in columns:
        if f"receiver_{attribute}" not in model_attributes(models.Document):
            yield f"db/models/document.py: Document has no receiver_{attribute}"
        for relation in ("document", "document_search"):
            if f"receiver_{column}" not in database.columns[relation]:
                yield f"db/schema/document.sql: {relation} has no receiver_{column}"
    if API_NAMES.get(field.name, field.name) not in api_fields("Receiver"):
        yield f"schema/types/invoice.py: Receiver has no {field.name}"


def model_attributes(model: type[models.Customer | models.Document]) -> Collection[str]:
    return list(model._meta.fields_map)


def api_fields(name: str) -> Collection[str]:
    type_ = schema._schema.type_map[name]
    assert isinstance(type_, GraphQLObjectType | GraphQLInputObjectType)
    return list(type_.fields)


def test_every_field_of_the_record_says_who_must_have_it() -> None:
    ruled = {"receiver_type", *(field.attribute for field in FIELDS)}
    assert [field.name for field in fields(CustomerRecord) if field.name not in ruled] == [], (
        "rules/customer.py: declare these by rule(...), with their label"
    )


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_every_field_has_its_place_in_the_form(field: Field) -> None:
    shown = {each.name: each.label for each in form(ReceiverType.TAXPAYER, None, electronic=False)}
    assert shown[field.name] == field.label
    assert all(field.label), "rules/customer.py: the label in both languages"


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
async def test_every_field_is_wherever_it_must_be(field: Field, database: Database) -> None:
    lacking = list(missing(field, database))
    assert not lacking, "\n".join(["CONTRIBUTING.md has the recipe for a customer field", *lacking])


def test_a_forgotten_place_is_named() -> None:
    empty = Database({name: set() for name in ("customer", "customer_search", "document", "document_search")}, set())
    website = Field(attribute="web_site", needs=FIELDS[0].needs, label=Text("Sitio web", "Website"))

    assert list(missing(website, empty)) == [
        "db/models/customer.py: Customer has no web_site",
        "db/schema/customer.sql: the table customer has no web_site",
        "db/schema/customer.sql: the view customer_search has no web_site",
        "db/schema/customer.sql: the audit trail doesn't record web_site",
        "schema/inputs/customer.py: CustomerInput has no webSite",
        "schema/inputs/customer.py: CustomerPatch has no webSite",
        "schema/types/customer.py: Customer has no webSite",
        "db/models/document.py: Document has no receiver_web_site",
        "db/schema/document.sql: document has no receiver_web_site",
        "db/schema/document.sql: document_search has no receiver_web_site",
        "schema/types/invoice.py: Receiver has no webSite",
    ]
