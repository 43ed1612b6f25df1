"""A stored document in the form in which it is sent: from its rows, which are frozen since it was issued."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from db import models
from rules.fiscal.document import (
    DocumentKey,
    Export,
    FiscalDocument,
    FiscalLine,
    FiscalReference,
    Instalment,
    Issuer,
    Location,
    PaymentForm,
    Receiver,
    Withholding,
)
from rules.vocabulary import Environment, PaymentMethod, SaleType


async def read_document(account: UUID, document_id: UUID) -> FiscalDocument:
    """The electronic document with this id; raises ``DoesNotExist``. ``account`` is that of the caller."""
    found = models.Document.filter(account_id=account, id=document_id, electronic=True)
    row = await found.select_related("receiver_location").get()
    lines = await models.DocumentLine.filter(account_id=account, document_id=document_id).order_by("position")
    emission = await models.Emission.get(account_id=account, document_id=document_id).only("environment")
    invoiced = await _read_invoiced(account, row.invoice_id) if row.invoice_id else None
    return compose(row, lines, emission.environment, invoiced)


class Invoiced(NamedTuple):
    """The authorised invoice that a note is of."""

    row: models.Document
    cufe: str


async def _read_invoiced(account: UUID, invoice_id: UUID) -> Invoiced:
    row = await models.Document.get(account_id=account, id=invoice_id)
    emission = await models.Emission.get(account_id=account, document_id=invoice_id).only("cufe")
    assert emission.cufe
    return Invoiced(row, emission.cufe)


def compose(
    row: models.Document,
    lines: Sequence[models.DocumentLine],
    environment: Environment,
    invoiced: Invoiced | None = None,
) -> FiscalDocument:
    """The document of an issued row, whose location is at hand, of its lines and, for a note, of its invoice."""
    assert row.number
    assert row.issued_at
    assert row.issuer_ruc
    assert row.issuer_dv
    assert row.issuer_taxpayer_type
    return FiscalDocument(
        key=DocumentKey(branch=row.branch, billing_point=row.billing_point, number=row.number, type=row.type),
        environment=environment,
        emitted_at=row.issued_at,
        issuer=Issuer(ruc=row.issuer_ruc, dv=row.issuer_dv, taxpayer_type=row.issuer_taxpayer_type),
        receiver=_receiver(row),
        lines=tuple(_line(line) for line in lines),
        subtotal=row.subtotal,
        itbms_total=row.itbms_total,
        total=row.total,
        payment_forms=_payment_forms(row),
        sale_type=row.sale_type or SaleType.ORDINARY,
        branch_type=row.branch_type,
        instalments=tuple(_instalment(each) for each in row.instalments or ()),
        withholding=_withholding(row),
        purchase_order=row.purchase_order,
        # The DGI has no place of its own for a note's reason.
        notes="\n".join(filter(None, (row.note_reason, row.notes))) or None,
        references=(_reference(invoiced),) if invoiced else (),
        export=_export(invoiced.row if invoiced else row),
    )


def _payment_forms(row: models.Document) -> tuple[PaymentForm, ...]:
    """Nobody agrees how to pay a note. Published ones say that all of it is in cash."""
    if row.type.is_note:
        return (PaymentForm(method=PaymentMethod.CASH, amount=row.total),)
    return tuple(_payment_form(form) for form in row.payment_forms or ())


def _reference(invoiced: Invoiced) -> FiscalReference:
    assert invoiced.row.issued_at
    return FiscalReference(cufe=invoiced.cufe, emitted_at=invoiced.row.issued_at)


def _export(row: models.Document) -> Export | None:
    """What an export has besides; the notes of one have the same."""
    if row.export_incoterm is None or row.export_country is None:
        return None
    return Export(country=row.export_country, incoterm=row.export_incoterm, currency=row.currency, port=row.export_port)


def _receiver(row: models.Document) -> Receiver:
    place = row.receiver_location
    return Receiver(
        type=row.receiver_type,
        name=row.receiver_name or "",
        taxpayer_type=row.receiver_taxpayer_type,
        ruc=row.receiver_ruc,
        dv=row.receiver_dv,
        address=row.receiver_address,
        location=_location(place) if place else None,
        foreign_id_type=row.receiver_foreign_id_type,
        foreign_id_number=row.receiver_foreign_id_number,
        foreign_id_country=row.receiver_foreign_id_country,
        phones=tuple(number for number in (row.receiver_phone, row.receiver_mobile) if number),
        email=row.receiver_email,
    )


def _location(place: models.Location) -> Location:
    return Location(
        code=place.code,
        province=place.province_name,
        district=place.district_name,
        corregimiento=place.corregimiento,
    )


def _line(line: models.DocumentLine) -> FiscalLine:
    return FiscalLine(
        description=line.description,
        quantity=line.quantity,
        unit=line.unit,
        unit_price=line.unit_price,
        discount=line.discount,
        itbms_rate=line.itbms_rate,
        net=line.net,
        itbms=line.itbms,
        total=line.total,
        code=line.code,
        cpbs=line.cpbs,
    )


def _payment_form(form: Mapping[str, Any]) -> PaymentForm:
    return PaymentForm(
        method=PaymentMethod(form["method"]), amount=Decimal(form["amount"]), description=form["description"]
    )


def _instalment(instalment: Mapping[str, Any]) -> Instalment:
    return Instalment(due_date=date.fromisoformat(instalment["due_date"]), amount=Decimal(instalment["amount"]))


def _withholding(row: models.Document) -> Withholding | None:
    if row.withholding_code is None or row.withholding_amount is None:
        return None
    return Withholding(code=row.withholding_code, amount=row.withholding_amount)
