"""Between an invoice and the rows of the database."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from uuid_utils.compat import uuid7

from db import models
from db.write_statement import WriteStatement
from resolvers.account_settings import AccountSettings, BranchSettings
from resolvers.customer_rows import FROZEN_COLUMNS, receiver_search
from resolvers.invoice_check import CheckedInvoice
from resolvers.scope import mine
from rules import calendar, text
from rules.fiscal.document import Instalment
from rules.fiscal.exports import ExportData
from rules.fiscal.payments import Payment, PaymentData, PaymentFormData
from rules.fiscal.withholding import WITHHOLDINGS, WithholdingData
from rules.invoice import InvoiceData, Line, Totals
from rules.money import CENT
from rules.note_lines import NoteLine
from rules.vocabulary import DocumentType, InvoiceStatus, PaymentMethod


def draft_columns(invoice: CheckedInvoice, customer: models.Customer) -> dict[str, Any]:
    """The columns of a draft."""
    totals = invoice.totals
    export = invoice.export
    return {
        "type": DocumentType.INVOICE if export is None else DocumentType.EXPORT_INVOICE,
        "export_country": export and export.country,
        "export_incoterm": export and export.incoterm,
        "export_port": export and export.port,
        "customer_id": customer.id,
        "branch": invoice.branch,
        "billing_point": invoice.billing_point,
        "status": InvoiceStatus.DRAFT,
        "issue_date": invoice.issue_date,
        "issue_date_open": invoice.issue_date_open,
        "due_date": invoice.due_date,
        "currency": invoice.currency,
        **payment_columns(invoice.payment),
        "withholding_code": invoice.withholding and invoice.withholding.code,
        "withholding_amount": invoice.withholding and invoice.withholding.amount,
        "purchase_order": invoice.purchase_order,
        "notes": invoice.notes,
        **total_columns(totals),
        "search": receiver_search(customer),
    }


def total_columns(totals: Totals) -> dict[str, Any]:
    return {
        "subtotal": totals.subtotal,
        "discount_total": totals.discount_total,
        "itbms_total": totals.itbms_total,
        "total": totals.total,
        "total_cents": int(totals.total.scaleb(2)),
    }


def payment_columns(payment: Payment | PaymentData) -> dict[str, Any]:
    """Forms and instalments as lists of JSON; null where nothing was said."""
    forms = [
        {"method": form.method.value, "amount": _write_amount(form.amount), "description": text.clean(form.description)}
        for form in payment.forms
    ]
    instalments = [
        {"due_date": each.due_date.isoformat(), "amount": _write_amount(each.amount)} for each in payment.instalments
    ]
    return {"payment_forms": forms or None, "instalments": instalments or None}


def _write_amount(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount.quantize(CENT))


def read_form(value: Mapping[str, Any]) -> PaymentFormData:
    amount = value["amount"]
    return PaymentFormData(
        method=PaymentMethod(value["method"]),
        amount=None if amount is None else Decimal(amount),
        description=value["description"],
    )


def read_instalment(value: Mapping[str, Any]) -> Instalment:
    return Instalment(due_date=date.fromisoformat(value["due_date"]), amount=Decimal(value["amount"]))


def _read_withholding(row: models.Document) -> WithholdingData | None:
    """As typed: an amount that follows from the code is computed anew, since the lines may change."""
    code = row.withholding_code
    if code is None:
        return None
    return WithholdingData(code=code, amount=row.withholding_amount if WITHHOLDINGS[code].part is None else None)


def _read_export(row: models.Document) -> ExportData | None:
    if row.export_incoterm is None:
        return None
    return ExportData(incoterm=row.export_incoterm, country=row.export_country, port=row.export_port)


def freeze(row: models.Document, settings: AccountSettings, customer: models.Customer) -> None:
    """Make the row an issued invoice with copies of issuer and receiver. It gets its number when it is stored."""
    freeze_issuer(row, settings)
    row.electronic = settings.electronic_invoicing
    row.sale_type = settings.sale_type
    freeze_receiver(row, customer)


def freeze_issuer(row: models.Document, settings: AccountSettings) -> None:
    """Make the row an issued document with a copy of its issuer."""
    row.status = InvoiceStatus.ISSUED
    # An electronic invoice's day is that of its instant, even if midnight has passed since its day was settled.
    row.issued_at = min(datetime.now(UTC), calendar.last_moment(row.issue_date).astimezone(UTC))
    branch = settings.branches[row.branch]
    issuer = {f"issuer_{column}": value for column, value in _issuer(settings, branch).items()}
    row.update_from_dict({**issuer, "branch_type": branch.type})


def freeze_receiver(row: models.Document, customer: models.Customer) -> None:
    """Copy the customer, as it is now, into the row, and its country, where that of an export is open."""
    row.receiver_type = customer.receiver_type
    if row.type is DocumentType.EXPORT_INVOICE and row.export_country is None:
        row.export_country = customer.foreign_id_country
    for column in FROZEN_COLUMNS:
        setattr(row, f"receiver_{column}", getattr(customer, column))


def _issuer(settings: AccountSettings, branch: BranchSettings) -> dict[str, Any]:
    """What an issued invoice keeps of its account, under the same names behind ``issuer_``.

    The phones of a branch stand together: where it has one, neither is the account's.
    """
    phones = branch if branch.phone or branch.mobile else settings
    return {
        "name": settings.legal_name or settings.name,
        "ruc": settings.ruc,
        "dv": settings.dv,
        "taxpayer_type": settings.taxpayer_type,
        "address": branch.address or settings.address,
        "phone": phones.phone,
        "mobile": phones.mobile,
        "email": branch.email or settings.email,
        "terms": settings.terms,
    }


async def invoice_data(row: models.Document) -> InvoiceData:
    """A stored draft as it could have been typed; its lines are those that are stored."""
    lines = await mine(models.DocumentLine, document_id=row.id).order_by("position")
    return InvoiceData(
        branch=row.branch,
        billing_point=row.billing_point,
        issue_date=None if row.issue_date_open else row.issue_date,
        due_date=row.due_date,
        currency=row.currency,
        export=_read_export(row),
        payment_forms=tuple(map(read_form, row.payment_forms or ())),
        instalments=tuple(map(read_instalment, row.instalments or ())),
        withholding=_read_withholding(row),
        purchase_order=row.purchase_order,
        notes=row.notes,
        lines=tuple([line_of(line) for line in lines]),
    )


def line_of(row: models.DocumentLine) -> Line:
    return Line(**{column: getattr(row, column) for column in _LINE})


def add_lines(statement: WriteStatement, row: models.Document, lines: tuple[Line, ...]) -> None:
    """Let the statement insert the lines, without Tortoise: its objects block the event loop at a thousand lines."""
    columns = {column: [getattr(line, column) for line in lines] for column in _LINE}
    statement.insert_rows(models.DocumentLine, {"document_id": row.id}, {"id": [uuid7() for _ in lines], **columns})


def add_note_lines(statement: WriteStatement, row: models.Document, lines: tuple[NoteLine, ...]) -> None:
    """Let the statement insert the lines of a note."""
    columns = {column: [getattr(line, column) for line in lines] for column in (*_LINE, *_OF_INVOICE)}
    statement.insert_rows(models.DocumentLine, {"document_id": row.id}, {"id": [uuid7() for _ in lines], **columns})


def replace_lines(statement: WriteStatement, row: models.Document, lines: tuple[Line, ...]) -> None:
    """Let the statement delete the lines that there are, and insert these."""
    statement.delete("document_line", document_id=row.id)
    add_lines(statement, row, lines)


_LINE: Final = (
    *("position", "description", "code", "unit", "cpbs", "quantity", "unit_price", "discount", "itbms_rate"),
    *("net", "itbms", "total"),
)
_OF_INVOICE: Final = ("invoice_position", "invoice_quantity")
