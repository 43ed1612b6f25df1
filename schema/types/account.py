"""The account and its API keys."""

from datetime import datetime
from typing import Final

import strawberry

import projection
from db import models
from projection import One, rows, sql
from rules.vocabulary import (
    BranchType,
    DocumentType,
    Environment,
    Language,
    PaymentMethod,
    SaleType,
    Scope,
    TaxpayerType,
)
from schema.types.location import Location


@projection.table(models.Branch)
@strawberry.type(
    description=(
        "Sucursal: an establishment of the account. What it lacks of address, phones and e-mail is the account's on "
        "its invoices."
    )
)
class Branch:
    code: str = strawberry.field(description='Four digits or capital letters; the head office is "0000".')
    name: str | None = strawberry.field(description="Name of the branch; null for none.")
    address: str | None = strawberry.field(description="Street, building, number; null for the account's.")
    location: Location | None = strawberry.field(description="Corregimiento, district and province; null for none.")
    phone: str | None = strawberry.field(description="Phone number in E.164; null for none.")
    mobile: str | None = strawberry.field(description="Mobile phone number in E.164; null for none.")
    email: str | None = strawberry.field(description="E-mail address; null for the account's.")
    type: BranchType | None = strawberry.field(description="Tipo de sucursal; null where it was not said.")
    version: int = strawberry.field(
        description="A number that goes up by one with each change; see `updateBranch(version:)`."
    )


@projection.table(models.PacSetting)
@strawberry.type(description="The provider (PAC) through which the account's electronic invoices go to the DGI.")
class PacSetting:
    provider: str = strawberry.field(description='Its name, such as "hka-soap" or "sandbox".')
    environment: Environment = strawberry.field(description="Whether the invoices have fiscal value.")
    updated_at: datetime = strawberry.field(description="When the credentials were last set.")
    version: int = strawberry.field(
        description="A number that goes up by one with each change; see `setPacCredentials(version:)`."
    )


@strawberry.type(description="The numbers that a billing point gives to documents of a type.")
class Sequence:
    document_type: DocumentType = strawberry.field(description="The type of documents.")
    last_number: str | None = strawberry.field(
        description="Number of its last document of this type, 10 digits; null before the first."
    )
    next_number: str | None = strawberry.field(
        description="Number of its next document of this type, 10 digits; null when all are used."
    )


_TYPES: Final = ", ".join(f"'{type_}'" for type_ in DocumentType)
_SEQUENCES: Final = f"""
    SELECT t.type AS document_type,
        CASE WHEN s.last_number >= s.first_number THEN lpad(s.last_number::text, 10, '0') END AS last_number,
        CASE WHEN n.number < 10000000000 THEN lpad(n.number::text, 10, '0') END AS next_number
    FROM unnest(ARRAY[{_TYPES}]) WITH ORDINALITY t(type, place)
        LEFT JOIN sequence s ON s.account_id = {{tenant}} AND s.branch = {{row}}.branch
            AND s.billing_point = {{row}}.code AND s.type = t.type,
        LATERAL (SELECT coalesce(s.last_number, 0) + 1 AS number) n
    ORDER BY t.place
"""


@projection.table(models.BillingPoint)
@strawberry.type(description="Punto de facturación: a series of invoice numbers without gaps.")
class BillingPoint:
    branch: str = strawberry.field(description="Code of its branch.")
    code: str = strawberry.field(description='Three digits, such as "001", once in each branch.')
    name: str | None = strawberry.field(description="Name of the billing point; null for none.")
    last_number: str | None = sql(
        "(SELECT lpad(s.last_number::text, 10, '0') FROM sequence s WHERE s.account_id = {tenant}"
        " AND s.branch = {row}.branch AND s.billing_point = {row}.code AND s.type = 'INVOICE'"
        " AND s.last_number >= s.first_number)",
        description="Number of its last invoice, 10 digits; null before the first.",
    )
    next_number: str | None = sql(
        "(SELECT CASE WHEN n < 10000000000 THEN lpad(n::text, 10, '0') END FROM (SELECT coalesce(("
        "SELECT s.last_number FROM sequence s WHERE s.account_id = {tenant} AND s.branch = {row}.branch"
        " AND s.billing_point = {row}.code AND s.type = 'INVOICE'), 0) + 1 AS n) next)",
        description="Number of its next invoice, 10 digits; null when all are used.",
    )
    sequences: list[Sequence] = rows(_SEQUENCES, description="Its numbers by type of document, of all types.")
    version: int = strawberry.field(
        description="A number that goes up by one with each change; see `updateBillingPoint(version:)`."
    )


@strawberry.type(description="The account's own words in the mails with its documents, in a language.")
class MailText:
    language: Language = strawberry.field(description="Language of the mails.")
    subject: str | None = strawberry.field(description="Subject; null for that of the service.")
    greeting: str | None = strawberry.field(description="What the mail begins with; null for the service's own words.")


_MAIL_TEXTS: Final = """
    SELECT t.language, t.subject, t.greeting
    FROM jsonb_to_recordset({row}.mail_texts) AS t(language text, subject text, greeting text) ORDER BY t.language
"""


@projection.table(models.Account)
@strawberry.type(description="A business that invoices.")
class Account:
    id: strawberry.ID = strawberry.field(description="The account's id.")
    name: str = strawberry.field(description="Name of the business.")
    legal_name: str | None = strawberry.field(
        description="Razón social as the DGI has it, which stands on invoices; null where it is the name."
    )
    ruc: str | None = strawberry.field(
        description="RUC of the business in its canonical spelling; null until it is set."
    )
    dv: str | None = strawberry.field(
        description="The RUC's check digit (dígito verificador), two digits; null without a RUC."
    )
    taxpayer_type: TaxpayerType | None = strawberry.field(
        description="Tipo de contribuyente, as RUC and DV prove it or as it was said; null where it is not known."
    )
    electronic_invoicing: bool = strawberry.field(
        description="Whether the business issues electronic invoices, which require more data of its customers."
    )
    address: str | None = strawberry.field(description="Street, building, number; null for none.")
    phone: str | None = strawberry.field(description='Phone number in E.164, such as "+50766778899"; null for none.')
    mobile: str | None = strawberry.field(description="Mobile phone number in E.164; null for none.")
    email: str | None = strawberry.field(
        description="The e-mail address to which customers reply to the mails with invoices; null for none."
    )
    terms: str | None = strawberry.field(
        description="What stands below every invoice, such as how to pay, bank accounts and conditions; null for none."
    )
    payment_term_days: int | None = strawberry.field(
        description=(
            "Plazo de pago: how many days customers have to pay that have no term of their own, 0 being cash "
            "(contado); null for none."
        )
    )
    payment_method: PaymentMethod = strawberry.field(
        description="Forma de pago of electronic invoices that are paid at once and don't say how."
    )
    sale_type: SaleType = strawberry.field(description="Tipo de venta of the account's electronic invoices.")
    paper_color: str | None = strawberry.field(description="Colour of papers; null for the usual one.")
    paper_footer: str | None = strawberry.field(description="A line at the foot of each page; null for none.")
    bank_lines: str | None = strawberry.field(
        description="Where to pay, below the total of invoices and debit notes; null for nothing."
    )
    logo_digest: str | None = strawberry.field(
        description="SHA-256 of the picture at `/account/logo`, which stands at the head of papers; null without one."
    )
    mail_link: bool = strawberry.field(
        description="Whether mails with a document have a public link of it, if the service knows its own address."
    )
    mail_texts: list[MailText] = rows(
        _MAIL_TEXTS, description="The account's own words in its mails, by language; empty for the service's words."
    )
    version: int = strawberry.field(
        description="A number that goes up by one with each change; see `updateAccount(version:)`."
    )
    branches: list[Branch] = strawberry.field(description="The account's branches, ordered by code.")
    billing_points: list[BillingPoint] = strawberry.field(description="The account's billing points, ordered by code.")


@projection.table(models.ApiKey)
@strawberry.type(description="A key with which programs act for the account. Its secret is not stored.")
class ApiKey:
    id: strawberry.ID = strawberry.field(description="The key's id, which is not its secret.")
    name: str = strawberry.field(description="What it is for.")
    scope: Scope = strawberry.field(description="What the key may do.")
    created_at: datetime = strawberry.field(description="When it was created.")
    expires_at: datetime | None = strawberry.field(description="When it stops working; null for never.")
    revoked_at: datetime | None = strawberry.field(description="When it was revoked; null while it is valid.")
    last_used_at: datetime | None = strawberry.field(
        description="When it was last used, to the minute; null if it was never used."
    )


@projection.table(models.ApiKey)
@strawberry.type(
    description="A browser that is signed in to the pages, by an API key or by a link. It may do what the key may."
)
class Session:
    id: strawberry.ID = strawberry.field(description="The session's id, which is not its secret.")
    key_name: str | None = sql(
        "(SELECT p.name FROM api_key p WHERE p.account_id = {tenant} AND p.id = {row}.parent_id)",
        description="Name of the API key that it was begun with; null for one begun by a link.",
    )
    scope: Scope = strawberry.field(description="What the session may do.")
    created_at: datetime = strawberry.field(description="When it began.")
    # Null only for keys that are no sessions.
    expires_at: datetime = sql("{row}.expires_at", description="When it ends.")
    last_used_at: datetime | None = strawberry.field(
        description="When it was last used, to the minute; null if it was never used."
    )


@strawberry.type(description="The API key of the request, and its account.")
class Viewer:
    account: One = strawberry.field(graphql_type=Account, description="The key's account.")
    scope: Scope = strawberry.field(description="What the key may do.")
    session_id: strawberry.ID | None = strawberry.field(
        description="Id of the session of the request; null for a request with an API key."
    )
