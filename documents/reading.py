"""Reads what a PDF shows of a document."""

from typing import Final

from db import models, tenant
from documents.document import FiscalData, Party, PrintedDocument
from documents.formats import format_phone
from resolvers.account_settings import AccountSettings, current_settings
from resolvers.invoice_rows import line_of
from resolvers.scope import mine, my_invoices, uuid_of
from rules import ruc
from rules.calendar import PANAMA
from rules.vocabulary import Environment, ForeignIdType, InvoiceStatus


async def read_document(id: str) -> PrintedDocument | None:
    """The current account's invoice of this id, if there is one.

    Issuer and receiver are as they were frozen at issue; on a draft, account and customer as they are now.
    """
    related = ("customer__location", "receiver_location")
    of_account = {"customer__account_id": tenant.current_account()}
    while invoice := await my_invoices(**of_account).select_related(*related).get_or_none(id=uuid_of(id)):
        lines = await mine(models.DocumentLine, document_id=invoice.id).order_by("position")
        settings = await current_settings()
        fiscal = await _read_fiscal(invoice) if invoice.electronic else None
        # A draft may have changed between the statements.
        unchanged = my_invoices(id=invoice.id, version=invoice.version)
        if invoice.status is not InvoiceStatus.DRAFT or await unchanged.exists():
            return _build_document(settings, invoice, lines, fiscal)
    return None


async def _read_fiscal(invoice: models.Document) -> FiscalData | None:
    row = await mine(models.Emission, document_id=invoice.id).get_or_none()
    if row is None:
        return None
    is_test = row.environment is Environment.TEST
    if row.authorized_at is None:
        return FiscalData(is_test=is_test)
    return FiscalData(is_test=is_test, cufe=row.cufe, protocol=row.protocol, authorized_at=row.authorized_at, qr=row.qr)


def _build_document(
    settings: AccountSettings,
    invoice: models.Document,
    lines: list[models.DocumentLine],
    fiscal: FiscalData | None,
) -> PrintedDocument:
    return PrintedDocument(
        issuer=_issuer(invoice, settings),
        receiver=_receiver(invoice),
        status=invoice.status,
        number=invoice.number,
        billing_point=invoice.billing_point,
        issue_date=None if invoice.issue_date_open else invoice.issue_date,
        due_date=invoice.due_date,
        currency=invoice.currency,
        lines=tuple([line_of(line) for line in lines]),
        subtotal=invoice.subtotal,
        discount_total=invoice.discount_total,
        itbms_total=invoice.itbms_total,
        total=invoice.total,
        notes=invoice.notes or "",
        terms=(settings.terms if invoice.status is InvoiceStatus.DRAFT else invoice.issuer_terms) or "",
        void_reason=invoice.void_reason or "",
        voided_on=invoice.voided_at and invoice.voided_at.astimezone(PANAMA).date(),
        created_at=invoice.voided_at or invoice.issued_at or invoice.created_at,
        fiscal=fiscal,
    )


def _issuer(invoice: models.Document, settings: AccountSettings) -> Party:
    frozen = invoice.status is not InvoiceStatus.DRAFT
    source, prefix = (invoice, "issuer_") if frozen else (settings, "")

    def column(name: str) -> str:
        return getattr(source, prefix + name) or ""

    phones = " / ".join([format_phone(number) for number in (column("phone"), column("mobile")) if number])
    return Party(
        name=column("name"),
        identification=_ruc(column("ruc"), column("dv")),
        address=column("address"),
        contact=tuple(filter(None, (phones and f"Tel. {phones}", column("email")))),
    )


def _receiver(invoice: models.Document) -> Party:
    frozen = invoice.status is not InvoiceStatus.DRAFT
    source, prefix = (invoice, "receiver_") if frozen else (invoice.customer, "")

    def column(name: str) -> str:
        return getattr(source, prefix + name) or ""

    identification = _ruc(column("ruc"), column("dv"))
    if document := column("foreign_id_number"):
        kind = _FOREIGN_IDS.get(getattr(source, f"{prefix}foreign_id_type"), "Documento")
        identification = f"{kind} {document} ({column('foreign_id_country')})"
    location: models.Location | None = getattr(source, f"{prefix}location")
    return Party(
        name=column("name"),
        identification=identification,
        address=column("address"),
        location=f"{location.corregimiento}, {location.district_name}, {location.province_name}" if location else "",
    )


def _ruc(number: str | None, dv: str | None) -> str:
    return f"RUC {ruc.identification(number, dv)}" if number else ""


_FOREIGN_IDS: Final = {ForeignIdType.PASSPORT: "Pasaporte", ForeignIdType.TAX_ID: "Identificación tributaria"}
