"""Invoices."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Final

import strawberry

import projection
from db import models
from projection import column, part, rows, sql, summary
from resolvers.fiscal_lists import can_have_notes
from resolvers.invoice_lists import IS_OVERDUE
from rules.customer import FIELDS
from rules.vocabulary import Currency, Incoterm, InvoiceStatus, PaymentMethod
from schema.types.document import SalesDocument
from schema.types.node import Connection

if TYPE_CHECKING:
    from schema.types.note import CreditNote, DebitNote


@strawberry.type(
    description="A form of payment of a document. It says how it was agreed to pay, not what was received."
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


@strawberry.type(description="What an invoice for export has besides.")
class Export:
    country: str | None = strawberry.field(
        description=(
            "The customer's country, two letters by ISO 3166-1 alpha-2; null on a draft that takes that of the "
            "customer's document when it is issued."
        )
    )
    incoterm: Incoterm = strawberry.field(description="On what terms the goods are delivered.")
    port: str | None = strawberry.field(description="Port from which they leave; null for none.")


@strawberry.type(description="Retención: ITBMS that the customer keeps back. The total isn't reduced by it.")
class Withholding:
    code: str = strawberry.field(description="The DGI's code of the reason; see `WithholdingInput`.")
    amount: Decimal = strawberry.field(description="Amount.")


@strawberry.type(description="A field of the customer that has changed since the invoice was issued.")
class ReceiverDrift:
    field: str = strawberry.field(description="Name of the field, as in Customer.")
    issued: str | None = strawberry.field(description="The value at issue; null for none.")
    current: str | None = strawberry.field(description="The value now; null for none.")


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


@strawberry.type(description="The sums of the documents of a list that have the same currency and status.")
class InvoiceTotals:
    currency: Currency = strawberry.field(description="Balboas or US dollars.")
    status: InvoiceStatus = strawberry.field(description="Drafts, issued documents or void ones.")
    count: int = strawberry.field(description="How many documents these are.")
    net: Decimal = strawberry.field(description="Sum of the net amounts.")
    itbms: Decimal = strawberry.field(description="Sum of the ITBMS.")
    total: Decimal = strawberry.field(description="Sum of the totals.")


TOTALS: Final = """
    SELECT currency, status, count(*) AS count, sum(subtotal) AS net, sum(itbms_total) AS itbms, sum(total) AS total
    FROM {list} GROUP BY currency, status ORDER BY currency, status
"""


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


_CREDITABLE: Final = f"""
    CASE WHEN {{row}}.status = 'ISSUED' AND {can_have_notes("{row}")} THEN {{row}}.total - (
        SELECT coalesce(sum(n.total), 0.00) FROM document n
        WHERE n.account_id = {{tenant}} AND n.invoice_id = {{row}}.id AND n.type = 'CREDIT_NOTE' AND n.status = 'ISSUED'
    ) ELSE 0.00 END
"""


@projection.table(models.Document, when="{row}.invoice_id IS NULL")
@strawberry.type(
    description="A sales invoice. Without electronic emission it is a commercial document, not a fiscal one."
)
class Invoice(SalesDocument):
    due_date: date | None = strawberry.field(description="Due date, the last day to pay on time; null for none.")
    export: Export | None = part(
        "export_", present="incoterm", description="What an invoice for export has besides; null for any other."
    )
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
    receiver_drift: list[ReceiverDrift] = rows(
        _drift(), description="The fields of the customer that have changed since the invoice was issued."
    )
    overdue: bool = sql(
        IS_OVERDUE,
        description="Whether it is issued, its due date has passed in Panama, and its notes leave something of it.",
    )
    credit_notes: list[Annotated["CreditNote", strawberry.lazy("schema.types.note")]] = column(
        "notes_of_it", description="The credit notes of the invoice, void ones too, the oldest first."
    )
    debit_notes: list[Annotated["DebitNote", strawberry.lazy("schema.types.note")]] = column(
        "notes_of_it", description="The debit notes of the invoice, void ones too, the oldest first."
    )
    creditable_total: Decimal = sql(
        _CREDITABLE,
        description=(
            "What credit notes can take now: the total less those that stand; 0.00 unless it is issued and, if it is "
            "electronic, authorised. After 180 days an electronic one can't be credited, which this doesn't heed."
        ),
    )


@strawberry.type(description="A page of invoices.")
class InvoiceConnection(Connection[Invoice]):
    totals: list[InvoiceTotals] = summary(
        TOTALS,
        description=(
            "The sums of all invoices of the list, not only of the page, by currency and status. Like `totalCount`, "
            "they take longer for longer lists."
        ),
    )
