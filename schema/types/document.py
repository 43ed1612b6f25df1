"""What all sales documents have in common: invoices, and credit and debit notes."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Final

import strawberry

import projection
from db import models
from projection import column, part, row, rows, sql
from resolvers.fiscal_lists import can_have_notes
from rules.vocabulary import (
    AuditSource,
    Currency,
    DocumentType,
    InvoiceStatus,
    ItbmsRate,
    Language,
    ReceiverType,
    TaxpayerType,
)
from schema.enums import publish
from schema.types.customer import Customer, ForeignId
from schema.types.document_link import LINKS, DocumentLink
from schema.types.fiscal import FISCAL, Fiscal
from schema.types.location import Location
from schema.types.node import Connection, Node
from schema.types.references import MetadataEntry, metadata, tags
from schema.types.webhook import MailDelivery


@strawberry.type(description="The customer as it was when the document was issued. It never changes.")
class Receiver:
    receiver_type: ReceiverType = column("type", description="Tipo de receptor.")
    taxpayer_type: TaxpayerType | None = strawberry.field(
        description="Tipo de contribuyente; null where it was not known."
    )
    ruc: str | None = strawberry.field(description="RUC in its canonical spelling; null for none.")
    dv: str | None = strawberry.field(
        description="The RUC's check digit (dígito verificador), two digits; null for none."
    )
    foreign_id: ForeignId | None = part(
        "foreign_id_", present="number", description="A foreigner's document; null for none."
    )
    identification: str = strawberry.field(
        description='RUC and DV, or the foreign document, as people write them; "" if there is neither.'
    )
    name: str = strawberry.field(description="Nombre o razón social.")
    location: Location | None = strawberry.field(description="Corregimiento, district and province; null for none.")
    address: str | None = strawberry.field(description="Street, building, number; null for none.")
    email: str | None = strawberry.field(description="E-mail address; null for none.")
    phone: str | None = strawberry.field(description="Phone number in E.164; null for none.")
    mobile: str | None = strawberry.field(description="Mobile phone number in E.164; null for none.")
    language: Language | None = strawberry.field(
        description="The language of papers and mails; null, for Spanish, on documents from before there was a choice."
    )


@strawberry.type(description="The account as it was when the document was issued. It never changes.")
class Issuer:
    name: str = strawberry.field(description="Nombre o razón social.")
    taxpayer_type: TaxpayerType | None = strawberry.field(
        description="Tipo de contribuyente; null where it was not known."
    )
    ruc: str | None = strawberry.field(description="RUC; null for none.")
    dv: str | None = strawberry.field(
        description="The RUC's check digit (dígito verificador), two digits; null for none."
    )
    address: str | None = strawberry.field(description="Street, building, number; null for none.")
    phone: str | None = strawberry.field(description="Phone number in E.164; null for none.")
    mobile: str | None = strawberry.field(description="Mobile phone number in E.164; null for none.")
    email: str | None = strawberry.field(description="E-mail address; null for none.")
    terms: str | None = strawberry.field(description="What stands below the invoice; null for none.")


def _creditable(left: str) -> str:
    """What is left of an issued invoice's line, made of the lines ``l`` of the credit notes that stand."""
    return f"""(
        SELECT CASE WHEN d.status = 'ISSUED' THEN (
            SELECT CASE WHEN {can_have_notes("d")} THEN {left} ELSE 0.00 END
            FROM document n JOIN document_line l ON l.account_id = {{tenant}} AND l.document_id = n.id
            WHERE n.account_id = {{tenant}} AND n.invoice_id = d.id AND n.type = 'CREDIT_NOTE' AND n.status = 'ISSUED'
                AND l.invoice_position = {{row}}.position) END
        FROM document d
        WHERE d.account_id = {{tenant}} AND d.id = {{row}}.document_id AND d.invoice_id IS NULL)"""


_NET_LEFT: Final = "({row}.net - coalesce(sum(l.net), 0))"
_QUANTITY_LEFT: Final = "({row}.quantity - coalesce(sum(l.invoice_quantity), 0))"
_PRICE: Final = "({row}.unit_price - {row}.discount)"
# As `rules.note_lines.quantity_creditable`.
_QUANTITY: Final = f"""CASE WHEN {_NET_LEFT} = 0 THEN 0
    WHEN {_QUANTITY_LEFT} * {_PRICE} <= {_NET_LEFT} + 0.01 * (count(*) + 1) THEN {_QUANTITY_LEFT}
    ELSE div({_NET_LEFT} * 1000000, {_PRICE}) / 1000000 END"""


@projection.table(models.DocumentLine)
@strawberry.type(description="A line of an invoice or of a note.")
class InvoiceLine:
    position: int = strawberry.field(description="Position on the document, from 1.")
    description: str = strawberry.field(description="What is sold.")
    code: str | None = strawberry.field(description="The business's own code of what is sold; null for none.")
    unit: str = strawberry.field(description="The DGI's code of the unit of measure.")
    cpbs: str | None = strawberry.field(
        description="The DGI's code of the class of goods or services, four digits; null for none."
    )
    quantity: Decimal = sql("trim_scale({row}.quantity)", description="Number of units.")
    unit_price: Decimal = sql("trim_scale({row}.unit_price)", description="Price of one unit.")
    discount: Decimal = sql("trim_scale({row}.discount)", description="Discount in money per unit.")
    itbms_rate: ItbmsRate = strawberry.field(description="Rate of the ITBMS.")
    net: Decimal = strawberry.field(
        description="quantity × (unitPrice − discount), rounded half up to cents; on a credit note within a cent of it."
    )
    itbms: Decimal = strawberry.field(
        description="net × rate, rounded half up to cents; on a credit note within a cent of it."
    )
    total: Decimal = strawberry.field(description="net + itbms.")
    invoice_position: int | None = strawberry.field(
        description="On a note: position of the invoice's line that it credits or debits; null for any other line."
    )
    invoice_quantity: Decimal | None = sql(
        "trim_scale({row}.invoice_quantity)",
        description=(
            "On a credit note: how much it takes of the quantity of the invoice's line; null for an amount, and for "
            "any other line."
        ),
    )
    creditable_quantity: Decimal | None = sql(
        f"trim_scale({_creditable(_QUANTITY)})",
        description=(
            "How much of the quantity credit notes can take now, which `creditableNet` limits, too; null but for lines "
            "of issued invoices."
        ),
    )
    creditable_net: Decimal | None = sql(
        _creditable(_NET_LEFT),
        description="How much of `net` credit notes can take now; null but for lines of issued invoices.",
    )


@strawberry.type(description="The ITBMS of a document at one rate.")
class TaxTotal:
    rate: ItbmsRate = strawberry.field(description="Rate of the ITBMS.")
    base: Decimal = strawberry.field(description="Sum of the net amounts at this rate.")
    amount: Decimal = strawberry.field(description="Sum of the ITBMS at this rate.")


_TAXES: Final = """
    SELECT l.itbms_rate AS rate, sum(l.net) AS base, sum(l.itbms) AS amount FROM document_line l
    WHERE l.account_id = {tenant} AND l.document_id = {row}.id
    GROUP BY l.itbms_rate
    ORDER BY array_position(ARRAY['EXEMPT', 'RATE_7', 'RATE_10', 'RATE_15'], l.itbms_rate::text)
"""


_DELIVERIES: Final = """
    SELECT * FROM (
        SELECT d.* FROM delivery d
        WHERE d.account_id = {tenant} AND d.object_id = {row}.id AND d.webhook_id IS NULL
        ORDER BY d.sequence DESC, d.email DESC LIMIT 100
    ) latest ORDER BY sequence, email
"""

# Only what has become of the document, and the name of the key that did it: the rest of the trail is for ADMIN keys.
# How a void of an electronic one ended is recorded with the document itself, too.
_HISTORY: Final = """
    SELECT a.id, a.occurred_at, a.source, CASE k.kind WHEN 'KEY' THEN k.name END AS key_name, a.kind,
           CASE a.kind WHEN 'SENT' THEN a.changes -> 'to' -> 1 END AS sent_to,
           CASE a.kind WHEN 'SENT' THEN a.changes -> 'message' ->> 1
               WHEN 'VOID_REQUESTED' THEN a.changes -> 'void_reason' ->> 1 END AS message
    FROM (
        SELECT e.*, CASE
            WHEN e.action = 'SENT' THEN 'SENT'
            WHEN e.changes ? 'status' THEN
                CASE e.changes -> 'status' ->> 1 WHEN 'DRAFT' THEN 'CREATED' WHEN 'VOID' THEN 'VOIDED' ELSE 'ISSUED' END
            ELSE CASE f.after
                WHEN 'QUEUED' THEN CASE f.before WHEN 'REJECTED' THEN 'CORRECTED' ELSE 'RENUMBERED' END
                WHEN 'CHECKING' THEN 'RETRIED'
                WHEN 'VOIDING' THEN 'VOID_REQUESTED'
                WHEN 'AUTHORIZED' THEN CASE f.before WHEN 'VOIDING' THEN 'VOID_REFUSED' ELSE 'AUTHORIZED' END
                ELSE f.after END
            END AS kind
        FROM audit_event e, LATERAL (
            SELECT e.changes -> 'fiscal_status' ->> 0 AS before, e.changes -> 'fiscal_status' ->> 1 AS after) f
        WHERE e.account_id = {tenant} AND e.object_id = {row}.id AND e.action <> 'DELETED'
            AND (e.action = 'SENT' OR e.changes ? 'status' OR f.after NOT IN ('VOIDED', 'WITHDRAWN'))
        ORDER BY e.occurred_at DESC, e.id DESC LIMIT 100
    ) a LEFT JOIN api_key k ON k.account_id = {tenant} AND k.id = a.key_id
    ORDER BY a.occurred_at, a.id
"""


class HistoryKind(Enum):
    CREATED = "CREATED"
    ISSUED = "ISSUED"
    SENT = "SENT"
    ACCEPTED = "ACCEPTED"
    AUTHORIZED = "AUTHORIZED"
    REJECTED = "REJECTED"
    CORRECTED = "CORRECTED"
    BLOCKED = "BLOCKED"
    RETRIED = "RETRIED"
    RENUMBERED = "RENUMBERED"
    VOID_REQUESTED = "VOID_REQUESTED"
    VOID_REFUSED = "VOID_REFUSED"
    VOIDED = "VOIDED"


publish(
    HistoryKind,
    "What was done with a document, or became of it on its way to the DGI.",
    CREATED="It was created as a draft.",
    ISSUED="It was issued; an electronic one was queued for the DGI.",
    SENT="It was sent by `sendDocument`.",
    ACCEPTED="The provider has taken it, and the DGI had not answered yet.",
    AUTHORIZED="The DGI has authorised it.",
    REJECTED="The DGI or the provider has rejected it.",
    CORRECTED="It was corrected by `correctDocument`, and queued again.",
    BLOCKED="It could not go on until somebody put something right.",
    RETRIED="It was let go on, by `retryEmission` or by new credentials.",
    RENUMBERED="It got another number by `renumberDocument`, and was queued again.",
    VOID_REQUESTED="The provider is to void it.",
    VOID_REFUSED="It stays authorised: the provider refused to void it, or didn't in time; see `fiscal.voidRefusal`.",
    VOIDED="It was voided; an electronic one that was never authorised was given up.",
)


@strawberry.type(description="Something that was done with a document, or became of it.")
class HistoryEntry:
    id: strawberry.ID = strawberry.field(description="The entry's id, the same as in `auditEvents`.")
    kind: HistoryKind = strawberry.field(description="What was done.")
    occurred_at: datetime = strawberry.field(description="When it was done.")
    source: AuditSource = strawberry.field(description="Where it was done.")
    key_name: str | None = strawberry.field(
        description="Name of the API key that did it; null if no key did, or for a session that has ended."
    )
    sent_to: list[str] | None = strawberry.field(
        description="The addresses to which it was sent; null for other entries."
    )
    message: str | None = strawberry.field(
        description="What the mail said, or why it is to be voided; null for other entries and for none."
    )


@strawberry.interface(description="A sales document: an invoice, a credit note or a debit note.")
class SalesDocument(Node):
    number: str | None = strawberry.field(
        description="The document's number, 10 digits, without gaps at its billing point for its type; null on a draft."
    )
    branch: str = strawberry.field(description="Code of the branch.")
    billing_point: str = strawberry.field(description="Code of the billing point.")
    status: InvoiceStatus = strawberry.field(description="Draft, issued or void.")
    issue_date: date | None = sql(
        "CASE WHEN NOT {row}.issue_date_open THEN {row}.issue_date END",
        description="Day of issue in Panama; null on a draft whose day is left open until it is issued.",
    )
    currency: Currency = strawberry.field(description="Balboas or US dollars.")
    electronic: bool = strawberry.field(
        description="Whether it was issued as an electronic document, which goes to the DGI; false on a draft."
    )
    notify: bool = strawberry.field(
        description=(
            "Whether it is mailed by itself when it is issued or, if it is electronic, authorised; see "
            "`issueInvoice(notify:)`."
        )
    )
    document_type: DocumentType = column("type", description="What kind of document it is.")
    fiscal: Fiscal = row(FISCAL, description="What has become of it on its way to the DGI.")
    issuer: Issuer | None = part(
        "issuer_", present="name", description="The account as it was at issue; null on a draft."
    )
    customer: Customer = strawberry.field(description="The customer as it is now.")
    receiver: Receiver | None = part(
        "receiver_",
        present="name",
        description="The customer as it was at issue, of a note when its invoice was issued; null on a draft.",
    )
    lines: list[InvoiceLine] = strawberry.field(description="The lines, in their order.")
    subtotal: Decimal = strawberry.field(description="Sum of the net amounts.")
    discount_total: Decimal = strawberry.field(
        description="Sum of the discounts, for information only: the net amounts are after discounts."
    )
    itbms_total: Decimal = strawberry.field(description="Sum of the ITBMS.")
    total: Decimal = strawberry.field(description="subtotal + itbmsTotal.")
    taxes: list[TaxTotal] = rows(_TAXES, description="The ITBMS by rate, for the rates that the lines have.")
    deliveries: list[MailDelivery] = rows(
        _DELIVERIES,
        description=(
            "The mails that announce it to the customer and to associated persons with `notify`, and those of "
            "`sendDocument`: the last 100, the oldest first. They appear a moment later, and are kept as long as "
            "`events`."
        ),
    )
    links: list[DocumentLink] = rows(
        LINKS, description="The public links of it that work, the youngest first; see `createDocumentLink`."
    )
    history: list[HistoryEntry] = rows(
        _HISTORY,
        description=(
            "What was done with it, and with which key: created, issued, sent, voided; and what became of it at the "
            "DGI. The last 100 entries."
        ),
    )
    notes: str | None = strawberry.field(description="Notes shown on the document; null for none.")
    external_id: str | None = strawberry.field(
        description="The id that another system has for it; null for none. See `updateDocumentReferences`."
    )
    tags: list[str] = tags()
    metadata: list[MetadataEntry] = metadata()
    void_reason: str | None = strawberry.field(description="The reason for voiding it; null unless it is void.")
    voided_at: datetime | None = strawberry.field(description="When it was voided; null unless it is void.")
    created_at: datetime = strawberry.field(description="When it was created.")
    updated_at: datetime = strawberry.field(description="When it was last changed.")
    version: int = strawberry.field(
        description="A number that goes up by one with each change; mutations take it as `version`."
    )


@strawberry.type(description="A page of sales documents.")
class SalesDocumentConnection(Connection[SalesDocument]):
    pass
