"""Between an invoice and the rows of the database."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from uuid_utils.compat import uuid7

from db import models
from db.write_statement import WriteStatement
from resolvers.account_settings import AccountSettings
from resolvers.customer_rows import FROZEN_COLUMNS, receiver_search
from resolvers.invoice_check import CheckedInvoice
from resolvers.scope import mine
from rules.invoice import InvoiceData, Line
from rules.vocabulary import InvoiceStatus


def draft_columns(invoice: CheckedInvoice, customer: models.Customer) -> dict[str, Any]:
    """The columns of a draft."""
    totals = invoice.totals
    return {
        "customer_id": customer.id,
        "billing_point": invoice.billing_point,
        "status": InvoiceStatus.DRAFT,
        "issue_date": invoice.issue_date,
        "issue_date_open": invoice.issue_date_open,
        "due_date": invoice.due_date,
        "currency": invoice.currency,
        "notes": invoice.notes,
        "subtotal": totals.subtotal,
        "discount_total": totals.discount_total,
        "itbms_total": totals.itbms_total,
        "total": totals.total,
        "total_cents": int(totals.total.scaleb(2)),
        "search": receiver_search(customer),
    }


def set_due_date(row: models.Document, settings: AccountSettings, customer: models.Customer) -> None:
    """Give an invoice that is being issued the due date that follows from the payment term, unless it has one."""
    days = settings.payment_term_days if customer.payment_term_days is None else customer.payment_term_days
    if row.due_date is None and days is not None:
        row.due_date = row.issue_date + timedelta(days=days)


# What an issued invoice keeps of its account, under the same names behind ``issuer_``.
_ISSUER: Final = ("name", "ruc", "dv", "address", "phone", "mobile", "email", "terms")


def freeze(row: models.Document, settings: AccountSettings, customer: models.Customer) -> None:
    """Make the row an issued invoice with copies of issuer and receiver. It gets its number when it is stored."""
    row.status = InvoiceStatus.ISSUED
    row.issued_at = datetime.now(UTC)
    for column in _ISSUER:
        setattr(row, f"issuer_{column}", getattr(settings, column))
    row.receiver_type = customer.receiver_type
    for column in FROZEN_COLUMNS:
        setattr(row, f"receiver_{column}", getattr(customer, column))


async def invoice_data(row: models.Document) -> InvoiceData:
    """A stored draft as it could have been typed; its lines are those that are stored."""
    lines = await mine(models.DocumentLine, document_id=row.id).order_by("position")
    return InvoiceData(
        billing_point=row.billing_point,
        issue_date=None if row.issue_date_open else row.issue_date,
        due_date=row.due_date,
        currency=row.currency,
        notes=row.notes,
        lines=tuple([line_of(line) for line in lines]),
    )


def line_of(row: models.DocumentLine) -> Line:
    return Line(**{column: getattr(row, column) for column in _LINE})


def add_lines(statement: WriteStatement, row: models.Document, lines: tuple[Line, ...]) -> None:
    """Let the statement insert the lines, without Tortoise: its objects block the event loop at a thousand lines."""
    columns = {column: [getattr(line, column) for line in lines] for column in _LINE}
    statement.insert_rows(models.DocumentLine, {"document_id": row.id}, {"id": [uuid7() for _ in lines], **columns})


def replace_lines(statement: WriteStatement, row: models.Document, lines: tuple[Line, ...]) -> None:
    """Let the statement delete the lines that there are, and insert these."""
    statement.delete("document_line", document_id=row.id)
    add_lines(statement, row, lines)


_LINE: Final = (
    *("position", "description", "quantity", "unit_price", "discount", "itbms_rate"),
    *("net", "itbms", "total"),
)
