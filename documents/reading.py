"""Reads what a PDF shows of a document."""

from collections.abc import Callable
from dataclasses import replace

from db import models, tenant
from documents import words
from documents.branding import ACCENT, Branding, Logo
from documents.document import FiscalData, Party, PrintedDocument, Reference
from documents.formats import country_name, format_phone
from documents.validators import VALIDATORS
from emission import files
from emission.files import FileKind
from resolvers.account_logo import read_logo
from resolvers.account_settings import AccountSettings, current_settings
from resolvers.invoice_rows import line_of, read_form, read_instalment
from resolvers.scope import mine, uuid_of
from rules import ruc
from rules.calendar import PANAMA
from rules.fiscal.cufe import consultation_url
from rules.fiscal.document import Export, PaymentForm, Withholding
from rules.vocabulary import Environment, InvoiceStatus, Language


async def read_document(id: str) -> PrintedDocument | None:
    """The current account's document of this id, if there is one.

    Issuer and receiver are as they were frozen at issue; on a draft, account and customer as they are now.
    """
    related = ("customer__location", "receiver_location")
    of_account = {"customer__account_id": tenant.current_account()}
    while row := await mine(models.Document, **of_account).select_related(*related).get_or_none(id=uuid_of(id)):
        lines = await mine(models.DocumentLine, document_id=row.id).order_by("position")
        settings = await current_settings()
        fiscal = await _read_fiscal(row) if row.electronic else None
        invoice = await mine(models.Document).get(id=row.invoice_id) if row.invoice_id else None
        reference = await _read_reference(row, invoice) if invoice else None
        # A draft may have changed between the statements.
        unchanged = mine(models.Document, id=row.id, version=row.version)
        if row.status is not InvoiceStatus.DRAFT or await unchanged.exists():
            document = _build_document(settings, row, lines, fiscal)
            # The terms of an export are those of the invoice, which a note repeats.
            export = _export(invoice or row)
            return replace(document, export=export, reference=reference, branding=await read_branding())
    return None


async def read_branding() -> Branding:
    """How the account wants its papers to look now: that isn't frozen with a document."""
    account = await models.Account.get(id=tenant.current_account())
    row = await read_logo() if account.logo_digest else None
    logo = Logo(content=row.content, media_type=row.media_type, width=row.width, height=row.height) if row else None
    return Branding(
        color=account.paper_color or ACCENT,
        footer=account.paper_footer or "",
        bank_lines=account.bank_lines or "",
        logo=logo,
    )


async def _read_fiscal(row: models.Document) -> FiscalData | None:
    emission = await mine(models.Emission, document_id=row.id).get_or_none()
    if emission is None:
        return None
    is_test = emission.environment is Environment.TEST
    if emission.authorized_at is None:
        return FiscalData(is_test=is_test, emitted_at=row.issued_at)
    return FiscalData(
        is_test=is_test,
        emitted_at=row.issued_at,
        cufe=emission.cufe,
        consultation_url=consultation_url("", emission.environment).rstrip("/"),
        protocol=emission.protocol,
        authorized_at=emission.authorized_at,
        qr=emission.qr,
        validator=VALIDATORS.get(emission.provider or ""),
        xml=await files.read(row.id, FileKind.XML),
    )


async def _read_reference(row: models.Document, invoice: models.Document) -> Reference:
    emission = await mine(models.Emission, document_id=invoice.id).get_or_none()
    assert invoice.number
    return Reference(
        type=invoice.type,
        billing_point=invoice.billing_point,
        number=invoice.number,
        issue_date=invoice.issue_date,
        cufe=emission.cufe if emission else None,
        reason=row.note_reason or "",
    )


def _build_document(
    settings: AccountSettings,
    row: models.Document,
    lines: list[models.DocumentLine],
    fiscal: FiscalData | None,
) -> PrintedDocument:
    is_draft = row.status is InvoiceStatus.DRAFT
    language = (row.customer.language if is_draft else row.receiver_language) or Language.ES
    return PrintedDocument(
        type=row.type,
        language=language,
        issuer=issuer_of(settings if is_draft else row, language),
        receiver=_receiver(row, language),
        status=row.status,
        number=row.number,
        branch=row.branch,
        billing_point=row.billing_point,
        issue_date=None if row.issue_date_open else row.issue_date,
        due_date=row.due_date,
        currency=row.currency,
        lines=tuple([line_of(line) for line in lines]),
        subtotal=row.subtotal,
        discount_total=row.discount_total,
        itbms_total=row.itbms_total,
        total=row.total,
        payment_forms=_payment_forms(row),
        instalments=tuple(map(read_instalment, row.instalments or ())),
        withholding=_withholding(row),
        purchase_order=row.purchase_order or "",
        notes=row.notes or "",
        terms=(settings.terms if is_draft else row.issuer_terms) or "",
        void_reason=row.void_reason or "",
        voided_on=row.voided_at and row.voided_at.astimezone(PANAMA).date(),
        created_at=row.voided_at or row.issued_at or row.created_at,
        fiscal=fiscal,
    )


def _payment_forms(row: models.Document) -> tuple[PaymentForm, ...]:
    """Those whose amounts are known; on a draft one may still be the rest of the total.

    None on a note: nobody agreed on the form that the DGI is told (emission/compose.py).
    """
    if row.type.is_note:
        return ()
    typed = map(read_form, row.payment_forms or ())
    return tuple(
        PaymentForm(method=form.method, amount=form.amount, description=form.description)
        for form in typed
        if form.amount is not None
    )


def _export(row: models.Document) -> Export | None:
    """The terms of an export; None on a draft too, while its country is open."""
    if row.export_incoterm is None or row.export_country is None:
        return None
    return Export(country=row.export_country, incoterm=row.export_incoterm, currency=row.currency, port=row.export_port)


def _withholding(row: models.Document) -> Withholding | None:
    if row.withholding_code is None or row.withholding_amount is None:
        return None
    return Withholding(code=row.withholding_code, amount=row.withholding_amount)


def issuer_of(source: AccountSettings | models.Document, language: Language) -> Party:
    """The issuer as a document has frozen it, or the account as it is now."""
    column = _texts(source, "issuer_" if isinstance(source, models.Document) else "")
    phones = " / ".join([format_phone(number) for number in (column("phone"), column("mobile")) if number])
    return Party(
        name=column("name"),
        identification=_ruc(column("ruc"), column("dv")),
        address=column("address"),
        contact=tuple(filter(None, (phones and f"{words.PHONE[language]} {phones}", column("email")))),
    )


def _receiver(row: models.Document, language: Language) -> Party:
    frozen = row.status is not InvoiceStatus.DRAFT
    source, prefix = (row, "receiver_") if frozen else (row.customer, "")
    column = _texts(source, prefix)
    identification = _ruc(column("ruc"), column("dv"))
    if document := column("foreign_id_number"):
        kind = words.FOREIGN_IDS[language][getattr(source, f"{prefix}foreign_id_type")]
        country = country_name(column("foreign_id_country"), language)
        identification = f"{kind} {document} ({country})"
    location: models.Location | None = getattr(source, f"{prefix}location")
    return Party(
        name=column("name"),
        kind=_kind(row, language) if row.electronic else "",
        identification=identification,
        address=column("address"),
        location=f"{location.corregimiento}, {location.district_name}, {location.province_name}" if location else "",
    )


def _kind(row: models.Document, language: Language) -> str:
    assert row.receiver_type
    kind = words.RECEIVERS[language][row.receiver_type]
    type_ = row.receiver_taxpayer_type
    return f"{kind}, {words.TAXPAYERS[language][type_]}" if type_ else kind


def _texts(source: object, prefix: str) -> Callable[[str], str]:
    return lambda name: getattr(source, prefix + name) or ""


def _ruc(number: str | None, dv: str | None) -> str:
    return f"RUC {ruc.identification(number, dv)}" if number else ""
