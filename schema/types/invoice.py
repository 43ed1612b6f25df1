"""Invoices."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Final

import strawberry

import projection
from db import models
from projection import column, part, row, rows, sql, summary
from resolvers.invoice_lists import IS_OVERDUE
from rules.customer import FIELDS
from rules.vocabulary import (
    AuditSource,
    Currency,
    DocumentType,
    InvoiceStatus,
    ItbmsRate,
    Language,
    PaymentMethod,
    ReceiverType,
    TaxpayerType,
)
from schema.enums import publish
from schema.types.customer import Customer, ForeignId
from schema.types.fiscal import FISCAL, Fiscal
from schema.types.location import Location
from schema.types.node import Connection, Node
from schema.types.webhook import MailDelivery


@strawberry.type(description="The customer as it was when the invoice was issued. It never changes.")
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
        description="The language of papers and mails; null, for Spanish, on invoices from before there was a choice."
    )


@strawberry.type(description="The account as it was when the invoice was issued. It never changes.")
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


@projection.table(models.DocumentLine)
@strawberry.type(description="A line of an invoice.")
class InvoiceLine:
    position: int = strawberry.field(description="Position on the invoice, from 1.")
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
    net: Decimal = strawberry.field(description="quantity × (unitPrice − discount), rounded half up to cents.")
    itbms: Decimal = strawberry.field(description="net × rate, rounded half up to cents.")
    total: Decimal = strawberry.field(description="net + itbms.")


@strawberry.type(
    description="A form of payment of an invoice. It says how it was agreed to pay, not what was received."
)
class PaymentForm:
    method: PaymentMethod = strawberry.field(description="Forma de pago.")
    amount: Decimal | None = strawberry.field(
        description="Amount; null on a draft for what remains of the total when it is issued."
    )
    description: str | None = strawberry.field(description="What OTHER stands for; null for other forms.")


@strawberry.type(description="A part of an invoice that is to be paid by a day.")
class Instalment:
    due_date: date = strawberry.field(description="Day by which it is to be paid.")
    amount: Decimal = strawberry.field(description="Amount.")


@strawberry.type(description="Retención: ITBMS that the customer keeps back. The total isn't reduced by it.")
class Withholding:
    code: str = strawberry.field(description="The DGI's code of the reason; see `WithholdingInput`.")
    amount: Decimal = strawberry.field(description="Amount.")


_PAYMENT_FORMS: Final = """
    SELECT f.method, f.amount, f.description
    FROM ROWS FROM (jsonb_to_recordset({row}.payment_forms)
        AS (method text, amount numeric(13, 2), description text)) WITH ORDINALITY f
    ORDER BY f.ordinality
"""

_INSTALMENTS: Final = """
    SELECT i.due_date, i.amount
    FROM ROWS FROM (jsonb_to_recordset({row}.instalments)
        AS (due_date date, amount numeric(13, 2))) WITH ORDINALITY i
    ORDER BY i.ordinality
"""


@strawberry.type(description="The ITBMS of an invoice at one rate.")
class TaxTotal:
    rate: ItbmsRate = strawberry.field(description="Rate of the ITBMS.")
    base: Decimal = strawberry.field(description="Sum of the net amounts at this rate.")
    amount: Decimal = strawberry.field(description="Sum of the ITBMS at this rate.")


@strawberry.type(description="A field of the customer that has changed since the invoice was issued.")
class ReceiverDrift:
    field: str = strawberry.field(description="Name of the field, as in Customer.")
    issued: str | None = strawberry.field(description="The value at issue; null for none.")
    current: str | None = strawberry.field(description="The value now; null for none.")


_TAXES: Final = """
    SELECT l.itbms_rate AS rate, sum(l.net) AS base, sum(l.itbms) AS amount FROM document_line l
    WHERE l.account_id = {tenant} AND l.document_id = {row}.id
    GROUP BY l.itbms_rate
    ORDER BY array_position(ARRAY['EXEMPT', 'RATE_7', 'RATE_10', 'RATE_15'], l.itbms_rate::text)
"""


def _drift() -> str:
    """The frozen fields of the record that the customer has changed since, as rows of name, issued, current."""
    special = {
        "ruc": "('identification', {row}.receiver_identification, c.identification)",
        "dv": "",  # part of the identification
        "foreign_id": "('foreignId', concat_ws(' ', {row}.receiver_foreign_id_type, {row}.receiver_foreign_id_country),"
        " concat_ws(' ', c.foreign_id_type, c.foreign_id_country))",
        # Invoices from before there was a choice have none.
        "language": "('language', coalesce({row}.receiver_language, c.language), c.language)",
        "location_code": "('location', {row}.receiver_location_code, c.location_code)",
    }
    compared = ["('receiverType', {row}.receiver_type, c.receiver_type)"]
    for field in FIELDS:
        column = field.attribute
        if field.frozen:
            compared.append(special.get(column, f"('{field.name}', {{row}}.receiver_{column}, c.{column})"))
    return f"""
        SELECT d.field, d.issued, d.current
        FROM customer c, LATERAL (VALUES {", ".join(filter(None, compared))}) d(field, issued, current)
        WHERE c.account_id = {{tenant}} AND c.id = {{row}}.customer_id
            AND {{row}}.receiver_name IS NOT NULL AND d.issued IS DISTINCT FROM d.current
    """


_DELIVERIES: Final = """
    SELECT * FROM (
        SELECT d.* FROM delivery d
        WHERE d.account_id = {tenant} AND d.object_id = {row}.id AND d.webhook_id IS NULL
        ORDER BY d.sequence DESC, d.email DESC LIMIT 100
    ) latest ORDER BY sequence, email
"""

# Only what has become of the invoice, and the name of the key that did it: the rest of the trail is for ADMIN keys.
# How a void of an electronic one ended is recorded with the invoice itself, too.
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
    "What was done with an invoice, or became of it on its way to the DGI.",
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


@strawberry.type(description="Something that was done with an invoice, or became of it.")
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


@strawberry.type(description="The sums of the invoices of a list that have the same currency and status.")
class InvoiceTotals:
    currency: Currency = strawberry.field(description="Balboas or US dollars.")
    status: InvoiceStatus = strawberry.field(description="Drafts, issued invoices or void ones.")
    count: int = strawberry.field(description="How many invoices these are.")
    net: Decimal = strawberry.field(description="Sum of the net amounts.")
    itbms: Decimal = strawberry.field(description="Sum of the ITBMS.")
    total: Decimal = strawberry.field(description="Sum of the totals.")


_TOTALS: Final = """
    SELECT currency, status, count(*) AS count, sum(subtotal) AS net, sum(itbms_total) AS itbms, sum(total) AS total
    FROM {list} GROUP BY currency, status ORDER BY currency, status
"""


@projection.table(models.Document)
@strawberry.type(
    description="A sales invoice. Without electronic emission it is a commercial document, not a fiscal one."
)
class Invoice(Node):
    number: str | None = strawberry.field(
        description="The invoice's number, 10 digits, without gaps at its billing point; null on a draft."
    )
    branch: str = strawberry.field(description="Code of the branch.")
    billing_point: str = strawberry.field(description="Code of the billing point.")
    status: InvoiceStatus = strawberry.field(description="Draft, issued or void.")
    issue_date: date | None = sql(
        "CASE WHEN NOT {row}.issue_date_open THEN {row}.issue_date END",
        description="Day of issue in Panama; null on a draft whose day is left open until it is issued.",
    )
    due_date: date | None = strawberry.field(description="Due date, the last day to pay on time; null for none.")
    currency: Currency = strawberry.field(description="Balboas or US dollars.")
    electronic: bool = strawberry.field(
        description="Whether it was issued as an electronic invoice, which goes to the DGI; false on a draft."
    )
    document_type: DocumentType = column("type", description="What kind of document it is.")
    fiscal: Fiscal = row(FISCAL, description="What has become of it on its way to the DGI.")
    payment_forms: list[PaymentForm] = rows(
        _PAYMENT_FORMS,
        description=(
            "How it was agreed to pay. Empty where nothing was said: on a draft that takes the default when it is "
            "issued, and on invoices that aren't electronic."
        ),
    )
    instalments: list[Instalment] = rows(
        _INSTALMENTS, description="When which part is to be paid; empty for what is paid at once."
    )
    withholding: Withholding | None = part(
        "withholding_", present="code", description="ITBMS that the customer keeps back; null for none."
    )
    purchase_order: str | None = strawberry.field(description="Number of the customer's purchase order; null for none.")
    issuer: Issuer | None = part(
        "issuer_", present="name", description="The account as it was at issue; null on a draft."
    )
    customer: Customer = strawberry.field(description="The customer as it is now.")
    receiver: Receiver | None = part(
        "receiver_", present="name", description="The customer as it was at issue; null on a draft."
    )
    receiver_drift: list[ReceiverDrift] = rows(
        _drift(), description="The fields of the customer that have changed since the invoice was issued."
    )
    lines: list[InvoiceLine] = strawberry.field(description="The lines, in their order.")
    subtotal: Decimal = strawberry.field(description="Sum of the net amounts.")
    discount_total: Decimal = strawberry.field(
        description="Sum of the discounts, for information only: the net amounts are after discounts."
    )
    itbms_total: Decimal = strawberry.field(description="Sum of the ITBMS.")
    total: Decimal = strawberry.field(description="subtotal + itbmsTotal.")
    taxes: list[TaxTotal] = rows(_TAXES, description="The ITBMS by rate, for the rates that the lines have.")
    overdue: bool = sql(
        IS_OVERDUE,
        description="Whether it is issued and its due date has passed in Panama.",
    )
    deliveries: list[MailDelivery] = rows(
        _DELIVERIES,
        description=(
            "The mails that announce it to the customer and to associated persons with `notify`, and those of "
            "`sendDocument`: the last 100, the oldest first. They appear a moment later, and are kept as long as "
            "`events`."
        ),
    )
    history: list[HistoryEntry] = rows(
        _HISTORY,
        description=(
            "What was done with it, and with which key: created, issued, sent, voided; and what became of it at the "
            "DGI. The last 100 entries."
        ),
    )
    notes: str | None = strawberry.field(description="Notes shown on the invoice; null for none.")
    void_reason: str | None = strawberry.field(description="The reason for voiding it; null unless it is void.")
    voided_at: datetime | None = strawberry.field(description="When it was voided; null unless it is void.")
    created_at: datetime = strawberry.field(description="When it was created.")
    updated_at: datetime = strawberry.field(description="When it was last changed.")
    version: int = strawberry.field(
        description="A number that goes up by one with each change; see `updateInvoice(version:)`."
    )


@strawberry.type(description="A page of invoices.")
class InvoiceConnection(Connection[Invoice]):
    totals: list[InvoiceTotals] = summary(
        _TOTALS,
        description=(
            "The sums of all invoices of the list, not only of the page, by currency and status. Like `totalCount`, "
            "they take longer for longer lists."
        ),
    )
